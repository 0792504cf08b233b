"""The lines of a conversation as they come in, each once: a list that repeats what stands here adds what is new in it.

Lists are matched against the story by content: the longest common subsequence (Hunt and Szymanski, 1977, over the
places where a line may stand), the latest of several, then lines that stand elsewhere in the same stretch. Where calls
and results have ids these tell, else words. What a list has between two matched lines is put between them, what it
has behind the last at the end. Nothing that is known is replaced by what is missing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.conversation import ToolCall, Turn
from workbench.conversation.roles import is_system, is_tool, is_user, side_of
from workbench.conversation.tool_calls import normalised_arguments
from workbench.logs.spans.spans import Span
from workbench.logs.values.messages import Line

Key = tuple[Any, ...]
_Link = tuple[int, int, Any]
_MOST_PLACES = 40
"""Of a line that stands in very many places, these last ones are looked at."""
_FILLED = ("name", "tool_call_id", "timestamp", "latency_ms", "finish_reason", "error", "feedback")


@dataclass(frozen=True)
class Placed:
    """What became of a line of a list."""

    line: Line
    """The line that stands in the story for it."""
    is_new: bool
    """Whether it was put there now."""


def words(turn: Turn) -> Key:
    """What makes two turns the same where no ids were logged: who speaks, the words, the calls."""
    if is_tool(turn.role):
        return "result", turn.content.strip()
    calls = tuple((call.name, normalised_arguments(call.arguments)) for call in turn.tool_calls)
    return "calls" if calls else side_of(turn.role) or turn.role, turn.content.strip(), calls


def identity(turn: Turn) -> Key:
    """The ids of a call or a result, empty where none were logged."""
    if is_tool(turn.role):
        return ("answers", turn.tool_call_id) if turn.tool_call_id else ()
    ids = [call.id for call in turn.tool_calls if call.id]
    return ("makes", *ids) if ids else ()


class Story:
    """The lines so far, and which of them a span led to."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.by_span: dict[str, Line] = {}
        self.system: Line | None = None
        self.begins = 0
        """Where the running exchange begins."""
        self._reworded: dict[Key, Line] = {}
        self._open: list[tuple[Line, ToolCall]] = []
        self._index()

    @property
    def own(self) -> list[Line]:
        """The lines of the running exchange."""
        return self.lines[self.begins :]

    def begin(self) -> None:
        """Begin an exchange: what stands here now is its history."""
        self.begins = len(self.lines)

    def add(self, line: Line, span: Span | None = None) -> Line:
        """Append a line; its calls stay open until a result answers them."""
        self.lines.append(line)
        self._note(len(self.lines) - 1)
        if span is not None:
            self.by_span[span.id] = line
        self._follow(line)
        return line

    def reword(self, wording: Line, line: Line) -> None:
        """Note that a model said in other words what stands here as `line`: later histories may repeat either."""
        self._reworded.setdefault(words(wording.turn), line)

    def find(self, line: Line) -> Line | None:
        """The first line of the running exchange that is the same."""
        return next((self.lines[place] for place in self._candidates(line) if place >= self.begins), None)

    def take(
        self,
        lines: Iterable[Line],
        *,
        whole: bool = False,
        fresh: bool = False,
        others: Mapping[Key, Line] | None = None,
    ) -> list[Placed]:
        """Take what is new of a list of messages, and say for each of them, system messages left out, where it stands.

        A list is of the running exchange alone, or `whole`: then it may repeat the history, and what stands in the
        history between the same neighbours, by the same speakers, is the same in other words. In a `fresh` exchange
        the last user line is new even where the same words fell earlier, unless the list shows by its history that it
        is that line again. `others` are fuller versions of lines, by their words.
        """
        body = [line for line in lines if not is_system(line.turn.role)]
        places = self._matched(body, 0 if whole else self.begins, fresh)
        if whole:
            self._match_rewordings(body, places, fresh)
        standing: list[Line | None] = [None if place is None else self.lines[place] for place in places]
        for line, match in zip(body, standing, strict=True):
            if match is not None and match is not line and words(match.turn)[0] == words(line.turn)[0]:
                fill(match, line)
        self._order_results(body, places)
        waiting = {key: line for key, line in (others or {}).items() if id(line) not in self._at}
        return self._inserted(body, standing, waiting)

    # --- calls and results ------------------------------------------------------------------------------------------

    def open_call(self, call: ToolCall) -> ToolCall | None:
        """The unanswered call that a tool span carries out: by id, else of its name, the same arguments first.

        A span may be called `running tool: look` where the call is named `look`; and it may have an id of its own.
        """
        if call.id and (made := next((made for _, made in self._open if made.id == call.id), None)) is not None:
            return made
        own = [made for line, made in self._open if self._at[id(line)] >= self.begins]
        named = [made for made in own if made.name == call.name] or [made for made in own if _names(call.name, made)]
        wanted = normalised_arguments(call.arguments)
        same = next((made for made in named if normalised_arguments(made.arguments) == wanted), None)
        return same if same is not None or call.id else next(iter(named), None)

    def result_of(self, call: ToolCall) -> Line | None:
        """The result of a call with an id, where it stands already in the running exchange."""
        return self.find(Line(Turn(0, "tool", tool_call_id=call.id))) if call.id else None

    def _follow(self, line: Line) -> None:
        turn = line.turn
        self._open += [(line, call) for call in turn.tool_calls]
        if not is_tool(turn.role):
            return
        for number, (_, call) in enumerate(self._open):
            if call.id == turn.tool_call_id if turn.tool_call_id else call.name == turn.name:
                del self._open[number]
                return

    # --- places -----------------------------------------------------------------------------------------------------

    def _index(self) -> None:
        self._places: dict[Key, list[int]] = defaultdict(list)
        self._at: dict[int, int] = {}
        for place in range(len(self.lines)):
            self._note(place)

    def _note(self, place: int) -> None:
        line = self.lines[place]
        own, ids = words(line.turn), identity(line.turn)
        for key in (own, ids or ("bare", *own)):
            self._places[key].append(place)
        if ids[:1] == ("makes",) and len(ids) > 2:
            for id_ in ids[1:]:
                self._places["makes", id_].append(place)
        self._at[id(line)] = place

    def _candidates(self, line: Line) -> list[int]:
        """Where a line may stand, in order: this very line, else by ids, else by its words."""
        if (place := self._at.get(id(line))) is not None:
            return [place]
        own, ids = words(line.turn), identity(line.turn)
        keys = [ids, ("bare", *own)] if ids else [own]
        places = next((self._places[key] for key in keys if key in self._places), [])
        if not places and len(ids) > 2 and all(("makes", id_) in self._places for id_ in ids[1:]):
            places = self._places["makes", ids[1]]
        if not places and (alias := self._reworded.get(own)) is not None:
            places = [self._at[id(alias)]]
        return places[-_MOST_PLACES:]

    def _matched(self, body: Sequence[Line], since: int, fresh: bool) -> list[int | None]:
        """Where each line of a list stands, None for a new one."""
        end = len(body)
        if fresh and end and is_user(body[-1].turn.role) and id(body[-1]) not in self._at:
            end -= 1
        options = [[place for place in self._candidates(line) if place >= since] for line in body]
        places: list[int | None] = [None] * len(body)
        for number, place in _common(options[:end]):
            places[number] = place
        taken = {place for place in places if place is not None}
        begins = min(min(taken, default=len(self.lines)), self.begins)
        for number, line in enumerate(body):
            if places[number] is not None:
                continue
            elsewhere = [place for place in options[number] if place not in taken and place >= begins]
            is_question = number >= end
            if is_question and elsewhere and not taken and elsewhere[-1] != len(self.lines) - 1:
                continue  # the same words again, without a history that shows which
            match = elsewhere[-1 if is_question else 0] if elsewhere else self._unfilled(line, taken)
            places[number] = match
            taken |= set() if match is None else {match}
        return places

    def _unfilled(self, line: Line, taken: Collection[int]) -> int | None:
        """The place of a result that was logged without its words, and that this may be."""
        turn = line.turn
        if not is_tool(turn.role) or not turn.content.strip():
            return None
        for place in range(self.begins, len(self.lines)):
            other = self.lines[place].turn
            ids_agree = not (other.tool_call_id and turn.tool_call_id) or other.tool_call_id == turn.tool_call_id
            names_agree = turn.tool_call_id is not None or not (turn.name and other.name) or turn.name == other.name
            is_open = is_tool(other.role) and not other.content.strip() and place not in taken
            if is_open and ids_agree and names_agree:
                return place
        return None

    def _match_rewordings(self, body: Sequence[Line], places: list[int | None], fresh: bool) -> None:
        """Match stretches of a history whose speakers take the same turns between the same neighbours."""
        end = len(body) - (1 if fresh and body and places[-1] is None else 0)
        taken = {place for place in places if place is not None}
        own = self.begins
        before: int | None = None
        gap: list[int] = []
        for number in range(end + 1):
            place = places[number] if number < end else own
            if place is None:
                gap.append(number)
                continue
            if gap and before is not None and place <= own:
                spoken = [
                    at
                    for at in range(before + 1, min(place, own))
                    if at not in taken and not is_system(self.lines[at].turn.role)
                ]
                if [_side(body[n]) for n in gap] == [_side(self.lines[at]) for at in spoken]:
                    for n, at in zip(gap, spoken, strict=True):
                        places[n] = at
            before, gap = place, []

    def _order_results(self, body: Sequence[Line], places: Sequence[int | None]) -> None:
        """Put results of parallel calls in the order in which a list has them."""
        run: list[int] = []
        for number, place in [*enumerate(places), (len(body), None)]:
            if place is not None and number < len(body) and is_tool(self.lines[place].turn.role):
                run.append(place)
                continue
            if run != sorted(run) and len(set(run)) == len(run):
                for at, line in zip(sorted(run), [self.lines[place] for place in run], strict=True):
                    self.lines[at] = line
                self._index()
            run = []

    def _inserted(self, body: Sequence[Line], standing: Sequence[Line | None], others: dict[Key, Line]) -> list[Placed]:
        last = max((number for number, line in enumerate(standing) if line is not None), default=-1)
        placed: list[Placed] = []
        for number, line in enumerate(body):
            match = standing[number]
            if match is not None:
                placed.append(Placed(match, False))
                continue
            new = others.pop(words(line.turn), line)
            if number > last:
                self.add(new)
            else:
                following = next(line for line in standing[number:] if line is not None)
                at = self._at[id(placed[-1].line)] + 1 if placed else self._at[id(following)]
                self.lines.insert(at, new)
                self.begins += at < self.begins
                self._index()
                self._follow(new)
            placed.append(Placed(new, True))
        return placed


def fill(line: Line, other: Line) -> None:
    """Give a line what it lacks and another record of the same has; what it has stays."""
    turn, more = line.turn, other.turn
    if not turn.content.strip() and more.content.strip():
        turn.content = more.content
    for name in _FILLED:
        if getattr(turn, name) in (None, ""):
            setattr(turn, name, getattr(more, name))
    if len(turn.tool_calls) == len(more.tool_calls):
        for call, same in zip(turn.tool_calls, more.tool_calls, strict=True):
            call.id = call.id or same.id
    for name, value in other.more.items():
        line.more.setdefault(name, value)


def _side(line: Line) -> str:
    calls = "/calls" if line.turn.tool_calls else ""
    return f"{side_of(line.turn.role) or line.turn.role}{calls}"


def _names(display: str, call: ToolCall) -> bool:
    """Whether the display name of a span holds the name of a call as a word."""
    start = display.find(call.name)
    around = (display[start - 1 : start], display[start + len(call.name) :][:1])
    return start >= 0 and bool(call.name) and not any(sign.isalnum() or sign in "_-" for sign in around if sign)


def _common(options: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The longest pairs (number, place) whose places rise with the numbers; of several the latest places.

    Hunt and Szymanski's algorithm, from the end to the beginning: O(pairs · log lines).
    """
    tops: list[int] = []
    links: list[_Link] = []
    for number in range(len(options) - 1, -1, -1):
        for place in options[number]:  # rising, so that one number is never paired twice
            height = bisect_left(tops, -place)
            link: _Link = (number, place, links[height - 1] if height else None)
            if height == len(tops):
                tops.append(-place)
                links.append(link)
            else:
                tops[height], links[height] = -place, link
    pairs: list[tuple[int, int]] = []
    rest: _Link | None = links[-1] if links else None
    while rest is not None:
        number, place, rest = rest
        pairs.append((number, place))
    return pairs
