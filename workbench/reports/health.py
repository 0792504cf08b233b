"""How a bot fares: its rates by week and by release, what drifts, and what its log lacks, so that a blind spot is no health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from itertools import pairwise

from workbench.bench.bench import Bench
from workbench.dates import DEFAULT_ZONE, WEEKS_BEFORE, local, monday, sunday, week_of
from workbench.errors import UserError
from workbench.evidence.health_rows import HealthCounts, WeekHealthRecord
from workbench.failures.signals.norms import bad_up_to, usual_scale
from workbench.judgement.disabled_signals import DisabledSignal, disabled_for
from workbench.reports.drift import WeekDrift, drift
from workbench.reports.share import Share
from workbench.stats import benjamini_hochberg, two_proportions
from workbench.text.formatting import excerpt
from workbench.text.masking import mask

SAMPLE = 500
"""Requests of a week that drift compares, at most."""
DRIFT_WEEKS = 26
"""The weeks that drift looks at, the latest ones."""


@dataclass(frozen=True)
class Counts:
    """Conversations and how they went."""

    conversations: int = 0
    """All of them."""
    judged: int = 0
    """Those that were analysed."""
    failures: int = 0
    """Judged ones that fail."""
    suspected: int = 0
    """Judged ones that are suspected, which no share counts as failing."""
    logged: int = 0
    """Those of which the log itself says whether they failed."""
    known: int = 0
    """Those whose outcome is known."""
    derived: int = 0
    """Known ones whose outcome is derived, not logged."""
    contained: int = 0
    """Known ones that ended without a transfer."""
    rated: int = 0
    """Those that a user rated."""
    rated_badly: int = 0
    """Those rated badly."""

    @property
    def failing(self) -> Share:
        """The failing among those that were judged."""
        return Share(self.failures, self.judged)

    @property
    def containment(self) -> Share:
        """Among known outcomes: abandoned and failed are not contained, unknown is in neither."""
        return Share(self.contained, self.known)

    @property
    def unknown(self) -> Share:
        """How many ended nobody knows how."""
        return Share(self.judged - self.known, self.judged)

    @property
    def disliked(self) -> Share:
        """Those rated badly among the rated."""
        return Share(self.rated_badly, self.rated)


@dataclass(frozen=True)
class Week:
    """One ISO week of a bot."""

    week: str
    """An ISO week, like 2025-W31."""
    counts: Counts
    """Its conversations."""
    incomplete: bool = False
    """Whether the bot's log begins or ends within it."""


@dataclass(frozen=True)
class Release:
    """A release, and its failing share against the release that was first seen before it."""

    release: str | None
    """Its name; None: not logged."""
    counts: Counts
    """Its conversations."""
    first_seen: datetime | None = None
    """Its first conversation, naive UTC."""
    last_seen: datetime | None = None
    """Its last conversation, naive UTC."""
    before: str | None = None
    """The release that was first seen before it."""
    change: float | None = None
    """The difference of the failing shares."""
    p: float | None = None
    """Of the two-proportion test."""
    stands: bool = False
    """Whether it stands, after Benjamini-Hochberg over the table."""


@dataclass(frozen=True)
class BotHealth:
    """A line of the list of bots."""

    bot: str
    """The bot, as logged."""
    counts: Counts
    """All of its conversations."""
    last_seen: datetime | None
    """Its last conversation, naive UTC."""


@dataclass(frozen=True)
class Health:
    """One bot, from its first conversation to its last."""

    bot: str
    """The bot, as logged."""
    total: Counts
    """All of its conversations."""
    span: tuple[datetime, datetime] | None
    """Its first and last time, naive UTC; None without times."""
    weeks: list[Week]
    """With conversations, in order."""
    timeless: int
    """Conversations without a time, which are in no week."""
    releases: list[Release]
    """By first sight."""
    without: dict[str, float]
    """What its log lacks: the share without it, as `gaps.lacks` takes it."""
    roles: list[str]
    """Roles that its log names."""
    disabled_signals: list[DisabledSignal] = field(default_factory=list)
    """Signals that these figures leave out, the earliest first."""
    zone: str = DEFAULT_ZONE
    """The time zone whose weeks these are."""

    @property
    def named(self) -> list[Release]:
        """The releases that the log names."""
        return [release for release in self.releases if release.release is not None]

    @property
    def began(self) -> list[tuple[date, str]]:
        """When releases were first seen, but for those that the log began with."""
        seen = [
            (release.first_seen, release.release) for release in self.named if release.first_seen and release.release
        ]
        first = self.weeks[0].week if self.weeks else ""
        return [(local(moment, self.zone).date(), name) for moment, name in seen if week_of(moment, self.zone) != first]


@dataclass(frozen=True)
class Example:
    """A conversation that stands for unlike requests of a week."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id, as logged."""
    request: str
    """What was asked, masked."""
    started_at: datetime | None
    """Its first time, naive UTC; None where the log has none."""
    count: int
    """How many requests it stands for."""
    closeness: float
    """The cosine to its nearest request of the weeks before."""


@dataclass(frozen=True)
class Drift:
    """How unlike earlier requests those of a bot are."""

    weeks: list[WeekDrift]
    """The latest, in order."""
    compared: int
    """Requests that were compared."""
    requests: int
    """Requests that there are."""
    examples: dict[str, list[Example]]
    """Of flagged weeks, what is unlike."""

    @property
    def comparable(self) -> list[WeekDrift]:
        """The weeks with enough requests to compare, in order."""
        return [week for week in self.weeks if week.comparable]

    @property
    def flagged(self) -> list[WeekDrift]:
        """The latest first."""
        return [week for week in reversed(self.weeks) if week.flagged]


def bots(bench: Bench) -> list[BotHealth]:
    """Every bot, those with most conversations first."""
    return [BotHealth(row.bot, _counts(row), row.last_seen) for row in bench.evidence.health_of_bots()]


def health(bench: Bench, bot: str) -> Health:
    """How a bot fares; `UserError` where the snapshot has none of this name."""
    evidence = bench.evidence
    scale = evidence.feedback_range(bot)
    usual = usual_scale(*scale) if scale else None
    cut = bad_up_to(usual) if usual else None
    by_week = evidence.health_by_week(bot, cut)
    if not by_week:
        names = ", ".join(row.bot for row in evidence.health_of_bots()) or "none yet"
        raise UserError(f"There is no bot {bot!r} in this snapshot. Known are: {names}.")
    span = evidence.first_and_last(bot)
    return Health(
        bot=bot,
        total=_sum([_counts(row) for row in by_week]),
        span=span,
        weeks=weeks([row for row in by_week if row.week], span, evidence.time_zone),
        timeless=sum(row.conversations for row in by_week if not row.week),
        releases=releases(
            [
                Release(row.release and mask(row.release), _counts(row), row.first_seen, row.last_seen)
                for row in evidence.health_by_release(bot, cut)
            ]
        ),
        without=_without(bench, bot),
        roles=evidence.roles_of(bot),
        disabled_signals=disabled_for(
            bench.judgement.pod.settings(), bot, evidence.meta.settings.get("signals_off", {})
        ),
        zone=evidence.time_zone,
    )


def drift_of(bench: Bench, bot: str) -> Drift:
    """What drifts in a bot's requests: a sample of at most `SAMPLE` a week, always the same, over the last `DRIFT_WEEKS` weeks."""
    rows, vectors = bench.evidence.weekly_requests(bot, DRIFT_WEEKS + WEEKS_BEFORE, SAMPLE)
    weeks = drift([row.key for row in rows], [row.week for row in rows], vectors)[-DRIFT_WEEKS:]
    requests = bench.evidence.requests([group.key for week in weeks if week.flagged for group in week.groups])
    examples = {
        week.week: [
            Example(
                group.key,
                requests[group.key].conversation_id,
                excerpt(requests[group.key].request),
                requests[group.key].started_at,
                group.count,
                group.closeness,
            )
            for group in week.groups
        ]
        for week in weeks
        if week.flagged
    }
    return Drift(weeks, len(rows), sum({row.week: row.requests for row in rows}.values()), examples)


def weeks(
    rows: Sequence[WeekHealthRecord], span: tuple[datetime, datetime] | None, zone: str = DEFAULT_ZONE
) -> list[Week]:
    """A week for each row of counts; the first is incomplete where the log begins after its Monday, the last where it ends
    before its Sunday. `span` is the first and the last time."""
    cut: set[str] = set()
    if span:
        first, last = (week_of(moment, zone) for moment in span)
        begins, ends = (local(moment, zone).date() for moment in span)
        cut = {week for week, missing in ((first, begins > monday(first)), (last, ends < sunday(last))) if missing}
    return [Week(row.week, _counts(row), row.week in cut) for row in rows if row.week]


def releases(ordered: Sequence[Release]) -> list[Release]:
    """Each release against the one first seen before it; the log's unnamed ones, and those without a time, against none."""
    dated = [
        place for place, release in enumerate(ordered) if release.release is not None and release.first_seen is not None
    ]
    pairs = [(ordered[before], place) for before, place in pairwise(dated)]
    pairs = [(before, place) for before, place in pairs if before.counts.judged and ordered[place].counts.judged]
    ps = [_p(before.counts.failing, ordered[place].counts.failing) for before, place in pairs]
    judged = list(ordered)
    for (before, place), p, stands in zip(pairs, ps, benjamini_hochberg(ps), strict=True):
        now, then = ordered[place].counts, before.counts
        change = now.failures / now.judged - then.failures / then.judged
        judged[place] = replace(ordered[place], before=before.release, change=change, p=p, stands=stands)
    return judged


def _p(before: Share, now: Share) -> float:
    return two_proportions(now.hits, now.total, before.hits, before.total)[1]


def _counts(row: HealthCounts) -> Counts:
    return Counts(**{each.name: getattr(row, each.name) for each in fields(Counts)})


def _sum(counts: Sequence[Counts]) -> Counts:
    return Counts(**{each.name: sum(getattr(part, each.name) for part in counts) for each in fields(Counts)})


def _without(bench: Bench, bot: str) -> dict[str, float]:
    """Counted over the bot's conversations; what joins them only an import knows, so it is told by its imports."""
    shares = bench.evidence.without(bot)
    imported = bench.evidence.imported(bot)
    total = sum(imported.values())
    gaps = {manifest.import_id: manifest.gaps.get("session", 0) for manifest in bench.evidence.imports()}
    return {"session": sum(gaps.get(name, 0) * n for name, n in imported.items()) / total if total else 0.0} | shares
