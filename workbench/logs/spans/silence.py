"""What spans may say under names that nobody here knows, so that it goes without a word nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.logs.files.find import shown
from workbench.logs.spans.spans import Span
from workbench.logs.values.messages import Line
from workbench.text import formatting

_TALK = re.compile(
    "(prompt|message|input|output|completion|response|content|text|question|answer|query|reply)s?([._]|$)"
)
_NO_TALK = tuple(
    "exception. http. url. db. process. os. host. net. server. service. telemetry. user_agent. code.".split()
)
_SPEECH = re.compile(
    r"(?:prompt|message|input|output|completion|response|request|question|answer|query|reply|transcript)s?(?:_json|[._]text|[._]content)?$"
)
_SHOWN = 5
_FEWEST_WORDS = 3


@dataclass(frozen=True)
class Unread:
    """A tally of conversations of which spans hold text under these names."""

    names: tuple[str, ...]
    """The attributes that look like text."""

    def __call__(self, name: str, count: int) -> str:
        """The sentence for a file of this name."""
        return (
            f"{name}: in {formatting.count(count, 'conversation')} spans hold text under names that are not known here "
            f"({', '.join(self.names)}): it stands in no turn."
        )


def unread(spans: Sequence[Span], lines: Iterable[Line]) -> Unread | None:
    """What the spans of a conversation may say that stands in none of its `lines`; None where nothing does."""
    speakers = [span for span in spans if not span.documents and span.call is None]
    held = [(name, value) for span in speakers for name, value in span.attributes.items() if _is_speech(name, value)]
    if not held:
        return None
    spoken = " ".join(line.turn.content for line in lines)
    words = set(_words(spoken))
    names = dict.fromkeys(name for name, value in held if not words.issuperset(_words(value)))
    return Unread(tuple(shown(name[:80]) for name in [*names][:_SHOWN])) if names else None


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 1]


def _is_speech(name: str, value: Any) -> bool:
    """Whether an attribute is called like what is said, and reads so."""
    if name.startswith(_NO_TALK) or not isinstance(value, str) or not _SPEECH.search(name.lower()):
        return False
    return len([word for word in value.split() if any(map(str.isalpha, word))]) >= _FEWEST_WORDS


def silence(spans: Sequence[Span]) -> str:
    """Why these spans say nothing: what was said has unknown names, or was not logged."""
    names = {name: None for span in spans for name, value in span.attributes.items() if _looks_like_talk(name, value)}
    if not names:
        return "its spans hold no message: is the capture of inputs and outputs switched off?"
    listed = ", ".join(shown(name[:80]) for name in [*names][:5])
    return f"its spans hold no message under a name that is known here. These attributes look like text: {listed}"


def _looks_like_talk(name: str, value: Any) -> bool:
    if name.startswith(_NO_TALK) or not isinstance(value, str):
        return False
    words = [word for word in value.split() if word.isalpha()]
    return len(words) > 2 or (bool(_TALK.search(name.lower())) and (len(words) > 1 or value.startswith(("[", "{"))))
