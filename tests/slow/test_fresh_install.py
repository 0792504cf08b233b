"""A fresh environment from requirements.lock alone: complete, without conflicts, and the program runs in it."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.slow


def test_the_lock_installs_and_the_program_runs(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    (torch,) = re.findall(r"^torch==\S+$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)

    def run(*command: str) -> str:
        done = subprocess.run(
            [str(python), *command],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("-m", "pip", "install", "--quiet", torch)
    run("-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", "requirements.lock")
    assert "No broken requirements" in run("-m", "pip", "check")
    assert "serve" in run("-m", "workbench", "--help")
    run("-c", "import workbench.ui.server, workbench.ui.sign_in, workbench.bench.bench, workbench.pipeline.build")
