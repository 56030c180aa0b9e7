"""Motions and captions to embeddings."""
