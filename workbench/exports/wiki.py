"""A ticket's document in Jira's wiki markup. Log text is escaped or stands in {noformat}, which nothing inside can close."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.text.escaping import visible
from workbench.tickets.document import Block, Code, Fence, Heading, Line, Paragraph, Points, Strong, Table

_ANYWHERE = re.compile(r"[\\{}\[\]*|!~^+]|(?<![^\W_])_|_(?![^\W_])|(?<!\w)-(?=\S)|(?<=\S)-(?!\w)|\?(?=\?)")
# Jira links these, makes a heading or a list of them, or draws a face; a word joiner inside keeps them text.
_SHORTHAND = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=@)(?=\w)|(?<=[:;(])(?=[-()DPp/x?yni])", re.IGNORECASE
)
_AT_START = re.compile(r"^(?=(?:h[1-6]|bq)\.|[#-]+\s)")
_CLOSES = re.compile(r"(?<=\{)(?=noformat)", re.IGNORECASE)
_JOINER = "\u2060"


def in_wiki(blocks: Sequence[Block]) -> str:
    """A document spelled in wiki markup."""
    return "\n\n".join(_block(block) for block in blocks)


def escaped(text: str) -> str:
    """Text on one line that wiki markup shows as it is."""
    line = _AT_START.sub(_JOINER, _SHORTHAND.sub(_JOINER, visible(" ".join(text.split()))))
    return _ANYWHERE.sub(lambda match: "\\" + match[0], line)


def _block(block: Block) -> str:
    match block:
        case Heading(level, line):
            return f"h{level}. {_line(line)}"
        case Paragraph(lines):
            return "\n".join(_line(line) for line in lines)
        case Points(lines):
            return "\n".join(f"* {_line(line)}" for line in lines)
        case Table(heads, rows):
            head = "".join(f"||{escaped(cell) or ' '}" for cell in heads) + "||"
            return "\n".join([head, *("".join(f"|{escaped(cell) or ' '}" for cell in row) + "|" for row in rows)])
        case Fence(text):
            return "{noformat}\n" + _CLOSES.sub(_JOINER, visible(text)) + "\n{noformat}"


def _line(line: Line) -> str:
    spelled = ""
    for part in line:
        match part:
            case Strong(text):
                spelled += f"*{escaped(text)}*"
            case Code(text):
                spelled += "{{" + escaped(text) + "}}"
            case str(text):
                before, after = text[:1].isspace() and spelled, text[-1:].isspace() and text.strip()
                spelled += f"{' ' if before else ''}{escaped(text)}{' ' if after else ''}"
    return spelled
