"""Commands about evaluators: judge."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import app
from workbench.cli.output import ActorOption, JsonOption, StoreOption, open_bench, print_result
from workbench.store import DEFAULT_STORE


@app.command()
def judge(
    url: Annotated[
        str,
        typer.Option(
            help="An endpoint that speaks OpenAI's chat completions, like http://127.0.0.1:8000/v1. Masked conversations are sent there."
        ),
    ],
    model: Annotated[str, typer.Option(help="The model, as the endpoint names it.")],
    bot: Annotated[str, typer.Option(help="Only this bot's conversations.", show_default="all")] = "",
    budget: Annotated[
        int, typer.Option(min=1, help="Conversations to judge, drawn at random, those judged before included.")
    ] = 100,
    tokens: Annotated[int | None, typer.Option(min=1, help="Stop before a run takes more tokens than this.")] = None,
    prompt: Annotated[
        Path | None, typer.Option(help="A text file with your own prompt; another prompt is another judge.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that an answer may take.")] = 120.0,
    dry_run: Annotated[
        bool, typer.Option(help="Print what would be sent of the first conversation, and send nothing.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have a model judge conversations: an instrument, which counts for nothing until people's verdicts say how good it is."""
    from rich.progress import Progress

    from workbench.cli.output import console
    from workbench.review.judge import SEED, read_prompt, run_judge, transcript
    from workbench.review.judge_client import Endpoint
    from workbench.review.sampling import sample

    text, endpoint = read_prompt(prompt), Endpoint.open(url, model, timeout)
    with open_bench(store, actor) as bench:
        if dry_run:
            first = sample(bench.evidence.flags(bot), 1, SEED)
            sent = transcript(bench.to_replay(first[0])) if first else ""
            print_result({"host": endpoint.host, "prompt": text, "text": sent}, as_json, f"{text}\n\n{sent}")
            return
        with Progress(console=console, transient=True, disable=as_json or not console.is_terminal) as bar:
            task = bar.add_task(f"Asking {endpoint.host}", total=budget)
            run = run_judge(
                bench, endpoint, prompt=text, bot=bot, budget=budget, token_budget=tokens,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
    print_result(
        asdict(run),
        as_json,
        f"{run.judge}: {run.asked} judged now, {run.kept} before, {run.left} left by the budget; says failed of {run.failed}, "
        f"is unsure of {run.unsure} ({run.unreadable} answers could not be read); {run.tokens:,} tokens. "
        "What it says counts once people have read enough of it: see Evaluators on the page Health.",
    )
