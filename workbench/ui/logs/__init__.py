"""Bringing logs in: import, preview, mapping, what each import was."""
