"""Rows of the bench as the answers about clusters and weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TypeVar

from workbench.bench.cluster_detail import ClusterDetail, Fact
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.why import why
from workbench.mcp_server.cluster_answers import (
    ClusterAnswer,
    ClusterFigures,
    ExampleFigures,
    LoggedExample,
    Observed,
    SetApart,
    SuspectFigures,
    WeekFigures,
)
from workbench.mcp_server.logged import LoggedNames, LoggedText
from workbench.mcp_server.week_answers import BotFigures, MovedCluster, PromiseFigures, WeekAnswer
from workbench.reports.week_rows import LISTS, BotWeek, ClusterWeek, Promise, WeekReport
from workbench.text.escaping import visible
from workbench.text.token_budget import whole_words

SHORT, LONG = 200, 600
"""Characters of a name, and of a sentence."""
FACTS, WEEKS, LISTED = 10, 26, 10
Answer = TypeVar("Answer")


def copied(kind: type[Answer], row: object, **others: object) -> Answer:
    """An answer with the fields that it shares with a row, and `others`."""
    shared = {field.name for field in fields(kind)} - set(others)  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in shared}, **others)


def short(text: str) -> str:
    """A name or an id as it is, since a call may need it; cut where it is absurdly long."""
    return whole_words(text, SHORT).text


def sentence(text: str) -> str:
    """A sentence on one line, nothing hidden in it, cut where it would drown the rest."""
    return whole_words(visible(" ".join(text.split())), LONG).text


def cluster_figures(row: ClusterRow) -> ClusterFigures:
    """A row of the ranked list."""
    return copied(
        ClusterFigures, row, untrusted=LoggedNames(short(row.bot), sentence(row.name), sentence(row.sentence))
    )


def cluster_answer(detail: ClusterDetail, tickets: Sequence[str]) -> ClusterAnswer:
    """A cluster with what its page says first."""
    seen = [*detail.facts, *detail.signals]
    return ClusterAnswer(
        figures=cluster_figures(detail.row),
        tickets=list(tickets),
        facts=[_observed(fact) for fact in seen[:FACTS]],
        set_apart=[copied(SetApart, row, untrusted=LoggedText(sentence(row.text))) for row in detail.parted[:FACTS]],
        suspects=[
            copied(SuspectFigures, row, untrusted=LoggedText(short(row.value))) for row in detail.suspects if row.stands
        ][:FACTS],
        weeks=[copied(WeekFigures, week) for week in detail.weeks[-WEEKS:]],
        examples=[
            copied(
                ExampleFigures,
                row,
                untrusted=LoggedExample(
                    short(row.conversation_id),
                    short(row.bot),
                    sentence(row.request_excerpt),
                    sentence(row.reply_excerpt),
                ),
            )
            for row in detail.examples
        ],
        untrusted=LoggedText(why(detail.onset, detail.suspects, detail.parted, detail.row.first_seen)),
    )


def week_answer(report: WeekReport) -> WeekAnswer:
    """A week's report, each of its lists cut at `LISTED`."""
    counts: Mapping[str, int] = {name: len(report.listed(name)) for name in LISTS}
    return copied(
        WeekAnswer,
        report,
        week=report.span.week if report.span else None,
        monday=report.span.monday if report.span else None,
        moved=[_moved(row) for name in LISTS for row in report.listed(name)[:LISTED]],
        bots=[_bot(row) for row in report.bots[:LISTED]],
        promised=[_promise(row) for row in report.promised[:LISTED]],
        **counts,
    )


def _observed(fact: Fact) -> Observed:
    return copied(Observed, fact, untrusted=LoggedText(sentence(fact.text)))


def _moved(row: ClusterWeek) -> MovedCluster:
    return copied(MovedCluster, row, untrusted=LoggedNames(short(row.bot), sentence(row.name)))


def _bot(row: BotWeek) -> BotFigures:
    return copied(BotFigures, row.flat, untrusted=LoggedText(short(row.bot)))


def _promise(row: Promise) -> PromiseFigures:
    return copied(PromiseFigures, row, untrusted=LoggedText(short(row.title)))
