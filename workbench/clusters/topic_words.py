"""The words of failures that can name a topic: no stop words, ids, codes, markup, nor names of people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence, Set
from functools import cache, lru_cache
from pathlib import Path

from workbench.text.readable import CONTROL
from workbench.text.terms import terms
from workbench.text.tokens import WORD, is_run, runs, without_runs
from workbench.text.word_lists import STOP_WORDS

NAME_SHARE = 0.5
"""Share of the texts with a word in which it is a person's name, from which it is one in all: Mei, but not Bill in a log about bills."""
_TOKEN = re.compile(rf"{WORD}(?:['’-]{WORD})*")
_LETTERS = re.compile(r"[^\W\d_]+")
_VOCABULARY = 1 << 16
_CODE_LETTERS = 5
"""Letters of a word in capitals, in a text that isn't, from which it is taken for a code: IFOYYZ, but not SIM or MMS."""
_NO_WORDS = re.compile(
    r"```.*?(?:```|\Z)|https?://\S+|www\.\S+|</?[a-zA-Z][^<>\n]{0,200}>|&[a-z]{2,8};|!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,300}\)",
    re.DOTALL,
)
_DATA = re.compile(r'(?:[{\[]\s{0,9}){1,9}"[^"\n]{1,80}"\s*:.*(?:[}\]]|\Z)', re.DOTALL)


def topic_words(texts: Sequence[str], of_all: Sequence[str], people: Sequence[Collection[str]]) -> list[set[str]]:
    """The words of each text that can name a topic; where spaces don't part words, what recurs as a whole in those `of_all`.

    `people` are the words of the names of people in the conversations that each text is of, in lower case.
    """
    spaced = [without_runs(without_markup(text)) for text in texts]
    tokens = [set(_TOKEN.findall(text)) for text in spaced]
    ids = [_ids(of_text, text) for of_text, text in zip(tokens, spaced, strict=True)]
    written = _names_in_ids(tokens, ids)
    whole: list[set[str]] = [set() for _ in texts]
    if any(map(runs, texts)):
        whole = list(dict(zip(of_all, terms(of_all, stop_words()), strict=True)).values())
    words = [
        ({word for token in of_text - own if (word := _topic_word(token))} - written) | of_runs
        for of_text, own, of_runs in zip(tokens, ids, whole, strict=True)
    ]
    everywhere = _names_everywhere(words, people)
    return [of_text - everywhere - set(of_own) for of_text, of_own in zip(words, people, strict=True)]


def without_markup(text: str) -> str:
    """The text without control tokens, blocks of code, blobs of JSON, tags and addresses; of a link its words stay."""
    if not any(sign in text for sign in "#<[{`&/"):
        return text
    return _DATA.sub(" ", _NO_WORDS.sub(lambda match: f" {match[1] or ''} ", CONTROL.sub(" ", text)))


def without_inflections(words: Sequence[str]) -> list[str]:
    """Drop a word that only inflects a better one, so that a topic isn't "refund, refunds", nor 退款, 申请退款."""
    kept: list[str] = []
    for word in words:
        if not any(_inflects(word, other) for other in kept):
            kept.append(word)
    return kept


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about a topic; a pod adds its language to stop_words.txt and no_topics.txt."""
    lines = [
        line
        for path in (STOP_WORDS, Path(__file__).parent / "no_topics.txt")
        for line in path.read_text("utf-8").splitlines()
    ]
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


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


def _names_in_ids(tokens: Sequence[Set[str]], ids: Sequence[Set[str]]) -> set[str]:
    """Words that stand in ids and are never written small: `anya_garcia_5901` says that Anya and Garcia are names."""
    parts = {part.lower() for own in ids for token in own for part in _LETTERS.findall(token)}
    if not parts:
        return parts
    others = set().union(*(of_text - own for of_text, own in zip(tokens, ids, strict=True)))
    return parts - {token for token in others if token.islower()}


def _names_everywhere(words: Sequence[Set[str]], people: Sequence[Collection[str]]) -> set[str]:
    """The words that are names of people in most of the texts that use them."""
    named = Counter(word for of_text, of_own in zip(words, people, strict=True) for word in of_text & set(of_own))
    uses = Counter(word for of_text in words for word in of_text & named.keys())
    return {word for word, count in named.items() if count >= NAME_SHARE * uses[word]}


def _inflects(word: str, other: str) -> bool:
    if is_run(word) and is_run(other):
        return word in other or other in word
    return other.startswith(word[: max(4, len(word) - 3)]) or word.startswith(other[: max(4, len(other) - 3)])
