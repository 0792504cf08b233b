"""Our own Markdown (minutes) as Streamlit's plain elements: headings, text, tables, code; its words may be a log's, so none are rendered."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from markdown_it.token import Token

from workbench.ui.shared.text import code, heading, note, text


def blocks(tokens: Sequence[Token]) -> None:
    """Show a document by its tokens, in order."""
    rows: list[list[str]] = []
    inside, opened = "", 0
    for token in tokens:
        if token.type in ("heading_open", "list_item_open", "th_open", "td_open"):
            inside, opened = token.type, int(token.tag[1]) if token.type == "heading_open" else 0
        elif token.type in ("heading_close", "list_item_close", "th_close", "td_close"):
            inside = ""
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            _table(rows)
            rows = []
        elif token.type == "fence":
            code(token.content.rstrip("\n"))
        elif token.type == "inline":
            _inline(_words(token), inside, opened, rows)


def _inline(words: str, inside: str, level: int, rows: list[list[str]]) -> None:
    if inside in ("th_open", "td_open"):
        rows[-1].append(words)
    elif inside == "heading_open":
        heading(words, level=level)
    else:
        text(f"• {words}" if inside == "list_item_open" else words)


def _table(rows: Sequence[Sequence[str]]) -> None:
    """Rows as text, the first as heads: a table's canvas doesn't grow with the type of the room."""
    for place, row in enumerate(rows):
        for column, words in zip(st.columns(len(row), gap="small"), row, strict=True):
            with column:
                if place:
                    text(words)
                else:
                    note(words)


def _words(token: Token) -> str:
    """What a line says, without marks or escapes."""
    return "".join("\n" if child.type.endswith("break") else child.content for child in token.children or ())
