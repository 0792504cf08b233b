"""Who is signed in on which browser: a signed cookie, good until it ends, its person signs out, or the provider says so.

Any process that serves the same store knows the same sign-ins, since they share its key and what has ended.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from workbench.errors import UserError
from workbench.store import Store

COOKIE_SECRET = "WORKBENCH_COOKIE_SECRET"
"""The variable with the key of the cookies, for processes that share no store that they can write."""
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class SignedIn:
    """One browser's sign-in."""

    key: str
    """A random word of its own."""
    name: str
    """Who signed in."""
    subject: str
    """The provider's own id of that person."""
    session: str
    """The provider's id of its session, where it names one."""
    began: float
    """Seconds since 1970."""
    ends: float
    """Seconds since 1970."""


@dataclass(frozen=True)
class SignIns:
    """The sign-ins of one store."""

    secret: str
    """What the cookies are signed with."""
    ended: Path
    """The folder that notes what ended before its time."""
    hours: float
    """How long a sign-in lasts."""
    clock: Callable[[], float] = time.time
    """What tells the time, in seconds since 1970."""
    _here: dict[str, float] = field(default_factory=dict)  # what ended, where the folder can't be written

    def begin(self, name: str, subject: str, session: str = "") -> str:
        """The cookie's value for a person whom the provider named."""
        now = self.clock()
        signed_in = SignedIn(secrets.token_hex(16), name, subject, session, now, now + self.hours * 3600)
        return str(self._serializer.dumps(astuple(signed_in)))

    def read(self, cookie: str) -> SignedIn | None:
        """Who a cookie stands for; None where it is forged, or its sign-in has ended."""
        try:
            signed_in = SignedIn(*self._serializer.loads(cookie))
        except (BadSignature, TypeError):
            return None
        return signed_in if self.stands(signed_in) else None

    def stands(self, signed_in: SignedIn) -> bool:
        """Whether a sign-in has not ended yet."""
        if self.clock() >= signed_in.ends:
            return False
        marks = [signed_in.key, _mark("session", signed_in.session), _mark("subject", signed_in.subject)]
        return all(self._ended_at(mark) < signed_in.began for mark in marks)

    def end(self, signed_in: SignedIn) -> None:
        """End one browser's sign-in."""
        self._note(signed_in.key)

    def end_all(self, subject: str = "", session: str = "") -> None:
        """End every sign-in of a person until now, or of one of the provider's sessions."""
        self._note(_mark("session", session) if session else _mark("subject", subject))

    @property
    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, "workbench.sign-in", signer_kwargs={"digest_method": hashlib.sha256})

    def _ended_at(self, mark: str) -> float:
        try:
            return (self.ended / mark).stat().st_mtime
        except OSError:
            return self._here.get(mark, 0.0)

    def _note(self, mark: str) -> None:
        now = self.clock()
        self._here[mark] = now
        with suppress(OSError):
            self.ended.mkdir(mode=0o700, exist_ok=True)
            (self.ended / mark).touch()
            os.utime(self.ended / mark, (now, now))
            for old in self.ended.iterdir():
                if old.stat().st_mtime < now - self.hours * 3600:
                    old.unlink(missing_ok=True)


def sign_ins_of(store: Store, hours: float) -> SignIns:
    """The sign-ins of a store; their key is the environment's, or lies in the store, made at the first start.

    Raises `UserError` for a key that is too short, or where none can be kept.
    """
    given = os.environ.get(COOKIE_SECRET, "")
    if given and len(given) < SHORTEST_SECRET:
        raise UserError(f"{COOKIE_SECRET} has {len(given)} characters; it takes {SHORTEST_SECRET} random ones.")
    return SignIns(given or _kept_secret(store.root / "cookies.key"), store.root / "signed-out", hours)


def _kept_secret(file: Path) -> str:
    with suppress(FileExistsError, OSError):
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump(secrets.token_hex(32), out)
    try:
        return str(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as e:
        raise UserError(f"The key of the sign-ins can't be kept in {file} ({e}). Name one by {COOKIE_SECRET}.") from e


def _mark(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode()).hexdigest()
