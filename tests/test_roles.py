"""Who may do what: every act by every role, as docs/roles.md says."""

from pathlib import Path

from tests.support.paths import ROOT
from tests.support.role_acts import ACTS, page, writing_functions

BESIDE_THE_FUNCTIONS = {
    "undo a role", "preview of an upload", "import of an upload", "preview of a path", "import of a path", "analysis",
    "undo of an import", "Erasing.forget, listing", "Sessions.set_progress",
}  # fmt: skip
"""Acts that share a function with another one, or are no function that takes who acts."""


def test_every_function_that_takes_who_acts_is_tried() -> None:
    assert {act.function for act in ACTS} - BESIDE_THE_FUNCTIONS == writing_functions() - BESIDE_THE_FUNCTIONS


def test_the_page_says_what_each_role_may() -> None:
    assert Path(ROOT / "docs" / "roles.md").read_text("utf-8") == page()
