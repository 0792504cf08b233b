"""The command line's applications, which each module of commands adds to."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="workbench", help="From logged conversations to the things to fix this week.", no_args_is_help=True,
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip


tickets_app = typer.Typer(
    help="Tickets: what is to be fixed, with its evidence.", no_args_is_help=True, rich_markup_mode=None
)
