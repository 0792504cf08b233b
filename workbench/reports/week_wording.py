"""The week in sentences: what page and command both say. Log text in them is masked, and made safe where it is shown."""

from __future__ import annotations

from datetime import date

from workbench.bench.wording import escalating
from workbench.dates import week_number
from workbench.reports.share import Share
from workbench.reports.week_rows import (
    LISTS,
    BotWeek,
    ClusterWeek,
    Compared,
    ImportGaps,
    Promise,
    WaitingFix,
    WeekReport,
    WeekSpan,
)
from workbench.text.escaping import visible
from workbench.text.formatting import count, day, percent
from workbench.tickets.fix_rule import TOO_LITTLE

NOBODY = "nobody owns it"
TITLES = {"new": "New", "back": "Back", "rising": "Rising", "fading": "Fading"}
_COUNTED = "Counted among similar requests to its bot, a mechanical fault among all of its conversations."
MEANING = {
    "new": f"First seen in this week. {_COUNTED}",
    "back": f"The fix did not hold, or failures came again after four weeks without any. {_COUNTED}",
    "rising": "A larger share failed this way than in the four weeks before (two-proportion test, exact for few; p < 0.05). "
    f"“escalating” also stands among the tests of all clusters. {_COUNTED}",
    "fading": f"A smaller share failed this way than in the four weeks before (the same test). {_COUNTED}",
}
NONE = {
    "new": "No cluster was first seen in this week.",
    "back": "Nothing came back.",
    "rising": "No cluster is up beyond chance.",
    "fading": "No cluster is down beyond chance.",
}
_LACKS_TOLD = 4


def head(report: WeekReport) -> str:
    """Which week this is, like "Week 45 · 2 to 8 Nov 2026"."""
    if report.span is None:
        return "No week to show"
    return f"Week {week_number(report.span.week)} · {_from_to(report.span)}"


def standing(report: WeekReport) -> list[str]:
    """What the week rests on, and what it leaves out, in sentences."""
    if report.span is None:
        return [
            "The logs have no times, so nothing can be said of a week: no trends, nothing new or back."
            if report.untimed
            else "There is no conversation here yet."
        ]
    sentences = [
        f"{count(report.conversations, 'conversation')}. Data through {day(report.data_through)}; weeks begin on Monday, {report.span.zone} time."
    ]
    if not report.complete:
        sentences.append("The week is not complete: its last days are not in the data.")
    if not report.weeks_before:
        sentences.append("Nothing is logged in the four weeks before, so there is nothing to compare with.")
    elif report.weeks_before < 4:
        sentences.append(
            f"Of the four weeks before, {report.weeks_before} {'is' if report.weeks_before == 1 else 'are'} in the data."
        )
    if report.untimed:
        sentences.append(
            f"{count(report.untimed, 'conversation')} without a time {'is' if report.untimed == 1 else 'are'} in no week."
        )
    if report.waiting:
        sentences.append(
            f"{count(report.waiting, 'conversation')} of the week {'is' if report.waiting == 1 else 'are'} not analysed yet."
        )
    return sentences


def left_out(report: WeekReport) -> str:
    """What the lists don't hold; empty where they hold all."""
    parts = []
    if report.loose.hits > 0:
        parts.append(
            f"{report.loose.hits:,} of {count(report.loose.total, 'failing conversation')} of the week are in no cluster."
        )
    if report.muted:
        parts.append(f"{count(report.muted, 'muted cluster')} left out.")
    return " ".join(parts)


def of(share: Share) -> str:
    """A share like "14 of 40 (35 %)"; "–" where there is none."""
    return f"{share.hits:,} of {share.total:,} ({percent(share.value)})" if share.total else "–"


def rate(row: ClusterWeek) -> str:
    """The week's share of a cluster's failures against the one before, in counts."""
    now, before = row.rate.now, row.rate.before
    if not now.total and not before.total:
        return f"{count(row.failures, 'failure')} in this week"
    return of(now) + (f", before {of(before)}" if before.total else "")


def change(compared: Compared) -> str:
    """What the test says of a share against the weeks before."""
    words = {"more": "↗ more", "less": "↘ fewer", "same": "→ no clear change"}
    return words[compared.change] if compared.change else "nothing to compare"


def owner(name: str | None) -> str:
    """Who answers for it."""
    return name or NOBODY


def cluster(row: ClusterWeek, bot: bool = True) -> str:
    """How a cluster went, with `bot` in which bot, where it is in its life (nothing yet: left out) and whose it is."""
    parts = [
        escalating(row.status) if row.escalating else "",
        {"new": _new, "back": _back}.get(row.list or "", rate)(row),
        visible(row.bot) if bot else "",
        "" if row.status == "new" or (row.escalating and row.status == "verified") else row.status,
        visible(owner(row.owner)),
    ]
    return " · ".join(part for part in parts if part)


def promise(made: Promise) -> str:
    """What was promised, how it stands, and whose it is."""
    due = f"due {day(made.due)}" if made.due else "no due date"
    parts = {
        "late": f"{count(made.days or 0, 'day')} late, {due}",
        "old": f"open for {count(made.days or 0, 'day')}, {due}",
        "decided": f"decided in {made.session}, {due}",
        "watching": f"shipped {visible(made.shipped or '')}".rstrip() + f" · {watch(made.watch)}",
    }
    return f"{parts[made.kind]} · {visible(owner(made.owner))}"


def watch(watched: WaitingFix | None) -> str:
    """How far a shipped fix is from its verdict."""
    if watched is None:
        return "its page says how far it is"
    if watched.verdict == TOO_LITTLE:
        if watched.needed is None:
            return visible(watched.warning or "too few failures before it to tell")
        return f"{watched.failures:,} of {count(watched.requests, 'similar request')} failed since; {watched.missing:,} more to tell"
    return f"{watched.verdict}: {watched.failures:,} of {count(watched.requests, 'similar request')} failed since. Record it."


def gaps(lacking: ImportGaps) -> str:
    """What an import lacks, in one line."""
    shown = [f"{title.lower()} missing in {percent(share)}" for title, share in lacking.lacks[:_LACKS_TOLD]]
    more = f" and {len(lacking.lacks) - _LACKS_TOLD} more" if len(lacking.lacks) > _LACKS_TOLD else ""
    parts = [f"{', '.join(shown)}{more}" if shown else "lacks nothing that signals look at"]
    parts += [f"{count(lacking.rejected, 'row')} rejected"] if lacking.rejected else []
    parts += [f"{count(lacking.refused, 'file')} refused"] if lacking.refused else []
    return "; ".join(parts)


def bot(row: BotWeek) -> str:
    """How a bot fared, in one sentence."""
    if not row.conversations:
        before = f"{row.conversations_before:,} in" if row.conversations_before else "nor in"
        return f"no conversation in this week, {before} the four weeks before"
    usual = (
        "first week in the data"
        if row.first_week
        else "none before"
        if row.a_week_before is None
        else f"{row.a_week_before:,.0f} a week before"
    )
    contained = (
        f"contained {of(row.contained.now)}, {change(row.contained)}"
        if row.contained.now.total
        else "how they ended is unknown"
    )
    suspected = f", {row.suspected:,} more suspected" if row.suspected else ""
    return (
        f"{count(row.conversations, 'conversation')} ({usual}); failing {of(row.failing.now)}, {change(row.failing)}{suspected}; "
        f"{contained}"
    )


def in_words(report: WeekReport, most: int = 10) -> str:
    """The whole report for a terminal; each list is cut at `most`."""
    lines = [head(report), " ".join(standing(report)), ""]
    lines += [f"{visible(row.bot)} ({visible(owner(row.owner))}): {bot(row)}" for row in report.bots]
    for name in LISTS if report.span else ():
        rows = report.listed(name)
        lines += ["", f"{TITLES[name]}: {len(rows)}" if rows else NONE[name]]
        lines += [f"  {row.cluster}  {visible(row.name)}\n      {cluster(row)}" for row in rows[:most]]
        lines += [f"  and {len(rows) - most} more"] if len(rows) > most else []
    if omitted := left_out(report):
        lines += ["", omitted]
    lines += ["", "Promised:" if report.promised else "Nothing was promised that is not done."]
    lines += [
        f"  {made.ticket or made.cluster}  {visible(made.title)}\n      {promise(made)}"
        for made in report.promised[:most]
    ]
    lines += [f"  and {len(report.promised) - most} more"] if len(report.promised) > most else []
    lines += ["", "What the logs lack:", *(f"  {lacking.import_id}: {gaps(lacking)}" for lacking in report.gaps)]
    return "\n".join(lines)


def _new(row: ClusterWeek) -> str:
    first = f", first on {_short(row.first_seen)}" if row.first_seen else ""
    share = f"; {of(row.rate.now)}" if row.rate.now.total else ""
    return f"{count(row.failures, 'failure')}{first}{share}"


def _back(row: ClusterWeek) -> str:
    if row.status in ("regressed", "not-fixed"):
        return rate(row)
    return f"{count(row.failures, 'failure')}, none in the four weeks before; last on {_short(row.last_before)}"


def _short(moment: date | None) -> str:
    return f"{moment.day} {moment:%b}" if moment else "–"


def _from_to(span: WeekSpan) -> str:
    first, last = span.monday, span.sunday
    if first.year != last.year:
        return f"{day(first)} to {day(last)}"
    return f"{first.day} to {day(last)}" if first.month == last.month else f"{_short(first)} to {day(last)}"
