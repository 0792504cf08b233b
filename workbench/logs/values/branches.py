"""Which messages of a tree were shown: an answer made anew, or a question put otherwise, has a branch of its own, and one of
them is the conversation.

Messages that name themselves and the one before them make a tree. Of several that follow the same message and have the
same speaker, the branch that goes on last counts. Replies in a thread, where question and answer all name the same first
message, are no branches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from workbench.conversation.roles import Side, is_system, is_tool, side_of
from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.messages import unwrapped
from workbench.logs.values.normalise import text
from workbench.text import formatting

_PARENTS = ("parent_id", "parentId", "parent_message_id", "parentMessageId", "parent_message_uuid", "parent")
_PARENT_NAMES = frozenset(_PARENTS)
_IDS = ("message_id", "messageId", "id", "uuid", "msg_id", "node_id")


OTHERS = "other_branches"
"""The metadata in which the messages that were not shown are kept."""


def split(messages: Sequence[JsonFields]) -> tuple[Sequence[JsonFields], list[JsonFields]]:
    """The messages that were shown, and those of other branches; `messages` stand in order."""
    beside = others(messages, [str(unwrapped(message).get("role")) for message in messages])
    if not beside:
        return messages, []
    return [message for place, message in enumerate(messages) if place not in beside], [
        messages[place] for place in sorted(beside)
    ]


def note(name: str, conversations: int) -> str:
    """What became of the other branches of so many conversations, for a person."""
    single = conversations == 1
    return (
        f"{name}: {formatting.count(conversations, 'conversation')} {'has' if single else 'have'} messages that others "
        f"took the place of: answers made anew, questions put otherwise. They are no turns; they are kept as {OTHERS}."
    )


def others(messages: Sequence[JsonFields], roles: Sequence[str]) -> set[int]:
    """The places of the messages that lie on no shown branch; `messages` stand in order, each with its role in `roles`."""
    if all(_PARENT_NAMES.isdisjoint(message) for message in messages) or (names := _names(messages)) is None:
        return set()
    parents = [text(message.get(names[1])) for message in messages]
    places = {identity: place for place, message in enumerate(messages) if (identity := text(message.get(names[0])))}
    following: dict[str, list[int]] = defaultdict(list)
    for place, parent in enumerate(parents):
        if parent is not None:
            following[parent].append(place)
    below: dict[int, list[int]] = {
        place: following.get(identity, []) for identity, place in places.items() if identity != parents[place]
    }
    beside: set[int] = set()
    for several in following.values():
        if len(several) > 1 and _is_choice([roles[place] for place in several]):
            last = max(several, key=lambda place: max(_under(place, below)))
            beside |= {each for place in several if place != last for each in _under(place, below)}
    return beside if len(beside) < len(messages) else set()


def _names(messages: Sequence[JsonFields]) -> tuple[str, str] | None:
    """What a message and the one before it are called by, where messages do name messages of this conversation."""
    for parent in _PARENTS:
        named = {text(message[parent]) for message in messages if message.get(parent) is not None}
        if not named:
            continue
        for identity in _IDS:
            if named & {text(message[identity]) for message in messages if message.get(identity) is not None}:
                return identity, parent
    return None


def _is_choice(roles: Sequence[str]) -> bool:
    """Whether messages that follow the same one are each other's alternatives: they have one speaker, who is no tool."""
    sides: set[Side | str] = {side_of(role) or role for role in roles}
    return len(sides) == 1 and not any(is_tool(role) or is_system(role) for role in roles)


def _under(place: int, below: dict[int, list[int]]) -> set[int]:
    """A message and all that follow it, by whichever way."""
    reached: set[int] = set()
    waiting = [place]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += below.get(current, ())
    return reached
