"""A snapshot's index of conversations: what is counted and filtered by, and in which run file of which part each stands.

Of the parts that the snapshot before indexed nothing is read again: a year of turns would be, for each week on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workbench.conversation.roles import is_bot
from workbench.dates import week_starts
from workbench.logs.parts import SCHEMA as PART_SCHEMA
from workbench.logs.parts import Part, run_files
from workbench.text.masking import TELLING_ID, shown_id


class Connection(Protocol):
    """What of a connection is used here: who opens one is `snapshot` alone."""

    def execute(self, query: str, parameters: object = None) -> Connection: ...

    def executemany(self, query: str, parameters: object = None) -> Connection: ...

    def register(self, view_name: str, python_object: object) -> Connection: ...

    def fetchall(self) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True)
class StandingIndex:
    """A snapshot whose index still holds for the first of the parts."""

    file: Path
    """The snapshot, of this program's making."""
    parts: int
    """How many parts it was made of; all of them stand before the others."""


def load_parts(db: Connection, parts: Sequence[Part], zone: str, standing: StandingIndex | None = None) -> None:
    """Make the tables conversations and runs from the parts' Parquet; of each key, the latest part's version and its place."""
    if standing is None:
        db.execute("create table runs (run integer, import_id varchar, file varchar)")
    else:
        db.execute(f"attach '{quoted(standing.file)}' as standing (read_only)")
        db.execute("create table runs as select * from standing.runs")
    (runs,) = db.execute("select count(*)::integer from runs").fetchall()[0]
    db.register("nothing", PART_SCHEMA.empty_table())
    selects = ["select *, null::varchar as import_id, -1 as part, 0 as run, 0 as row from nothing"]
    values: dict[str, Any] = {}
    for n, part in enumerate(parts):
        if (standing is None or n >= standing.parts) and (files := run_files(part.folder)):
            selects.append(
                f"""
                select *, $import{n}::varchar as import_id, {n} as part, {runs} + file_index as run, file_row_number as row
                from read_parquet($files{n}::varchar[])
                """
            )
            values |= {f"import{n}": part.import_id, f"files{n}": [str(file) for file in files]}
            db.executemany(
                "insert into runs values (?, ?, ?)",
                [(runs + place, part.import_id, file.name) for place, file in enumerate(files)],
            )
            runs += len(files)
    before = (
        "" if standing is None else "union all by name select * exclude (week), -1 as part from standing.conversations"
    )
    db.execute(
        f"create temp table latest as {_LATEST.format(parts=' union all by name '.join(selects), standing=before)}",
        values,
    )
    if standing is not None:
        db.execute("detach standing")
    _show_ids(db)
    _load_weeks(db, zone)
    roles = db.execute("select distinct unnest(roles) from latest").fetchall()
    db.execute(
        """
        create table conversations as
        select latest.* exclude (calls, part, tools), week,
               coalesce(tools, flatten(list_transform(list_filter(calls, lambda turn: list_contains($bots::varchar[], turn.role)),
                                                      lambda turn: turn.names))) as tools
        from latest asof left join weeks on latest.started_at >= weeks.begins order by started_at, key
        """,
        {"bots": [role for (role,) in roles if is_bot(role)]},
    )
    _show_tools(db)
    db.execute("drop table latest")
    db.execute("drop table weeks")


_LATEST = """
    with summarised as (
        select * exclude (turns, retrieved, beginnings, content_hash, source_file, source_row, metadata, evaluations,
                          feedback_text),
               coalesce(release, nullif(concat_ws(' · ', coalesce(model_version, model), prompt_version), '')) as release_name,
               json_extract_string(metadata, '$.trace_id') as trace_id,
               feedback_text is not null as commented,
               len(turns) as n_turns,
               coalesce(list_sort(list_distinct(list_transform(turns, lambda turn: turn.role))), []) as roles,
               list_filter(list_transform(turns, lambda turn: {{
                   'role': turn.role, 'names': list_transform(turn.tool_calls, lambda call: call.name)}}),
                   lambda turn: len(turn.names) > 0) as calls,
               len(calls) > 0 as called,
               coalesce(len(retrieved), 0) + len(list_filter(turns, lambda turn: len(turn.retrieved) > 0)) > 0 as retrieving,
               len(list_filter(turns, lambda turn: len(turn.citations) > 0)) > 0 as cited,
               list_min(list_transform(turns, lambda turn: turn.feedback)) as lowest_vote,
               null::varchar[] as tools
        from ({parts}))
    select * from (select * from summarised {standing}) qualify row_number() over (partition by key order by part desc) = 1
"""
"""What a snapshot keeps of the conversations of its parts: what is counted and filtered by. What was said stays in the parts;
`run` and `row` say where."""


_SHOWN = ("conversation_id", "channel", "model", "model_version", "prompt_version", "release", "release_name")
"""Columns of what a log calls things by, which are filtered and counted by as they are shown."""


def _show_ids(db: Connection) -> None:
    """Put ids and names of the log that hold personal data as they may be shown; as they were logged they stay in the parts."""
    for column in _SHOWN:
        logged = db.execute(
            f"select distinct {column} from latest where part >= 0 and regexp_matches({column}, $telling)",
            {"telling": TELLING_ID},
        ).fetchall()
        if _note_shown(db, logged):
            db.execute(f"update latest set {column} = masked from shown_ids where latest.{column} = shown_ids.logged")
            db.execute("drop table shown_ids")


def _show_tools(db: Connection) -> None:
    """The same for the names of tools."""
    logged = db.execute(
        "select distinct name from (select unnest(tools) as name from conversations) where regexp_matches(name, $telling)",
        {"telling": TELLING_ID},
    ).fetchall()
    if _note_shown(db, logged):
        db.execute(
            """
            update conversations set tools = shown.tools
            from (select key, list(coalesce(masked, name) order by place) as tools
                  from (select key, unnest(tools) as name, generate_subscripts(tools, 1) as place from conversations)
                  left join shown_ids on logged = name group by key) as shown
            where conversations.key = shown.key
            """
        )
        db.execute("drop table shown_ids")


def _note_shown(db: Connection, logged: Sequence[tuple[Any, ...]]) -> bool:
    """Make the table of those of these that are shown otherwise; whether there are any."""
    shown = [(identity, masked) for (identity,) in logged if (masked := shown_id(identity)) != identity]
    if shown:
        db.execute("create temp table shown_ids (logged varchar, masked varchar)")
        db.executemany("insert into shown_ids values (?, ?)", shown)
    return bool(shown)


def _load_weeks(db: Connection, zone: str) -> None:
    """Make the table of when each week of these conversations begins, which only `workbench.dates` knows."""
    (first, last) = db.execute("select min(started_at), max(started_at) from latest").fetchall()[0]
    starts = week_starts(first, last, zone) if first else []
    db.execute(
        "create temp table weeks as select unnest($begins::timestamp[]) as begins, unnest($weeks::varchar[]) as week",
        {"begins": [begins for begins, _ in starts], "weeks": [week for _, week in starts]},
    )


def quoted(path: Path) -> str:
    """A path within a quoted text of SQL."""
    return str(path).replace("'", "''")
