"""What happened, event by event, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import PurePath
from typing import Any

from workbench.dates import DEFAULT_ZONE
from workbench.judgement.records.events import Event
from workbench.judgement.store import Judgement
from workbench.judgement.taxonomy import CAUSES
from workbench.judgement.undo import TIME_ZONE_SET
from workbench.text import formatting
from workbench.text.masking import mask

PAGE = 30


CHUNK = 500


_NOT_TOLD = ("about", "at", "by", "created_at", "created_by", "fixed_at", "version")


_SHORT = 80


State = Mapping[str, Any]


def find_events(judgement: Judgement, subject: str, actor: str, before: int | None) -> tuple[list[Event], bool]:
    """The newest events older than `before` that concern a subject and come from an actor, and whether there are more.

    `subject` is a whole subject (`label:cluster:FC-0007`) or one id of it (`FC-0007`, also where a ticket is for it).
    Empty texts ask for all.
    """
    found: list[Event] = []
    while len(found) <= PAGE:
        chunk = judgement.journal.events(CHUNK, before)
        found += [event for event in chunk if concerns(event, subject.strip()) and _by(event, actor.strip())]
        if len(chunk) < CHUNK:
            break
        before = chunk[-1].sequence
    return found[:PAGE], len(found) > PAGE


def concerns(event: Event, subject: str) -> bool:
    """Whether an event is about a subject, or about a ticket for it."""
    wanted = subject.casefold()
    kind, *ids = event.subject.split(":")
    for state in filter(None, (event.before, event.after)):
        if kind == "ticket":
            ids += state["clusters"]
        elif kind == "act":
            ids += [state["cluster"], state["into"] or ""]
        elif kind in ("label", "verdict"):
            ids.append(str((state["about"] or {}).get("conversation_id", "")))
    return not wanted or wanted in (name.casefold() for name in (event.subject, *ids))


def _by(event: Event, actor: str) -> bool:
    return not actor or actor.casefold() == event.actor.casefold()


def sentence(event: Event) -> str:
    """What happened, in plain words: "ann labelled FC-0001: policy-not-followed, S1". Masked; may hold log text."""
    if event.forgotten:
        return f"{event.actor}: {event.what} {named(event)} (what was said has been forgotten)"
    if event.damaged:
        return f"{event.actor}: {event.what} {named(event)} (what was said is not as it was written)"
    kind = event.subject.split(":")[0]
    tell = _TELL.get(kind, _tell_any)
    if event.what.startswith("undo "):
        if kind == "vote":
            return f"{event.actor} undid event {event.what.removeprefix('undo ')}, a vote in {_round(event)}"
        return f"{event.actor} undid event {event.what.removeprefix('undo ')}: {_undone(event)}"
    return mask(f"{event.actor} {tell(event)}")


def named(event: Event) -> str:
    """What an event is about, as people call it."""
    kind, *rest = event.subject.split(":", 2)
    state = event.after or event.before or {}
    match kind, rest:
        case "label", ["conversation", key]:
            about = state.get("about") or {}
            return f"conversation {about['conversation_id']}" if about.get("conversation_id") else f"conversation {key}"
        case "verdict", [key, _]:
            return f"conversation {(state.get('about') or {}).get('conversation_id') or key}"
        case "decision", [session, cluster]:
            return f"{cluster} in {session}"
        case "bot" | "setting" | "snapshot", _:
            return event.subject.replace(":", " ", 1)
        case _:
            return rest[-1] if rest else event.subject


def _tell_label(event: Event) -> str:
    if event.after is None:
        return f"took back what was said of {named(event)}"
    if event.what == "inherited":
        return f"let {named(event)} inherit the label of {event.after['inherited_from']}: {_values(event.after)}"
    if event.what == "to confirm":
        return f"left the label of {named(event)} to be confirmed after a split"
    if event.before is None:
        return f"labelled {named(event)}: {_values(event.after)}"
    return f"changed the label of {named(event)}: {_changes(event)}"


def _tell_ticket(event: Event) -> str:
    title = f"{named(event)} “{_shown((event.after or {}).get('title'))}”"
    match event.what:
        case "opened":
            return f"opened {title} for {', '.join((event.after or {}).get('clusters', []))}"
        case "edited" | "inherited":
            return f"changed {title}: {_changes(event)}"
        case "fixed":
            after = event.after or {}
            since = f"release {after['fixed_release']}" if after.get("fixed_release") else after.get("fixed_date")
            return f"marked {title} as fixed with {since}"
        case what if what.startswith("followed"):
            return f"let {title} follow a merge: {_changes(event)}"
        case status:
            return f"moved {title} to {status}"


def _tell_owner(event: Event) -> str:
    if event.after is None:
        return f"left {named(event)} to the owner of its ticket or bot"
    return f"gave {named(event)} to {event.after['owner']}"


def _tell_mute(event: Event) -> str:
    return f"muted {named(event)} until {event.after['until']}" if event.after else f"unmuted {named(event)}"


def _tell_person(event: Event) -> str:
    if event.what == "joined":
        return "joined"
    return f"made {named(event)} a {event.after['role']}" if event.after and event.after["role"] else _tell_any(event)


def _tell_setting(event: Event) -> str:
    if event.what != TIME_ZONE_SET:
        return _tell_any(event)
    return f"set the pod's time zone to {_shown((event.after or {}).get('value') or DEFAULT_ZONE)}"


def _tell_session(event: Event) -> str:
    said = {"opened": "opened triage session", "closed": "closed", "opened again": "opened again"}
    title = (event.after or {}).get("title")
    return f"{said.get(event.what, 'changed the agenda of')} {named(event)}" + (f" “{_shown(title)}”" if title else "")


def _tell_round(event: Event) -> str:
    return f"{event.what} the blind round {named(event)} “{_shown((event.after or {}).get('title'))}”"


def _tell_vote(event: Event) -> str:
    """That somebody voted, never what: until the round is revealed, nobody else may know."""
    return f"took back a vote in {_round(event)}" if event.after is None else f"voted in {_round(event)}"


def _round(event: Event) -> str:
    return event.subject.split(":")[1]


def _tell_decision(event: Event) -> str:
    if event.what == "skipped":
        return f"left {named(event)} for another time"
    return f"decided {named(event)}: {_changes(event) if event.before else _values(event.after or {})}"


def _tell_snapshot(event: Event) -> str:
    after = event.after or {}
    if event.what == "rolled back to":
        imports = ", ".join(after["imports"]) or "no import"
        return f"let {event.subject.split(':')[1]} serve again, built from {imports}"
    counted = f"{formatting.count(after.get('clusters', 0), 'cluster')} with {formatting.count(after.get('members', 0), 'failure')}"
    return f"recorded {named(event)}: {counted}"


def _tell_import(event: Event) -> str:
    after = event.after or {}
    if event.what == "left out":
        return f"undid import {named(event)}; {after['snapshot']} was built without it"
    names = [PurePath(name).name for name in after["files"]]
    files = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    rejected = f", {formatting.count(after['rejected'], 'row')} rejected" if after["rejected"] else ""
    return f"imported {files}: {formatting.count(after['conversations'], 'conversation')}{rejected} ({named(event)})"


def _tell_forget(event: Event) -> str:
    return f"had what {formatting.count(len((event.after or {}).get('events', [])), 'event')} said forgotten"


def _tell_any(event: Event) -> str:
    return f"{event.what} {named(event)}" + (f": {_changes(event)}" if event.after else "")


def _tell_act(event: Event) -> str:
    """A cluster changed by hand."""
    act = event.after or event.before or {}
    some = formatting.count(len(act.get("members", [])), "failure")
    match act.get("kind"):
        case "split":
            return f"split {act['into']} off {act['cluster']} with {some}"
        case "merge":
            return f"merged the cluster {act['cluster']} into {act['into']}"
        case "move":
            return f"moved {some} from {act['cluster']} to {act['into']}"
        case _:
            return f"set {some} of {act.get('cluster')} aside"


def _tell_verdict(event: Event) -> str:
    """What a reader found in one conversation."""
    after = event.after
    if after is None:
        return f"took back the verdict on {named(event)}"
    where = f", turn {after['failing_turn']}" if after.get("failing_turn") is not None else ""
    note = f": “{_shown(after['note'])}”" if after.get("note") else ""
    found = {"fine": "fine", "failed": "failed"}.get(after["verdict"], "can't tell")
    return f"read {named(event)}: {found}{where}{note}"


def _tell_draw(event: Event) -> str:
    """What a random sample is for: a reading list, or a check of what was said of a cluster."""
    after = event.after or {}
    scope = after.get("scope") or {}
    if cluster := scope.get("check"):
        members = formatting.count(len(after["conversations"]), "member")
        return f"drew {members} of {cluster} to check its label ({named(event)})"
    return f"started the reading list {named(event)} of {formatting.count(len(scope.get('list', [])), 'conversation')}"


def _tell_mode(event: Event) -> str:
    """A failure mode made of readers' notes."""
    after = event.after or {}
    if event.what == "merged":
        return f"merged the failure mode {named(event)} into {after['merged_into']}"
    if event.before is None:
        notes = formatting.count(len(after.get("notes", [])), "note")
        return f"named the failure mode {named(event)} “{_shown(after.get('name'))}”, of {notes}"
    event = replace(
        event,
        before={**event.before, "notes": len(event.before["notes"])},
        after={**after, "notes": len(after.get("notes", []))},
    )
    return f"changed the failure mode {named(event)}: {_changes(event)}"


def _tell_cause(event: Event) -> str:
    """A root cause as it was changed; what followed a merge has its own sentences."""
    after = event.after or {}
    match event.what:
        case "merged":
            return f"merged the root cause {named(event)} into {after['merged_into']}"
        case "retired" | "merge taken back" | "offered again":
            return f"changed the root cause {named(event)}: {event.what}"
        case "added":
            return f"added the root cause {named(event)} “{_shown(after['title'])}”"
    default = CAUSES.get(named(event))
    if event.before is None and default:  # reworded for the first time
        event = replace(event, before=asdict(default) | {"examples": list(default.examples)})
    return f"changed the root cause {named(event)}: {_changes(event)}"


def _tell_backup(event: Event) -> str:
    after = event.after or {}
    if event.what == "downloaded":
        return f"downloaded a backup of {formatting.count(after['events'], 'event')}"
    kept = f"; what stood before is in {after['kept']}" if after["kept"] else ""
    return f"restored the backup of {after['made_at']}, made by {after['made_by']}{kept}"


_TELL: dict[str, Callable[[Event], str]] = {
    "act": _tell_act,
    "label": _tell_label,
    "mapping": lambda event: f"{event.what} {named(event)}",
    "ticket": _tell_ticket,
    "owner": _tell_owner,
    "mute": _tell_mute,
    "person": _tell_person,
    "setting": _tell_setting,
    "session": _tell_session,
    "decision": _tell_decision,
    "round": _tell_round,
    "vote": _tell_vote,
    "snapshot": _tell_snapshot,
    "import": _tell_import,
    "events": _tell_forget,
    "cause": _tell_cause,
    "verdict": _tell_verdict,
    "draw": _tell_draw,
    "mode": _tell_mode,
    "backup": _tell_backup,
}


def _undone(event: Event) -> str:
    if event.after is None:
        return f"{named(event)} is as before it"
    if event.before is None:
        return f"{named(event)} is back: {mask(_values(event.after))}"
    return f"{named(event)}: {mask(_changes(event))}"


def _values(state: State) -> str:
    """What a state says, without what its subject says already."""
    told = ("cause", "disposition", "severity", "owner", "ticket", "due", "title", "value")
    parts = [_shown(state[name]) for name in told if state.get(name)]
    parts += [f"also {', '.join(state['contributing'])}"] if state.get("contributing") else []
    parts += [f"“{_shown(state['note'])}”"] if state.get("note") else []
    return ", ".join(parts) or "nothing more"


def _changes(event: Event) -> str:
    """The fields that differ, with their values before and after."""
    before, after = event.before or {}, event.after or {}
    changed = [
        name
        for name, value in after.items()
        if name not in _NOT_TOLD and (value or None) not in (before.get(name) or None, event.subject.split(":")[-1])
    ]
    told = [f"{name.replace('_', ' ')} {_quoted(before.get(name))} → {_quoted(after[name])}" for name in changed]
    return "; ".join(told) or "said again"


def _quoted(value: Any) -> str:
    return f"“{_shown(value)}”" if isinstance(value, str) and " " in value else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return formatting.count(len(value), "entry", "entries")
    if isinstance(value, list):
        value = ", ".join(str(part.get("cluster", part)) if isinstance(part, dict) else str(part) for part in value)
    return formatting.shortened(" ".join(str(value).split()), _SHORT) if value not in (None, "") else "nothing"


def undoable(event: Event) -> bool:
    """Whether an event changed something that people said; imports, snapshots and forgetting did not. A reveal stays."""
    kind = event.subject.split(":")[0]
    told = kind not in ("import", "mapping", "snapshot", "events", "backup") and (kind, event.what) != (
        "round",
        "revealed",
    )
    return told and not event.forgotten and not event.damaged
