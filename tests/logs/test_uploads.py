import io
import os
import time
from pathlib import Path

import pytest

from workbench.errors import Denied
from workbench.logs.uploads import as_given, drop_after, safe_name, take
from workbench.store import Store


class Sent(io.BytesIO):
    """A file as a browser sends it."""

    def __init__(self, name: str, content: bytes = b"PAR1") -> None:
        super().__init__(content)
        self.name = name


def kept(store: Store) -> list[str]:
    """What stands in the store's uploads, without the random folder."""
    return sorted("/".join(path.parts[-1:]) for path in (store.root / "uploads").glob("*/*"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("may.parquet", "may.parquet"),
        ("Gespräche Mai (2).parquet", "Gespräche Mai (2).parquet"),
        ("a..b.parquet", "a..b.parquet"),
        ("log [final].parquet", "log _final_.parquet"),
        (".hidden.parquet", "hidden.parquet"),
        ("-rf.parquet", "rf.parquet"),
        ("two\nlines\x1b[31m.parquet", "two_lines__31m.parquet"),
        ("gpj\u202eteuqrap.parquet", "gpj_teuqrap.parquet"),
        ("$(reboot);`id`|.parquet", "(reboot)__id__.parquet"),
        ("~root.parquet", "root.parquet"),
        ("nul\0.parquet", "nul_.parquet"),
    ],
)
def test_an_upload_is_kept_under_a_harmless_name(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_long_name_is_cut_and_keeps_its_suffix() -> None:
    assert safe_name("x" * 300 + ".parquet") == "x" * 110 + ".parquet"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.parquet",
        "..",
        "",
        "/etc/passwd",
        "folder/may.parquet",
        "..\\..\\may.parquet",
        "\\\\server\\share\\may.parquet",
        "C:\\may.parquet",
        "https://example.org/may.parquet",
        "file:///etc/passwd",
        "*.parquet",
        "ma?.parquet",
    ],
)
def test_a_path_a_url_or_a_pattern_in_an_uploads_name_is_denied_and_nothing_is_written(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Denied, match="is a path or a pattern"):
        take(Store(tmp_path), [Sent("good.parquet"), Sent(name)])
    assert list(tmp_path.iterdir()) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_uploads_lie_in_a_folder_of_their_own_each_under_its_name(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = take(store, [Sent("a.parquet", b"one"), Sent("A.parquet", b"two")])
    second = take(store, [Sent("a.parquet", b"three")])
    assert [path.name for path in first + second] == ["a.parquet", "A (2).parquet", "a.parquet"]
    assert [path.read_bytes() for path in first + second] == [b"one", b"two", b"three"]
    assert first[0].parent == first[1].parent != second[0].parent
    assert first[0].parent.parent == tmp_path.resolve() / "uploads"
    assert first[0].parent.stat().st_mode & 0o077 == 0


def test_an_upload_is_deleted_once_its_import_ended(tmp_path: Path) -> None:
    store = Store(tmp_path)
    paths = take(store, [Sent("a.parquet")])
    drop_after(lambda: True, paths).join(5)
    assert kept(store) == []


def test_what_an_earlier_server_left_behind_goes_with_the_next_upload(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (left,) = take(store, [Sent("left.parquet")])
    take(store, [Sent("running.parquet")])
    two_days_ago = time.time() - 2 * 86_400
    os.utime(left.parent, (two_days_ago, two_days_ago))
    take(store, [Sent("new.parquet")])
    assert kept(store) == ["new.parquet", "running.parquet"]


def test_messages_name_an_upload_as_the_person_does(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (path,) = take(store, [Sent("may.parquet")])
    assert as_given(f"Nothing could be read.\n{path}: it is empty; see {path}, row 3", store) == (
        "Nothing could be read.\nmay.parquet: it is empty; see may.parquet, row 3"
    )
    assert as_given("/logs/may.parquet: it is empty", store) == "/logs/may.parquet: it is empty"
