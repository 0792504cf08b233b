"""Commands about clusters: clusters, week, health, label, verify."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer
from rich.table import Table

from workbench.cli.app import app
from workbench.cli.output import (
    ActorOption,
    BotsOption,
    JsonOption,
    StatusOption,
    StoreOption,
    TierOption,
    cell_text,
    console,
    open_bench,
    print_result,
    print_table,
    require_tier,
)
from workbench.store import DEFAULT_STORE


@app.command()
def clusters(
    status: StatusOption = None,
    bot: BotsOption = None,
    tier: TierOption = "failing",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """The failure clusters, those to look at first on top: recent and grave ones, then the rest, then what has stopped."""
    from workbench.bench.filter import Filter
    from workbench.bench.known_values import require_known
    from workbench.exports import export_bytes

    require_tier(tier)
    with open_bench(store) as bench:
        chosen = require_known(bench, Filter(bot=tuple(bot or ()), status=tuple(status or ())))
        rows = bench.clusters(chosen)
        if tier == "suspected":
            rows = [*(row for row in rows if row.suspected), *bench.suspected_clusters(chosen)]
    if as_json:
        sys.stdout.buffer.write(export_bytes("clusters" if tier == "failing" else "suspected", "json", rows))
        return
    table = Table(box=None)
    for column in (
        "cluster",
        "bot",
        "name",
        "failures",
        "suspected",
        "last week",
        "of similar",
        "trend",
        "status",
        "root cause",
    ):
        table.add_column(column, min_width=32 if column == "name" else None, overflow="fold")
    for row in rows:
        rate = "" if row.failure_rate is None else f"{row.failure_rate:.0%} ({row.rate_low:.0%}–{row.rate_high:.0%})"
        last_week = "" if row.last_week is None else str(row.last_week)
        trend = "stopped" if row.stopped else row.trend
        suspected = f"+ {row.suspected}" if row.suspected else ""
        cells = (
            row.cluster,
            row.bot,
            row.name,
            str(row.size),
            suspected,
            last_week,
            rate,
            trend,
            row.status,
            row.root_cause,
        )
        table.add_row(*(cell_text(cell) for cell in cells))
    console.print(table if rows else "No cluster matches. Import logs, or loosen the filter.")


@app.command()
def week(
    bot: Annotated[str | None, typer.Option(help="Only this bot.")] = None,
    week: Annotated[
        str | None, typer.Option(help="A week like 2026-W45.", show_default="the last complete one")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """What is new, back, rising and fading in a week, what was promised, and what the logs lack."""
    from workbench.reports import week as weeks
    from workbench.reports import week_json, week_wording

    with open_bench(store, actor) as bench:
        report = weeks.week_report(bench, bot, week.strip().upper() if week else None)
    print_result(week_json.as_json(report), as_json, week_wording.in_words(report))


@app.command()
def health(
    bot: Annotated[str | None, typer.Option(help="Only this bot, with its weeks and releases.")] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """How bots fare: failing share, containment, releases, drift, and what their logs lack."""
    from workbench.reports import health_wording
    from workbench.reports.health import bots, drift_of
    from workbench.reports.health import health as of_bot

    with open_bench(store) as bench:
        names = [bot] if bot else [inventory.bot for inventory in bots(bench)]
        healths = [of_bot(bench, name) for name in names]
        drifted = [drift_of(bench, name) for name in names] if bot or as_json else []
    if as_json:
        print_result(
            [health_wording.as_json(report, drift) for report, drift in zip(healths, drifted, strict=True)], True, ""
        )
    elif bot:
        console.print(health_wording.in_words(healths[0], drifted[0]), markup=False, highlight=False, soft_wrap=True)
        print_table(health_wording.WEEK_COLUMNS, health_wording.week_cells(healths[0], drifted[0]))
        print_table(health_wording.RELEASE_COLUMNS, health_wording.release_cells(healths[0]))
    else:
        print_table(
            ("bot", *health_wording.COLUMNS), [(report.bot, *health_wording.cells(report.total)) for report in healths]
        )


@app.command()
def label(
    target: Annotated[str, typer.Argument(help="A cluster like FC-0007, or a conversation's id (BOT/ID if shared).")],
    cause: Annotated[str | None, typer.Option(help="Root cause, a code of the taxonomy.")] = None,
    contributing: Annotated[list[str] | None, typer.Option(help="Contributing cause; may be given again.")] = None,
    disposition: Annotated[
        str | None, typer.Option(help="not-a-bug, judged-wrong, out-of-scope, duplicate, needs-info.")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="S1 … S4.")] = None,
    note: Annotated[str | None, typer.Option(help="A line for whoever reads it.")] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Take off what was said before; alone, the whole label.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with a cluster or one conversation; what is not given stays as it was said, "" takes it off."""
    from workbench.judgement.effective_label import describe_label
    from workbench.judgement.records.labels import Label
    from workbench.text.escaping import visible
    from workbench.text.masking import mask

    given: dict[str, Any] = {"cause": cause, "disposition": disposition, "severity": severity, "note": note}
    given = {name: value for name, value in given.items() if value is not None}
    if contributing:
        given["contributing"] = [code for code in contributing if code]
    with open_bench(store, actor) as bench:
        named = re.fullmatch(r"FC-\d+", target.strip(), re.IGNORECASE)
        target = named[0].upper() if named else bench.find_conversation(target)
        if clear and not given:
            bench.unlabel(target)
            kept = None
        else:
            kept = bench.label(target, **given) if clear else bench.label_more(target, **given)
    kept = replace(kept, note=mask(kept.note)) if kept else None
    nothing = asdict(Label("cluster" if named else "conversation", target)) | {"by": None, "at": None}
    print_result(
        asdict(kept) if kept else nothing,
        as_json,
        f"{target}: {visible(describe_label(kept))}." if kept else f"{target}: nothing is said of it any more.",
    )


@app.command()
def verify(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001, whose fix was recorded.")],
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Did the fix work? Compares the rate of its failures before and after, and records a clear verdict."""
    from workbench.tickets import verification

    with open_bench(store, actor) as bench:
        result = verification.verify(bench, ticket.upper(), record=True)
    print_result(verification.as_json(result), as_json, verification.in_words(result))
