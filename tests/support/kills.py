"""The command `label`, killed while it writes, as often as wanted; for a slow test and for the benchmark."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass

from tests.support.paths import ROOT
from workbench.judgement.store import Judgement
from workbench.store import Store

# The command itself, again and again in one process, so that a kill falls into its work and not into Python's start.
LABEL_AGAIN_AND_AGAIN = """
import sys
from itertools import count
from workbench.cli.main import app
_, store, who = sys.argv
for n in count():
    app(["label", "FC-0001", "--note", f"{who} {n}", "--store", store, "--actor", who, "--json"], standalone_mode=False)
    sys.stdout.flush()
"""


@dataclass(frozen=True)
class Killed:
    """What was acknowledged before the kills, how many of these changes are not there, and whether the chain holds."""

    kills: int
    acknowledged: int
    lost: int
    intact: bool


def kill_while_labelling(store: Store, kills: int) -> Killed:
    """Kill `label` with SIGKILL at a random moment after its first acknowledgement, and look for what it acknowledged."""
    moment, told = random.Random(7), []
    for n in range(kills):
        command = [sys.executable, "-c", LABEL_AGAIN_AND_AGAIN, str(store.root), f"K{n}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            told.append(process.stdout.readline())
            time.sleep(moment.uniform(0, 0.2))
            process.send_signal(signal.SIGKILL)
            told += process.stdout.read().splitlines(keepends=True)
    labels = [json.loads(line) for line in told if line.endswith("\n")]  # a line cut by the kill acknowledges nothing
    with closing(Judgement(store.judgement_url)) as judgement:
        chain = judgement.journal.verify_chain()
        kept = {
            event.sequence: event.after["note"]
            for event in judgement.journal.events(limit=10**9)
            if event.what == "labelled"
        }
    lost = sum(kept.get(label["version"]) != label["note"] for label in labels)
    return Killed(kills, len(labels), lost, chain.intact)
