"""On a full disk every command says so, what still works and how much is needed; nothing is lost, and it goes on once there is room."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.pages.conftest import open_page  # noqa: F401
from tests.support.command import Command
from tests.support.small_disk import SmallDisk, small_disk
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.errors import FULL
from workbench.store import Store


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 24) as disk:
        yield disk


@pytest.fixture
def full(disk: SmallDisk, built_store: Store) -> Store:
    """The built store on a disk that has no room left."""
    shutil.copytree(built_store.root, disk.folder / "store")
    store = Store(disk.folder / "store")
    with closing(Bench(store, "Ann")) as bench:
        bench.label("FC-0001", cause="loop")
    disk.fill()
    return store


@pytest.fixture
def command(full: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys, full.root)


def more(folder: Path) -> str:
    return str(
        write_chat(folder / "more.parquet", [row | {"conversation_id": f"m{n}"} for n, row in enumerate(small_log())])
    )


COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "import": lambda folder: ["import", more(folder)],
    "analyze": lambda folder: ["analyze"],
    "label": lambda folder: ["label", "FC-0001", "--cause", "handoff", "--actor", "Ann"],
    "ticket": lambda folder: ["ticket", "new", "FC-0001", "--actor", "Ann"],
    "backup": lambda folder: ["backup", str(folder / "disk" / "backup.zip")],
    "export": lambda folder: ["export", "failures", "--format", "csv", "--out", str(folder / "disk" / "failures.csv")],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_on_a_full_disk_says_so_and_works_once_there_is_room(
    command: Command, full: Store, disk: SmallDisk, tmp_path: Path, name: str
) -> None:
    pointer = full.pointer()
    code, out, err = command(*COMMANDS[name](tmp_path))
    assert (code, out, FULL in err, "fault" in err) == (2, "", True, False), err
    assert " has 0.0 MB free" in err
    assert full.pointer() == pointer
    assert sorted(file.name for file in disk.folder.iterdir()) == ["filler", "store"]  # and no half of a file
    disk.free()
    assert command(*COMMANDS[name](tmp_path))[0] == 0
    assert Bench(full).labels_said()["cluster", "FC-0001"].cause == ("handoff" if name == "label" else "loop")


@pytest.mark.parametrize("leaving", [40_000, 200_000])
def test_an_import_that_fills_the_disk_half_way_says_so(
    command: Command, full: Store, disk: SmallDisk, tmp_path: Path, leaving: int
) -> None:
    disk.free()
    disk.fill(leaving)
    code, _, err = command(*COMMANDS["import"](tmp_path))
    assert (code, FULL in err, "The store is unchanged." in err) == (2, True, True), err
    disk.free()
    assert command(*COMMANDS["import"](tmp_path))[0] == 0


def test_an_export_to_another_disk_works_on_a_full_one(command: Command, tmp_path: Path) -> None:
    assert command("export", "failures", "--format", "csv", "--out", str(tmp_path / "failures.csv"))[0] == 0
