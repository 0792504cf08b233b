"""Text of strangers inside Markdown: escaped, fenced, as code."""

from __future__ import annotations

import re

from workbench.text.escaping import visible

_ANYWHERE = re.compile(r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])")


_AT_START = re.compile(r"^(\s*)([#+=>-]|\d+(?=[.)]))")


# Trackers link these without any markup; a word joiner inside keeps them text.
_LINKED = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=@)(?=\w)|(?<=#)(?=\d)", re.IGNORECASE)


_BACKTICKS = re.compile("`+")


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    line = _LINKED.sub("\u2060", visible(" ".join(text.split())))
    line = _ANYWHERE.sub(lambda match: "\\" + match[0], line)
    return _AT_START.sub(lambda match: match[1] + (match[2] + "\\" if match[2].isdigit() else "\\" + match[2]), line)


def fenced(text: str) -> str:
    """Text in a block of code whose fence is longer than any run of backticks inside."""
    fence = "`" * max(3, 1 + _longest_run(text))
    return f"{fence}text\n{visible(text)}\n{fence}"


def code(text: str) -> str:
    """A name or an id as code within a line."""
    line = visible(" ".join(text.split()))
    ticks = "`" * (1 + _longest_run(line))
    space = " " if len(ticks) > 1 else ""
    return f"{ticks}{space}{line}{space}{ticks}" if line else "–"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
