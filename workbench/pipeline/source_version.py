"""What stands for a part of this program: what is kept of its work counts only where the same program did it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_READ = (".py", ".txt", ".toml")


@cache
def source_version(*names: str) -> str:
    """16 hex digits over the source files and word lists of these packages and modules of the workbench, like `text`.

    A number to be raised by hand would be forgotten once, and an old judgement would stand among new ones.
    """
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(names):
        path = _ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in _READ:
                digest.update(f"{file.relative_to(_ROOT).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
