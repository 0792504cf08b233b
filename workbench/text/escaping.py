"""Untrusted text made safe to read: nothing hidden, nothing that a renderer would interpret.

`visible` is for places that show text as it is, `plain` for Streamlit's markdown (every label, tab, button, heading),
`for_plotly` for plotly's subset of HTML, `plain_words` for names that are made out of log text.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"} | {0x7F: "\u2421"}

# What prints nothing, turns the reading order, or can't be encoded: C1 controls, soft hyphen, fillers, zero-width and
# bidi characters, line and paragraph separators, variation selectors but for emoji's own two, tags, surrogates.
_HIDDEN = re.compile(
    "[\u0080-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners that spelling needs: inside an emoji sequence, or between letters of the Arabic to the Malayalam blocks.
_SPELLING_JOINER = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
    "|(?<=[\u0620-\u0dff])[\u200c\u200d](?=[\u0620-\u0dff])"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0f71-\u0f84\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")

# Streamlit turns `:smile:`, `:material/…`, `http://…`, `www.…`, `a@b.c`, ` -> ` and the like into emoji, icons, links
# and arrows after the backslashes are gone. An invisible word joiner in the middle keeps them text.
_SHORTHAND = re.compile(r"(?<=:)(?=\S)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#:$|~!@+=&^\"-]|(?<=\d)\.)")

_NOT_IN_A_NAME = re.compile(r"[^\w\s,.:;()/%'’-]+")
_NOT_BETWEEN_WORDS = re.compile(r":(?=[^\s\d])|(?<!\d):(?=\d)|/{2,}|\.{2,}|-{2,}")
_NUMBER_BEGUN = re.compile(r"\d[\d.,:/-]*\Z")
_BARE_PUNCTUATION = re.compile(r"(?<!\S)[^\w\s]+(?!\S)")


def visible(text: str, limit: int | None = None) -> str:
    """The text with everything hidden shown: C0 as ␀ pictures, others as ⟦U+202E⟧; line breaks and tabs stay.

    Combining marks beyond three on one base are dropped. Past `limit` characters of the text it is cut, and says so.
    """
    text, rest = _cut(text, limit)
    text = text.replace("\r\n", "\n").translate(_CONTROL_PICTURES)
    if not text.isascii():
        spelling = {joiner.start() for joiner in _SPELLING_JOINER.finditer(text)}
        text = _HIDDEN.sub(lambda match: match[0] if match.start() in spelling else f"⟦U+{ord(match[0]):04X}⟧", text)
        text = _PILED_MARKS.sub(r"\1", text)
    return text + rest


def plain(text: str, limit: int | None = 200) -> str:
    """One line for Streamlit's markdown that shows exactly the text: no markup, link, emoji, icon or formula in it."""
    line, rest = _cut(_one_line(text), limit)
    return _MARKDOWN.sub(r"\\\1", _SHORTHAND.sub(_WORD_JOINER, visible(line) + rest))


def plain_words(text: str, limit: int | None = 80) -> str:
    """A name made of log text: its words, digits and basic punctuation on one line, cut with … before the word or number that
    goes beyond `limit`."""
    whole = limit is None or len(text) <= 10 * limit
    if limit is not None:
        text = text[: 10 * limit]
    text = _PILED_MARKS.sub(r"\1", unicodedata.normalize("NFC", _HIDDEN.sub("", text)))
    text = "".join(char if _in_a_name(char) else " " for char in text)
    text = _BARE_PUNCTUATION.sub(" ", _NOT_BETWEEN_WORDS.sub(" ", text))
    text = _one_line(text).lstrip(" ,.:;/%'’-)").rstrip(" ,:;/'’-(")
    return text if limit is None or (whole and len(text) <= limit) else _cut_between_words(text, limit)


def _cut_between_words(text: str, limit: int) -> str:
    """Its words up to `limit` characters with an ellipsis; of a word that is longer the beginning, without a part of a number."""
    begun = text[: min(limit, len(text))]
    kept = begun.rpartition(" ")[0] or _NUMBER_BEGUN.sub("", begun[: limit - 1]) or begun[: limit - 1]
    return kept.rstrip(" ,:;/'’-(") + "…"


def for_plotly(text: str, limit: int | None = 200) -> str:
    """One line for plotly, which reads a subset of HTML in every text and `%{…}` in hover templates."""
    line, rest = _cut(_one_line(text), limit)
    line = (visible(line) + rest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line.replace("%{", f"%{_WORD_JOINER}{{")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, limit: int | None) -> tuple[str, str]:
    if limit is None or len(text) <= limit:
        return text, ""
    return text[:limit], f"… (+{len(text) - limit:,} characters)"


def _in_a_name(char: str) -> bool:
    # Marks are not \w, but words of many scripts are spelled with them.
    return (unicodedata.category(char)[0] == "M" and char not in "\ufe0e\ufe0f") or not _NOT_IN_A_NAME.match(char)
