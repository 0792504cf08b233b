"""The ticket pages: board, form, changes, evidence, verification."""
