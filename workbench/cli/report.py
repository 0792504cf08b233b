"""The command that writes the week's report for the board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import app
from workbench.cli.output import ActorOption, JsonOption, StoreOption, open_bench, print_result
from workbench.errors import UserError
from workbench.store import DEFAULT_STORE


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="The HTML file to write.", show_default=False)] = ...,  # type: ignore[assignment]
    bot: Annotated[str | None, typer.Option(help="Only this bot.")] = None,
    week: Annotated[
        str | None, typer.Option(help="A week like 2026-W45.", show_default="the last complete one")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write a week as one self-contained HTML file that prints: figures, changes, promises, verdicts, gaps."""
    from workbench.reports.board_html import as_html
    from workbench.reports.board_report import board_report

    with open_bench(store, actor) as bench:
        made = board_report(bench, bot, week.strip().upper() if week else None)
    try:
        out.write_text(as_html(made), encoding="utf-8")
    except OSError as e:
        raise UserError(f"{out} can't be written: {e.strerror}. Name a file in a folder that is there.") from e
    span = made.week.span.week if made.week.span else None
    written = {"file": str(out), "week": span, "bot": bot}
    print_result(written, as_json, f"{out}: the report on {span or 'a log without times'}.")
