"""Dry runs on screen: the one that the address names, its progress with a way to cancel, and the way back."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from workbench.errors import Denied, WorkbenchError
from workbench.logs.uploads import as_given
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.pipeline.worker import RunningJob
from workbench.text.escaping import plain
from workbench.ui.logs.import_form import PREVIEW, require_reader
from workbench.ui.shared.progress import clock, now, started_at
from workbench.ui.shared.session import store
from workbench.ui.shared.text import error

FIELDS = "columns"
"""The parameter of the address that names a dry run telling a log's fields, for a mapping by hand."""


def asked(parameter: str) -> RunningJob | None:
    """The dry run that the address names; a name that isn't kept any longer is said, and forgotten.

    It shows what lies on the server's disk, so whoever couldn't have started it doesn't see it.
    """
    name = st.query_params.get(parameter)
    if not name:
        return None
    running = next((each for each in worker.started(store()) if each.folder.name == name), None)
    if running is not None and running.job.dry_run:
        try:
            require_reader(running.job.reads)
        except Denied as e:
            say(e)
            return None
        return running
    del st.query_params[parameter]
    st.info("This preview isn't kept any longer. Preview the log again.")
    return None


def begin(parameter: str, job: Job) -> None:
    """Start a dry run and draw the page again, with its progress; what speaks against it is said."""
    try:
        running = worker.start(replace(job, actor=require_reader(job.reads)))
    except WorkbenchError as e:
        say(e)
        return
    st.query_params.pop(FIELDS, None)
    st.query_params[parameter] = running.folder.name
    st.rerun()


def back(*parameters: str) -> None:
    """Leave what these parameters name, and draw the page again."""
    for parameter in parameters or (FIELDS, PREVIEW):
        st.query_params.pop(parameter, None)
    st.rerun()


@st.fragment(run_every=0.5)
def follow(running: RunningJob, doing: str) -> None:
    """Draws itself twice a second, and the whole page once the dry run ended."""
    if running.done:
        st.rerun()
    with suppress(FileNotFoundError), st.container(border=True, key="dry_run"):
        progress = running.progress()
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.subheader(plain(doing), anchor=False, width="stretch")
            st.caption(clock(time.time() - started_at(running)), width="content")
            if st.button("Cancel", key="cancel_dry_run"):
                running.cancel()
                st.rerun()
        share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
        st.progress(share, text=now(progress))


def say(problem: Exception) -> None:
    """A problem in one message, with uploads under the names that they came with."""
    error(as_given(str(problem), store()))
