"""Damage to files as disks and people do it."""

from __future__ import annotations

from pathlib import Path


def flip(file: Path, share: float) -> None:
    """Flip the lowest bit of the byte at this share of a file."""
    content = bytearray(file.read_bytes())
    content[int(share * (len(content) - 1))] ^= 1
    file.write_bytes(content)
