"""The two texts of a conversation that are embedded: its request, and the passage that tells a failure's topic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.failures.decisive_turns import last_reply
from workbench.failures.mechanical_faults import Fault
from workbench.failures.signals import Observed, Signal
from workbench.failures.signals.language import content_words, plain, says_something, sentence_key, sentences
from workbench.failures.signals.observation import sentence_hash
from workbench.text.tokens import how_many

_REQUEST_WORDS = 8
_TEXT_LIMIT = 1000
_TEXT_HEAD = 650
_LONGEST_WORD = 60
_RESULT_LIMIT = 300


def topic_end(seen: Observed, signals: Sequence[Signal], fault: Fault | None, named: int | None = None) -> int | None:
    """How far a failure's topic goes: to where people `named` the failing turn, else to the fault, the strong signal, the
    last change, the hand-over, or the last reply.

    The failing turn itself lies earlier as a rule, where the user has not yet told all; None where the bot did nothing.
    """
    if named is not None:
        return named
    if fault is not None:
        return fault.position
    places: dict[str, list[int]] = {}
    for signal in signals:
        if signal.strength == "strong" and signal.position is not None:
            places.setdefault(signal.code, []).append(signal.position)
    if places:
        return min(turns[2] if code == "three-errors" else turns[0] for code, turns in places.items())
    writes = [call.position for call in seen.calls if call.kind == "write" and call.succeeded]
    handovers = [call.position for call in seen.calls if call.kind == "handover" and not call.error]
    return writes[-1] if writes else handovers[0] if handovers else last_reply(seen)


def request(seen: Observed, until: int | None = None) -> str:
    """What was asked: the user's turns from the first on, until they hold 8 content words, greetings left out.

    The same rule for failing and successful conversations, so that the two can be compared; it never reaches beyond the
    end of the topic. With no user text, the first tool results.
    """
    kept: list[str] = []
    count = 0.0
    for text in _user_texts(seen, until):
        kept.append(text)
        count += how_many(content_words(text))
        if count >= _REQUEST_WORDS:
            break
    if not seen.user:
        results = [" ".join(call.result.split())[:_RESULT_LIMIT] for call in seen.calls if call.result]
        return bounded(" ".join(results[:3]))
    return bounded(" ".join(kept) or " ".join(turn.text for turn in seen.user[:2]))


def passage(seen: Observed, until: int | None) -> str:
    """The text that tells this failure's topic: the user's turns up to its end, greetings and what recurs in the bot left out.

    At most about 1,000 characters, beginning and end kept, since the model reads 256 word pieces; empty without user text.
    """
    kept = list(dict.fromkeys(_user_texts(seen, until)))
    return bounded(" ".join(kept) or " ".join(turn.text for turn in seen.user))


def _user_texts(seen: Observed, until: int | None) -> Iterator[str]:
    """Each user turn up to a position, without the sentences that carry nothing; turns that carry nothing at all are skipped.

    The first turn that tells anything keeps what recurs (many people ask for the same thing in the same words, and with
    buttons whole requests recur) unless it recurs everywhere; later turns lose it.
    """
    left_out = seen.norms.everywhere
    for turn in seen.user:
        if until is not None and turn.position > until:
            return
        telling = [sentence for sentence in sentences(turn.text) if says_something(sentence)]
        own = [sentence for sentence in telling if sentence_hash(sentence_key(sentence)) not in left_out]
        if own:
            yield " ".join(own)
            left_out = seen.norms.recurring


def bounded(text: str) -> str:
    """The text on one line, cut in the middle to about 1,000 characters at word ends."""
    line = " ".join(plain(text).split())
    if len(line) <= _TEXT_LIMIT:
        return line
    head, tail = line[:_TEXT_HEAD], line[len(line) - (_TEXT_LIMIT - _TEXT_HEAD - 3) :]
    if (end := head.rfind(" ", -_LONGEST_WORD)) >= 0:  # Japanese may have no space for hundreds of letters
        head = head[:end]
    if (start := tail.find(" ", 0, _LONGEST_WORD)) >= 0:
        tail = tail[start + 1 :]
    return f"{head} … {tail}"
