"""The pod's own root causes: added, reworded, merged, retired; what was said with a merged one follows, as events."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa

from workbench.errors import UserError
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import CAUSE, LABEL, MODE, TICKET, Kind
from workbench.judgement.records.causes import CauseEdit
from workbench.judgement.records.labels import Label
from workbench.judgement.tables import causes
from workbench.judgement.taxonomy import CAUSES, Cause, CauseRow, Taxonomy
from workbench.judgement.undo import FOLLOWED, MERGED, TAKEN_BACK, followers, last_merge, restore_state

_FOLLOWING: tuple[Kind[Any], ...] = (LABEL, TICKET, MODE)
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_CODE = 40


class CauseChange(TypedDict, total=False):
    """The words of a root cause that a person edits."""

    title: str
    meaning: str
    discipline: str
    hint: str
    examples: Sequence[str]


@dataclass(frozen=True)
class CauseUse:
    """How often a code is said."""

    clusters: int = 0
    """Labels of clusters with it as the primary cause."""
    conversations: int = 0
    """Labels of conversations with it as the primary cause."""
    contributing: int = 0
    """Labels with it as a contributing cause."""
    tickets: int = 0
    """Tickets with it."""


class Causes(JournalPart):
    """The taxonomy of a judgement store. Adding and wording take a triager, merging and retiring a lead."""

    def taxonomy(self) -> Taxonomy:
        """The root causes as the pod has them now: the defaults in their order, then what the pod added, by code."""
        with self._journal.reading() as connection:
            return pod_taxonomy(connection)

    def add(self, code: str, *, actor: str, **words: Unpack[CauseChange]) -> CauseEdit:
        """Add a root cause; `UserError` where the code is taken or no code (small letters, digits, hyphens)."""
        code = code.strip().lower()
        if not _CODE.fullmatch(code) or len(code) > LONGEST_CODE:
            raise UserError(
                f"{code!r} can't be a code. Use small letters, digits and hyphens, like late-refund, up to {LONGEST_CODE}."
            )
        with self._journal.changing(actor) as change:
            if code in pod_taxonomy(change.connection).causes:
                raise UserError(f"There is a root cause {code!r} already. Edit that, or choose another code.")
            return _put(change, replace(CauseEdit(code), **_words(words)), "added")

    def edit(self, code: str, version: int | None = None, *, actor: str, **words: Unpack[CauseChange]) -> CauseEdit:
        """Change the words of a root cause; a `version` is the one that the person saw (0: the default, unchanged)."""
        with self._journal.changing(actor) as change:
            change.check_version(CAUSE, (code,), version)
            return _put(change, replace(_standing(change, code), **_words(words)), "edited")

    def retire(self, code: str, *, actor: str, retired: bool = True) -> CauseEdit:
        """Offer a root cause no more, or again; what was labelled with it stays as it is."""
        with self._journal.changing(actor, "lead") as change:
            edit = _standing(change, code)
            if edit.merged_into:
                raise UserError(f"{code} was merged into {edit.merged_into}. Take the merge back instead.")
            if retired and list(pod_taxonomy(change.connection).offered()) == [code]:
                raise UserError(f"{code} is the last root cause that is offered. Add another one first.")
            return _put(change, replace(edit, retired=retired), "retired" if retired else "offered again")

    def merge(self, code: str, into: str, *, actor: str) -> int:
        """Merge a root cause into another, and give how many labels, tickets and failure modes followed.

        Each of them is an event of its own. What a triage session decided and what raters voted stays as it was said.
        """
        with self._journal.changing(actor, "lead") as change:
            taxonomy = pod_taxonomy(change.connection)
            into = taxonomy.code(into)
            edit = _standing(change, code)
            if code == into:
                raise UserError(f"{code} can't be merged into itself. Choose another one.")
            if edit.merged_into:
                raise UserError(f"{code} was merged into {edit.merged_into} already.")
            _put(change, replace(edit, retired=True, merged_into=into), MERGED)
            saying = [(kind, record) for kind in _FOLLOWING for record in change.all(kind)]
            return sum(_follow(change, kind, record, code, into) for kind, record in saying)

    def unmerge(self, code: str, *, actor: str) -> int:
        """Take a merge back, and give how many labels, tickets and modes came back; what changed since stays as it is."""
        with self._journal.changing(actor, "lead") as change:
            edit = _standing(change, code)
            if not edit.merged_into:
                raise UserError(f"{code} was not merged into another root cause.")
            merge = last_merge(change, CAUSE.subject((code,)))
            _put(change, replace(edit, retired=False, merged_into=None), TAKEN_BACK)
            return sum(restore_state(change, event) for event in followers(change, merge)) if merge else 0

    def rows(self) -> list[CauseRow]:
        """Every root cause with how often it is said, those that are offered first."""
        uses, versions = self.uses(), {edit.code: edit.version for edit in self._journal.all(CAUSE)}
        rows = [
            CauseRow(
                code,
                cause.title,
                cause.meaning,
                cause.discipline,
                cause.hint,
                cause.examples,
                "merged" if cause.merged_into else "retired" if cause.retired else "offered",
                cause.merged_into,
                **vars(uses.get(code, CauseUse())),
                version=versions.get(code, 0),
            )
            for code, cause in self.taxonomy().causes.items()
        ]
        return sorted(rows, key=lambda row: row.state != "offered")

    def uses(self) -> dict[str, CauseUse]:
        """How often each code is said now."""
        labels = self._journal.all(LABEL)
        primary = Counter((label.target_kind, label.cause) for label in labels)
        contributing = Counter(code for label in labels for code in label.contributing)
        tickets = Counter(ticket.cause for ticket in self._journal.all(TICKET))
        codes = {code for _, code in primary} | set(contributing) | set(tickets)
        return {
            code: CauseUse(primary["cluster", code], primary["conversation", code], contributing[code], tickets[code])
            for code in codes
            if code
        }


def pod_taxonomy(connection: sa.Connection) -> Taxonomy:
    """The root causes that hold within a transaction."""
    rows = connection.execute(sa.select(causes).order_by(causes.c.code)).mappings()
    edits = [CauseEdit(**row) for row in rows]
    return Taxonomy({**CAUSES, **{edit.code: _cause(edit) for edit in edits}})


def _cause(edit: CauseEdit) -> Cause:
    return Cause(
        edit.code,
        edit.title,
        edit.meaning,
        edit.discipline,
        edit.hint,
        tuple(edit.examples),
        edit.retired,
        edit.merged_into,
    )


def _words(given: CauseChange) -> Any:
    """The words as they are kept: without white space around, and no empty examples."""
    kept: dict[str, Any] = {name: value.strip() for name, value in given.items() if isinstance(value, str)}
    if "examples" in given:
        kept["examples"] = [line.strip() for line in given["examples"] if line.strip()]
    return kept


def _standing(change: Change, code: str) -> CauseEdit:
    """What stands of a root cause, whoever wrote it; `UserError` where there is none."""
    edit = change.get(CAUSE, code)
    if edit is not None:
        return edit
    if code not in CAUSES:
        raise UserError(f"There is no root cause {code!r}.")
    default = CAUSES[code]
    return CauseEdit(code, default.title, default.meaning, default.discipline, default.hint, list(default.examples))


def _put(change: Change, edit: CauseEdit, what: str) -> CauseEdit:
    if not edit.title:
        raise UserError(f"The root cause {edit.code} needs a title.")
    return change.put(CAUSE, (edit.code,), replace(edit, by=change.actor, at=change.at), what) or edit


# ── merging ──


def _follow(change: Change, kind: Kind[Any], record: Any, code: str, into: str) -> bool:
    """Let one state follow from `code` to `into`; who said it, and when, stays. Whether it named the code."""
    moved = replace(record, cause=into if record.cause == code else record.cause)
    if isinstance(moved, Label):
        renamed = dict.fromkeys(into if contributed == code else contributed for contributed in moved.contributing)
        moved = replace(moved, contributing=[contributed for contributed in renamed if contributed != moved.cause])
    if moved == record:
        return False
    key = tuple(getattr(record, column.name) for column in kind.table.primary_key)
    change.put(kind, key, moved, f"{FOLLOWED} {code}")
    return True
