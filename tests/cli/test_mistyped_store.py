"""Every command on a `--store` that is none: it says so and makes nothing. The commands are those of the program, not a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from tests.support.command import Command
from workbench.cli.main import app

MAKES_A_STORE = {"import", "demo", "serve", "restore"}
GIVEN = {
    "bot": "shop", "cause": "loop", "model": "m", "text": "Jo Miller", "ticket": "FIX-0001", "url": "http://127.0.0.1:9/v1", "before": "p1",
    "after": "p2", "clusters": "FC-0001", "target": "FC-0001", "conversation": "conv-001", "kind": "failures",
}  # fmt: skip
"""What each argument that a command needs gets; files are made in the test."""
PATHS = {"the path of nothing": "there is no such folder", "a file": "that is a file", "an empty folder": "that folder holds none",
         "a folder of other things": "that folder holds none"}  # fmt: skip


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Each command that does something, with the words that call it."""
    inner: dict[str, click.Command] = getattr(command, "commands", {})
    for name, each in inner.items():
        yield from leaves(each, (*path, name))
    if not inner:
        yield path, command


COMMANDS = {" ".join(path): command for path, command in leaves(typer.main.get_command(app))}
READING = sorted(COMMANDS.keys() - MAKES_A_STORE)


@pytest.fixture(params=PATHS)
def mistyped(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """A path that leads to no store, and why it is none."""
    path = tmp_path / "stor"
    if request.param == "a file":
        path.write_text("{}", "utf-8")
    elif request.param != "the path of nothing":
        path.mkdir()
    if request.param == "a folder of other things":
        (path / "photos").mkdir()
        (path / "photos" / "a.jpg").write_bytes(b"\xff\xd8")
        (path / "notes.txt").write_text("milk", "utf-8")
    return path, PATHS[request.param]


def needed(command: click.Command, folder: Path) -> list[str]:
    """The arguments and options that a command can't do without."""
    words: list[str] = []
    for parameter in command.params:
        if parameter.required:
            name = str(parameter.name)
            value = str(folder / f"made.{name}") if name in ("out", "file") else GIVEN.get(name)
            if name == "files" or (name == "file" and "import-keys" in str(command.name)):
                value = str(folder / "p1.md")
            assert value is not None, f"GIVEN lacks {name!r}"
            words += [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]
    return words


def test_the_commands_that_make_a_store_are_these() -> None:
    assert COMMANDS.keys() > MAKES_A_STORE
    assert all(any(param.name == "store" for param in command.params) for command in COMMANDS.values())


@pytest.mark.parametrize("name", READING)
def test_a_command_on_what_is_no_store_says_so_and_makes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, mistyped: tuple[Path, str], name: str
) -> None:  # fmt: skip
    store, why = mistyped
    (tmp_path / "p1.md").write_text("You are a bot.", "utf-8")
    before = contents(tmp_path)
    code, out, err = Command(monkeypatch, capsys, store)(*name.split(), *needed(COMMANDS[name], tmp_path))
    assert contents(tmp_path) == before
    said = f"There is no store at {store}: {why}. Name another with --store"
    if name == "doctor":
        assert (code, said in out, err) == (1, True, "")
    else:
        assert (code, out, err[: len(said)]) == (2, "", said)


def test_a_dry_run_reads_logs_without_a_store(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, mistyped: tuple[Path, str]
) -> None:
    (tmp_path / "log.jsonl").write_text('{"conversation_id": "a", "messages": [{"role": "user", "content": "hi"}]}\n')
    before = contents(tmp_path)
    code, out, err = Command(monkeypatch, capsys, mistyped[0])("import", str(tmp_path / "log.jsonl"), "--dry-run")
    assert (code, err, "1" in out, contents(tmp_path)) == (0, "", True, before)


def test_a_backup_that_is_none_makes_no_store_to_restore_it_into(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, mistyped: tuple[Path, str]
) -> None:
    before = contents(tmp_path)
    code, out, err = Command(monkeypatch, capsys, mistyped[0])("restore", str(tmp_path / "nowhere.zip"))
    assert (code, out, err) == (2, "", f"There is no file {tmp_path / 'nowhere.zip'}.\n")
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "arguments", [["analyze"], ["clusters"], ["doctor", "--accept-history"], ["serve", "--port", "0"]]
)
def test_a_path_that_no_folder_can_have_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:  # fmt: skip
    code, out, err = Command(monkeypatch, capsys, Path("x" * 300))(*arguments)
    assert (code, out) == (2, "")
    assert "x" * 300 in err
    assert "fault" not in err


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with what it holds, and every folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}
