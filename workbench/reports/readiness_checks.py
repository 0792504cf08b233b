"""The checks of readiness, each a pure function of what the data says; the cuts stand here with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from workbench.bench.cluster_rows import ClusterRow
from workbench.evidence.overview_rows import BotRecord, VersionRecord
from workbench.judgement.records.pod import Bot
from workbench.judgement.records.tickets import Ticket
from workbench.reports.inventory import is_silent
from workbench.reports.readiness_rows import MET, NOT_MET, PARTLY, UNKNOWN, ReadinessCheck
from workbench.reports.share import Share
from workbench.reports.sla import MET as SLA_MET
from workbench.reports.sla import MISSED, SlaClock
from workbench.review.agreement import Agreement
from workbench.review.estimate import LEAST
from workbench.review.wording import GOOD, USABLE, figure
from workbench.stats import compared_shares
from workbench.text import formatting
from workbench.text.masking import mask

ENDINGS = (0.8, 0.5)
"""Known endings from which on containment is met or partly known: below half, the unknown could turn any rate over."""
LABELLED = (0.8, 0.4)
"""Failures with an agreed cause: the worst five clusters of a bot usually hold two fifths, the tail is long."""
READ = (30, LEAST)
"""Conversations read at random: 30 bound a failing share of one in ten to 4 to 26 %; below `LEAST` nothing is estimated."""
WORST = 5
"""The costliest clusters that somebody should have looked at."""
MEETINGS = 3
"""Triage sessions in four weeks: weekly, one left out."""
WINDOW = 28
"""Days that count as lately."""
SIGNIFICANT = 0.05


def owned(bot: Bot) -> ReadinessCheck:
    """Whether somebody answers for the bot, somebody else stands in, and somebody can be called."""
    lacking = [
        words
        for words, value in (("no owner", bot.owner), ("no deputy", bot.deputy), ("nobody on call", bot.on_call))
        if not value
    ]
    state = NOT_MET if not bot.owner else PARTLY if lacking else MET
    return ReadinessCheck(
        30,
        "Somebody answers for it",
        state,
        _sentence(lacking) or f"{bot.owner} answers for it.",
        "bots",
        {"b": bot.bot},
    )


def log_arrives(bot: str, logged: BotRecord | None, through: datetime | None) -> ReadinessCheck:
    """Whether the bot's log still comes in."""
    title, page = "Its log arrives", "data"
    if logged is None or not logged.conversations:
        return ReadinessCheck(30, title, NOT_MET, "The store holds no conversation of it.", page)
    if logged.last_seen is None or through is None:
        return ReadinessCheck(30, title, UNKNOWN, "Its log has no times.", page)
    if is_silent(logged, through):
        return ReadinessCheck(
            30, title, NOT_MET, f"Silent since {formatting.day(logged.last_seen)}; other logs go on.", page
        )
    return ReadinessCheck(30, title, MET, f"The last conversation is of {formatting.day(logged.last_seen)}.", page)


def endings_known(bot: str, known: int, conversations: int) -> ReadinessCheck:
    """Whether the log says how conversations ended."""
    title = "Its log says how conversations ended"
    if not conversations:
        return ReadinessCheck(30, title, UNKNOWN, "There is no analysed conversation.", "health", {"bot": bot})
    share = known / conversations
    reason = f"{formatting.percent(share)} of {conversations:,} have a known ending."
    return ReadinessCheck(30, title, _graded(share, ENDINGS), reason, "health", {"bot": bot})


def versions_pinned(bot: Bot, versions: Sequence[VersionRecord]) -> ReadinessCheck:
    """Whether the inventory names what may run, and nothing else ran."""
    title, query = "Its versions are pinned", {"b": bot.bot}
    if not versions:
        return ReadinessCheck(30, title, UNKNOWN, "Its log names no version of model or prompt.", "bots", query)
    pinned = {"model": bot.models, "prompt": bot.prompts}
    strays = [mask(each.name) for each in versions if pinned[each.kind] and each.name not in pinned[each.kind]]
    if strays:
        return ReadinessCheck(30, title, NOT_MET, f"Ran without being pinned: {', '.join(strays)}.", "bots", query)
    loose = [kind for kind in ("model", "prompt") if any(each.kind == kind for each in versions) and not pinned[kind]]
    if not loose:
        return ReadinessCheck(30, title, MET, "Only pinned versions ran.", "bots", query)
    return ReadinessCheck(
        30,
        title,
        PARTLY if len(loose) == 1 and any(pinned.values()) else NOT_MET,
        f"The inventory pins no {' and no '.join(loose)}.",
        "bots",
        query,
    )


def sla_agreed(bot: Bot) -> ReadinessCheck:
    """Whether the contract gives hours for the severities that matter."""
    lacking = [severity for severity in ("S1", "S2", "S3") if severity not in bot.sla]
    state = MET if not lacking else NOT_MET if len(lacking) == 3 else PARTLY
    reason = f"No hours for {', '.join(lacking)}." if lacking else "Hours are agreed for S1 to S3."
    return ReadinessCheck(30, "An SLA is agreed", state, reason, "bots", {"b": bot.bot})


def labelled(bot: str, share: Share) -> ReadinessCheck:
    """Whether people agreed on the causes of most failures; `share` is of failures in clusters with an agreed label."""
    title, query = "Its failures have a cause", {"bot": bot}
    if share.value is None:
        return ReadinessCheck(60, title, UNKNOWN, "There is no failing conversation.", "labels", query)
    reason = f"{share.hits:,} of {share.total:,} failures ({formatting.percent(share.value)}) are in a cluster that people labelled."
    return ReadinessCheck(60, title, _graded(share.value, LABELLED), reason, "clusters", query | {"status": "new"})


def read_at_random(bot: str, read: int) -> ReadinessCheck:
    """Whether enough was read that chance chose, not the signals: only that says what they miss."""
    state = MET if read >= READ[0] else PARTLY if read >= READ[1] else NOT_MET
    reason = f"{formatting.count(read, 'conversation')} drawn at random and settled; {READ[0]} make a first estimate."
    return ReadinessCheck(60, "Reading is done at random", state, reason, "read")


def agreed(round: str | None, agreement: Agreement | None, own: int) -> ReadinessCheck:
    """Whether several people call the same failure the same; of the newest revealed round with conversations of the bot (`own`)."""
    title = "Labels mean the same to all"
    if round is None or agreement is None:
        return ReadinessCheck(60, title, UNKNOWN, "No blind round with its conversations is revealed yet.", "agreement")
    alpha, query = agreement.alpha, {"r": round}
    if alpha.value is None:
        return ReadinessCheck(60, title, UNKNOWN, f"{round} has too few votes for an alpha.", "agreement", query)
    reason = f"{round}: alpha {figure(alpha)} over {agreement.compared:,} conversations, {own:,} of them its own."
    sure = alpha.low is None or alpha.low >= USABLE
    state = MET if alpha.value >= GOOD and sure else PARTLY if alpha.value >= USABLE else NOT_MET
    return ReadinessCheck(60, title, state, reason, "agreement", query)


def worst_looked_at(bot: str, costliest: Sequence[ClusterRow]) -> ReadinessCheck:
    """Whether somebody judged what fails most; the costliest first."""
    title, query = "What fails most is judged", {"bot": bot, "status": "new"}
    worst = costliest[:WORST]
    if not worst:
        return ReadinessCheck(60, title, UNKNOWN, "It has no cluster of failures.", "clusters", {"bot": bot})
    waiting = [row.cluster for row in worst if row.status == "new"]
    if not waiting:
        return ReadinessCheck(
            60, title, MET, f"Its {len(worst)} costliest clusters have a cause or a ticket.", "clusters", {"bot": bot}
        )
    state = PARTLY if len(waiting) < len(worst) / 2 else NOT_MET
    return ReadinessCheck(
        60,
        title,
        state,
        f"Of its {len(worst)} costliest clusters nobody judged {', '.join(waiting)}.",
        "clusters",
        query,
    )


def triaged(held: Sequence[date], today: date | None) -> ReadinessCheck:
    """Whether sessions were held lately that had clusters of the bot."""
    title = "Triage is held every week"
    if today is None:
        return ReadinessCheck(60, title, UNKNOWN, "Its log has no times.", "sessions")
    lately = [day for day in held if 0 <= (today - day).days <= WINDOW]
    state = MET if len(lately) >= MEETINGS else PARTLY if lately else NOT_MET
    return ReadinessCheck(
        60,
        title,
        state,
        f"{formatting.count(len(lately), 'session')} with its clusters in the last four weeks.",
        "sessions",
    )


def fixes_verified(bot: str, tickets: Sequence[Ticket]) -> ReadinessCheck:
    """Whether fixes that are out were proven, and none of them is known not to hold."""
    title = "Fixes are proven"
    shipped = [ticket for ticket in tickets if ticket.status in ("fixed", "verified", "not-fixed", "regressed")]
    if not shipped:
        return ReadinessCheck(90, title, UNKNOWN, "No fix of it is out yet.", "tickets", {"bot": bot})
    proven = [ticket.ticket for ticket in shipped if ticket.status == "verified"]
    failed = [ticket.ticket for ticket in shipped if ticket.status in ("not-fixed", "regressed")]
    state = NOT_MET if not proven else PARTLY if failed else MET
    reason = f"{len(proven)} of {formatting.count(len(shipped), 'fix', 'fixes')} that are out are verified"
    return ReadinessCheck(
        90, title, state, reason + (f"; {', '.join(failed)} did not hold." if failed else "."), "tickets", {"bot": bot}
    )


def sla_met(bot: str, clocks: Sequence[SlaClock]) -> ReadinessCheck:
    """Whether the hours of the contract were kept."""
    title, query = "The SLA is kept", {"bot": bot}
    if not clocks:
        return ReadinessCheck(90, title, UNKNOWN, "No ticket of it has an SLA clock.", "tickets", query)
    missed = [clock.ticket for clock in clocks if clock.state == MISSED]
    met = sum(clock.state == SLA_MET for clock in clocks)
    state = MET if not missed else PARTLY if met > len(missed) else NOT_MET
    named = f" ({', '.join(missed)})" if missed else ""
    words = f"{met} met, {len(missed)} missed{named}, {len(clocks) - met - len(missed)} running."
    return ReadinessCheck(90, title, state, words, "tickets", query)


def fails_less(bot: str, now: Share, before: Share) -> ReadinessCheck:
    """Whether the last four complete weeks fail less than the four before them, beyond chance."""
    title, query = "It fails less than before", {"bot": bot}
    if now.value is None or before.value is None:
        return ReadinessCheck(90, title, UNKNOWN, "It takes eight complete weeks of its log.", "health", query)
    z, p = compared_shares(now.hits, now.total, before.hits, before.total)
    stands = p < SIGNIFICANT
    state = MET if stands and z < 0 else NOT_MET if stands else PARTLY
    words = {MET: "less", NOT_MET: "more", PARTLY: "no more than chance apart"}[state]
    reason = (
        f"{formatting.percent(now.value)} ({formatting.interval(*now.bounds)}) of the last four weeks fail, {formatting.percent(before.value)} of the "
        f"four before: {words}."
    )
    return ReadinessCheck(90, title, state, reason, "health", query)


def no_harm_left(bot: str, rows: Sequence[ClusterRow]) -> ReadinessCheck:
    """Whether every cluster that acted wrongly on the world (S1) has a ticket, is muted, or has stopped."""
    title, query = "No wrong act is left alone", {"bot": bot}
    if not rows:
        return ReadinessCheck(90, title, UNKNOWN, "It has no cluster of failures.", "clusters", query)
    grave = [row for row in rows if row.severity == "S1"]
    left = [row for row in grave if row.status in ("new", "triaged") and not row.stopped]
    if not left:
        reason = "Every S1 cluster has a ticket, is muted or has stopped." if grave else "No cluster is S1."
        return ReadinessCheck(90, title, MET, reason, "clusters", query)
    by_people = [row.cluster for row in left if row.severity_source == "person"]
    named = ", ".join(row.cluster for row in left[:WORST]) + (" …" if len(left) > WORST else "")
    state = NOT_MET if by_people else PARTLY
    whose = "as people say" if by_people else "as the log suggests"
    return ReadinessCheck(
        90,
        title,
        state,
        f"{formatting.count(len(left), 'S1 cluster')} ({whose}) without a ticket: {named}.",
        "clusters",
        query,
    )


def _graded(share: float, cuts: tuple[float, float]) -> str:
    return MET if share >= cuts[0] else PARTLY if share >= cuts[1] else NOT_MET


def _sentence(parts: Sequence[str]) -> str:
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""
