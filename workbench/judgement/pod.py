"""The pod: who owns which bot and cluster, what is muted, who the people are, and how the pod has set things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Unpack

import sqlalchemy as sa

from workbench.access import SIGN_IN, likeness
from workbench.dates import DEFAULT_ZONE, checked_zone
from workbench.errors import Denied, UserError
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import BOT, MUTE, OWNER, PERSON, SETTING, TICKET
from workbench.judgement.records.pod import ROLES, TOOL_KINDS, Bot, BotChange, Mute, Owner, Person, Setting
from workbench.judgement.roles import keep_a_lead, require_role, role_of
from workbench.judgement.tables import registered
from workbench.judgement.tickets import number
from workbench.judgement.undo import TIME_ZONE_SET

TIME_ZONE = "time zone"
"""The setting that names the zone whose weeks are counted."""
VIEW = "view:"
"""What the names of settings that hold saved views begin with."""
LONGEST_VIEW = 60


class Pod(JournalPart):
    """Owners, mutes, people and settings of a judgement store."""

    def bots(self) -> dict[str, Bot]:
        """What people said of each bot; a bot that nobody spoke of is absent."""
        return {bot.bot: bot for bot in self._journal.all(BOT)}

    def set_bot(self, bot: str, *, actor: str, **changes: Unpack[BotChange]) -> Bot:
        """Change who answers for a bot, or what its tools do; what is not given stays."""
        wrong = {tool: kind for tool, kind in changes.get("tools", {}).items() if kind not in TOOL_KINDS}
        if wrong:
            raise UserError(f"A tool is one of {', '.join(TOOL_KINDS)}; got {wrong}.")
        with self._journal.changing(actor) as change:
            entry = change.get(BOT, bot) or Bot(bot)
            return change.put(BOT, (bot,), replace(entry, **changes), "set") or entry

    def set_bots(self, changes: Mapping[str, BotChange], *, actor: str) -> list[int]:
        """Change several bots, all or none; the sequences of the events that it took."""
        with self._journal.changing(actor) as change:
            return _each(
                change,
                list(changes),
                lambda bot: change.put(BOT, (bot,), replace(change.get(BOT, bot) or Bot(bot), **changes[bot]), "set"),
            )

    def set_owner(self, cluster: str, owner: str | None, *, actor: str) -> None:
        """Name a cluster's owner; None leaves it to its ticket and its bot again."""
        with self._journal.changing(actor) as change:
            put_owner(change, cluster, owner)

    def set_owner_each(self, clusters: Sequence[str], owner: str | None, *, actor: str) -> list[int]:
        """Name the owner of several clusters, all or none; the sequences of the events that it took."""
        with self._journal.changing(actor) as change:
            return _each(change, clusters, lambda cluster: put_owner(change, cluster, owner))

    def owners(self) -> dict[str, str]:
        """The owner of each cluster that has one: named by a person, else its newest live ticket's, else its bot's."""
        with self._journal.reading() as connection:
            clusters = connection.execute(sa.select(registered.c.cluster, registered.c.bot)).all()
        bots = self.bots()
        answering = {cluster: bots[bot].owner for cluster, bot in clusters if bot in bots}
        for ticket in sorted(self._journal.all(TICKET), key=number):
            if ticket.owner and ticket.status != "wont-fix":
                answering |= dict.fromkeys(ticket.clusters, ticket.owner)
        answering |= {owner.cluster: owner.owner for owner in self._journal.all(OWNER)}
        return {cluster: owner for cluster, owner in answering.items() if owner}

    def mute(self, cluster: str, until: date, *, actor: str) -> None:
        """Hide a cluster from what needs attention, up to and without the day `until`."""
        with self._journal.changing(actor) as change:
            change.put(MUTE, (cluster,), Mute(cluster, until, change.actor, change.at), "muted")

    def mute_each(self, clusters: Sequence[str], until: date, *, actor: str) -> list[int]:
        """Mute several clusters up to and without a day, all or none; the sequences of the events that it took."""
        with self._journal.changing(actor) as change:
            return _each(
                change,
                clusters,
                lambda cluster: change.put(MUTE, (cluster,), Mute(cluster, until, change.actor, change.at), "muted"),
            )

    def unmute(self, cluster: str, *, actor: str) -> None:
        """Show a cluster again before its mute has run out."""
        with self._journal.changing(actor) as change:
            change.put(MUTE, (cluster,), None, "unmuted")

    def mutes(self) -> dict[str, Mute]:
        """Every mute by cluster, those that have run out too."""
        return {mute.cluster: mute for mute in self._journal.all(MUTE)}

    def people(self) -> list[Person]:
        """Every remembered person, by name."""
        return self._journal.all(PERSON)

    def remember(self, name: str) -> None:
        """Remember the name of somebody who works here; nothing happens where it is known. `Denied` for one that is too like another's."""
        name = name.strip()
        if self._journal.get(PERSON, name) is None:
            with self._journal.changing(name, None) as change:
                if change.get(PERSON, name) is None:
                    _require_unlike(change, name)
                    change.put(PERSON, (name,), Person(name), "joined")

    def admit(self, name: str, role: str | None, *, roles_given: bool) -> None:
        """Remember who signed in and, where the provider gives the roles, the one that they have there now (None: none).

        The change is the sign-in's own, whoever signs in and whatever their role. `Denied` for a name that is too like another's.
        """
        with self._journal.changing(SIGN_IN, None) as change:
            before = change.get(PERSON, name)
            if before is None:
                _require_unlike(change, name)
            if before is None or roles_given:
                change.put(PERSON, (name,), Person(name, role), "role set" if before else "joined")

    def role_of(self, name: str) -> str:
        """A person's role. Whoever was given none is a lead on a local store, or while nobody has a role; else a viewer."""
        with self._journal.reading() as connection:
            return role_of(connection, name.strip(), self._journal.local)

    def require_role(self, actor: str, least: str = "triager") -> None:
        """`Denied` unless the actor has at least this role: for what changes the store outside of this database."""
        with self._journal.reading() as connection:
            require_role(connection, actor.strip(), least, self._journal.local)

    def set_role(self, name: str, role: str | None, *, actor: str) -> None:
        """Give a person a role; None leaves it to the default again. `UserError` where that left no lead."""
        if role is not None and role not in ROLES:
            raise UserError(f"{role!r} is no role. There are: {', '.join(ROLES)}.")
        with self._journal.changing(actor, "lead") as change:
            change.put(PERSON, (name.strip(),), Person(name.strip(), role), "role set")
            keep_a_lead(change.connection, change.local)

    def settings(self) -> dict[str, Any]:
        """Every setting that somebody made, by name."""
        return {setting.name: setting.value for setting in self._journal.all(SETTING)}

    def time_zone(self) -> str:
        """The zone by whose clocks the pod's weeks begin; UTC where none is set."""
        return str(self.settings().get(TIME_ZONE, DEFAULT_ZONE))

    def set_time_zone(self, name: str | None, *, actor: str) -> str:
        """Set that zone for the analyses to come, and say how its name is spelled; None goes back to UTC.

        Raises `UserError` where there is no such zone, `Denied` for whoever is no lead.
        """
        zone = checked_zone(name or DEFAULT_ZONE)
        with self._journal.changing(actor, "lead") as change:
            change.put(SETTING, (TIME_ZONE,), None if zone == DEFAULT_ZONE else Setting(TIME_ZONE, zone), TIME_ZONE_SET)
        return zone

    def set_setting(self, name: str, value: Any, *, actor: str) -> None:
        """Set a value that JSON holds; None goes back to the default."""
        with self._journal.changing(actor) as change:
            change.put(SETTING, (name,), None if value is None else Setting(name, value), "set")

    def views(self) -> dict[str, dict[str, list[str]]]:
        """The saved views by name: the values of each part of an address."""
        kept = self.settings().items()
        return {name.removeprefix(VIEW): value for name, value in sorted(kept) if name.startswith(VIEW)}

    def save_view(self, name: str, parts: Mapping[str, Sequence[str]] | None, *, actor: str) -> None:
        """Save a view under a name, in the place of one that has it; None deletes it. `UserError` for a name that can't be one."""
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_VIEW:
            raise UserError(f"A view needs a name of at most {LONGEST_VIEW} characters; got {len(name)}.")
        value = None if parts is None else {part: list(values) for part, values in parts.items()}
        with self._journal.changing(actor) as change:
            state = None if value is None else Setting(VIEW + name, value)
            change.put(SETTING, (VIEW + name,), state, "view saved" if state else "view deleted")


def _require_unlike(change: Change, name: str) -> None:
    """`Denied` for a new name that differs from a remembered one in case or spelling only: on screen the two would be one person."""
    like = next((person.name for person in change.all(PERSON) if likeness(person.name) == likeness(name)), None)
    if like is not None:
        raise Denied(
            f"{name!r} is too like {like!r}, who works here. Whoever is the same person writes the name as it stands there; "
            f"for another person, or a name that was changed elsewhere, a lead gives {name!r} a role first."
        )


def _each(change: Change, clusters: Sequence[str], put: Callable[[str], object]) -> list[int]:
    """Do something with each cluster, and give the events that it took: none where nothing changes."""
    sequences: list[int] = []
    for cluster in dict.fromkeys(clusters):
        before = change.sequence
        put(cluster)
        sequences += range(before + 1, change.sequence + 1)
    return sequences


def put_owner(change: Change, cluster: str, owner: str | None) -> None:
    """Name a cluster's owner within a change."""
    owner = (owner or "").strip()
    state = Owner(cluster, owner, change.actor, change.at) if owner else None
    change.put(OWNER, (cluster,), state, "owner named" if owner else "owner removed")
