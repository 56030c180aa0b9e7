"""The embedded default: procedural motions, captions and a tiny trained evaluator."""
