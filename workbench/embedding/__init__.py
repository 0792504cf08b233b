"""Texts to unit vectors: the cache and the model behind it, and what runs it."""
