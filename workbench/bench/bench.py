"""The bench: the one façade that pages and commands call. Joins evidence with judgement, and masks what strangers wrote.

Log text leaves this package masked (conversation ids stay readable), so no page or export can forget to.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar, Unpack

from workbench.bench.acts import (
    CauseActs,
    HistoryActs,
    ModeActs,
    PodActs,
    PromptActs,
    RevealActs,
    RoundActs,
    SessionActs,
    TicketActs,
)
from workbench.bench.cluster_detail import ClusterDetail, SuccessRow
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.comparison import success_rows
from workbench.bench.conversation_detail import ConversationDetail
from workbench.bench.details import cluster_detail, conversation_detail
from workbench.bench.failure_rows import FailureRow, LabelRow, MemberRow, TierRow
from workbench.bench.filter import Filter, FilterChoices
from workbench.bench.impact import cluster_rows, suspected_rows
from workbench.bench.imports import readable_imports, readable_rejects
from workbench.bench.overlay import LIVE, STATUSES, JudgementOverlay
from workbench.bench.score_rows import ScoreRow
from workbench.bench.serving import Serving
from workbench.bench.store_summary import StoreSummary
from workbench.bench.tiers import tier_row
from workbench.conversation import Conversation
from workbench.conversation.masked import replayable
from workbench.conversation.outcome import derive
from workbench.dates import utc_now
from workbench.errors import Denied, UserError
from workbench.evidence.impact import ScopeTotals
from workbench.evidence.queries import Evidence
from workbench.judgement.disabled_signals import disabled_for
from workbench.judgement.records.events import Reveal
from workbench.judgement.records.labels import Label, LabelChange
from workbench.judgement.store import Judgement
from workbench.judgement.verdicts import agreed_verdict
from workbench.logs.manifest import Manifest
from workbench.logs.values.records import Reject
from workbench.store import Store

T = TypeVar("T")


class Bench:
    """One store, as one person sees it. `actor` is who writes; reading needs none. Safe for threads.

    Every call follows the store's pointer, so a build elsewhere shows at the next call. Without `recover` opening writes
    nothing: what a crash left between a snapshot and the register stays for the next who opens it. Raises `StoreMissing` while
    there is no snapshot, `UserError` for an id that isn't there. `clock` gives the naive UTC that what is said is dated by.
    """

    def __init__(
        self, store: Store, actor: str = "", recover: bool = True, clock: Callable[[], datetime] = utc_now
    ) -> None:
        store.open()
        self.store = store
        self.judgement = Judgement(store.judgement_url, clock)
        self._act_as(actor)
        self._serving = Serving(store, self.judgement, recover)

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
        self.history, self.prompts = HistoryActs(self.judgement, actor), PromptActs(self.judgement, actor)
        self.reveals = RevealActs(self.judgement, actor)

    @property
    def evidence(self) -> Evidence:
        """The snapshot that serves now."""
        return self._serving.evidence()

    def remember(self, name: Hashable, work_out: Callable[[], T]) -> T:
        """What is worked out of evidence and judgement, again only once either has changed; whoever gets it leaves it as it is.

        `name` says what it is and of what; who is asking must make no difference.
        """
        version = self.version(), datetime.now(UTC).date()  # a mute ends with a day
        return self._serving.remembered.get(version, name, work_out)

    def overlay(self) -> JudgementOverlay:
        """What judgement says now."""
        return self.remember("overlay", self._overlay)

    def _overlay(self) -> JudgementOverlay:
        tickets = {c: t for t in self.judgement.tickets.all() if t.status in LIVE for c in t.clusters}
        today = datetime.now(UTC).date()
        muted = frozenset(c for c, mute in self.judgement.pod.mutes().items() if mute.until > today)
        labels, suggested = self._serving.labels_and_suggestions()
        return JudgementOverlay(
            labels,
            self.judgement.pod.owners(),
            tickets,
            muted,
            self.judgement.verdicts.all(),
            suggested,
            self.evidence.reworded(),
        )

    def version(self) -> str:
        """Changes whenever evidence or judgement does: what a cache is keyed by."""
        return f"{self.evidence.meta.snapshot}/{self.evidence.meta.built_at}/{self.judgement.journal.head()}"

    def summary(self) -> StoreSummary:
        """What the store holds now."""
        meta = self.evidence.meta
        return StoreSummary(snapshot=meta.snapshot, built_at=meta.built_at, **vars(self.evidence.totals()))

    def choices(self) -> FilterChoices:
        """The values to filter by."""
        themes = {row.theme for row in self.evidence.clusters() if row.theme}
        return FilterChoices(**vars(self.evidence.choices()), status=list(STATUSES), theme=sorted(themes))

    def clusters(self, filter: Filter = Filter()) -> list[ClusterRow]:  # noqa: B008 - frozen
        """The clusters with failures that pass the filter, in the order of `ranking.ranked`; all counts follow the filter."""
        return list(self.remember(("clusters", filter), lambda: cluster_rows(self.evidence, self.overlay(), filter)))

    def suspected_clusters(self, filter: Filter = Filter()) -> list[ClusterRow]:  # noqa: B008 - frozen
        """The clusters in which only suspected conversations pass the filter, the largest first."""
        return suspected_rows(self.evidence, self.overlay(), filter)

    def tiers(self) -> list[TierRow]:
        """How often what is failing or suspected by its signals had failed, by bot; the bots that have any."""
        agreed = {key: agreed_verdict(verdicts) for key, verdicts in self.judgement.verdicts.all().items()}
        failed, fine = ([key for key, verdict in agreed.items() if verdict == which] for which in ("failed", "fine"))
        return [tier_row(row) for row in self.evidence.tier_outcomes(failed, fine)]

    def scope(self, filter: Filter = Filter()) -> ScopeTotals:  # noqa: B008 - frozen
        """How much a filter leaves: conversations in its scope, and the failures that pass it."""
        return self.evidence.scope_totals(filter)

    def cluster(self, cluster: str) -> ClusterDetail:
        """One cluster with everything that its page shows."""
        return self.remember(("cluster", cluster), lambda: self._cluster(cluster))

    def _cluster(self, cluster: str) -> ClusterDetail:
        evidence, overlay = self.evidence, self.overlay()
        record = evidence.cluster(cluster)
        if record is None:
            raise UserError(self._no_such_cluster(cluster))
        row = next((row for row in self.clusters() if row.cluster == cluster), None)
        at_build = evidence.meta.settings.get("signals_off", {})
        disabled = disabled_for(self.judgement.pod.settings(), record.bot, at_build)
        return cluster_detail(evidence, overlay, record, row, disabled)

    def points(self, filter: Filter = Filter()) -> list[MemberRow]:  # noqa: B008 - frozen
        """The failing conversations that pass the filter, with their places on the map."""
        overlay = self.overlay()
        return [
            overlay.member(row) for row in self.evidence.failures(filter) if overlay.has_status(row.cluster, filter)
        ]

    def conversation(self, key: str) -> ConversationDetail:
        """One conversation with what was found in it."""
        opened = self._serving.opened(key)
        if opened is None:
            raise UserError(
                f"There is no conversation {key!r} in this snapshot. It may belong to an import that was undone."
            )
        analysis = self.evidence.analysis(key)
        if analysis is None:
            raise UserError("This conversation is imported but not analysed yet. Run `python -m workbench analyze`.")
        return conversation_detail(self.overlay(), opened, analysis)

    def reveal(self, key: str, reason: str) -> Reveal:
        """Unmask one conversation for the actor, a lead, for a quarter of an hour; it stands in the history with the reason."""
        opened = self._serving.opened(key)
        if opened is None:
            raise UserError(f"There is no conversation {key!r} in this snapshot.")
        shown = opened.conversation
        return self.judgement.reveals.reveal(
            key, reason, conversation_id=shown.conversation_id, bot=shown.bot, actor=self.actor
        )

    def unmasked(self, detail: ConversationDetail) -> ConversationDetail:
        """The detail with its conversation as it was logged. Raises `Denied` where it isn't revealed to the actor now."""
        key = detail.conversation.key
        opened = self._serving.opened(key)
        if opened is None or self.reveals.open(key) is None:
            raise Denied("This conversation is masked: nobody revealed it to you, or the time for it is over.")
        return replace(detail, conversation=opened.logged, folded=opened.folds.showing(opened.logged.turns))

    def transcript(self, key: str) -> tuple[Conversation, str]:
        """One conversation masked, and how it ended; one that is not analysed yet by what its log says."""
        opened = self._serving.opened(key)
        if opened is None:
            raise UserError(f"There is no conversation {key!r} in this snapshot.")
        analysis = self.evidence.analysis(key)
        if analysis is not None:
            return opened.conversation, analysis.outcome
        logged = self.evidence.conversation(key)
        return opened.conversation, derive(logged).value if logged else "unknown"

    def to_replay(self, key: str) -> Conversation:
        """One conversation masked so that it can be replayed: the same address is the same placeholder in all of it."""
        conversation = self.evidence.conversation(key)
        if conversation is None:
            raise UserError(f"There is no conversation {key!r} in this snapshot.")
        return replayable(conversation)

    def worked(self, key: str) -> list[SuccessRow]:
        """The same request that worked: up to three successes beside a failure, nearest first."""
        return self.remember(("worked", key), lambda: success_rows(self.evidence, key))

    def find_conversation(self, conversation_id: str, bot: str | None = None) -> str:
        """The key of a conversation by its logged id (`BOT/ID` where several bots share it)."""
        matches = self.evidence.find(conversation_id, bot)
        slashes = [place for place, char in enumerate(conversation_id) if char == "/"] if bot is None else []
        for place in slashes:
            matches = matches or self.evidence.find(conversation_id[place + 1 :], conversation_id[:place])
        if not matches:
            raise UserError(
                f"There is no conversation {conversation_id!r} here. `export failures` lists the failing ones."
            )
        if len(matches) > 1:
            choices = ", ".join(f"{match.bot}/{conversation_id}" for match in matches)
            raise UserError(f"Several bots have a conversation {conversation_id!r}. Say which: {choices}.")
        return matches[0].key

    def label(self, target: str, *, version: int | None = None, **change: Unpack[LabelChange]) -> Label:
        """Say what is wrong with a cluster (FC-id) or one conversation (key); the conversation's own label wins.

        `version` is that of the label which the person saw (0: none); `Conflict` where somebody was faster.
        """
        kind, about = self._target(target)
        return self.judgement.labels.set(kind, target, actor=self.actor, about=about, version=version, **change)

    def label_more(self, target: str, **change: Unpack[LabelChange]) -> Label | None:
        """Add to what is said of a cluster or one conversation: what is not given stays, what is given empty goes."""
        kind, about = self._target(target)
        return self.judgement.labels.add(kind, target, actor=self.actor, about=about, **change)

    def label_each(self, keys: Sequence[str], **change: Unpack[LabelChange]) -> list[Label]:
        """Say the same of several conversations (keys), each of its own; all of them or none."""
        contexts = self.evidence.contexts(keys)
        if missing := [key for key in keys if key not in contexts]:
            raise UserError(f"There is no conversation {missing[0]!r} here.")
        about = {key: {"bot": contexts[key].bot, "conversation_id": contexts[key].conversation_id} for key in keys}
        return self.judgement.labels.set_each(about, actor=self.actor, **change)

    def label_clusters(self, clusters: Sequence[str], **change: Unpack[LabelChange]) -> list[Label]:
        """Say the same of several clusters (FC-ids), all of them or none."""
        about = {cluster: self._target(cluster)[1] for cluster in clusters}
        return self.judgement.labels.set_each(about, actor=self.actor, target_kind="cluster", **change)

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

    def failures(self, filter: Filter = Filter()) -> list[FailureRow]:  # noqa: B008 - frozen
        """The failing conversations that pass the filter, as `export failures` writes them."""
        overlay = self.overlay()
        return [
            overlay.failure(row) for row in self.evidence.failures(filter) if overlay.has_status(row.cluster, filter)
        ]

    def suspected(self, filter: Filter = Filter()) -> list[FailureRow]:  # noqa: B008 - frozen
        """The suspected conversations that pass the filter, in the columns of `failures`; none of them is among those."""
        overlay = self.overlay()
        return [
            overlay.failure(row) for row in self.evidence.suspected(filter) if overlay.has_status(row.cluster, filter)
        ]

    def labels(self, filter: Filter = Filter()) -> list[LabelRow]:  # noqa: B008 - frozen
        """The conversations that pass the filter and that a person labelled, on their own or through their cluster."""
        overlay = self.overlay()
        rows = self.evidence.labelled(
            [target for kind, target in overlay.labels if kind == "conversation"],
            [target for kind, target in overlay.labels if kind == "cluster"],
            filter,
        )
        return [overlay.labelled(row) for row in rows if overlay.has_status(row.cluster, filter)]

    def scores(self, filter: Filter = Filter()) -> list[ScoreRow]:  # noqa: B008 - frozen
        """What is said of the analysed conversations that pass the filter, failing or not."""
        overlay = self.overlay()
        return [
            overlay.scored(row) for row in self.evidence.analysed(filter) if overlay.has_status(row.cluster, filter)
        ]

    def settings(self) -> dict[str, Any]:
        """What the serving snapshot was built with, e.g. its granularity."""
        return self.evidence.meta.settings

    def imports(self) -> list[Manifest]:
        """What the serving snapshot was built from, the newest import first; uploads under the names they came with."""
        return readable_imports(self.evidence, self.store)

    def rejects(self, import_id: str) -> list[Reject]:
        """The rows of an import that could not be taken."""
        return readable_rejects(self.evidence, self.store, import_id)

    # ── what an id names ──

    def _target(self, target: str) -> tuple[str, dict[str, Any]]:
        record = self.evidence.cluster(target)
        if record is not None:
            return "cluster", {"bot": record.bot, "name": record.name}
        if target.upper().startswith("FC-"):
            raise UserError(self._no_such_cluster(target))
        context = self.evidence.contexts([target]).get(target)
        if context is None:
            raise UserError(f"There is no conversation {target!r} here.")
        return "conversation", {"bot": context.bot, "conversation_id": context.conversation_id}

    def _no_such_cluster(self, cluster: str) -> str:
        for act in reversed(self.judgement.edits.all()):
            if act.kind == "merge" and act.cluster == cluster:
                return f"The cluster {cluster} was merged into {act.into} by {act.by}. Name {act.into} instead."
        last = self.judgement.register.lineage(cluster)
        if not last:
            return f"There is no cluster {cluster!r}. `python -m workbench clusters` lists them."
        fate = f"{last[-1].relation} {last[-1].other or ''}".strip()
        return f"The cluster {cluster} is not in this snapshot (last: {fate}). `python -m workbench clusters` lists those that are."
