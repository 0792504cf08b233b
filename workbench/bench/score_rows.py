"""What the workbench and people say of a conversation, for the tools that logged it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoreRow:
    """One conversation of `export scores`."""

    conversation_id: str
    """The id as logged: of a session, else of a trace."""
    bot: str
    """Its bot."""
    trace_id: str | None
    """The trace that it is, where the log knows no session of it."""
    failed: bool
    """Whether it counts as failing: as readers agree, else as the analysis has it."""
    failed_source: str
    """person or workbench."""
    failing_turn: int | None
    """Where it most likely went wrong, from 0."""
    root_cause: str | None
    """A code of the taxonomy."""
    root_cause_source: str | None
    """person, cluster or suggested."""
    note: str | None
    """What the person wrote who named the cause, masked."""
    severity: str | None
    """S1 to S4."""
    severity_source: str | None
    """person or suggested."""
    cluster: str | None
    """Its cluster."""
    cluster_name: str | None
    """What was observed of the cluster, masked."""
    ticket: str | None
    """The newest live ticket of the cluster."""
