"""The week in sentences: what page and command both say. Log text in them is masked, and made safe where it is shown."""

from __future__ import annotations

from datetime import date

from workbench.reports.week_rows import (
    LISTS,
    BotWeek,
    ClusterWeek,
    Compared,
    ImportGaps,
    Promise,
    Share,
    Span,
    Watch,
    WeekReport,
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
    return f"Week {int(report.span.week[6:])} · {_from_to(report.span)}"


def standing(report: WeekReport) -> list[str]:
    """What the week rests on, and what it leaves out, in sentences."""
    if report.span is None:
        return [
            "The logs have no times, so nothing can be said of a week: no trends, nothing new or back."
            if report.untimed
            else "There is no conversation here yet."
        ]
    told = [f"{count(report.conversations, 'conversation')}. Data through {day(report.data_through)}."]
    if not report.complete:
        told.append("The week is not complete: its last days are not in the data.")
    if not report.weeks_before:
        told.append("Nothing is logged in the four weeks before, so there is nothing to compare with.")
    elif report.weeks_before < 4:
        told.append(
            f"Of the four weeks before, {report.weeks_before} {'is' if report.weeks_before == 1 else 'are'} in the data."
        )
    if report.untimed:
        told.append(
            f"{count(report.untimed, 'conversation')} without a time {'is' if report.untimed == 1 else 'are'} in no week."
        )
    if report.waiting:
        told.append(
            f"{count(report.waiting, 'conversation')} of the week {'is' if report.waiting == 1 else 'are'} not analysed yet."
        )
    return told


def left_out(report: WeekReport) -> str:
    """What the lists don't hold; empty where they hold all."""
    told = []
    if report.loose.hits > 0:
        told.append(
            f"{report.loose.hits:,} of {count(report.loose.total, 'failing conversation')} of the week are in no cluster."
        )
    if report.muted:
        told.append(f"{count(report.muted, 'muted cluster')} left out.")
    return " ".join(told)


def of(share: Share) -> str:
    """A share like "14 of 40 (35 %)"; "–" where there is none."""
    return f"{share.hits:,} of {share.total:,} ({percent(share.rate)})" if share.total else "–"


def rate(one: ClusterWeek) -> str:
    """The week's share of a cluster's failures against the one before, in counts."""
    now, before = one.rate.now, one.rate.before
    if not now.total and not before.total:
        return f"{count(one.failures, 'failure')} in this week"
    return of(now) + (f", before {of(before)}" if before.total else "")


def change(one: Compared) -> str:
    """What the test says of a share against the weeks before."""
    words = {"more": "↗ more", "less": "↘ fewer", "same": "→ no clear change"}
    return words[one.change] if one.change else "nothing to compare"


def owner(name: str | None) -> str:
    """Who answers for it."""
    return name or NOBODY


def cluster(one: ClusterWeek, bot: bool = True) -> str:
    """How a cluster went, with `bot` in which bot, where it is in its life (nothing yet: left out) and whose it is."""
    told = [
        "escalating" if one.escalating else "",
        {"new": _new, "back": _back}.get(one.list or "", rate)(one),
        visible(one.bot) if bot else "",
        one.status if one.status != "new" else "",
        visible(owner(one.owner)),
    ]
    return " · ".join(part for part in told if part)


def promise(one: Promise) -> str:
    """What was promised, how it stands, and whose it is."""
    due = f"due {day(one.due)}" if one.due else "no due date"
    told = {
        "late": f"{count(one.days or 0, 'day')} late, {due}",
        "old": f"open for {count(one.days or 0, 'day')}, {due}",
        "decided": f"decided in {one.session}, {due}",
        "watching": f"shipped {visible(one.shipped or '')}".rstrip() + f" · {watch(one.watch)}",
    }
    return f"{told[one.kind]} · {visible(owner(one.owner))}"


def watch(one: Watch | None) -> str:
    """How far a shipped fix is from its verdict."""
    if one is None:
        return "its page says how far it is"
    if one.verdict == TOO_LITTLE:
        if one.needed is None:
            return visible(one.warning or "too few failures before it to tell")
        return (
            f"{one.failures:,} of {count(one.requests, 'similar request')} failed since; {one.missing:,} more to tell"
        )
    return f"{one.verdict}: {one.failures:,} of {count(one.requests, 'similar request')} failed since. Record it."


def gaps(one: ImportGaps) -> str:
    """What an import lacks, in one line."""
    shown = [f"{title.lower()} {percent(share)}" for title, share in one.lacks[:_LACKS_TOLD]]
    more = f" and {len(one.lacks) - _LACKS_TOLD} more" if len(one.lacks) > _LACKS_TOLD else ""
    told = [f"lacks {', '.join(shown)}{more}" if shown else "lacks nothing that signals look at"]
    told += [f"{count(one.rejected, 'row')} rejected"] if one.rejected else []
    told += [f"{count(one.refused, 'file')} refused"] if one.refused else []
    return "; ".join(told)


def bot(one: BotWeek) -> str:
    """How a bot fared, in one sentence."""
    if not one.conversations:
        before = f"{one.conversations_before:,} in" if one.conversations_before else "nor in"
        return f"no conversation in this week, {before} the four weeks before"
    usual = (
        "first week in the data"
        if one.first_week
        else "none before"
        if one.a_week_before is None
        else f"{one.a_week_before:,.0f} a week before"
    )
    contained = (
        f"contained {of(one.contained.now)}, {change(one.contained)}"
        if one.contained.now.total
        else "how they ended is unknown"
    )
    return f"{count(one.conversations, 'conversation')} ({usual}); failing {of(one.failing.now)}, {change(one.failing)}; {contained}"


def in_words(report: WeekReport, most: int = 10) -> str:
    """The whole report for a terminal; each list is cut at `most`."""
    lines = [head(report), " ".join(standing(report)), ""]
    lines += [f"{visible(one.bot)} ({visible(owner(one.owner))}): {bot(one)}" for one in report.bots]
    for name in LISTS if report.span else ():
        rows = report.listed(name)
        lines += ["", f"{TITLES[name]}: {len(rows)}" if rows else NONE[name]]
        lines += [f"  {one.cluster}  {visible(one.name)}\n      {cluster(one)}" for one in rows[:most]]
        lines += [f"  and {len(rows) - most} more"] if len(rows) > most else []
    if told := left_out(report):
        lines += ["", told]
    lines += ["", "Promised:" if report.promised else "Nothing was promised that is not done."]
    lines += [
        f"  {one.ticket or one.cluster}  {visible(one.title)}\n      {promise(one)}" for one in report.promised[:most]
    ]
    lines += [f"  and {len(report.promised) - most} more"] if len(report.promised) > most else []
    lines += ["", "What the logs lack:", *(f"  {one.import_id}: {gaps(one)}" for one in report.gaps)]
    return "\n".join(lines)


def _new(one: ClusterWeek) -> str:
    first = f", first on {_short(one.first_seen)}" if one.first_seen else ""
    share = f"; {of(one.rate.now)}" if one.rate.now.total else ""
    return f"{count(one.failures, 'failure')}{first}{share}"


def _back(one: ClusterWeek) -> str:
    if one.status in ("regressed", "not-fixed"):
        return rate(one)
    return f"{count(one.failures, 'failure')}, none in the four weeks before; last on {_short(one.last_before)}"


def _short(moment: date | None) -> str:
    return f"{moment.day} {moment:%b}" if moment else "–"


def _from_to(span: Span) -> str:
    first, last = span.monday, span.sunday
    if first.year != last.year:
        return f"{day(first)} to {day(last)}"
    return f"{first.day} to {day(last)}" if first.month == last.month else f"{_short(first)} to {day(last)}"
