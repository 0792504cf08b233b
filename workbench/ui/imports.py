"""Bringing logs in, watching the build, and what each import was: the parts of the data page and of a first visit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import streamlit as st

from workbench.demo.generator import demo_job
from workbench.errors import Denied, UserError, WorkbenchError
from workbench.judgement.store import Judgement
from workbench.logs.files.find import SUFFIXES
from workbench.logs.files.remote import is_remote
from workbench.logs.formats import READERS
from workbench.logs.saved_mappings import is_saved, saved
from workbench.logs.uploads import as_given, drop_after, take
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.pipeline.worker import RunningJob
from workbench.store import Store
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.masking import mask
from workbench.ui.session import person, store
from workbench.ui.text import error

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

GRANULARITIES = ("few", "normal", "many")
RECENT = 3600.0
PREVIEW = "preview"
"""The parameter of the address that names a dry run to be shown (its folder in the store's jobs)."""
_TURN = "import_form_turn"


def require_triager(doing: str) -> str:
    """The person who works here, as the actor of a change; `Denied` for a viewer, whatever buttons were there."""
    with closing(Judgement(store().judgement_url)) as judgement:
        if judgement.role_of(person()) == "viewer":
            raise Denied(f"A viewer can't {doing}. Ask a lead to give {person() or 'you'} another role.")
    return person() or "somebody"


def start(**job: Any) -> None:
    """Start a build in the background and draw the page again, with its progress; what speaks against it is said."""
    _start_or_say(lambda actor: Job(store=str(store().root), actor=actor, **job))


def _start_or_say(make: Callable[[str], Job]) -> None:
    try:
        worker.start(make(require_triager("import logs or build again")))
    except WorkbenchError as e:
        error(e)
    else:
        st.rerun()


# --- bringing logs in -----------------------------------------------------------------------------------------------


def import_form() -> None:
    """Files from the browser or a path on this machine, and how to read them."""
    turn = st.session_state.setdefault(_TURN, 0)  # a new key empties the form once its import has started
    limit = int(st.get_option("server.maxUploadSize"))
    with st.form(f"import_{turn}"):
        st.subheader("Bring logs in", anchor=False)
        files = st.file_uploader(
            f"Upload Parquet, JSON or JSON Lines (also .gz), up to {limit:,} MB each",
            type=list(SUFFIXES),
            accept_multiple_files=True,
            key=f"upload_{turn}",
            help="A row a conversation, a row a message, or the export of a tracing tool. Preview says how a log is "
            "understood; the columns of any other can be named by hand then.",
        )
        path = st.text_input(
            "Or name a path, of any size: a file, a folder, a pattern like /logs/*.parquet, or s3://bucket/logs",
            key=f"path_{turn}",
        )
        with st.expander("Options", key=f"options_{turn}"):
            chosen = options(str(turn))
        pressed = _submit("Import", "primary", beside="Preview")
    if pressed:
        try:
            _begin(files, path or "", dry_run=pressed == "Preview", **chosen)
        except WorkbenchError as e:
            error(as_given(str(e), store()))


def options(key: str, given: Job | None = None) -> dict[str, Any]:
    """How to read, as fields of a `Job`; at first as `given`."""
    zones, formats = sorted(available_timezones()), ["auto", *READERS]
    files = [str(file) for file in saved(store())]
    if given and given.mapping and given.mapping not in files:
        files.insert(0, given.mapping)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {
            "bot": st.text_input(
                "Bot, where the log names none",
                given.bot or "" if given else "",
                placeholder="unknown",
                key=f"bot_{key}",
            )
            or None,
            "timezone": st.selectbox(
                "Zone of times without one",
                zones,
                index=zones.index(given.timezone) if given and given.timezone in zones else None,
                placeholder="UTC",
                key=f"zone_{key}",
            ),
            "format": st.selectbox(
                "Layout", formats, index=formats.index(given.format) if given else 0, key=f"format_{key}"
            ),
            "mapping": st.selectbox(
                "Mapping of its columns",
                files,
                index=files.index(given.mapping) if given and given.mapping else None,
                format_func=lambda file: Path(file).stem + ("" if is_saved(store(), Path(file)) else " (not saved)"),
                placeholder="none",
                key=f"mapping_{key}",
            ),
        }


def _begin(files: Sequence[Any], path: str, dry_run: bool, **read: Any) -> None:
    """Start an import, or the preview of one, which anybody may see."""
    actor = (person() or "somebody") if dry_run else require_triager("import logs")
    if not files and not path.strip():
        raise UserError(f"There is nothing to {'preview' if dry_run else 'import'} yet. Choose files, or name a path.")
    taken = take(store(), files) if files else []
    paths = [str(file) for file in taken] + ([path.strip()] if path.strip() else [])
    running = worker.start(Job(store=str(store().root), paths=paths, actor=actor, dry_run=dry_run, **read))
    if dry_run:
        st.query_params[PREVIEW] = running.folder.name
    elif taken:
        drop_after(lambda: running.done, taken)
    st.session_state[_TURN] += 1
    st.rerun()


def _submit(label: str, type: Literal["primary", "secondary"], beside: str | None = None) -> str | None:
    """The label of the button that was pressed. Who changes something says a name first; what stands beside doesn't."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = label if st.form_submit_button(label, type=type, disabled=not person()) else None
        if beside and st.form_submit_button(beside):
            pressed = beside
        if not person():
            st.caption("Say your name at the top first.", width="content")
    return pressed


def first_visit() -> None:
    """What to do while nothing can be shown: watch the build that runs, import, or take the demo."""
    running = bool(_running(store()))
    st.title("The first import is on its way" if running else "No conversations yet", anchor=False)
    builds()
    left, right = st.columns([5, 3], gap="medium")
    with left:
        import_form()
    with right, st.container(border=True, key="demo"):
        if any(store().parts.glob("I*")):
            st.subheader("Imports are there, their evidence is gone", anchor=False)
            st.text("No snapshot is left, but what was imported is kept. Labels and cluster ids come back with it.")
            if st.button("Build it again", key="build_again", disabled=running, width="stretch"):
                _start_or_say(lambda actor: Job(store=str(store().root), actor=actor))
        else:
            st.subheader("Or look around first", anchor=False)
            st.text(
                "The demo: 6,000 made-up conversations of three bots over twelve weeks, with known faults in them. "
                "It is ready in about two minutes, and can be undone on the data page."
            )
            if st.button("Load the demo", key="load_demo", disabled=running, width="stretch"):
                _start_or_say(lambda actor: demo_job(store(), actor))
        st.caption("In a terminal: `python -m workbench import PATH`, or `python -m workbench demo`.")


# --- the build ------------------------------------------------------------------------------------------------------


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
        st.caption("Another build of this store is running. This one waits its turn and begins when that has ended.")


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
                st.switch_page(Path(__file__).resolve().parents[2] / "pages" / "clusters.py")
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


def analyse_form(granularity: str) -> None:
    """Find failures and clusters again, finer or coarser."""
    with st.form("analyse"):
        st.subheader("Analyse again", anchor=False)
        chosen = st.segmented_control(
            "How many clusters", GRANULARITIES, default=granularity, required=True, key="granularity", width="stretch"
        )
        st.caption(
            "Labels, owners and tickets follow their clusters through the change; the choice holds from then on."
        )
        pressed = _submit("Analyse", "secondary")
    if pressed:
        start(granularity=chosen)
