"""The theme can be read, light and dark: text 4.5:1 against what it stands on, marks 3:1."""

import tomllib
from typing import Any

import pytest

from tests.support.contrast import MARK, TEXT, contrast
from tests.support.paths import ROOT
from workbench.ui.shared.charts import NAMED, QUIET, SYMBOLS

THEME: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
COLOURS = ("red", "orange", "yellow", "green", "blue", "violet", "gray")

both = pytest.mark.parametrize("theme", [THEME["light"], THEME["dark"]], ids=["light", "dark"])


def test_contrast_is_that_of_the_standard() -> None:
    ratios = [round(contrast(*pair), 2) for pair in (("#000000", "#ffffff"), ("#777777", "#ffffff"), ("#fff0f0",) * 2)]
    assert ratios == [21.0, 4.48, 1.0]


@both
def test_text_stands_out_from_the_page_from_fields_and_from_its_badge(theme: dict[str, Any]) -> None:
    pages = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    texts = [theme[f"{name}Color"] for name in ("text", "link", "primary", "codeText")]
    pairs = [
        *((text, page) for text in texts for page in pages),
        *((theme[f"{name}TextColor"], theme[f"{name}BackgroundColor"]) for name in COLOURS),
        *((theme[f"{name}TextColor"], theme["backgroundColor"]) for name in COLOURS),
    ]
    assert [pair for pair in pairs if contrast(*pair) < TEXT] == []


@both
def test_marks_of_charts_stand_out_from_the_page(theme: dict[str, Any]) -> None:
    marks = [*theme["chartCategoricalColors"], *(theme[f"{name}Color"] for name in COLOURS), QUIET]
    assert [mark for mark in marks if contrast(mark, theme["backgroundColor"]) < MARK] == []


@both
def test_each_named_cluster_of_the_map_has_a_colour_and_a_shape_of_its_own(theme: dict[str, Any]) -> None:
    assert len(set(theme["chartCategoricalColors"])) >= NAMED
    assert len(set(SYMBOLS)) == len(SYMBOLS) == NAMED
