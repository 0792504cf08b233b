"""Commands about tickets: new, fixed, show, bundle, check, clusters, import-keys."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.app import tickets_app
from workbench.cli.output import ActorOption, DayOption, JsonOption, StoreOption, open_bench, print_result
from workbench.errors import UserError
from workbench.store import DEFAULT_STORE
from workbench.text.values import iso_utc


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
    with open_bench(store, actor) as bench:
        draft = replace(tickets.draft(bench, clusters), **{k: v for k, v in given.items() if v is not None})
        row = tickets.row(tickets.create(bench, draft, due.date() if due else None), bench.causes.taxonomy())
    _print_ticket(row, as_json, f"{row.ticket}: {row.title}")


@tickets_app.command("fixed")
def ticket_fixed(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001.")],
    release: Annotated[str | None, typer.Option(help="The release that carries the fix.")] = None,
    date: DayOption = None,
    done: Annotated[str, typer.Option(help="What was done, for bots with the same cause.", show_default=False)] = "",
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Record that a fix is out, with a release or from a day on; new conversations will be judged by it."""
    from workbench.tickets import tickets

    with open_bench(store, actor) as bench:
        fixed = tickets.fix(bench, ticket.upper(), release=release, day=date.date() if date else None, remedy=done)
        row = tickets.row(fixed, bench.causes.taxonomy())
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

    with open_bench(store) as bench:
        row = tickets.row(bench.tickets.get(ticket.upper()), bench.causes.taxonomy())
    _print_ticket(row, as_json, markdown([row]))


@tickets_app.command("bundle")
def ticket_bundle(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """One ticket for a coding agent, in at most 4,000 tokens: masked, log text between marks, and what was left out."""
    from workbench.tickets import tickets
    from workbench.tickets.bundle import bundle

    with open_bench(store) as bench:
        row = tickets.row(bench.tickets.get(ticket.upper()), bench.causes.taxonomy())
    made = bundle(row)
    print_result({"ticket": row.ticket, **asdict(made)}, as_json, made.text)


@tickets_app.command("check")
def ticket_check(
    ticket: Annotated[str, typer.Argument(help="A ticket like FIX-0001.")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Its regression set against the logs since its fix: which requests were asked again, and which failed again."""
    from workbench.tickets import regression_checks

    with open_bench(store) as bench:
        run = regression_checks.run_regression(bench, ticket.upper())
    result = {"ticket": run.ticket, "since": iso_utc(run.since), "passes": run.passes}
    checks = [asdict(check) for check in run.checks]
    print_result(result | {"checks": checks}, as_json, regression_checks.in_words(run))


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

    with open_bench(store, actor) as bench:
        current = bench.tickets.get(ticket.upper())
        off = {name.strip().upper() for name in remove or []}
        wanted = [name for name in [*current.clusters, *(add or [])] if name.strip().upper() not in off]
        row = tickets.row(tickets.set_clusters(bench, current.ticket, wanted), bench.causes.taxonomy())
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
    with open_bench(store, actor) as bench:
        result = tracker.import_keys(bench, data, file.name)
    print_result(tracker.as_json(result), as_json, tracker.in_words(result))


def _print_ticket(row: Any, as_json: bool, text: str) -> None:
    from workbench.exports import export_bytes

    if as_json:
        print_result(json.loads(export_bytes("tickets", "json", [row]))[0], True, "")
    else:
        print_result(None, False, text)
