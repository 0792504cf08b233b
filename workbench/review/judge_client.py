"""A judge asked over the network: any endpoint that speaks OpenAI's chat completions, which the user runs or pays."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from workbench.errors import UserError

KEY_VARIABLE = "WORKBENCH_JUDGE_KEY"
"""The variable that holds the endpoint's key, where it wants one; it is never written anywhere."""
ANSWER_TOKENS = 400
"""Tokens that an answer may have."""
_ATTEMPTS, _BACKOFF, _LONGEST_WAIT = 4, 1.0, 60.0
_AGAIN = (408, 429, 500, 502, 503, 504)
_QUOTED = 200


@dataclass(frozen=True)
class Reply:
    """What an endpoint answered."""

    text: str
    """The words of its message."""
    tokens: int | None
    """Tokens that it counts, of question and answer; None where it does not say."""


@dataclass(frozen=True)
class Endpoint:
    """Where a judge is asked."""

    url: str
    """The address of its API, like http://127.0.0.1:8000/v1."""
    model: str
    """The model, as the endpoint names it."""
    timeout: float = 120.0
    """Seconds that an answer may take."""
    backoff: float = _BACKOFF
    """Seconds of the first wait before it is asked again; each wait is twice as long as the one before."""
    _pool: Any = field(default=None, repr=False)

    @classmethod
    def open(cls, url: str, model: str, timeout: float = 120.0, backoff: float = _BACKOFF) -> Endpoint:
        """An endpoint that can be asked; `UserError` for an address that is none, or that holds a password."""
        import urllib3

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(f"{url!r} is no address of an endpoint. Give one like http://127.0.0.1:8000/v1.")
        if parts.username or parts.password:
            raise UserError(f"The address holds a password. Leave it out, and set {KEY_VARIABLE} instead.")
        path = parts.path.rstrip("/")
        if not path.endswith("/chat/completions"):
            path += "/chat/completions"
        address = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
        return cls(address, model, timeout, backoff, urllib3.PoolManager())

    @property
    def host(self) -> str:
        """Where texts go."""
        return urlsplit(self.url).netloc

    def ask(self, prompt: str, text: str) -> Reply:
        """One answer, always with the same sampling. Asked again where the endpoint is busy; a redirect is not followed.

        Raises `UserError` with what it said where it refuses, can't be reached, or answers something else.
        """
        import urllib3

        body = {
            "model": self.model,
            "temperature": 0,
            "max_tokens": ANSWER_TOKENS,
            "messages": [{"role": "system", "content": prompt}, {"role": "user", "content": text}],
        }
        key = os.environ.get(KEY_VARIABLE)
        retries = urllib3.Retry(
            total=_ATTEMPTS,
            redirect=0,
            status_forcelist=_AGAIN,
            allowed_methods=None,
            backoff_factor=self.backoff,
            backoff_max=_LONGEST_WAIT,
            raise_on_status=False,
            raise_on_redirect=False,
        )
        try:
            response = self._pool.request(
                "POST",
                self.url,
                json=body,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=urllib3.Timeout(connect=10.0, read=self.timeout),
                retries=retries,
            )
        except urllib3.exceptions.HTTPError as e:
            raise UserError(f"{self.host} can't be asked ({e}). Is it running, and is the address right?") from e
        if response.status != 200:
            what = response.data[:_QUOTED].decode("utf-8", "replace")
            advice = (
                f"Set {KEY_VARIABLE} to its key."
                if response.status in (401, 403)
                else "Check the address and the model's name."
            )
            raise UserError(f"{self.host} answers {response.status} to the model {self.model!r}: {what!r}. {advice}")
        return _reply(response.data, self.host)


def _reply(data: bytes, host: str) -> Reply:
    try:
        answer = json.loads(data)
        text = answer["choices"][0]["message"]["content"] or ""
        counted = (answer.get("usage") or {}).get("total_tokens")
        return Reply(str(text), counted if isinstance(counted, int) else None)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as e:
        what = data[:_QUOTED].decode("utf-8", "replace")
        raise UserError(
            f"{host} does not speak OpenAI's chat completions; it answers {what!r}. Check the address."
        ) from e
