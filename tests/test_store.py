"""A store's folder is its owner's."""

import os
import stat
from pathlib import Path

from workbench.store import Store


def test_a_new_store_is_its_owners_alone_and_a_shared_one_stays_shared(tmp_path: Path) -> None:
    Store(tmp_path / "new").create()
    assert stat.S_IMODE(os.stat(tmp_path / "new").st_mode) == 0o700
    (tmp_path / "shared").mkdir(mode=0o755)
    Store(tmp_path / "shared").create()
    assert stat.S_IMODE(os.stat(tmp_path / "shared").st_mode) == 0o755
