"""Text of a log as people read it in an excerpt: without control tokens, markup and blobs of JSON. Pure."""

from __future__ import annotations

import json
import re

CONTROL = re.compile(r"###[A-Z][A-Z _-]*###|<\|[^|<>\n]{1,40}\|>|\[/?INST\]|</?s>")
"""Control tokens that models leave in their text (`###STOP###`, `<|end|>`), which nobody said."""
READ = 2_000
"""Characters that an excerpt is made from, at most."""
_KEYS_SHOWN, _BLOBS = 4, 20
_FENCE = re.compile(r"```\w*")
_LINK = re.compile(r"!?\[([^\[\]\n]{0,200})\]\([^()\s]{0,300}\)")
_EMPHASIS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.{1,200}?)(?<=\S)\1")
_STAR = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,200})(?<=[^\s*])\*(?![\w*])")
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+•][ \t]+)", re.MULTILINE)
_BLOB = re.compile(r'\{\s*"|\[\s*\{')
_KEY = re.compile(r'"([^"\\\n]{1,40})"\s*:')


def readable(text: str) -> str:
    """The beginning of a text on one line: words of markup stay, its signs go; of a JSON blob its first keys are told."""
    text = _without_blobs(CONTROL.sub(" ", text[:READ]))
    text = _LINE_START.sub("", _FENCE.sub(" ", text))
    text = _STAR.sub(r"\1", _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text)))
    return " ".join(text.split())


def without_data(text: str) -> str:
    """A text without control tokens and blobs of JSON, of which the first keys are told; its lines stay."""
    return _without_blobs(CONTROL.sub(" ", text)).strip()


def _without_blobs(text: str) -> str:
    parts: list[str] = []
    place = 0
    for _ in range(_BLOBS):
        match = _BLOB.search(text, place)
        if match is None:
            break
        try:
            _, end = json.JSONDecoder().raw_decode(text, match.start())
        except (ValueError, RecursionError):
            end = len(text)  # it was cut, or never was JSON: what looks like it goes on to the end
        keys = list(dict.fromkeys(_KEY.findall(text[match.start() : end])))
        if not keys:
            parts.append(text[place : match.end()])
            place = match.end()
            continue
        more = ", …" if len(keys) > _KEYS_SHOWN else ""
        parts.append(f"{text[place : match.start()]}(data: {', '.join(keys[:_KEYS_SHOWN])}{more})")
        place = end
    return "".join(parts) + text[place:]
