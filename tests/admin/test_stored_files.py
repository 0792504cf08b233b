"""Bit rot in what was imported is named with its file and the mend, by build, doctor and backup; what can be made again is made again."""

import json
import random
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.builds import build
from tests.support.damage import flip
from tests.support.small_log import small_log, write_chat
from tests.support.thoroughness import tries
from workbench.admin.backup import backup
from workbench.admin.doctor import examine
from workbench.bench.bench import Bench
from workbench.conversation import Conversation
from workbench.errors import EvidenceGone, UserError, WorkbenchError
from workbench.evidence.queries import reading
from workbench.logs.parts import read_manifest
from workbench.pipeline.snapshots import snapshot_names
from workbench.store import Store

MEND = "Undo that import on the Data page and import its files again, or put the file back from a backup made with --imports."
RUN, REJECTS = "conversations-0000.parquet", "rejects.parquet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small log, and the store built of it."""
    folder = tmp_path_factory.mktemp("built")
    build(folder / "s", write_chat(folder / "log.parquet", small_log()))
    return folder


@pytest.fixture
def built(folder: Path, tmp_path: Path) -> Store:
    """A copy of that store, its log beside it."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return Store(tmp_path / "s")


def finding(store: Store, name: str) -> str | None:
    """What doctor finds wrong with one thing; None where nothing is."""
    (check,) = [check for check in examine(store) if check.name == name]
    return None if check.ok else check.found


def every_conversation(store: Store) -> dict[str, Conversation | None]:
    """Each conversation as its page shows it; None where the page says why it can't."""
    shown: dict[str, Conversation | None] = {}
    with closing(Bench(store)) as bench:
        for row in bench.failures():
            key = bench.find_conversation(row.conversation_id, row.bot)
            try:
                shown[key] = bench.conversation(key).conversation
            except UserError:
                shown[key] = None
    return shown


def test_a_manifest_has_the_checksum_of_each_file_of_its_part(built: Store) -> None:
    assert sorted(read_manifest(built.parts / "I000001").sha256) == [RUN, REJECTS]
    assert (finding(built, "imports"), finding(built, "files")) == (None, None)


@pytest.mark.parametrize("name", [RUN, REJECTS])
def test_a_flipped_bit_in_an_import_is_named_by_build_doctor_and_backup(
    built: Store, tmp_path: Path, name: str
) -> None:
    file = built.parts / "I000001" / name
    flip(file, 0.5)
    damaged = f"The import I000001 is damaged: {file} is not as written. {MEND}"
    with pytest.raises(WorkbenchError) as of_build:
        build(built.root)
    with pytest.raises(WorkbenchError) as of_backup:
        backup(built, tmp_path / "backup.zip", actor="Ann", imports=True)
    assert (str(of_build.value), str(of_backup.value)) == (damaged, damaged)
    assert finding(built, "imports") == f"{file} is not as it was written. {MEND}"
    assert not (tmp_path / "backup.zip").exists()


def test_a_damaged_import_can_be_undone_and_imported_again(built: Store, tmp_path: Path) -> None:
    before = every_conversation(built)
    flip(built.parts / "I000001" / RUN, 0.5)
    build(built.root, undo="I000001")
    build(built.root, tmp_path / "log.parquet")
    assert every_conversation(built) == before


def test_no_flipped_bit_in_an_import_shows_another_text(built: Store) -> None:
    file, before = built.parts / "I000001" / RUN, every_conversation(built)
    whole, chance = file.read_bytes(), random.Random(3)
    for _ in range(tries(40)):
        flip(file, chance.random())
        for key, shown in every_conversation(built).items():
            assert shown in (before[key], None)
        file.write_bytes(whole)


@pytest.mark.parametrize(
    "pattern", ["parts/I000001/observations-*", "vectors/*/*.parquet", "judged/*/*.parquet", "results/*/*"]
)
@pytest.mark.parametrize("share", [0.1, 0.4, 0.7])
def test_what_is_made_of_an_import_is_made_again_where_it_is_damaged(built: Store, pattern: str, share: float) -> None:
    before = [(row.cluster, row.size, row.name) for row in Bench(built).clusters()]
    for file in built.root.glob(pattern):
        flip(file, share)
    build(built.root)
    assert [(row.cluster, row.size, row.name) for row in Bench(built).clusters()] == before


def test_doctor_names_each_damaged_file_that_can_be_made_again(built: Store) -> None:
    files = [
        next(iter(built.root.glob(pattern))) for pattern in ("parts/I000001/search-texts-*", "vectors/*/*.parquet")
    ]
    for file in files:
        flip(file, 0.2)
    assert finding(built, "files") == " ".join(
        f"{file} is damaged. Delete it: `python -m workbench analyze` makes it again." for file in files
    )


def test_doctor_names_a_damaged_snapshot_that_serves_and_one_that_does_not(built: Store, tmp_path: Path) -> None:
    build(built.root, write_chat(tmp_path / "more.parquet", [small_log()[0] | {"conversation_id": "extra"}]))
    older, serving = (built.snapshot_file(name) for name in snapshot_names(built))
    for file in (older, serving):
        flip(file, 0.3)
    assert finding(built, "files") == (
        f"The snapshot {older} is damaged. It does not serve; delete it. "
        f"The snapshot {serving} is damaged. `python -m workbench analyze` builds another."
    )


@pytest.mark.parametrize("content", [b"", b"{", b'{"snapshot": "S000001"}', b"\xff\xfe"])
def test_a_cut_list_of_a_snapshots_imports_costs_no_import_and_no_build(
    built: Store, tmp_path: Path, content: bytes
) -> None:
    (built.snapshots / "S000001.json").write_bytes(content)
    build(built.root, write_chat(tmp_path / "more.parquet", [small_log()[0] | {"conversation_id": "extra"}]))
    assert (snapshot_names(built), Bench(built).summary().conversations) == (["S000002"], 49)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"snapshot": 7}'])
def test_a_pointer_that_is_gone_or_cut_is_made_again_by_analyze(built: Store, content: bytes | None) -> None:
    pointer, before = built.root / "current.json", every_conversation(built)
    pointer.unlink() if content is None else pointer.write_bytes(content)
    assert finding(built, "evidence") is not None
    build(built.root)
    assert every_conversation(built) == before


@pytest.mark.parametrize("what", ["gone", "cut", "emptied"])
def test_a_snapshot_that_is_gone_or_cut_is_said_and_made_again_by_analyze(built: Store, what: str) -> None:
    file, before = built.snapshot_file("S000001"), every_conversation(built)
    file.unlink() if what == "gone" else file.write_bytes(file.read_bytes()[: 20_000 if what == "cut" else 0])
    found = finding(built, "evidence")
    assert found is not None
    build(built.root)
    assert every_conversation(built) == before


@pytest.mark.parametrize("place", ["parts/.DS_Store", "results/.DS_Store", "judged/.DS_Store", "vectors/.DS_Store"])
def test_a_file_of_somebody_else_in_a_folder_of_the_store_stops_no_build(built: Store, place: str) -> None:
    (built.root / place).write_bytes(b"\0\0\0\1Bud1")
    build(built.root)
    assert snapshot_names(built)[-1] == "S000002"


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"7"])
def test_an_import_that_lost_its_manifest_is_told_and_its_conversations_stay(
    built: Store, content: bytes | None
) -> None:
    manifest = built.parts / "I000001" / "manifest.json"
    whole, before = manifest.read_bytes(), every_conversation(built)
    manifest.unlink() if content is None else manifest.write_bytes(content)
    with pytest.raises(WorkbenchError, match=re.escape(MEND)):
        build(built.root)
    assert MEND in (finding(built, "imports") or "")
    manifest.write_bytes(whole)
    build(built.root)
    assert every_conversation(built) == before


def test_a_damaged_mark_of_when_an_import_came_to_serve_stops_no_build(built: Store) -> None:
    (built.parts / "I000001" / "published").write_bytes(b"\xff\xfe")
    build(built.root)
    assert finding(built, "imports") is None


@pytest.mark.parametrize("name", ["current.json", "build.lock"])
def test_a_folder_where_a_file_should_be_is_named(built: Store, name: str) -> None:
    (built.root / name).unlink(missing_ok=True)
    (built.root / name).mkdir()
    with pytest.raises(UserError, match=f"{name} is a folder; it must be a file. Move it away"):
        build(built.root)


def test_a_file_where_a_folder_should_be_is_named(built: Store) -> None:
    shutil.rmtree(built.vectors)
    built.vectors.write_text("")
    with pytest.raises(UserError, match=r"vectors is a file; it must be a folder\. Move it away"):
        build(built.root)


def test_doctor_tells_of_a_list_of_erasures_that_can_not_be_read(built: Store) -> None:
    (built.root / "erased.json").write_text("{")
    assert "It keeps what was erased from coming back" in (finding(built, "erasures") or "")


@pytest.mark.parametrize("content", [None, '{"snapshot": "S000099", "parts": ["I000001"]}'])
def test_a_store_with_imports_and_no_snapshot_is_not_taken_for_an_empty_one(built: Store, content: str | None) -> None:
    pointer = built.root / "current.json"
    pointer.unlink() if content is None else pointer.write_text(content)
    with pytest.raises(EvidenceGone, match=r"has imports and no evidence: .* `python -m workbench analyze` builds"):
        built.require_pointer()


@pytest.mark.parametrize("content", ['{"snapshot": "../../x", "parts": []}', '{"snapshot": "S000001", "parts": 7}'])
def test_a_pointer_that_names_no_such_thing_says_so(built: Store, content: str) -> None:
    (built.root / "current.json").write_text(content)
    with pytest.raises(UserError, match=r"names no snapshot|lists no imports"):
        built.pointer()


def test_an_import_of_before_there_were_checksums_is_taken_as_it_is(built: Store) -> None:
    manifest = built.parts / "I000001" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"sha256": {}}))
    build(built.root)
    assert finding(built, "imports") is None


def test_a_file_of_an_import_that_is_gone_is_named(built: Store) -> None:
    file = built.parts / "I000001" / REJECTS
    shutil.move(file, built.root / "elsewhere")
    assert finding(built, "imports") == f"{file} is gone. {MEND}"


def test_a_snapshot_with_a_flipped_bit_is_an_error_or_shows_the_same(built: Store) -> None:
    file = built.snapshot_file("S000001")
    whole, chance = file.read_bytes(), random.Random(5)
    with reading(file) as evidence:
        before = [evidence.analysis(row.key) for row in evidence.failures()]
    for _ in range(tries(15)):
        file.write_bytes(whole)
        flip(file, chance.random())
        try:
            with reading(file) as evidence:
                assert [evidence.analysis(row.key) for row in evidence.failures()] == before
        except WorkbenchError:
            pass
