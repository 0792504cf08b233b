"""Labels: what people say of a cluster, or of one conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

from workbench.errors import UserError
from workbench.judgement.causes import pod_taxonomy
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import LABEL
from workbench.judgement.records.labels import TARGET_KINDS, Label, LabelChange
from workbench.judgement.taxonomy import disposition_code, severity_code

_SAYS_NOTHING = "A label says something: a root cause, a disposition, a severity or a note."
_VOTED = ("round", "votes")


class Labels(JournalPart):
    """The labels of a judgement store."""

    def set(
        self,
        target_kind: str,
        target: str,
        *,
        actor: str,
        cause: str | None = None,
        contributing: Sequence[str] = (),
        disposition: str | None = None,
        severity: str | None = None,
        note: str = "",
        about: dict[str, Any] | None = None,
        inherited_from: str | None = None,
        version: int | None = None,
    ) -> Label:
        """Say what is wrong with a cluster or a conversation; it replaces what was said of it before.

        A `version` is that of the label which the person saw (0: there was none). Raises `UserError` for a code that
        the taxonomy does not have and for a label that says nothing, `Conflict` where somebody was faster.
        """
        label = Label(
            target_kind,
            target,
            cause or None,
            list(contributing),
            disposition_code(disposition) if disposition else None,
            severity_code(severity) if severity else None,
            note.strip(),
            about=about or {},
            inherited_from=inherited_from,
        )
        with self._journal.changing(actor) as change:
            change.check_version(LABEL, (target_kind, target), version)
            return put_label(change, label)

    def set_each(
        self,
        targets: Mapping[str, dict[str, Any]],
        *,
        actor: str,
        target_kind: str = "conversation",
        cause: str | None = None,
        contributing: Sequence[str] = (),
        disposition: str | None = None,
        severity: str | None = None,
        note: str = "",
    ) -> list[Label]:
        """Say the same of several conversations or clusters, all of them or none; the values are what is known `about` each."""
        disposition = disposition_code(disposition) if disposition else None
        severity = severity_code(severity) if severity else None
        parts = (cause or None, list(contributing), disposition, severity, note.strip())
        with self._journal.changing(actor) as change:
            return [
                put_label(change, Label(target_kind, target, *parts, about=about)) for target, about in targets.items()
            ]

    def add(
        self,
        target_kind: str,
        target: str,
        *,
        actor: str,
        about: dict[str, Any] | None = None,
        **parts: Unpack[LabelChange],
    ) -> Label | None:
        """Add to what is said of a cluster or a conversation: what is not given stays, what is given empty goes.

        None where nothing is said of it any more. Raises `UserError` like `label`.
        """
        with self._journal.changing(actor) as change:
            if not parts or (not any(parts.values()) and change.get(LABEL, target_kind, target) is None):
                raise UserError(_SAYS_NOTHING)
            return say_more(change, target_kind, target, parts, about)

    def remove(self, target_kind: str, target: str, *, actor: str) -> None:
        """Take a label back; `UserError` where there is none."""
        with self._journal.changing(actor) as change:
            if change.get(LABEL, target_kind, target) is None:
                raise UserError(f"The {target_kind} {target} has no label to remove.")
            change.put(LABEL, (target_kind, target), None, "unlabelled")

    def all(self) -> dict[tuple[str, str], Label]:
        """Every label by (target kind, target)."""
        return {(label.target_kind, label.target): label for label in self._journal.all(LABEL)}


def say_more(
    change: Change, target_kind: str, target: str, parts: LabelChange, about: dict[str, Any] | None = None
) -> Label | None:
    """Bring a label to what was said of its target: the rest of it stays, and one that says nothing any more is removed.

    Whoever says a root cause, a disposition or a severity has confirmed what the target inherited, also by saying the same.
    """
    stands = change.get(LABEL, target_kind, target)
    base = stands or Label(target_kind, target, about=about or {})
    disposition, severity = parts.get("disposition", base.disposition), parts.get("severity", base.severity)
    label = replace(
        base,
        cause=parts.get("cause", base.cause) or None,
        contributing=list(parts.get("contributing", base.contributing)),
        disposition=disposition_code(disposition) if disposition else None,
        severity=severity_code(severity) if severity else None,
        note=parts.get("note", base.note).strip(),
        inherited_from=None if parts.keys() & {"cause", "disposition", "severity"} else base.inherited_from,
    )
    if (label.cause, label.disposition) != (base.cause, base.disposition):
        # The votes of a round stand behind what they agreed on, and behind nothing else.
        label = replace(label, about={name: value for name, value in base.about.items() if name not in _VOTED})
    if label == base:
        return stands
    if label.decides or label.severity or label.note:
        return put_label(change, label)
    return change.put(LABEL, (target_kind, target), None, "unlabelled")


def _stands(previous: Label, label: Label) -> bool:
    """Whether a label says no other cause than was said before, and confirms none that was inherited."""
    confirms = previous.inherited_from is not None and label.inherited_from is None
    return (previous.cause, previous.disposition) == (label.cause, label.disposition) and not confirms


def put_label(change: Change, label: Label) -> Label:
    """Write a label within a change, by its actor and at its time.

    Raises `UserError` where it says nothing, or a root cause that isn't there or is retired; one that was said of the
    same target before may stay.
    """
    if label.target_kind not in TARGET_KINDS or not label.target:
        raise UserError(f"A {label.target_kind or 'nothing'} can't be labelled; give a cluster or a conversation.")
    if not (label.decides or label.severity or label.note):
        raise UserError(_SAYS_NOTHING)
    previous, taxonomy = change.get(LABEL, label.target_kind, label.target), pod_taxonomy(change.connection)
    standing = (previous.cause, *previous.contributing) if previous else ()
    cause = taxonomy.code(label.cause, *standing) if label.cause else None
    contributing = dict.fromkeys(taxonomy.code(code, *standing) for code in label.contributing)
    label = replace(
        label,
        cause=cause,
        contributing=[code for code in contributing if code != cause],
        by=change.actor,
        at=change.at,
    )
    if not label.decides:
        label = replace(label, decided_by=None, decided_at=None)
    elif previous and _stands(previous, label):
        label = replace(label, decided_by=previous.decided_by, decided_at=previous.decided_at)
    else:
        label = replace(label, decided_by=change.actor, decided_at=change.at)
    written = change.put(LABEL, (label.target_kind, label.target), label, "labelled")
    assert written is not None
    return written
