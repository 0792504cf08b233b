"""A mapping made by hand: the columns of an in-house log picked from what stands in it, and what counts as failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from workbench.conversation.outcome import parse_rules
from workbench.conversation.roles import Side, is_bot, side_of
from workbench.errors import UserError, WorkbenchError
from workbench.logs import saved_mappings
from workbench.logs.formats import ColumnMapping, load_mapping
from workbench.logs.likely_columns import LogField, likely, likely_layout, likely_messages
from workbench.logs.preview import JUDGING
from workbench.logs.uploads import as_given
from workbench.pipeline.worker import RunningJob
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.logs import dry_runs
from workbench.ui.logs.import_form import PREVIEW
from workbench.ui.shared.progress import named
from workbench.ui.shared.session import require_triager, store
from workbench.ui.shared.tables import ROW_HEIGHT
from workbench.ui.shared.text import code

LAYOUTS = {"chat": "a conversation", "turns": "a message"}
ROLES = ("user", "assistant", "tool", "system")
AS_LOGGED = "as logged"
CONDITION = "< 0.5, or == no"
_TITLES = {
    "conversation_id": "Conversation's id",
    "messages": "Messages",
    "role": "Role (who speaks)",
    "content": "Content (what is said)",
    "turn_index": "Place in the conversation",
    "timestamp": "Time of the message",
}
_OF_CONVERSATION = (
    "bot", "started_at", "ended_at", "model", "model_version", "prompt_version", "release", "outcome", "reward",
    "feedback_score", "feedback_text", "user_id", "channel", "retrieved",
)  # fmt: skip
_OF_MESSAGE = (
    "name", "tool_calls", "tool_call_id", "error", "latency_ms", "finish_reason", "retrieved", "citations", "feedback",
)  # fmt: skip
_BESIDE: dict[Side | None, str] = {"bot": "user", "user": "assistant"}
"""Who the other one of two likely is."""
_OURS: dict[Side | None, str] = {"user": "user", "bot": "assistant", "tool": "tool", "system": "system"}


def panel(running: RunningJob) -> None:
    """The form for the log whose fields this dry run tells."""
    name = named(running.job.paths)
    if not running.done:
        dry_runs.follow(running, f"Look at the fields of {name}")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(f"Name the columns of {name}"), anchor=False, width="stretch")
        if st.button("Back", key="back_from_mapping"):
            dry_runs.back(dry_runs.FIELDS)
    try:
        preview = running.result()
        start = load_mapping(Path(running.job.mapping)) if running.job.mapping else None
    except WorkbenchError as e:
        dry_runs.say(e)
        return
    fields = [LogField(**each) for each in preview["fields"]]
    left, right = st.columns([5, 3], gap="medium")
    with right:
        _field_table(fields)
        for note in preview["notes"]:
            st.caption(plain(as_given(note, store())))
    with left:
        _ask_rows(running, preview["lists"], preview["rows"])
        _builder(running, fields, start if start and start.layout else None, preview["rows"])


def rule_rows(columns: Mapping[str, str], rules: Sequence[tuple[str, str]], key: str) -> dict[str, str]:
    """Conditions under which a conversation failed, one a line, and one line more for another; `columns` are those
    to choose from, with what is said of each. A line without a column or a condition counts for nothing."""
    conditions: dict[str, str] = {}
    for number, (column, condition) in enumerate([*rules, (None, "")]):
        left, right = st.columns([3, 2], gap="small", vertical_alignment="bottom")
        options = list(columns) if column is None or column in columns else [column, *columns]
        chosen = left.selectbox(
            "Failed when" if number == 0 else "or when",
            options,
            index=None if column is None else options.index(column),
            format_func=lambda name: visible(columns.get(name) or name, 80),
            placeholder="a column",
            accept_new_options=True,
            key=f"{key}_column_{number}",
        )
        typed = right.text_input(
            "Condition",
            condition,
            placeholder=CONDITION,
            key=f"{key}_rule_{number}",
            label_visibility="hidden" if number else "visible",
            help=None if number else "A sign (< <= > >= == !=) and a number or a word.",
        )
        if chosen and typed and typed.strip():
            conditions[chosen] = typed.strip()
    return conditions


def mapping_file(mapping: ColumnMapping, key: str) -> None:
    """A mapping as the TOML that it is, to read, to save and to download."""
    text = saved_mappings.as_toml(mapping)
    code(text, "toml")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Save", key=f"save_{key}"):
            try:
                require_triager("save a mapping")
                kept = saved_mappings.keep(store(), mapping.file, text)
            except WorkbenchError as e:
                dry_runs.say(e)
            else:
                st.toast(f"Saved as {kept.stem}: choose it under Options.")
        st.download_button(
            "Download TOML",
            text,
            file_name=f"{saved_mappings.plain_name(mapping.file) or 'mapping'}.toml",
            mime="application/toml",
            key=f"download_{key}",
            on_click="ignore",
        )


def _ask_rows(running: RunningJob, lists: Sequence[str], rows: str) -> None:
    """Which list of nested JSON holds the rows; another choice looks at the fields there."""
    if not lists:
        return
    options = list(dict.fromkeys(["", *lists, rows]))
    chosen = st.selectbox(
        "Which list holds the rows?",
        options,
        index=options.index(rows),
        format_func=lambda path: visible(path) if path else "none: each object of the file is a row",
        help="Nested JSON keeps its conversations or messages in a list inside of something else.",
        key=f"rows_{running.folder.name}",
    )
    if chosen != rows:
        name = Path(running.job.paths[0]).name.partition(".")[0]
        draft = saved_mappings.draft(store(), name, saved_mappings.as_toml(ColumnMapping(name, rows=chosen)))
        dry_runs.begin(dry_runs.FIELDS, replace(running.job, fields_only=True, mapping=str(draft)))


# --- the form -------------------------------------------------------------------------------------------------------


@dataclass
class _Answers:
    """What the form says so far."""

    columns: dict[str, str]
    message: dict[str, str]
    roles: dict[str, str]
    bot: str
    fails_when: dict[str, str]


@st.fragment
def _builder(running: RunningJob, fields: Sequence[LogField], start: ColumnMapping | None, rows: str) -> None:
    key, job = f"map_{running.folder.name}", running.job
    with st.container(border=True, key="mapping_form"):
        layout = st.segmented_control(
            "A row of this log is",
            list(LAYOUTS),
            default=start.layout if start else likely_layout(fields),
            format_func=LAYOUTS.__getitem__,
            required=True,
            key=f"{key}_layout",
        )
        layout = str(layout)
        answers = _answers(layout, fields, start, f"{key}_{layout}")
        zones = sorted(available_timezones())
        left, middle, right = st.columns(3)
        answers.bot = left.text_input(
            "Bot's name, the same for all", str(start.constants.get("bot", "")) if start else "", key=f"{key}_bot"
        ).strip()
        zone = middle.selectbox(
            "Zone of times without one",
            zones,
            index=zones.index(job.timezone) if job.timezone in zones else None,
            placeholder="UTC",
            key=f"{key}_zone",
        )
        suggested = saved_mappings.plain_name(Path(start.file if start else job.paths[0]).name.partition(".")[0])
        name = right.text_input("Name of this mapping", suggested, max_chars=60, key=f"{key}_name")
        mapping = replace(_mapping(name, layout, answers, fields, start), rows=rows)
        if st.button("Preview with it", type="primary", key=f"{key}_preview"):
            _preview(running, mapping, zone)
        with st.expander("The mapping as a file", key=f"{key}_file"):
            mapping_file(mapping, key)


def _answers(layout: str, fields: Sequence[LogField], start: ColumnMapping | None, key: str) -> _Answers:
    own = [each for each in fields if not each.within]
    earlier, known_message = (start.columns, start.message) if start and start.layout == layout else ({}, {})

    def pick(
        place: Any, name: str, among: Iterable[LogField], earlier_answers: Mapping[str, str], guess: bool = False
    ) -> str:
        among = list(among)
        paths = [each.path for each in among]
        current = earlier_answers.get(name) or (likely(name, among, layout) if guess else None)
        options = paths if current is None or current in paths else [current, *paths]
        return (
            place.selectbox(
                _TITLES.get(name, name),
                options,
                index=options.index(current) if current else None,
                format_func=visible,
                placeholder="not in this log",
                accept_new_options=True,
                key=f"{key}_{name}{'_of_message' if earlier_answers is known_message else ''}",
            )
            or ""
        )

    columns: dict[str, str] = {}
    message: dict[str, str] = {}
    places = st.columns(2) * 3
    columns["conversation_id"] = pick(places[0], "conversation_id", own, earlier, guess=True)
    if layout == "chat":
        lists = [each for each in own if each.is_list]
        current = {"messages": earlier.get("messages") or likely_messages(fields) or ""}
        columns["messages"] = pick(places[1], "messages", lists, current)
        inner = [each for each in fields if each.within and each.within == columns["messages"]]
        needed, spoken, rest = message, inner, known_message
        names = ["role", "content", "timestamp"]
    else:
        needed, spoken, rest = columns, own, earlier
        names = ["role", "content", "turn_index", "timestamp"]
    for place, name in zip(places[2:] if layout == "chat" else places[1:], names, strict=False):
        needed[name] = pick(place, name, spoken, rest, guess=True)
    roles = _roles(next((each.values for each in spoken if each.path == needed["role"]), []), start, key)
    with st.expander("What else the log has, under other names", key=f"{key}_more"):
        st.caption("What has our own name already needs no line here; what is left out is kept as metadata.")
        for number, name in enumerate(_OF_CONVERSATION):
            if number % 3 == 0:
                row = st.columns(3)
            columns[name] = pick(row[number % 3], name, own, earlier)
        st.caption("Of a message")
        for number, name in enumerate(each for each in _OF_MESSAGE if each not in columns or layout == "chat"):
            if number % 3 == 0:
                row = st.columns(3)
            needed[name] = pick(row[number % 3], name, spoken, rest)
    rules = rule_rows(
        {each.path: _field_in_words(each) for each in own if not each.is_list},
        _shown_rules(start),
        f"{key}_fails",
    )
    return _Answers(columns, message, roles, "", rules)


def _roles(values: Sequence[str], start: ColumnMapping | None, key: str) -> dict[str, str]:
    """Who each logged role is; what is a role of ours already is not asked for."""
    odd = [value for value in values if value not in ROLES]
    roles: dict[str, str] = {}
    for number, value in enumerate(odd):
        if number % 4 == 0:
            row = st.columns(4)
        likely = _OURS.get(side_of(value), AS_LOGGED)
        if value.lower() == "agent" and not any(map(is_bot, values)):
            likely = _OURS["bot"]  # beside a bot, it is the person who took over
        if likely == AS_LOGGED and len(values) == 2:
            likely = _BESIDE.get(side_of(next(other for other in values if other != value)), AS_LOGGED)
        current = (start.roles if start else {}).get(value, likely)
        options = [*ROLES, AS_LOGGED] if current in (*ROLES, AS_LOGGED) else [current, *ROLES, AS_LOGGED]
        chosen = row[number % 4].selectbox(
            plain(f"“{value}” is", 60), options, index=options.index(current), key=f"{key}_role_{number}_{value}"
        )
        if chosen != AS_LOGGED:
            roles[value] = chosen
    return roles


def _mapping(
    name: str, layout: str, answers: _Answers, fields: Sequence[LogField], start: ColumnMapping | None
) -> ColumnMapping:
    """The answers as a mapping. A rule looks at columns of ours and at metadata: what lies deeper gets a name there."""
    columns = {ours: path for ours, path in answers.columns.items() if path}
    constants = {ours: value for ours, value in start.constants.items() if ours != "bot"} if start else {}
    if answers.bot:
        constants["bot"] = answers.bot
    ours = {path: name for name, path in columns.items() if name in JUDGING}
    top = {each.path for each in fields if "." not in each.path}
    metadata = dict(start.metadata) if start else {}
    paths = {path: name for name, path in metadata.items()} | ours
    rules: dict[str, str] = {}
    for path, condition in answers.fails_when.items():
        own = paths.get(path, path)
        if own == path and path not in top and path not in metadata and path not in JUDGING:
            own = path.replace(".", "_")
            metadata[own] = path
        rules[own] = condition
    return ColumnMapping(
        name,
        layout,
        columns=columns,
        message={ours: path for ours, path in answers.message.items() if path},
        roles=answers.roles,
        constants=constants,
        metadata=metadata,
        skip_when=dict(start.skip_when) if start else {},
        fails_when=rules,
        html=start is not None and start.html,
    )


def _preview(running: RunningJob, mapping: ColumnMapping, zone: str | None) -> None:
    needed = {"role", "content", "messages" if mapping.layout == "chat" else "conversation_id"}
    lacking = [title for name, title in _TITLES.items() if name in needed - {*mapping.columns, *mapping.message}]
    try:
        if lacking:
            raise UserError(f"Choose a column for: {', '.join(lacking)}.")
        parse_rules(mapping.fails_when)
        file = saved_mappings.draft(store(), mapping.file, saved_mappings.as_toml(mapping))
        load_mapping(file)
    except WorkbenchError as e:
        dry_runs.say(e)
        return
    job = replace(running.job, fields_only=False, format="auto", mapping=str(file), timezone=zone)
    dry_runs.begin(PREVIEW, job)


# --- what the log holds ---------------------------------------------------------------------------------------------


def _field_table(fields: Sequence[LogField]) -> None:
    st.caption(f"{formatting.count(len(fields), 'field')} in its first rows, with some of their values")
    text = st.column_config.TextColumn
    nested = any(each.within for each in fields)
    st.dataframe(
        [
            {
                "Field": visible(each.path),
                **({"In each of": visible(each.within)} if nested else {}),
                "Values": visible("a list" if each.is_list else ", ".join(each.values), 200),
            }
            for each in fields
        ],
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(fields), 16) + 1) + 2,
        column_config={
            "Field": text(width=150),
            "In each of": text(width=100),
            "Values": text(width=230 if nested else 330),
        },
        placeholder="",
        alt="Fields of the log",
    )


def _field_in_words(each: LogField) -> str:
    return f"{each.path} ({', '.join(each.values[:4])})" if each.values else each.path


def _shown_rules(start: ColumnMapping | None) -> list[tuple[str, str]]:
    """The rules of a mapping by the log's own paths, as the form asks for them."""
    if start is None:
        return []
    paths = {**start.columns, **start.metadata}
    return [(paths.get(column, column), condition) for column, condition in start.fails_when.items()]
