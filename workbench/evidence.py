"""Evidence: immutable DuckDB snapshots. `write_snapshot` makes one from parts and findings, `Evidence` reads one.

A snapshot file is written once beside the others and only ever opened read-only after that, so any number of processes can
read it. This is the only module that speaks to DuckDB; SQL stands in the method that owns it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from workbench.conversation import Conversation, Document, ToolCall, Turn
from workbench.embedding import Vectors
from workbench.errors import StoreMissing, UserError, WorkbenchError
from workbench.evidence_tables import FINDINGS, SCHEMA, Counts, Meta, Part, Rows
from workbench.parts import SCHEMA as PART_SCHEMA
from workbench.parts import run_files
from workbench.search_text import FIELD, Words, searchable


def write_snapshot(file: Path, meta: Meta, parts: Sequence[Part], rows: Rows) -> Counts:
    """Write a whole snapshot to `file`, which must not exist, and say what is in it.

    Of a conversation that several parts hold, the latest part's version counts. `rows` are the findings by table name, as
    in `FINDINGS`; a missing table is empty. Raises `WorkbenchError` when the disk is full or can't be written.
    """
    try:
        with duckdb.connect(str(file)) as db:
            _shut_in(db, file.parent.parent)
            _load_parts(db, parts)
            for name, schema in FINDINGS.items():
                table = pa.Table.from_pylist(rows.get(name, []), schema=schema)
                db.register("incoming", table)
                db.execute(f"create table {name} as select * from incoming")  # name: a key of FINDINGS
                db.unregister("incoming")
            if meta.settings.get("analyzed"):  # masking is a third of what --no-analyze takes
                _keep_for_search(db)
            db.execute(
                "create table meta as select ? as snapshot, ?::timestamp as built_at, ?::integer as schema, ? as settings",
                [meta.snapshot, meta.built_at, meta.schema, json.dumps(meta.settings)],
            )
            counts = db.execute(
                """
                select (select count(*) from conversations), (select count(*) from turns),
                       (select count(*) from analyses where failed), (select count(*) from clusters)
                """
            ).fetchone()
            db.execute("checkpoint")
    except (duckdb.Error, OSError) as e:
        file.unlink(missing_ok=True)
        raise WorkbenchError(
            f"The snapshot {file.name} could not be written ({_first_line(e)}). The one before it still serves; check the disk's free space."
        ) from e
    assert counts is not None
    return Counts(*counts)


def _load_parts(db: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> None:
    """Make the tables conversations and turns from the parts' Parquet; of each key, the latest part's version."""
    db.register("nothing", PART_SCHEMA.empty_table())
    selects = ["select *, null::varchar as import_id, -1 as part from nothing"]
    values: dict[str, Any] = {}
    for n, part in enumerate(parts):
        if files := [str(path) for path in run_files(part.folder)]:
            selects.append(
                f"select *, $import{n}::varchar as import_id, {n} as part from read_parquet($files{n}::varchar[])"
            )
            values |= {f"import{n}": part.import_id, f"files{n}": files}
    db.execute(
        f"""
        create temp table latest as
        select *, coalesce(release, nullif(concat_ws(' · ', coalesce(model_version, model), prompt_version), '')) as release_name
        from ({" union all by name ".join(selects)})
        qualify row_number() over (partition by key order by part desc) = 1
        """,
        values,
    )
    db.execute(
        """
        create table conversations as
        select * exclude (turns, part, beginnings), len(turns) as n_turns, strftime(started_at, '%G-W%V') as week
        from latest order by started_at, key
        """
    )
    db.execute(
        """
        create table turns as
        select * from (select key, unnest(turns, max_depth := 2) from latest) order by key, position
        """
    )
    db.execute("drop table latest")


def _keep_for_search(db: duckdb.DuckDBPyConnection) -> None:
    """Make the table search_texts, masked and folded once for all searches, and give the vectors their fixed length."""
    db.create_function("searchable", searchable, ["varchar"], "varchar")
    db.execute(
        f"create table search_texts as select key, position, role, searchable({_TURN_FIELDS}) as text from turns",
        {"field": FIELD},
    )
    db.remove_function("searchable")
    if size := db.execute("select max(len(vector)) from request_vectors").fetchall()[0][0]:
        db.execute(f"alter table request_vectors alter vector type float[{int(size)}]")


class Evidence:
    """One snapshot, opened read-only. Safe for threads: each query has a cursor of its own.

    With `any_layout` an older program's snapshot opens too, for a build: what a build reads stands in every layout.
    """

    def __init__(self, file: Path, any_layout: bool = False) -> None:
        if not file.exists():
            raise StoreMissing(
                f"The snapshot {file.name} is gone. `python -m workbench analyze` builds the evidence again."
            )
        try:
            self._db = duckdb.connect(str(file), read_only=True, config=_READING)
            (row,) = self._rows("select * from meta")
        except duckdb.Error as e:
            raise UserError(
                f"The snapshot {file.name} can't be opened ({_first_line(e)}). `python -m workbench analyze` builds the evidence again."
            ) from e
        if row["schema"] != SCHEMA and not any_layout:
            raise UserError(
                f"The snapshot {file.name} has layout {row['schema']}, this program reads {SCHEMA}. `python -m workbench analyze` builds it anew."
            )
        self.meta = Meta(row["snapshot"], row["built_at"], row["schema"], json.loads(row["settings"]))

    def close(self) -> None:
        self._db.close()

    def counts(self) -> dict[str, Any]:
        """Totals of the snapshot: conversations, turns, failures, clusters, bots, rejects, data_from, data_through."""
        (row,) = self._rows(
            """
            select (select count(*) from conversations) as conversations, (select count(*) from turns) as turns,
                   (select count(*) from analyses where failed) as failures,
                   (select count(*) from clusters) as clusters,
                   (select count(distinct bot) from conversations) as bots, (select count(*) from rejects) as rejects,
                   (select min(started_at) from conversations) as data_from,
                   (select max(coalesce(ended_at, started_at)) from conversations) as data_through
            """
        )
        return row

    def bots(self) -> list[dict[str, Any]]:
        """A row a bot: bot, conversations, failures, first and last event."""
        return self._rows(
            """
            select bot, count(*) as conversations, count(*) filter (where failed) as failures,
                   min(started_at) as first_seen, max(started_at) as last_seen
            from conversations left join analyses using (key) group by bot order by bot
            """
        )

    def choices(self) -> dict[str, list[str]]:
        """The values to filter failures by: bot, release, week, signal; each sorted."""
        (row,) = self._rows(
            """
            with failing as (select bot, release_name, week, codes
                             from conversations join analyses using (key) where failed)
            select coalesce(list_sort(list(distinct bot)), []) as bot,
                   coalesce(list_sort(list(distinct release_name) filter (where release_name is not null)), []) as release,
                   coalesce(list_sort(list(distinct week) filter (where week is not null)), []) as week,
                   coalesce(list_sort(list_distinct(flatten(list(codes)))), []) as signal
            from failing
            """
        )
        return row

    def clusters(self) -> list[dict[str, Any]]:
        """All clusters in their rank, as the build found them, without centroid."""
        return self._rows("select * exclude (centroid) from clusters order by rank")

    def cluster_sizes(
        self, bot: Sequence[str], release: Sequence[str], week: Sequence[str], signal: Sequence[str]
    ) -> dict[str, int]:
        """Failures of each cluster among the conversations that pass the filter; an empty list means all."""
        rows = self._rows(
            f"""
            select cluster, count(*) as n from members join analyses using (key) join conversations using (key)
            where {_PASSES} group by cluster
            """,
            _passes(bot, release, week, signal),
        )
        return {row["cluster"]: row["n"] for row in rows}

    def failures(
        self,
        bot: Sequence[str] = (),
        release: Sequence[str] = (),
        week: Sequence[str] = (),
        signal: Sequence[str] = (),
        cluster: str | None = None,
    ) -> list[dict[str, Any]]:
        """The failing conversations that pass the filter, by cluster rank, most typical first."""
        return self._rows(
            f"""
            {_FAILURE_COLUMNS}
            where failed and {_PASSES} and ($cluster is null or members.cluster = $cluster)
            order by rank, similarity desc, key
            """,
            _passes(bot, release, week, signal) | {"cluster": cluster},
        )

    def labelled(self, keys: Sequence[str], clusters: Sequence[str]) -> list[dict[str, Any]]:
        """The conversations with these keys, failing or not, and the failing ones of these clusters; as `failures` gives them."""
        return self._rows(
            f"""
            {_FAILURE_COLUMNS}
            where list_contains($keys::varchar[], key) or (failed and list_contains($clusters::varchar[], members.cluster))
            order by rank, similarity desc, key
            """,
            {"keys": list(keys), "clusters": list(clusters)},
        )

    def conversation_ids(self, keys: Sequence[str]) -> dict[str, str]:
        """The logged ids of conversations by key."""
        rows = self._rows(
            "select key, conversation_id from conversations where list_contains($keys::varchar[], key)",
            {"keys": list(keys)},
        )
        return {row["key"]: row["conversation_id"] for row in rows}

    def conversation(self, key: str) -> Conversation | None:
        """One conversation with its turns; None where the snapshot has none with this key."""
        return next(iter(self.conversations([key])), None)

    def conversations(self, keys: Sequence[str]) -> list[Conversation]:
        """Conversations with their turns, in the order of their keys; what the snapshot has none of is left out."""
        keyed = {"keys": list(keys)}
        rows = self._rows(
            "select * from conversations where key in (select unnest($keys::varchar[])) order by key", keyed
        )
        turns: dict[str, list[Turn]] = {}
        for turn in self._rows(
            "select * from turns where key in (select unnest($keys::varchar[])) order by key, position", keyed
        ):
            turns.setdefault(turn.pop("key"), []).append(_turn(turn))
        fields = Conversation.__dataclass_fields__.keys() - {"turns", "metadata", "retrieved"}
        return [
            Conversation(
                **{name: row[name] for name in fields},
                turns=turns.get(row["key"], []),
                retrieved=_documents(row["retrieved"]),
                metadata=json.loads(row["metadata"] or "{}"),
            )
            for row in rows
        ]

    def signals_of(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The signals of conversations, each with its key, in the order of their turns."""
        return self._rows(
            """
            select * from signals where key in (select unnest($keys::varchar[]))
            order by key, position nulls first, weight desc, code
            """,
            {"keys": list(keys)},
        )

    def nearest_worked(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """For failures the success to compare each with: key, cluster, other, same_task."""
        return self._rows(
            """
            select key, any_value(members.cluster) as cluster, arg_min(other, "rank") as other, arg_min(same_task, "rank") as same_task
            from worked left join members using (key)
            where key in (select unnest($keys::varchar[])) group by key order by key
            """,
            {"keys": list(keys)},
        )

    def analysis(self, key: str) -> dict[str, Any] | None:
        """What was found in one conversation, with its cluster and place; None before the first analysis."""
        found = self._rows(
            """
            select analyses.*, members.cluster, members.similarity, clusters.name as cluster_name
            from analyses left join members using (key) left join clusters on clusters.cluster = members.cluster
            where key = $key
            """,
            {"key": key},
        )
        return found[0] if found else None

    def signals(self, key: str) -> list[dict[str, Any]]:
        """The signals of one conversation in the order of their turns."""
        return self._rows(
            "select * exclude (key) from signals where key = $key order by position nulls first, weight desc, code",
            {"key": key},
        )

    def firings(self, failed: Sequence[str], fine: Sequence[str]) -> list[dict[str, Any]]:
        """How often each signal fires, by bot, also where it is switched off (`off`), and how many of those failed.

        `logged` and `logged_failed` count conversations of which the log itself says how they went, `read` and
        `read_failed` those that people settled: `failed` and `fine` are their keys. `examples` are the latest three,
        failing ones first. A row with the empty code counts all of a bot's conversations.
        """
        return self._rows(
            """
            with fired as (select distinct key, code, false as off from signals
                           union all select key, code, true from silenced
                           union all select key, '', false from analyses),
                 told as (select key, bot, conversation_id, started_at, failed, logged,
                                 case when list_contains($failed::varchar[], key) then true
                                      when list_contains($fine::varchar[], key) then false end as read
                          from analyses join conversations using (key))
            select bot, code, off, count(*) as fired,
                   count(logged) as logged, count(*) filter (where logged) as logged_failed,
                   count(read) as read, count(*) filter (where read) as read_failed,
                   list({'key': key, 'conversation_id': conversation_id}
                        order by failed desc, started_at desc nulls last, key)[:3] as examples
            from fired join told using (key) group by all order by bot, code, off
            """,
            {"failed": list(failed), "fine": list(fine)},
        )

    def likely(self, bot: str, without: Sequence[str], limit: int) -> list[dict[str, Any]]:
        """A bot's conversations that count as fine though nobody said so, highest learned score first; not those `without`."""
        return self._rows(
            """
            select key, conversation_id, started_at, request, learned, spoke
            from analyses join conversations using (key)
            where bot = $bot and not failed and logged is null and learned is not null
                  and not list_contains($without::varchar[], key)
            order by learned desc, key limit $limit
            """,
            {"bot": bot, "without": list(without), "limit": limit},
        )

    def learned(self) -> list[dict[str, Any]]:
        """What each bot's learned score is worth, by bot."""
        return self._rows("select * from learned order by bot")

    def signal_counts(self, cluster: str) -> list[dict[str, Any]]:
        """In how many of a cluster's members each signal fired, and its share among the bot's other conversations."""
        return self._rows(
            """
            with here as (select key from members where cluster = $cluster),
                 scope as (select key, codes, key in (select key from here) as inside
                           from analyses join conversations using (key)
                           where bot = (select bot from clusters where cluster = $cluster))
            select code, count(*) filter (where inside) as count, (select count(*) from here) as total,
                   count(*) filter (where not inside) / nullif((select count(*) from scope where not inside), 0) as base_rate
            from (select unnest(codes) as code, inside from scope) group by code
            having count(*) filter (where inside) > 0 order by count desc, code
            """,
            {"cluster": cluster},
        )

    def release_counts(self, cluster: str) -> list[dict[str, Any]]:
        """A cluster's failures among its eligible conversations by release: text, count, total, and the rate elsewhere."""
        return self._rows(
            """
            with scope as (
                select coalesce(release_name, 'not logged') as text, key in (select key from members where cluster = $cluster) as hit
                from eligible join conversations using (key) where eligible.cluster = $cluster)
            select text, count(*) filter (where hit) as count, count(*) as total,
                   ((select count(*) from scope where hit) - count(*) filter (where hit))
                       / nullif((select count(*) from scope) - count(*), 0) as base_rate
            from scope group by text order by count desc, text
            """,
            {"cluster": cluster},
        )

    def has(self, table: str) -> bool:
        """Whether this snapshot holds a table, and rows in it: older programs wrote fewer."""
        known = self._rows("select 1 from duckdb_tables() where table_name = $table", {"table": table})
        return bool(known) and bool(self._rows(f"select 1 from {table} limit 1"))

    def search_choices(self) -> dict[str, list[str]]:
        """The values to narrow a search by, over all conversations: bot, release, week, outcome, cluster, role."""
        (row,) = self._rows(
            """
            select coalesce(list_sort(list(distinct bot)), []) as bot,
                   coalesce(list_sort(list(distinct release_name)), []) as release,
                   coalesce(list_sort(list(distinct week)), []) as week,
                   coalesce(list_sort(list(distinct analyses.outcome)), []) as outcome,
                   ['failing', 'not failing'] as failing,
                   (select coalesce(list(cluster order by rank), []) from clusters) as cluster,
                   (select coalesce(list_sort(list(distinct role)), []) from search_texts) as role
            from conversations left join analyses using (key)
            """
        )
        return row

    def with_words(
        self, words: Words, narrowed: Mapping[str, Sequence[str]], limit: int | None, offset: int
    ) -> list[dict[str, Any]]:
        """Conversations that hold all wanted words and no excluded one, newest first; `total` counts all of them.

        `narrowed` has the values of `search_choices` to keep, by name; none means all. With
        roles, only their turns are looked at. `position` is the first of the turns that hold most of the words,
        `said` its texts, raw, joined by `FIELD`.
        """
        tests = [f"contains(text, $word{n})" for n in range(len(words.wanted) + len(words.excluded))]
        # Every wanted word has a bit; an excluded one spoils the sum by the bit above them.
        bits = [f"({test})::bigint << {min(n, len(words.wanted))}" for n, test in enumerate(tests)]
        values = {f"word{n}": word for n, word in enumerate((*words.wanted, *words.excluded))}
        return self._rows(
            f"""
            with said as (
                select key, position, {" | ".join(f"({bit})" for bit in bits)} as hit from search_texts
                where ({" or ".join(tests)}) and (len($role::varchar[]) = 0 or role in (select unnest($role::varchar[])))),
            holding as (
                select key, arg_max(position, bit_count(hit)::bigint * 1000000000 - position) as position
                from said group by key having bit_or(hit) = $all),
            page as (
                select *, count(*) over () as total
                from ({_FOUND_COLUMNS} where {_NARROWED}) join holding using (key)
                order by started_at desc nulls last, key limit $limit offset $offset)
            select page.*, role, {_TURN_FIELDS} as said from page join turns using (key, position)
            order by started_at desc nulls last, key
            """,
            values
            | _narrowed(narrowed)
            | {"role": list(narrowed.get("role", ())), "all": (1 << len(words.wanted)) - 1}
            | {"limit": limit, "offset": offset, "field": FIELD},
        )

    def nearest(
        self, vector: Sequence[float], narrowed: Mapping[str, Sequence[str]], limit: int, but: str | None = None
    ) -> list[dict[str, Any]]:
        """The conversations whose request is nearest to a vector by cosine, without the one with the key `but`.

        `narrowed` is as for `with_words`; roles don't matter here.
        """
        return self._rows(
            f"""
            select * exclude (vector), array_cosine_similarity(vector, $vector::float[{len(vector)}]) as similarity
            from ({_FOUND_COLUMNS} where {_NARROWED}) join request_vectors using (key)
            where key is distinct from $but order by similarity desc, key limit $limit
            """,
            _narrowed(narrowed) | {"vector": list(vector), "but": but, "limit": limit},
        )

    def users_touched(self, clusters: Sequence[str]) -> int | None:
        """How many different users the failures of these clusters come from; None where the log names no user."""
        (row,) = self._rows(
            """
            select nullif(count(distinct user_id), 0) as users from members join conversations using (key)
            where list_contains($clusters::varchar[], cluster)
            """,
            {"clusters": list(clusters)},
        )
        found: int | None = row["users"]
        return found

    def request_vector(self, key: str) -> list[float] | None:
        """What a conversation's request was embedded as; None where it has no text."""
        found = self._rows("select vector from request_vectors where key = $key", {"key": key})
        return list(found[0]["vector"]) if found else None

    def said(self, key: str, position: int) -> str | None:
        """The texts of one turn, raw, joined by `FIELD`; None where there is no such turn."""
        found = self._rows(
            f"select {_TURN_FIELDS} as said from turns where key = $key and position = $position",
            {"key": key, "position": position, "field": FIELD},
        )
        return found[0]["said"] if found else None

    def history(self, bot: str) -> list[dict[str, Any]]:
        """All of a bot's conversations for counting over time: key, started_at, release, failed, cluster, request vector."""
        return self._rows(
            """
            select key, started_at, release_name as release, failed, cluster, vector
            from conversations join analyses using (key) left join members using (key) left join request_vectors using (key)
            where bot = $bot order by key
            """,
            {"bot": bot},
        )

    def suspects(self, cluster: str) -> list[dict[str, Any]]:
        """The circumstances under which a cluster is more frequent than elsewhere; those that stand first."""
        return self._rows(
            "select * exclude (cluster, rank) from suspects where cluster = $cluster order by rank",
            {"cluster": cluster},
        )

    def strands(self, cluster: str) -> list[dict[str, Any]]:
        """The strands of a cluster, largest first: strand, example."""
        return self._rows(
            "select strand, example from strands where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def patterns(self, cluster: str) -> list[dict[str, Any]]:
        """The clusters of other bots with the same problem, most similar first: cluster, bot, name, shared, similarity."""
        return self._rows(
            """
            select other as cluster, bot, name, shared, similarity
            from patterns join clusters on clusters.cluster = other
            where patterns.cluster = $cluster order by similarity desc, other
            """,
            {"cluster": cluster},
        )

    def worked(self, key: str) -> list[dict[str, Any]]:
        """The successes to compare a failure with, nearest first: other, similarity, same_task."""
        return self._rows("select * exclude (key, rank) from worked where key = $key order by rank", {"key": key})

    def parted(self, cluster: str) -> list[dict[str, Any]]:
        """What parts a cluster's failures from the same requests that worked, clearest first."""
        return self._rows(
            "select * exclude (cluster, rank) from parted where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def flags(self, bot: str) -> dict[str, bool]:
        """Of each conversation (of one bot, or of all where `bot` is empty) whether it is judged failing."""
        rows = self._rows(
            "select key, failed from conversations join analyses using (key) where $bot = '' or bot = $bot",
            {"bot": bot},
        )
        return {row["key"]: row["failed"] for row in rows}

    def failing_vectors(self, bot: str, limit: int) -> tuple[list[dict[str, Any]], Vectors]:
        """Failures by cluster rank, at most `limit` taken evenly: key, cluster, rank, similarity, facts; and their request
        vectors, (n, d), zero rows where there is no text. `bot` empty means all."""
        cursor = self._db.cursor()
        try:
            table: Any = cursor.sql(
                """
                select key, members.cluster, rank, coalesce(similarity, 0) as similarity,
                       analyses.facts, vector
                from analyses join conversations using (key) left join members using (key)
                     left join clusters on clusters.cluster = members.cluster left join request_vectors using (key)
                where failed and ($bot = '' or conversations.bot = $bot)
                qualify row_number() over (order by hash(key), key) <= $limit order by rank, similarity desc, key
                """,
                params={"bot": bot, "limit": limit},
            ).to_arrow_table()
        finally:
            cursor.close()
        column = table.column("vector").combine_chunks()
        there = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        numbers = np.asarray(column.drop_null().flatten(), np.float32)
        vectors = np.zeros((len(table), len(numbers) // len(there) if len(there) else 1), np.float32)
        vectors[there] = numbers.reshape(len(there), -1) if len(there) else 0
        return table.drop_columns(["vector"]).to_pylist(), vectors

    def failure_vectors(self) -> tuple[list[dict[str, Any]], Vectors]:
        """What failures are compared by: key, bot, cluster, similarity; and unit vectors, (n, d). None in an older snapshot."""
        if not self.has("failure_vectors"):
            return [], np.zeros((0, 1), np.float32)
        cursor = self._db.cursor()
        try:
            table: Any = cursor.sql(
                """
                select key, conversations.bot, members.cluster, coalesce(similarity, 0) as similarity, vector
                from failure_vectors join conversations using (key) left join members using (key) order by key
                """
            ).to_arrow_table()
        finally:
            cursor.close()
        numbers = np.asarray(table.column("vector").combine_chunks().flatten(), np.float32)
        return table.drop_columns(["vector"]).to_pylist(), numbers.reshape(len(table), -1)

    def told_of(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What stands beside a verdict, by key: conversation_id, bot, week, release, flagged, cluster, cluster_name."""
        rows = self._rows(
            """
            select key, conversation_id, conversations.bot, week, release_name as release, coalesce(failed, false) as flagged,
                   members.cluster, clusters.name as cluster_name
            from conversations left join analyses using (key) left join members using (key)
                 left join clusters on clusters.cluster = members.cluster
            where list_contains($keys::varchar[], key)
            """,
            {"keys": list(keys)},
        )
        return {row["key"]: row for row in rows}

    def find(self, conversation_id: str, bot: str | None = None) -> list[dict[str, str]]:
        """The keys and bots of conversations with this id."""
        return self._rows(
            "select key, bot from conversations where conversation_id = $id and ($bot is null or bot = $bot) order by bot",
            {"id": conversation_id, "bot": bot},
        )

    def imports(self) -> list[dict[str, Any]]:
        """The manifests of the imports in this snapshot, in their order."""
        rows = self._rows("select manifest from imports order by position")
        return [json.loads(row["manifest"]) for row in rows]

    def rejects(self, import_id: str | None = None) -> list[dict[str, Any]]:
        """Rows that could not be taken: file, row, column, reason, value."""
        return self._rows(
            'select * from rejects where $id is null or import_id = $id order by import_id, file, "row"',
            {"id": import_id},
        )

    def lineage(self) -> list[dict[str, Any]]:
        """What this snapshot's build says became of each cluster."""
        return self._rows("select * from lineage")

    def findings(self) -> Rows:
        """All findings of this snapshot by table, to carry into the next; imports and rejects come from the parts."""
        there = {row["table_name"] for row in self._rows("select table_name from information_schema.tables")}
        kept = [name for name in FINDINGS if name in there and name not in ("imports", "rejects")]
        return {name: self._rows(f"select * from {name}") for name in kept}  # name: a key of FINDINGS

    def proposed(self, by_hand: bool = True) -> list[dict[str, Any]]:
        """What the build proposes to the identity register, with or without those that only hands made.

        cluster, bot, kind, mechanical_key, name, members (keys), centroid (float32, little endian).
        """
        if not self.has("proposed"):  # an older program's snapshot: no hand had changed its clusters
            rows = self._rows(
                """
                select cluster, bot, kind, mechanical_key, name, list(key order by key) as members, centroid
                from clusters join members using (cluster) group by all order by any_value(rank)
                """
            )
            return [row | {"centroid": np.asarray(row["centroid"], "<f4").tobytes()} for row in rows]
        return self._rows(
            "select * exclude (by_hand) from proposed where $by_hand or not by_hand order by cluster",
            {"by_hand": by_hand},
        )

    def places(self) -> dict[str, tuple[float, float]]:
        """Where each failure stands on the map of this snapshot, by key."""
        return {row["key"]: (row["x"], row["y"]) for row in self._rows("select key, x, y from places")}

    def _rows(self, sql: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        cursor = self._db.cursor()
        try:
            cursor.execute(sql, values) if values is not None else cursor.execute(sql)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()


_FAILURE_COLUMNS = """
    select key, conversation_id, conversations.bot, started_at, week, release_name as release, analyses.outcome, score,
           codes, analyses.signature, failing_turn, request, reply, analyses.severity, members.cluster,
           strand, similarity, x, y, clusters.name as cluster_name, clusters.theme
    from analyses join conversations using (key) left join members using (key) left join places using (key)
         left join clusters on clusters.cluster = members.cluster
"""

_PASSES = """
    (len($bot::varchar[]) = 0 or conversations.bot in (select unnest($bot::varchar[])))
    and (len($release::varchar[]) = 0 or release_name in (select unnest($release::varchar[])))
    and (len($week::varchar[]) = 0 or week in (select unnest($week::varchar[])))
    and (len($signal::varchar[]) = 0 or list_has_any(codes, $signal::varchar[]))
"""


def _passes(bot: Sequence[str], release: Sequence[str], week: Sequence[str], signal: Sequence[str]) -> dict[str, Any]:
    return {"bot": list(bot), "release": list(release), "week": list(week), "signal": list(signal)}


_TURN_FIELDS = """
    concat_ws($field, replace(content, $field, ' '), replace(error, $field, ' '),
              array_to_string(list_transform(tool_calls,
                  lambda call: replace(call.name, $field, ' ') || $field || replace(call.arguments, $field, ' ')), $field))
"""
"""What a turn shows on the page and a search looks through: content, error, names and arguments of calls."""

_FOUND_COLUMNS = """
    select key, conversation_id, conversations.bot, started_at, week, release_name as release, analyses.outcome,
           coalesce(failed, false) as failed, request, members.cluster, clusters.name as cluster_name
    from conversations left join analyses using (key) left join members using (key)
         left join clusters on clusters.cluster = members.cluster
"""

_NARROWED = """
    (len($bot::varchar[]) = 0 or conversations.bot in (select unnest($bot::varchar[])))
    and (len($release::varchar[]) = 0 or release_name in (select unnest($release::varchar[])))
    and (len($week::varchar[]) = 0 or week in (select unnest($week::varchar[])))
    and (len($outcome::varchar[]) = 0 or analyses.outcome in (select unnest($outcome::varchar[])))
    and (len($cluster::varchar[]) = 0 or members.cluster in (select unnest($cluster::varchar[])))
    and (len($failing::varchar[]) = 0 or list_contains($failing::varchar[], if(coalesce(failed, false), 'failing', 'not failing')))
"""


def _narrowed(values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values.get(name, ())) for name in ("bot", "release", "week", "outcome", "cluster", "failing")}


_READING: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "memory_limit": "2GB",
    "threads": 2,
    "lock_configuration": True,
}
"""A reader opens nothing but its snapshot, and nothing can loosen that later."""


def _shut_in(db: duckdb.DuckDBPyConnection, root: Path) -> None:
    """The same for the writer, which also reads the parts: it sees nothing outside the store."""
    folder = str(root.resolve()).replace("'", "''")
    for setting in (
        f"temp_directory = '{folder}/.duckdb'",
        f"allowed_directories = ['{folder}/']",
        "enable_external_access = false",
        "memory_limit = '2GB'",
        "threads = 2",
        "lock_configuration = true",
    ):
        db.execute(f"set {setting}")


@contextmanager
def reading(file: Path, any_layout: bool = False) -> Iterator[Evidence]:
    """An `Evidence` that is closed at the end."""
    evidence = Evidence(file, any_layout)
    try:
        yield evidence
    finally:
        evidence.close()


def _turn(row: dict[str, Any]) -> Turn:
    return Turn(
        **{
            name: row[name]
            for name in Turn.__dataclass_fields__
            if name not in ("tool_calls", "citations", "retrieved")
        },
        tool_calls=[ToolCall(**call) for call in row["tool_calls"] or []],
        citations=_documents(row["citations"]),
        retrieved=_documents(row["retrieved"]),
    )


def _documents(rows: list[dict[str, Any]] | None) -> list[Document]:
    return [Document(**row) for row in rows or []]


def _first_line(e: BaseException) -> str:
    return str(e).splitlines()[0] if str(e) else type(e).__name__
