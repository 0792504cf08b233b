"""Does a cluster's label hold for its members? Five of them at random, and what everybody who read some says."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.bench.bench import Bench
from workbench.bench.failure_rows import MemberRow
from workbench.errors import UserError
from workbench.judgement.records.labels import Label
from workbench.judgement.records.reading import CheckScope, Draw
from workbench.review.blind_rounds import cause_or_not
from workbench.stats import wilson
from workbench.text import formatting

DRAWN = 5
NO_FAILURE = ("not-a-bug", "judged-wrong")
"""Dispositions that a verdict "fine" agrees with."""


@dataclass(frozen=True)
class Checked:
    """How far what people said of a cluster's members agrees with its label."""

    members: int
    """All of them."""
    read: int
    """Those that somebody read."""
    judged: int
    """Those of which a person said what it is: by a label of their own, or by finding that nothing failed."""
    agreeing: int
    """Judged ones that agree with the label."""
    drawn: int
    """Judged ones that were drawn at random; the others may be read because they stood out."""

    def sentence(self) -> str:
        """How far the label is checked, in one sentence."""
        if not self.read:
            return f"None of {formatting.count(self.members, 'member')} was read yet."
        read = f"{self.read} of {formatting.count(self.members, 'member')} read"
        if not self.judged:
            return f"{read}; none of them says what it is."
        low, high = wilson(self.agreeing, self.judged)
        chosen = "" if self.drawn == self.judged else ", as far as those read are typical"
        return (
            f"{read}; {self.agreeing} of {self.judged} agree with this label "
            f"(95 % interval {formatting.interval(low, high)}{chosen})."
        )


@dataclass(frozen=True)
class CheckList:
    """Members drawn to check a cluster's label, and what was said of each since."""

    draw: Draw
    """Who was drawn, when, and from what."""
    cluster: str
    """The FC-id whose label is checked."""
    label: Label | None
    """That label; None where it was taken off since."""
    own_labels: dict[str, Label]
    """What was said of members themselves, by key."""

    @property
    def first_open(self) -> int:
        """The 0-based place to go on at; beyond the last where all are checked."""
        keys = self.draw.conversations
        return next((place for place, key in enumerate(keys) if key not in self.own_labels), len(keys))


def code_of(label: Label | None) -> str | None:
    """What a label says it is: its cause, else its disposition."""
    return (label.cause or label.disposition) if label else None


def checked(label: Label, members: Sequence[MemberRow], labels: Mapping[tuple[str, str], Label]) -> Checked:
    """How far a cluster's label is borne out by its members' own labels and by readers' verdicts."""
    read = judged = agreeing = drawn = 0
    for member in members:
        own = labels.get(("conversation", member.key))
        code = code_of(own)
        if code is None and member.agreed == "fine":
            code = code_of(label) if code_of(label) in NO_FAILURE else "fine"
        read += own is not None or bool(member.read_by)
        judged += code is not None
        agreeing += code is not None and code == code_of(label)
        drawn += code is not None and own is not None and "draw" in own.about
    return Checked(len(members), read, judged, agreeing, drawn)


def draw_five(bench: Bench, cluster: str) -> Draw:
    """Draw up to five members that have no label of their own, at random; the draw and its seed are kept.

    Raises `UserError` where every member is labelled already.
    """
    labels = bench.judgement.labels.all()
    members = bench.cluster(cluster).members
    waiting = sorted(member.key for member in members if ("conversation", member.key) not in labels)
    if not waiting:
        raise UserError(f"Every member of {cluster} has a label of its own already: there is nothing to draw.")
    seed = secrets.randbelow(2**31)
    keys = random.Random(seed).sample(waiting, min(DRAWN, len(waiting)))
    return bench.judgement.draws.add(
        keys, actor=bench.actor, population=len(waiting), seed=seed, scope=CheckScope(cluster)
    )


def check_list(bench: Bench, draw: str) -> CheckList:
    """The members drawn under this number, as they stand; `UserError` where it is no such draw."""
    drawn = next((entry for entry in bench.judgement.draws.all() if entry.draw == draw), None)
    if drawn is None or not isinstance(drawn.scope, CheckScope):
        raise UserError(f"There is no check {draw}. Label a cluster and choose “check five”.")
    labels = bench.judgement.labels.all()
    cluster = drawn.scope.check
    own_labels = {key: label for key in drawn.conversations if (label := labels.get(("conversation", key)))}
    return CheckList(drawn, cluster, labels.get(("cluster", cluster)), own_labels)


def say(bench: Bench, listed: CheckList, key: str, code: str) -> Label:
    """Say what one of the drawn members is, by its code; the draw stays with it."""
    row = bench.evidence.contexts([key]).get(key)
    about = {
        "bot": row.bot if row else None,
        "conversation_id": row.conversation_id if row else None,
        "draw": listed.draw.draw,
    }
    return bench.judgement.labels.set("conversation", key, actor=bench.actor, about=about, **cause_or_not(code))


def next_unlabelled(bench: Bench, ranked: Sequence[str], here: str) -> str | None:
    """The next cluster of a ranked list, from `here` on and around, of which nobody said what it is."""
    labels = bench.judgement.labels.all()
    at = ranked.index(here) + 1 if here in ranked else 0
    return next(
        (
            cluster
            for cluster in [*ranked[at:], *ranked[:at]]
            if cluster != here and not code_of(labels.get(("cluster", cluster)))
        ),
        None,
    )
