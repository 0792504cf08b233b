"""Traces of spans into dialogues: what was said once, in order."""
