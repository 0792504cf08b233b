"""The command that writes rows into a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.app import app
from workbench.cli.output import (
    BotsOption,
    JsonOption,
    StatusOption,
    StoreOption,
    TierOption,
    open_bench,
    print_result,
    require_tier,
)
from workbench.errors import UserError
from workbench.store import DEFAULT_STORE


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="failures, labels, tickets, clusters, evals or scores.")],
    format: Annotated[
        str,
        typer.Option(
            help="csv, xlsx, json, jsonl; tickets also markdown, jira, github; evals jsonl, promptfoo; scores langfuse, phoenix, otel."
        ),
    ] = "",
    out: Annotated[
        Path, typer.Option(help="The file to write; github, phoenix: a folder or .zip.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    raw: Annotated[bool, typer.Option("--raw", help="CSV for programs: no BOM, no guards.")] = False,
    bot: BotsOption = None,
    status: StatusOption = None,
    release: Annotated[list[str] | None, typer.Option(help="Only this release; may be given again.")] = None,
    week: Annotated[list[str] | None, typer.Option(help="Only this week, like 2026-W05; may be given again.")] = None,
    signal: Annotated[list[str] | None, typer.Option(help="Only with this signal; may be given again.")] = None,
    ticket: Annotated[str | None, typer.Option(help="tickets, evals: only this one, or its regression set.")] = None,
    tier: TierOption = "failing",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Write failures, labels, tickets, clusters, evals or scores to a file; the status of a ticket is its own."""
    from workbench.bench.filter import Filter
    from workbench.bench.known_values import require_known
    from workbench.exports import FORMATS, refuse_unknown
    from workbench.exports import export as write
    from workbench.judgement.records.tickets import TICKET_STATUSES
    from workbench.tickets.regression import evals
    from workbench.tickets.tickets import rows as ticket_rows

    chosen = Filter(
        bot=tuple(bot or ()),
        release=tuple(release or ()),
        week=tuple(week or ()),
        signal=tuple(signal or ()),
        status=tuple(status or ()),
    )
    named = None if ticket is None else ticket.strip().upper()
    kinds: dict[str, Callable[[Any], Any]] = {
        "failures": lambda bench: bench.suspected(chosen) if tier == "suspected" else bench.failures(chosen), "labels": lambda bench: bench.labels(chosen),
        "clusters": lambda bench: bench.clusters(chosen), "evals": lambda bench: evals(bench, chosen, named),
        "tickets": lambda bench: ticket_rows(bench, chosen, named), "scores": lambda bench: bench.scores(chosen),
    }  # fmt: skip
    if kind not in kinds:
        raise UserError(f"There is no export {kind!r}. Choose one of {', '.join(kinds)}.")
    require_tier(tier)
    refuse_unknown(kind, format := format or FORMATS[kind][0])
    _refuse_unheeded(kind, release=release, week=week, signal=signal, ticket=[ticket] if ticket is not None else None)
    _refuse_unheeded(kind, tier=[tier] if tier != "failing" else None)
    with open_bench(store) as bench:
        require_known(bench, chosen, TICKET_STATUSES if kind == "tickets" else None)
        rows = kinds[kind](bench)
        files = write(kind, format, rows, out, raw=raw)
    written = {"file": str(files[0] if len(files) == 1 else out), "rows": len(rows)} | (
        {"files": [str(file) for file in files]} if len(files) > 1 else {}
    )
    print_result(written, as_json, f"{len(rows):,} rows in {', '.join(str(file) for file in files[:5])}.")


def _refuse_unheeded(kind: str, **given: list[str] | None) -> None:
    """Refuse an option that would narrow nothing in this kind of export: all rows would come, as if all had passed."""
    for option, values in given.items():
        rows = ("failures", "labels", "clusters", "evals", "scores")
        narrowed = {"ticket": ("tickets", "evals"), "tier": ("failures",)}.get(option, rows)
        if values and kind not in narrowed:
            raise UserError(f"--{option} does not narrow {kind}; it applies to {', '.join(narrowed)}.")
