"""Signing in at an OpenID provider: the code flow with PKCE, back to the page that was asked for, and the ways out.

Authlib does the protocol (state, nonce, the token's signature and claims); here is where its answers go. Streamlit's own
st.login runs inside of a page, so that whoever isn't signed in already has a socket, and it forgets the page's address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from workbench.errors import Denied, WorkbenchError
from workbench.ui.provider import Provider, client_secret
from workbench.ui.sign_ins import SignedIn, SignIns

if TYPE_CHECKING:
    from authlib.integrations.starlette_client.apps import StarletteOAuth2App
    from starlette.types import Receive, Scope, Send

IN, BACK, OUT, ENDED, ELSEWHERE = "/sign-in", "/signed-in", "/sign-out", "/signed-out", "/signed-out-elsewhere"
"""Our own addresses: to the provider, back from it, out, the page after that, and where the provider says who left."""
_FLOW = "workbench_flow_"
_FLOW_SECONDS = 600
_PROVIDER_SECONDS = 10
_LONGEST_NOTICE, _FIELDS = 20_000, 8
"""Bytes and fields of what a provider sends when somebody signed out there."""
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"  # OpenID Connect Back-Channel Logout 1.0, 2.4
_ONE_KEY_SIGNS = ("HS", "none")
_log = logging.getLogger(__name__)


class SignInDesk:
    """The addresses of the sign-in, and who stands behind a browser's cookie."""

    def __init__(self, provider: Provider, sign_ins: SignIns, admit: Callable[[str, str | None], None]) -> None:
        self.provider = provider
        self.sign_ins = sign_ins
        self._admit = admit
        self._client = _client(provider)
        self._pages = {IN: self._to_provider, BACK: self._from_provider, OUT: self._sign_out, ENDED: self._ended}

    def answers(self, scope: Scope) -> bool:
        """Whether a request is for the sign-in itself."""
        return scope["type"] == "http" and scope["path"] in (*self._pages, ELSEWHERE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        page = self._pages.get(scope["path"]) if request.method == "GET" else None
        if scope["path"] == ELSEWHERE and request.method == "POST":
            page = self._ended_elsewhere
        answer = await page(request) if page else PlainTextResponse("Method not allowed\n", 405)
        answer.headers["cache-control"] = "no-store"
        await answer(scope, receive, send)

    def signed_in(self, cookies: dict[str, str]) -> SignedIn | None:
        """Who is signed in on the browser that sent these cookies."""
        return self.sign_ins.read(cookies.get(self._cookie, ""))

    def first_of_all(self, scope: Scope) -> Response:
        """The way to the provider and back to what was asked for, for a browser that opens a page unsigned."""
        query = scope.get("query_string", b"").decode("latin-1")
        asked = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"{IN}?{urlencode({'to': asked})}", 303, {"cache-control": "no-store"})

    async def _to_provider(self, request: Request) -> Response:
        session: dict[str, Any] = {}
        request.scope["session"] = session
        try:
            answer: Response = await self._client.authorize_redirect(request, self.provider.address + BACK)
            self._check_issuer()
        except Exception as e:  # whatever the provider's answer or the network makes of it
            _log.warning("The sign-in's provider can't be reached: %s", type(e).__name__)
            return _page(
                "The sign-in can't be reached", "The provider didn't answer as it should. Try again soon.", 503
            )
        (state,) = session
        flow = self._flows.dumps({"session": session, "to": _local(request.query_params.get("to", "/"))})
        self._set(answer, _FLOW + state[-16:], str(flow), _FLOW_SECONDS, BACK)
        return answer

    async def _from_provider(self, request: Request) -> Response:
        cookie = _FLOW + request.query_params.get("state", "")[-16:]
        try:
            flow = self._flows.loads(request.cookies.get(cookie, ""), max_age=_FLOW_SECONDS)
        except BadData:
            return _page(
                "This sign-in is over", "It took longer than ten minutes, or it began in another browser.", 400
            )
        request.scope["session"] = flow["session"]
        try:
            claims = await self._claims(request)
            name, role = self.provider.person(claims)
            await run_in_threadpool(self._admit, name, role)
        except Denied as e:
            return _page("You are not let in", str(e), 403)
        except WorkbenchError:
            _log.exception("A sign-in couldn't be kept")
            return _page("The sign-in failed on our side", "Who you are could not be kept. Try again soon.", 503)
        except Exception as e:  # a refusal of the provider's, a forged or late token, the network
            _log.warning("A sign-in was refused: %s", type(e).__name__)
            return _page("The sign-in failed", "The provider's answer was not one that can be trusted.", 400)
        answer = RedirectResponse(flow["to"], 303)
        value = self.sign_ins.begin(name, str(claims["sub"]), str(claims.get("sid", "")))
        self._set(answer, self._cookie, value, int(self.sign_ins.hours * 3600), "/")
        answer.delete_cookie(cookie, BACK)
        return answer

    async def _claims(self, request: Request) -> dict[str, Any]:
        token = await self._client.authorize_access_token(request, claims_options=self._options())
        claims = dict(token["userinfo"])
        if self.provider.lacks(claims) and self._client.server_metadata.get("userinfo_endpoint"):
            more = await self._client.userinfo(token=token)
            if more.get("sub") == claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
                claims = dict(more) | claims
        return claims

    async def _sign_out(self, request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("Another site's page can't sign you out.\n", 403)
        signed_in = self.signed_in(request.cookies)
        if signed_in:
            self.sign_ins.end(signed_in)
        answer = RedirectResponse(await self._provider_end() or ENDED, 303)
        answer.delete_cookie(self._cookie, "/", secure=self.provider.secure, httponly=True, samesite="lax")
        return answer

    async def _provider_end(self) -> str:
        """Where the provider ends its own session, too, and sends the browser back from; empty where it has none."""
        try:
            made = await self._client.create_logout_url(
                self.provider.address + ENDED, client_id=self.provider.client_id, state="out"
            )
        except Exception:  # it has no such address, or doesn't answer: signed out here all the same
            return ""
        return str(made["url"])

    async def _ended(self, request: Request) -> Response:
        return _page("You are signed out", "What you did is kept.", 200)

    async def _ended_elsewhere(self, request: Request) -> Response:
        """The provider says, behind the browser's back, who signed out there (OpenID Connect Back-Channel Logout 1.0)."""
        body = b""
        async for chunk in request.stream():  # whatever its length is said to be: nobody is signed in here
            body += chunk
            if len(body) > _LONGEST_NOTICE:
                return PlainTextResponse("Too long\n", 413)
        try:
            token = parse_qs(body.decode("latin-1"), max_num_fields=_FIELDS).get("logout_token", [""])[0]
            options = self._options() | {"iat": {"essential": True}, "events": {"essential": True}}
            claims = await self._client.parse_id_token({"id_token": token}, None, options, _logout_claims())
        except Exception as e:  # forged, late, for somebody else
            _log.warning("A notice of a sign-out was refused: %s", type(e).__name__)
            return PlainTextResponse("This logout token was not made for this app.\n", 400)
        self.sign_ins.end_all(str(claims.get("sub", "")), str(claims.get("sid", "")))
        return PlainTextResponse("")

    def _options(self) -> dict[str, dict[str, Any]]:
        return {
            "iss": {"essential": True, "value": self.provider.issuer},
            "aud": {"essential": True, "value": self.provider.client_id},
        }

    def _check_issuer(self) -> None:
        issuer = self._client.server_metadata.get("issuer", "")
        if issuer != self.provider.issuer:  # OpenID Connect Discovery 1.0, 4.3
            raise ValueError(f"it calls itself {issuer}")

    @property
    def _cookie(self) -> str:
        return "__Host-workbench_sign_in" if self.provider.secure else "workbench_sign_in"

    @property
    def _flows(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.sign_ins.secret, "workbench.flow")

    def _set(self, answer: Response, name: str, value: str, seconds: int, path: str) -> None:
        answer.set_cookie(name, value, seconds, path=path, secure=self.provider.secure, httponly=True, samesite="lax")


def _client(provider: Provider) -> StarletteOAuth2App:
    from authlib.integrations.starlette_client.apps import StarletteOAuth2App  # only where people sign in here
    from authlib.integrations.starlette_client.integration import StarletteIntegration

    class Client(StarletteOAuth2App):  # type: ignore[misc]
        async def load_server_metadata(self) -> dict[str, Any]:
            """The provider's metadata, without signatures that take no key or the client's own."""
            metadata: dict[str, Any] = await super().load_server_metadata()
            offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
            metadata["id_token_signing_alg_values_supported"] = [
                name for name in offered if not name.startswith(_ONE_KEY_SIGNS)
            ]
            return metadata

    secret = client_secret()
    return Client(
        StarletteIntegration("workbench"),
        "workbench",
        client_id=provider.client_id,
        client_secret=secret,
        server_metadata_url=provider.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": provider.scope,
            "timeout": _PROVIDER_SECONDS,
            "code_challenge_method": "S256",
            **({} if secret else {"token_endpoint_auth_method": "none"}),
        },
    )


def _logout_claims() -> type:
    from authlib.oauth2.claims import JWTClaims

    class LogoutToken(JWTClaims):  # type: ignore[misc]
        def validate(self, now: int | None = None, leeway: int = 0) -> None:
            """A token that says who left, for us, and that is no ID token."""
            super().validate(now, leeway)
            if _LOGOUT_EVENT not in self["events"] or "nonce" in self or not (self.get("sub") or self.get("sid")):
                raise ValueError("no logout token")

    return LogoutToken


def _local(address: str) -> str:
    """An address of ours, as it was asked for; / for one that leads elsewhere."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if inside and address.isprintable() and parts.path not in (IN, BACK, OUT, ENDED) else "/"


def _page(title: str, text: str, status: int) -> Response:
    body = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        "<body style='font-family:sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem'>"
        f"<h1 style='font-size:1.4rem'>{escape(title)}</h1><p>{escape(text)}</p><p><a href='{IN}'>Sign in</a></p>"
    )
    return HTMLResponse(body, status)
