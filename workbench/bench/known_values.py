"""Whether what a person narrows a list to is there at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.errors import UserError


def require_known(bench: Bench, filter: Filter, statuses: Iterable[str] | None = None) -> Filter:
    """The filter as given; `UserError` for a value that nothing has, as it would let nothing pass. `statuses` are of what is listed."""
    choices = asdict(bench.choices()) | ({"status": list(statuses)} if statuses else {})
    for option, values in asdict(filter).items():
        for value in values:
            if value not in choices[option]:
                present = ", ".join(choices[option]) or "none yet"
                raise UserError(f"There is no {option} {value!r}. Known are: {present}.")
    return filter
