"""The word lists in `words/`, one folder a language; its README says how they are written."""

from __future__ import annotations

from pathlib import Path

STOP_WORDS = Path(__file__).parent / "stop_words.txt"
"""Words that say nothing about a topic but tell a language, a section a language."""
_FOLDER = Path(__file__).parent / "words"


def lines(name: str) -> list[str]:
    """The lines of a list in every language."""
    entries: list[str] = []
    for path in sorted(_FOLDER.glob(f"*/{name}.txt")):
        entries += [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    return entries
