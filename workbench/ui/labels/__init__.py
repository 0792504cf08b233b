"""Labelling: the form, many at once, suggestions, check five."""
