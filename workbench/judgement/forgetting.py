"""What forgetting a text did, or would do, in words: for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.judgement.records.events import Forgotten
from workbench.text import formatting

LISTED = 20
REGISTERED = "registered:"


def describe_forgotten(forgotten: Forgotten, *, done: bool) -> list[str]:
    """What is blanked, and where the text still stands, a line for each; the text itself is in none of them."""
    clusters = [subject.removeprefix(REGISTERED) for subject in forgotten.still_in if subject.startswith(REGISTERED)]
    states = [subject for subject in forgotten.still_in if not subject.startswith(REGISTERED)]
    lines = [
        _blanked(forgotten, done),
        f"As who acted, or on what, it stays in {_events(forgotten.named_in)}: the chain needs these."
        if forgotten.named_in
        else "",
        f"It stands in what holds now: {_listed(states)}. Change that, and forget it again." if states else "",
        f"Clusters are named with it: {_listed(clusters)}. Names come from the logs." if clusters else "",
        "It may still stand in the database's write-ahead log, since somebody was reading. "
        "Give this command again when nobody is."
        if forgotten.in_log
        else "",
        f"Earlier states of the store were not looked into: {_listed(forgotten.copies)}. Delete those that nobody needs."
        if forgotten.copies
        else "",
        "Imported logs are evidence and stay as they are: undo the import. Backups elsewhere may hold it, too.",
    ]
    return [line for line in lines if line]


def _blanked(forgotten: Forgotten, done: bool) -> str:
    if not forgotten.events:
        return "No event says it."
    if done:
        return f"What {_events(forgotten.events)} said is forgotten."
    return f"What {_events(forgotten.events)} said would be forgotten, for good."


def _events(sequences: Sequence[int]) -> str:
    return f"{'event' if len(sequences) == 1 else 'events'} {_listed([f'{sequence:,}' for sequence in sequences])}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {formatting.count(more, 'more', 'more')}" if more > 0 else "")
