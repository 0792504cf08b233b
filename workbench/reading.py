"""Reading conversations: which to read next, what readers settled, and what a random sample of them tells of all.

Pure: no store and no drawing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from workbench.judgement_records import Verdict


def settled(verdicts: Iterable[Verdict]) -> str | None:
    """What readers found in one conversation, "fine" or "failed"; None where none is sure, or they disagree."""
    said = {verdict.verdict for verdict in verdicts} - {"unsure"}
    return said.pop() if len(said) == 1 else None
