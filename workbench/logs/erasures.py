"""What was erased from a store, so that no later import brings it back: keyed digests that say nothing to whoever reads them.

erased.json     a secret of this store, and of each erasure the digests of the text that was forgotten and of the keys of the
                conversations that went; while an erasure is under way also the text itself, so that a crash can be made good
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from workbench.conversation import Conversation
from workbench.errors import UserError
from workbench.store import write_json

ERASED = "erased.json"
REASON = "was erased from this store on {day} and stays out; a lead can lift that with `forget TEXT --lift`, and import again"


@dataclass(frozen=True)
class Erasure:
    """One request to be forgotten."""

    erasure: str
    """Its id, E000001."""
    day: str
    """When, ISO date in UTC."""
    of: str
    """The digest of the text, in lower case: conversations of a user of that id stay out, too."""
    conversations: list[str] = field(default_factory=list)
    """The digests of the keys of the conversations that went."""
    text: str | None = None
    """The text, for as long as the erasure is under way; None once all of it is gone."""
    actor: str | None = None
    """Who asked for it, for as long."""

    @property
    def pending(self) -> bool:
        """Whether it is under way, or was interrupted."""
        return self.text is not None


@dataclass(frozen=True)
class Erasures:
    """All erasures of a store, by the order in which they were asked for."""

    secret: str
    """What the digests are keyed by, 64 hex digits."""
    all: tuple[Erasure, ...] = ()
    """Each of them."""

    @classmethod
    def of(cls, root: Path) -> Erasures:
        """Those of the store in this folder. Raises `UserError` where the file can't be read: then nothing may be imported."""
        try:
            raw = json.loads((root / ERASED).read_text("utf-8"))
            return cls(str(raw["secret"]), tuple(Erasure(**each) for each in raw["erasures"]))
        except FileNotFoundError:
            return cls(secrets.token_hex(32))
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise UserError(
                f"{root / ERASED} can't be read ({e}). It keeps what was erased from coming back. Restore that file from a "
                "copy of the store; without one delete it, and erased conversations can be imported again."
            ) from e

    def write(self, root: Path) -> None:
        """Keep this state in the store, readable by its owner alone."""
        write_json(root / ERASED, {"secret": self.secret, "erasures": [asdict(each) for each in self.all]})
        os.chmod(root / ERASED, 0o600)

    def digest(self, text: str) -> str:
        """The keyed digest of a text in lower case, 64 hex digits (HMAC-SHA-256, RFC 2104)."""
        folded = text.strip().casefold().encode("utf-8", "surrogatepass")
        return hmac.new(bytes.fromhex(self.secret), folded, hashlib.sha256).hexdigest()

    @property
    def pending(self) -> list[Erasure]:
        """Those under way."""
        return [each for each in self.all if each.pending]

    def begun(self, text: str, keys: Iterable[str], actor: str, day: str) -> tuple[Erasures, Erasure]:
        """With one more under way, or with an earlier one of the same text taken up again; and that."""
        of = self.digest(text)
        before = next((each for each in self.all if each.of == of), None)
        digests = sorted({*(before.conversations if before else ()), *map(self.digest, keys)})
        number = max((int(each.erasure[1:]) for each in self.all), default=0) + 1
        erasure = Erasure(before.erasure if before else f"E{number:06d}", day, of, digests, text, actor)
        return replace(self, all=(*(each for each in self.all if each.of != of), erasure)), erasure

    def done(self) -> Erasures:
        """With none under way any more."""
        return replace(self, all=tuple(replace(each, text=None, actor=None) for each in self.all))

    def lifted(self, text: str) -> Erasures:
        """Without what was asked for this text, so that it can be imported again; `UserError` where there is none."""
        left = tuple(each for each in self.all if each.of != self.digest(text))
        if len(left) == len(self.all):
            raise UserError(
                "Nothing was erased under this text. Give it as it was given then, a user's id or the whole name."
            )
        return replace(self, all=left)


class Banned:
    """Which conversations stay out of a store."""

    def __init__(self, erasures: Erasures) -> None:
        self._digest = erasures.digest
        self._keys = {digest: each for each in erasures.all for digest in each.conversations}
        self._users = {each.of: each for each in erasures.all}

    def reason(self, conversation: Conversation) -> str | None:
        """Why a conversation can't come in, as the reason of a reject; None where nothing speaks against it."""
        if not self._users:
            return None
        erasure = self._keys.get(self._digest(conversation.key))
        if erasure is None and conversation.user_id:
            erasure = self._users.get(self._digest(conversation.user_id))
        return REASON.format(day=erasure.day) if erasure else None
