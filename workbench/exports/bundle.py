"""An export of several files: a zip, a folder, or numbered files beside each other."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import UserError
from workbench.store import whole_file

_SAME_ALWAYS = (1980, 1, 1, 0, 0, 0)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files; the same files give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _SAME_ALWAYS), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def write_files(files: Mapping[str, bytes], out: Path, folder: bool) -> list[Path]:
    """Write the files to `out` and give their paths: one zip where it ends with .zip; under their names in the folder
    `out`; else the first as `out`, the next as `out` with -2, -3 … before its ending.

    Each file is whole or not there; others in the folder stay. Raises `UserError` where `out` can't be written.
    """
    if out.suffix.lower() == ".zip":
        targets = {out: zipped(files)}
    elif folder:
        targets = {_folder(out) / name: data for name, data in files.items()}
    else:
        targets = {
            out if place == 1 else out.with_name(f"{out.stem}-{place}{out.suffix}"): data
            for place, data in enumerate(files.values(), 1)
        }
    for path, data in targets.items():
        with whole_file(path) as file:
            file.write(data)
    return list(targets)


def _folder(out: Path) -> Path:
    try:
        if out.exists() and not out.is_dir():
            raise UserError(f"{out}: a file, but these are several. Name a folder, or a file that ends with .zip.")
        if not out.parent.is_dir():
            raise UserError(f"{out}: the folder {out.parent} does not exist. Create it, or name another one.")
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(f"{out}: can't be made ({error.strerror}). Name another folder.") from error
    return out
