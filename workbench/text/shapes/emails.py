"""E-mail addresses in folded text: as they are written, and as people spell them out in words of several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.text.shapes.spans import Span, apart

_OPEN, _CLOSE = r"\s{0,2}[\[({<]\s?", r"\s?[\])}>]\s{0,2}"
_DOT = "dot|punto|ponto|point|punkt|punt|kropka|точка|tečka|pont|piste|prick"
_AT = "arroba|arobase|chiocciola|chiocciolina|klammeraffe|apenstaartje|małpa|małpka|собака|zavináč|kukac|snabel-a|snabela|ät|heyt"
"""Words that say nothing but @, unlike “at”."""
_DOT_WORD = rf"(?:{_OPEN}(?:{_DOT}|\.){_CLOSE}|\s{{1,2}}(?:{_DOT})\s{{1,2}})"
_TOP = r"(?:com|org|net|edu|gov|info|biz|io|ai|app|dev|co|eu|uk|de|fr|es|it|nl|be|pl|pt|br|mx|ar|cl|at|ch|se|no|dk|fi|cz|sk|hu|ro|ru|ua|tr|jp|cn|in|au|nz|ca|us|me)"
_TOP_OF_WORDS = r"(?:com|org|net|edu|gov|info|biz|io|ai|app|dev|co|eu|uk|de|fr|es|nl|pl|pt|br|mx|ch|dk|fi|cz|sk|hu|ru|ua|jp|cn|au|nz|ca)"
"""Those that are no words of a sentence: “look at it dot it starts”."""
# A token starts after whatever is no part of one. The last label begins with a letter: package@1.2.3 is a version.
_EMAIL = re.compile(
    rf"""(?<![\w.+-]) (?!(?<=\])[.+-]) (?:
      (?P<local>[\w.+-]++)
      (?: (?: @(?:[ ]?\n)? | %40 | [ ]@[ ] | {_OPEN}(?:at|@){_CLOSE} | \s{{1,2}}(?:{_AT})\s{{1,2}} )
          [\w-]++ (?:(?:\.|{_DOT_WORD})[\w-]++)* (?:\.|{_DOT_WORD})[^\W\d_][\w-]++
        | [ ]@[ ] [\w-]++ (?:[ ]?\.[ ]?[\w-]++)*? [ ]?\.[ ]?{_TOP}(?![\w-])
        | \s{{1,2}}at\s{{1,2}} [\w-]++ (?:(?:\.|{_DOT_WORD})[\w-]++)*? {_DOT_WORD}{_TOP_OF_WORDS}(?![\w-])
        | @ \[ [0-9A-Fa-f.:]{{3,45}} \]
      )
    | \\{{0,6}}" [\w.+-]{{1,40}} (?:[ ][\w.+-]{{1,40}}){{0,3}} \\{{0,6}}" @ [\w-]++ (?:\.[\w-]++)* \.[^\W\d_][\w-]++
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_UNDERSCORES = re.compile(
    rf"(?<![\w.+-])[A-Za-z0-9.+-]+(?:_[A-Za-z0-9.+-]+)*?_at_[A-Za-z0-9-]+(?:_dot_[A-Za-z0-9-]+)*?_dot_{_TOP}(?![\w-])",
    re.IGNORECASE,
)
_SIGNS = (
    "%40",
    "(at)",
    "[at]",
    "{at}",
    "<at>",
    "( at )",
    "[ at ]",
    "dot)",
    "dot]",
    "dot }",
    " dot ",
    "_dot_",
    "(.)",
    "[.]",
    *(f" {word} " for word in _AT.split("|")),
)
"""One of these, or an @, stands in every address; most texts have none, and the whole pattern tries each of their words."""


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses, whole, with what is quoted before the @."""
    lowered = text.lower()
    if "@" not in text and not any(map(lowered.__contains__, _SIGNS)):
        return
    spans = [(match.end() - len(match[0].lstrip(".+-")), match.end(), "[email]") for match in _EMAIL.finditer(text)]
    if "_dot_" in lowered:
        spans += [(*match.span(), "[email]") for match in _UNDERSCORES.finditer(text)]
    yield from apart(spans)
