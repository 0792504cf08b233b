"""Who looks at which store: the bench of this session, and the name that stands behind what is said."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import streamlit as st

from workbench.access import LONGEST_NAME, NOBODY, acceptable_name, current, name_in_header
from workbench.bench.bench import Bench
from workbench.errors import Denied
from workbench.judgement.records.pod import ROLES
from workbench.judgement.taxonomy import Taxonomy
from workbench.store import Store, served_store, write_json

_NAME = "person"
_SIGNED_IN = "signed_in"
VISIT = "visit"  # counts the pages that were opened; a form remembers in which of these visits it was begun


def store() -> Store:
    """The store that this app serves."""
    return served_store()


def open_bench() -> Bench:
    """The bench of this store, with this session's person as its actor."""
    return _bench(str(store().root)).acting(person())


def taxonomy() -> Taxonomy:
    """The root causes as the pod has them now."""
    return open_bench().causes.taxonomy()


def person() -> str:
    """Who signed in; where nobody has to, the name that was given in this browser, empty until somebody says it."""
    if current().shared:
        return name_in_header(st.context.headers.get(current().header) or "")
    if _NAME not in st.session_state:
        st.session_state[_NAME] = _names().get(_browser(), "")
    return str(st.session_state[_NAME])


def offered_name() -> str:
    """Who may be at this machine, as the operating system knows them: what the box for a name offers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no user of that number, as in some containers
        return ""


def introduce(name: str) -> None:
    """Remember who works in this browser, also over a restart of the server; `Denied` where a sign-in says who it is."""
    if current().shared:
        raise Denied("The sign-in says who you are. Sign in as somebody else to work under another name.")
    if not (given := acceptable_name(name)):
        raise Denied(
            f"{name[:LONGEST_NAME]!r} can't be a name here: it is too long, holds what can't be seen, mixes alphabets, or is the program's own word."
        )
    name = given
    open_bench().pod.remember(name)
    st.session_state[_NAME] = name
    if _browser() and not store().read_only:
        write_json(_names_file(), _names() | {_browser(): name})


def remember_signed_in() -> str:
    """The name of who signed in, remembered in the pod once a session."""
    name = person()
    if name and st.session_state.get(_SIGNED_IN) != name:
        open_bench().pod.remember(name)
        st.session_state[_SIGNED_IN] = name
    return name


def keep_to_one_person() -> None:
    """Start afresh where somebody else signed in on a page that another person had open: nothing of theirs is kept."""
    if current().shared and st.session_state.get(_SIGNED_IN, person()) != person():
        st.session_state.clear()


def _browser() -> str:
    return st.context.cookies.get(BROWSER_COOKIE, "")


def _names_file() -> Path:
    return store().root / "browsers.json"


def _names() -> dict[str, str]:
    """Names by browser cookie, so that a reload doesn't ask again."""
    try:
        names: dict[str, str] = json.loads(_names_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return names


@st.cache_resource(show_spinner=False)
def _bench(root: str) -> Bench:
    return Bench(Store(Path(root)))


def require_triager(doing: str) -> str:
    """The person who works here, as the actor of a change; `Denied` for a viewer, whatever buttons were there."""
    if open_bench().pod.role_of(person()) == "viewer":
        raise Denied(f"A viewer can't {doing}. Ask a lead to give {person() or 'you'} another role.")
    return person() or NOBODY


def require_named(doing: str, least: str = "triager") -> str:
    """The person who works here, as the actor of what reads the server's disk or network; `Denied` without a name or this role."""
    if not person():
        raise Denied(f"Say your name at the top before you {doing}.")
    role = open_bench().pod.role_of(person())
    if ROLES.index(role) < ROLES.index(least):
        raise Denied(f"A {role} can't {doing}; it takes a {least}. Ask a lead to give {person()} another role.")
    return person()


BROWSER_COOKIE = "workbench_browser"
