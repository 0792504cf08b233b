"""Why a cluster is thought to be one problem, in one sentence: since when, with which release, what parts it from successes.

Pages, the session and tickets quote it; each part stands only where it passed its own test, and brings its numbers along.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workbench.bench.cluster_detail import BehaviourRow, SuspectRow
from workbench.clusters.suspects import Onset
from workbench.dates import monday
from workbench.failures.circumstances import CHANGES
from workbench.text.formatting import day, percent, shortened

CIRCUMSTANCES = {"prompt_version": "prompt", "model_version": "model version"}
"""Kinds of circumstances whose code is not what people call them."""
_VALUE_SHOWN, _BEHAVIOUR_SHOWN = 60, 160


def why(
    onset: Onset | None,
    suspects: Sequence[SuspectRow],
    parted: Sequence[BehaviourRow],
    first_seen: datetime | None = None,
) -> str:
    """The sentence, in log text that is masked already and not escaped; `suspects` and `parted` come best first."""
    began = _began(onset, first_seen)
    came_with = next((_suspect(row) for row in suspects if row.stands and row.kind in CHANGES), "")
    contrast = _contrast(parted[0]) if parted else ""
    if not (came_with or contrast):
        nothing = "nothing sets it apart yet from the same requests that worked, and no release or prompt came with it"
        return f"{began}; {nothing}." if began else f"{nothing[0].upper()}{nothing[1:]}."
    sentence = "; ".join(part for part in (began, came_with, contrast) if part)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _began(onset: Onset | None, first_seen: datetime | None) -> str:
    if onset is None:
        return f"Seen since {day(first_seen)}, without a week from which it clearly rises" if first_seen else ""
    return (
        f"Since the week of {day(monday(onset.week))}: {onset.failures:,} of {onset.eligible:,} failed this way, "
        f"{onset.failures_before:,} of {onset.eligible_before:,} before"
    )


def _suspect(row: SuspectRow) -> str:
    named = f"{CIRCUMSTANCES.get(row.kind, row.kind)} {shortened(row.value, _VALUE_SHOWN)}"
    verb = "begins with" if row.begins else "more often with"
    without = f"{percent(row.elsewhere)} without it" if row.elsewhere else "never without it"
    return f"{verb} {named} ({row.hits:,} of {row.total:,}, {without})"


def _contrast(row: BehaviourRow) -> str:
    """What failures do that matched successes don't, or leave out that these do."""
    rarer = row.failing * row.worked < row.working * row.failures
    behaviour = shortened(row.text, _BEHAVIOUR_SHOWN)
    here = f"only {_of(row.failing, row.failures)}" if rarer and row.failing else _of(row.failing, row.failures)
    return f"{behaviour} in {here} failures, in {_of(row.working, row.worked)} of the same requests that worked"


def _of(count: int, total: int) -> str:
    return f"{count:,} of {total:,}" if count else f"none of {total:,}"
