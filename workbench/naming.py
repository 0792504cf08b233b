"""What a cluster is called: what was asked, and what most of it shares in how it went. Never a cause.

`<topic, two keywords>: <what at least 60 % of the members share> (k/n)`, else "mixed outcomes".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbench.plain import plain_words

KEYWORD_SHARE = 0.3
FACT_SHARE = 0.6
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True)
class Name:
    """A cluster's name, the keywords behind its topic, and the fact it rests on (None: mixed outcomes)."""

    text: str
    keywords: list[str]
    fact: str | None


class Namer:
    """Names the clusters of one bot against its other failures and conversations.

    `texts` are the failures' texts, `facts` what was observed in each failure, `base` the share of all the bot's conversations
    in which a fact was observed.
    """

    def __init__(self, texts: Sequence[str], facts: Sequence[Sequence[str]], base: Mapping[str, float]) -> None:
        self._words = [_words(text) for text in texts]
        self._facts = [list(dict.fromkeys(row)) for row in facts]
        self._base = base
        self._spread = Counter(word for words in self._words for word in words)

    def name(self, members: Sequence[int], leading_fact: str | None = None) -> Name:
        """The name of the cluster of these rows. `leading_fact` is what a mechanical cluster is made of."""
        keywords = self._keywords(members)
        shared = self._shared_fact(members, leading_fact)
        topic = ", ".join(keywords[:2]) or ("various topics" if self._said_something(members) else "no user text")
        if shared is None:
            return Name(plain_words(f"{topic}: mixed outcomes"), keywords, None)
        fact, count = shared
        return Name(f"{plain_words(f'{topic}: {fact}')} ({count}/{len(members)})", keywords, fact)

    def _said_something(self, members: Sequence[int]) -> bool:
        return sum(bool(self._words[member]) for member in members) * 2 >= len(members)

    def _keywords(self, members: Sequence[int]) -> list[str]:
        """Up to six words by class-based TF-IDF (Grootendorst 2022), each in at least 30 % of the members."""
        inside = Counter(word for member in members for word in self._words[member])
        at_least = max(KEYWORD_SHARE * len(members), min(2, len(members)))
        total = len(self._words)
        scores = {
            word: count / len(members) * math.log(1 + total / self._spread[word])
            for word, count in inside.items()
            if count >= at_least
        }
        return _without_inflections(sorted(scores, key=lambda word: (-scores[word], word)))[:6]

    def _shared_fact(self, members: Sequence[int], leading_fact: str | None) -> tuple[str, int] | None:
        counts = Counter(fact for member in members for fact in self._facts[member])
        if leading_fact is not None and counts[leading_fact]:
            return leading_fact, counts[leading_fact]
        shared = [fact for fact, count in counts.items() if count >= FACT_SHARE * len(members)]
        if not shared:
            return None

        def telling(fact: str) -> tuple[float, str]:
            share = counts[fact] / len(members)
            return -share * math.log(share / max(self._base.get(fact, 0), 1e-3)), fact

        best = min(shared, key=telling)
        return best, counts[best]


def _words(text: str) -> set[str]:
    """Lower-case words of a text, Unicode letters only, without stop words and single letters."""
    return {
        word for word in (w.lower().replace("’", "'") for w in _TOKEN.findall(text)) if len(word) > 2
    } - stop_words()


def _without_inflections(words: list[str]) -> list[str]:
    """Drop a word that only inflects a better one, so that a topic isn't "refund, refunds"."""
    kept: list[str] = []
    for word in words:
        stem = word[: max(4, len(word) - 3)]
        if not any(other.startswith(stem) or word.startswith(other[: max(4, len(other) - 3)]) for other in kept):
            kept.append(word)
    return kept


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about a topic; a pod adds its language to stop_words.txt."""
    lines = (Path(__file__).parent / "stop_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
