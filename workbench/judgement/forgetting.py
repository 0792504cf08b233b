"""What forgetting a text did, or would do, in words: for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.judgement.records.events import Forgotten
from workbench.text import formatting

LISTED = 20
REGISTERED = "registered:"


def in_words(found: Forgotten, *, done: bool) -> list[str]:
    """What is blanked, and where the text still stands, a line for each; the text itself is in none of them."""
    clusters = [one.removeprefix(REGISTERED) for one in found.still_in if one.startswith(REGISTERED)]
    states = [one for one in found.still_in if not one.startswith(REGISTERED)]
    lines = [
        _blanked(found, done),
        f"As who acted, or on what, it stays in {_events(found.named_in)}: the chain needs these."
        if found.named_in
        else "",
        f"It stands in what holds now: {_listed(states)}. Change that, and forget it again." if states else "",
        f"Clusters are named with it: {_listed(clusters)}. Names come from the logs." if clusters else "",
        "It may still stand in the database's write-ahead log, since somebody was reading. "
        "Give this command again when nobody is."
        if found.in_log
        else "",
        f"Earlier states of the store were not looked into: {_listed(found.copies)}. Delete those that nobody needs."
        if found.copies
        else "",
        "Imported logs are evidence and stay as they are: undo the import. Backups elsewhere may hold it, too.",
    ]
    return [line for line in lines if line]


def _blanked(found: Forgotten, done: bool) -> str:
    if not found.events:
        return "No event says it."
    if done:
        return f"What {_events(found.events)} said is forgotten."
    return f"What {_events(found.events)} said would be forgotten, for good."


def _events(sequences: Sequence[int]) -> str:
    return f"{'event' if len(sequences) == 1 else 'events'} {_listed([f'{one:,}' for one in sequences])}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {formatting.count(more, 'more', 'more')}" if more > 0 else "")
