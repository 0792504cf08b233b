"""What a stranger may write takes a time that grows with its length, whatever it is made of: no text holds a server up.

Each of these took minutes at this length, or a time that grew with its square.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.talk import talk, user
from workbench.clusters.topic_words import without_markup
from workbench.conversation import Conversation, Turn
from workbench.conversation.masked import masked
from workbench.conversation.outcome import derive
from workbench.conversation.people import people
from workbench.conversation.tool_errors import tool_error
from workbench.failures.signals import BotNorms, Observed
from workbench.failures.signals.user import user_repeats
from workbench.logs.spans.judges import _ESCAPES
from workbench.logs.values.left_out import looks_like_words
from workbench.logs.values.normalise import parse_json
from workbench.logs.values.records import BadValue
from workbench.text.masking import mask

LONG = 100_000
SECONDS = 3.0
"""Of the processor, many times what each takes; the square of the length takes far more."""


def said(role: str, text: str) -> Conversation:
    """A conversation of one message."""
    return Conversation("c", "bot", [Turn(0, role, text)])


def observed(text: str) -> Observed:
    """What signals see of a user who said only this."""
    conversation = talk(user(text))
    return Observed(conversation, BotNorms(conversations=100), derive(conversation, (), []), [])


def names(count: int) -> str:
    """So many first names, none twice, in a tool's result."""
    letters = "abcdefghij"
    spelled = ("".join(letters[int(digit)] for digit in f"{n:05}") for n in range(count))
    return "{" + ", ".join(f'"first_name": "N{name}"' for name in spelled) + "}"


def refused(read: Callable[[], object]) -> None:
    """Do what is refused in the end."""
    with pytest.raises(BadValue):
        read()


def many_names() -> Any:
    """A conversation with thousands of names, which the bot writes small and large."""
    listed = names(LONG // 25)
    spoken = listed.replace('"first_name": "N', "n").replace('"', "")
    return masked(
        Conversation("c", "bot", [Turn(0, "tool", listed), Turn(1, "assistant", spoken), Turn(2, "user", listed)])
    )


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: mask("burgerservicenummer 1" + '"' * LONG), id="quotes behind the name of an id"),
        pytest.param(lambda: mask("date of birth 1" + '"' * LONG), id="quotes behind the name of a birth date"),
        pytest.param(lambda: people(said("assistant", "Hi" + " " * LONG)), id="blanks behind a greeting"),
        pytest.param(lambda: people(said("assistant", "customer" + " " * LONG)), id="blanks behind a form of address"),
        pytest.param(lambda: tool_error(Turn(0, "tool", "." * LONG + "error")), id="dots before an error"),
        pytest.param(many_names, id="thousands of names"),
        pytest.param(lambda: mask("{a@b.example.com " + "1" * LONG + "x}"), id="digits that are no number of JSON"),
        pytest.param(lambda: list(user_repeats(observed("a\n" + "\n" * LONG))), id="blank lines"),
        *(
            pytest.param(lambda begun=begun: looks_like_words(begun * LONG), id=f"HTML that nothing closes: {begun}")
            for begun in ("<a", "<!--", "</", "<![CDATA[", "<a b='", "<img alt=")
        ),
        pytest.param(lambda: without_markup("[" * LONG), id="brackets"),
        pytest.param(lambda: mask('"name": 1 "zip" :' + "\\" * LONG), id="backslashes before a field"),
        pytest.param(lambda: _ESCAPES.sub("", "\\" * LONG), id="backslashes"),
        pytest.param(
            lambda: refused(lambda: parse_json("{" + ",".join(f'"k{n}": 1' for n in [*range(LONG // 8), 12_499]) + "}", None)),
            id="a key that stands twice among thousands",
        ),
    ],
)  # fmt: skip
def test_a_long_text_takes_no_longer_than_its_length(read: Callable[[], object]) -> None:
    started = time.process_time()
    read()
    assert time.process_time() - started < SECONDS
