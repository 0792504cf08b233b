"""The bench: the one façade that pages and commands call. Joins evidence with judgement, and masks what strangers wrote.

Log text leaves this module masked (conversation ids stay readable), so no page or export can forget to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from workbench.bench.acts import CauseActs, HistoryActs, ModeActs, PodActs, RoundActs, SessionActs, TicketActs
from workbench.bench.comparison import parted_rows, pattern_rows, strands_of, suspect_rows, worked_rows
from workbench.bench.overlay import LIVE, STATUSES, Standing
from workbench.bench.rows import (
    ClusterDetail,
    ClusterRow,
    ConversationDetail,
    Fact,
    FailingTurn,
    FailureRow,
    Filter,
    FilterChoices,
    LabelRow,
    MemberRow,
    SignalHit,
    StoreSummary,
    WeekRate,
    WorkedRow,
)
from workbench.bench.serving import Serving
from workbench.clusters.suspects import onset
from workbench.conversation import Conversation
from workbench.conversation.masked import masked, replayable
from workbench.conversation.outcome import derive
from workbench.errors import UserError
from workbench.evidence.queries import Evidence
from workbench.failures.learned_score import in_words
from workbench.failures.signals import REGISTRY
from workbench.judgement.disabled_signals import switches_of
from workbench.judgement.records import Forgotten, Label, LabelChange
from workbench.judgement.store import Judgement
from workbench.logs.uploads import as_given
from workbench.logs.values.records import Reject
from workbench.stats import wilson
from workbench.store import KEPT, Store
from workbench.text.masking import mask

if TYPE_CHECKING:
    from workbench.logs.parts import Manifest


class Bench:
    """One store, as one person sees it. `actor` is who writes; reading needs none. Safe for threads.

    Every call follows the store's pointer, so a build elsewhere shows at the next call. Raises `StoreMissing` while
    there is no snapshot, `UserError` for an id that isn't there.
    """

    def __init__(self, store: Store, actor: str = "") -> None:
        store.create()
        self.store = store
        self.judgement = Judgement(store.judgement_url)
        self._act_as(actor)
        self._serving = Serving(store, self.judgement)

    def close(self) -> None:
        """Let go of the files."""
        self._serving.close()
        self.judgement.close()

    def acting(self, actor: str) -> Bench:
        """The same bench, over the same files, written to by somebody else."""
        other = Bench.__new__(Bench)
        other.__dict__.update(self.__dict__)
        other._act_as(actor)
        return other

    def _act_as(self, actor: str) -> None:
        self.actor = actor
        self.tickets, self.sessions = TicketActs(self.judgement, actor), SessionActs(self.judgement, actor)
        self.rounds, self.modes = RoundActs(self.judgement, actor), ModeActs(self.judgement, actor)
        self.causes, self.pod = CauseActs(self.judgement, actor), PodActs(self.judgement, actor)
        self.history = HistoryActs(self.judgement, actor)

    @property
    def evidence(self) -> Evidence:
        """The snapshot that serves now."""
        return self._serving.evidence()

    def standing(self) -> Standing:
        """What judgement says now."""
        tickets = {c: t for t in self.judgement.tickets.all() if t.status in LIVE for c in t.clusters}
        today = datetime.now(UTC).date()
        muted = frozenset(c for c, mute in self.judgement.pod.mutes().items() if mute.until > today)
        labels, suggested = self._serving.labels_and_suggestions()
        return Standing(labels, self.judgement.pod.owners(), tickets, muted, self.judgement.verdicts.all(), suggested)

    def version(self) -> str:
        """Changes whenever evidence or judgement does: what a cache is keyed by."""
        return f"{self.evidence.meta.snapshot}/{self.evidence.meta.built_at}/{self.judgement.journal.head()}"

    def summary(self) -> StoreSummary:
        """What the store holds now."""
        return StoreSummary(
            snapshot=self.evidence.meta.snapshot, built_at=self.evidence.meta.built_at, **self.evidence.counts()
        )

    def choices(self) -> FilterChoices:
        """The values to filter by."""
        themes = {row["theme"] for row in self.evidence.clusters() if row["theme"]}
        return FilterChoices(**self.evidence.choices(), status=list(STATUSES), theme=sorted(themes))

    def clusters(self, filter: Filter = Filter()) -> list[ClusterRow]:  # noqa: B008 - frozen
        """The clusters with failures that pass the filter, ranked; `size` counts the failures that pass."""
        evidence, standing = self.evidence, self.standing()
        narrowed = any((filter.release, filter.week, filter.signal))
        sizes = evidence.cluster_sizes(filter.bot, filter.release, filter.week, filter.signal) if narrowed else None
        ids = evidence.conversation_ids([key for row in evidence.clusters() for key in row["examples"]])
        rows = [
            standing.cluster_row(row, ids, row["size"] if sizes is None else sizes.get(row["cluster"], 0))
            for row in evidence.clusters()
            if (not filter.bot or row["bot"] in filter.bot) and (not filter.theme or row["theme"] in filter.theme)
        ]
        passing = [row for row in rows if row.size and (not filter.status or row.status in filter.status)]
        return sorted(passing, key=lambda row: -row.size) if narrowed else passing

    def cluster(self, cluster: str) -> ClusterDetail:
        """One cluster with everything that its page shows."""
        evidence, standing = self.evidence, self.standing()
        found = next((row for row in evidence.clusters() if row["cluster"] == cluster), None)
        if found is None:
            raise UserError(self._no_such_cluster(cluster))
        members = [standing.member(row) for row in evidence.failures(cluster=cluster)]
        by_key = {member.key: member for member in members}
        ids = {member.key: member.conversation_id for member in members}
        return ClusterDetail(
            row=standing.cluster_row(found, ids, found["size"]),
            facts=[
                Fact(mask(fact["text"]), fact["count"], found["size"], fact["base_rate"]) for fact in found["facts"]
            ],
            weeks=[_week(week) for week in found["weeks"]],
            signals=[
                Fact(
                    REGISTRY[row["code"]].title if row["code"] in REGISTRY else row["code"],
                    row["count"],
                    row["total"],
                    row["base_rate"],
                )
                for row in evidence.signal_counts(cluster)
            ],
            releases=[
                Fact(row["text"], row["count"], row["total"], row["base_rate"])
                for row in evidence.release_counts(cluster)
            ],
            examples=[by_key[key] for key in found["examples"]],
            members=members,
            label=standing.labels.get(("cluster", cluster)),
            suspects=suspect_rows(evidence, cluster),
            parted=parted_rows(evidence, cluster),
            onset=onset([(week["week"], week["eligible"], week["failures"]) for week in found["weeks"]]),
            switches=switches_of(
                self.judgement.pod.settings(), found["bot"], evidence.meta.settings.get("signals_off", {})
            ),
            strands=strands_of(evidence, found, by_key),
            patterns=pattern_rows(evidence, cluster),
        )

    def points(self, filter: Filter = Filter()) -> list[MemberRow]:  # noqa: B008 - frozen
        """The failing conversations that pass the filter, with their places on the map."""
        standing = self.standing()
        statuses = {row["cluster"]: standing.status(row["cluster"]) for row in self.evidence.clusters()}
        rows = self.evidence.failures(filter.bot, filter.release, filter.week, filter.signal)
        return [
            standing.member(row)
            for row in rows
            if (not filter.status or statuses.get(row["cluster"]) in filter.status)
            and (not filter.theme or row["theme"] in filter.theme)
        ]

    def conversation(self, key: str) -> ConversationDetail:
        """One conversation with what was found in it."""
        conversation = self.evidence.conversation(key)
        if conversation is None:
            raise UserError(
                f"There is no conversation {key!r} in this snapshot. It may belong to an import that was undone."
            )
        found = self.evidence.analysis(key)
        if found is None:
            raise UserError("This conversation is imported but not analysed yet. Run `python -m workbench analyze`.")
        standing = self.standing()
        return ConversationDetail(
            conversation=masked(conversation),
            failed=found["failed"],
            score=found["score"],
            verdict=mask(found["verdict"]),
            outcome=found["outcome"],
            outcome_source=found["outcome_source"],
            signals=[_signal(row) for row in self.evidence.signals(key)],
            candidates=[FailingTurn(one["position"], mask(one["why"])) for one in found["candidates"]],
            signature=mask(found["signature"]),
            cluster=found["cluster"],
            cluster_name=found["cluster_name"],
            label=standing.labels.get(("conversation", key)),
            cluster_label=standing.labels.get(("cluster", found["cluster"])) if found["cluster"] else None,
            writes=found["writes"],
            learned=found["learned"],
            spoke=[(mask(in_words(one["feature"])), one["weight"]) for one in found["spoke"] or ()],
            verdicts=standing.verdicts.get(key, []),
        )

    def transcript(self, key: str) -> tuple[Conversation, str]:
        """One conversation masked, and how it ended; one that is not analysed yet by what its log says."""
        conversation = self.evidence.conversation(key)
        if conversation is None:
            raise UserError(f"There is no conversation {key!r} in this snapshot.")
        analysis = self.evidence.analysis(key)
        return masked(conversation), analysis["outcome"] if analysis else derive(conversation).value

    def to_replay(self, key: str) -> Conversation:
        """One conversation masked so that it can be replayed: the same address is the same placeholder in all of it."""
        conversation = self.evidence.conversation(key)
        if conversation is None:
            raise UserError(f"There is no conversation {key!r} in this snapshot.")
        return replayable(conversation)

    def worked(self, key: str) -> list[WorkedRow]:
        """The same request that worked: up to three successes beside a failure, nearest first."""
        return worked_rows(self.evidence, key)

    def find_conversation(self, conversation_id: str, bot: str | None = None) -> str:
        """The key of a conversation by its logged id (`BOT/ID` where several bots share it)."""
        found = self.evidence.find(conversation_id, bot)
        slashes = [place for place, char in enumerate(conversation_id) if char == "/"] if bot is None else []
        for place in slashes:
            found = found or self.evidence.find(conversation_id[place + 1 :], conversation_id[:place])
        if not found:
            raise UserError(
                f"There is no conversation {conversation_id!r} here. `export failures` lists the failing ones."
            )
        if len(found) > 1:
            choices = ", ".join(f"{row['bot']}/{conversation_id}" for row in found)
            raise UserError(f"Several bots have a conversation {conversation_id!r}. Say which: {choices}.")
        return found[0]["key"]

    def label(self, target: str, *, version: int | None = None, **said: Unpack[LabelChange]) -> Label:
        """Say what is wrong with a cluster (FC-id) or one conversation (key); the conversation's own label wins.

        `version` is that of the label which the person saw (0: none); `Conflict` where somebody was faster.
        """
        kind, about = self._target(target)
        return self.judgement.labels.set(kind, target, actor=self.actor, about=about, version=version, **said)

    def label_more(self, target: str, **said: Unpack[LabelChange]) -> Label | None:
        """Add to what is said of a cluster or one conversation: what is not given stays, what is given empty goes."""
        kind, about = self._target(target)
        return self.judgement.labels.add(kind, target, actor=self.actor, about=about, **said)

    def label_each(self, keys: Sequence[str], **said: Unpack[LabelChange]) -> list[Label]:
        """Say the same of several conversations (keys), each of its own; all of them or none."""
        told = self.evidence.told_of(keys)
        if missing := [key for key in keys if key not in told]:
            raise UserError(f"There is no conversation {missing[0]!r} here.")
        about = {key: {"bot": told[key]["bot"], "conversation_id": told[key]["conversation_id"]} for key in keys}
        return self.judgement.labels.set_each(about, actor=self.actor, **said)

    def unlabel(self, target: str) -> None:
        """Take back what was said of a cluster or a conversation."""
        kind, _ = self._target(target)
        self.judgement.labels.remove(kind, target, actor=self.actor)

    def labels_said(self) -> dict[tuple[str, str], Label]:
        """Every label that people gave, by (target kind, target)."""
        return self.judgement.labels.all()

    def unread(self, key: str) -> None:
        """Take back the verdict that the actor gave on a conversation."""
        self.judgement.verdicts.remove(key, actor=self.actor)

    def forget(self, text: str, *, dry_run: bool = False) -> Forgotten:
        """Blank what events say with a text in it, or only list them; a lead's act. The logs stay as they are."""
        found = self.judgement.journal.forget(text, self.actor, dry_run)
        kept = sorted(file.name for file in self.store.root.glob(f"{KEPT}*.zip"))
        return replace(found, copies=[*found.copies, *kept])

    def failures(self, filter: Filter = Filter()) -> list[FailureRow]:  # noqa: B008 - frozen
        """The failing conversations that pass the filter, as `export failures` writes them."""
        standing = self.standing()
        rows = [
            standing.failure(row)
            for row in self.evidence.failures(filter.bot, filter.release, filter.week, filter.signal)
        ]
        return [row for row in rows if _passes(row, filter)]

    def labels(self, filter: Filter = Filter()) -> list[LabelRow]:  # noqa: B008 - frozen
        """The failing conversations that a person labelled, on their own or through their cluster."""
        standing = self.standing()
        rows = self.evidence.labelled(
            [target for kind, target in standing.labels if kind == "conversation"],
            [target for kind, target in standing.labels if kind == "cluster"],
        )
        return [row for row in map(standing.labelled, rows) if _passes(row, filter)]

    def settings(self) -> dict[str, Any]:
        """What the serving snapshot was built with, e.g. its granularity."""
        return self.evidence.meta.settings

    def imports(self) -> list[Manifest]:
        """What the serving snapshot was built from, the newest import first; uploads under the names they came with."""
        # Kept out of module import: pyarrow is only needed to read parts.
        from workbench.logs.parts import Manifest

        return [
            replace(
                one,
                files=[file | {"name": as_given(file["name"], self.store)} for file in one.files],
                refused=[{name: self._told(text) for name, text in refused.items()} for refused in one.refused],
                notes=[self._told(note) for note in one.notes],
            )
            for one in (Manifest(**row) for row in reversed(self.evidence.imports()))
        ]

    def rejects(self, import_id: str) -> list[Reject]:
        """The rows of an import that could not be taken."""
        names = [field.name for field in fields(Reject)]
        return [
            replace(
                one, file=as_given(one.file, self.store), reason=self._told(one.reason), value=self._told(one.value)
            )
            for one in (Reject(**{name: row[name] for name in names}) for row in self.evidence.rejects(import_id))
        ]

    # ── joining ──

    def _told(self, text: str) -> str:
        return mask(as_given(text, self.store))

    def _target(self, target: str) -> tuple[str, dict[str, Any]]:
        for row in self.evidence.clusters():
            if row["cluster"] == target:
                return "cluster", {"bot": row["bot"], "name": row["name"]}
        if target.upper().startswith("FC-"):
            raise UserError(self._no_such_cluster(target))
        conversation = self.evidence.conversation(target)
        if conversation is None:
            raise UserError(f"There is no conversation {target!r} here.")
        return "conversation", {"bot": conversation.bot, "conversation_id": conversation.conversation_id}

    def _no_such_cluster(self, cluster: str) -> str:
        for act in reversed(self.judgement.edits.all()):
            if act.kind == "merge" and act.cluster == cluster:
                return f"The cluster {cluster} was merged into {act.into} by {act.by}. Name {act.into} instead."
        last = self.judgement.register.lineage(cluster)
        if not last:
            return f"There is no cluster {cluster!r}. `python -m workbench clusters` lists them."
        told = f"{last[-1].relation} {last[-1].other or ''}".strip()
        return f"The cluster {cluster} is not in this snapshot (last: {told}). `python -m workbench clusters` lists those that are."


def _passes(row: FailureRow, filter: Filter) -> bool:
    chosen = (
        (filter.bot, row.bot),
        (filter.release, row.release),
        (filter.week, row.week),
        (filter.status, row.status),
        (filter.theme, row.theme),
    )
    return all(not wanted or value in wanted for wanted, value in chosen) and (
        not filter.signal or bool(set(filter.signal) & set(row.signals))
    )


def _week(row: dict[str, Any]) -> WeekRate:
    low, high = wilson(row["failures"], row["eligible"])
    rate = row["failures"] / row["eligible"] if row["eligible"] else None
    return WeekRate(row["week"], row["eligible"], row["failures"], rate, low, high)


def _signal(row: dict[str, Any]) -> SignalHit:
    title = REGISTRY[row["code"]].title if row["code"] in REGISTRY else row["code"]
    return SignalHit(
        row["code"], title, row["family"], row["strength"], row["weight"], row["position"], mask(row["evidence"])
    )
