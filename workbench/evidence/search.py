"""What a search asks of a snapshot: words, meaning, and what to narrow both by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from workbench.evidence.columns import maker
from workbench.evidence.search_rows import ListedHit, NearHit, SearchChoices, WordHit
from workbench.evidence.search_texts import search_file
from workbench.evidence.snapshot import Snapshot
from workbench.evidence.turns import Place
from workbench.text.search_text import Words


class SearchQueries(Snapshot):
    """The conversations of a snapshot as a search finds them."""

    def search_choices(self) -> SearchChoices:
        """The values to narrow a search by, over all conversations."""
        (choices,) = self._rows(
            SearchChoices,
            """
            select coalesce(list_sort(list(distinct bot)), []) as bot,
                   coalesce(list_sort(list(distinct release_name) filter (release_name is not null)), []) as release,
                   coalesce(list_sort(list(distinct week) filter (week is not null)), []) as week,
                   coalesce(list_sort(list(distinct analyses.outcome) filter (analyses.outcome is not null)), []) as outcome,
                   ['failing', 'suspected', 'not failing'] as failing,
                   coalesce(list_sort(list_distinct(flatten(list(codes)))), []) as signal,
                   (select coalesce(list(cluster order by rank), []) from clusters) as cluster,
                   coalesce(list_sort(list_distinct(flatten(list(roles)))), []) as role
            from conversations left join analyses using (key)
            """,
        )
        return choices

    def with_words(
        self, words: Words, narrowed: Mapping[str, Sequence[str]], limit: int | None, offset: int
    ) -> list[WordHit]:
        """Conversations that hold all wanted words and no excluded one, newest first.

        `narrowed` has the values of `search_choices` to keep, by name; none means all. With
        roles, only their turns are looked at.
        """
        tests = [f"contains(text, $word{n})" for n in range(len(words.wanted) + len(words.excluded))]
        # Every wanted word has a bit; an excluded one spoils the sum by the bit above them.
        bits = [f"({test})::bigint << {min(n, len(words.wanted))}" for n, test in enumerate(tests)]
        values = {f"word{n}": word for n, word in enumerate((*words.wanted, *words.excluded))}
        files = [str(file) for file in self._search_files()]
        if not files:
            return []
        columns, rows = self._asked(
            f"""
            with searched as (
                select file_index as run, row, position, role, {" | ".join(f"({bit})" for bit in bits)} as hit
                from read_parquet($files::varchar[]) where ({" or ".join(tests)}) and (len($role::varchar[]) = 0 or role in (select unnest($role::varchar[])))),
            holding as (
                select run, row, arg_max({{'position': position, 'role': role}}, bit_count(hit)::bigint * 1000000000 - position) as turn
                from searched group by all having bit_or(hit) = $all)
            select hits.*, turn.position, turn.role, import_id, file, count(*) over () as total
            from ({_HIT_COLUMNS} where {_NARROWED}) as hits join holding using (run, row) join runs using (run)
            order by started_at desc nulls last, key limit $limit offset $offset
            """,
            values
            | _narrowed(narrowed)
            | {"role": list(narrowed.get("role", ())), "all": (1 << len(words.wanted)) - 1}
            | {"limit": limit, "offset": offset, "files": files},
        )
        at = {name: n for n, name in enumerate(columns)}
        places = [(Place(*(row[at[name]] for name in _PLACE)), row[at["position"]]) for row in rows]
        make = maker(WordHit, (*columns, "texts"))
        return [make((*row, text or "")) for row, text in zip(rows, self._parts.texts(places), strict=True)]

    def narrowed(self, narrowed: Mapping[str, Sequence[str]], limit: int | None, offset: int) -> list[ListedHit]:
        """All conversations that pass, newest first; `narrowed` is as for `with_words`, and roles don't matter here."""
        return self._rows(
            ListedHit,
            f"""
            select *, count(*) over () as total from ({_HIT_COLUMNS} where {_NARROWED})
            order by started_at desc nulls last, key limit $limit offset $offset
            """,
            _narrowed(narrowed) | {"limit": limit, "offset": offset},
        )

    def can_search(self) -> bool:
        """Whether this snapshot was analysed, and what searches by words look through is there."""
        return self.meta.analyzed and all(file.exists() for file in self._search_files())

    def _search_files(self) -> list[Path]:
        """The search texts of all runs, in the order of the table runs."""
        runs = self._values("select import_id, file from runs order by run")
        return [self._parts.folder / import_id / search_file(file) for import_id, file in runs]

    def nearest(
        self, vector: Sequence[float], narrowed: Mapping[str, Sequence[str]], limit: int, but: str | None = None
    ) -> list[NearHit]:
        """The conversations whose request is nearest to a vector by cosine, without the one with the key `but`.

        `narrowed` is as for `with_words`; roles don't matter here.
        """
        return self._rows(
            NearHit,
            f"""
            select * exclude (vector), array_cosine_similarity(vector, $vector::float[{len(vector)}]) as similarity
            from ({_HIT_COLUMNS} where {_NARROWED}) join request_vectors using (key)
            where key is distinct from $but order by similarity desc, key limit $limit
            """,
            _narrowed(narrowed) | {"vector": list(vector), "but": but, "limit": limit},
        )

    def request_vector(self, key: str) -> list[float] | None:
        """What a conversation's request was embedded as; None where it has no text."""
        vectors = self._values("select vector from request_vectors where key = $key", {"key": key})
        return list(vectors[0][0]) if vectors else None

    def texts_of_turn(self, key: str, position: int) -> str | None:
        """The texts of one turn, raw, joined by `FIELD`; None where there is no such turn."""
        return next(iter(self._parts.texts([(place, position) for place in self._places([key])])), None)


_PLACE = [each.name for each in fields(Place)]
_HIT_COLUMNS = """
    select key, conversation_id, run, row, conversations.bot, started_at, week, release_name as release, analyses.outcome,
           coalesce(failed, false) as failed, coalesce(analyses.suspected, false) as suspected, request,
           placed.cluster, clusters.name as cluster_name
    from conversations left join analyses using (key) left join placed using (key)
         left join clusters on clusters.cluster = placed.cluster
"""


_NARROWED = """
    (len($bot::varchar[]) = 0 or conversations.bot in (select unnest($bot::varchar[])))
    and (len($release::varchar[]) = 0 or release_name in (select unnest($release::varchar[])))
    and (len($week::varchar[]) = 0 or week in (select unnest($week::varchar[])))
    and (len($outcome::varchar[]) = 0 or analyses.outcome in (select unnest($outcome::varchar[])))
    and (len($cluster::varchar[]) = 0 or placed.cluster in (select unnest($cluster::varchar[])))
    and (len($signal::varchar[]) = 0 or list_has_any(codes, $signal::varchar[]))
    and (len($failing::varchar[]) = 0 or list_contains($failing::varchar[],
         case when coalesce(failed, false) then 'failing' when coalesce(analyses.suspected, false) then 'suspected' else 'not failing' end))
"""


_NARROWERS = ("bot", "release", "week", "outcome", "cluster", "signal", "failing")


def _narrowed(values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(values.get(name, ())) for name in _NARROWERS}
