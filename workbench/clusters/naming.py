"""What a cluster is called: what was asked, and what most of it shares in how it went. Never a cause.

`<topic, two keywords>: <what at least 60 % of the members share> (k/n)`; else what parts them from the same requests that
worked, else the two things of which most show one; where nothing is seen in most, what kind of question it is, and that the
log shows no sign.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.contrast_sets import Discriminator
from workbench.clusters.equals import numbered
from workbench.clusters.questions import question_kind
from workbench.clusters.topic_words import topic_words, without_inflections
from workbench.text.escaping import plain_words

NO_SIGN = "no sign in the log"
"""What a name says where in most members nothing was seen of how they failed."""
KEYWORD_SHARE = 0.3
FACT_SHARE = 0.6
TOPIC_SHARE = 0.4
"""Share of a mechanical cluster's members that must use a word before the name says it: such a fault shows in any topic."""
_ACT = "carries out "
_CALLS = frozenset({"executed", "failed", "called"})
"""Kinds of contrast that a name says better than a call that was carried out; what an argument was tells few readers anything."""
_COUNTS = re.compile(r" \([^()]*\)$")


@dataclass(frozen=True)
class Name:
    """What a cluster is called."""

    text: str
    """The whole name, like `refund, shoes: nothing changed (7/9)`."""
    keywords: list[str]
    """Up to six words that tell its topic, the most distinctive first."""
    fact: str | None
    """What most members share in how they went; None where they share nothing."""
    topic: str = ""
    """The part of the text that tells the topic; empty where a person named it."""


class Namer:
    """Names the clusters of one bot against its other failures and conversations.

    `texts` are the failures' texts, `facts` what was observed in each failure, `base` the share of all the bot's conversations
    in which a fact was observed; `people` the words of names that each failure's conversation holds, which name no topic.
    """

    def __init__(
        self,
        texts: Sequence[str],
        facts: Sequence[Sequence[str]],
        base: Mapping[str, float],
        people: Sequence[Collection[str]] = (),
    ) -> None:
        distinct, self._text = numbered(texts)
        named: list[set[str]] = [set() for _ in distinct]
        for number, words in zip(self._text.tolist(), people, strict=False):
            named[number].update(words)
        self._words = topic_words(distinct, texts, named)
        self._texts = distinct
        self._has_text = np.array([bool(text.strip()) for text in distinct], bool)
        distinct_facts, self._facts_number = numbered([tuple(row) for row in facts])
        self._facts = [list(dict.fromkeys(row)) for row in distinct_facts]
        self._base = base
        self._spread = self._words_of(range(len(texts)))

    def name(self, members: Sequence[int], leading_fact: str | None = None) -> Name:
        """The name of the cluster of these rows. `leading_fact` is what a mechanical cluster is made of."""
        keywords = self.keywords(members)
        shared = self._shared_facts(members, leading_fact)
        least = TOPIC_SHARE if leading_fact else 0
        topical = [word for word in keywords if self._share(word, members) >= least]
        topic = ", ".join(topical[:2]) or ("various topics" if self._has_user_text(members) else "no user text")
        fact = shared[0][0] if shared else None
        outcome, count = shared[0] if shared else self._commonest(members)
        if len(shared) > 1 and not self._has_user_text(
            members
        ):  # no topic tells such clusters apart: say more of how it went
            both = {shared[0][0], shared[1][0]}
            outcome = f"{shared[0][0]}, {shared[1][0]}"
            count = sum(both <= set(self._facts[self._facts_number[member]]) for member in members)
        return Name(f"{plain_words(f'{topic}: {outcome}')} ({count}/{len(members)})", keywords, fact, topic)

    def reads(self, members: Sequence[int]) -> tuple[frozenset[str], str | None]:
        """What the name of these rows has to say: the words of their topic, and what most of them share in how they went.

        Where that is the same of two groups, no name can tell them apart.
        """
        shared = self._shared_facts(members, None)
        return frozenset(self.keywords(members)), shared[0][0] if shared else None

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
        return without_inflections([word for word in ranked if among is None or scores[word] > 0])[:6]

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

    def _commonest(self, members: Sequence[int]) -> tuple[str, int]:
        """What to say of members of whom most share nothing in how they went, and of how many it holds.

        Where in most nothing was seen, that, with the kind of question that most of these ask. Else the two facts that together
        hold of most members: the commonest, and the one that most of the others show.
        """
        silent = [member for member in members if not self._facts[self._facts_number[member]]]
        if len(silent) >= FACT_SHARE * len(members):
            kinds = Counter(question_kind(self._texts[self._text[member]]) for member in silent)
            kind, count = min(kinds.items(), key=lambda item: (-item[1], item[0]))
            asked = self._has_user_text(members) and count >= FACT_SHARE * len(members)
            return (f"{kind}, {NO_SIGN}", count) if asked else (NO_SIGN, len(silent))
        rest = set(members) - set(silent)
        chosen: list[str] = []
        while rest and len(chosen) < 2:
            counts = _tallied(self._facts_number[sorted(rest)], self._facts)
            chosen.append(min(counts, key=lambda fact: (-counts[fact], self._base.get(fact, 0), fact)))
            rest = {member for member in rest if chosen[-1] not in self._facts[self._facts_number[member]]}
        return " or ".join(chosen), len(members) - len(silent) - len(rest)

    def _shared_facts(self, members: Sequence[int], leading_fact: str | None) -> list[tuple[str, int]]:
        """The facts that most members share, the most telling first, with how many do; a mechanical cluster's own alone."""
        counts = _tallied(self._facts_number[list(members)], self._facts)
        if leading_fact is not None and counts[leading_fact]:
            return [(leading_fact, counts[leading_fact])]

        def divergence(fact: str) -> tuple[float, str]:
            share = counts[fact] / len(members)
            return -share * math.log(share / max(self._base.get(fact, 0), 1e-3)), fact

        shared = [fact for fact, count in counts.items() if count >= FACT_SHARE * len(members)]
        return [(fact, counts[fact]) for fact in sorted(shared, key=divergence)]


def named_by_contrast(name: Name, contrasts: Sequence[Discriminator]) -> Name:
    """A name by what its failures do and the same requests that worked don't, or the other way round, the clearest of `contrasts`.

    That is a name without a shared fact, and one whose fact is a call that those which worked carry out as well: it tells nobody
    what failed where another call does. Any other name, and one that a person gave, stays as it is.
    """
    contrast = _telling(name, contrasts)
    if contrast is None or not name.topic:
        return name
    rarer = contrast.failing * contrast.worked < contrast.working * contrast.failures
    behaviour = contrast.behaviour.text.replace("#", "0")  # a form such as #/#/# would lose its signs in a name
    counts = f"({contrast.failing} of {contrast.failures}, {contrast.working} of {contrast.worked} that worked)"
    text = plain_words(f"{name.topic}: {'rarely ' * rarer}{behaviour}")
    return replace(name, text=f"{text} {counts}")


def _telling(name: Name, contrasts: Sequence[Discriminator]) -> Discriminator | None:
    """The contrast that tells more than the name's own fact."""
    if name.fact is None:
        return next(iter(contrasts), None)
    if not name.fact.startswith(_ACT) or any(contrast.behaviour.text == name.fact for contrast in contrasts):
        return None
    return next((contrast for contrast in contrasts if contrast.behaviour.kind in _CALLS), None)


def told_apart(names: Sequence[Name]) -> list[Name]:
    """The names of one bot's clusters, in the order of their ids; of those that read the same but for their counts each gets a
    keyword more that only it has, and what reads the same even so a number."""
    alike: dict[str, list[Name]] = {}
    for name in names:
        alike.setdefault(_without_counts(name.text), []).append(name)
    apart = [_with_own_keyword(name, alike[_without_counts(name.text)]) for name in names]
    seen: Counter[str] = Counter()
    numbered_names = []
    for name in apart:
        seen[_without_counts(name.text)] += 1
        number = seen[_without_counts(name.text)]
        numbered_names.append(_extended(name, f"group {number}") if number > 1 else name)
    return numbered_names


def _with_own_keyword(name: Name, alike: Sequence[Name]) -> Name:
    others = {word for other in alike if other is not name for word in other.keywords}
    own = next((word for word in name.keywords[2:] if word not in others), None)
    return name if len(alike) < 2 or own is None else _extended(name, own)


def _extended(name: Name, word: str) -> Name:
    """A name whose topic has a word more; one that a person gave as it is."""
    outcome = name.text.removeprefix(f"{plain_words(name.topic)}: ")
    if not name.topic or outcome == name.text:
        return name
    topic = f"{name.topic}, {word}"
    return replace(name, text=f"{plain_words(topic)}: {outcome}", topic=topic)


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
