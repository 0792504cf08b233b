"""Logs of any format into parts of a store: formats, files, values; importing, previews, what a log lacks."""
