"""The parts of the page Bots: the table of them, who answers for one, and what its tools do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.wording import SUSPECTED
from workbench.errors import WorkbenchError
from workbench.judgement.records.pod import TOOL_KINDS, Bot
from workbench.reports.bots import BotRow, ToolRow, say_of_tool
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.logs import import_form
from workbench.ui.reports.inventory import sla_hours
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.people import NAMELESS, name_box, names
from workbench.ui.shared.session import person
from workbench.ui.shared.tables import ROW_HEIGHT, pick
from workbench.ui.shared.text import error

DONE = "bots_done"
_AS_GUESSED = "as its name says"
_TOOLS_SHOWN = 12
_text, _number, _date = st.column_config.TextColumn, st.column_config.NumberColumn, st.column_config.DateColumn


def unowned(rows: Sequence[BotRow]) -> str:
    """Which bots nobody answers for, in a sentence."""
    without = [visible(row.bot) for row in rows if not row.owner]
    if not without:
        return "Every bot has an owner."
    named = ", ".join(without[:5]) + (" …" if len(without) > 5 else "")
    return f"{formatting.count(len(without), 'bot has', 'bots have')} no owner: {named}."


def bot_table(rows: Sequence[BotRow], flags: Mapping[str, Sequence[str]], version: str) -> BotRow | None:
    """Every bot; the one that was picked."""
    shown = [
        {
            "Bot": visible(row.bot),
            "Owner": visible(row.owner or "–"),
            "Flags": [visible(flag) for flag in flags.get(row.bot, [])],
            "Conversations": row.conversations,
            "Failing": None if row.failure_rate is None else 100 * row.failure_rate,
            "95 %": formatting.interval(row.rate_low, row.rate_high) if row.conversations else "",
            "Suspected": row.suspected,
            "Open tickets": len(row.open_tickets),
            "Releases": [visible(release) for release in row.releases],
            "On call": visible(row.on_call or ""),
            "Provider": visible(row.provider or ""),
            "Deputy": visible(row.deputy or ""),
            "Pod": visible(row.pod or ""),
            "First seen": row.first_seen,
            "Last seen": row.last_seen,
            "Note": visible(row.note),
        }
        for row in rows
    ]
    config = {
        "Bot": _text(width=130),
        "Owner": _text(width=90),
        "Flags": st.column_config.ListColumn(
            width=260, help="No owner, no log or a silent one, versions that are not pinned, an SLA that was missed."
        ),
        "On call": _text(width=110),
        "Provider": _text(width=110),
        "Deputy": _text(width=90),
        "Pod": _text(width=90),
        "Conversations": _number(width=95, format="localized"),
        "Failing": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=110),
        "95 %": _text(width=85, help="Wilson interval of the failing share."),
        "Suspected": _number(width=80, format="localized", help=SUSPECTED),
        "Open tickets": _number(width=90, help="Tickets of its clusters that are neither verified nor given up."),
        "Releases": st.column_config.ListColumn(width=200, help="By first sight."),
        "First seen": _date(width=95, format="D MMM YYYY"),
        "Last seen": _date(width=95, format="D MMM YYYY"),
        "Note": _text(width=150),
    }
    picked = pick("bots", shown, config, version, tallest=10)
    return None if picked is None else rows[picked]


def release_asked(row: BotRow) -> str | None:
    """The release that the bot's matrix is narrowed to, and the way to compare two; None for all."""
    if not row.releases:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="bot_release"):
        release = st.selectbox(
            "Release", row.releases, index=None, key=f"matrix_release_{row.bot}", format_func=visible,
            placeholder="All releases", width=420,
        )  # fmt: skip
        if len(row.releases) > 1:
            newest = release or row.releases[-1]
            place = row.releases.index(newest)
            st.page_link(
                ROOT / "pages" / "releases.py",
                label="Compare two releases",
                query_params={"b": row.bot, "r": newest, "r2": row.releases[place - 1 if place else 1]},
            )
    return release


def readiness_link(bot: str) -> None:
    """The way to what should hold of a bot by day 30, 60 and 90."""
    st.page_link(ROOT / "pages" / "readiness.py", label="Readiness by day 30, 60 and 90", query_params={"bot": bot})


def who_answers(bench: Bench, row: BotRow) -> None:
    """The form that says who answers for a bot."""
    people = names(bench, row.owner, row.deputy)
    entry = bench.pod.bots().get(row.bot) or Bot(row.bot)
    noted = entry.note  # as it was typed: the row's is masked, and would be saved so
    versions: dict[str, list[str]] = {"model": [], "prompt": []}
    for version in bench.evidence.versions():
        if version.bot == row.bot:
            versions[version.kind].append(version.name)
    # What was saved elsewhere meanwhile is in the key, so that the fields begin anew with it.
    key = f"bot_{row.bot}_{entry.version}"
    with st.form(key):
        st.markdown("**Who answers for it**")
        owner = name_box("Owner", people, row.owner, "bot_owner", key)
        deputy = name_box("Deputy", people, row.deputy, "bot_deputy", key)
        first, second = st.columns(2, gap="small")
        with first:
            pod = st.text_input(
                "Pod", row.pod or "", max_chars=60, key=f"{key}_pod", placeholder="The team it belongs to"
            )
            models = _pinned("Pinned models", versions["model"], entry.models, f"{key}_models")
        with second:
            provider = st.text_input(
                "Provider", row.provider or "", max_chars=60, key=f"{key}_provider", placeholder="Who runs it"
            )
            prompts = _pinned("Pinned prompts", versions["prompt"], entry.prompts, f"{key}_prompts")
        on_call = st.text_input(
            "On call",
            row.on_call or "",
            max_chars=120,
            key=f"{key}_on_call",
            placeholder="A person, a rota or a number",
        )
        st.caption("SLA: hours from a ticket's opening to its fix, by severity")
        sla = sla_hours(entry.sla, key)
        note = st.text_area("Note", noted, max_chars=2_000, height=76, key=f"{key}_note")
        off = not person()
        saved = st.form_submit_button("Save", type="primary", disabled=off, help=NAMELESS if off else None)
        st.caption("The owner is who answers for its clusters, too, where neither they nor their ticket name another.")
    if not saved:
        return
    try:
        bench.pod.set_bot(
            row.bot,
            owner=(owner or "").strip() or None,
            deputy=(deputy or "").strip() or None,
            pod=(pod or "").strip() or None,
            note=(note or "").strip(),
            on_call=(on_call or "").strip() or None,
            provider=(provider or "").strip() or None,
            sla=sla,
            models=models,
            prompts=prompts,
        )
    except WorkbenchError as e:
        error(e)
    else:
        done("Saved. Undo stands on the page Activity.")


def _pinned(label: str, seen: Sequence[str], pinned: Sequence[str], key: str) -> list[str]:
    """The versions that a bot may run: those of the log to choose from, and others by typing."""
    return st.multiselect(
        label, list(dict.fromkeys([*pinned, *seen])), default=list(pinned), key=key, format_func=visible,
        accept_new_options=True, placeholder="Any",
    )  # fmt: skip


def tools(bench: Bench, bot: str, rows: Sequence[ToolRow]) -> None:
    """What a bot's tools do by their names, and the choice to say otherwise."""
    st.markdown("**What its tools do**")
    if not rows:
        st.caption("This bot called no tool in this snapshot.")
        return
    st.dataframe(
        [
            {
                "Tool": visible(row.tool),
                "Calls": row.calls,
                "Conversations": row.conversations,
                "By its name": row.guessed,
                "People say": (row.said or "") + (" (waits)" if row.waits else ""),
            }
            for row in rows
        ],
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(rows), _TOOLS_SHOWN) + 1) + 2,
        column_config={
            "Tool": _text(width=240),
            "Calls": _number(width=70, format="localized"),
            "Conversations": _number(width=100, format="localized"),
            "By its name": _text(
                width=90, help="Guessed from the verb in its name; a tool with an unknown verb counts as a read."
            ),
            "People say": _text(width=110),
        },
        alt="tools",
    )
    _override(bench, bot, rows)
    if any(row.waits for row in rows) and st.button("Analyse again", key="analyse_for_tools"):
        import_form.start()


def _override(bench: Bench, bot: str, rows: Sequence[ToolRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_name = {row.tool: row for row in rows}
        tool = str(st.selectbox("Tool", list(by_name), format_func=visible, key=f"tool_of_{bot}", width=240))
        choices = [_AS_GUESSED, *TOOL_KINDS]
        override = by_name[tool].said
        kind = st.selectbox(
            "What it does",
            choices,
            index=choices.index(override or _AS_GUESSED),
            key=f"kind_{bot}_{tool}_{override}",
            width=170,
        )
        off = not person()
        saved = st.button("Save", key="save_tool", disabled=off, help=NAMELESS if off else None)
    st.caption(
        "A write that went through makes a failure severe, and changes how it went. "
        "What you say takes effect at the next analysis."
    )
    if saved:
        try:
            say_of_tool(bench, bot, tool, None if kind == _AS_GUESSED else kind)
        except WorkbenchError as e:
            error(e)
        else:
            done("Saved. It takes effect at the next analysis.")


def done(sentence: str) -> None:
    """Draw the page again and say what was done."""
    st.session_state[DONE] = sentence
    st.rerun()


def say_done() -> None:
    """What was done before the page was drawn again."""
    if message := st.session_state.pop(DONE, None):
        st.toast(message)
