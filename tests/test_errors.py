"""A full disk is known by its number or, from an engine, by its words."""

import errno

import pytest

from workbench.errors import WorkbenchError, is_disk_full


def caused(problem: Exception) -> WorkbenchError:
    """Our error as one raises it from another."""
    try:
        raise WorkbenchError("The import can't be written") from problem
    except WorkbenchError as e:
        return e


@pytest.mark.parametrize(
    ("problem", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (caused(OSError(errno.ENOSPC, "No space left on device")), True),
        (RuntimeError("IO Error: Could not write file: No space left on device"), True),
        (RuntimeError("(sqlite3.OperationalError) database or disk is full"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (ValueError("no"), False),
    ],
)
def test_a_full_disk_is_told_from_our_fault(problem: Exception, full: bool) -> None:
    assert is_disk_full(problem) is full
