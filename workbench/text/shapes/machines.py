"""Addresses of machines in folded text: IPv4 and IPv6 in the spellings of RFC 4291 and 5952, defanged ones, and host names made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

from workbench.text.shapes.spans import Span, apart

_DIGIT = re.compile("[0-9]")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(
    rf"(?<![\w.\]])(?<!\]-){_OCTET}(?:(?:\.{_OCTET}){{3}}|(?:\[\.\]{_OCTET}){{3}}|(?:\(\.\){_OCTET}){{3}})(?![\w]|\.[0-9])"
)
_HOST = re.compile(rf"(?<![\w.-])ip-({_OCTET}(?:-{_OCTET}){{3}})(?![\w-])", re.IGNORECASE)
_IPV6 = re.compile(
    r"(?=[0-9A-Fa-f:]{3})(?<![\w:.])(?=[0-9A-Fa-f]{0,4}+:[0-9A-Fa-f]{0,4}+:)[0-9A-Fa-f:]{2,39}(?:(?<=:)[0-9.]{7,15})?(?![\w:])(?!\.[0-9])"
)
_VERSION_WORDS = re.compile(
    r"(?:\b(?:v|ver|version|release|build|firmware|driver|sdk|chrome|app|section|§)\.?|/)[ :=\"']{0,4}\Z", re.IGNORECASE
)


_NOBODYS = frozenset(("127.0.0.1", "0.0.0.0", "::1", "255.255.255.255"))
"""Addresses that every machine has for itself: messages of errors name them, and they tell of nobody."""


def machines(text: str) -> Iterator[Span]:
    """IPv4 and IPv6 addresses but those of any machine itself; four numbers behind a word like "version" are a version."""
    spans: list[Span] = []
    if text.count(":") >= 2:
        for match in _IPV6.finditer(text):
            if match[0] not in _NOBODYS and _is_ipv6(match[0]):
                spans.append((*match.span(), "[ip]"))
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            if match[0] in _NOBODYS:
                continue
            if text[max(0, match.start() - 2) : match.start()] == "//" or not _VERSION_WORDS.search(
                text[max(0, match.start() - 16) : match.start()]
            ):
                spans.append((*match.span(), "[ip]"))
    if "ip-" in text or "IP-" in text:
        spans += [(*match.span(1), "[ip]") for match in _HOST.finditer(text)]
    yield from apart(spans)


def _is_ipv6(text: str) -> bool:
    if len(text) <= 5 or not _DIGIT.search(text):
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True
