"""The command that serves coding agents."""

from __future__ import annotations

from workbench.cli.app import app
from workbench.cli.output import StoreOption, open_bench
from workbench.errors import UserError
from workbench.store import DEFAULT_STORE


@app.command()
def mcp(store: StoreOption = DEFAULT_STORE) -> None:
    """Let a coding agent on this machine read the store, over standard input and output: masked, nothing is written."""
    try:
        from workbench.mcp_server.server import serve
    except ModuleNotFoundError as e:
        if (e.name or "").split(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise UserError("The package mcp is missing. Install it with `pip install -r requirements-mcp.txt`.") from e
    with open_bench(store, recover=False) as bench:
        serve(bench)
