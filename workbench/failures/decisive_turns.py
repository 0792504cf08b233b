"""The turns on which the end of a conversation between a user and a bot hangs: offers, changes, hand-overs, answers.

A bot that looks things up, offers and is told "yes" has decided when it offered. So a change is traced back to the first
reply after the last look-up before it, a hand-over is its own decision, and where neither was made the first answer that
rests on what was looked up is. Users' turns count too: one that asks for what does not exist, one that ends at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.conversation.roles import is_tool, is_user
from workbench.conversation.tool_calls import Call
from workbench.failures.candidate import Candidate
from workbench.failures.signals import Observed
from workbench.failures.signals.bot import promise
from workbench.failures.signals.language import find_phrase, says_something
from workbench.failures.signals.registry import first_after, last_before
from workbench.failures.signals.tool import found_nothing
from workbench.text.tokens import words

_SHORTEST_VALUE = 4


def decisive_turns(seen: Observed) -> list[Candidate]:
    """The turns from which the end may follow, the likeliest first; none where the transcript shows nothing of the kind."""
    turns = [*_ended_at_once(seen), *_claimed(seen), *_decided(seen), *_asked_in_vain(seen), *_answered(seen)]
    if not turns and len(_answers(seen)) == 1:
        return [Candidate(_answers(seen)[0], "the only answer")]
    if not turns and any(is_tool(turn.role) for turn in seen.conversation.turns):
        reply = last_reply(seen)
        return [] if reply is None else [Candidate(reply, "last reply of the bot")]
    return list(dict.fromkeys(turns))


def last_reply(seen: Observed) -> int | None:
    """The bot's last reply that is more than a goodbye, else its last turn of any kind."""
    for reply in reversed(seen.bot):
        if says_something(reply.text) and not find_phrase(reply.spoken, "closing"):
            return reply.position
    return seen.bot[-1].position if seen.bot else (seen.calls[-1].position if seen.calls else None)


def _decided(seen: Observed) -> Iterator[Candidate]:
    """The decision behind the first change, and the last change; the first hand-over; without either the first answer."""
    writes = [call for call in seen.calls if call.kind == "write" and call.succeeded]
    handover = next((call for call in seen.calls if call.kind == "handover" and not call.error), None)
    if writes:
        decision = _decision(seen, writes[0])
        yield decision
        if writes[-1].position != decision.position:
            yield Candidate(writes[-1].position, f"last change made: {writes[-1].name}")
    if handover:
        yield Candidate(handover.position, f"handed over: {handover.name}")
    if not writes and not handover:
        yield from _answered(seen)


def _answered(seen: Observed) -> Iterator[Candidate]:
    """The first reply after the first look-up, where it comes before any change."""
    looked_up = next((call.position for call in seen.calls if call.kind == "read"), None)
    changed = next((call.position for call in seen.calls if call.kind == "write" and call.succeeded), None)
    answer = None if looked_up is None else first_after(seen.bot, looked_up)
    if answer and (changed is None or answer.position < changed):
        yield Candidate(answer.position, "first answer that rests on what was looked up")


def _decision(seen: Observed, write: Call) -> Candidate:
    """The reply that first offered a change, as the first after the last look-up before it; the change where nobody was asked."""
    asked = max((turn.position for turn in seen.user if turn.position < write.position), default=-1)
    looked_up = max(
        (call.position for call in seen.calls if call.position < write.position and call.kind == "read"), default=-1
    )
    if looked_up > asked or asked < 0:
        return Candidate(write.position, f"first change made, with no question before it: {write.name}")
    first_asked = seen.user[0].position
    offer = first_after(seen.bot, max(looked_up, first_asked))
    if offer is None or offer.position > asked:
        return Candidate(write.position, f"first change made, with no question before it: {write.name}")
    return Candidate(offer.position, f"first reply on the way to {write.name}")


def _claimed(seen: Observed) -> Iterator[Candidate]:
    """A promise to act, kept by no call up to the end, in a bot that made none that changes anything."""
    if not seen.norms.has_tools or any(call.kind != "read" for call in seen.calls):
        return
    for reply in seen.bot:
        if promise(reply.text) and not any(call.position >= reply.position for call in seen.calls):
            yield Candidate(reply.position, "says that it acts, and no call follows")
            return


def _asked_in_vain(seen: Observed) -> Iterator[Candidate]:
    """The user's turn that named what a look-up then did not find, and no later one of that tool did."""
    for place, call in enumerate(seen.calls):
        if call.kind != "read" or not found_nothing(call):
            continue
        if any(
            later.name == call.name and later.succeeded and not found_nothing(later) for later in seen.calls[place:]
        ):
            continue
        asked = last_before(seen.user, call.position)
        if asked is not None and _names(asked.text, call.arguments):
            yield Candidate(asked.position, f"asks for what {call.name} does not find")
            return


def _names(text: str, arguments: str) -> bool:
    """Whether a text holds a value of a call's arguments, or a number of it."""
    values = {word for word in words(arguments) if len(word) >= _SHORTEST_VALUE or word.isdecimal()}
    return not values.isdisjoint(words(text))


def _ended_at_once(seen: Observed) -> Iterator[Candidate]:
    """The user's turn that ends a conversation in which nothing was asked."""
    turns = [turn for turn in seen.conversation.turns if is_user(turn.role)]
    if turns and not seen.user and not seen.calls and turns[0].position + 1 == len(seen.conversation.turns):
        yield Candidate(turns[0].position, "the user ends it before anything is asked")


def _answers(seen: Observed) -> list[int]:
    """The bot's replies after the user's first word."""
    if not seen.user:
        return []
    return [reply.position for reply in seen.bot if reply.position > seen.user[0].position]
