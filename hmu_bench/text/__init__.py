"""Captions to labels: classifiers and their quality."""
