"""Who a store that people sign in to knows: its first lead, named by whoever starts the server, and who signed in."""

from __future__ import annotations

from workbench.errors import UserError
from workbench.judgement.store import Judgement
from workbench.store import Store


def require_lead(store: Store, lead: str) -> None:
    """Make the named person a lead; `UserError` where nobody would be one, since roles hold once people sign in."""
    judgement = Judgement(store.judgement_url)
    try:
        leads = [person.name for person in judgement.pod.people() if person.role == "lead"]
        if lead and lead not in leads:
            judgement.pod.set_role(lead, "lead", actor=lead)
        elif not leads:
            raise UserError("Nobody is a lead in this store yet. Name one as the proxy will: --lead NAME.")
    finally:
        judgement.close()


def admit(store: Store, name: str, role: str | None, *, roles_given: bool) -> None:
    """Remember who signed in at a provider and, where it gives the roles, the one that they have there now."""
    judgement = Judgement(store.judgement_url)
    try:
        judgement.pod.admit(name, role, roles_given=roles_given)
    finally:
        judgement.close()
