"""What people said, kept for good: labels, tickets, owners, triage sessions, the identity register, every change of them.

Small and precious: it can't be built again from the logs. Every change appends an event to a hash chain in the same
transaction (`judgement_journal`, `judgement_chain`); SQLite by default, PostgreSQL by URL (`judgement_database`).
"""

from __future__ import annotations

from workbench.judgement_acts import Acts
from workbench.judgement_agreement import Rounds
from workbench.judgement_copies import Copies
from workbench.judgement_labels import Labels
from workbench.judgement_pod import Pod
from workbench.judgement_reading import Reading
from workbench.judgement_register import Register
from workbench.judgement_sessions import Sessions
from workbench.judgement_taxonomy import TaxonomyStore
from workbench.judgement_tickets import Tickets
from workbench.judgement_undo import Undo


class Judgement(Labels, Register, Acts, Tickets, Pod, Sessions, Reading, Rounds, TaxonomyStore, Copies, Undo):
    """The judgement store at a database URL: created where it is empty, migrated (after a copy) where it is older.

    Safe to share between threads; several processes may open one store. Every writing method takes the `actor`, and
    raises `UserError` where it is empty. `clock` gives naive UTC.
    """
