"""What people said, kept for good: labels, tickets, owners, triage sessions, the identity register, every change of them.

Small and precious: it can't be built again from the logs. Every change appends an event to a hash chain in the same
transaction (`journal`, `hash_chain`); SQLite by default, PostgreSQL by URL (`database`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from workbench.dates import utc_now
from workbench.judgement import undo
from workbench.judgement.causes import Causes
from workbench.judgement.cluster_edits import ClusterEdits
from workbench.judgement.copies import Copies
from workbench.judgement.draws import Draws
from workbench.judgement.erasing import Erasing
from workbench.judgement.failure_modes import FailureModes
from workbench.judgement.journal import Journal
from workbench.judgement.labels import Labels
from workbench.judgement.pod import Pod
from workbench.judgement.prompts import Prompts
from workbench.judgement.records.events import Event
from workbench.judgement.register import Register
from workbench.judgement.reservations import Reservations
from workbench.judgement.reveals import Reveals
from workbench.judgement.rounds import Rounds
from workbench.judgement.sessions import Sessions
from workbench.judgement.tickets import Tickets
from workbench.judgement.verdicts import Verdicts


class Judgement:
    """The judgement store at a database URL: created where it is empty, migrated (after a copy) where it is older.

    A part for each subject, all over one journal. Safe to share between threads; several processes may open one store.
    Every writing method takes the `actor`, and raises `UserError` where it is empty. `clock` gives naive UTC; with `anew` a new
    file may begin where one with saved events is gone.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = utc_now, anew: bool = False) -> None:
        self.journal = journal = Journal(url, clock, anew)
        self.labels = Labels(journal)
        self.tickets = Tickets(journal)
        self.sessions = Sessions(journal)
        self.verdicts = Verdicts(journal)
        self.draws = Draws(journal)
        self.modes = FailureModes(journal)
        self.rounds = Rounds(journal)
        self.reservations = Reservations(journal)
        self.causes = Causes(journal)
        self.edits = ClusterEdits(journal)
        self.register = Register(journal)
        self.pod = Pod(journal)
        self.prompts = Prompts(journal)
        self.copies = Copies(journal)
        self.erasing = Erasing(journal)
        self.reveals = Reveals(journal)

    def undo(self, sequence: int, actor: str) -> Event:
        """Restore what stood before an event, as a new event, which can itself be undone; see `undo.undo`."""
        return undo.undo(self.journal, sequence, actor)

    def close(self) -> None:
        """Let go of the database."""
        self.journal.close()
