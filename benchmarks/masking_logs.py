"""What the mask touches in real logs: how often each kind, what of a conversation's own personal data is left, what of its other values is
touched, and replaced places in a random order for somebody to read.

    python -m benchmarks.masking_logs --logs FOLDER [--read 60] [--json]

The truth is the log's own: fields of tool results and arguments (`first_name`, `email`, `dob`, `zip` …) say what is personal, and every place
in the same conversation where such a value stands again has to be masked. The other fields (`flight_number`, `price`, `status` …) say what is
none: of these a value that holds nothing personal counts as touched where it is not what it was. Names that no field gives, and personal data in prose that no tool returned,
are in neither figure: what was replaced there is read by people.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.conversation.masked import masked
from workbench.conversation.model import Conversation
from workbench.logs.formats import LoggedConversation, ReadOptions, chat, open_source
from workbench.stats import wilson
from workbench.text.masking import PLACEHOLDERS

LOGS = ("agents.parquet", "rag.parquet", "whowhen-dev.parquet")
PERSONAL = {
    "e-mail": re.compile(r"(?:\w*_)?e?mail(?:_address)?"),
    "phone": re.compile(r"(?:\w*_)?phone(?:_number)?"),
    "name": re.compile(r"(?:first|last|full|middle)_name|full_name"),
    "birth date": re.compile(r"dob|date_of_birth|birth_?date"),
    "street": re.compile(r"address1|address2|street"),
    "postcode": re.compile(r"zip(?:_code)?|postal_code"),
    "user id": re.compile(r"user_id"),
}
"""Fields that hold personal data, by kind."""
MAYBE = re.compile(
    r"(?:name|address|city|state|country|customer_id|account|payment_\w+|card\w*|ip\w*|\w*key|\w*token|summary|description|notes?|message|reason|thought|query|content|text|details)"
)
"""Fields that may hold some, as prose does: in neither figure."""
_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(PLACEHOLDERS)})\]")


@dataclass
class Seen:
    """What was seen in one log."""

    conversations: int = 0
    """Read."""
    texts: int = 0
    """Turns with text, and arguments of calls."""
    touched: int = 0
    """Of these, those that the mask changed."""
    kinds: Counter[str] = field(default_factory=Counter)
    """How often each placeholder stands in what is masked."""
    personal: Counter[str] = field(default_factory=Counter)
    """Places of personal values, by kind."""
    left: Counter[str] = field(default_factory=Counter)
    """Of these, those that can still be read."""
    clean: int = 0
    """Values of other fields."""
    clean_touched: Counter[str] = field(default_factory=Counter)
    """Of these, those that the mask changed, as `field: value`."""
    replaced: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Kind, what stood there, and what stands before and behind it."""


def texts_of(conversation: Conversation) -> Iterator[str]:
    """What was said, came back and was called with."""
    for turn in conversation.turns:
        yield turn.content
        yield from (call.arguments for call in turn.tool_calls)
        yield from (document.text or "" for document in turn.retrieved)
    yield from (document.text or "" for document in conversation.retrieved)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The values that JSON holds with the names of their fields; what a list holds has the list's."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, str(key))
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip()[:1] in ("{", "[") else None
    except ValueError:
        return None


def look(conversation: Conversation, seen: Seen) -> None:
    """Add what one conversation has."""
    logged, shown = list(texts_of(conversation)), list(texts_of(masked(conversation)))
    values = [leaf for text in logged if (parsed := _json(text)) is not None for leaf in leaves(parsed)]
    personal = {
        value: kind
        for name, value in values
        for kind, pattern in PERSONAL.items()
        if pattern.fullmatch(name.lower()) and len(value) > 2
    }
    seen.conversations += 1
    seen.texts += sum(map(bool, logged))
    for before, after in zip(logged, shown, strict=True):
        seen.touched += before != after
        for match in _PLACEHOLDER.finditer(after):
            seen.kinds[match[0]] += 1
        for value, kind in personal.items():
            places = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
            seen.personal[kind] += len(places.findall(before))
            seen.left[kind] += len(places.findall(after))
        if before != after:
            seen.replaced += _replaced(before, after)
        _clean(before, after, personal, seen)


def _clean(before: str, after: str, personal: dict[str, str], seen: Seen) -> None:
    logged, shown = _json(before), _json(after)
    if logged is None:
        return
    now = list(leaves(shown)) if shown is not None else []
    for place, (name, value) in enumerate(leaves(logged)):
        if (
            value in personal
            or MAYBE.fullmatch(name.lower())
            or any(p.fullmatch(name.lower()) for p in PERSONAL.values())
        ):
            continue
        seen.clean += 1
        if place >= len(now) or now[place][1] != value:
            seen.clean_touched[f"{name}: {value[:60]}"] += 1


def _replaced(before: str, after: str) -> Iterator[tuple[str, str, str, str]]:
    """What stood where placeholders stand now, with forty characters around it."""
    pieces = [re.escape(piece) for piece in _PLACEHOLDER.split(after)]
    whole = re.fullmatch("(.+?)".join(pieces), before, re.DOTALL)
    if whole is None:
        return
    for order, match in enumerate(_PLACEHOLDER.finditer(after), 1):
        start, end = whole.span(order)
        yield match[0], whole[order], before[max(0, start - 50) : start], before[end : end + 40]


def read(path: Path) -> list[Conversation]:
    """The conversations of one log in the chat layout."""
    with TemporaryDirectory() as scratch:
        rows = chat.read([open_source(path)], ReadOptions(), Path(scratch))
        return [row.conversation for row in rows if isinstance(row, LoggedConversation)]


def _share(part: int, whole: int) -> str:
    low, high = wilson(part, whole) if whole else (0.0, 1.0)
    return f"{part} of {whole} ({part / max(whole, 1):.4f} [{low:.4f}, {high:.4f}])"


def main() -> None:
    """Print what each log has."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=Path, default=Path("../shared/logs"), help="the folder with " + ", ".join(LOGS))
    parser.add_argument("--read", type=int, default=0, help="so many replaced places of each log, by chance, to read")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    logs = [asked.logs / name for name in LOGS if (asked.logs / name).exists()]
    if not logs:
        print(f"No log in {asked.logs} ({', '.join(LOGS)}): this part is left out. --logs FOLDER names another folder.")
        return
    for path in logs:
        seen, started = Seen(), time.process_time()
        for conversation in read(path):
            look(conversation, seen)
        seconds = time.process_time() - started
        if asked.json:
            print(json.dumps({"log": path.name, **_counts(seen)}, ensure_ascii=False))
        else:
            _print(path.name, seen, seconds, asked.read)


def _counts(seen: Seen) -> dict[str, object]:
    clean = sum(seen.clean_touched.values())
    return {
        "conversations": seen.conversations, "texts": seen.texts, "touched": seen.touched, "kinds": dict(seen.kinds),
        "personal": {kind: [seen.personal[kind] - seen.left[kind], seen.personal[kind]] for kind in seen.personal}, "clean": [clean, seen.clean],
    }  # fmt: skip


def _print(name: str, seen: Seen, seconds: float, sample: int) -> None:
    print(f"\n{name}: {seen.conversations} conversations, {_share(seen.touched, seen.texts)} texts touched, {seconds:.0f} s of CPU, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print("  replaced: " + ", ".join(f"{kind} {count}" for kind, count in seen.kinds.most_common()))
    for kind, places in seen.personal.items():
        print(f"  {kind}: masked {_share(places - seen.left[kind], places)}")
    print(f"  other values touched: {_share(sum(seen.clean_touched.values()), seen.clean)}")
    for value, count in seen.clean_touched.most_common(12):
        print(f"      {count} × {value}")
    rng = random.Random(29)
    replaced = sorted(set(seen.replaced))
    for kind, value, before, behind in rng.sample(replaced, min(sample, len(replaced))):
        print(f"    {kind:13} {value!r}   in {before!r} … {behind!r}")


if __name__ == "__main__":
    main()
