"""Commands run in this process."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main


class Command:
    """Runs a command in this process: exit code, standard output, standard error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Path) -> None:
        self._monkeypatch, self._capsys, self._store = monkeypatch, capsys, store

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["workbench", *arguments, "--store", str(self._store)])
        code = 0
        try:
            main.main()
        except SystemExit as e:
            code = int(e.code or 0)
        out, err = self._capsys.readouterr()
        return code, out, err

    def json(self, *arguments: str) -> Any:
        code, out, err = self(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)
