"""What a log of a chat holds beside messages: typing, traces, assignments, slots. They are no turns."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.conversation.roles import is_tool, side_of
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import Line

_KINDS = (
    *("type", "event", "part_type", "partType", "activity_type", "event_type", "eventType", "kind", "message_type"),
    *("messageType", "activityType", "Type", "ContentType"),
)
"""Where such a log says of what kind each of its entries is."""
MAX_KINDS = 5
"""Of how many kinds what is said may be: a field with more values names no kinds."""


def split(lines: Sequence[Line], about: Sequence[JsonFields]) -> tuple[list[int], list[JsonObject]]:
    """The places of the lines that are turns, and what the others were; `about` has what was logged beside each line.

    An entry is an event where it says nothing, calls nothing and fails in nothing, and either no speaker has its role or
    it is of a kind of which no entry of this conversation says anything. A conversation without words keeps every line.
    """
    silent = [place for place, line in enumerate(lines) if _is_silent(line)]
    if not silent or len(silent) == len(lines):
        return [*range(len(lines))], []
    spoken = set(range(len(lines))) - set(silent)
    kinds = {(name, str(about[place][name])) for place in spoken for name in _KINDS if name in about[place]}
    telling = {name for name in _KINDS if 0 < sum(kind == name for kind, _ in kinds) <= MAX_KINDS}
    events = {place for place in silent if _is_event(lines[place], about[place], kinds, telling)}
    entries = [{"role": lines[place].turn.role, **about[place]} for place in sorted(events)]
    return [place for place in range(len(lines)) if place not in events], entries


def _is_silent(line: Line) -> bool:
    turn = line.turn
    return not (turn.content.strip() or turn.tool_calls or turn.error or is_tool(turn.role) or "reasoning" in line.more)


def _is_event(line: Line, about: JsonFields, kinds: set[tuple[str, str]], telling: set[str]) -> bool:
    if side_of(line.turn.role) is None:
        return True
    own = [(name, str(about[name])) for name in _KINDS if name in about and name in telling]
    return any(each not in kinds for each in own)
