"""Text as the signals read it: control tokens, words, sentences, and the phrase lists of `words/`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from workbench.masking import mask

_CONTROL = re.compile(r"###[A-Z][A-Z _-]*###|<\|[^|<>\n]{1,40}\|>|\[/?INST\]|</?s>")
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|[\r\n]+|(?<=[。！？])")
_WORDS = Path(__file__).parent / "words"
_STOP_WORDS = Path(__file__).parent.parent / "stop_words.txt"
_SHOWN = 160
_KEY_LENGTH = 300


def plain(text: str) -> str:
    """The text without control tokens (`###STOP###`, `<|end|>`), which nobody said."""
    if "###" in text or "<" in text or "[" in text:
        text = _CONTROL.sub(" ", text)
    return text.strip()


def words(text: str) -> list[str]:
    """Lower-case words in order, of any script; `can't` is two words."""
    return _WORD.findall(text.lower())


def spoken(text: str) -> str:
    """The words with single spaces, one at each end, so that a phrase is found as whole words by `in`."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def sentences(text: str) -> list[str]:
    """Sentences and lines, without the empty ones."""
    return [stripped for part in _SENTENCE_END.split(text) if (stripped := part.strip())]


def sentence_key(sentence: str) -> str:
    """What makes two sentences the same: their words, with `#` for each that holds a digit (ids, dates, amounts); 300 characters tell."""
    return " ".join("#" if any(map(str.isdigit, word)) else word for word in words(sentence[:_KEY_LENGTH]))


def content_words(text: str) -> list[str]:
    """Words that carry meaning: no stop words, no single letters."""
    return with_meaning(words(text))


def with_meaning(listed: list[str]) -> list[str]:
    """Those of the words that carry meaning, in order."""
    stop = stop_words()
    return [word for word in listed if len(word) > 1 and word not in stop]


def says_something(sentence: str) -> bool:
    """Whether a sentence asks or tells anything beyond a greeting, thanks, a yes, an id or a general call for help."""
    empty = filler_words()
    return any(word not in empty and not any(map(str.isdigit, word)) for word in content_words(sentence))


def excerpt(text: str, phrase: str = "") -> str:
    """The sentence of `text` that holds the phrase, on one line, at most 160 characters."""
    chosen = text
    if phrase:
        chosen = next((sentence for sentence in sentences(text) if f" {phrase} " in spoken(sentence)), phrase)
    line = mask(" ".join(chosen.split()))  # before the cut, which could leave half an address
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1].rstrip() + "…"


@cache
def phrases(name: str) -> tuple[str, ...]:
    """The phrase list `name` of every language, as spoken: ` i cannot `."""
    return tuple(spoken(line) for line in _lines(name))


@cache
def key_words(name: str) -> frozenset[str]:
    """The longest word of each phrase of a list: a text with none of them holds no phrase, and most hold none."""
    return frozenset(max(phrase.split(), key=len) for phrase in phrases(name))


def find_phrase(text_as_spoken: str, name: str) -> str | None:
    """The first phrase of a list that occurs in the text (given as `spoken`), None where none does."""
    for phrase in phrases(name):
        if phrase in text_as_spoken:
            return phrase.strip()
    return None


@cache
def stop_words() -> frozenset[str]:
    """Words without meaning of their own, with the pieces of contractions."""
    lines = _STOP_WORDS.read_text(encoding="utf-8").splitlines()
    listed = {word for line in lines if not line.startswith("#") for word in words(line)}
    return frozenset(listed | {"ll", "ve", "re", "don", "didn", "doesn", "isn", "wasn", "couldn", "wouldn", "aren"})


@cache
def filler_words() -> frozenset[str]:
    """Words that greet, thank, agree or ask for help in general."""
    return frozenset(word for line in _lines("filler") for word in words(line))


def _lines(name: str) -> list[str]:
    found = []
    for path in sorted(_WORDS.glob(f"*/{name}.txt")):
        found += [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    return found
