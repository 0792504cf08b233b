"""What an event is in a sentence, as the history shows it: who did what to what, with the values before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import PurePath
from typing import Any

from workbench.dates import DEFAULT_ZONE
from workbench.judgement.kinds import (
    ACT,
    CAUSE,
    DECISION,
    DRAW,
    LABEL,
    MODE,
    MUTE,
    OWNER,
    PERSON,
    PROMPT,
    ROUND,
    SESSION,
    SETTING,
    TICKET,
    VERDICT,
)
from workbench.judgement.prompts import EVERY
from workbench.judgement.records.causes import CauseEdit
from workbench.judgement.records.clusters import Act
from workbench.judgement.records.events import BackupState, Event, ForgottenState, ImportState, SnapshotState
from workbench.judgement.records.reading import CheckScope, Draw, Mode
from workbench.judgement.records.rounds import Round
from workbench.judgement.records.tickets import Ticket
from workbench.judgement.taxonomy import CAUSES
from workbench.judgement.undo import FORGOTTEN_IN, TIME_ZONE_SET
from workbench.text import formatting
from workbench.text.masking import mask

_LEFT_OUT = ("about", "at", "by", "created_at", "created_by", "decided_at", "decided_by", "fixed_at", "version")
"""Fields whose change is no news."""
_SHORT = 80
"""Characters of a value in a sentence."""

State = Mapping[str, Any]


def sentence(event: Event) -> str:
    """What happened, in plain words: "ann labelled FC-0001: policy-not-followed, S1". Masked; may hold log text."""
    if event.forgotten:
        return f"{event.actor}: {event.what} {named(event)} (what was said has been forgotten)"
    if event.damaged:
        return f"{event.actor}: {event.what} {named(event)} (what was said is not as it was written)"
    if event.what == FORGOTTEN_IN:
        return mask(f"{event.actor} had something forgotten in {named(event)}")
    kind = event.subject.split(":")[0]
    if event.what.startswith("undo "):
        if kind == "vote":
            return f"{event.actor} undid event {event.what.removeprefix('undo ')}, a vote in {_round_id(event)}"
        return f"{event.actor} undid event {event.what.removeprefix('undo ')}: {_undone(event)}"
    describe = _DESCRIBE.get(kind, _describe_any)
    return mask(f"{event.actor} {describe(event)}")


def named(event: Event) -> str:
    """What an event is about, as people call it."""
    kind, *rest = event.subject.split(":", 2)
    match kind, rest:
        case ("label", ["conversation", key]) | ("verdict", [key, _]):
            return f"conversation {conversation_id(kind, event.after or event.before) or key}"
        case "decision", [session, cluster]:
            return f"{cluster} in {session}"
        case "prompt", _:
            bot, name = PROMPT.key(event.subject, event.after, event.before)
            return f"what holds for every version of {bot}" if name == EVERY else f"prompt {name} of {bot}"
        case "bot" | "setting" | "snapshot", _:
            return event.subject.replace(":", " ", 1)
        case _:
            return rest[-1] if rest else event.subject


def conversation_id(kind: str, state: State | None) -> str:
    """The id, as logged, of the conversation that a label or a verdict is about; empty where the event has none."""
    record = LABEL.restored(state) if kind == "label" else VERDICT.restored(state)
    return str(record.about.get("conversation_id") or "") if record else ""


def _describe_label(event: Event) -> str:
    """What a person said of a cluster or a conversation."""
    label = LABEL.restored(event.after)
    if label is None:
        return f"took back what was said of {named(event)}"
    if event.what == "inherited":
        return f"let {named(event)} inherit the label of {label.inherited_from}: {_values(event.after)}"
    if event.what == "to confirm":
        return f"left the label of {named(event)} to be confirmed after a split"
    if event.before is None:
        return f"labelled {named(event)}: {_values(event.after)}"
    return f"changed the label of {named(event)}: {_changes(event)}"


def _describe_ticket(event: Event) -> str:
    """What became of a ticket."""
    ticket = TICKET.restored(event.after) or Ticket("")
    title = f"{named(event)} “{_shown(ticket.title)}”"
    match event.what:
        case "opened":
            return f"opened {title} for {', '.join(ticket.clusters)}"
        case "edited" | "inherited":
            return f"changed {title}: {_changes(event)}"
        case "fixed":
            since = f"release {ticket.fixed_release}" if ticket.fixed_release else ticket.fixed_date
            return f"marked {title} as fixed with {since}"
        case what if what.startswith("followed"):
            return f"let {title} follow a merge: {_changes(event)}"
        case status:
            return f"moved {title} to {status}"


def _describe_owner(event: Event) -> str:
    """Who answers for a cluster."""
    owner = OWNER.restored(event.after)
    return (
        f"gave {named(event)} to {owner.owner}" if owner else f"left {named(event)} to the owner of its ticket or bot"
    )


def _describe_mute(event: Event) -> str:
    """A cluster that is seen no more, or again."""
    mute = MUTE.restored(event.after)
    return f"muted {named(event)} until {mute.until}" if mute else f"unmuted {named(event)}"


def _describe_person(event: Event) -> str:
    """A person who came, or whose role changed."""
    if event.what == "joined":
        return "joined"
    person = PERSON.restored(event.after)
    return f"made {named(event)} a {person.role}" if person and person.role else _describe_any(event)


def _describe_setting(event: Event) -> str:
    """A setting of the pod; its time zone and its saved views have sentences of their own."""
    if event.what in ("view saved", "view deleted"):
        return f"{event.what.removeprefix('view ')} the view {_shown(event.subject.partition(':view:')[2])}"
    if event.what != TIME_ZONE_SET:
        return _describe_any(event)
    setting = SETTING.restored(event.after)
    return f"set the pod's time zone to {_shown((setting and setting.value) or DEFAULT_ZONE)}"


def _describe_session(event: Event) -> str:
    """A triage session that was opened, changed or closed."""
    acts = {"opened": "opened triage session", "closed": "closed", "opened again": "opened again"}
    session = SESSION.restored(event.after)
    title = f" “{_shown(session.title)}”" if session and session.title else ""
    return f"{acts.get(event.what, 'changed the agenda of')} {named(event)}{title}"


def _describe_round(event: Event) -> str:
    """A blind round that was started or revealed."""
    round = ROUND.restored(event.after) or Round("")
    return f"{event.what} the blind round {named(event)} “{_shown(round.title)}”"


def _describe_vote(event: Event) -> str:
    """That somebody voted, never what: until the round is revealed, nobody else may know."""
    return f"took back a vote in {_round_id(event)}" if event.after is None else f"voted in {_round_id(event)}"


def _round_id(event: Event) -> str:
    return event.subject.split(":")[1]


def _describe_decision(event: Event) -> str:
    """What a session decided of a cluster, or left."""
    if event.what == "skipped":
        return f"left {named(event)} for another time"
    return f"decided {named(event)}: {_changes(event) if event.before else _values(event.after or {})}"


def _describe_prompt(event: Event) -> str:
    """The text of a prompt version that came in, changed or went; how long it is tells more than how it begins."""
    prompt = PROMPT.restored(event.after)
    if prompt is None:
        return f"took away the text of {named(event)}"
    lines = formatting.count(prompt.text.count("\n") + 1, "line")
    return f"{'changed' if event.before else 'brought in'} the text of {named(event)}: {lines}"


def _describe_snapshot(event: Event) -> str:
    """A snapshot that was recorded, or serves again."""
    snapshot: SnapshotState = event.after or SnapshotState()
    if event.what == "rolled back to":
        imports = ", ".join(snapshot["imports"]) or "no import"
        return f"let {event.subject.split(':')[1]} serve again, built from {imports}"
    clusters = formatting.count(snapshot.get("clusters", 0), "cluster")
    return f"recorded {named(event)}: {clusters} with {formatting.count(snapshot.get('members', 0), 'failure')}"


def _describe_import(event: Event) -> str:
    """Logs that came in, or were left out again."""
    imported: ImportState = event.after or ImportState()
    if event.what == "left out":
        return f"undid import {named(event)}; {imported['snapshot']} was built without it"
    names = [PurePath(name).name for name in imported["files"]]
    files = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    rejected = f", {formatting.count(imported['rejected'], 'row')} rejected" if imported["rejected"] else ""
    conversations = formatting.count(imported["conversations"], "conversation")
    return f"imported {files}: {conversations}{rejected} ({named(event)})"


def _describe_forgetting(event: Event) -> str:
    """That a text was forgotten, never which."""
    blanked: ForgottenState = event.after or ForgottenState()
    return f"had what {formatting.count(len(blanked.get('events', [])), 'event')} said forgotten"


def _describe_any(event: Event) -> str:
    """An event of a kind without a sentence of its own."""
    return f"{event.what} {named(event)}" + (f": {_changes(event)}" if event.after else "")


def _describe_act(event: Event) -> str:
    """A cluster changed by hand."""
    act = ACT.restored(event.after or event.before) or Act("")
    failures = formatting.count(len(act.members), "failure")
    match act.kind:
        case "split":
            return f"split {act.into} off {act.cluster} with {failures}"
        case "merge":
            return f"merged the cluster {act.cluster} into {act.into}"
        case "move":
            return f"moved {failures} from {act.cluster} to {act.into}"
        case _:
            return f"set {failures} of {act.cluster} aside"


def _describe_verdict(event: Event) -> str:
    """How a reader judged one conversation."""
    verdict = VERDICT.restored(event.after)
    if verdict is None:
        return f"took back the verdict on {named(event)}"
    where = f", turn {verdict.failing_turn}" if verdict.failing_turn is not None else ""
    note = f": “{_shown(verdict.note)}”" if verdict.note else ""
    judged = verdict.verdict if verdict.verdict in ("fine", "failed") else "can't tell"
    return f"read {named(event)}: {judged}{where}{note}"


def _describe_draw(event: Event) -> str:
    """What a random sample is for: a reading list, or a check of what was said of a cluster."""
    draw = DRAW.restored(event.after) or Draw("")
    if isinstance(draw.scope, CheckScope):
        members = formatting.count(len(draw.conversations), "member")
        return f"drew {members} of {draw.scope.check} to check its label ({named(event)})"
    return f"started the reading list {named(event)} of {formatting.count(len(draw.scope.list), 'conversation')}"


def _describe_mode(event: Event) -> str:
    """A failure mode made of readers' notes."""
    mode = MODE.restored(event.after) or Mode("")
    if event.what == "merged":
        return f"merged the failure mode {named(event)} into {mode.merged_into}"
    before = MODE.restored(event.before)
    if before is None:
        notes = formatting.count(len(mode.notes), "note")
        return f"named the failure mode {named(event)} “{_shown(mode.name)}”, of {notes}"
    event = replace(
        event,
        before={**event.before, "notes": len(before.notes)},
        after={**(event.after or {}), "notes": len(mode.notes)},
    )
    return f"changed the failure mode {named(event)}: {_changes(event)}"


def _describe_cause(event: Event) -> str:
    """A root cause as it was changed; what followed a merge has its own sentences."""
    edit = CAUSE.restored(event.after) or CauseEdit("")
    match event.what:
        case "merged":
            return f"merged the root cause {named(event)} into {edit.merged_into}"
        case "retired" | "merge taken back" | "offered again":
            return f"changed the root cause {named(event)}: {event.what}"
        case "added":
            return f"added the root cause {named(event)} “{_shown(edit.title)}”"
    default = CAUSES.get(named(event))
    if event.before is None and default:  # reworded for the first time
        event = replace(event, before=asdict(default) | {"examples": list(default.examples)})
    return f"changed the root cause {named(event)}: {_changes(event)}"


def _describe_backup(event: Event) -> str:
    """A backup that was made, downloaded, denied or restored."""
    if event.what == "denied":
        return "was denied a backup, which takes a lead"
    backup: BackupState = event.after or BackupState()
    if event.what in ("made", "downloaded"):
        return f"{event.what} a backup of {formatting.count(backup['events'], 'event')}"
    kept = f"; what stood before is in {backup['kept']}" if backup["kept"] else ""
    return f"restored the backup of {backup['made_at']}, made by {backup['made_by']}{kept}"


def _describe_reveal(event: Event) -> str:
    """A conversation that a lead looked at unmasked, and why; or masked again before its time."""
    if event.what != "revealed":
        return f"had conversation {named(event)} masked again"
    seen = event.after or {}
    return f"looked at conversation {_shown(seen.get('conversation_id'))} of {_shown(seen.get('bot'))} unmasked: “{_shown(seen.get('reason'))}”"


def _describe_database(event: Event) -> str:
    """The judgement file was deleted or replaced under an open store, or somebody went on though it lacks something."""
    if event.what == "accepted":
        return f"went on with a history that lacks something: it {(event.after or {}).get('lacked', '')}"
    return f"found the judgement file {event.what}: what was open is in {(event.after or {}).get('copy', '')}"


_DESCRIBE: dict[str, Callable[[Event], str]] = {
    ACT.name: _describe_act,
    LABEL.name: _describe_label,
    "mapping": lambda event: f"{event.what} {named(event)}",
    TICKET.name: _describe_ticket,
    OWNER.name: _describe_owner,
    MUTE.name: _describe_mute,
    PERSON.name: _describe_person,
    SETTING.name: _describe_setting,
    SESSION.name: _describe_session,
    DECISION.name: _describe_decision,
    PROMPT.name: _describe_prompt,
    ROUND.name: _describe_round,
    "vote": _describe_vote,
    "snapshot": _describe_snapshot,
    "import": _describe_import,
    "events": _describe_forgetting,
    CAUSE.name: _describe_cause,
    VERDICT.name: _describe_verdict,
    DRAW.name: _describe_draw,
    MODE.name: _describe_mode,
    "backup": _describe_backup,
    "database": _describe_database,
    "reveal": _describe_reveal,
}


def _undone(event: Event) -> str:
    if event.after is None:
        return f"{named(event)} is as before it"
    if event.before is None:
        return f"{named(event)} is back: {mask(_values(event.after))}"
    return f"{named(event)}: {mask(_changes(event))}"


def _values(state: State) -> str:
    """What a state says, without what its subject says already."""
    fields = ("cause", "disposition", "severity", "owner", "ticket", "due", "title", "value")
    parts = [_shown(state[name]) for name in fields if state.get(name)]
    parts += [f"also {', '.join(state['contributing'])}"] if state.get("contributing") else []
    parts += [f"“{_shown(state['note'])}”"] if state.get("note") else []
    return ", ".join(parts) or "nothing more"


def _changes(event: Event) -> str:
    """The fields that differ, with their values before and after."""
    before, after = event.before or {}, event.after or {}
    changed = [
        name
        for name, value in after.items()
        if name not in _LEFT_OUT and (value or None) not in (before.get(name) or None, event.subject.split(":")[-1])
    ]
    changes = [f"{name.replace('_', ' ')} {_quoted(before.get(name))} → {_quoted(after[name])}" for name in changed]
    return "; ".join(changes) or "said again"


def _quoted(value: Any) -> str:
    return f"“{_shown(value)}”" if isinstance(value, str) and " " in value else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return formatting.count(len(value), "entry", "entries")
    if isinstance(value, list):
        value = ", ".join(str(part.get("cluster", part)) if isinstance(part, dict) else str(part) for part in value)
    return formatting.shortened(" ".join(str(value).split()), _SHORT) if value not in (None, "") else "nothing"
