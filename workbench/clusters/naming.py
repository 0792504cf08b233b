"""What a cluster is called: what was asked, and what most of it shares in how it went. Never a cause.

`<topic, two keywords>: <what at least 60 % of the members share> (k/n)`, else what parts them
from the same requests that worked, else "mixed outcomes".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.contrast_sets import Discriminator
from workbench.clusters.equals import numbered
from workbench.text.escaping import plain_words
from workbench.text.terms import terms
from workbench.text.tokens import WORD, is_run, runs, without_runs
from workbench.text.word_lists import STOP_WORDS

MIXED = "mixed outcomes"
"""What a name says where most members share nothing in how they went."""
KEYWORD_SHARE = 0.3
FACT_SHARE = 0.6
TOPIC_SHARE = 0.4
"""Share of a mechanical cluster's members that must use a word before the name says it: such a fault shows in any topic."""
_TOKEN = re.compile(rf"{WORD}(?:['’-]{WORD})*")
_LETTERS = re.compile(r"[^\W\d_]+")
_COUNTS = re.compile(r" \([^()]*\)$")
_VOCABULARY = 1 << 16
_CODE_LETTERS = 5
"""Letters of a word in capitals, in a text that isn't, from which it is taken for a code: IFOYYZ, but not SIM or MMS."""


@dataclass(frozen=True)
class Name:
    """What a cluster is called."""

    text: str
    """The whole name, like `refund, shoes: nothing changed (7/9)`."""
    keywords: list[str]
    """Up to six words that tell its topic, the most distinctive first."""
    fact: str | None
    """What most members share in how they went; None: mixed outcomes."""


class Namer:
    """Names the clusters of one bot against its other failures and conversations.

    `texts` are the failures' texts, `facts` what was observed in each failure, `base` the share of all the bot's conversations
    in which a fact was observed.
    """

    def __init__(self, texts: Sequence[str], facts: Sequence[Sequence[str]], base: Mapping[str, float]) -> None:
        distinct, self._text = numbered(texts)
        self._words = _all_words(distinct, texts)
        self._has_text = np.array([bool(text.strip()) for text in distinct], bool)
        distinct_facts, self._facts_number = numbered([tuple(row) for row in facts])
        self._facts = [list(dict.fromkeys(row)) for row in distinct_facts]
        self._base = base
        self._spread = self._words_of(range(len(texts)))

    def name(self, members: Sequence[int], leading_fact: str | None = None) -> Name:
        """The name of the cluster of these rows. `leading_fact` is what a mechanical cluster is made of."""
        keywords = self.keywords(members)
        shared = self._shared_fact(members, leading_fact)
        least = TOPIC_SHARE if leading_fact else 0
        topical = [word for word in keywords if self._share(word, members) >= least]
        topic = ", ".join(topical[:2]) or ("various topics" if self._has_user_text(members) else "no user text")
        if shared is None:
            return Name(plain_words(f"{topic}: {MIXED}"), keywords, None)
        fact, count = shared
        return Name(f"{plain_words(f'{topic}: {fact}')} ({count}/{len(members)})", keywords, fact)

    def reads(self, members: Sequence[int]) -> tuple[frozenset[str], str | None]:
        """What the name of these rows has to say: the words of their topic, and what most of them share in how they went.

        Where that is the same of two groups, no name can tell them apart.
        """
        shared = self._shared_fact(members, None)
        return frozenset(self.keywords(members)), shared[0] if shared else None

    def _has_user_text(self, members: Sequence[int]) -> bool:
        return int(self._has_text[self._text[members]].sum()) * 2 >= len(members)

    def _share(self, word: str, members: Sequence[int]) -> float:
        return self._words_of(members)[word] / len(members)

    def _words_of(self, members: Sequence[int]) -> Counter[str]:
        """How many of these rows use each word."""
        return _tallied(self._text[list(members)], self._words)

    def keywords(
        self, members: Sequence[int], among: Sequence[int] | None = None, only: Set[str] | None = None
    ) -> list[str]:
        """Up to six words, each in at least 30 % of the members, by what they tell: share × log(share / share in all failures).

        That is a word's part of the divergence between the cluster and all (Kullback and Leibler 1951): class-based TF-IDF
        puts what is rare in all before what is frequent here. With `among`, those rows are all, and only words that are more
        frequent here than among them count; with `only`, these words, however frequent.
        """
        inside = self._words_of(members)
        spread, total = self._spread, len(self._text)
        if among is not None:
            spread, total = self._words_of(among), len(among)
        at_least = max(KEYWORD_SHARE * len(members), min(2, len(members)))
        shares = {
            word: count / len(members)
            for word, count in inside.items()
            if (count >= at_least if only is None else word in only)
        }
        scores = {word: share * math.log(share * total / spread[word]) for word, share in shares.items()}
        ranked = sorted(scores, key=lambda word: (-round(scores[word], 9), -shares[word], word))
        return _without_inflections([word for word in ranked if among is None or scores[word] > 0])[:6]

    def common_keywords(self, groups: Sequence[Sequence[int]]) -> list[str]:
        """Those keywords of all these rows that at least two of the groups share: in 30 % of the members of each."""
        spread = Counter(
            word
            for members in groups
            for word, count in self._words_of(members).items()
            if count >= KEYWORD_SHARE * len(members)
        )
        shared = {word for word, count in spread.items() if count >= 2}
        return self.keywords([member for members in groups for member in members], only=shared)

    def _shared_fact(self, members: Sequence[int], leading_fact: str | None) -> tuple[str, int] | None:
        counts = _tallied(self._facts_number[list(members)], self._facts)
        if leading_fact is not None and counts[leading_fact]:
            return leading_fact, counts[leading_fact]
        shared = [fact for fact, count in counts.items() if count >= FACT_SHARE * len(members)]
        if not shared:
            return None

        def divergence(fact: str) -> tuple[float, str]:
            share = counts[fact] / len(members)
            return -share * math.log(share / max(self._base.get(fact, 0), 1e-3)), fact

        best = min(shared, key=divergence)
        return best, counts[best]


def named_by_contrast(name: Name, contrast: Discriminator) -> Name:
    """A name of mixed outcomes by what its failures do and the same requests that worked don't, or the other way round;
    any other name as it is."""
    topic, _, outcome = name.text.rpartition(": ")
    if name.fact is not None or outcome != MIXED:
        return name
    rarer = contrast.failing * contrast.worked < contrast.working * contrast.failures
    behaviour = contrast.behaviour.text.replace("#", "0")  # a form such as #/#/# would lose its signs in a name
    counts = f"({contrast.failing} of {contrast.failures}, {contrast.working} of {contrast.worked} that worked)"
    text = plain_words(f"{topic}: {'rarely ' * rarer}{behaviour}")
    return replace(name, text=f"{text} {counts}")


def told_apart(names: Sequence[Name]) -> list[Name]:
    """The names of one bot's clusters; those that read the same but for their counts get a keyword more that only they have."""
    alike: dict[str, list[Name]] = {}
    for name in names:
        alike.setdefault(_without_counts(name.text), []).append(name)
    return [_with_own_keyword(name, alike[_without_counts(name.text)]) for name in names]


def _with_own_keyword(name: Name, alike: Sequence[Name]) -> Name:
    others = {word for other in alike if other is not name for word in other.keywords}
    own = next((word for word in name.keywords[2:] if word not in others), None)
    topic, colon, outcome = name.text.partition(": ")
    if len(alike) < 2 or own is None or not colon or not _COUNTS.search(name.text):  # a person named it
        return name
    return replace(name, text=f"{plain_words(f'{topic}, {own}')}: {outcome}")


def _without_counts(name: str) -> str:
    return _COUNTS.sub("", name)


def _tallied(numbers: NDArray[np.intp], values: Sequence[Iterable[str]]) -> Counter[str]:
    """How often each string stands in the values of these numbers."""
    counts: Counter[str] = Counter()
    for number, count in enumerate(np.bincount(numbers).tolist()):
        if count:
            for value in values[number]:
                counts[value] += count
    return counts


def _all_words(texts: Sequence[str], of_all: Sequence[str]) -> list[set[str]]:
    """The words of each text that can name a topic; where spaces don't part words, what recurs as a whole in those `of_all`."""
    spaced = [without_runs(text) for text in texts]
    tokens = [set(_TOKEN.findall(text)) for text in spaced]
    ids = [_ids(of_text, text) for of_text, text in zip(tokens, spaced, strict=True)]
    names = _names(tokens, ids)
    whole: list[set[str]] = [set() for _ in texts]
    if any(map(runs, texts)):
        whole = list(dict(zip(of_all, terms(of_all, stop_words()), strict=True)).values())
    return [
        ({word for token in of_text - own if (word := _topic_word(token))} - names) | of_runs
        for of_text, own, of_runs in zip(tokens, ids, whole, strict=True)
    ]


@lru_cache(_VOCABULARY)
def _topic_word(token: str) -> str:
    """The word as a name says it, in lower case, without a final 's; nothing for a stop word or a short one."""
    word = token.lower().replace("’", "'").strip("_").removesuffix("'s")
    return word if len(word) > 2 and word not in stop_words() else ""


def _ids(tokens: Set[str], text: str) -> set[str]:
    """Those of a text's tokens that look like an id or a code: with a digit or underscore, or long and in capitals."""
    shouted = text.isupper()
    return {token for token in tokens if (looks := _looks_like(token)) == "id" or (looks == "code" and not shouted)}


@lru_cache(_VOCABULARY)
def _looks_like(token: str) -> str:
    if "_" in token or any(char.isdigit() for char in token):
        return "id"
    return "code" if token.isupper() and len(token) >= _CODE_LETTERS else "word"


def _names(tokens: Sequence[Set[str]], ids: Sequence[Set[str]]) -> set[str]:
    """Words that stand in ids and are never written small: `anya_garcia_5901` says that Anya and Garcia are names."""
    parts = {part.lower() for own in ids for token in own for part in _LETTERS.findall(token)}
    if not parts:
        return parts
    others = set().union(*(of_text - own for of_text, own in zip(tokens, ids, strict=True)))
    return parts - {token for token in others if token.islower()}


def _without_inflections(words: list[str]) -> list[str]:
    """Drop a word that only inflects a better one, so that a topic isn't "refund, refunds", nor 退款, 申请退款."""
    kept: list[str] = []
    for word in words:
        if not any(_inflects(word, other) for other in kept):
            kept.append(word)
    return kept


def _inflects(word: str, other: str) -> bool:
    if is_run(word) and is_run(other):
        return word in other or other in word
    return other.startswith(word[: max(4, len(word) - 3)]) or word.startswith(other[: max(4, len(other) - 3)])


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about a topic; a pod adds its language to stop_words.txt and no_topics.txt."""
    lines = [
        line
        for path in (STOP_WORDS, Path(__file__).parent / "no_topics.txt")
        for line in path.read_text("utf-8").splitlines()
    ]
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
