"""Logs on s3:// and gs://, against a real S3 server on this machine (moto's)."""

from __future__ import annotations

import importlib.util
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import chat, import_paths, write
from workbench.engine.engine import LocalEngine
from workbench.errors import UserError
from workbench.logs.files.remote import local_copies


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIAX:topsecret@logs/a.jsonl",
        "s3://logs/a.jsonl?secret_key=topsecret&region=eu-west-1",
        "s3://logs/a.jsonl?access_key=topsecret",
    ],
)
def test_an_address_with_keys_is_refused_and_they_are_not_repeated(tmp_path: Path, address: str) -> None:
    with pytest.raises(UserError, match="leave the keys out of the address") as error:
        import_paths(tmp_path, address)
    assert "topsecret" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("s3://b/k?endpoint_override=evil.example:80", "can't say endpoint_override=evil.example:80"),
        ("s3://b/k?%65ndpoint_override=evil.example", "can't say endpoint_override=evil.example"),
        ("s3://b/k?region=eu-west-1&scheme=http", "can't say scheme=http"),
        ("s3://b/k?proxy_options=http://evil.example", "can't say proxy_options=http://evil.example"),
        ("s3://b/k?region=x.evil.example/", "can't say region=x.evil.example/"),
        ("s3://b/k?anonymous=", "can't say anonymous="),
        ("gs://b/k?endpoint_override=169.254.169.254", "can't say endpoint_override=169.254.169.254"),
        ("s3://169.254.169.254/latest/meta-data", "169.254.169.254 is no bucket's name"),
        ("s3://2852039166/latest", "2852039166 is no bucket's name"),
        ("s3://0xa9fea9fe/latest", "0xa9fea9fe is no bucket's name"),
        ("s3://[fd00:ec2::254]/latest", "[fd00:ec2::254] is no bucket's name"),
        ("gs://metadata.google.internal/computeMetadata", "metadata.google.internal is no bucket's name"),
        ("s3://b:9000/k", "b:9000 is no bucket's name"),
        ("s3://evil@b/k", "evil@b is no bucket's name"),
    ],
)  # fmt: skip
def test_an_address_says_neither_where_to_connect_nor_how(tmp_path: Path, address: str, refusal: str) -> None:
    with pytest.raises(UserError) as error:
        import_paths(tmp_path, address)
    assert refusal in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The query of addresses that leads to a fresh S3 server."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("moto is not installed: pip install 'moto[server]'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def bucket(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A bucket of this test, and its address without the query."""
    from pyarrow.fs import FileSystem

    environment = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": server}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    name = "logs-" + tmp_path.name.replace("_", "-")[-40:].strip("-")
    system, root = FileSystem.from_uri(f"s3://{name}?region=us-east-1&allow_bucket_creation=true")
    system.create_dir(root)
    written = tmp_path / "written"
    written.mkdir()

    def put(key: str, rows: list[dict[str, Any]]) -> None:
        path = write(written / key.replace("/", "-"), rows)
        with system.open_output_stream(f"{root}/{key}") as stream:
            stream.write(path.read_bytes())

    put("2025/a.jsonl", [chat("a")])
    put("2025/07/b.parquet", [chat("b")])
    put("2025/_tmp/c.parquet", [chat("c")])
    return f"s3://{name}"


@pytest.mark.slow
def test_an_object_is_read_and_named_by_its_address(tmp_path: Path, bucket: str) -> None:
    log = import_paths(tmp_path, f"{bucket}/2025/a.jsonl?region=us-east-1")
    (file,) = log.manifest.files
    assert (log.ids, file["name"], file["path"]) == (["a"], f"{bucket}/2025/a.jsonl", f"{bucket}/2025/a.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part-0", "written"]


@pytest.mark.slow
def test_a_folder_means_its_log_files_and_goes_with_local_ones(tmp_path: Path, bucket: str) -> None:
    local = write(tmp_path / "local.jsonl", [chat("d")])
    log = import_paths(tmp_path, f"{bucket}/2025?region=us-east-1", local)
    assert (sorted(log.ids), log.rows) == (["a", "b", "d"], (3, 3, 0, 0))
    assert [file["name"] for file in log.manifest.files] == [
        f"{bucket}/2025/07/b.parquet",
        f"{bucket}/2025/a.jsonl",
        str(local),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("key", ["/2024", "/2025/x.jsonl", "-other/2025"])
def test_an_address_with_nothing_there_is_said_and_leaves_nothing(tmp_path: Path, bucket: str, key: str) -> None:
    with pytest.raises(UserError, match=r"there is no log there|it can't be read"):
        import_paths(tmp_path, f"{bucket}{key}?region=us-east-1")
    assert [path.name for path in tmp_path.iterdir()] == ["written"]


class Sending(LocalEngine):
    """An engine whose pieces of work are sent, as to another process; `sent` is what they were for."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def each(self, work: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        for item in items:
            self.sent.append(item)
            yield pickle.loads(pickle.dumps(work))(pickle.loads(pickle.dumps(item)))


@pytest.mark.slow
def test_each_object_is_a_piece_of_work_of_the_engine(tmp_path: Path, bucket: str) -> None:
    engine, name = Sending(), bucket.removeprefix("s3://")
    address = f"{bucket}/2025?region=us-east-1"
    with local_copies([address], tmp_path / "copies", lambda *_: None, engine) as (copies, names):
        sizes = [Path(copy).stat().st_size for copy in copies]
        assert list(names.values()) == [f"{bucket}/2025/07/b.parquet", f"{bucket}/2025/a.jsonl"]
        assert [path.name for path in (tmp_path / "copies").rglob("*.tmp")] == []
    assert engine.sent == [(f"{name}/2025/07/b.parquet", sizes[0]), (f"{name}/2025/a.jsonl", sizes[1])]
    assert not (tmp_path / "copies").exists()
