"""Commands about one conversation: show."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.app import app
from workbench.cli.output import JsonOption, StoreOption, open_bench, print_result
from workbench.store import DEFAULT_STORE


@app.command()
def show(
    conversation: Annotated[str, typer.Argument(help="Its id, as logged.", show_default=False)],
    bot: Annotated[str | None, typer.Option(help="Its bot, where several bots have this id.")] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Print one conversation as its page shows it, masked."""
    from workbench.conversation import printed

    with open_bench(store) as bench:
        masked, outcome = bench.transcript(bench.find_conversation(conversation, bot))
    print_result(printed.as_json(masked, outcome), as_json, printed.as_text(masked, outcome))
