"""A bot's weeks as charts: conversations, failing share, containment, feedback, and requests unlike earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from workbench.bench.cluster_rows import WeekRate
from workbench.dates import monday
from workbench.reports.drift import EXPECTED
from workbench.reports.health import Drift, Health, Week
from workbench.reports.share import Share
from workbench.text import formatting
from workbench.text.escaping import for_plotly, plain, visible
from workbench.ui.shared.charts import QUIET, describe_disabled, mark_disabled, rates_figure

_MARKED = 8
_LETTERS = 105  # of a release's name, in the width of a chart
_BEFORE, _AFTER = timedelta(days=4), timedelta(days=7)  # shown before the first week and after the last
_BAR = 6 * 86_400_000  # a week's bar, in milliseconds


def week_charts(health: Health) -> None:
    """Conversations, failing share, containment and feedback by ISO week."""
    if not health.weeks:
        st.info("The log has no times, so nothing can be shown by week.")
        return
    if len(health.weeks) == 1:
        st.caption("One week only: there is nothing yet to compare it with.")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Conversations**")
        _traffic(health)
        st.markdown("**Contained**")
        _containment(health)
    with right:
        st.markdown("**Failing**")
        _shares(health, lambda week: week.counts.failing, "failed", "Failing by week", switched=True)
        st.markdown("**Rated badly**")
        if health.total.rated:
            _shares(
                health, lambda week: week.counts.disliked, "rated conversations were rated badly", "Feedback by week"
            )
        else:
            st.caption("No user rated anything, so what users thought of it is unknown.")
    st.caption(plain(_legend(health), limit=None))
    describe_disabled(health.disabled_signals)


def _traffic(health: Health) -> None:
    import plotly.graph_objects as go  # half a second, and most pages draw no chart

    figure = go.Figure()
    figure.add_bar(
        x=[monday(week.week) for week in health.weeks],
        y=[week.counts.conversations for week in health.weeks],
        width=_BAR,
        marker={"pattern": {"shape": ["/" if week.incomplete else "" for week in health.weeks], "fillmode": "replace"}},
        customdata=[[for_plotly(week.week) + (" (incomplete)" if week.incomplete else "")] for week in health.weeks],
        hovertemplate="%{customdata[0]}: %{y:,} conversations<extra></extra>",
        showlegend=False,
    )
    figure.update_layout(rates_figure([], "", top=22).layout)
    figure.update_layout(yaxis={"ticksuffix": "", "rangemode": "tozero", "tickformat": ","})
    _drawn(figure, health, "Conversations by week", named_marks=True)


def _shares(health: Health, share: Callable[[Week], Share], label: str, alt: str, *, switched: bool = False) -> None:
    rates = _rates(health.weeks, share)
    if not rates:
        st.caption("Nothing is known about it in any week.")
        return
    figure = rates_figure(rates, label, top=22, incomplete=_incomplete(health))
    if switched:
        mark_disabled(figure, rates, health.disabled_signals)
    _drawn(figure, health, alt)


def _containment(health: Health) -> None:
    rates = _rates(health.weeks, lambda week: week.counts.containment)
    if not rates:
        st.info("Unknown: the log does not say how any conversation ended. That is no sign of health.")
        return
    figure = rates_figure(rates, "known outcomes were contained", top=22, incomplete=_incomplete(health))
    figure.data[0].update(name="contained, of known outcomes", showlegend=True)
    figure.add_bar(
        x=[monday(week.week) for week in health.weeks],
        y=[100 * (week.counts.unknown.value or 0) for week in health.weeks],
        width=_BAR,
        marker={"color": "rgba(128, 140, 152, 0.3)", "line": {"color": QUIET, "width": 1.5}},
        name="outcome unknown, of all",
        customdata=[
            [for_plotly(week.week), week.counts.unknown.hits, week.counts.unknown.total] for week in health.weeks
        ],
        hovertemplate="%{customdata[0]}: of %{customdata[1]} of %{customdata[2]} the outcome is unknown<extra></extra>",
    )
    figure.update_layout(
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, yaxis={"range": [0, 103]}, margin={"t": 30}
    )
    _drawn(figure, health, "Containment by week")


def drift_chart(health: Health, drifted: Drift) -> None:
    """Each week's share of unlike requests, with a mark over the weeks that are flagged."""
    rates = [WeekRate(week.week, week.compared, week.unlike, week.share, *week.bounds) for week in drifted.comparable]
    figure = rates_figure(rates, "requests are unlike those before", top=22, incomplete=_incomplete(health))
    figure.add_hline(y=100 * EXPECTED, line={"dash": "dot", "width": 1, "color": QUIET})
    flagged = [rate for rate in rates if rate.week in drifted.examples]
    figure.add_scatter(
        x=[monday(rate.week) for rate in flagged],
        y=[100 * (rate.high or 0) for rate in flagged],
        mode="text",
        text=["▲ unlike" for _ in flagged],
        textposition="top center",
        hoverinfo="skip",
        showlegend=False,
        cliponaxis=False,
    )
    _drawn(figure, health, "Drift by week")


def _drawn(figure: Any, health: Health, alt: str, *, named_marks: bool = False) -> None:
    """The chart over all weeks of the bot, with a line where a release began; the names stand over one chart only."""
    first, last = monday(health.weeks[0].week), monday(health.weeks[-1].week)
    figure.update_layout(
        xaxis={
            "range": [(first - _BEFORE).isoformat(), (last + _AFTER).isoformat()],
            **_ticks(first, last),
        }
    )
    marks = health.began[-_MARKED:]
    # One by one, as `add_vline` does it, they take five times the rest of a chart.
    figure.layout.shapes = (*figure.layout.shapes, *(_upright(day.isoformat()) for day, _ in marks))
    if named_marks:
        for label in _labels(marks, first - _BEFORE, last + _AFTER):
            figure.add_annotation(yref="paper", y=1, yanchor="bottom", showarrow=False, font={"size": 11}, **label)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)


def _upright(day: str) -> dict[str, Any]:
    """A dotted line over the whole height of a chart."""
    line = {"dash": "dot", "width": 1, "color": QUIET}
    return {"type": "line", "x0": day, "x1": day, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": line}


def _ticks(first: date, last: date) -> dict[str, Any]:
    step = max(1, -(-(last - first).days // 28))
    return {"tick0": first.isoformat(), "dtick": step * 7 * 86_400_000}


def _labels(marks: Sequence[tuple[date, str]], start: date, end: date) -> list[dict[str, Any]]:
    """The names of releases over their lines, inside the chart; one that would cover the one before it is left out."""
    labels: list[dict[str, Any]] = []
    free = 0.0
    for day, release in marks:
        name = formatting.shortened(visible(release), 22)
        wide = len(name) / _LETTERS
        left = min(max((day - start) / (end - start) - wide / 2, 0), 1 - wide)
        if left >= free:
            labels.append({"xref": "paper", "x": left, "xanchor": "left", "text": for_plotly(name)})
            free = left + wide
    return labels


def _legend(health: Health) -> str:
    parts = [f"Each week stands at its Monday ({health.zone}), shares with 95 % intervals."]
    if cut := [week.week for week in health.weeks if week.incomplete]:
        parts.append(f"Incomplete, so hatched or hollow: {' and '.join(cut)}; the log begins or ends within it.")
    if health.began:
        more = f" (the latest {_MARKED} of {len(health.began)})" if len(health.began) > _MARKED else ""
        parts.append(f"Dotted lines: a release was first seen{more}.")
    if health.timeless:
        parts.append(f"{formatting.count(health.timeless, 'conversation')} without a time are in no week.")
    return " ".join(parts)


def _rates(weeks: Sequence[Week], share: Callable[[Week], Share]) -> list[WeekRate]:
    rates = [(week.week, share(week)) for week in weeks]
    return [WeekRate(week, rate.total, rate.hits, rate.value, *rate.bounds) for week, rate in rates if rate.total]


def _incomplete(health: Health) -> list[str]:
    return [week.week for week in health.weeks if week.incomplete]
