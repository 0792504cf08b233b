"""What frameworks write under names of their own, put under those of the GenAI semantic conventions.

The AI SDK of Vercel (ai-sdk.dev, telemetry) and Pydantic AI (ai.pydantic.dev, logfire) log whole dialogues, the former
under `ai.*`, the latter as events or messages in JSON attributes. Others log what a span was given and what it gave under
names of their own that end alike (`langfuse.observation.input`, `gcp.vertex.agent.llm_request`): these are taken by their
ends. Attributes are nested here, as `nested` gives them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.conversation.roles import is_bot
from workbench.logs.spans.messages import dotted, first_of, take
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.message_parts import kind_of

SESSIONS = (
    *(
        f"ai.telemetry.metadata.{name}"
        for name in ("sessionId", "session_id", "conversationId", "threadId", "chatId", "langfuseSessionId")
    ),
    *(f"traceloop.association.properties.{name}" for name in ("conversation_id", "thread_id", "chat_id", "sessionId")),
    *("langfuse.session.id", "langwatch.thread.id", "gcp.vertex.agent.session_id", "gen_ai.thread.id"),
    *(f"langsmith.metadata.{name}" for name in ("session_id", "thread_id", "conversation_id")),
)
_AI = {
    "ai.model.id": "gen_ai.request.model",
    "ai.response.model": "gen_ai.response.model",
    "ai.response.finishReason": "gen_ai.response.finish_reasons",
    "ai.toolCall.name": "gen_ai.tool.name",
    "ai.toolCall.id": "gen_ai.tool.call.id",
    "ai.toolCall.args": "gen_ai.tool.call.arguments",
    "ai.toolCall.result": "gen_ai.tool.call.result",
    "ai.telemetry.metadata.userId": "user.id",
    "tool_arguments": "gen_ai.tool.call.arguments",
    "tool_response": "gen_ai.tool.call.result",
    "agent_name": "gen_ai.agent.name",
    "langfuse.user.id": "user.id",
    "langwatch.user.id": "user.id",
    "gcp.vertex.agent.user_id": "user.id",
    "traceloop.association.properties.user_id": "user.id",
    "langfuse.trace.name": "gen_ai.agent.name",
    "langfuse.observation.model.name": "gen_ai.request.model",
}
_GIVEN = re.compile(
    r"(?:^|[._])(?:inputs?|input_json|llm_request|tool_call_args|user_(?:transcript|input|message|query|prompt)|prompts?|question)$"
)
_GAVE = re.compile(
    r"(?:^|[._])(?:outputs?|output_json|llm_response|tool_response|responses?|response\.text|answer|completion|reply)$"
)
"""How the names end under which a framework of any kind logs what a span was given, and what it gave."""
_NOT_SPOKEN = ("gen_ai.", "http.", "url.", "db.", "rpc.", "messaging.", "process.", "openinference.", "metadata")
_WORDS_FOR_KINDS = {
    **dict.fromkeys(("generation", "llm", "chat", "chat_model", "completion"), "chat"),
    **dict.fromkeys(("agent", "workflow_agent"), "invoke_agent"),
    **dict.fromkeys(("tool", "function"), "execute_tool"),
    **dict.fromkeys(("retriever", "rag"), "retrieval"),
    **dict.fromkeys(("embedding", "embeddings"), "embeddings"),
    **dict.fromkeys(("evaluator", "evaluation"), "evaluation"),
}
_OPERATIONS = {
    **dict.fromkeys(("doGenerate", "doStream"), "chat"),
    **dict.fromkeys(("generateText", "streamText", "generateObject", "streamObject"), "invoke_agent"),
    **dict.fromkeys(("embed", "embedMany", "doEmbed"), "embeddings"),
    "toolCall": "execute_tool",
}
_WRAPPED = ("text", "json", "error-text", "error-json", "content")


def translate(attributes: JsonObject) -> None:
    """Move what a framework logged to where the conventions have it, unless something stands there already."""
    if isinstance(attributes.get("mlflow"), Mapping):
        _name_kind(attributes)
        for side in ("Input", "Output"):
            _move(attributes, f"traceloop.entity.{side.lower()}", take(attributes, f"mlflow.span{side}s"))
    if isinstance(attributes.get("ai"), Mapping):
        _name_operation(attributes)
        _move(attributes, "gen_ai.input.messages", [*_asked(attributes)])
        _move(attributes, "gen_ai.output.messages", [*_answered(attributes)])
    for name, ours in _AI.items():
        _move(attributes, ours, take(attributes, name))
    whole = [decoded(take(attributes, name)) for name in ("pydantic_ai.all_messages", "all_messages_events")]
    if any(whole):
        _move(attributes, "gen_ai.operation.name", "invoke_agent")
    events = decoded(attributes.get("events"))
    if isinstance(events, list) and any(map(_event_name, events)):
        whole.append(events)
        del attributes["events"]
    messages = next((value for value in whole if isinstance(value, list)), None)
    if messages is not None:
        heard, replied = _halves([*_messages(messages)])
        _move(attributes, "gen_ai.input.messages", heard)
        _move(attributes, "gen_ai.output.messages", replied or _final(take(attributes, "final_result")))
    else:
        _take_by_ends(attributes)


def _take_by_ends(attributes: JsonObject) -> None:
    """What a span was given and gave, by how the names end, and what kind it is by the word beside them."""
    leaves = [(name, value) for name, value in dotted(attributes) if not name.startswith(_NOT_SPOKEN)]
    for side, ends in (("input", _GIVEN), ("output", _GAVE)):
        held = [name for name, value in leaves if ends.search(name) and isinstance(decoded(value), (str, list, dict))]
        for name in held[:1]:
            value = decoded(take(attributes, name))
            wrapped = isinstance(value, Mapping) and value.keys() == {"type", "value"}
            _move(attributes, f"traceloop.entity.{side}", value["value"] if wrapped else value)
            if "llm_" in name:
                _move(attributes, "gen_ai.operation.name", "chat")
            for about in ("type", "kind"):
                word = take(attributes, f"{name.rpartition('.')[0]}.{about}")
                word = word or take(attributes, f"{name.partition('.')[0]}.span.{about}")
                _move(attributes, "gen_ai.operation.name", _WORDS_FOR_KINDS.get(str(word).lower()))


def _name_kind(attributes: JsonObject) -> None:
    """The type of a span of MLflow, which stands as JSON text: a model's call, a tool, an agent, else a step."""
    kind = str(decoded(take(attributes, "mlflow.spanType"))).upper()
    if kind in ("LLM", "CHAT_MODEL"):
        _move(attributes, "gen_ai.operation.name", "chat")
    elif kind in ("TOOL", "AGENT"):
        _move(attributes, "traceloop.span.kind", kind.lower())


def _move(attributes: JsonObject, name: str, value: Any) -> None:
    """Put a value under a dotted name where there is none yet."""
    if value in (None, "", []):
        return
    *path, last = name.split(".")
    place = attributes
    for step in path:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = place[step] = {"": inner}
        place = inner
    if place.get(last) in (None, "", []):
        place[last] = value


# --- the AI SDK of Vercel -------------------------------------------------------------------------------------------


def _name_operation(attributes: JsonObject) -> None:
    operation = take(attributes, "ai.operationId")
    name = operation.rpartition(".")[2] if isinstance(operation, str) else None
    _move(attributes, "gen_ai.operation.name", _OPERATIONS.get(name or ""))


def _asked(attributes: JsonObject) -> Iterator[Any]:
    """The messages of a call; the outermost span has them, or a text, inside its prompt."""
    whole = decoded(take(attributes, "ai.prompt.messages"))
    beside = isinstance(attributes["ai"].get("prompt"), dict) if "ai" in attributes else False
    prompt = decoded(take(attributes, "ai.prompt." if beside else "ai.prompt"))
    inner = prompt if isinstance(prompt, Mapping) else {"prompt": prompt}
    whole = whole if isinstance(whole, list) else decoded(inner.get("messages"))
    if isinstance(inner.get("system"), str):
        yield {"role": "system", "content": inner["system"]}
    if isinstance(whole, list):
        yield from map(_message, whole)
    elif isinstance(inner.get("prompt"), str):
        yield {"role": "user", "content": inner["prompt"]}
    elif isinstance(inner.get("prompt"), list):
        yield from map(_message, inner["prompt"])


def _message(message: Any) -> Any:
    """A message whose results of tools stand as they are, not wrapped as `{type, value}`."""
    parts = message.get("content") if isinstance(message, Mapping) else None
    return {**message, "content": [_part(part) for part in parts]} if isinstance(parts, list) else message


def _part(part: Any) -> Any:
    output = part.get("output") if isinstance(part, Mapping) and kind_of(part) == "tool_result" else None
    if isinstance(output, Mapping) and "value" in output and output.get("type") in _WRAPPED:
        return {**part, "output": output["value"], "is_error": str(output["type"]).startswith("error")}
    return part


def _answered(attributes: JsonObject) -> Iterator[Any]:
    words = first_of([take(attributes, f"ai.response.{name}") for name in ("text", "object")])
    calls = decoded(take(attributes, "ai.response.toolCalls"))
    thought = take(attributes, "ai.response.reasoning")
    if words is not None or calls:
        thoughts = [{"type": "reasoning", "text": thought}] if isinstance(thought, str) else []
        text = words if isinstance(words, str) or words is None else str(words)
        logged_calls = calls if isinstance(calls, list) else []
        called = [{**call, "type": "tool_call"} for call in logged_calls if isinstance(call, Mapping)]
        yield {
            "role": "assistant",
            "content": [*thoughts, *([{"type": "text", "text": text}] if text else []), *called],
        }


# --- Pydantic AI ----------------------------------------------------------------------------------------------------


def _event_name(item: Any) -> str | None:
    """What an event is called: as an attribute that is no JSON text, its dots lead into objects."""
    if not isinstance(item, Mapping):
        return None
    inner = item.get("event")
    name = inner.get("name") if isinstance(inner, Mapping) else item.get("event.name")
    return name if isinstance(name, str) else None


def _messages(items: list[Any]) -> Iterator[Any]:
    """Messages as they are, events as the messages that they tell of."""
    for item in items:
        name = _event_name(item)
        if name is None:
            yield item
        elif name == "gen_ai.choice":
            message = item.get("message")
            yield {"role": "assistant", **(message if isinstance(message, Mapping) else {"content": message})}
        else:
            body = {key: value for key, value in item.items() if "." not in key and key not in ("event", "gen_ai")}
            role = str(body.get("role") or name.split(".")[1 if "." in name else 0])
            yield {"content": "", **body, "role": role, **({"tool_call_id": body.get("id")} if role == "tool" else {})}


def _halves(messages: list[Any]) -> tuple[list[Any], list[Any]]:
    """What was heard, and what the bot said to it at the end."""
    end = len(messages)
    while end and isinstance(messages[end - 1], Mapping) and is_bot(str(messages[end - 1].get("role"))):
        end -= 1
    return messages[:end], messages[end:]


def _final(result: Any) -> list[Any]:
    return [] if result in (None, "") else [{"role": "assistant", "content": result}]
