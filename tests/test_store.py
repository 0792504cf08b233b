"""A store's folder is its owner's."""

import os
import stat
from pathlib import Path

from workbench.store import DEFAULT_STORE, Store, with_store_named


def test_a_new_store_is_its_owners_alone_and_a_shared_one_stays_shared(tmp_path: Path) -> None:
    Store(tmp_path / "new").create()
    assert stat.S_IMODE(os.stat(tmp_path / "new").st_mode) == 0o700
    (tmp_path / "shared").mkdir(mode=0o755)
    Store(tmp_path / "shared").create()
    assert stat.S_IMODE(os.stat(tmp_path / "shared").st_mode) == 0o755


def test_commands_in_a_message_name_the_store_unless_it_is_the_usual_one() -> None:
    said = "`python -m workbench analyze` or `python -m workbench judge --help`; `x` stays."
    assert with_store_named(said, DEFAULT_STORE) == said
    assert with_store_named(said, Path("my logs")) == (
        "`python -m workbench analyze --store 'my logs'` or `python -m workbench judge --help`; `x` stays."
    )
    named = with_store_named(said, Path("s"))
    assert with_store_named(named, Path("s")) == named
