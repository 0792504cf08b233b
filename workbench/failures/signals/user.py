"""What the user's words show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.failures.signals.language import content_words, find_phrase, key_words, quotation
from workbench.failures.signals.registry import Hit, Observed, Utterance, signal
from workbench.text.tokens import how_many

_FEWEST_WORDS = 4
_SAME_SHARE = 0.8
_LOOKED_BACK = 50  # turns; keeps an endless conversation from costing its length squared
_BULLET = re.compile(r"^[^\S\n]*+[-*•–].*$", re.MULTILINE)  # a pasted report may recur; that is not repeating oneself


@signal("user-repeats", "medium", "user repeats in the same words", blind_without=("user_words",))
def user_repeats(seen: Observed) -> Iterator[Hit]:
    """A user's turn has the same content words as an earlier one (at least 4, at least 80 % shared)."""
    earlier: list[tuple[Utterance, frozenset[str]]] = []
    for utterance in seen.user:
        content = frozenset(
            content_words(_BULLET.sub(" ", utterance.text)) if "\n" in utterance.text else utterance.content
        )
        if how_many(content) < _FEWEST_WORDS:
            continue
        for before, other in earlier[-_LOOKED_BACK:]:
            if len(content & other) >= _SAME_SHARE * len(content | other):
                yield Hit(utterance.position, f"as at turn {before.position}: {quotation(utterance.text)}")
                break
        earlier.append((utterance, content))


@signal("asks-for-person", "shown", "user asks for a person", blind_without=("user_words",), stated=True)
def asks_for_person(seen: Observed) -> Iterator[Hit]:
    """The user asks for a human agent."""
    return phrase_hits(seen.user, seen.user_words, "person")


@signal("correction", "shown", "user corrects the bot", blind_without=("user_words",))
def correction(seen: Observed) -> Iterator[Hit]:
    """The user says that the bot got it wrong, or that it was said before."""
    return phrase_hits(seen.user[1:], seen.user_words, "correction")  # the first turn can correct nobody


@signal("complaint", "shown", "user complains", blind_without=("user_words",))
def complaint(seen: Observed) -> Iterator[Hit]:
    """The user complains, of the bot or of the matter itself."""
    return phrase_hits(seen.user, seen.user_words, "complaint")


def phrase_hits(turns: list[Utterance], vocabulary: frozenset[str], name: str) -> Iterator[Hit]:
    """The turns that hold a phrase of a list, with the sentence; `vocabulary` is every word that they hold, or more."""
    keys = key_words(name)
    if vocabulary.isdisjoint(keys):
        return
    for utterance in turns:
        if not keys.isdisjoint(utterance.words) and (phrase := find_phrase(utterance.spoken, name)):
            yield Hit(utterance.position, quotation(utterance.text, phrase))
