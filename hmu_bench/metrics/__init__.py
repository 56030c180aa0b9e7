"""Embeddings to numbers: pure functions, one file a family."""
