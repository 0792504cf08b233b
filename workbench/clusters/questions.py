"""What kind of question somebody asks: what a name can say of failures in which the log shows no sign."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from workbench.text.tokens import UNSPACED, words

_ASKED_FIRST = 400
"""Characters of a text that are looked at: what is asked stands early."""
_SENTENCE_ENDS = ".!?…؟。！？।\n"
_AT_THE_START = ("requests to do something", "yes-or-no questions")
_UNSPACED = re.compile(f"[{UNSPACED}\uac00-\ud7a3]")


def question_kind(text: str) -> str:
    """The kind of the first question of a text in words for a name, like `how-to questions`; of one without a question, its form.

    By the first word that asks in the sentence with the question mark, else in the first one that begins with such a word, as
    the lists of question_words.toml have them for each language.
    """
    sentences = _sentences(text[:_ASKED_FIRST])
    asked = [sentence for sentence in sentences if sentence[-1] in "?？؟"]
    for sentence in asked:
        if kind := _kind(sentence, anywhere=True):
            return kind
    if asked:
        return "yes-or-no questions"
    for sentence in sentences:
        if kind := _kind(sentence, anywhere=False):
            return kind
    return "statements, no question"


def _kind(sentence: str, *, anywhere: bool) -> str:
    spoken = f" {' '.join(words(sentence))} "
    hits = [
        (place, -len(phrase), kind)
        for phrase, kind in _phrases()
        if (place := sentence.find(phrase) if _UNSPACED.search(phrase) else spoken.find(f" {phrase} ")) >= 0
        and (place == 0 or (anywhere and kind not in _AT_THE_START))
    ]
    return min(hits)[2] if hits else ""


def _sentences(text: str) -> list[str]:
    sentences, begin = [], 0
    for place, char in enumerate(text):
        if char in _SENTENCE_ENDS:
            sentences.append(text[begin : place + 1].strip())
            begin = place + 1
    return [sentence for sentence in [*sentences, text[begin:].strip()] if any(map(str.isalnum, sentence))]


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Each asking phrase, its words apart by single spaces, with the kind that it makes a question."""
    kinds = tomllib.loads((Path(__file__).parent / "question_words.toml").read_text("utf-8"))
    return tuple(
        (phrase.strip() if _UNSPACED.search(phrase) else " ".join(words(phrase)), kind)
        for kind, listed in kinds.items()
        for line in listed
        for phrase in line.split(",")
    )
