"""Whether an answer rests on the documents that the bot was given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.conversation import Document
from workbench.failures.signals.language import (
    content_words,
    find_phrase,
    other_language,
    quotation,
    says_something,
    sentences,
    spoken,
)
from workbench.failures.signals.registry import Hit, Observed, Utterance, last_before, signal
from workbench.text.tokens import how_many, is_hangul, is_piece, joined, words

_LEAST_COVERED = 0.6
_FEWEST_TERMS = 8
_PRIOR_TERMS = 8
PRIOR_SHARE = 0.2
"""What an answer that claims nothing is taken to have in no document: what is usual."""
_FEWEST_NUMBERS = 3
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class Answer(NamedTuple):
    """A reply that should rest on documents, with those documents; `claims` is the text without what admits not to know."""

    reply: Utterance
    documents: list[Document]
    claims: str

    @property
    def source(self) -> str:
        """All that the documents say."""
        return " ".join(f"{document.title or ''} {document.text or ''}" for document in self.documents)

    @property
    def comparable(self) -> bool:
        """Whether its words can be looked for in its documents: not where they are in another language."""
        return not other_language(self.claims, self.source)

    @property
    def terms(self) -> list[str]:
        """The content words of what is claimed."""
        return content_words(self.claims)

    @property
    def missing(self) -> list[str]:
        """Those terms that stand in none of the documents."""
        given = {_root(word) for word in words(self.source)}
        terms = self.terms
        there = [False, *(_root(term) in given for term in terms), False]
        # In 把款退回 the pair 款退 is but the seam of 把款 and 退回: it tells nothing where both are there.
        seam = [is_piece(term) and there[n] and there[n + 2] for n, term in enumerate(terms)]
        return [term for n, term in enumerate(terms) if not there[n + 1] and not seam[n]]


def answers(seen: Observed) -> Iterator[Answer]:
    """The bot's replies that have documents, or should: those of a turn belong to it, the conversation's to the last reply.

    Left out: sentences that claim nothing ("I don't know"), so replies made of these, and answers to small talk.
    """
    if not seen.bot:
        return
    by_turn = any(utterance.turn.retrieved for utterance in seen.bot)
    if not by_turn and not seen.conversation.retrieved and not seen.norms.retrieves:
        return
    for utterance in seen.bot if by_turn else seen.bot[-1:]:
        documents = utterance.turn.retrieved if by_turn else seen.conversation.retrieved
        if by_turn and not documents:
            continue
        asked = last_before(seen.user, utterance.position)
        claims = _claims(utterance)
        if asked and says_something(asked.text) and claims:
            yield Answer(utterance, documents, claims)


def _claims(utterance: Utterance) -> str:
    """A reply without the sentences that admit not to know."""
    if not find_phrase(utterance.spoken, "unknown"):
        return utterance.text
    return " ".join(each for each in sentences(utterance.text) if not find_phrase(spoken(each), "unknown"))


def unsupported(seen: Observed) -> float | None:
    """The largest share of an answer's terms that stand in none of its documents, in 0…1; None where nothing tells.

    Eight terms as the average answer has them are added to each, so that a short answer is not judged by one word.
    """
    shares = [
        (len(each.missing) + _PRIOR_TERMS * PRIOR_SHARE) / (len(each.terms) + _PRIOR_TERMS)
        for each in answers(seen)
        if each.comparable
    ]
    return max(shares, default=None)


@signal(
    "no-documents",
    "strong",
    "answer without documents",
    blind_without=("user_words", "bot_words"),
    blind_in_log_without=("documents",),
    severity="S2",
)
def no_documents(seen: Observed) -> Iterator[Hit]:
    """No document was found for a bot that works with documents, it called no tool, and it answered all the same."""
    if seen.calls:
        return
    for answer in answers(seen):
        admits = find_phrase(answer.reply.spoken, "unknown")
        if not answer.documents and not admits and how_many(set(answer.terms)) >= _FEWEST_TERMS:
            yield Hit(answer.reply.position, f"no document was found; the bot said: {quotation(answer.claims)}")


@signal(
    "low-coverage",
    "medium",
    "answer leaves its documents",
    blind_without=("user_words", "bot_words", "documents"),
    severity="S2",
)
def low_coverage(seen: Observed) -> Iterator[Hit]:
    """Less than 60 % of the answer's content words stand in the documents that the bot was given."""
    for answer in answers(seen):
        terms = answer.terms
        if not answer.source.strip() or how_many(terms) < _FEWEST_TERMS or not answer.comparable:
            continue
        missing = answer.missing
        covered = 1 - len(missing) / len(terms)
        if covered < _LEAST_COVERED:
            shown = ", ".join(list(dict.fromkeys(joined(missing)))[:8])
            coverage = f"{100 * covered:.0f} % of {how_many(terms):.0f} terms are in the documents; not there: {shown}"
            yield Hit(answer.reply.position, coverage)


@signal(
    "unsupported-numbers",
    "weak",
    "numbers without a source",
    blind_without=("user_words", "bot_words", "documents"),
    severity="S2",
)
def unsupported_numbers(seen: Observed) -> Iterator[Hit]:
    """Three or more numbers of the answer stand neither in the documents nor in what the user said."""
    for answer in answers(seen):
        if not answer.documents:
            continue
        source = " ".join([answer.source, *(user.text for user in seen.user)])
        sourced = {_plain_number(number) for number in _NUMBER.findall(source)}
        new = sorted(
            {
                number
                for number in _NUMBER.findall(answer.claims)
                if len(number) > 1 and _plain_number(number) not in sourced
            }
        )
        if len(new) >= _FEWEST_NUMBERS:
            yield Hit(answer.reply.position, f"not in the documents: {', '.join(new[:8])}")


def _plain_number(number: str) -> str:
    return number.replace(",", "").rstrip(".")


def _root(word: str) -> str:
    """The first six letters without a plural s, so that `booking` meets `bookings`; as good as stemming on rag.parquet.

    Two of a Korean word, so that 상품을 meets 상품은.
    """
    return word[:2] if is_hangul(word) else word.rstrip("s")[:6]
