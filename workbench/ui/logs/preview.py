"""See before you commit: how a log was understood, twenty conversations as they will look, and the way to change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from workbench.bench.conversation_detail import ConversationDetail
from workbench.conversation.outcome import DEFAULT_RULES, parse_rules
from workbench.conversation.roles import is_user
from workbench.errors import UserError, WorkbenchError
from workbench.logs import saved_mappings
from workbench.logs.formats import OTHER_LAYOUTS, ColumnMapping, Reject, load_mapping
from workbench.logs.gaps import GAPS
from workbench.logs.preview import JUDGING, REJECTS, as_conversation
from workbench.logs.uploads import as_given, drop_after, uploaded
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.pipeline.worker import RunningJob
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.conversations.transcript import transcript
from workbench.ui.logs import dry_runs, mapping_form
from workbench.ui.logs.import_form import PREVIEW, options, require_reader
from workbench.ui.logs.imports import gap_list, reject_rows
from workbench.ui.shared.progress import named
from workbench.ui.shared.session import person, store
from workbench.ui.shared.tables import ROW_HEIGHT, pick
from workbench.ui.shared.text import heading, text

Json = dict[str, Any]
_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn
AT_ONCE = 3
"""Conversations side by side: one alone may be the odd one."""
SHOWN_TURNS, _TALL = 7, 520
_NAMED = 6
"""Columns that are named in a sentence."""
_DEFAULTS = {f"{rule.column} {rule.sign} {rule.cut:g}" for rule in DEFAULT_RULES}


def panel() -> bool:
    """What the address asks for: a preview, or a mapping by hand. False where it asks for neither."""
    if (running := dry_runs.asked(dry_runs.FIELDS)) is not None:
        mapping_form.panel(running)
    elif (running := dry_runs.asked(PREVIEW)) is not None:
        _preview(running)
    else:
        return False
    return True


def _preview(running: RunningJob) -> None:
    name = named(running.job.paths)
    if not running.done:
        dry_runs.follow(running, f"Preview of {name}")
        return
    try:
        result = running.result()
    except WorkbenchError as e:
        _head(running.job, name, None)
        _refused(e)
        if running.job.mapping:
            _mapping_in_use(running.job)
        _read_differently(running, [], {})
        return
    _head(running.job, name, result)
    _counts(result)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        shown = _conversations(result, running.folder.name)
    with right:
        _files(result)
        _outcomes(result)
        columns = {each["column"]: _column_in_words(each) for each in result["columns"]}
        _read_differently(running, [(rule["column"], rule["rule"]) for rule in result["fails_when"]], columns)
        if running.job.mapping:
            _mapping_in_use(running.job)
    _side_by_side(shown)
    if result["conversations"]:
        st.subheader("What this log lacks", anchor=False)
        names = {gap.title: name for name, gap in GAPS.items()}
        gap_list(
            dict.fromkeys(GAPS, 0.0) | {names[gap["gap"]]: gap["share"] for gap in result["gaps"]}, result["roles"]
        )
    if result["rejects"]:
        _rejected(result)


def _refused(problem: WorkbenchError) -> None:
    """Why nothing could be read; the list of all layouts is long, and stands folded."""
    reason, *layouts = str(problem).split(OTHER_LAYOUTS)
    dry_runs.say(UserError(reason.strip()))
    st.text("Where no reader knows the columns of a log, they can be named by hand: Name its columns.")
    if layouts:
        with st.expander("Layouts that are known", key="known_layouts"):
            for layout in layouts[0].partition("\n")[0].rstrip(".").split("; "):
                text(layout)


def _head(job: Job, name: str, result: Json | None) -> None:
    """What this is, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        heading(f"Preview of {name}", level=3)
        if result and st.button("Import as shown", type="primary", key="import_as_shown", disabled=not person()):
            _import(job)
        if st.button(
            "Name its columns", key="name_columns", type="secondary" if result else "primary", disabled=not person()
        ):
            dry_runs.begin(dry_runs.FIELDS, replace(job, fields_only=True))
        if st.button("Discard preview", key="discard_preview"):
            dry_runs.back()
    st.caption("Nothing was imported yet." if person() else "Nothing was imported yet. Say your name at the top first.")


def _import(job: Job) -> None:
    """Import with exactly the options of a preview; a mapping that was made for it is kept from now on."""
    try:
        actor = require_reader(job.reads)
        taken = uploaded(store(), job.paths)
        mapping = job.mapping
        if mapping and not saved_mappings.is_saved(store(), Path(mapping)):
            mapping = str(saved_mappings.keep(store(), Path(mapping).stem, Path(mapping).read_text("utf-8")))
        running = worker.start(replace(job, dry_run=False, actor=actor, mapping=mapping))
    except WorkbenchError as e:
        dry_runs.say(e)
        return
    if taken:
        drop_after(lambda: running.done, taken)
    dry_runs.back()


# --- what was understood --------------------------------------------------------------------------------------------


def _counts(result: Json) -> None:
    st.text(
        f"{formatting.count(result['rows_read'], 'row')} read = {result['rows_kept']:,} to be kept + "
        f"{result['rows_rejected']:,} rejected + {result['rows_duplicate']:,} already there. "
        f"{formatting.count(result['conversations'], 'new conversation')} with {formatting.count(result['turns'], 'turn')}.",
        width="stretch",
    )


def _conversations(result: Json, key: str) -> list[Json]:
    """Twenty conversations to pick from; the picked one and those after it, which are to be shown."""
    examples = result["examples"]
    if not examples:
        st.info("No new conversation is in it.")
        return []
    shown = [
        {
            "Conversation": visible(each["conversation_id"]),
            "What was asked": visible(_first_words(each), 120),
            "Turns": each["turns"],
            "Outcome": each["outcome"],
            "Bot": visible(each["bot"]),
            "Started": _moment(each["started_at"]),
        }
        for each in examples
    ]
    config = {
        "Conversation": _text(width=110),
        "What was asked": _text(width=290),
        "Turns": _number(width=60, format="localized"),
        "Outcome": _text(width=90),
        "Bot": _text(width=90),
        "Started": st.column_config.DatetimeColumn(width=130, format="D MMM YYYY, HH:mm"),
    }
    title = "All conversations" if len(examples) == result["conversations"] else f"{len(examples)} of the conversations"
    st.subheader(title, anchor=False)
    picked = pick("examples", shown, config, key, tallest=8) or 0
    return [*examples[picked:], *examples[:picked]][:AT_ONCE]


def _side_by_side(examples: list[Json]) -> None:
    """Conversations as their pages will show them, each in a column that scrolls by itself."""
    if not examples:
        return
    st.subheader("As they will look", anchor=False)
    if len(examples) == AT_ONCE:
        st.caption("Pick another in the list to begin with it.")
    for number, (column, example) in enumerate(zip(st.columns(AT_ONCE, gap="small"), examples, strict=False)):
        with column, st.container(border=True, height=_TALL):
            heading(example["conversation_id"], level=3)
            st.caption(plain(f"{example['outcome']}: {example['outcome_source']}"))
            conversation = as_conversation(example)
            transcript(
                ConversationDetail(
                    conversation, False, 0.0, "", example["outcome"], example["outcome_source"], [], [], "", None, None, None, None
                ),
                None,
                after=SHOWN_TURNS,
                preview=number,
            )  # fmt: skip
            if example["turns"] > len(conversation.turns):
                st.caption(f"The first {len(conversation.turns)} of {example['turns']:,} turns.")


def _files(result: Json) -> None:
    st.subheader("Files, and how they are read", anchor=False)
    st.dataframe(
        [
            {
                "File": visible(as_given(file["file"], store())),
                "Read as": file["format"],
                "Because": visible(as_given(file["why"], store())),
                "Rows": file["rows"],
            }
            for file in result["files"]
        ],
        hide_index=True,
        height=ROW_HEIGHT * (min(len(result["files"]), 5) + 1) + 2,
        row_height=ROW_HEIGHT,
        column_config={
            "File": _text(width=120),
            "Read as": _text(width=70),
            "Because": _text(width=230),
            "Rows": _number(width=60, format="localized"),
        },
        alt="Files of the preview",
    )
    for refused in result["refused"]:
        reason = as_given(refused["reason"], store())
        st.text(visible(f"Refused {as_given(refused['file'], store())}: {reason}"), width="stretch")
    for line in result["notes"]:
        st.text(visible(as_given(line, store())), width="stretch")
    if line := _looked_at_by_none(result["columns"]):
        st.text(visible(line), width="stretch")


def _looked_at_by_none(columns: list[Json]) -> str:
    """Which columns are only kept, and what can be done with them; empty where there are none."""
    names = [each["column"] for each in columns if each["column"] not in JUDGING]
    if not names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"Kept with the conversation, but no signal looks at {', '.join(names[:_NAMED])}{more}. “Read it differently” can judge "
        "by such a column, and “Name its columns” can say which of ours it is."
    )


def _outcomes(result: Json) -> None:
    """How the conversations ended, and which column says so."""
    st.subheader("How it ended", anchor=False)
    for rule in result["fails_when"]:
        judged = rule["conversations"]
        has = f"{formatting.count(judged, 'conversation')} can be judged by it" if judged else "no conversation has it"
        st.text(visible(f"Failed when {rule['column']} {rule['rule']}: {has}."), width="stretch")
    st.dataframe(
        [
            {
                "Outcome": each["outcome"],
                "Known from": visible(each["from"]),
                "Conversations": each["conversations"],
            }
            for each in result["outcomes"]
        ],
        hide_index=True,
        row_height=ROW_HEIGHT,
        column_config={
            "Outcome": _text(width=90),
            "Known from": _text(width=250),
            "Conversations": _number(width=110, format="localized"),
        },
        placeholder="",
        alt="How conversations ended",
    )


def _rejected(result: Json) -> None:
    st.subheader(formatting.count(result["rows_rejected"], "rejected row"), anchor=False)
    reject_rows([Reject(**{**each, "file": as_given(each["file"], store())}) for each in result["rejects"]])
    if result["rows_rejected"] > REJECTS:
        st.caption(f"The first {REJECTS} are shown; the import lists them all.")


# --- changing it ----------------------------------------------------------------------------------------------------


def _read_differently(running: RunningJob, rules: list[tuple[str, str]], columns: dict[str, str]) -> None:
    """The options and the rules of `fails_when`, to change and preview again."""
    key = f"again_{running.folder.name}"
    with st.expander("Read it differently", key=f"{key}_open"), st.form(key, border=False):
        conditions = mapping_form.rule_rows(columns, rules, key)
        chosen = options(key, running.job)
        if st.form_submit_button("Preview again"):
            try:
                job = replace(running.job, **chosen)
                if conditions != dict(rules):
                    job = replace(job, mapping=_with_rules(job, conditions))
            except WorkbenchError as e:
                dry_runs.say(e)
            else:
                dry_runs.begin(PREVIEW, job)


def _with_rules(job: Job, conditions: dict[str, str]) -> str:
    """A draft of the job's mapping with these rules instead of its own; the default needs no line."""
    parse_rules(conditions)
    rules = {column: rule for column, rule in conditions.items() if f"{column} {rule}" not in _DEFAULTS}
    name = named(job.paths).partition(".")[0] + " outcome"
    mapping = _loaded(job.mapping) if job.mapping else ColumnMapping(name)
    return str(saved_mappings.draft(store(), mapping.file, saved_mappings.as_toml(replace(mapping, fails_when=rules))))


def _mapping_in_use(job: Job) -> None:
    assert job.mapping
    try:
        mapping = _loaded(job.mapping)
    except WorkbenchError as e:
        dry_runs.say(e)
        return
    with st.expander(plain(f"Mapping in use: {mapping.file}"), key="mapping_in_use"):
        mapping_form.mapping_file(mapping, "in_use")


def _loaded(file: str) -> ColumnMapping:
    """A mapping under its own name."""
    return replace(load_mapping(Path(file)), file=Path(file).stem)


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso).replace(tzinfo=None) if iso else None


def _first_words(example: Json) -> str:
    sentences = [message["content"] for message in example["messages"] if is_user(message["role"])]
    return next((text for text in sentences if text.strip()), "")


def _column_in_words(column: Json) -> str:
    values = ", ".join(column["values"])
    return f"{column['column']} ({values}; {formatting.count(column['conversations'], 'conversation')})"
