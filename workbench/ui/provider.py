"""The OpenID provider that people sign in at: where it is, and what its claims say of a person here."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workbench.access import LOOPBACK, acceptable_name
from workbench.errors import Denied, UserError
from workbench.judgement.records.pod import ROLES

CLIENT_SECRET = "WORKBENCH_CLIENT_SECRET"
"""The variable with the client's secret; without one the workbench is a public client, which PKCE alone protects."""


@dataclass(frozen=True)
class Provider:
    """What `serve --sign-in FILE.toml` states."""

    issuer: str
    """The provider's address, under which it publishes /.well-known/openid-configuration."""
    client_id: str
    """What the provider calls the workbench."""
    address: str
    """Where people open the workbench, like https://triage.example."""
    name: str = "email"
    """The claim that names a person: unique, and not theirs to edit."""
    roles_from: str = ""
    """The claim that gives roles, with dots into objects, like realm_access.roles; empty: leads give them here."""
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The values of that claim for each role. Where viewers have some, whoever has none of all is not let in."""
    scope: str = "openid email profile"
    """What is asked of the provider."""
    hours: float = 10
    """How long a sign-in lasts."""

    @property
    def host(self) -> str:
        """The host name that people open it by."""
        return urlsplit(self.address).hostname or ""

    @property
    def secure(self) -> bool:
        """Whether it is opened over TLS."""
        return self.address.startswith("https://")

    def person(self, claims: Mapping[str, Any]) -> tuple[str, str | None]:
        """The name and the role (None: none is given) of who signed in; `Denied` with what their claims lack."""
        stated = _claim(claims, self.name)
        name = acceptable_name(str(stated)) if isinstance(stated, str | int) and stated else ""
        if not name:
            raise Denied(f"Your sign-in gives no usable {self.name!r}, which says who you are here.")
        unverified = str(claims.get("email_verified", True)).lower() == "false"  # some providers send it as text
        if self.name == "email" and unverified:
            raise Denied("Your sign-in says that your e-mail address isn't verified, so it is no proof of who you are.")
        if not self.roles_from:
            return name, None
        given = _claim(claims, self.roles_from)
        values = {str(value) for value in (given if isinstance(given, list) else [given])}
        role = next((role for role in reversed(ROLES) if values & set(self.roles.get(role, ()))), None)
        if role is None and self.roles.get("viewer"):
            raise Denied(f"{name} has none of the groups that are let in here. Ask whoever looks after your accounts.")
        return name, role

    def lacks(self, claims: Mapping[str, Any]) -> bool:
        """Whether the claims say too little, so that the provider is asked for more."""
        wanted = [self.name, *([self.roles_from] if self.roles_from else [])]
        return any(_claim(claims, claim) is None for claim in wanted)


def read_provider(file: Path) -> Provider:
    """What a TOML file states of a provider; `UserError` names what is wrong in it."""
    try:
        stated = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as e:
        raise UserError(f"{file}: can't be read as TOML ({e}).") from e
    unknown = set(stated) - set(Provider.__dataclass_fields__)
    if unknown:
        raise UserError(
            f"{file}: {', '.join(sorted(unknown))} is nothing that a sign-in has. It has {', '.join(Provider.__dataclass_fields__)}; "
            f"the client's secret comes by the variable {CLIENT_SECRET}."
        )
    missing = [name for name in ("issuer", "client_id", "address") if not stated.get(name)]
    if missing:
        raise UserError(f"{file}: {', '.join(missing)} is missing.")
    roles = stated.pop("roles", {})
    texts = {name: value for name, value in stated.items() if name != "hours"}
    if not isinstance(roles, dict) or not all(isinstance(value, str) for value in texts.values()):
        raise UserError(f"{file}: every value is a text, but hours (a number) and [roles] (lists of texts).")
    if not set(roles) <= set(ROLES) or not all(isinstance(values, list) for values in roles.values()):
        raise UserError(f"{file}: [roles] lists the values of the claim for {', '.join(ROLES)}.")
    if bool(roles) != bool(stated.get("roles_from")):
        raise UserError(f"{file}: roles_from (the claim) and [roles] (its values) go together.")
    hours = stated.get("hours", 1)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 720:
        raise UserError(f"{file}: hours is how long a sign-in lasts, up to 720; got {hours!r}.")
    for name in ("issuer", "address"):
        _require_address(file, name, stated[name])
    return Provider(**stated, roles={role: tuple(map(str, values)) for role, values in roles.items()})


def client_secret() -> str | None:
    """The client's secret; None for a public client."""
    return os.environ.get(CLIENT_SECRET) or None


def _require_address(file: Path, name: str, address: str) -> None:
    parts = urlsplit(address)
    plain = parts.scheme == "http" and (parts.hostname in LOOPBACK or (parts.hostname or "").startswith("127."))
    if not parts.hostname or not (parts.scheme == "https" or plain):
        raise UserError(f"{file}: {name} is an address like https://login.example; got {address!r}.")
    if name == "address" and (parts.path.strip("/") or parts.query):
        raise UserError(f"{file}: the workbench is served at the root of its host; address has a path: {address!r}.")


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    if path in claims:
        return claims[path]  # some providers name claims by address, which has dots
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
