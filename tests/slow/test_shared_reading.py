"""Twenty readers of one list, killed two hundred times: nothing is stuck, and nothing is read more often than wanted."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from workbench.dates import utc_now
from workbench.judgement.reservations import HOLD, verdicts_given
from workbench.judgement.store import Judgement

KEYS = [f"c{n:02}" for n in range(60)]
READERS, EACH, KILLS = 20, 3, 200
READING = """
import random, sys, time
from workbench.judgement.reservations import verdicts_given
from workbench.judgement.store import Judgement
_, url, who, each, *keys = sys.argv
judgement = Judgement(url)
while key := judgement.reservations.reserve("RD-0001", keys, int(each), verdicts_given, actor=who):
    print(key, flush=True)
    time.sleep(random.uniform(0, 0.3))
    judgement.verdicts.add(key, actor=who, verdict="fine")
"""


@pytest.mark.slow
def test_twenty_readers_and_two_hundred_kills_leave_nothing_stuck(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'judgement.db'}"
    Judgement(url).close()
    moment = random.Random(7)
    for n in range(KILLS):
        command = [sys.executable, "-c", READING, url, f"reader {n % READERS}", str(EACH), *KEYS]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moment.uniform(0, 0.3))
            process.send_signal(signal.SIGKILL)

    after = utc_now() + HOLD + timedelta(seconds=1)
    with closing(Judgement(url, clock=lambda: after)) as judgement:
        for n in range(READERS):
            who = f"reader {n}"
            while key := judgement.reservations.reserve("RD-0001", KEYS, EACH, verdicts_given, actor=who):
                judgement.verdicts.add(key, actor=who, verdict="fine")
        read = {key: len(verdicts) for key, verdicts in judgement.verdicts.all().items()}
        assert read == dict.fromkeys(KEYS, EACH)
        assert judgement.journal.verify_chain().broken is None
