"""What people said, kept for good: labels, tickets, owners, triage sessions, the identity register, every change of them.

Small and precious: it can't be built again from the logs. Every change appends an event to a hash chain in the same
transaction (`judgement_journal`, `judgement_chain`); SQLite by default, PostgreSQL by URL (`judgement_database`).
"""

from __future__ import annotations

from workbench.judgement.causes import TaxonomyStore
from workbench.judgement.cluster_edits import Acts
from workbench.judgement.copies import Copies
from workbench.judgement.labels import Labels
from workbench.judgement.pod import Pod
from workbench.judgement.register import Register
from workbench.judgement.rounds import Rounds
from workbench.judgement.sessions import Sessions
from workbench.judgement.tickets import Tickets
from workbench.judgement.undo import Undo
from workbench.judgement.verdicts import Reading


class Judgement(Labels, Register, Acts, Tickets, Pod, Sessions, Reading, Rounds, TaxonomyStore, Copies, Undo):
    """The judgement store at a database URL: created where it is empty, migrated (after a copy) where it is older.

    Safe to share between threads; several processes may open one store. Every writing method takes the `actor`, and
    raises `UserError` where it is empty. `clock` gives naive UTC.
    """
