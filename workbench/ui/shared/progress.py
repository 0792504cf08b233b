"""A build while it runs: its stages, its bar, what it came to, and the builds before it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.logs.files.remote import is_remote
from workbench.logs.uploads import as_given
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.pipeline.worker import RunningJob
from workbench.store import Store
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.masking import mask
from workbench.ui.shared.session import require_triager, store
from workbench.ui.shared.text import error

STAGES = {
    "fetching": ("Fetch files", 0.02),
    "checking": ("Check files", 0.03),
    "reading": ("Read rows", 0.07),
    "signals": ("Signals", 0.08),
    "load model": ("Language model", 0.20),
    "embed": ("Embed texts", 0.50),
    "cluster": ("Clusters", 0.06),
    "write": ("Write snapshot", 0.04),
}
"""A build's stages in their order: what they are called, and their usual share of the time."""


RECENT = 3600.0


def builds() -> bool:
    """Every build that runs, with its progress; else how the last one ended, while that is news. True while one runs."""
    running = _running(store())
    if running:
        _follow([job.folder.name for job in running])
    elif (last := worker.latest(store())) and time.time() - _ended_at(last) < RECENT:
        _ended(last)
    return bool(running)


@st.fragment(run_every=0.5)
def _follow(names: list[str]) -> None:
    """Draws itself twice a second, and the whole page once a build begins or ends."""
    running = _running(store())
    if [job.folder.name for job in running] != names:
        st.rerun()
    for job in running:
        with suppress(FileNotFoundError), st.container(border=True, key=f"build_{job.folder.name}"):
            _progress(job)


def _progress(running: RunningJob) -> None:
    progress = running.progress()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(_doing(running.job)), anchor=False, width="stretch")
        st.caption(clock(time.time() - started_at(running)), width="content")
        if st.button("Cancel", key=f"cancel_{running.folder.name}"):
            try:
                require_triager("cancel a build")
                running.cancel()
            except WorkbenchError as e:
                error(e)
            else:
                st.rerun()
    st.progress(fraction(progress.stage, progress.done, progress.total), text=now(progress))
    stages = [stage for stage in STAGES if stage != "fetching" or any(map(is_remote, running.job.paths))]
    if progress.stage in stages:
        at = stages.index(progress.stage)
        steps = [STAGES[stage][0] for stage in stages]
        st.caption(
            " · ".join(
                [f"✓ {step}" for step in steps[:at]] + [f"**● {steps[at]}**"] + [f"○ {s}" for s in steps[at + 1 :]]
            )
        )
    elif progress.stage.startswith("waiting"):
        st.caption(
            "Another build of this store is running. This one waits its turn and begins when that has ended: "
            f"{plain(progress.stage)}."
        )


def fraction(stage: str, done: int, total: int | None) -> float:
    """How much of a build lies behind it, 0 to 1, by the usual shares of its stages."""
    if stage not in STAGES:
        return 0.0
    at = list(STAGES).index(stage)
    within = min(done / total, 1.0) if total else 0.0
    return min(sum(share for _, share in list(STAGES.values())[:at]) + STAGES[stage][1] * within, 1.0)


def clock(seconds: float) -> str:
    """A span of time to the second, like "48 s" or "2:05 min"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"


def now(progress: worker.Progress) -> str:
    """What a build does at the moment, with its numbers."""
    title = STAGES[progress.stage][0] if progress.stage in STAGES else progress.stage.split(" ")[0].capitalize()
    return f"{title}: {progress.done:,} of {progress.total:,}" if progress.total else title


def _ended(job: RunningJob) -> None:
    """How a build went: the numbers that add up, what was refused, and the way to the clusters; or its one error."""
    try:
        result = job.result()
    except WorkbenchError as e:
        error(f"{_doing(job.job)}: {as_given(str(e), store())}")
        return
    with st.container(border=True, key="build_result"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(plain(f"Done: {_doing(job.job)}"), anchor=False, width="stretch")
            took = clock(_ended_at(job) - started_at(job))
            # A visitor without a name may be the one whose look applied what hands had changed.
            st.caption(f"{took}, by {plain(job.job.actor)}" if job.job.actor else took, width="content")
            if st.button("Open the clusters", key="open_clusters", type="primary"):
                st.switch_page(Path(__file__).resolve().parents[3] / "pages" / "clusters.py")
        st.text("\n".join(summary(result)), width="stretch")
        for line in job.notes():
            st.text(visible(mask(as_given(line, store()))), width="stretch")
        for refused in result["refused"]:
            st.text(
                visible(f"Refused {as_given(refused['file'], store())}: {as_given(refused['reason'], store())}"),
                width="stretch",
            )


def summary(result: dict[str, Any]) -> list[str]:
    """The JSON of `import` in sentences."""
    held = result["store"]
    lines = []
    if result["rows_read"]:
        lines.append(
            f"{formatting.count(result['rows_read'], 'row')} read = {result['rows_kept']:,} kept + "
            f"{result['rows_rejected']:,} rejected + {result['rows_duplicate']:,} already there. "
            f"{formatting.count(result['conversations'], 'new conversation')} with {formatting.count(result['turns'], 'turn')}."
        )
    elif result["refused"]:
        lines.append("No row was read.")
    if result["clustering"] == "none" and not held["failures"] and held["conversations"]:
        lines.append(
            f"The store now holds {formatting.count(held['conversations'], 'conversation')} (snapshot {result['snapshot']}). "
            "What fails in them is not known before you press Analyse."
        )
        return lines
    lines.append(
        f"The store now holds {formatting.count(held['conversations'], 'conversation')}, {held['failures']:,} of them "
        f"failing, in {formatting.count(held['clusters'], 'cluster')} (snapshot {result['snapshot']})."
    )
    return lines


def named(paths: Sequence[str]) -> str:
    """The files of an import in a few words, an upload by the name that it came with."""
    names = [as_given(path, store()) for path in paths]
    shown = names[0] if Path(names[0]).name == names[0] else "…/" + Path(names[0]).name
    return visible(formatting.shortened(shown, 60)) + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _doing(job: Job) -> str:
    if job.undo:
        return f"Undo of import {job.undo}"
    if job.rearrange:
        return "Applying what was changed by hand"
    if not job.paths:
        return "Analysis of all imports"
    return f"Import of {named(job.paths)}"


def _running(here: Store) -> list[RunningJob]:
    """The builds of this store; a dry run is none."""
    return [job for job in worker.started(here) if not job.job.dry_run and not job.done]


def started_at(job: RunningJob) -> float:
    """When a build was started, in seconds since 1970."""
    return int(job.folder.name.partition("-")[0]) / 1e9


def _ended_at(job: RunningJob) -> float:
    for name in ("result.json", "progress.json", "job.json"):
        if (job.folder / name).exists():
            return (job.folder / name).stat().st_mtime
    return 0.0
