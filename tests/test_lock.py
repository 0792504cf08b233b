"""requirements.lock: every package that runs here, of one version, by its hashes."""

import re

from tests.support.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
ENTRIES = re.findall(r"^([a-z0-9._-]+)(?:\[[\w,-]+\])?==(\S+)((?:.*\\\n)(?:    --hash=.*\n)+)", LOCK, re.MULTILINE)


def test_the_lock_is_of_these_requirements() -> None:
    stated = re.findall(
        r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE
    )
    locked = {(name, version) for name, version, _ in ENTRIES}
    missing = [pin for pin in stated if pin not in locked and pin[0] != "torch"]
    assert missing == [], "make lock writes it anew"


def test_every_package_has_hashes_and_comes_from_wherever_pip_is_told() -> None:
    lines = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(lines) == len(ENTRIES)
    assert "://" not in LOCK
    assert "torch" not in {name for name, _, _ in ENTRIES}
