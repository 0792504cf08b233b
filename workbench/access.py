"""Who reaches the served pages, and what they may have read from the server's disk and network.

`serve` states it once, in the environment, so that the children which read logs hold to it as well.
"""

from __future__ import annotations

import glob
import ipaddress
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote

from workbench.errors import Denied, UserError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_NAME = 60
PERSON_HEADER = "x-workbench-person"
"""The header in which our own sign-in names a person to the pages; from outside it never comes through."""
SIGN_IN, NOBODY = "the sign-in", "somebody"
"""Who stands in the history where the sign-in gave a role, or where nobody said a name; no person is called so."""
_VARIABLE = "WORKBENCH_ACCESS"
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters, marks and symbols by their category, which print nothing: fillers, variation selectors, the blank of Braille."""
_ALPHABETS = frozenset(("LATIN", "CYRILLIC", "GREEK"))
"""Those whose letters look alike: a word that mixes them is there to be taken for another."""


@dataclass(frozen=True)
class Access:
    """How a store is served; as it stands, to one person on the machine's own address."""

    hosts: tuple[str, ...] = LOOPBACK
    """The names and addresses that a request may be for, without their ports."""
    header: str = ""
    """The header in which a proxy names who signed in; empty where nobody signs in."""
    proxies: tuple[str, ...] = ()
    """Addresses and networks of the proxies whose header counts."""
    folders: tuple[str, ...] = ()
    """Folders and buckets that logs may be read from, as people name them; without a sign-in none means all."""
    own: tuple[str, ...] = ()
    """Folders that the program itself reads logs and mappings from: uploads, saved mappings, and the demo's."""

    @property
    def shared(self) -> bool:
        """Whether several people work here, each known by a sign-in."""
        return bool(self.header)

    @property
    def signs_in(self) -> bool:
        """Whether people sign in here, at an OpenID provider, and not at a proxy."""
        return self.header == PERSON_HEADER

    def trusts(self, address: str) -> bool:
        """Whether a peer's address is one of the stated proxies'."""
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        peer = getattr(peer, "ipv4_mapped", None) or peer
        return any(peer in network for network in networks(self.proxies))

    def is_own(self, path: str | Path) -> bool:
        """Whether the program itself put the file there, so that reading it shows nothing of the server."""
        return _within(str(path), self.own)

    def require_readable(self, paths: Iterable[str | Path]) -> None:
        """`Denied` for a path or an address outside of what may be read, whether something is there or not."""
        if not self.shared and not self.folders:
            return
        for path in paths:
            if not self.is_own(path) and not _within(str(path), self.folders):
                stated = ", ".join(self.folders) or "none; upload the file, or start `serve` with --import-from"
                raise Denied(f"{str(path)!r} lies outside of what this server reads logs from ({stated}).")

    def apply(self) -> None:
        """Hold to this from now on, here and in the processes that are started from here."""
        os.environ[_VARIABLE] = json.dumps(asdict(self))


def current() -> Access:
    """What `serve` stated; outside of it whoever runs a command reads what they may."""
    stated = os.environ.get(_VARIABLE)
    if not stated:
        return Access()
    raw = json.loads(stated)
    header = raw.pop("header")
    return Access(header=header, **{name: tuple(value) for name, value in raw.items()})


def name_in_header(value: str) -> str:
    """The name that a proxy's header gives, which may be UTF-8; empty where it is none."""
    try:
        name = value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        name = value
    return acceptable_name(name)


def acceptable_name(name: str) -> str:
    """A name as people are called here, without spaces around it; empty where it can't be one.

    It holds nothing that can't be seen, and no word of letters from several alphabets that look alike.
    """
    name = name.strip()
    shown = name.isprintable() and len(name) <= LONGEST_NAME and not _BLANK.search(name)
    mixed = any(len(_ALPHABETS & {_alphabet(sign) for sign in word}) > 1 for word in re.findall(r"\w+", name))
    return name if shown and not mixed and likeness(name) not in (SIGN_IN, NOBODY) else ""


def likeness(name: str) -> str:
    """What two names share that differ in case or in how Unicode spells them: `Ana`, `ana` and `Ａｎａ`."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def _alphabet(sign: str) -> str:
    return unicodedata.name(sign, "").partition(" ")[0]


def networks(stated: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Addresses and networks as such; `UserError` for what is neither."""
    try:
        return [ipaddress.ip_network(each) for each in stated]
    except ValueError as e:
        raise UserError(f"A proxy is stated by its address or network, like 10.0.0.7 or 10.0.0.0/24; {e}.") from e


def _within(path: str, folders: Sequence[str]) -> bool:
    """Whether a path leads into one of the folders once its links are followed, or an address into a bucket."""
    if "://" in path:
        plain = path.partition("?")[0]
        inside = ".." not in re.split(r"[/\\]", unquote(plain))
        return inside and any(plain == each.rstrip("/") or plain.startswith(each.rstrip("/") + "/") for each in folders)
    if "\0" in path:
        return False
    fixed = Path(path)
    if glob.has_magic(path) and not os.path.lexists(path):
        magic = next(place for place, part in enumerate(fixed.parts) if glob.has_magic(part))
        if ".." in fixed.parts[magic:]:
            return False
        fixed = Path(*fixed.parts[:magic])
    target = fixed.resolve()
    return any(target.is_relative_to(Path(each).resolve()) for each in folders if "://" not in each)
