"""Logs on s3:// and gs://: streamed to local copies by pyarrow's file systems, and read like any other file.

An import decodes a file more than once, and what stands in a bucket may change meanwhile; so each object is fetched
once, into a folder beside the part, which is gone when the import ends; an engine that spreads work has each object fetched by a
worker, into that folder on the shared storage. Credentials and endpoints come from the environment
as usual (AWS_…, GOOGLE_APPLICATION_CREDENTIALS; on every node that fetches) and from nowhere else: an address that named the endpoint would have
the server send its keys there. It may say the region (`?region=eu-west-1`), or that no keys are to be sent (`?anonymous=true`).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from ipaddress import ip_address
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from workbench.access import current
from workbench.engine.engine import LOCAL, Engine
from workbench.errors import UserError
from workbench.logs.files.find import SUFFIXES, hidden, shown

SCHEMES = ("s3", "gs")
_SECRETS = ("secret_key", "access_key", "session_token")
_OPTIONS = {"region": r"[a-z0-9-]{1,40}", "anonymous": "true|false"}
_METADATA = ("metadata", "metadata.google.internal", "instance-data")
_CHUNK = 4 << 20


def is_remote(path: str | Path) -> bool:
    """Whether a path is an address of a bucket."""
    return isinstance(path, str) and path.partition("://")[0] in SCHEMES and "://" in path


@contextmanager
def local_copies(
    paths: Sequence[str | Path],
    folder: Path,
    progress: Callable[[str, int, int | None], None],
    engine: Engine = LOCAL,
) -> Iterator[tuple[list[str | Path], dict[Path, str]]]:
    """The paths with each remote one replaced by local copies in `folder`, and the addresses of these copies.

    UserError where an address can't be read, or holds no log; `Denied` where `serve` was told to read elsewhere only.
    `folder` is removed at the end.
    """
    current().require_readable(paths)
    local: list[str | Path] = []
    names: dict[Path, str] = {}
    folder = folder.resolve()
    try:
        for path in paths:
            if not is_remote(path):
                local.append(path)
                continue
            for name, copy in _fetch(str(path), folder, progress, engine):
                local.append(copy)
                names[copy] = name
        yield local, names
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(
    address: str, folder: Path, progress: Callable[[str, int, int | None], None], engine: Engine
) -> Iterator[tuple[str, Path]]:
    from pyarrow.fs import FileSystem

    shown_address = _checked(address)
    with _explaining(shown_address):
        objects = _objects(*FileSystem.from_uri(address))
    if not objects:
        raise UserError(f"{shown_address}: there is no log there ({', '.join(SUFFIXES)}). Check the address.")
    progress("fetching", 0, len(objects))
    copies = engine.each(partial(_copied, address, folder), objects)
    for done, ((path, _), copy) in enumerate(zip(objects, copies, strict=True), 1):
        progress("fetching", done, len(objects))
        yield f"{address.partition('://')[0]}://{shown(path)}", copy


def _copied(address: str, folder: Path, stored: tuple[str, int]) -> Path:
    """The copy of an object of so many bytes, made in `folder`; whole, also where a worker that is thought dead still writes it."""
    from pyarrow.fs import FileSystem

    (path, size), shown_address = stored, _checked(address)
    copy = folder / _inside(path, shown_address)
    draft = copy.with_name(f"{copy.name}.{uuid4().hex}.tmp")
    with _explaining(shown_address):
        copy.parent.mkdir(parents=True, exist_ok=True)
        system, _ = FileSystem.from_uri(address)
        with system.open_input_stream(path) as stream, draft.open("wb") as out:
            shutil.copyfileobj(stream, out, _CHUNK)
        if draft.stat().st_size != size:
            raise UserError(f"{shown_address}: {shown(path)} changed while it was fetched. Try again.")
        draft.replace(copy)
    return copy


@contextmanager
def _explaining(shown_address: str) -> Iterator[None]:
    """What a bucket's file system raises, as a `UserError`."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, ValueError) as e:
        detail = " ".join(str(e).split())[:300]
        raise UserError(
            f"{shown_address}: it can't be read ({detail}). Check the address, the region, and the credentials in the environment."
        ) from e


def _objects(system: Any, root: str) -> list[tuple[str, int]]:
    """The object of that name, or the log files below that folder, hidden ones left out; each with its bytes."""
    from pyarrow.fs import FileSelector, FileType

    info = system.get_file_info(root)
    if info.type == FileType.File:
        return [(info.path, info.size)]
    entries = system.get_file_info(FileSelector(root, recursive=True, allow_not_found=True))
    return sorted(
        (each.path, each.size)
        for each in entries
        if each.type == FileType.File
        and each.path.lower().endswith(SUFFIXES)
        and not any(map(hidden, PurePosixPath(each.path).relative_to(root.strip("/")).parts))
    )


def _inside(path: str, address: str) -> Path:
    parts = [part for part in path.split("/") if part]
    if ".." in parts or any("\0" in part for part in parts):
        raise UserError(f"{address}: the object {shown(path)} has a name that is no path. Rename it.")
    return Path(*parts)


def _checked(address: str) -> str:
    """The address for messages; UserError where it carries a key, which would stay in logs and in the store, or says how to connect."""
    parts = urlsplit(address)
    bucket, options = parts.hostname or "", parse_qs(parts.query, keep_blank_values=True)
    plain = f"{parts.scheme}://{shown(bucket)}{shown(parts.path)}"
    if parts.password or any(name in options for name in _SECRETS):
        raise UserError(
            f"{plain}: leave the keys out of the address. "
            "Set them in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_APPLICATION_CREDENTIALS)."
        )
    for name, values in options.items():
        if not all(re.fullmatch(_OPTIONS.get(name, "(?!)"), value) for value in values):
            raise UserError(
                f"{plain}: an address can't say {shown(name)}={shown(values[0])}. It may say region=NAME and anonymous=true; "
                "set what else the connection needs in the environment (AWS_ENDPOINT_URL, AWS_CA_BUNDLE)."
            )
    if parts.netloc != bucket or _is_host(bucket):
        raise UserError(f"{plain}: {shown(parts.netloc)} is no bucket's name. Name a bucket, like s3://logs/2026.")
    return shown(address)


def _is_host(bucket: str) -> bool:
    """Whether this is an address or the metadata service's name; 169.254.169.254 can be written as one number, too."""
    with suppress(ValueError):
        ip_address(bucket.strip("[]"))
        return True
    return bucket in _METADATA or re.fullmatch(r"[0-9]+|0x[0-9a-f.x]+|[0-9.]+", bucket) is not None
