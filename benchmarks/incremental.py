"""What does a week on top of a large store cost, as a share of building all of it?

A log (see `scale.py`) is imported but for its last 2 %, then these; another store gets all at once, with the vectors of
the first, so that neither embeds. CPU is what counts on a machine that others use.

    python benchmarks/incremental.py [--conversations 10000] [--json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scale import DEFAULT, built, show, write_log

NEW = 0.02
"""The share of the conversations that comes on top."""
GOAL = 0.1
"""The share of the full build's time that it may take."""


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=DEFAULT)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        figures = measured(Path(scratch), arguments.conversations)
    if arguments.json:
        print(
            json.dumps({name: value if isinstance(value, float) else asdict(value) for name, value in figures.items()})
        )
        return
    show(figures["full"])
    show(figures["on_top"])
    print(
        f"\n{figures['cpu_share']:.0%} of the full build's CPU, {figures['wall_share']:.0%} of its time (goal {GOAL:.0%})"
    )


def measured(scratch: Path, conversations: int) -> dict[str, Any]:
    """Both builds, and the one in shares of the other."""
    before = write_log(scratch / "before.parquet", conversations, last=1 - NEW)
    new = write_log(scratch / "new.parquet", conversations, first=1 - NEW)
    whole = write_log(scratch / "whole.parquet", conversations)
    built(scratch / "grown", before)
    on_top = built(scratch / "grown", new)
    (scratch / "whole").mkdir()
    shutil.copytree(scratch / "grown" / "vectors", scratch / "whole" / "vectors")
    full = built(scratch / "whole", whole)
    return {
        "full": full,
        "on_top": on_top,
        "cpu_share": round(on_top.cpu / full.cpu, 3),
        "wall_share": round(on_top.wall / full.wall, 3),
    }


if __name__ == "__main__":
    main()
