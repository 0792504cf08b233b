"""How often a test tries what it tries at random: as often as it says in `make test-all`, a quarter as often in `make test`."""

from __future__ import annotations

import os

_THOROUGH = "THOROUGH"
"""The variable that `make test-all` sets."""


def tries(often: int) -> int:
    """`often` where all is tested, else a quarter of it."""
    return often if os.environ.get(_THOROUGH) else max(often // 4, 1)
