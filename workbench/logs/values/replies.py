"""One request to a model and its reply, in the words of any provider, as messages.

A request holds what was said so far (`messages`, `contents`, `input`, `prompt`) and the instructions (`system`); a reply is text, a
message, an answer around it (`choices`, `output`, `candidates`, `content` …), or the chunks in which it was streamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from workbench.conversation.roles import is_bot, is_user
from workbench.logs.values.chunks import assembled, events
from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.message_parts import first, is_call, kind_of
from workbench.logs.values.normalise import json_text, parse_json, text
from workbench.logs.values.records import BadValue

Message = JsonFields
_REPLIES = (
    *("response_body", "responseBody", "response", "choices", "completion", "reply", "output", "outputs", "answer"),
    *("generation", "assistant_response", "model_output", "output_text", "final_output"),
)
REPLIES = frozenset(_REPLIES)
"""Where the reply stands beside the messages: the first of these that holds one."""
_ASKED = (
    *("messages", "contents", "input", "prompt", "inputText", "input_messages", "question", "query"),
    *("queryInput", "query_input", "inputTranscript", "utterance", "text"),
)
_INSTRUCTIONS = ("system", "instructions", "systemInstruction", "system_instruction", "system_prompt")
_HOLDERS = (
    *("body", "json", "inputBodyJson", "outputBodyJson", "response", "response_body", "request", "request_body"),
    *("result", "data", "kwargs", "value"),
)
_TEXTS = (
    *("completion", "generation", "outputText", "output_text", "generated_text", "completions", "text", "answer"),
    *("reply", "content", "message", "response"),
)
_DEPTH = 4


def decoded(value: Any) -> Any:
    """What JSON text says; anything else, and text that only begins like JSON, as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return parse_json(value, None)
        except BadValue:
            return value
    return value


def request(value: Any, depth: int = 0) -> list[Message] | None:
    """The messages of a request, its instructions first; None where it holds none."""
    value = decoded(value)
    if isinstance(value, str):
        return [{"role": "user", "content": value}] if value.strip() else None
    if isinstance(value, list):
        return _asked(value)
    if not isinstance(value, Mapping) or depth > _DEPTH:
        return None
    for name in _ASKED:
        asked = decoded(value.get(name))
        if asked in (None, "", [], {}):
            continue
        messages = request(asked, depth + 1)
        if messages is not None:
            return [*_instructions(value, messages), *messages]
    if isinstance(value.get("role"), str):
        return [value]
    for name in _HOLDERS:
        if name in value and (messages := request(value[name], depth + 1)) is not None:
            return messages
    return None


def _asked(items: list[Any]) -> list[Message] | None:
    """A list of messages, of items, or of texts."""
    if items and all(isinstance(item, str) for item in items):
        return [{"role": "user", "content": item} for item in items]
    messages = [item for item in map(decoded, items) if isinstance(item, Mapping)]
    speak = any(message.get("role") or message.get("type") or message.get("from") for message in messages)
    return messages if speak and len(messages) == len(items) else None


def _instructions(value: JsonFields, messages: list[Message]) -> list[Message]:
    """What the model was told to be, where it stands beside the messages and not among them."""
    content = first(value, *_INSTRUCTIONS)
    if isinstance(content, Mapping):
        content = first(content, "parts", "text", "content")
    if content in (None, "", []) or any(message.get("role") in ("system", "developer") for message in messages):
        return []
    return [{"role": "system", "content": content}]


def reply(value: Any, depth: int = 0) -> list[Message] | None:
    """The messages of a reply: usually one; None where this is none."""
    value = decoded(value)
    if isinstance(value, str):
        streamed = events(value)
        if streamed is not None:
            return reply(streamed, depth + 1)
        return [{"role": "assistant", "content": value}] if value.strip() else None
    if depth > _DEPTH:
        return None
    if isinstance(value, list):
        return _of_list(value, depth)
    return _of_object(value, depth) if isinstance(value, Mapping) else None


def _of_list(items: list[Any], depth: int) -> list[Message] | None:
    items = [decoded(item) for item in items]
    joined = assembled(items)
    if joined is not None:
        return reply(joined, depth + 1)
    objects = [item for item in items if isinstance(item, Mapping)]
    if not objects or len(objects) < len(items):
        words = [item for item in items if isinstance(item, str)]
        return [{"role": "assistant", "content": "".join(words)}] if words and not objects else None
    if all(item.get("role") or _is_item(item) for item in objects):
        return objects
    if all("contentType" in item and isinstance(item.get("content"), str) for item in objects):  # Amazon Lex
        return [{"role": "assistant", "content": "\n".join(item["content"] for item in objects)}]
    if all(isinstance(item.get("text"), str) and isinstance(item.get("type"), str) for item in objects):
        return [{"role": "assistant", "content": objects}]
    if len(objects) > 1 and (name := next((each for each in _TEXTS if all(each in item for item in objects)), None)):
        pieces = [item[name] for item in objects]
        if all(isinstance(piece, str) for piece in pieces):  # a stream of pieces, by whichever name
            return _ended([{"role": "assistant", "content": "".join(pieces)}], objects[-1])
    return _of_object(objects[0], depth + 1)


def _is_item(item: JsonFields) -> bool:
    """Whether this is an item of OpenAI's Responses: a call, what it returned, or thoughts."""
    kind = kind_of(item) or ""
    return is_call(kind) or kind.endswith(("_call", "_output")) or kind in ("reasoning", "message")


_DIALOGUES = (
    *("responseMessages", "response_messages", "fulfillmentMessages", "fulfillment_messages", "fulfillmentText"),
    *("fulfillment_text", "generic", "text"),
)
"""Where platforms of dialogues have what the bot says: Dialogflow, Watson Assistant."""


def _of_platform(value: JsonFields) -> list[Message] | None:
    """The reply of a platform of dialogues: of several messages a line each; None where this is of none."""
    for name in ("queryResult", "query_result"):
        if isinstance(inner := value.get(name), Mapping):
            return _of_platform({each: inner[each] for each in _DIALOGUES if each in inner and each != "text"})
    for name in _DIALOGUES:
        held = value.get(name)
        if isinstance(held, str) and name.startswith("fulfillment") and held.strip():
            return [{"role": "assistant", "content": held}]
        if isinstance(held, list) and held and (lines := [words for item in held if (words := _line(item))]):
            return [{"role": "assistant", "content": "\n".join(lines)}]
    return None


def _line(item: Any) -> str:
    """What one message of a platform says: its text, which may lie in a list, or the words on its card."""
    if isinstance(item, str):
        return item.strip()
    if not isinstance(item, Mapping):
        return ""
    words = item.get("text")
    words = words.get("text") if isinstance(words, Mapping) else words
    if isinstance(words, list):
        return "\n".join(each.strip() for each in words if isinstance(each, str) and each.strip())
    return words.strip() if isinstance(words, str) else ""


def _of_object(value: JsonFields, depth: int) -> list[Message] | None:
    if isinstance(value.get("choices"), list):
        return _of_choices(value["choices"], value)
    if (spoken := _of_platform(value)) is not None:
        return spoken
    if _is_chunk(value) and (joined := assembled([value])) is not None:
        return reply(joined, depth + 1)
    if isinstance(value.get("role"), str) and any(name in value for name in ("content", "parts", "tool_calls")):
        return [value]
    for name in ("output", "outputs"):
        inner = decoded(value.get(name))
        if isinstance(inner, (list, Mapping)) and inner and (messages := reply(inner, depth + 1)) is not None:
            return _ended(messages, value)
    if isinstance(held := decoded(value.get("messages")), list) and held:
        spoken = [item for item in held if isinstance(item, Mapping)]
        own = [*takewhile(lambda item: not is_user(str(item.get("role"))), reversed(spoken))][::-1]
        if own and any(is_bot(str(item.get("role"))) for item in own):
            return own
    for name in ("message", "results", "generations"):
        inner = decoded(value.get(name))
        if isinstance(inner, (list, Mapping)) and inner and (messages := reply(inner, depth + 1)) is not None:
            return _ended(messages, value)
    content = value.get("content")
    if isinstance(content, list) and content:
        return _ended([{"role": "assistant", "content": content}], value)
    for name in _TEXTS:
        if isinstance(words := value.get(name), str) and words.strip():
            return _ended([{"role": "assistant", "content": words}], value)
    if isinstance(value.get("tool_calls"), list) and value["tool_calls"]:
        return _ended([{"role": "assistant", "content": None, "tool_calls": value["tool_calls"]}], value)
    for name in _HOLDERS:
        if name in value and (messages := reply(value[name], depth + 1)) is not None:
            return messages
    problem = failure(value)
    return None if problem is None else [{"role": "assistant", "content": None, "error": problem}]


def _is_chunk(value: JsonFields) -> bool:
    return isinstance(value.get("candidates"), list) or isinstance(value.get("done"), bool)


def _of_choices(choices: list[Any], answer: JsonFields) -> list[Message] | None:
    """The first choice, the words of the others beside it."""
    objects = [choice for choice in choices if isinstance(choice, Mapping)]
    if not objects:
        return None
    if any(isinstance(choice.get("delta"), Mapping) for choice in objects):
        joined = assembled([answer])
        return None if joined is None else [joined]
    chosen = dict(objects[0])
    message = chosen.get("message")
    if not isinstance(message, Mapping):
        message = {"role": "assistant", "content": first(chosen, "text", "content", "message")}
    ended = {"finish_reason": chosen["finish_reason"]} if chosen.get("finish_reason") else {}
    others = [inner.get("content") for other in objects[1:] if isinstance(inner := other.get("message"), Mapping)]
    return [{"role": "assistant", **message, **ended, **({"choices": others} if others else {})}]


def _ended(messages: list[Message], answer: JsonFields) -> list[Message]:
    """The messages, the last with why the answer ended, where that stands around it."""
    reason = first(
        answer, "finish_reason", "stop_reason", "stopReason", "finishReason", "completionReason", "done_reason"
    )
    last = messages[-1]
    if not isinstance(reason, str) or first(last, "finish_reason", "stop_reason", "finishReason") is not None:
        return messages
    return [*messages[:-1], {**last, "finish_reason": reason}]


def failure(answer: Any) -> str | None:
    """The words of an answer that is an error."""
    answer = decoded(answer)
    problem = answer.get("error") if isinstance(answer, Mapping) else None
    if isinstance(problem, Mapping):
        return text(problem.get("message")) or json_text(problem)
    return text(problem) if problem else None


def beside(fields: JsonFields, messages: list[Message]) -> tuple[str, list[Message]] | None:
    """The column in which the reply to these messages stands, with its messages; None where none holds one.

    Plain text is a reply only where nobody answered yet; a reply that is the last message already is none.
    """
    last = messages[-1] if messages else {}
    open_end = not is_bot(role if isinstance(role := last.get("role", last.get("from")), str) else None)
    for name in _REPLIES:
        value = decoded(fields.get(name))
        if value in (None, "", [], {}) or (isinstance(value, str) and not open_end):
            continue
        answer = reply({"choices": value} if name == "choices" else value)
        if answer is None:
            continue
        if not open_end and _alike(answer[-1], last):
            return name, []
        if not isinstance(value, str) or open_end:
            return name, answer
    return None


def _alike(answer: Message, last: Message) -> bool:
    """Whether a reply repeats the last message."""
    return first(answer, "content", "parts") == first(last, "content", "parts") and bool(
        answer.get("tool_calls")
    ) == bool(last.get("tool_calls"))
