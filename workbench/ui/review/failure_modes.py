"""Failure modes on screen: counted by bot and week, made of readers' notes, named, merged, turned into root causes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import ModelMissing, UserError
from workbench.judgement.records.reading import Mode
from workbench.review import failure_modes
from workbench.review.failure_modes import LEAST, ModeCount, Note, Proposal
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.actions import attempt, may_read, refusal
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.session import taxonomy
from workbench.ui.shared.tables import downloads, pick
from workbench.ui.shared.text import error

WEEKS_SHOWN = 8
_GROUPED, _PROPOSED = "notes_grouped", "notes_proposed"
_NEW = "a new failure mode"


def modes(bench: Bench) -> None:
    """Every failure mode with how often, by bot and week, and what is noted beside them."""
    st.header("Failure modes", anchor=False)
    refusal()
    live = {mode.mode: mode for mode in bench.modes.all() if not mode.merged_into}
    loose = failure_modes.loose_notes(bench)
    if not live and not loose:
        st.info(
            "Read some conversations, and note the first thing that went wrong in those that failed: "
            "here the notes are grouped into failure modes, to be named, counted and made root causes."
        )
        return
    if live:
        _table(bench, live)
    if loose:
        _loose(bench, live, loose)


def _table(bench: Bench, live: dict[str, Mode]) -> None:
    counts = failure_modes.mode_counts(bench)
    weeks = sorted({row.week for row in counts if row.week})[-WEEKS_SHOWN:]
    order = dict.fromkeys(
        [*((row.mode, row.bot) for row in counts), *((name, "") for name in _uncounted(live, counts))]
    )
    order_of, shown = list(order), []
    for name, bot in order_of:
        mine = [row for row in counts if (row.mode, row.bot) == (name, bot)]
        mode = live[name]
        shown.append(
            {
                "Id": name,
                "Failure mode": visible(mode.name),
                "Became": mode.cause or mode.cluster or "",
                "Bot": visible(bot),
                "All": sum(row.conversations for row in mine),
                **{week: sum(row.conversations for row in mine if row.week == week) or None for week in weeks},
            }
        )
    config = {
        "Id": st.column_config.TextColumn(width=80),
        "Failure mode": st.column_config.TextColumn(width=300),
        "All": st.column_config.NumberColumn(width=60, help="Conversations in which readers noted it."),
    }
    picked = pick("modes", shown, config, bench.version(), tallest=10)
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads("modes", lambda: counts, "failure-modes")
        st.caption(f"{formatting.count(len(live), 'failure mode')}. A click opens one.")
    if picked is not None:
        st.query_params["m"] = order_of[picked][0]
    if (asked := st.query_params.get("m")) in live:
        _mode_form(bench, live, live[asked])


def _uncounted(live: dict[str, Mode], counts: Sequence[ModeCount]) -> list[str]:
    """Modes whose notes were all taken back."""
    return [name for name in live if name not in {row.mode for row in counts}]


def _mode_form(bench: Bench, live: dict[str, Mode], mode: Mode) -> None:
    """Name a mode, define it, merge it, or make it a root cause."""
    key = f"{mode.mode}_{mode.version}"
    off = not may_read(bench)
    with st.container(border=True, key="one_mode"):
        st.subheader(plain(f"{mode.mode} {mode.name}"), anchor=False)
        st.caption(
            plain(
                "; ".join(formatting.shortened(note.text, 80) for note in failure_modes.notes_of(bench, mode.mode)[:8])
            )
        )
        naming, merging, causing = st.columns([3, 2, 3], gap="medium")
        with naming, st.form(f"name_{key}", border=False):
            st.text_input("Name", mode.name, max_chars=120, key=f"name_of_{key}")
            st.text_area("What counts as this, and what does not", mode.definition, height=90, key=f"definition_{key}")
            st.form_submit_button("Save", disabled=off, on_click=_rename, args=(bench, mode, key))
        others = {other.mode: other for other in live.values() if other.mode != mode.mode}
        with merging, st.form(f"merge_{key}", border=False):
            st.selectbox(
                "The same as",
                list(others),
                index=None,
                format_func=lambda code: plain(f"{code} {others[code].name}"),
                placeholder="Another failure mode",
                key=f"into_{key}",
            )
            st.form_submit_button("Merge", disabled=off or not others, on_click=_merge, args=(bench, mode, key))
        with causing:
            _cause(bench, mode, key, off)


def _cause(bench: Bench, mode: Mode, key: str, off: bool) -> None:
    offered = taxonomy().offered()
    with st.form(f"cause_{key}", border=False):
        st.selectbox(
            "Root cause",
            [*offered],
            index=list(offered).index(mode.cause) if mode.cause in offered else None,
            format_func=lambda code: f"{offered[code].title} ({code})" if code in offered else code,
            placeholder="Choose one, or type a new code like late-refund",
            accept_new_options=True,
            key=f"code_{key}",
            help="A new code takes the mode's name and definition. Conversations of this mode that nobody has labelled get it.",
        )
        st.form_submit_button("Make it this root cause", disabled=off, on_click=_become, args=(bench, mode, key))
    if mode.cluster:
        st.page_link(
            ROOT / "pages" / "cluster.py", label=f"Its cluster {mode.cluster}", query_params={"c": mode.cluster}
        )
    elif home := failure_modes.home_of(bench, mode.mode):
        st.button(
            f"Split {formatting.count(len(home.keys), 'failure')} of {home.size:,} off {home.cluster}",
            key=f"split_{key}",
            disabled=off,
            help="They become a cluster of their own, under this name.",
            on_click=attempt,
            args=(lambda: failure_modes.make_cluster(bench, mode),),
        )
    if message := st.session_state.pop("became", None):
        st.caption(message)


def _loose(bench: Bench, live: dict[str, Mode], loose: list[Note]) -> None:
    """Notes in no mode: in groups on request, or as one list to choose from."""
    st.subheader("Notes in no failure mode yet", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        ready = len(loose) >= LEAST
        if st.button("Group them", key="group_notes", disabled=not ready):
            st.session_state[_GROUPED] = True
        st.caption(
            f"{formatting.count(len(loose), 'note')}. Alike ones are put together; you name the groups."
            if ready
            else f"{formatting.count(len(loose), 'note')}: too few to group by themselves, that begins at {LEAST}. Choose by hand:"
        )
    if not (ready and st.session_state.get(_GROUPED)):
        _group(bench, live, "all", loose, "", None, chosen=False)
        return
    try:
        with st.spinner("Comparing the notes"):
            groups = _proposals(bench)
    except ModelMissing as e:
        error(e)
        return
    for number, group in enumerate(groups):
        _group(bench, live, f"{number}", group.notes, group.name, group.mode, chosen=True)


def _proposals(bench: Bench) -> list[Proposal]:
    """The groups, kept while nothing changes: each run of the page would else compare all notes again."""
    version = (str(bench.store.root), bench.version())
    kept = st.session_state.get(_PROPOSED)
    if kept is None or kept[0] != version:
        kept = st.session_state[_PROPOSED] = (version, failure_modes.proposed_modes(bench))
    proposed: list[Proposal] = kept[1]
    return proposed


def _group(
    bench: Bench,
    live: dict[str, Mode],
    name: str,
    notes: Sequence[Note],
    proposed: str,
    like: str | None,
    *,
    chosen: bool,
) -> None:
    """Notes to tick, and the mode that they become."""
    key = f"group_{name}_{bench.history.sequence()}"
    with st.container(border=True, key=f"notes_{name}"):
        listed, named = st.columns([3, 2], gap="medium")
        with listed:
            ticked = st.data_editor(
                [{"In": chosen, "Note": visible(note.text), "By": visible(note.reader)} for note in notes],
                key=f"{key}_ticked",
                disabled=["Note", "By"],
                hide_index=True,
                height=36 * (min(len(notes), 6) + 1) + 2,
                column_config={
                    "In": st.column_config.CheckboxColumn(width=40),
                    "Note": st.column_config.TextColumn(width=420),
                    "By": st.column_config.TextColumn(width=80),
                },
            )
        with named:
            title = st.text_input("Name", proposed, max_chars=120, key=f"{key}_name")
            into = st.selectbox(
                "Becomes",
                [_NEW, *live],
                index=[_NEW, *live].index(like) if like in live else 0,
                format_func=lambda mode: plain(f"{mode} {live[mode].name}") if mode in live else mode,
                key=f"{key}_into",
            )
            wanted = [note for note, row in zip(notes, ticked, strict=True) if row["In"]]
            if st.button(
                f"Keep {formatting.count(len(wanted), 'note')} as this",
                key=f"{key}_keep",
                disabled=not wanted or not may_read(bench),
            ):
                mode = into if into in live else None
                if attempt(lambda: failure_modes.put_notes(bench, wanted, name=title, mode=mode)) is not None:
                    st.rerun()
                refusal()


def _rename(bench: Bench, mode: Mode, key: str) -> None:
    state = st.session_state
    attempt(lambda: bench.modes.edit(mode.mode, name=state[f"name_of_{key}"], definition=state[f"definition_{key}"]))


def _merge(bench: Bench, mode: Mode, key: str) -> None:
    into = st.session_state[f"into_{key}"]
    if into and attempt(lambda: bench.modes.merge(mode.mode, into)) is not None:
        st.query_params["m"] = into


def _become(bench: Bench, mode: Mode, key: str) -> None:
    code = st.session_state[f"code_{key}"]

    def made() -> int:
        if not code:
            raise UserError("Choose a root cause, or type a new code.")
        return failure_modes.make_cause(bench, mode.mode, code, title=mode.name, meaning=mode.definition or mode.name)

    labelled = attempt(made)
    if labelled is not None:
        st.session_state["became"] = f"Done: {formatting.count(labelled, 'conversation')} labelled {plain(code)}."
