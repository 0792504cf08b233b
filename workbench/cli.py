"""The commands of `python -m workbench`. Each is a thin skin: options in, one call, a table or one JSON document out."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from workbench.errors import UserError, WorkbenchError
from workbench.store import DEFAULT_STORE, Store

if TYPE_CHECKING:
    from workbench.bench.rows import Filter

app = typer.Typer(
    name="workbench", help="From logged conversations to the things to fix this week.", no_args_is_help=True,
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip

tickets_app = typer.Typer(
    help="Tickets: what is to be fixed, with its evidence.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(tickets_app, name="ticket")

StoreOption = Annotated[Path, typer.Option("--store", envvar="WORKBENCH_STORE", help="The store's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, and nothing else.")]
ActorOption = Annotated[str, typer.Option("--actor", help="Who does this; kept with the change.", show_default="you")]
DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day like 2026-01-31.")]
BotsOption = Annotated[list[str] | None, typer.Option("--bot", help="Only this bot; may be given again.")]
StatusOption = Annotated[list[str] | None, typer.Option("--status", help="Only this status; may be given again.")]

_out = Console(width=None if sys.stdout.isatty() else 160)


def main() -> None:
    """Run a command; a mistake ends in one message on standard error: exit 2 for the user's, 1 for ours."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold bytes that are no text
    try:
        app()
    except UserError as e:
        sys.exit(_fail(str(e), 2))
    except WorkbenchError as e:
        sys.exit(_fail(str(e), 1))
    except BrokenPipeError:
        os._exit(0)
    except Exception as e:
        if os.environ.get("WORKBENCH_DEBUG"):
            raise
        sys.exit(_fail(f"{type(e).__name__}: {e}. This is our fault. WORKBENCH_DEBUG=1 shows where it happened.", 1))


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to bind; other machines can reach any but the default.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8501,
    demo: Annotated[bool, typer.Option("--demo", help="Import the demo where the store is empty.")] = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Serve the pages to a browser."""
    from workbench.ui.server import serve as serve_pages

    serve_pages(Store(store), host, port, demo)


@app.command("import")
def import_logs(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.", show_default=False)],
    format: Annotated[str, typer.Option(help="auto, or the format's name.")] = "auto",
    bot: Annotated[str | None, typer.Option(help="The bot, where the log doesn't name one.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A TOML file that names the log's columns.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone of times without one, like Europe/Paris.")] = None,
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
        timezone=timezone, analyze=not no_analyze, actor=_actor(actor), dry_run=dry_run,
    )  # fmt: skip
    if dry_run:
        _preview(job, as_json)
    else:
        notes: list[str] = []
        _report_build(_run(job, notes.append), as_json, notes)


@app.command()
def demo(store: StoreOption = DEFAULT_STORE, actor: ActorOption = "", as_json: JsonOption = False) -> None:
    """Import the demo: 6,000 made-up conversations of three bots over twelve weeks."""
    from workbench.demo.generator import demo_job

    _report_build(_run(demo_job(Store(store), _actor(actor))), as_json)


@app.command()
def analyze(
    granularity: Annotated[
        str | None, typer.Option(help="few, normal or many clusters; kept for later builds.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find failures and clusters again, from the logs that are in the store."""
    from workbench.pipeline.job import Job

    _report_build(_run(Job(store=str(store), granularity=granularity, actor=_actor(actor))), as_json)


@app.command()
def clusters(
    status: StatusOption = None,
    bot: BotsOption = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """The ranked list of failure clusters."""
    from workbench.bench.rows import Filter
    from workbench.exports import export_bytes

    with _bench(store) as bench:
        rows = bench.clusters(_known(bench, Filter(bot=tuple(bot or ()), status=tuple(status or ()))))
    if as_json:
        sys.stdout.buffer.write(export_bytes("clusters", "json", rows))
        return
    table = Table(box=None)
    for column in ("cluster", "bot", "name", "failures", "of similar", "trend", "status", "root cause"):
        table.add_column(column, min_width=32 if column == "name" else None, overflow="fold")
    for row in rows:
        rate = "" if row.failure_rate is None else f"{row.failure_rate:.0%} ({row.rate_low:.0%}–{row.rate_high:.0%})"
        cells = (row.cluster, row.bot, row.name, str(row.size), rate, row.trend, row.status, row.root_cause)
        table.add_row(*(_shown(cell) for cell in cells))
    _out.print(table if rows else "No clusters pass. Import logs, or loosen the filter.")


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
    from workbench.reports import week_rows, week_wording

    with _bench(store, actor) as bench:
        report = weeks.week_report(bench, bot, week.strip().upper() if week else None)
    _print(week_rows.as_json(report), as_json, week_wording.in_words(report))


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

    with _bench(store) as bench:
        names = [bot] if bot else [one.bot for one in bots(bench)]
        found = [of_bot(bench, name) for name in names]
        drifted = [drift_of(bench, name) for name in names] if bot or as_json else []
    if as_json:
        _print([health_wording.as_json(one, drift) for one, drift in zip(found, drifted, strict=True)], True, "")
    elif bot:
        _out.print(health_wording.in_words(found[0], drifted[0]), markup=False, highlight=False, soft_wrap=True)
        _table(health_wording.WEEK_COLUMNS, health_wording.week_cells(found[0], drifted[0]))
        _table(health_wording.RELEASE_COLUMNS, health_wording.release_cells(found[0]))
    else:
        _table(("bot", *health_wording.COLUMNS), [(one.bot, *health_wording.cells(one.total)) for one in found])


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
    from workbench.judgement.effective_label import in_words
    from workbench.judgement.records import Label
    from workbench.text.escaping import visible

    given: dict[str, Any] = {"cause": cause, "disposition": disposition, "severity": severity, "note": note}
    given = {name: value for name, value in given.items() if value is not None}
    if contributing:
        given["contributing"] = [code for code in contributing if code]
    with _bench(store, actor) as bench:
        named = re.fullmatch(r"FC-\d+", target.strip(), re.IGNORECASE)
        target = named[0].upper() if named else bench.find_conversation(target)
        if clear and not given:
            bench.unlabel(target)
            said = None
        else:
            said = bench.label(target, **given) if clear else bench.label_more(target, **given)
    nothing = asdict(Label("cluster" if named else "conversation", target)) | {"by": None, "at": None}
    _print(
        asdict(said) if said else nothing,
        as_json,
        f"{target}: {visible(in_words(said))}." if said else f"{target}: nothing is said of it any more.",
    )


@tickets_app.command("new")
def ticket_new(
    clusters: Annotated[list[str], typer.Argument(help="Clusters like FC-0007.", show_default=False)],
    title: Annotated[str | None, typer.Option(help="Instead of the one made from the clusters.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who fixes it.")] = None,
    severity: Annotated[str | None, typer.Option(help="S1 … S4.")] = None,
    due: DayOption = None,
    cause: Annotated[str | None, typer.Option(help="Root cause, a code of the taxonomy.")] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a ticket for one or more clusters, with its evidence."""
    from workbench.tickets import tickets

    given: dict[str, Any] = {"title": title, "owner": owner, "severity": severity, "cause": cause}
    with _bench(store, actor) as bench:
        draft = replace(tickets.draft(bench, clusters), **{k: v for k, v in given.items() if v is not None})
        row = tickets.row(tickets.create(bench, draft, due.date() if due else None), bench.judgement.taxonomy())
    _print_ticket(row, as_json, f"{row.ticket}: {row.title}")


@tickets_app.command("fixed")
def ticket_fixed(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001.")],
    release: Annotated[str | None, typer.Option(help="The release that carries the fix.")] = None,
    date: DayOption = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a fix is out, with a release or from a day on; new conversations will be judged by it."""
    from workbench.tickets import tickets

    with _bench(store, actor) as bench:
        fixed = tickets.fix(bench, ticket.upper(), release=release, day=date.date() if date else None)
        row = tickets.row(fixed, bench.judgement.taxonomy())
    out = " and ".join(str(part) for part in (fixed.fixed_release, fixed.fixed_date) if part)
    _print_ticket(row, as_json, f"{fixed.ticket}: fixed with {out}.")


@tickets_app.command("show")
def ticket_show(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """One ticket with all that it carries, as Markdown."""
    from workbench.exports.markdown import markdown
    from workbench.tickets import tickets

    with _bench(store) as bench:
        row = tickets.row(bench.judgement.ticket(ticket.upper()), bench.judgement.taxonomy())
    _print_ticket(row, as_json, markdown([row]))


@tickets_app.command("clusters")
def ticket_clusters(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001.")],
    add: Annotated[list[str] | None, typer.Option(help="A cluster like FC-0007; may be given again.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="The same, to take off the ticket.")] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put clusters on a ticket or take them off; its evidence is frozen anew, as of now."""
    from workbench.tickets import tickets

    with _bench(store, actor) as bench:
        known = bench.judgement.ticket(ticket.upper())
        off = {name.strip().upper() for name in remove or []}
        wanted = [name for name in [*known.clusters, *(add or [])] if name.strip().upper() not in off]
        row = tickets.row(tickets.set_clusters(bench, known.ticket, wanted), bench.judgement.taxonomy())
    _print_ticket(row, as_json, f"{row.ticket} is for {', '.join(row.clusters)}.")


@tickets_app.command("import-keys")
def ticket_import_keys(
    file: Annotated[Path, typer.Argument(help="The tracker's own export: CSV, or JSON of `gh issue list`.")],
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Read keys and states back from a tracker's export; issues are matched by their fingerprint."""
    from workbench.tickets import tracker

    try:
        data = file.read_bytes()
    except OSError as e:
        raise UserError(f"{file}: can't be read ({e.strerror}).") from e
    with _bench(store, actor) as bench:
        found = tracker.import_keys(bench, data, file.name)
    _print(tracker.as_json(found), as_json, tracker.in_words(found))


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="failures, labels, tickets, clusters or evals.")],
    format: Annotated[
        str, typer.Option(help="csv, xlsx, json, jsonl; tickets also markdown, jira, github; evals jsonl, promptfoo.")
    ] = "",
    out: Annotated[Path, typer.Option(help="The file to write; github: a folder or .zip.", show_default=False)] = ...,  # type: ignore[assignment]
    raw: Annotated[bool, typer.Option("--raw", help="CSV for programs: no BOM, no guards.")] = False,
    bot: BotsOption = None,
    status: StatusOption = None,
    release: Annotated[list[str] | None, typer.Option(help="Only this release; may be given again.")] = None,
    week: Annotated[list[str] | None, typer.Option(help="Only this week, like 2026-W05; may be given again.")] = None,
    signal: Annotated[list[str] | None, typer.Option(help="Only with this signal; may be given again.")] = None,
    ticket: Annotated[str | None, typer.Option(help="tickets, evals: only this one, or its regression set.")] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Write failures, labels, tickets, clusters or evals to a file; the status of a ticket is its own."""
    from workbench.bench.rows import Filter
    from workbench.exports import FORMATS, refuse_unknown
    from workbench.exports import export as write
    from workbench.judgement.records import TICKET_STATUSES
    from workbench.tickets.regression import evals
    from workbench.tickets.tickets import rows as ticket_rows

    chosen = Filter(*(tuple(given or ()) for given in (bot, release, week, signal, status)))
    named = None if ticket is None else ticket.strip().upper()
    kinds: dict[str, Callable[[Any], Any]] = {
        "failures": lambda bench: bench.failures(chosen), "labels": lambda bench: bench.labels(chosen),
        "clusters": lambda bench: bench.clusters(chosen), "evals": lambda bench: evals(bench, chosen, named),
        "tickets": lambda bench: ticket_rows(bench, chosen, named),
    }  # fmt: skip
    if kind not in kinds:
        raise UserError(f"There is no export {kind!r}. Choose one of {', '.join(kinds)}.")
    refuse_unknown(kind, format := format or FORMATS[kind][0])
    _refuse_unheeded(kind, release=release, week=week, signal=signal, ticket=[ticket] if ticket is not None else None)
    with _bench(store) as bench:
        _known(bench, chosen, TICKET_STATUSES if kind == "tickets" else None)
        rows = kinds[kind](bench)
        files = write(kind, format, rows, out, raw=raw)
    told = {"file": str(files[0] if len(files) == 1 else out), "rows": len(rows)} | (
        {"files": [str(file) for file in files]} if len(files) > 1 else {}
    )
    _print(told, as_json, f"{len(rows):,} rows in {', '.join(str(file) for file in files[:5])}.")


@app.command()
def verify(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001, whose fix was recorded.")],
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Did the fix work? Compares the rate of its failures before and after, and records a clear verdict."""
    from workbench.tickets import verification

    with _bench(store, actor) as bench:
        found = verification.verify(bench, ticket.upper(), record=True)
    _print(verification.as_json(found), as_json, verification.in_words(found))


@app.command()
def forget(
    text: Annotated[str, typer.Argument(help="A whole name, id or address, in any case.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list where it stands.")] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Blank what the history of judgement says with a text in it, and list where it still stands; a lead's act."""
    from workbench.judgement.forgetting import in_words

    with _bench(store, actor) as bench:
        found = bench.forget(text, dry_run=dry_run)
    _print(asdict(found) | {"dry_run": dry_run}, as_json, "\n".join(in_words(found, done=not dry_run)))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, like judgement.zip.", show_default=False)],
    imports: Annotated[
        bool, typer.Option("--imports", help="The imported conversations, too, for when the logs may be gone.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write what can't be built again (what people said, the mappings of logs) to one file, while others work."""
    from workbench.admin import backup as backups

    made = backups.backup(Store(store), file, actor=_actor(actor), imports=imports)
    size = sum(int(one["bytes"]) for one in made.files.values())
    told = f"{made.events:,} events and {len(made.files) - 1:,} more files ({size / 1e6:,.1f} MB) in {file}."
    _print(asdict(made) | {"file": str(file)}, as_json, told)
    if made.broken:
        print(f"The chain of events breaks {made.broken}; this backup can't be restored as it is.", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.", show_default=False)],
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the place of what people said; checked first, and what stood before is kept."""
    from workbench.admin import backup as backups

    def waiting() -> None:
        print("Waiting for a build of this store to end.", file=sys.stderr)

    done = backups.restore(Store(store), file, actor=_actor(actor), waiting=waiting)
    told = [
        f"Restored {done.contents.events:,} events, made {done.contents.made_at} by {done.contents.made_by}; the chain is whole.",
        f"What stood before is kept in {store / done.kept}." if done.kept else "",
        f"Imports put back: {', '.join(done.imports)}. Next: `python -m workbench analyze`." if done.imports else "",
        f"Left out, as the store has imports already: {', '.join(done.left_out)}." if done.left_out else "",
    ]
    _print(asdict(done), as_json, "\n".join(line for line in told if line))


@app.command()
def doctor(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Check the store, the model and what is installed."""
    from workbench.admin.doctor import examine

    checks = examine(Store(store))
    if as_json:
        _print([asdict(check) for check in checks], True, "")
    else:
        for check in checks:
            _out.print(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.found}", markup=False, highlight=False)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@contextmanager
def _bench(store: Path, actor: str | None = None) -> Iterator[Any]:
    """The bench of a command; one that only reads names no actor."""
    from workbench.bench.bench import Bench

    if not store.exists():
        Store(store).require_pointer()
    bench = Bench(Store(store), "" if actor is None else _actor(actor))
    try:
        yield bench
    finally:
        bench.close()


def _refuse_unheeded(kind: str, **given: list[str] | None) -> None:
    """Refuse an option that would narrow nothing in this kind of export: all rows would come, as if all had passed."""
    for option, values in given.items():
        narrowed = ("tickets", "evals") if option == "ticket" else ("failures", "labels", "clusters", "evals")
        if values and kind not in narrowed:
            raise UserError(f"--{option} does not narrow {kind}; it applies to {', '.join(narrowed)}.")


def _known(bench: Any, chosen: Filter, statuses: Iterable[str] | None = None) -> Filter:
    """The filter as given. A value that is not known would let nothing pass, so it is refused; `statuses` are of what is listed."""
    choices = asdict(bench.choices()) | ({"status": list(statuses)} if statuses else {})
    for option, given in asdict(chosen).items():
        for value in given:
            if value not in choices[option]:
                known = ", ".join(choices[option]) or "none yet"
                raise UserError(f"There is no {option} {value!r}. Known are: {known}.")
    return chosen


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
        seen = _run(job if Path(job.store).exists() else replace(job, store=nowhere))
    _print(seen, as_json, in_words(seen))


def _report_build(result: dict[str, Any], as_json: bool, notes: Sequence[str] = ()) -> None:
    from workbench.text.escaping import visible

    store = result["store"]
    told = [
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
    _print(result, as_json, "\n".join(line for line in told if line))


def _print(value: Any, as_json: bool, text: str) -> None:
    if as_json:
        told = json.dumps(value, ensure_ascii=False, default=_jsonable) + "\n"
        sys.stdout.buffer.write(told.encode("utf-8", "backslashreplace"))
    else:
        _out.print(text, markup=False, highlight=False, soft_wrap=True)


def _print_ticket(row: Any, as_json: bool, text: str) -> None:
    from workbench.exports import export_bytes

    if as_json:
        _print(json.loads(export_bytes("tickets", "json", [row]))[0], True, "")
    else:
        _print(None, False, text)


def _jsonable(value: Any) -> str:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else str(value)


def _shown(cell: str | None) -> Any:
    from rich.text import Text

    from workbench.text.escaping import visible

    return Text(visible(cell or ""))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    table = Table(box=None)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(_shown, row))
    if rows:
        _out.print(table)


def _actor(given: str) -> str:
    if given or (given := os.environ.get("WORKBENCH_ACTOR", "")):
        return given
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a user id without an account, as containers have it
        return "somebody"


def _fail(message: str, code: int) -> int:
    from workbench.text.escaping import visible

    print(visible(message), file=sys.stderr)
    return code
