"""What a build worked out of one bot, kept in the store under a fingerprint of all that it rests on.

results/VERSION/KIND-FINGERPRINT.json.gz     VERSION is the program's; what the last analysis did not ask for is gone

A bot without news is so neither clustered nor described nor learned from again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import TypeVar

from workbench.pipeline.source_version import source_version
from workbench.pipeline.stored_cases import StoredCases
from workbench.pipeline.stored_values import decoded, encoded
from workbench.store import Store, remove

T = TypeVar("T")

WORKED_OUT_BY = ("clusters", "conversation", "dates.py", "embedding", "failures", "pipeline", "stats.py", "text")
"""The source files that decide what is kept here."""


def fingerprint(*parts: object) -> str:
    """32 hex digits over what a result rests on."""
    return hashlib.blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


class KeptResults:
    """The results of a store for one build. Only the one builder of a store uses it."""

    def __init__(self, store: Store, cases: Mapping[str, StoredCases], *settings: str) -> None:
        """`settings` is what the results rest on beside the `cases` of each bot: the model, the granularity, the time zone."""
        root = store.root / "results"
        self._folder = root / source_version(*WORKED_OUT_BY)
        for other in root.iterdir() if root.is_dir() else ():
            if other != self._folder:
                remove(other)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._of_bot = {bot: fingerprint(bot, settings, of_bot.fingerprint) for bot, of_bot in cases.items()}
        self._asked: set[str] = set()

    def of(self, bot: str, *more: object) -> str:
        """What a result rests on that was worked out of all of a bot's cases, and of `more`."""
        return fingerprint(self._of_bot[bot], more) if more else self._of_bot[bot]

    def read(self, kind: type[T], rests_on: str) -> T | None:
        """The result of a kind that rests on this; None where it is not kept, or was damaged."""
        name = _name(kind, rests_on)
        self._asked.add(name)
        try:
            return decoded(kind, json.loads(gzip.decompress((self._folder / name).read_bytes())))
        except (OSError, EOFError, ValueError, zlib.error):
            return None

    def keep(self, result: object, rests_on: str) -> None:
        """Keep a result that was worked out just now, whole or not at all."""
        file = self._folder / _name(type(result), rests_on)
        draft = file.with_suffix(".tmp")
        draft.write_bytes(gzip.compress(json.dumps(encoded(result)).encode(), 1))
        draft.replace(file)

    def forget_unasked(self) -> None:
        """Drop what this build did not ask for: what that rests on is no more."""
        for file in self._folder.iterdir():
            if file.name not in self._asked:
                remove(file)


def _name(kind: type[object], rests_on: str) -> str:
    return f"{kind.__name__}-{rests_on}.json.gz"
