"""The mask on data that nobody tuned it to: Faker's locales, libphonenumber's examples of all regions, the IBAN registry, the check
digits of python-stdnum, keys of some eighty vendors, and clean neighbours beside them.

    .venv-bench/bin/python -m benchmarks.masking_unseen [--rows 1000] [--misses] [--json]   (make bench-peers)

Groups (regions, networks, vendors, languages, ways of writing) fall into two halves by a digest of their name: rules were mended by what
is missed in the *settled* half, and the *held out* half is only measured. The forms were written by a session of the same model that
wrote the mask, after it; what Faker, libphonenumber and python-stdnum write, neither wrote.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.unseen import neighbours, numbers, people, secrets
from benchmarks.unseen.rows import Datum, Kind, Rng, half, readable, wrapped
from workbench.stats import wilson
from workbench.text.masking import mask

ROWS = 1_000
NEEDED = ("faker", "phonenumbers", "stdnum")
KINDS = (
    Kind("e-mail, Faker", 0.99, people.emails),
    Kind("e-mail, odd", 0.99, people.odd_emails),
    Kind("phone with its country", 0.95, numbers.phones_with_country),
    Kind("phone behind a word", 0.95, numbers.phones_behind_a_word),
    Kind("phone, bare national", None, numbers.phones_bare),
    Kind("card", 0.99, numbers.cards),
    Kind("IBAN", 0.99, numbers.ibans),
    Kind("IP", 0.99, numbers.ips),
    Kind("key by its form", 0.99, secrets.keys_by_form),
    Kind("key behind its name", 0.99, secrets.keys_behind_their_name),
    Kind("token, header, private key", 0.99, secrets.tokens),
    Kind("secret in a link", 0.99, secrets.links),
    Kind("connection string", 0.99, secrets.connections),
    Kind("password", 0.99, secrets.passwords),
    Kind("national id behind its name", None, numbers.ids_behind_their_name),
    Kind("national id, bare", None, numbers.ids_bare),
    Kind("address, Faker", None, people.addresses),
    Kind("introduced name, Faker", None, people.introduced_names),
    Kind("birth date", None, people.birth_dates),
    Kind("clean neighbour", 0.01, neighbours.neighbours),
)


@dataclass(frozen=True)
class Share:
    """How many rows of a half of a kind were replaced, or touched."""

    share: float
    """Of the rows, those that were."""
    low: float
    """Lower end of Wilson's 95 % interval over rows."""
    high: float
    """Upper end."""
    rows: int
    """Rows in this half."""
    groups: int
    """Groups in this half."""
    whole: int
    """Groups of which nothing was missed; of neighbours those where nothing was touched."""


@dataclass(frozen=True)
class Result:
    """One kind, both halves."""

    kind: str
    """Its name."""
    aim: float | None
    """What is to be reached; None where the figure is only printed."""
    settled: Share
    """The half that rules were mended by."""
    held_out: Share
    """The half that was only measured."""
    misses: dict[str, list[str]]
    """By group of the settled half, some data that were missed, masked."""


def measure(rows: int) -> tuple[list[Result], float]:
    """Each kind on so many rows, and how many a CPU second masks."""
    results, seconds, count = [], 0.0, 0
    for kind in KINDS:
        rng = Rng(f"29 {kind.name}")
        data = [(datum, wrapped(rng, datum.text)) for datum in islice(kind.make(rng), rows)]
        started = time.process_time()
        masked = [mask(text) for _, text in data]
        seconds, count = seconds + time.process_time() - started, count + rows
        results.append(_result(kind, [(*row, after) for row, after in zip(data, masked, strict=True)]))
    return results, count / seconds


def _result(kind: Kind, rows: list[tuple[Datum, str, str]]) -> Result:
    clean = kind.make is neighbours.neighbours
    outcomes = [(datum, after != text if clean else not readable(datum, after), after) for datum, text, after in rows]
    shares = []
    for which in (0, 1):
        part = [(datum.group, hit) for datum, hit, _ in outcomes if half(datum.group) == which]
        groups, wrong = {group for group, _ in part}, {group for group, hit in part if hit is clean}
        low, high = wilson(sum(hit for _, hit in part), len(part))
        share = sum(hit for _, hit in part) / len(part)
        shares.append(
            Share(round(share, 4), round(low, 3), round(high, 3), len(part), len(groups), len(groups - wrong))
        )
    misses: dict[str, list[str]] = {}
    for datum, hit, after in outcomes:
        if hit is clean and not half(datum.group):
            misses.setdefault(datum.group, []).append(f"{datum.text}  →  {after}" if clean else f"{after}")
    return Result(kind.name, kind.aim, shares[0], shares[1], misses)


def main() -> None:
    """Print one line a kind, or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=None, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=ROWS, help="rows a kind (default 1,000)")
    parser.add_argument("--misses", action="store_true", help="print what was missed in the settled half")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise SystemExit(
            f"This benchmark needs {', '.join(missing)}: run `make bench-peers`, then .venv-bench/bin/python."
        )
    results, speed = measure(asked.rows)
    if asked.json:
        print(json.dumps({"kinds": [asdict(row) for row in results], "rows_a_cpu_second": round(speed)}, ensure_ascii=False))  # fmt: skip
        return
    for row in results:
        halves = "   ".join(
            f"{name} {part.share:.3f} [{part.low:.3f}, {part.high:.3f}] of {part.rows}, groups {part.whole} of {part.groups}"
            for name, part in (("settled", row.settled), ("held out", row.held_out))
        )
        print(f"{row.kind:28} {'' if row.aim is None else row.aim!s:5} {halves}")
        if asked.misses:
            for group, count in Counter({group: len(missed) for group, missed in row.misses.items()}).most_common(60):
                print(f"      {group} × {count}: " + " ¦ ".join(map(repr, row.misses[group][:2])))
    print(f"{speed:,.0f} rows a CPU second, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
