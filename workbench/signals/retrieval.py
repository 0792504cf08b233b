"""Whether an answer rests on the documents that the bot was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.conversation import Document
from workbench.signals.language import excerpt, find_phrase, says_something, words
from workbench.signals.registry import Hit, Observed, Said, last_before, signal

_LEAST_COVERED = 0.6
_FEWEST_TERMS = 8
_FEWEST_NUMBERS = 3
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Answer(NamedTuple):
    """A reply that should rest on documents, with those documents."""

    said: Said
    documents: list[Document]


def answers(seen: Observed) -> Iterator[Answer]:
    """The bot's replies that have documents, or should: those of a turn belong to it, the conversation's to the last reply.

    Left out: replies that claim nothing ("I don't know"), and answers to small talk.
    """
    if not seen.bot:
        return
    by_turn = any(said.turn.retrieved for said in seen.bot)
    if not by_turn and not seen.conversation.retrieved and not seen.norms.retrieves:
        return
    for said in seen.bot if by_turn else seen.bot[-1:]:
        documents = said.turn.retrieved if by_turn else seen.conversation.retrieved
        if by_turn and not documents:
            continue
        asked = last_before(seen.user, said.position)
        if asked and says_something(asked.text) and not find_phrase(said.spoken, "unknown"):
            yield Answer(said, documents)


@signal("no-documents", "strong", "answer without documents")
def no_documents(seen: Observed) -> Iterator[Hit]:
    """No document was found for a bot that works with documents, it called no tool, and it answered all the same."""
    if seen.calls:
        return
    for said, documents in answers(seen):
        if not documents and len(set(said.content)) >= _FEWEST_TERMS:
            yield Hit(said.position, f"no document was found; the bot said: {excerpt(said.text)}")


@signal("low-coverage", "medium", "answer leaves its documents")
def low_coverage(seen: Observed) -> Iterator[Hit]:
    """Less than 60 % of the answer's content words stand in the documents that the bot was given."""
    for said, documents in answers(seen):
        if not documents or len(terms := said.content) < _FEWEST_TERMS:
            continue
        given = {
            _root(word) for document in documents for word in words(f"{document.title or ''} {document.text or ''}")
        }
        missing = [term for term in terms if _root(term) not in given]
        covered = 1 - len(missing) / len(terms)
        if given and covered < _LEAST_COVERED:
            shown = ", ".join(list(dict.fromkeys(missing))[:8])
            yield Hit(said.position, f"{covered:.0%} of {len(terms)} terms are in the documents; not there: {shown}")


@signal("unsupported-numbers", "weak", "numbers without a source")
def unsupported_numbers(seen: Observed) -> Iterator[Hit]:
    """Three or more numbers of the answer stand neither in the documents nor in what the user said."""
    for said, documents in answers(seen):
        if not documents:
            continue
        source = " ".join(
            [
                *(f"{document.title or ''} {document.text or ''}" for document in documents),
                *(user.text for user in seen.user),
            ]
        )
        known = {_plain_number(number) for number in _NUMBER.findall(source)}
        new = sorted(
            {number for number in _NUMBER.findall(said.text) if len(number) > 1 and _plain_number(number) not in known}
        )
        if len(new) >= _FEWEST_NUMBERS:
            yield Hit(said.position, f"not in the documents: {', '.join(new[:8])}")


def _plain_number(number: str) -> str:
    return number.replace(",", "").rstrip(".")


def _root(word: str) -> str:
    """The first six letters without a plural s, so that `booking` meets `bookings`; as good as stemming on rag.parquet."""
    return word.rstrip("s")[:6]
