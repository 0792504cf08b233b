"""A backup is one checked file; a restore puts all of it back or nothing, and keeps what stood before."""

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.postgres import emptied
from workbench.admin.backup import Restored, backup, download, restore
from workbench.bench.bench import Bench
from workbench.errors import Denied, UserError
from workbench.judgement.migrations import HEAD
from workbench.judgement.records.clusters import Lineage, Registered
from workbench.judgement.records.sessions import AgendaItem, Progress
from workbench.judgement.store import Judgement
from workbench.store import Pointer, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store without evidence."""
    store = Store(tmp_path / "store")
    store.create()
    return store


def said(store: Store, *clusters: str) -> None:
    with closing(Judgement(store.judgement_url)) as judgement:
        for cluster in clusters:
            judgement.labels.set("cluster", cluster, actor="Ann", cause="loop")


def labelled(store: Store) -> list[str]:
    with closing(Judgement(store.judgement_url)) as judgement:
        return [target for _, target in judgement.labels.all()]


def of_everything(judgement: Judgement) -> None:
    """One state in each kind of table."""
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop", about={"bot": "shop"}, note="ça tourne 🔁")
    judgement.tickets.create("Round and round", ["FC-0001"], actor="Ann", evidence={"n": 1.5})
    judgement.pod.set_setting("time zone", "Europe/Paris", actor="Ann")
    judgement.causes.add("late-refund", title="Late refund", actor="Ann", examples=["where is my money"])
    session = judgement.sessions.create("Monday", [AgendaItem("FC-0001", "rising")], actor="Ann").session
    judgement.sessions.set_progress(session, Progress(0, 12.5), actor="Ann")
    cluster = Registered("FC-0001", "shop", "topical", None, "refund", ["k1", "k2"], b"\x00\x01", "MiniLM")
    judgement.register.record("S000001", [cluster], [Lineage("S000001", "FC-0001", "new")])


def everything(judgement: Judgement) -> object:
    events = [event for event in judgement.journal.events() if event.subject != "backup"]
    return events, judgement.labels.all(), judgement.tickets.all(), judgement.pod.settings(), judgement.causes.taxonomy(), (
        judgement.sessions.all(), judgement.sessions.progress("TS-0001"), judgement.register.clusters(), judgement.register.lineages()
    )  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a second database: SQLite's own file, or a database of the server that `url` may be on, too."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere.db'}"
        return
    address: str = request.getfixturevalue("postgres")
    import sqlalchemy as sa

    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("drop database if exists elsewhere"))
        connection.execute(sa.text("create database elsewhere"))
    engine.dispose()
    yield emptied(address.replace("/postgres?", "/elsewhere?"))


def test_a_backup_of_either_engine_restores_into_either(
    judgement: Judgement, url: str, elsewhere: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_everything(judgement)
    before = everything(judgement)
    monkeypatch.setenv("WORKBENCH_JUDGEMENT_URL", url)
    backup(store, tmp_path / "judgement.zip", actor="Ann")

    monkeypatch.setenv("WORKBENCH_JUDGEMENT_URL", elsewhere)
    said(store, "FC-0009")
    restore(store, tmp_path / "judgement.zip", actor="Bo")

    with closing(Judgement(elsewhere)) as restored:
        assert everything(restored) == before
        assert restored.journal.verify_chain().intact
        # and work goes on: every number is the next one
        assert restored.tickets.create("Next", ["FC-0001"], actor="Bo").ticket == "FIX-0002"
        assert restored.register.record(
            "S000002", restored.register.clusters(), [Lineage("S000002", "FC-0001", "continued")]
        )
        assert [row.snapshot for row in restored.register.lineage("FC-0001")] == ["S000001", "S000002"]


def test_a_restore_is_told_as_an_event_and_what_stood_before_is_kept(store: Store, tmp_path: Path) -> None:
    said(store, "FC-0001")
    contents = backup(store, tmp_path / "judgement.zip", actor="Ann")
    assert (contents.schema, contents.events, contents.broken, list(contents.files)) == (
        HEAD,
        1,
        None,
        ["judgement.db"],
    )
    said(store, "FC-0002")

    done = restore(store, tmp_path / "judgement.zip", actor="Bo")

    assert labelled(store) == ["FC-0001"]
    with closing(Judgement(store.judgement_url)) as judgement:
        last = judgement.journal.events(limit=1)[0]
    assert (last.actor, last.what, last.subject, last.after["kept"]) == ("Bo", "restored", "backup", done.kept)
    restore(store, store.root / str(done.kept), actor="Bo")
    assert labelled(store) == ["FC-0001", "FC-0002"]
    assert list(store.root.glob(".restore-*")) == []


def test_an_app_that_runs_while_a_store_is_restored_follows_and_loses_nothing_afterwards(
    built_store: Store, tmp_path: Path
) -> None:
    import shutil

    store = Store(tmp_path / "copy")
    shutil.copytree(built_store.root, store.root)
    with closing(Bench(store, "Ann")) as app:
        app.label("FC-0001", cause="loop")
        backup(store, tmp_path / "judgement.zip", actor="Ann")
        app.label("FC-0002", cause="loop")
        seen = app.version()
        restore(store, tmp_path / "judgement.zip", actor="Ann")
        assert list(app.judgement.labels.all()) == [("cluster", "FC-0001")]
        assert app.version() != seen
        app.label("FC-0002", cause="tool-fault")
        assert app.judgement.journal.verify_chain().intact
        assert {one.cluster for one in app.judgement.register.clusters()} >= {row.cluster for row in app.clusters()}


def test_a_backup_taken_while_threads_label_is_one_moment_of_the_store(store: Store, tmp_path: Path) -> None:
    with closing(Judgement(store.judgement_url)) as judgement:

        def label(who: int) -> None:
            for n in range(20):
                judgement.labels.set("conversation", f"{who}-{n}", actor=f"P{who}", cause="loop")

        threads = [threading.Thread(target=label, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        contents = [backup(store, tmp_path / f"{n}.zip", actor="Ann") for n in range(3)]
        for thread in threads:
            thread.join()
        assert judgement.journal.verify_chain().events == 80
    assert [one.broken for one in contents] == [None] * 3
    restore(store, tmp_path / "0.zip", actor="Ann")
    assert len(labelled(store)) == contents[0].events


def test_what_is_acknowledged_while_a_store_is_restored_is_in_it_or_in_what_is_kept(
    url: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_JUDGEMENT_URL", url)
    acknowledged: list[str] = []
    ended = threading.Event()
    with closing(Judgement(url)) as judgement:
        backup(store, tmp_path / "judgement.zip", actor="Ann")

        def label(who: str) -> None:
            while not ended.is_set():
                judgement.labels.set("conversation", f"{who}-{len(acknowledged)}", actor=who, cause="loop")
                acknowledged.append(who)

        threads = [threading.Thread(target=label, args=(f"T{n}",)) for n in range(3)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < 20:
            ended.wait(0.01)
        done = restore(store, tmp_path / "judgement.zip", actor="Ann")
        ended.set()
        for thread in threads:
            thread.join()
        after, chain = judgement.journal.events(limit=1000), judgement.journal.verify_chain()
    assert chain.intact
    with zipfile.ZipFile(store.root / str(done.kept)) as archive:
        archive.extract("judgement.db", tmp_path)
    with closing(Judgement(f"sqlite:///{tmp_path / 'judgement.db'}")) as kept:
        before = kept.journal.events(limit=1000)
    assert sum(event.what == "labelled" for event in [*before, *after]) == len(acknowledged)


def test_imports_come_back_into_a_store_that_has_none(built_store: Store, store: Store, tmp_path: Path) -> None:
    (name,) = built_store.require_pointer().parts
    contents = backup(built_store, tmp_path / "all.zip", actor="Ann", imports=True)
    assert contents.imports == [name]
    assert f"parts/{name}/manifest.json" in contents.files

    done = restore(store, tmp_path / "all.zip", actor="Ann")
    assert (done.imports, done.left_out) == ([name], [])
    here, there = store.parts / name, built_store.parts / name
    assert {file.name: file.read_bytes() for file in here.iterdir()} == {
        file.name: file.read_bytes() for file in there.iterdir()
    }
    assert restore(store, tmp_path / "all.zip", actor="Ann").left_out == [name]


def test_mappings_come_back_and_one_that_is_there_stays(store: Store, tmp_path: Path) -> None:
    (store.root / "mappings").mkdir()
    (store.root / "mappings" / "crm.toml").write_text("a = 1")
    (store.root / "mappings" / "chat.toml").write_text("b = 1")
    backup(store, tmp_path / "judgement.zip", actor="Ann")
    (store.root / "mappings" / "crm.toml").unlink()
    (store.root / "mappings" / "chat.toml").write_text("b = 2")
    restore(store, tmp_path / "judgement.zip", actor="Ann")
    assert [(file.name, file.read_text()) for file in sorted((store.root / "mappings").iterdir())] == [
        ("chat.toml", "b = 2"),
        ("crm.toml", "a = 1"),
    ]


def test_a_damaged_database_is_set_aside_and_replaced(store: Store, tmp_path: Path) -> None:
    said(store, "FC-0001")
    backup(store, tmp_path / "judgement.zip", actor="Ann")
    (store.root / "judgement.db").write_bytes(b"\0" * 100 + b"not SQLite" * 500)
    with pytest.raises(UserError, match="`python -m workbench restore FILE` puts the last backup back"):
        said(store, "FC-0002")
    restored = restore(store, tmp_path / "judgement.zip", actor="Ann")
    assert labelled(store) == ["FC-0001"]
    (aside,) = store.root.glob("judgement.db.damaged-*")
    assert restored.kept == aside.name
    assert aside.read_bytes().startswith(b"\0" * 100 + b"not SQLite")


def behind_its_back(store: Store, statement: str) -> None:
    with closing(sqlite3.connect(store.root / "judgement.db")) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update labels set contributing = 'zz'", "at event 1: label:cluster:FC-0001 can't be read: it was changed without an event since"),
        ("update payloads set after = 'x'", "at event 1: the payload was changed after it was written"),
        ("update events set at = 'garbage'", "at event 1: the event can't be read"),
        ("delete from chain_head", "at event 2: the mark of the chain's end is missing"),
    ],
)  # fmt: skip
def test_over_a_store_whose_rows_are_damaged_a_backup_is_made_and_a_good_one_restored(
    store: Store, tmp_path: Path, statement: str, broken: str
) -> None:
    said(store, "FC-0001")
    backup(store, tmp_path / "good.zip", actor="Ann")
    behind_its_back(store, statement)
    assert backup(store, tmp_path / "damaged.zip", actor="Ann").broken == broken
    kept = restore(store, tmp_path / "good.zip", actor="Ann").kept
    assert labelled(store) == ["FC-0001"]
    with zipfile.ZipFile(store.root / str(kept)) as archive:
        assert json.loads(archive.read("manifest.json"))["broken"] == broken
    with closing(Judgement(store.judgement_url)) as judgement:
        assert judgement.journal.verify_chain().intact
        assert judgement.labels.set("cluster", "FC-0002", actor="Ann", cause="loop").version == 3


def test_a_database_that_opens_and_is_damaged_further_in_is_set_aside(store: Store, tmp_path: Path) -> None:
    said(store, "FC-0001")
    backup(store, tmp_path / "good.zip", actor="Ann")
    file = store.root / "judgement.db"
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("select rootpage from sqlite_master where name = 'labels'").fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    start = (root - 1) * size
    file.write_bytes(whole[:start] + b"\xff" * size + whole[start + size :])
    assert backup(store, tmp_path / "damaged.zip", actor="Ann").broken == "the database is damaged"
    done = restore(store, tmp_path / "good.zip", actor="Ann")
    assert labelled(store) == ["FC-0001"]
    assert [one.name for one in store.root.glob("judgement.db.damaged-*")] == [done.kept]
    with closing(Judgement(store.judgement_url)) as judgement:
        assert judgement.journal.events(limit=1)[0].after["kept"] == done.kept


def test_a_shared_store_that_a_backup_leaves_without_a_lead_has_who_restored_it(
    url: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.pod.set_role("Bo", "triager", actor="Ann")  # on a local store everybody else is a lead
    backup(store, tmp_path / "local.zip", actor="Ann")
    monkeypatch.setenv("WORKBENCH_JUDGEMENT_URL", url)
    restore(store, tmp_path / "local.zip", actor="Ann")
    with closing(Judgement(url)) as judgement:
        shared = not url.startswith("sqlite")
        assert {one.name: one.role for one in judgement.pod.people()} == {"Bo": "triager"} | (
            {"Ann": "lead"} if shared else {}
        )
        assert judgement.pod.role_of("Ann") == "lead"


def test_a_store_may_lie_in_a_folder_whose_name_looks_like_part_of_an_address(tmp_path: Path) -> None:
    store = Store(tmp_path / "a%41b" / "store")
    store.create()
    said(store, "FC-0001")
    backup(store, tmp_path / "a%41b" / "b%20.zip", actor="Ann")
    said(store, "FC-0002")
    restore(store, tmp_path / "a%41b" / "b%20.zip", actor="Ann")
    assert labelled(store) == ["FC-0001"]
    assert [one.name for one in tmp_path.iterdir()] == ["a%41b"]


def test_an_import_that_a_killed_build_left_is_not_in_the_way_of_one_that_comes_back(
    built_store: Store, store: Store, tmp_path: Path
) -> None:
    (name,) = built_store.require_pointer().parts
    backup(built_store, tmp_path / "all.zip", actor="Ann", imports=True)
    (store.parts / name).mkdir()
    (store.parts / name / "conversations.parquet").write_bytes(b"half")
    assert restore(store, tmp_path / "all.zip", actor="Ann").imports == [name]
    assert (store.parts / name / "manifest.json").exists()


@pytest.mark.parametrize("lost", ["manifest.json", ""])
def test_a_backup_with_imports_names_those_that_are_gone(store: Store, tmp_path: Path, lost: str) -> None:
    store.switch(Pointer("S000001", ["I000001"]))
    folder = store.parts / "I000001"
    if lost:
        folder.mkdir()
    with pytest.raises(UserError) as caught:
        backup(store, tmp_path / "all.zip", actor="Ann", imports=True)
    assert str(caught.value) == (
        f"I000001 can't be backed up: gone from {store.parts}. Import those files again, or leave --imports out."
    )
    assert not (tmp_path / "all.zip").exists()


def rewritten(file: Path, changes: dict[str, bytes]) -> Path:
    """A copy of a backup with some of its files replaced or added."""
    out = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            new.writestr(name, changes.get(name) if name in changes else old.read(name))
    return out


def manifest(file: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return json.dumps(json.loads(archive.read("manifest.json")) | changes).encode()


def broken_chain(file: Path, folder: Path) -> dict[str, bytes]:
    """The files of a backup whose hashes are right, but whose history somebody rewrote."""
    import hashlib

    with zipfile.ZipFile(file) as archive:
        archive.extract("judgement.db", folder)
    with closing(sqlite3.connect(folder / "judgement.db")) as connection, connection:
        connection.execute("update events set actor = 'Eve' where sequence = 1")
    content = (folder / "judgement.db").read_bytes()
    told = {"judgement.db": {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}
    return {"judgement.db": content, "manifest.json": manifest(file, files=told)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file, _: {"judgement.db": b"SQLite format 3"}, "is damaged: judgement.db is not as it was written."),
        (broken_chain, "the chain of events breaks at 1: the event was changed after it was written."),
        (lambda file, _: {"manifest.json": manifest(file, schema="9999")}, "was made by a newer workbench (schema 9999,"),
        (lambda file, _: {"manifest.json": manifest(file, format=9)}, "was made by a newer workbench"),
        (lambda file, _: {"manifest.json": manifest(file, files={})}, "holds no judgement.db, so it is no backup."),
        (lambda file, _: {"manifest.json": b"{}"}, "is no backup"),
        (lambda file, _: {"manifest.json": b"[1]"}, "is no backup"),
        (lambda file, _: {"manifest.json": manifest(file, imports=None)}, "is no backup: its manifest.json says imports: None."),
        (lambda file, _: {"manifest.json": manifest(file, imports=[7])}, "is no backup: its manifest.json says imports: 7."),
        (lambda file, _: {"manifest.json": manifest(file, files=[1])}, "is no backup: its manifest.json says files: [1]."),
        (lambda file, _: {"manifest.json": manifest(file, files={"judgement.db": 1})}, "is no backup: its manifest.json says judgement.db: 1."),
        (lambda file, _: {"manifest.json": manifest(file, schema=3)}, "is no backup: its manifest.json says schema: 3."),
        (
            lambda file, _: {"manifest.json": manifest(file, files={"../x": {"sha256": "", "bytes": 1}}), "../x": b"x"},
            "holds '../x', which belongs to no backup.",
        ),
        (
            lambda file, _: {"manifest.json": manifest(file, files={"mappings/x.toml": {"sha256": "", "bytes": 1}})},
            "is no backup, or a damaged one",
        ),
    ],
)  # fmt: skip
def test_a_backup_that_is_not_as_it_was_written_changes_nothing(
    store: Store, tmp_path: Path, change, message: str
) -> None:  # type: ignore[no-untyped-def]
    said(store, "FC-0001")
    backup(store, tmp_path / "judgement.zip", actor="Ann")
    said(store, "FC-0002")
    bad = rewritten(tmp_path / "judgement.zip", change(tmp_path / "judgement.zip", tmp_path))
    before = sorted(path.name for path in store.root.iterdir())
    with pytest.raises(UserError) as caught:
        restore(store, bad, actor="Ann")
    assert message in str(caught.value)
    assert labelled(store) == ["FC-0001", "FC-0002"]
    assert sorted(path.name for path in store.root.iterdir() if path.name != "build.lock") == before
    assert not (tmp_path / "x").exists()


def test_a_backup_cut_anywhere_is_refused(store: Store, tmp_path: Path) -> None:
    said(store, "FC-0001")
    backup(store, tmp_path / "judgement.zip", actor="Ann")
    whole = (tmp_path / "judgement.zip").read_bytes()
    for cut in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:cut])
        with pytest.raises(UserError, match="is no backup, or a damaged one"):
            restore(store, tmp_path / "cut.zip", actor="Ann")
    assert labelled(store) == ["FC-0001"]


def in_the_directory(file: Path, offset: int, value: int) -> Path:
    """A copy of a backup in whose table of contents each entry has this byte at this place."""
    content = bytearray(file.read_bytes())
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + offset] = value
        place = content.find(b"PK\x01\x02", place + 4)
    out = file.with_name("odd.zip")
    out.write_bytes(content)
    return out


def with_bad_lzma(file: Path) -> Path:
    out = file.with_name("lzma.zip")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.json", json.dumps(list(range(1000))))
    content = bytearray(out.read_bytes())
    content[60:120] = b"\xff" * 60
    out.write_bytes(content)
    return out


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        (lambda file: in_the_directory(file, 8, 1), "is encrypted, password required"),
        (lambda file: in_the_directory(file, 10, 77), "compression method is not supported"),
        (with_bad_lzma, "Corrupt input data"),
    ],
    ids=["encrypted", "another compression", "bad LZMA"],
)
def test_a_zip_that_can_not_be_unpacked_is_refused_with_the_reason(
    store: Store, tmp_path: Path, odd: Callable[[Path], Path], reason: str
) -> None:
    said(store, "FC-0001")
    backup(store, tmp_path / "judgement.zip", actor="Ann")
    with pytest.raises(UserError, match=rf"is no backup, or a damaged one \(.*{reason}.*\)\. Nothing was restored\."):
        restore(store, odd(tmp_path / "judgement.zip"), actor="Ann")
    assert labelled(store) == ["FC-0001"]


def test_a_backup_takes_the_place_of_a_backup_and_of_no_other_zip(store: Store, tmp_path: Path) -> None:
    said(store, "FC-0001")
    backup(store, tmp_path / "judgement.zip", actor="Ann")
    said(store, "FC-0002")
    assert backup(store, tmp_path / "judgement.zip", actor="Ann").events == 2
    others: dict[str, dict[str, str]] = {
        "precious.xlsx": {"xl/workbook.xml": "<workbook/>"},
        "manifest.zip": {"manifest.json": "{}"},
        "text.zip": {"manifest.json": "plain text", "judgement.db": "x"},
    }
    for name, files in others.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for one, content in files.items():
                archive.writestr(one, content)
        before = (tmp_path / name).read_bytes()
        with pytest.raises(UserError, match=rf"{name} is there and is no backup\. Name another file"):
            backup(store, tmp_path / name, actor="Ann")
        assert (tmp_path / name).read_bytes() == before


def test_a_file_of_another_kind_is_never_written_over_and_one_that_is_missing_is_named(store: Store) -> None:
    said(store, "FC-0001")
    with pytest.raises(UserError, match=r"judgement\.db is there and is no backup"):
        backup(store, store.root / "judgement.db", actor="Ann")
    with pytest.raises(UserError, match=r"There is no file .*nowhere\.zip"):
        restore(store, store.root / "nowhere.zip", actor="Ann")
    with pytest.raises(UserError, match="There is no store at"):
        backup(Store(store.root / "nowhere"), store.root / "b.zip", actor="Ann")


def test_backups_take_a_lead_and_who_was_denied_one_is_kept(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "judgement.zip"
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.pod.set_role("Bo", "viewer", actor="Ann")
        with pytest.raises(Denied, match="Bo is a viewer here, and this takes a lead"):
            backup(store, file, actor="Bo")
        assert not file.exists()
        backup(store, file, actor="Ann")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with pytest.raises(Denied):
            restore(store, file, actor="Bo")
        with pytest.raises(Denied):
            download(store, "Bo")
        (tmp_path / "by-browser.zip").write_bytes(download(store, "Ann"))
        events = [(event.actor, event.what) for event in judgement.journal.events(limit=4)]
        assert events == [("Ann", "downloaded"), ("Bo", "denied"), ("Ann", "made"), ("Bo", "denied")]
    done = restore(store, tmp_path / "by-browser.zip", actor="Ann")
    assert isinstance(done, Restored)
    assert done.contents.made_by == "Ann"


def test_a_copy_of_the_database_is_restored_as_a_backup_is(store: Store, tmp_path: Path) -> None:
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.labels.set("cluster", "FC-0001", actor="Ann", note="saved")
        judgement.copies.copy_to(tmp_path / "judgement.db.replaced-1")
        judgement.labels.remove("cluster", "FC-0001", actor="Ann")
    restored = restore(store, tmp_path / "judgement.db.replaced-1", actor="Ann")
    with closing(Judgement(store.judgement_url)) as judgement:
        assert judgement.labels.all()["cluster", "FC-0001"].note == "saved"
        assert (judgement.journal.sequence(), judgement.journal.verify_chain().intact) == (
            restored.contents.events + 1,
            True,
        )


def test_a_link_that_leads_nowhere_in_the_place_of_the_database_is_set_aside(store: Store, tmp_path: Path) -> None:
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.labels.set("cluster", "FC-0001", actor="Ann", note="saved")
    backup(store, tmp_path / "b.zip", actor="Ann")
    (store.root / "judgement.db").unlink()
    (store.root / "judgement.db").symlink_to(tmp_path / "nowhere")
    restore(store, tmp_path / "b.zip", actor="Ann")
    with closing(Judgement(store.judgement_url)) as judgement:
        assert judgement.labels.all()["cluster", "FC-0001"].note == "saved"
