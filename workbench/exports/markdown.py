"""Tickets as Markdown, for an engineer who never saw the workbench, pasted into a tracker or read as it is.

Log text stands in fences that nothing inside can close, or is escaped: it can't become a heading, a link, an image, a
table cell or a mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

from workbench.text.markdown import code, escaped, fenced
from workbench.tickets.document import Block, Code, Fence, Heading, Line, Paragraph, Points, Strong, Table, document

if TYPE_CHECKING:
    from workbench.tickets.tickets import TicketRow


def write_markdown(rows: Iterable[object], file: BinaryIO) -> None:
    """The document of these `TicketRow`s, in UTF-8."""
    file.write(markdown(cast("Sequence[TicketRow]", list(rows))).encode("utf-8", "backslashreplace"))


def markdown(tickets: Sequence[TicketRow]) -> str:
    """One document of these tickets, each under a heading of its own, with a line between them."""
    return "\n---\n\n".join(in_markdown(document(ticket)) for ticket in tickets)


def in_markdown(blocks: Sequence[Block]) -> str:
    """A document spelled in GitHub's Markdown."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, line):
            return f"{'#' * level} {_line(line)}"
        case Paragraph(lines):
            # Two spaces at its end break a line.
            return "  \n".join(_line(line) for line in lines)
        case Points(lines):
            return "\n".join(f"- {_line(line)}" for line in lines)
        case Table(heads, rows):
            cells = [heads, ["---"] * len(heads), *rows]
            spelled = [[cell if place == 1 else escaped(cell) for cell in row] for place, row in enumerate(cells)]
            return "\n".join(f"| {' | '.join(row)} |" for row in spelled)
        case Fence(text):
            return fenced(text)


def _line(line: Line) -> str:
    """The parts of a line, the first escaped as a beginning, the others as they may only stand inside."""
    spelled = ""
    for part in line:
        match part:
            case Strong(text):
                spelled += f"**{escaped(text)}**"
            case Code(text):
                spelled += code(text)
            case str(text):
                spelled += _spaced(text) if spelled else _spaced(text).lstrip()
    return spelled


def _spaced(text: str) -> str:
    """Escaped text that keeps the spaces around it."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{' ' if before else ''}{escaped(text)}{' ' if after and text.strip() else ''}"
