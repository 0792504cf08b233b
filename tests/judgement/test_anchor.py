"""What was acknowledged is where the next start looks, or somebody is told: files deleted, replaced, cut or flipped under an open store."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from workbench.errors import Damaged, ShortHistory, UserError
from workbench.judgement.anchor import KEY_FILE, anchor_damage, anchor_file
from workbench.judgement.records.events import ChainCheck
from workbench.judgement.store import Judgement
from workbench.pipeline.traces import Searcher

LABEL_AND_DIE = """
import os, sys
from workbench.judgement.store import Judgement
judgement = Judgement(sys.argv[1])
for n in range(int(sys.argv[2])):
    judgement.labels.set("conversation", f"c{n}", actor="Ann", cause="loop")
os._exit(9)  # as a kill: nothing is closed, the log stays
"""
UP_TO_THE_MENDS = " What it holds can be read, but nothing is saved in it. "


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'judgement.db'}"


def label(judgement: Judgement, *names: str) -> None:
    for name in names:
        judgement.labels.set("conversation", name, actor="Ann", cause="loop")


def labelled(judgement: Judgement) -> list[str]:
    return sorted(target for _, target in judgement.labels.all())


def at_the_next_start(folder: Path) -> list[str]:
    with closing(Judgement(url(folder))) as judgement:
        assert judgement.journal.verify_chain().intact
        return labelled(judgement)


def killed_after(folder: Path, labels: int) -> None:
    subprocess.run([sys.executable, "-c", LABEL_AND_DIE, url(folder), str(labels)], cwd=ROOT, check=False)


def copied(judgement: Judgement, file: Path) -> Path:
    judgement.copies.copy_to(file)
    return file


def append_while_replaced(judgement: Judgement, by: Path) -> None:
    with judgement.journal.changing("Ann") as change:
        change.append("said", "something", None, {})
        os.replace(by, Path(str(judgement.journal.database.file)))


READ_AND_CLOSE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("select count(*) from events").fetchall()
database.close()
"""


def in_another_process(code: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-c", code, str(folder / "judgement.db")], check=True)


# Deleted and replaced under an open store


def test_a_file_deleted_under_an_open_store_is_put_back_with_all_that_was_saved(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b")
        (tmp_path / "judgement.db").unlink()
        label(judgement, "c")
        assert at_the_next_start(tmp_path) == ["a", "b", "c"]
        assert [event.what for event in judgement.journal.events()] == ["labelled", "put back", "labelled", "labelled"]
        label(judgement, "d")
    assert at_the_next_start(tmp_path) == ["a", "b", "c", "d"]


def test_a_deleted_file_is_put_back_by_whoever_reads(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        for file in tmp_path.glob("judgement.db*"):
            file.unlink()
        assert labelled(judgement) == ["a"]
        assert at_the_next_start(tmp_path) == ["a"]


def test_a_backup_moved_over_an_open_store_stays_as_it_is_and_nothing_is_saved_in_it_unasked(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b")
        backup = copied(judgement, tmp_path / "backup.db")
        label(judgement, "c", "d", "e")
        os.replace(backup, tmp_path / "judgement.db")
        with pytest.raises(ShortHistory) as refused:
            label(judgement, "f")
        assert str(refused.value).startswith(
            f"The judgement store {url(tmp_path)} ends at event 2: the last 3 of 5 events are missing."
            + UP_TO_THE_MENDS
        )
        assert labelled(judgement) == ["a", "b"]
    assert at_the_next_start(tmp_path) == ["a", "b"]
    (kept,) = tmp_path.glob("judgement.db.replaced-*Z")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("select count(*) from labels").fetchone() == (5,)


def test_a_newer_copy_of_the_same_history_moved_in_is_gone_on_with(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b")
        os.replace(copied(judgement, tmp_path / "copy.db"), tmp_path / "judgement.db")
        label(judgement, "c")
    assert at_the_next_start(tmp_path) == ["a", "b", "c"]


def test_two_that_have_one_file_open_both_go_on_after_it_was_deleted(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as one, closing(Judgement(url(tmp_path))) as other:
        label(one, "a")
        (tmp_path / "judgement.db").unlink()
        label(other, "b")
        label(one, "c")
        label(other, "d")
        assert labelled(one) == labelled(other) == ["a", "b", "c", "d"]
    assert at_the_next_start(tmp_path) == ["a", "b", "c", "d"]


def test_a_change_whose_file_is_replaced_while_it_is_saved_does_not_count_as_saved(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        backup = copied(judgement, tmp_path / "backup.db")
        with pytest.raises(UserError, match="can't be found where the next start looks"):
            append_while_replaced(judgement, backup)
        assert at_the_next_start(tmp_path) == ["a"]


# Deleted, replaced and emptied while nobody has it open


def test_a_file_moved_in_beside_the_log_of_a_killed_app_is_not_overwritten_by_that(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "x")
        backup = copied(judgement, tmp_path / "backup.db")
    killed_after(tmp_path, 5)
    os.replace(backup, tmp_path / "judgement.db")
    with closing(Judgement(url(tmp_path))) as judgement:
        assert labelled(judgement) == ["x"]
        assert "the last 5 of 6 events are missing" in (judgement.journal.shortage() or "")
    assert len(list(tmp_path.glob("judgement.db.replaced-*-wal"))) == 1


def test_a_store_copied_with_the_log_of_a_killed_app_holds_all(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    killed_after(tmp_path / "store", 5)
    shutil.copytree(tmp_path / "store", tmp_path / "copy")
    assert at_the_next_start(tmp_path / "copy") == ["c0", "c1", "c2", "c3", "c4"]


@pytest.mark.parametrize("what", ["gone", "empty"])
def test_a_start_without_the_file_begins_no_new_history(tmp_path: Path, what: str) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b")
    (tmp_path / "judgement.db").unlink() if what == "gone" else os.truncate(tmp_path / "judgement.db", 0)
    with pytest.raises(
        Damaged, match=f"judgement.db is {what}, though 2 events were saved in it. Put the file back, or"
    ):
        Judgement(url(tmp_path))


def test_a_file_with_which_its_anchor_was_deleted_is_a_new_beginning(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
    for file in tmp_path.glob("judgement.*"):
        file.unlink()
    assert at_the_next_start(tmp_path) == []


# Cut and written over in its place


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9])
def test_a_file_cut_under_an_open_store_takes_nothing_more(tmp_path: Path, share: float) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, *(f"c{n}" for n in range(5)))
        judgement.journal.database.truncate_wal()
        label(judgement, "last")
        os.truncate(tmp_path / "judgement.db", int((tmp_path / "judgement.db").stat().st_size * share))
        with pytest.raises(Damaged, match=r"was cut or written over while it was in use .* puts the last backup back"):
            label(judgement, "more")


def test_a_file_written_over_in_its_place_takes_nothing_more(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        backup = copied(judgement, tmp_path / "backup.db")
        label(judgement, *(f"c{n}" for n in range(5)))
        judgement.journal.database.truncate_wal()
        (tmp_path / "judgement.db").write_bytes(backup.read_bytes())
        with pytest.raises(UserError, match=r"the last 5 of 6 events are missing|written over while it was in use"):
            label(judgement, "more")


def test_another_process_that_empties_the_log_into_the_file_disturbs_nobody(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        with closing(sqlite3.connect(tmp_path / "judgement.db")) as other:
            other.execute("pragma wal_checkpoint(truncate)")
        label(judgement, "b")
    assert at_the_next_start(tmp_path) == ["a", "b"]


# The log flipped, the end lost


def test_every_byte_flipped_in_the_log_that_shortens_the_history_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    killed_after(tmp_path / "store", 4)
    size = (tmp_path / "store" / "judgement.db-wal").stat().st_size
    for place in range(100, size, size // 25):
        folder = tmp_path / f"flipped-{place}"
        shutil.copytree(tmp_path / "store", folder)
        with (folder / "judgement.db-wal").open("r+b") as log:
            log.seek(place)
            (byte,) = log.read(1)
            log.seek(place)
            log.write(bytes([byte ^ 1]))
        try:
            judgement = Judgement(url(folder))
        except UserError:
            continue  # nothing of it can be read, which is told, too
        with closing(judgement):
            there = len(labelled(judgement))
            assert (judgement.journal.shortage() is None) == (there == 4), place
            if there < 4:
                with pytest.raises(ShortHistory):
                    label(judgement, "more")


def test_a_lead_goes_on_with_what_is_left_and_that_is_an_event(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        backup = copied(judgement, tmp_path / "backup.db")
        label(judgement, "b")
        os.replace(backup, tmp_path / "judgement.db")
        assert "event 2 is missing" in (judgement.journal.accept("Lea") or "")
        assert judgement.journal.shortage() is None
        label(judgement, "c")
        assert [(event.what, event.actor) for event in judgement.journal.events(3)] == [
            ("labelled", "Ann"),
            ("replaced", "Ann"),
            ("accepted", "Lea"),
        ]
    assert at_the_next_start(tmp_path) == ["a", "c"]


def test_another_history_of_the_same_length_is_told(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        with closing(Judgement(url(tmp_path / name))) as judgement:
            label(judgement, "a")
    shutil.copy(tmp_path / "other" / "judgement.db", tmp_path / "one" / "judgement.db")
    with closing(Judgement(url(tmp_path / "one"))) as judgement:
        assert "holds another history: its event 1 is not the one that was saved last" in (
            judgement.journal.shortage() or ""
        )


def test_a_store_of_before_there_were_anchors_gets_one_with_its_next_change(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
    anchor_file(tmp_path / "judgement.db").unlink()
    with closing(Judgement(url(tmp_path))) as judgement:
        assert judgement.journal.shortage() is None
        label(judgement, "b")
    assert anchor_file(tmp_path / "judgement.db").exists()


# Sealed with a key


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "key"
    file.write_bytes(b"a key of at least sixteen bytes")
    monkeypatch.setenv(KEY_FILE, str(file))
    return file


def test_a_history_rewritten_without_the_key_is_told(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b")
        assert judgement.journal.shortage() is None
    monkeypatch.delenv(KEY_FILE)
    with closing(Judgement(url(tmp_path))) as judgement:  # somebody who can write both files, but has no key
        label(judgement, "forged")
        assert judgement.journal.verify_chain() == ChainCheck(events=3)
    monkeypatch.setenv(KEY_FILE, str(key))
    with closing(Judgement(url(tmp_path))) as judgement:
        assert "has an anchor at event 3 that its key did not seal: somebody wrote without it" in (
            judgement.journal.shortage() or ""
        )
        with pytest.raises(ShortHistory):
            label(judgement, "c")
    anchor_file(tmp_path / "judgement.db").unlink()
    with closing(Judgement(url(tmp_path))) as judgement:
        assert "has no anchor that its key sealed" in (judgement.journal.shortage() or "")


@pytest.mark.parametrize(("content", "message"), [(None, "can't be read from"), (b"short", "is too short")])
def test_a_key_that_is_none_says_so(tmp_path: Path, key: Path, content: bytes | None, message: str) -> None:
    key.unlink() if content is None else key.write_bytes(content)
    with closing(Judgement(url(tmp_path))) as judgement, pytest.raises(UserError, match=message):
        label(judgement, "a")


def test_a_folder_that_is_moved_away_takes_nothing_and_is_gone_on_with_once_it_is_back(tmp_path: Path) -> None:
    folder, away = tmp_path / "store", tmp_path / "away"
    folder.mkdir()
    with closing(Judgement(url(folder))) as judgement:
        label(judgement, "a")
        os.rename(folder, away)
        folder.mkdir()  # as a mount point shows once its disk is gone
        with pytest.raises(UserError, match="is another one than before: it was moved, or its disk is not mounted"):
            label(judgement, "b")
        assert list(folder.iterdir()) == []
        folder.rmdir()
        os.rename(away, folder)
        label(judgement, "c")
        assert labelled(judgement) == ["a", "c"]


# The log taken away under an open store


def test_a_log_deleted_under_an_open_store_costs_nothing(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b")
        (tmp_path / "judgement.db-wal").unlink()
        label(judgement, "c")
        kept = shutil.copytree(tmp_path, tmp_path / "as a kill leaves it", ignore=shutil.ignore_patterns("as a kill*"))
        assert at_the_next_start(kept) == ["a", "b", "c"]


def test_a_log_deleted_and_begun_anew_by_others_is_told_and_a_copy_holds_all(tmp_path: Path) -> None:
    judgement = Judgement(url(tmp_path))  # never closed, as closing is what must not happen
    label(judgement, "a", "b")
    for tail in ("-wal", "-shm"):
        (tmp_path / f"judgement.db{tail}").unlink()
    subprocess.run([sys.executable, "-c", LABEL_AND_DIE, url(tmp_path), "0"], cwd=ROOT, check=False)
    with pytest.raises(
        Damaged, match=r"somebody has begun another.*`python -m workbench restore .*\.replaced-.*stop this program"
    ):
        label(judgement, "c")
    (copy,) = tmp_path.glob("judgement.db.replaced-*Z")
    with closing(Judgement(f"sqlite:///{copy}")) as kept:
        assert labelled(kept) == ["a", "b"]


def test_whoever_reads_the_bytes_of_an_open_database_keeps_its_locks(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        log = (tmp_path / "judgement.db-wal").stat().st_ino
        assert Searcher("loop").in_file(tmp_path / "judgement.db-wal")
        assert not Searcher("nowhere").in_file(tmp_path / "judgement.db")
        in_another_process(READ_AND_CLOSE, tmp_path)
        assert (tmp_path / "judgement.db-wal").stat().st_ino == log


@pytest.mark.parametrize("left", [0, 9_000])
def test_a_log_cut_under_an_open_store_takes_nothing_more(tmp_path: Path, left: int) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a", "b", "c")
        os.truncate(tmp_path / "judgement.db-wal", left)
        with pytest.raises(Damaged, match=r"was cut while it was in use\. Nothing of this change was kept"):
            label(judgement, "d")


# The anchor itself


def test_no_flipped_byte_of_the_anchor_is_taken_for_a_loss(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        whole = anchor_file(tmp_path / "judgement.db").read_bytes()
        for place in range(len(whole.rstrip())):
            flipped = bytearray(whole)
            flipped[place] ^= 1
            anchor_file(tmp_path / "judgement.db").write_bytes(flipped)
            assert judgement.journal.shortage() is None


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff" * 512])
def test_an_anchor_that_is_gone_or_damaged_is_told_until_the_next_change(tmp_path: Path, content: bytes | None) -> None:
    database = tmp_path / "judgement.db"
    with closing(Judgement(url(tmp_path))) as judgement:
        label(judgement, "a")
        anchor_file(database).unlink() if content is None else anchor_file(database).write_bytes(content)
        assert "nobody can tell whether the history lost its end" in (anchor_damage(database) or "")
        label(judgement, "b")
        assert anchor_damage(database) is None
