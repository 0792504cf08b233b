"""Bringing logs in, watching the build, and what each import was: the parts of the data page and of a first visit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench.access import current
from workbench.demo.generator import demo_job
from workbench.demo.history import write_after
from workbench.errors import UserError, WorkbenchError
from workbench.logs.files.find import SUFFIXES
from workbench.logs.saved_mappings import is_saved, saved
from workbench.logs.uploads import as_given, drop_after, take
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.ui.shared.progress import _running, builds
from workbench.ui.shared.session import person, require_named, require_triager, store
from workbench.ui.shared.text import error

GRANULARITIES = ("few", "normal", "many")
PREVIEW = "preview"
"""The parameter of the address that names a dry run to be shown (its folder in the store's jobs)."""
_TURN = "import_form_turn"


def start(**job: Any) -> None:
    """Start a build in the background and draw the page again, with its progress; what speaks against it is said."""
    _start_or_say(lambda actor: Job(store=str(store().root), actor=actor, **job))


def _start_or_say(make: Callable[[str], Job], then: Callable[[worker.RunningJob], None] = lambda running: None) -> None:
    try:
        then(worker.start(make(require_triager("import logs or build again"))))
    except WorkbenchError as e:
        error(e)
    else:
        st.rerun()


# --- bringing logs in -----------------------------------------------------------------------------------------------


def import_form() -> None:
    """Files from the browser or a path on this machine, and how to read them."""
    if store().read_only:
        st.info("The store can only be read from here. Logs are imported and analysed on the machine that builds it.")
        return
    turn = st.session_state.setdefault(_TURN, 0)  # a new key empties the form once its import has started
    limit = int(st.get_option("server.maxUploadSize"))
    with st.form(f"import_{turn}"):
        st.subheader("Bring logs in", anchor=False)
        files = st.file_uploader(
            f"Upload Parquet, CSV, JSON or JSON Lines (JSON also .gz), up to {limit:,} MB each",
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
    from workbench.logs.formats import READERS  # only this page needs the readers

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
            "scrub": st.checkbox(
                "Mask for good",
                bool(given and given.scrub),
                key=f"scrub_{key}",
                help="Addresses, numbers, names and the like are masked before anything is kept. This can't be undone: "
                "nobody can see what was logged, and a user who is to be forgotten can't be found in it by name.",
            ),
        }


def _begin(files: Sequence[Any], path: str, dry_run: bool, **read: Any) -> None:
    """Start an import, or the preview of one, which shows what lies on the server's disk and so takes the same role."""
    actor = require_reader([each for each in (path.strip(), read["mapping"]) if each])
    if not files and not path.strip():
        raise UserError(f"There is nothing to {'preview' if dry_run else 'import'} yet. Choose files, or name a path.")
    taken = take(store(), files) if files else []
    paths = [str(file) for file in taken] + ([path.strip()] if path.strip() else [])
    running = worker.start(Job(store=str(store().root), paths=paths, actor=actor, dry_run=dry_run, **read))
    if dry_run:
        st.query_params[PREVIEW] = running.folder.name
    elif taken:
        drop_after(lambda: running.done, taken)
    _let_go(files)
    st.session_state[_TURN] += 1
    st.rerun()


def _let_go(files: Sequence[Any]) -> None:
    """Forget uploads that are on disk now; Streamlit would keep them in memory for as long as their page is open."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def require_reader(paths: Sequence[str]) -> str:
    """The person who works here, where they may have these paths and mappings read; `Denied` otherwise, whatever is there.

    A list to choose from holds nobody to it: who writes to the socket sends what they like.
    """
    access = current()
    elsewhere = [path for path in paths if not access.is_own(path)]
    actor = require_named("bring logs in", "lead" if access.shared and elsewhere else "triager")
    access.require_readable(elsewhere)
    return actor


def _submit(label: str, type: Literal["primary", "secondary"], beside: str | None = None) -> str | None:
    """The label of the button that was pressed; whoever presses one says a name first."""
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = label if st.form_submit_button(label, type=type, disabled=not person()) else None
        if beside and st.form_submit_button(beside, disabled=not person()):
            pressed = beside
        if not person():
            st.caption("Say your name at the top first.", width="content")
    return pressed


def build_again() -> None:
    """Offer to build the evidence of the imports that are there."""
    st.subheader("Imports are there, their evidence is gone", anchor=False)
    st.text("No snapshot is left, but what was imported is kept. Labels and cluster ids come back with it.")
    if st.button("Build it again", key="build_again", type="primary", disabled=bool(_running(store()))):
        _start_or_say(lambda actor: Job(store=str(store().root), actor=actor))


def first_visit() -> None:
    """What to do while nothing can be shown: watch the build that runs, import, or take the demo."""
    running = bool(_running(store()))
    st.title("The first import is on its way" if running else "No logs yet", anchor=False)
    st.text(
        "From a chatbot's logs the workbench finds where it failed, groups what failed alike, and shows what to fix first, "
        "with the evidence for it. All of it stays on this machine.",
        width="stretch",
    )
    builds()
    left, right = st.columns([5, 3], gap="medium")
    with left:
        import_form()
    with right, st.container(border=True, key="demo"):
        if any(store().parts.glob("I*")):
            build_again()
        else:
            st.subheader("Or look around first", anchor=False)
            st.text(
                "The demo: 6,000 made-up conversations of three bots over twelve weeks, with known faults in them, and what a made-up pod said of them. "
                "It is ready in about two minutes, and can be undone on the data page."
            )
            if st.button("Load the demo", key="load_demo", disabled=running, width="stretch"):
                _start_or_say(lambda actor: demo_job(store(), actor), then=write_after)
        st.caption("In a terminal: `python -m workbench import PATH`, or `python -m workbench demo`.")


# --- the build ------------------------------------------------------------------------------------------------------


def analyse_form(granularity: str) -> None:
    """Find failures and clusters again, finer or coarser."""
    if store().read_only:
        return
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
