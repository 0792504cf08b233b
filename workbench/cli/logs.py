"""Commands about logs: import, demo, analyze."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from workbench.cli.app import app
from workbench.cli.output import ActorOption, JsonOption, StoreOption, actor_name, print_result
from workbench.store import DEFAULT_STORE, Store

EngineOption = Annotated[str, typer.Option(help="local, or ray: spread over a Ray cluster.")]
RayOption = Annotated[
    str | None,
    typer.Option(help="HOST:PORT of the cluster, else $RAY_ADDRESS; without either one starts on this machine."),
]


@app.command("import")
def import_logs(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.", show_default=False)],
    format: Annotated[str, typer.Option(help="auto, or the format's name.")] = "auto",
    bot: Annotated[str | None, typer.Option(help="The bot, where the log doesn't name one.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A TOML file that names the log's columns.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of times without one, like Europe/Paris.")] = None,
    engine: EngineOption = "local",
    ray_address: RayOption = None,
    scrub: Annotated[
        bool,
        typer.Option(
            "--scrub", help="Mask all of it as it comes in. That can't be undone: only what is masked is kept."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what was understood, and keep nothing.")] = False,
    no_analyze: Annotated[bool, typer.Option("--no-analyze", help="Only take the rows in; `analyze` later.")] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take logs in, find the failures and cluster them."""
    from workbench.pipeline.job import Job

    job = Job(
        store=str(store), paths=paths, format=format, bot=bot, mapping=str(mapping) if mapping else None,
        timezone=timezone, scrub=scrub, analyze=not no_analyze, actor=actor_name(actor), dry_run=dry_run,
        engine=engine, ray_address=ray_address,
    )  # fmt: skip
    if dry_run:
        _preview(job, as_json)
    else:
        notes: list[str] = []
        _report_build(_run(job, notes.append), as_json, notes)


@app.command()
def demo(store: StoreOption = DEFAULT_STORE, actor: ActorOption = "", as_json: JsonOption = False) -> None:
    """Import the demo: 6,000 made-up conversations of three bots over twelve weeks, and what a made-up pod said of them."""
    from workbench.demo.generator import demo_job
    from workbench.demo.history import write_history

    built = _run(demo_job(Store(store), actor_name(actor)))
    write_history(Store(store))
    _report_build(built, as_json)


@app.command()
def analyze(
    granularity: Annotated[
        str | None, typer.Option(help="few, normal or many clusters; kept for later builds.")
    ] = None,
    pod_timezone: Annotated[
        str | None, typer.Option(help="Zone by whose clocks weeks begin, like Europe/Berlin; kept. A lead sets it.")
    ] = None,
    engine: EngineOption = "local",
    ray_address: RayOption = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find failures and clusters again, from the logs that are in the store."""
    from workbench.pipeline.job import Job

    job = Job(
        store=str(store), granularity=granularity, pod_timezone=pod_timezone, actor=actor_name(actor), engine=engine,
        ray_address=ray_address,
    )  # fmt: skip
    Store(store).require_there()
    _report_build(_run(job), as_json)


def _run(job: Any, tell: Callable[[str], None] = lambda note: None) -> dict[str, Any]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from workbench.pipeline.worker import run

    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("starting", total=None)
        return run(
            job,
            lambda p: bar.update(task, description=p.stage, completed=p.done, total=p.total or None, refresh=False),
            tell,
        )


def _preview(job: Any, as_json: bool) -> None:
    from tempfile import TemporaryDirectory

    from workbench.logs.preview import in_words

    with TemporaryDirectory(prefix="workbench-") as nowhere:
        seen = _run(job if Store(Path(job.store)).is_there else replace(job, store=nowhere))
    print_result(seen, as_json, in_words(seen))


def _report_build(result: dict[str, Any], as_json: bool, notes: Sequence[str] = ()) -> None:
    from workbench.text.escaping import visible

    store = result["store"]
    lines = [
        f"{result['rows_read']:,} rows read: {result['rows_kept']:,} kept, {result['rows_rejected']:,} rejected, "
        f"{result['rows_duplicate']:,} already there."
        if result["rows_read"]
        else "",
        *(f"Refused {refused['file']}: {refused['reason']}" for refused in result["refused"]),
        *map(visible, notes),
        f"The store holds {store['conversations']:,} conversations, {store['failures']:,} failing, "
        f"in {store['clusters']:,} clusters (snapshot {result['snapshot']}).",
        "Next: `python -m workbench analyze`." if result["clustering"] == "none" and not store["clusters"] else "",
    ]
    print_result(result, as_json, "\n".join(line for line in lines if line))
