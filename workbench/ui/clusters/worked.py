"""The same request that worked: the first difference in a sentence, then the two side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.cluster_detail import BehaviourRow, SuccessRow
from workbench.clusters.matched_successes import Contrast, StepPair
from workbench.failures.action_trace import Step
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.navigation import go

SENTENCE_SHOWN, VALUE_SHOWN = 400, 300
_ENDINGS = {"executed": "done", "failed": "failed"}


def worked(rows: Sequence[SuccessRow], key: str) -> None:
    """A failure beside up to three successes; nothing for a conversation that has none."""
    if not rows:
        return
    with st.container(border=True, key=f"worked_{key}"):
        st.subheader("The same request that worked", anchor=False)
        st.text("First difference: " + visible(rows[0].contrast.first, SENTENCE_SHOWN), width="stretch")
        with st.expander("Side by side", type="compact", key=f"beside_{key}"):
            for tab, row in zip(st.tabs([_title(n, row) for n, row in enumerate(rows, 1)]), rows, strict=True):
                with tab:
                    _beside(row, f"{key}_{row.key}")


def parted(rows: Sequence[BehaviourRow]) -> None:
    """What a cluster's failures have and the same requests that worked have not, or the other way round."""
    if not rows:
        return
    st.subheader("How they differ from the same requests that worked", anchor=False)
    st.dataframe(
        [
            {
                "What": visible(row.text, VALUE_SHOWN),
                "Failures": f"{row.failing:,} of {row.failures:,}",
                "Where it worked": f"{row.working:,} of {row.worked:,}",
                "Share here": 100 * row.failing / row.failures,
                "Share there": 100 * row.working / row.worked,
            }
            for row in rows
        ],
        hide_index=True,
        column_config={
            name: st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=90)
            for name in ("Share here", "Share there")
        },
        alt="How failures differ from successes",
    )


def _title(number: int, row: SuccessRow) -> str:
    alike = "same task" if row.same_task else f"{100 * row.similarity:.0f} % alike"
    return f"{number}: {alike}"


def _beside(row: SuccessRow, key: str) -> None:
    parts = [
        f"Conversation {formatting.shortened(row.conversation_id, 60)}",
        formatting.day(row.started_at),
        row.release or "",
    ]
    st.caption(plain(visible(" · ".join(part for part in parts if part))))
    st.text("First difference: " + visible(row.contrast.first, SENTENCE_SHOWN), width="stretch")
    st.dataframe(
        [
            {
                "What": visible(what, VALUE_SHOWN),
                "Here": visible(here, VALUE_SHOWN),
                "Where it worked": visible(there, VALUE_SHOWN),
            }
            for what, here, there in _lines(row.contrast)
        ],
        hide_index=True,
        alt="Side by side",
    )
    if st.button("Read the one that worked", key=f"read_worked_{key}"):
        go("conversation", k=row.key)


def _lines(contrast: Contrast) -> list[tuple[str, str, str]]:
    """Changes in order with each argument that differs, then look-ups, documents and the release."""
    lines = [line for pair in contrast.steps for line in _step_lines(pair)]
    lines += [(f"looked up: {action.name}", _times(action.here), _times(action.there)) for action in contrast.reads]
    lines += [
        (f"document: {document.name}", "found" if document.here else "–", "found" if document.there else "–")
        for document in contrast.documents
    ]
    return [*lines, ("release", contrast.release_here or "–", contrast.release_there or "–")]


def _step_lines(pair: StepPair) -> list[tuple[str, str, str]]:
    step = pair.here or pair.there
    assert step is not None
    if pair.here is None or pair.there is None:
        return [(step.tool, _call(pair.here), _call(pair.there))]
    arguments = [
        (
            f"{step.tool}: {difference.path or 'arguments'}",
            difference.here or "not given",
            difference.there or "not given",
        )
        for difference in pair.differences
    ]
    return [(step.tool, _ENDINGS[pair.here.outcome], _ENDINGS[pair.there.outcome]), *arguments]


def _call(step: Step | None) -> str:
    return f"{_ENDINGS[step.outcome]}: {step.arguments}" if step else "–"


def _times(count: int) -> str:
    return f"{count} ×" if count else "–"
