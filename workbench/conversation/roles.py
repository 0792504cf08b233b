"""Who speaks: the side that a logged role stands for, whatever a log calls it. The role itself stays as logged."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Side = Literal["user", "bot", "tool", "system"]

_WORDS: dict[Side, str] = {
    "user": "user human customer cust client visitor guest caller consumer enduser prompter humanmessage usermessage contact",
    "bot": "assistant bot ai model chatbot llm gpt chatgpt bing bard claude gemini copilot"
    " agentbot botmessage assistantmessage apimessage machine aiassistant virtualassistant virtualagent aiagent aimessage toolcall toolcalls toolcallinvocation",
    "tool": "tool function observation ipython toolresult toolresponse tooloutput toolmessage"
    " functionresult functionresponse functionoutput functioncalloutput functionmessage toolcallresult toolcallresponse",
    "system": "system developer systemmessage",
}
"""Without `agent`, which is the bot in one log and the person who took over from it in another."""
_SIDES = {word: side for side, words in _WORDS.items() for word in words.split()}
_BETWEEN = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def side_of(role: str | None) -> Side | None:
    """Whose words a turn of this role holds, None for a role that nobody here knows; `Tool-Result` is `tool_result`."""
    return _SIDES.get(_BETWEEN.sub("", role.lower())) if role else None


def is_user(role: str | None) -> bool:
    """Whether the one who asks speaks."""
    return side_of(role) == "user"


def is_bot(role: str | None) -> bool:
    """Whether the bot speaks, or calls a tool."""
    return side_of(role) == "bot"


def is_tool(role: str | None) -> bool:
    """Whether this is what a call returned."""
    return side_of(role) == "tool"


def is_system(role: str | None) -> bool:
    """Whether this is what the bot was told to be, which nobody said."""
    return side_of(role) == "system"
