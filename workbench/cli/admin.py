"""Commands of whoever looks after a store: serve, forget, backup, restore, doctor."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.app import app
from workbench.cli.output import ActorOption, JsonOption, StoreOption, actor_name, console, print_result
from workbench.errors import UserError
from workbench.store import DEFAULT_STORE, Store, with_store_named
from workbench.text import formatting


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to bind; other machines can reach any but the default, which takes a sign-in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8501,
    demo: Annotated[bool, typer.Option("--demo", help="Import the demo where the store is empty.")] = False,
    sign_in: Annotated[
        Path | None,
        typer.Option(help="A TOML file that names the OpenID provider people sign in at (docs/deploy.md)."),
    ] = None,
    user_header: Annotated[
        str, typer.Option(help="The header in which a proxy names who signed in, like X-Forwarded-User.")
    ] = "",
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(help="Address or network of that proxy; may be given again.")
    ] = None,
    public_host: Annotated[
        list[str] | None, typer.Option(help="A name that people open it by, behind the proxy; may be given again.")
    ] = None,
    lead: Annotated[str, typer.Option(help="Who becomes a lead, as the proxy or the provider names them.")] = "",
    limit: Annotated[
        list[str] | None, typer.Option(help="A limit, like sessions=40 (docs/deploy.md); may be given again.")
    ] = None,
    import_from: Annotated[
        list[str] | None,
        typer.Option(help="A folder or bucket that paths of imports must lie in; may be given again."),
    ] = None,
    vote_host: Annotated[
        str,
        typer.Option(help="An address of this machine at which members' devices vote in a session: that page alone."),
    ] = "",
    vote_port: Annotated[int, typer.Option(help="Port of that address.")] = 8502,
    log_format: Annotated[
        str, typer.Option(help="What is written to standard error: text, or json (an object a line).")
    ] = "text",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Serve the pages to a browser."""
    from workbench.text.log_lines import log_as_json

    if log_format not in ("text", "json"):
        raise UserError(f"There is no log format {log_format!r}. Choose text or json.")
    if log_format == "json":
        log_as_json()  # before anything else can have something to say
    from workbench import limits
    from workbench.ui.provider import read_provider
    from workbench.ui.server import SignIn
    from workbench.ui.server import serve as serve_pages

    limits.stated(limit or (), limits.current()).apply()
    provider = read_provider(sign_in) if sign_in else None
    stated = SignIn(user_header, tuple(trusted_proxy or ()), tuple(public_host or ()), lead, provider)
    serve_pages(
        Store(store), host, port, demo, stated, import_from or (), (vote_host, vote_port) if vote_host else None
    )


@app.command()
def forget(
    text: Annotated[str, typer.Argument(help="A whole name, id or address, in any case.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list where it stands.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also where it stands in more conversations than one person's.")
    ] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Let what was erased under it be imported again.")] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Erase a person's conversations and what was said of them, for good, and search every file of the store; a lead's act."""
    from workbench.admin import forgetting

    here, who = Store(store), actor_name(actor)
    here.require_there()
    if lift:
        forgetting.lift(here, text, who)
        print_result({"lifted": True}, as_json, "It can be imported again.")
        return
    erased = forgetting.find(here, text, who) if dry_run else forgetting.forget(here, text, who, sure=yes)
    lines = forgetting.describe_erased(erased, done=not dry_run)
    print_result(asdict(erased) | {"dry_run": dry_run}, as_json, "\n".join(lines))


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

    made = backups.backup(Store(store), file, actor=actor_name(actor), imports=imports)
    size = sum(int(entry["bytes"]) for entry in made.files.values())
    summary = f"{made.events:,} events and {len(made.files) - 1:,} more files ({size / 1e6:,.1f} MB) in {file}."
    print_result(asdict(made) | {"file": str(file)}, as_json, summary)
    if made.broken:
        print(f"The chain of events breaks {made.broken}; this backup can't be restored as it is.", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def restore(
    file: Annotated[
        Path, typer.Argument(help="A file that `backup` wrote, or a copy of judgement.db.", show_default=False)
    ],
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Put a backup in the place of what people said; checked first, and what stood before is kept."""
    from workbench.admin import backup as backups

    def waiting(builder: str) -> None:
        print(f"Waiting for the build by {builder} to end.", file=sys.stderr)

    done = backups.restore(Store(store), file, actor=actor_name(actor), waiting=waiting)
    lines = [
        f"Restored {done.contents.events:,} events, made {done.contents.made_at} by {done.contents.made_by}; the chain is whole.",
        f"What stood before is kept in {store / done.kept}." if done.kept else "",
        with_store_named(f"Imports put back: {', '.join(done.imports)}. Next: `python -m workbench analyze`.", store)
        if done.imports
        else "",
        f"Erased from it again, as this store forgot them: {formatting.count(done.erased, 'conversation')}."
        if done.erased
        else "",
        f"Forgotten since that day: {formatting.count(done.forgotten_since, 'text')}, known here by digest alone. What people wrote may "
        "name them again: give `forget TEXT` once more for each."
        if done.forgotten_since
        else "",
        f"The store of that backup had forgotten {formatting.count(done.strange_erasures, 'text')}, which this one can't know: give "
        "`forget TEXT` here, too, before their logs are imported again."
        if done.strange_erasures
        else "",
        f"Left out, as the store has imports already: {', '.join(done.left_out)}." if done.left_out else "",
    ]
    print_result(asdict(done), as_json, "\n".join(line for line in lines if line))


@app.command()
def doctor(
    accept_history: Annotated[
        bool,
        typer.Option(
            "--accept-history", help="Go on with what judgement holds, though it lacks something; a lead's act."
        ),
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    actor: ActorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Check the store, the model and what is installed."""
    from workbench.admin.doctor import accept, examine

    if accept_history:
        lacked = accept(Store(store), actor_name(actor))
        print(f"Accepted: judgement {lacked}." if lacked else "Judgement lacks nothing.", file=sys.stderr)
    checks = [replace(check, found=with_store_named(check.found, store)) for check in examine(Store(store))]
    if as_json:
        print_result([asdict(check) for check in checks], True, "")
    else:
        for check in checks:
            line = f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.found}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)  # a command in it is typed as it stands
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
