"""What the made rows of benchmarks/masking_unseen.py are: a text, the secrets in it, and the group whose half decides where it counts."""

from __future__ import annotations

import difflib
import hashlib
import random
import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Rng = random.Random


@dataclass(frozen=True)
class Datum:
    """Something personal as somebody writes it, with what belongs to it (a label, the rest of an address)."""

    group: str
    """The country, vendor, language or way of writing that it is of."""
    text: str
    secrets: tuple[str, ...]
    """What must not be readable any more; none in a clean neighbour."""


@dataclass(frozen=True)
class Kind:
    """One kind of personal data, or of clean neighbours."""

    name: str
    aim: float | None
    """The share that is to be replaced (of neighbours: touched at most); None where the figure is only printed."""
    make: Callable[[Rng], Iterator[Datum]]
    """Data of this kind without an end, going round its groups."""


WRAPS = (
    "{}", "Could you check {} for me?", "what I have on file: {}", '{{"data": "{}", "n": 3}}', "| field | {} |", "* {}", "bitte {} prüfen",
    "necesito ayuda con {}.", "voici : {} .", "INFO 2026-02-03T08:11:09Z handled {} ok", "<p>{}</p>", r"line one\n{}\nline three", "「{}」です",
    "{}; the rest comes later", "`{}`", "row,{},end", "Sure!\n\n{}\n\nThanks", "({})", "**{}**", "пожалуйста {} спасибо",
)  # fmt: skip


def wrapped(rng: Rng, text: str) -> str:
    """The text in a sentence, a cell, a log line or JSON; a quote or a line inside is escaped in JSON."""
    wrap = rng.choice(WRAPS)
    if wrap.startswith("{{"):
        text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return wrap.format(text)


def half(group: str) -> int:
    """0 for the groups that rules were settled on, 1 for those that were only measured: by the digest of the name."""
    return hashlib.blake2b(group.encode(), digest_size=1).digest()[0] % 2


_SIGNS = {
    "d": string.digits,
    "n": "123456789",
    "h": string.digits + "abcdef",
    "H": string.digits + "ABCDEF",
    "a": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "U": string.ascii_uppercase,
    "L": string.ascii_lowercase,
    "A": string.ascii_letters,
    "w": string.ascii_letters + string.digits + "-_",
    "b": string.ascii_letters + string.digits + "+/",
}
_FIELD = re.compile(r"<([a-zA-Z])([0-9]+)?>")


def filled(rng: Rng, form: str) -> str:
    """A form with <h32> as 32 hex digits, <d> as a digit, <u16> as capitals and digits, and so on."""
    return _FIELD.sub(lambda field: "".join(rng.choice(_SIGNS[field[1]]) for _ in range(int(field[2] or 1))), form)


_PLACEHOLDER = re.compile(r"\[(?:email|phone|card|iban|ip|id|key|password|address|birth date|name|user)(?:-[0-9]+)?\]")


def readable(datum: Datum, masked: str) -> bool:
    """Whether a secret can still be read: whole, or a run of half of its letters and digits (at least five, or all)."""
    rest = _plain(_PLACEHOLDER.sub("\0", masked))
    for secret in map(_plain, datum.secrets):
        run = difflib.SequenceMatcher(None, secret, rest, autojunk=False).find_longest_match().size
        if run >= min(len(secret), max(5, len(secret) // 2)):
            return True
    return False


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum() or sign == "\0")


def around(rng: Rng, makers: dict[str, Callable[[Rng], tuple[str, tuple[str, ...]]]]) -> Iterator[Datum]:
    """Data of one group after another, for ever."""
    while True:
        for group, make in makers.items():
            text, secrets = make(rng)
            yield Datum(group, text, secrets)
