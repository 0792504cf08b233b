"""Text as the signals read it: control tokens, words, sentences, and the phrase lists of `words/`."""

from __future__ import annotations

import re
from functools import cache
from operator import itemgetter

from workbench.text.formatting import excerpt
from workbench.text.readable import CONTROL
from workbench.text.tokens import is_grammar, is_piece, letters, scripts, words
from workbench.text.word_lists import STOP_WORDS, lines

_SENTENCE_END = re.compile(r"(?<=[.!?…؟۔])\s+|[\r\n]+|(?<=[。！？।॥])")
_STOP_WORDS = STOP_WORDS
_SHOWN = 160
_KEY_LENGTH = 300
_TELLING = 5_000  # characters tell a language
_SAME_SCRIPT = 0.1
_FEWEST_TO_TELL = 12
_LANGUAGE_SHARE = (
    0.2  # a third to a half of a text are stop words of its language, up to a fifth those of its neighbour
)
_MARGIN = 1.5


def plain(text: str) -> str:
    """The text without control tokens (`###STOP###`, `<|end|>`), which nobody said."""
    if "###" in text or "<" in text or "[" in text:
        text = CONTROL.sub(" ", text)
    return text.strip()


def spoken(text: str) -> str:
    """The words with single spaces, one at each end, so that a phrase is found as whole words by `in`."""
    return f" {' '.join(words(text))} "


def sentences(text: str) -> list[str]:
    """Sentences and lines, without the empty ones."""
    return [stripped for part in _SENTENCE_END.split(text) if (stripped := part.strip())]


def sentence_key(sentence: str) -> str:
    """What makes two sentences the same: their words, with `#` for each that holds a digit (ids, dates, amounts); 300 characters tell."""
    return " ".join("#" if any(map(str.isdigit, word)) else word for word in words(sentence[:_KEY_LENGTH]))


def content_words(text: str) -> list[str]:
    """Words that carry meaning: no stop words, no single letters, no endings and courtesies in hiragana."""
    return with_meaning(words(text))


def with_meaning(listed: list[str]) -> list[str]:
    """Those of the words that carry meaning, in order."""
    stop = stop_words()
    return [word for word in listed if len(word) > 1 and word not in stop and not (is_piece(word) and _empty(word))]


def _empty(piece: str) -> bool:
    """Whether a pair of letters is in hiragana alone, as endings and courtesies are, or holds a stop word of one letter."""
    return is_grammar(piece) or not stop_words().isdisjoint(letters(piece))


def says_something(sentence: str) -> bool:
    """Whether a sentence asks or tells anything beyond a greeting, thanks, a yes, an id or a general call for help."""
    empty = filler_words()
    return any(word not in empty and not any(map(str.isdigit, word)) for word in content_words(sentence))


def quotation(text: str, phrase: str = "") -> str:
    """The sentence of `text` that holds the phrase, on one line, at most 160 characters."""
    chosen = text
    if phrase:
        chosen = next((sentence for sentence in sentences(text) if f" {phrase} " in spoken(sentence)), phrase)
    return excerpt(chosen, _SHOWN)


@cache
def phrases(name: str) -> tuple[str, ...]:
    """The phrase list `name` of every language, as spoken: ` i cannot `."""
    return tuple(spoken(line) for line in lines(name))


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
def languages() -> dict[str, frozenset[str]]:
    """The stop words of each language that stop_words.txt has a section of, by its heading."""
    sections: dict[str, set[str]] = {}
    language = ""
    for line in _STOP_WORDS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            language = line.removeprefix("#").strip()
        else:
            sections.setdefault(language, set()).update(words(line))
    return {name: frozenset(listed) for name, listed in sections.items()}


def other_language(text: str, source: str) -> bool:
    """Whether the script, or the share of a language's stop words, shows that a text is in another language than its source.

    False where nothing tells: too few words, or languages that stop_words.txt has no section of.
    """
    text, source = text[:_TELLING], source[:_TELLING]
    own, given = scripts(text), scripts(source)
    if not own or not given:
        return False
    script = own.most_common(1)[0][0]
    if given[script] < _SAME_SCRIPT * given.total():
        return True
    own_words, source_words = words(text), words(source)
    if min(len(own_words), len(source_words)) < _FEWEST_TO_TELL:
        return False
    shares = [(_share(own_words, listed), _share(source_words, listed)) for listed in languages().values()]
    own_of_source, share_of_source = max(shares, key=itemgetter(1))
    if share_of_source < _LANGUAGE_SHARE:
        return False  # a table, or a language without a section
    share_of_text, own_in_source = max(shares)
    differ = share_of_text >= _MARGIN * own_of_source and share_of_source >= _MARGIN * own_in_source
    return differ or share_of_source > 3 * own_of_source


def _share(listed: list[str], among: frozenset[str]) -> float:
    return sum(map(among.__contains__, listed)) / len(listed)


@cache
def filler_words() -> frozenset[str]:
    """Words that greet, thank, agree or ask for help in general."""
    return frozenset(word for line in lines("filler") for word in words(line))
