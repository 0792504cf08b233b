"""An OpenID provider on the loopback network: discovery, keys, the code flow with PKCE, claims, and its own sign-out."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "triage", "a secret of the client's"


@dataclass
class OpenIdProvider:
    """Signs everybody in without a word: as whom `person` says."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}, private=True))
    person: dict[str, Any] = field(default_factory=dict)
    """The claims of who sits at the provider's own page."""
    tampering: dict[str, Any] = field(default_factory=dict)
    """Claims that its next tokens get in the place of the true ones."""
    in_token: bool = True
    """Whether the token itself carries the person's claims, or only the address for them does."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """What each browser was sent here with."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """What it publishes of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }

    def document(self, path: str) -> dict[str, Any]:
        """What stands at one of its addresses."""
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False)]}
        return self.person if path == "/userinfo" else self.metadata()

    def signed(self, claims: dict[str, Any]) -> str:
        """A token with these claims beside those that each one has."""
        common = {"iss": self.issuer, "aud": CLIENT, "iat": int(time.time()), "exp": int(time.time()) + 300}
        return jwt.encode({"alg": "RS256", "kid": "1"}, common | claims | self.tampering, self.key)

    def authorize(self, query: dict[str, str]) -> str:
        """The address that a browser is sent back to."""
        self.asked.append(query)
        code = secrets.token_hex(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens for a code, used once, by the client that proves who it is and that it began the flow."""
        asked = self.codes.pop(form.get("code", ""), None)
        expected = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
        if (
            asked is None
            or authorization not in (expected, plain)
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge.rstrip("=") != asked["code_challenge"]
        ):
            return None
        claims = {"nonce": asked["nonce"], "sub": self.person["sub"]} | (self.person if self.in_token else {})
        return {
            "access_token": "an access token",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.signed(claims),
        }


@contextmanager
def openid_provider() -> Iterator[OpenIdProvider]:
    """One that listens for as long as it is needed."""
    provider: OpenIdProvider

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/authorize":
                self._answer(302, {}, ("Location", provider.authorize(query)))
            elif parts.path == "/end":
                self._answer(302, {}, ("Location", query["post_logout_redirect_uri"]))
            else:
                self._answer(200, provider.document(parts.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            tokens = provider.token(form, self.headers.get("Authorization", ""))
            self._answer(200 if tokens else 400, tokens or {"error": "invalid_grant"})

        def _answer(self, status: int, body: dict[str, Any], *headers: tuple[str, str]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(content)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()
