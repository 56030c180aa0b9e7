"""Captions of a source to forget/retain dataset repositories."""
