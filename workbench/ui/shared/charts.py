"""The two pictures: where failures lie beside each other, and how often a cluster's failure came, week by week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import streamlit as st

from workbench.bench.cluster_rows import WeekRate
from workbench.bench.failure_rows import MemberRow
from workbench.bench.wording import signal_title
from workbench.dates import monday
from workbench.failures.score_quality import Bin
from workbench.judgement.disabled_signals import DisabledSignal
from workbench.stats import wilson
from workbench.text.escaping import for_plotly, plain
from workbench.text.formatting import day, shortened

NAMED = 10
TICKS = 6
POINTS_SHOWN = 8_000
CELLS = 90
"""Cells along each side in which the failures of a map with more points are counted."""
QUIET = "#808c98"
"""Marks beside the point, and lines: 3:1 against the light page and the dark one."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down", "pentagon", "hourglass")
"""A shape for each named cluster: colours alone tell nothing to who doesn't see them."""
_CONFIG = {"displaylogo": False, "scrollZoom": True, "modeBarButtonsToRemove": ["toImage", "autoScale2d"]}
_QUIET_AXIS = {"showgrid": False, "zeroline": False, "showticklabels": False, "title": {"text": ""}}


def cluster_map(read: Callable[[], Sequence[MemberRow]], key: str) -> list[MemberRow]:
    """Failures as dots, the largest clusters in a colour and a shape of their own; those that a person framed.

    What `read` gives is kept under `key`, with the figure. At most 8,000 dots are drawn, and said; a frame also takes in those
    that it covers and that were left out.
    """
    placed, figure = _kept_map(key, read)
    if not placed:
        st.info("Too few failures for a map: it needs a few dozen with text.")
        return []
    step = _map_step(placed)
    if step > 1:
        st.caption(f"{drawn_of(step, len(placed))} The shading shows where all of them lie.")
    picked = st.plotly_chart(
        figure,
        key=key,
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        config=_CONFIG,
        alt="Map of failures",
    )
    selection = picked["selection"]
    regions = [*map(_box_corners, selection["box"]), *selection["lasso"]]
    clicked = {str(point["customdata"][0]) for point in selection["points"]}
    if not clicked and not regions:
        return []
    return [point for point in placed if point.key in clicked or any(_covers(region, point) for region in regions)]


@st.cache_resource(show_spinner=False, max_entries=4)
def _kept_map(key: str, _read: Callable[[], Sequence[MemberRow]]) -> tuple[list[MemberRow], Any]:
    """The failures that have a place, and their figure; of 20,000 they take seconds, and a click on a page draws it anew."""
    placed = [point for point in _read() if point.x is not None and point.y is not None]
    if not placed:
        return [], None
    step = _map_step(placed)
    figure = _map_figure(placed[::step])
    if step > 1:
        figure.add_trace(_density(placed))
        figure.data = (figure.data[-1], *figure.data[:-1])  # below the dots
    return placed, figure


def _map_step(placed: Sequence[MemberRow]) -> int:
    return -(-len(placed) // POINTS_SHOWN)


def drawn_of(step: int, count: int) -> str:
    """How many of the failures are dots, in a sentence."""
    which = {2: "second", 3: "third"}.get(step, f"{step}th")
    return f"Every {which} of {count:,} failures is a dot."


def _density(points: Sequence[MemberRow]) -> Any:
    """How many failures lie where on the map, as shading."""
    import numpy as np
    import plotly.graph_objects as go

    places = np.array([(point.x, point.y) for point in points], float)
    counts, x, y = np.histogram2d(places[:, 0], places[:, 1], bins=CELLS)
    return go.Heatmap(
        x=(x[:-1] + x[1:]) / 2,
        y=(y[:-1] + y[1:]) / 2,
        z=np.where(counts.T > 0, np.log1p(counts.T), np.nan),
        colorscale=[[0, "rgba(128,128,128,0.06)"], [1, "rgba(128,128,128,0.45)"]],
        showscale=False,
        hoverinfo="skip",
    )


def weekly_chart(
    weeks: Sequence[WeekRate], height: int = 220, type_size: int = 12, disabled_signals: Sequence[DisabledSignal] = ()
) -> None:
    """The rate of each ISO week, placed at its Monday, with its 95 % interval; the counts stand in the hover.

    Nothing is drawn where no week is known, as in a log without times.
    Height and the size of its type are in pixels. `disabled_signals` are those that these counts leave out: a line stands
    where each was switched off, and words below, as it changes the weeks before it too.
    """
    rated = [week for week in weeks if week.rate is not None and week.low is not None and week.high is not None]
    if not rated:
        return
    figure = rates_figure(rated, "failed this way", height, type_size, 24 if disabled_signals else 8)
    mark_disabled(figure, rated, disabled_signals)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt="Rate by week")
    describe_disabled(disabled_signals)


def describe_disabled(disabled_signals: Sequence[DisabledSignal]) -> None:
    """Which signals the counts above leave out, in a small line; none where all are on."""
    if disabled_signals:
        sentences = "; ".join(
            f"“{signal_title(signal.code)}” since {day(signal.at)}, by {signal.by}"
            for signal in reversed(disabled_signals)
        )
        st.caption(
            plain(
                f"Counted without the signals that were switched off: {sentences}. The weeks before are counted so, too."
            )
        )


def rates_figure(
    weeks: Sequence[WeekRate],
    sentence: str,
    height: int = 220,
    type_size: int = 12,
    top: int = 8,
    incomplete: Sequence[str] = (),
) -> Any:
    """Shares with their 95 % intervals, each at the Monday of its week; `weeks` know theirs. `sentence` tells in the hover what `failures`
    of `eligible` did. Weeks that are `incomplete` are hollow, and say so; `top` is the margin above, in pixels."""
    # Here, because plotly takes half a second to import and most pages draw no chart.
    import plotly.graph_objects as go

    rates = [100 * (week.rate or 0) for week in weeks]
    figure = go.Figure()
    figure.add_scatter(
        x=[monday(week.week) for week in weeks],
        y=rates,
        mode="markers",
        marker={
            "size": 0.75 * type_size,
            "symbol": ["circle-open" if week.week in incomplete else "circle" for week in weeks],
        },
        cliponaxis=False,
        showlegend=False,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * (week.high or 0) - rate for week, rate in zip(weeks, rates, strict=True)],
            "arrayminus": [rate - 100 * (week.low or 0) for week, rate in zip(weeks, rates, strict=True)],
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[
            [
                for_plotly(week.week) + (" (incomplete)" if week.week in incomplete else ""),
                week.failures,
                week.eligible,
                100 * (week.low or 0),
                100 * (week.high or 0),
            ]
            for week in weeks
        ],
        hovertemplate=f"%{{customdata[0]}}: %{{customdata[1]}} of %{{customdata[2]}} {sentence}, "
        "%{y:.0f} % (%{customdata[3]:.0f}–%{customdata[4]:.0f} %)<extra></extra>",
    )
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": top, "b": 2 * type_size},  # of its own, it leaves room for a second line of dates
        yaxis={
            "rangemode": "tozero",
            "ticksuffix": " %",
            "title": {"text": ""},
            "nticks": 5,
            "tickfont": {"size": type_size},
        },
        xaxis={
            "type": "date",
            "title": {"text": ""},
            "tickformat": "%-d %b %Y",
            "hoverformat": "",
            "tickangle": 0,
            "automargin": False,
        }
        | {
            "tickfont": {"size": type_size},
            **week_ticks([week.week for week in weeks], TICKS * 12 // max(type_size, 12)),
        },
        dragmode=False,
    )
    return figure


def mark_disabled(figure: Any, weeks: Sequence[WeekRate], disabled_signals: Sequence[DisabledSignal]) -> None:
    """A dashed line where a signal was switched off, if that lies in these weeks or in the fortnight after them."""
    for signal in disabled_signals:
        if weeks and monday(weeks[0].week) <= signal.at.date() <= monday(weeks[-1].week) + timedelta(weeks=3):
            figure.add_vline(
                x=signal.at.timestamp() * 1000,
                line={"dash": "dash", "width": 1, "color": QUIET},
                annotation={
                    "text": for_plotly(f"off: {signal_title(signal.code)}"),
                    "xanchor": "right",
                    "yanchor": "bottom",
                },
            )


def reliability_chart(bins: Sequence[Bin]) -> None:
    """What a score said against what came, in percent, with 95 % Wilson intervals and the line on which the two are equal."""
    import plotly.graph_objects as go

    bounds = [wilson(reliability_bin.failed, reliability_bin.total) for reliability_bin in bins]
    shares = [100 * reliability_bin.failed / reliability_bin.total for reliability_bin in bins]
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", line={"dash": "dot", "width": 1, "color": QUIET}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[100 * reliability_bin.said for reliability_bin in bins],
        y=shares,
        mode="markers",
        marker={"size": 9},
        cliponaxis=False,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [100 * high - share for (_, high), share in zip(bounds, shares, strict=True)],
            "arrayminus": [share - 100 * low for (low, _), share in zip(bounds, shares, strict=True)],
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[[reliability_bin.failed, reliability_bin.total] for reliability_bin in bins],
        hovertemplate="said %{x:.0f} %: %{customdata[0]} of %{customdata[1]} failed, %{y:.0f} %<extra></extra>",
    )
    axis = {"range": [0, 100], "ticksuffix": " %", "nticks": 6}
    figure.update_layout(
        height=300,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        showlegend=False,
        dragmode=False,
        xaxis=axis | {"title": {"text": "said"}},
        yaxis=axis | {"title": {"text": "failed"}},
    )
    st.plotly_chart(figure, config={"displayModeBar": False}, alt="Reliability of the learned score")


def week_ticks(weeks: Sequence[str], ticks: int) -> dict[str, Any]:
    """Ticks at the beginning of weeks, at most about so many."""
    if not weeks:
        return {}
    first, last = monday(weeks[0]), monday(weeks[-1])
    step = max(1, -(-(last - first).days // (7 * ticks)))
    return {"tick0": first.isoformat(), "dtick": step * 7 * 86_400_000}


def _box_corners(box: dict[str, list[float]]) -> dict[str, list[float]]:
    (left, right), (low, high) = sorted(box["x"]), sorted(box["y"])
    return {"x": [left, right, right, left], "y": [low, low, high, high]}


def _covers(region: dict[str, list[float]], point: MemberRow) -> bool:
    """Whether a polygon of data coordinates covers a point, by the even-odd rule."""
    x, y = point.x or 0.0, point.y or 0.0
    corners = list(zip(region["x"], region["y"], strict=True))
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def _map_figure(points: Sequence[MemberRow]) -> Any:
    import plotly.graph_objects as go

    named = [cluster for cluster, _ in Counter(point.cluster for point in points).most_common(NAMED)]
    figure = go.Figure()
    others = [point for point in points if point.cluster not in named]
    if others:
        _add_points(figure, others, "other clusters", {"color": QUIET, "size": 5, "symbol": "circle-open"})
    for cluster, symbol in zip(named, SYMBOLS, strict=False):
        members = [point for point in points if point.cluster == cluster]
        _add_points(
            figure, members, f"{cluster} {shortened(members[0].cluster_name, 34)}", {"size": 8, "symbol": symbol}
        )
    figure.update_layout(
        height=560,
        margin={"l": 0, "r": 0, "t": 34, "b": 0},
        xaxis=_QUIET_AXIS,
        yaxis=_QUIET_AXIS,
        dragmode="lasso",
        hovermode="closest",
        legend={"itemsizing": "constant"},
    )
    return figure


def _add_points(figure: Any, points: Sequence[MemberRow], name: str, marker: dict[str, Any]) -> None:
    figure.add_scatter(
        x=[point.x for point in points],
        y=[point.y for point in points],
        mode="markers",
        name=for_plotly(name),
        marker=marker | {"line": {"width": 1 if str(marker["symbol"]).endswith("-open") else 0}},
        customdata=[[point.key] for point in points],
        text=[for_plotly(shortened(point.cluster_name, 80)) for point in points],
        hovertemplate="%{text}<extra></extra>",
    )
