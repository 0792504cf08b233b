"""The commands of `python -m workbench`. Each is a thin skin: options in, one call, a table or one JSON document out."""

from __future__ import annotations

import io
import os
import sys
from errno import ENAMETOOLONG

# each adds its commands to the app when it is imported
from workbench.cli import admin, clusters, conversations, export, judge, logs, mcp, prompts, report, tickets  # noqa: F401
from workbench.cli.app import app, prompts_app, tickets_app
from workbench.cli.output import print_error
from workbench.errors import FULL, UserError, WorkbenchError, is_disk_full

app.add_typer(tickets_app, name="ticket")
app.add_typer(prompts_app, name="prompts")


def main() -> None:
    """Run a command; a mistake ends in one message on standard error: exit 2 for the user's, 1 for ours."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold bytes that are no text
    try:
        app()
    except UserError as e:
        sys.exit(print_error(str(e), 2))
    except WorkbenchError as e:
        sys.exit(print_error(str(e), 1))
    except BrokenPipeError:
        os._exit(0)
    except Exception as e:
        if os.environ.get("WORKBENCH_DEBUG"):
            raise
        if is_disk_full(e):
            sys.exit(print_error(FULL, 1))
        if isinstance(e, OSError) and e.errno == ENAMETOOLONG:
            sys.exit(print_error(f"{e.filename}: no path can be that long. Name another.", 2))
        sys.exit(
            print_error(f"{type(e).__name__}: {e}. This is our fault. WORKBENCH_DEBUG=1 shows where it happened.", 1)
        )
