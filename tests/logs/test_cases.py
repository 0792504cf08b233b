"""Logs as people have them become what stands beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cases import CASES, became, expected, inputs


@pytest.mark.parametrize("path", inputs(), ids=lambda path: str(path.relative_to(CASES)))
def test_a_log_becomes_the_transcripts_that_stand_beside_it(path: Path, tmp_path: Path) -> None:
    wanted = expected(path)
    about = [list(each.get("about", ())) for each in wanted["conversations"]]
    assert became(path, tmp_path, about) == wanted
