"""The command line's applications, which each module of commands adds to."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

ORDER = (
    "import", "demo", "analyze", "clusters", "week", "report", "health", "show", "label", "judge", "ticket", "verify", "prompts", "export", "backup", "restore",
    "doctor", "forget", "serve", "mcp",
)  # fmt: skip
"""The commands as `--help` lists them: in the order of the work, and not of the modules that hold them."""


class _InOrder(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        return sorted(self.commands, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


app = typer.Typer(
    name="workbench", cls=_InOrder, help="From logged conversations to the things to fix this week.", no_args_is_help=True,
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

tickets_app = typer.Typer(
    help="Tickets: what is to be fixed, with its evidence.", no_args_is_help=True, rich_markup_mode=None
)
prompts_app = typer.Typer(
    help="Prompts and policies: what a bot was told to do, by version.", no_args_is_help=True, rich_markup_mode=None
)
