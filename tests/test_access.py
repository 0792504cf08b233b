"""What may be read from the server's disk and network once `serve` stated it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.imported import chat, import_paths, write
from workbench.access import Access, current, name_in_header
from workbench.errors import Denied, UserError
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job


def refuses(access: Access, path: str) -> bool:
    """Whether a path may not be read."""
    try:
        access.require_readable([path])
    except Denied:
        return True
    return False


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A stated folder with a log, a link out of it and a link inside, beside a folder that isn't stated."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "private").mkdir()
    write(tmp_path / "logs" / "a.jsonl", [chat("a")])
    write(tmp_path / "private" / "b.jsonl", [chat("b")])
    (tmp_path / "logs" / "out").symlink_to(tmp_path / "private")
    (tmp_path / "logs" / "out.jsonl").symlink_to(tmp_path / "private" / "b.jsonl")
    return tmp_path / "logs"


@pytest.mark.parametrize(
    "path",
    ["s3://bucket/%2e%2e/other/a", "s3://bucket/a\\..\\..\\other", "{logs}/../private/b.jsonl", "{logs}/out.jsonl", "{logs}/out", "{logs}/out/*.jsonl", "{logs}/*/../../private/*",
     "{logs}-other/a.jsonl", "/etc/passwd", "/no/such/file", "s3://bucket-2/a", "s3://bucket/../other/a",
     "gs://bucket/a", "{logs}/a\0.jsonl"],
)  # fmt: skip
def test_what_lies_outside_is_refused_alike_whether_it_is_there_or_not(logs: Path, path: str) -> None:
    access = Access(folders=(str(logs), "s3://bucket"))
    with pytest.raises(Denied, match="lies outside of what this server reads logs from"):
        access.require_readable([path.format(logs=logs)])


@pytest.mark.parametrize(
    "path", ["{logs}", "{logs}/a.jsonl", "{logs}/*.jsonl", "s3://bucket", "s3://bucket/a/b?region=x"]
)
def test_what_lies_inside_is_read(logs: Path, path: str) -> None:
    access = Access(folders=(str(logs), "s3://bucket/"))
    assert not refuses(access, path.format(logs=logs))
    assert refuses(Access(folders=("/elsewhere",)), path.format(logs=logs))


def test_one_person_on_loopback_reads_what_they_may_and_a_server_with_a_sign_in_nothing_unless_stated() -> None:
    assert not refuses(Access(), "/etc/hosts")
    with pytest.raises(Denied, match="--import-from"):
        Access(header="x-user").require_readable(["/etc/hosts"])


def test_the_files_are_checked_where_they_are_read(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ACCESS", "")
    Access(folders=(str(logs),)).apply()
    assert current() == Access(folders=(str(logs),))
    with pytest.raises(Denied, match="lies outside"):
        import_paths(tmp_path, logs.parent / "private" / "b.jsonl")
    assert import_paths(tmp_path, logs).ids == ["a"]


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("10.0.0.7", True),
        ("::ffff:10.0.0.7", True),
        ("10.0.1.7", False),
        ("::1", True),
        ("127.0.0.1", False),
        ("", False),
    ],
)
def test_a_proxy_is_known_by_its_address(peer: str, trusted: bool) -> None:
    assert Access(proxies=("10.0.0.0/24", "::1")).trusts(peer) is trusted


@pytest.mark.parametrize(
    ("value", "name"),
    [("ana@example.com", "ana@example.com"), ("J\xc3\xbcrgen", "Jürgen"), ("J\xfcrgen", "Jürgen"), (" ", ""),
     ("a\x1b[2J", ""), ("a" * 61, ""), ("ana\u3164".encode().decode("latin-1"), ""), ("\u2800".encode().decode("latin-1"), ""),
     ("\u0430na".encode().decode("latin-1"), ""), ("\u0410\u043d\u043d\u0430 Ivanova".encode().decode("latin-1"), "\u0410\u043d\u043d\u0430 Ivanova"),
     ("The  Sign-In", ""), ("somebody", "")],
)  # fmt: skip
def test_a_header_gives_a_name_or_none(value: str, name: str) -> None:
    assert name_in_header(value) == name


def test_what_is_no_address_of_a_proxy_is_said() -> None:
    with pytest.raises(UserError, match=r"like 10\.0\.0\.7"):
        Access(proxies=("proxy.example",)).trusts("10.0.0.7")


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_mapping_is_confined_like_a_path_whatever_a_list_offers(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    """A list to choose from holds nobody to it: who writes to the socket sends what they like."""
    monkeypatch.setenv("WORKBENCH_ACCESS", "")
    saved = tmp_path / "store" / "mappings"
    Access(folders=(str(logs),), own=(str(saved),)).apply()
    job = Job(str(tmp_path / "store"), [str(logs / "a.jsonl")], mapping="/etc/passwd", dry_run=dry_run, analyze=False)
    with pytest.raises(Denied, match="'/etc/passwd' lies outside"):
        Build(job, lambda stage, done, of: None).run()
    saved.mkdir(parents=True)
    (saved / "ours.toml").write_text('[fails_when]\nreward = "< 1"\n', "utf-8")
    own = replace(job, mapping=str(saved / "ours.toml"))
    assert Build(own, lambda stage, done, of: None).run()["rows_read"] == 1
