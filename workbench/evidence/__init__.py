"""Snapshots of what was imported and found. The only package that imports DuckDB."""
