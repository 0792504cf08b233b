"""The parts of the page Health: which bot, its figures, its releases, and the requests that are unlike earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.wording import SUSPECTED
from workbench.reports.drift import EXPECTED, FEWEST, FEWEST_BEFORE, FLAGGED_ABOVE, WeekDrift
from workbench.reports.health import DRIFT_WEEKS, SAMPLE, BotHealth, Drift, Example, Health
from workbench.reports.health import drift_of as drift_now
from workbench.reports.health_wording import COUNTED, blind, change, in_sentences, named, unlike
from workbench.reports.share import Share
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.reports.health_charts import drift_chart
from workbench.ui.shared.tables import ROW_HEIGHT, pick
from workbench.ui.shared.text import error, text

_text, _number, _date = st.column_config.TextColumn, st.column_config.NumberColumn, st.column_config.DateColumn
_failing = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=110)
_INTERVAL = "Wilson interval of the failing share."
_CONTAINED = "Ended without a transfer, among known outcomes; abandoned and failed are not contained."


def bot_picker(rows: Sequence[BotHealth], version: str) -> str:
    """Every bot in a table, a click on which picks it, and a picker; the picked one is in the address."""
    if not rows:
        st.info("There is no conversation in the store. The page Data brings logs in.")
        st.stop()
    now = str(st.session_state.get("bot") or st.query_params.get("bot") or visible(rows[0].bot))
    if all(now not in (row.bot, visible(row.bot)) for row in rows):
        error(f"The snapshot holds no bot {now!r}; the one with most conversations is shown instead.")
        now = visible(rows[0].bot)
    shown = [
        {
            "Bot": visible(row.bot),
            "Conversations": row.counts.conversations,
            "Failing": _percent(row.counts.failing),
            "95 %": formatting.interval(*row.counts.failing.bounds),
            "Suspected": row.counts.suspected,
            "Contained": _of_known(row.counts.containment),
            "Outcome unknown": formatting.percent(row.counts.unknown.value),
            "Last seen": row.last_seen,
            "": "shown below" if now in (row.bot, visible(row.bot)) else "",
        }
        for row in rows
    ]
    config = {
        "Bot": _text(width=180),
        "Conversations": _number(width=100, format="localized"),
        "Failing": _failing,
        "95 %": _text(width=85, help=_INTERVAL),
        "Suspected": _number(width=80, format="localized", help=SUSPECTED),
        "Contained": _text(width=170, help=_CONTAINED),
        "Outcome unknown": _text(width=120, help="Nobody knows how these ended, so containment leaves them out."),
        "Last seen": _date(width=110, format="D MMM YYYY"),
    }
    picked = pick("health_bots", shown, config, version, tallest=6)
    if picked is not None and now != rows[picked].bot:
        st.session_state["bot"] = rows[picked].bot
        st.rerun()
    return str(
        st.selectbox("Bot", [row.bot for row in rows], key="bot", format_func=visible, bind="query-params", width=320)
    )


@st.cache_data(max_entries=32, show_spinner="Comparing the requests of each week with those before…")
def _drift(_bench: Bench, snapshot: tuple[str, str, str], bot: str) -> Drift:
    return drift_now(_bench, bot)


def drift_of(bench: Bench, bot: str) -> Drift:
    """What drifts in a bot's requests, worked out once for each snapshot."""
    meta = bench.evidence.meta
    return _drift(bench, (str(bench.store.root), meta.snapshot, str(meta.built_at)), bot)


def summary(health: Health) -> None:
    """The whole of a bot in four or five figures and a sentence; what is unknown is called unknown."""
    total = health.total
    figures = [
        ("Conversations", f"{total.conversations:,}", _period(health)),
        ("Failing", formatting.percent(total.failing.value), formatting.interval(*total.failing.bounds)),
        (
            "Contained",
            "unknown" if total.containment.value is None else formatting.percent(total.containment.value),
            formatting.interval(*total.containment.bounds) if total.known else "no outcome is known",
        ),
        ("Outcome unknown", formatting.percent(total.unknown.value), f"{total.unknown.hits:,} left out of containment"),
    ]
    if total.rated:
        figures.append(("Rated badly", formatting.percent(total.disliked.value), f"of {total.rated:,} that were rated"))
    for column, (label, value, detail) in zip(st.columns(len(figures), gap="small"), figures, strict=True):
        column.metric(label, value, delta=detail, delta_color="off", delta_arrow="off", border=True)
    text(" ".join(filter(None, (in_sentences(total), blind(health)))))


def release_table(health: Health) -> None:
    """Each release with its rates, and against the one before it."""
    if not health.named:
        st.info("The log names no release, model or prompt version, so nothing can be said by release.")
        return
    st.dataframe(
        [
            {
                "Release": named(release.release),
                "First seen": release.first_seen,
                "Last seen": release.last_seen,
                "Conversations": release.counts.conversations,
                "Failing": _percent(release.counts.failing),
                "95 %": formatting.interval(*release.counts.failing.bounds),
                "Suspected": release.counts.suspected,
                "Contained": _of_known(release.counts.containment),
                "Against the one before": change(release),
                "p": "" if release.p is None else "< 0.001" if release.p < 0.001 else f"{release.p:.3f}",
                "Beyond chance": ("yes" if release.stands else "no") if release.change is not None else "",
            }
            for release in health.releases
        ],
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(health.releases), 10) + 1) + 2,
        column_config={
            "Release": _text(width=220),
            "First seen": _date(width=100, format="D MMM YYYY"),
            "Last seen": _date(width=100, format="D MMM YYYY"),
            "Conversations": _number(width=95, format="localized"),
            "Failing": _failing,
            "95 %": _text(width=80, help=_INTERVAL),
            "Suspected": _number(width=80, format="localized", help=SUSPECTED),
            "Contained": _text(width=150, help=_CONTAINED),
            "Against the one before": _text(
                width=150, help="The failing share less that of the release first seen before it, in percentage points."
            ),
            "p": _text(width=65, help="Two-proportion test, two-sided."),
            "Beyond chance": _text(width=110, help="After Benjamini-Hochberg over this table, 5 %."),
        },
        placeholder="",
        alt="releases",
    )
    untold = "" if health.weeks else " Without times, none can be compared with the one before it."
    st.caption(COUNTED + untold)


def drift(health: Health, drifted: Drift) -> Example | None:
    """The share of each week's requests that is unlike the weeks before; of flagged weeks examples, one of which was picked."""
    if not health.weeks:
        st.info("The log has no times, so no week can be compared with earlier ones.")
        return None
    if not drifted.weeks:
        st.info(
            "Nothing to compare: it takes two weeks of requests."
            if drifted.compared
            else "No request was embedded, so what is asked can't be compared. An analysis does it, where users say something."
        )
        return None
    if not drifted.comparable:
        st.info(
            f"Too few requests to tell: it takes {FEWEST} in a week and {FEWEST_BEFORE} in the four weeks before it."
        )
        return None
    drift_chart(health, drifted)
    st.caption(
        f"A request is unlike when its nearest request in the four weeks before is farther than 95 % of those weeks' own are from "
        f"theirs; where nothing changes, {formatting.percent(EXPECTED)} are (dotted). Flagged where the lower bound is above "
        f"{formatting.percent(FLAGGED_ABOVE)}. {_sampled(drifted)}"
    )
    st.text(unlike(drifted), width="stretch")
    if not drifted.flagged:
        return None
    asked = {week.week: week for week in drifted.flagged}
    week = asked[
        str(
            st.segmented_control(
                "Flagged weeks",
                list(asked),
                default=next(iter(asked)),
                required=True,
                key="flagged",
                bind="query-params",
            )
        )
    ]
    st.text(_unlike(week))
    return _examples(week, drifted.examples[week.week])


def _examples(week: WeekDrift, rows: Sequence[Example]) -> Example | None:
    shown = [
        {
            "What was asked": visible(row.request),
            "Like it": row.count - 1,
            "Nearest before": row.closeness,
            "Started": row.started_at,
            "Conversation": visible(row.conversation_id),
        }
        for row in rows
    ]
    config = {
        "What was asked": _text(width=560),
        "Like it": _number(width=80, help="Other unlike requests of this week that are close to this one."),
        "Nearest before": _number(
            width=120, format="%.2f", help="Cosine to its nearest request of the four weeks before; 1 is the same."
        ),
        "Started": st.column_config.DatetimeColumn(width=140, format="D MMM YYYY, HH:mm"),
        "Conversation": _text(width=160),
    }
    picked = pick(f"unlike_{week.week}", shown, config, week.week, tallest=3)
    st.caption("The largest groups of unlike requests, by the one in their middle. A click opens it.")
    return None if picked is None else rows[picked]


def _sampled(drifted: Drift) -> str:
    weeks = f"the last {DRIFT_WEEKS} weeks" if len(drifted.weeks) == DRIFT_WEEKS else "all weeks"
    if drifted.compared == drifted.requests:
        return f"All {drifted.requests:,} requests of {weeks} are compared."
    return f"A fixed sample of at most {SAMPLE:,} requests a week is compared, {drifted.compared:,} of {drifted.requests:,} in {weeks}."


def _unlike(week: WeekDrift) -> str:
    return (
        f"{week.week}: {week.unlike:,} of {week.compared:,} requests are unlike the {week.before:,} before, {formatting.percent(week.share)} "
        f"(95 % interval {formatting.interval(*week.bounds)})."
    )


def _percent(share: Share) -> float | None:
    return None if share.value is None else 100 * share.value


def _of_known(share: Share) -> str:
    return "unknown" if share.value is None else f"{formatting.percent(share.value)} of {share.total:,} known"


def _period(health: Health) -> str:
    if health.span is None:
        return "the log has no times"
    first, last = (formatting.day(moment) for moment in health.span)
    return first if first == last else f"{first} – {last}"
