"""Five members at random, one after the other: does the cluster's label hold for them?"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.review import blind_rounds, label_check
from workbench.review.label_check import CheckList, code_of
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.conversations.transcript import documents, transcript
from workbench.ui.labels.cause_keys import cause_keys, title
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.filters import current_filter
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.text import badge


def page(bench: Bench, draw: str) -> None:
    """The check of one cluster's label; where it stands is in the address as n from 1."""
    listed = label_check.check_list(bench, draw)
    asked, keys = st.query_params.get("n", ""), listed.draw.conversations
    place = min(max(int(asked) - 1 if asked.isdecimal() else listed.first_open, 0), len(keys))
    st.query_params["n"] = str(place + 1)
    if place == len(keys):
        _end(bench, listed)
    else:
        _screen(bench, listed, place)


def _screen(bench: Bench, listed: CheckList, place: int) -> None:
    key = listed.draw.conversations[place]
    own, meant = listed.own_labels.get(key), code_of(listed.label)
    with st.container(key="checking_head", horizontal=True, vertical_alignment="center"):
        st.page_link(ROOT / "pages" / "cluster.py", label=f"← {listed.cluster}", query_params={"c": listed.cluster},
                     width="content")  # fmt: skip
        st.caption(
            plain(
                f"Member {place + 1} of {len(listed.draw.conversations)}, drawn at random from "
                f"{listed.draw.population:,} without a label of their own ({listed.draw.draw})"
            )
        )
    try:
        detail = bench.conversation(key)
    except UserError:
        st.info("This conversation is not in the data any more. Go on with J.")
        detail = None
    main, side = st.columns([5, 3], gap="medium")
    with main:
        if detail is not None:
            shown = replace(detail, verdicts=[])
            transcript(shown, shown.candidates[0].position if shown.candidates else None, after=8)
            documents(shown.conversation.retrieved, "Documents that the bot had", "documents")
    with side, st.container(border=True, key="check_one"):
        st.subheader("Is that what went wrong here?", anchor=False)
        off = detail is None or not may_read(bench)
        if meant:
            st.button(f"Yes: {plain(title(meant))}", key="check_yes", shortcut="Y", width="stretch",
                      type="primary" if code_of(own) in (None, meant) else "secondary",
                      disabled=off, on_click=_say, args=(bench, listed, place, meant))  # fmt: skip
            st.caption("No, it is rather:")
        cause_keys(
            f"{listed.draw.draw}_{place}_{own.version if own else 0}",
            [code for code in blind_rounds.short_list(bench) if code != meant],
            code_of(own),
            lambda code: _say(bench, listed, place, code),
            disabled=off,
        )
        if own is not None:
            badge(f"{formatting.shortened(own.by)} said: {title(code_of(own) or '')}", "violet")
        why_silent(bench)
        refusal()
    with st.bottom, st.container(key="checking_keys", horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Take back", key="check_undo", shortcut="U", disabled=off or own is None,
                  on_click=_undo, args=(bench, listed, place))  # fmt: skip
        st.button("Back", key="check_back", shortcut="K", disabled=place == 0, on_click=_go, args=(listed, place - 1))
        st.button("Next", key="check_next", shortcut="J", on_click=_go, args=(listed, place + 1))


def _end(bench: Bench, listed: CheckList) -> None:
    """What the check found, and where to go from here."""
    st.title(f"{listed.cluster} is checked", anchor=False)
    agreeing = sum(code_of(label) == code_of(listed.label) for label in listed.own_labels.values())
    st.text(
        f"Of {formatting.count(len(listed.draw.conversations), 'member')} drawn, {len(listed.own_labels)} were read: the label "
        f"{visible(title(code_of(listed.label) or 'nothing'))} holds for {agreeing}."
    )
    if listed.label is not None:
        members = bench.cluster(listed.cluster).members
        st.text(label_check.checked(listed.label, members, bench.labels_said()).sentence(), width="stretch")
    if agreeing < len(listed.own_labels):
        st.info("Where it does not hold, the member's own label counts. If many differ, split the cluster on its page.")
    ranked = [row.cluster for row in bench.clusters(current_filter())]
    following = label_check.next_unlabelled(bench, ranked, listed.cluster)
    with st.container(key="checking_end", horizontal=True, vertical_alignment="center"):
        st.button(
            "Back", key="check_back", shortcut="K", on_click=_go, args=(listed, len(listed.draw.conversations) - 1)
        )
        if following and st.button("Next unlabelled cluster", key="check_on", shortcut="J", type="primary"):
            go("cluster", c=following)
        st.page_link(ROOT / "pages" / "cluster.py", label=f"To {listed.cluster}", query_params={"c": listed.cluster})


def _say(bench: Bench, listed: CheckList, place: int, code: str) -> None:
    key = listed.draw.conversations[place]
    if attempt(lambda: label_check.say(bench, listed, key, code)) is not None:
        _go(listed, place + 1)


def _undo(bench: Bench, listed: CheckList, place: int) -> None:
    own = listed.own_labels[listed.draw.conversations[place]]
    attempt(lambda: bench.history.undo(own.version))


def _go(listed: CheckList, place: int) -> None:
    st.query_params.from_dict({"d": listed.draw.draw, "n": str(place + 1)})
