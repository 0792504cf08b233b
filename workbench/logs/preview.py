"""See before you commit: what an import would take in, how it was understood, and what the log can't tell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from pathlib import Path

from workbench.conversation import Conversation, Document, ToolCall, Turn
from workbench.conversation.masked import masked
from workbench.conversation.outcome import FailRule, Outcome, derive
from workbench.conversation.roles import is_system
from workbench.logs.fields import sample
from workbench.logs.gaps import Lack, lacks
from workbench.logs.manifest import Manifest
from workbench.logs.parts import read_part, read_rejects
from workbench.logs.values.json_object import JsonObject
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.text.masking import mask

EXAMPLES = 20
REJECTS = 20
TURNS = 40
DOCUMENTS = 10
SIGNS = 2_000
JUDGING = ("reward", "feedback_score", "outcome", "channel")
"""The columns of ours that a rule of `fails_when` is likely to look at; the others are the log's own, kept as metadata."""
COLUMNS, VALUES, VALUE_SIGNS = 200, 6, 40
_SIGNS_ON_A_LINE = 160
_TURNS_IN_TEXT = 6


def preview(folder: Path, manifest: Manifest, blind_signals: Callable[[Lack], Sequence[str]]) -> JsonObject:
    """The JSON of `import --dry-run` for a part that was just read; log text in it is masked and cut.

    `examples` are up to twenty conversations drawn by the hash of their key, `outcomes` counts conversations by how they ended
    and by where that is known from, `fails_when` lists the rules with the number of conversations that they can judge,
    `columns` what else a rule could look at, with how many conversations have it and some values. `blind_signals` gives
    the codes that can't fire without what is lacking.
    """
    drawn: list[tuple[str, int, JsonObject]] = []
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    judged: Counter[str] = Counter()
    columns: dict[str, _Column] = {}
    rules = manifest.rules
    for n, conversation in enumerate(read_part(folder)):
        outcome = derive(conversation, rules)
        outcomes[outcome.value][_origin(outcome, rules)] += 1
        judged.update(rule.column for rule in rules if rule.fails(rule.value(conversation)) is not None)
        _note_columns(conversation, columns)
        if len(drawn) < EXAMPLES or conversation.key < drawn[-1][0]:
            drawn = sorted([*drawn, (conversation.key, n, _example(conversation, outcome))], key=itemgetter(0))[
                :EXAMPLES
            ]
    return {
        "dry_run": True,
        **_account(manifest, blind_signals),
        "fails_when": [
            {"column": rule.column, "rule": rule.condition, "conversations": judged[rule.column]} for rule in rules
        ],
        "columns": [
            {"column": name, "conversations": column.conversations, "values": list(column.values)}
            for name, column in columns.items()
        ],
        "outcomes": [
            {"outcome": value, "from": origin, "conversations": count}
            for value, origins in sorted(outcomes.items(), key=lambda item: -item[1].total())
            for origin, count in origins.most_common()
        ],
        "rejects": [
            asdict(reject) | {"file": mask(reject.file), "reason": mask(reject.reason), "value": _text(reject.value)}
            for reject in read_rejects(folder)[:REJECTS]
        ],
        "examples": [example for _, _, example in sorted(drawn, key=itemgetter(1))],
    }


def _account(manifest: Manifest, blind_signals: Callable[[Lack], Sequence[str]]) -> JsonObject:
    """What became of the files and rows, and what the log lacks: the part of the JSON that the manifest knows."""
    return {
        **{name: getattr(manifest, name) for name in ("conversations", "turns", "rows_read", "rows_kept")},
        **{name: getattr(manifest, name) for name in ("rows_rejected", "rows_duplicate", "duplicates")},
        "rejected": manifest.rows_rejected,
        "refused": [{name: mask(text) for name, text in each.items()} for each in manifest.refused],
        "format": manifest.format,
        "files": [
            {"file": mask(file["name"]), "format": file["format"], "why": file["why"], "rows": file["rows"]}
            for file in manifest.files
        ],
        "notes": list(map(mask, manifest.notes)),
        "roles": manifest.roles,
        "gaps": [
            {"gap": lack.gap.title, "share": lack.share, "blind": lack.blind, "silent": list(blind_signals(lack))}
            for lack in lacks(manifest.gaps, manifest.roles)
        ],
    }


@dataclass
class _Column:
    """A column that a rule can look at: how many conversations have it, and some of its values, each once."""

    conversations: int = 0
    values: dict[str, None] = field(default_factory=dict)


def _note_columns(conversation: Conversation, columns: dict[str, _Column]) -> None:
    own = {name: getattr(conversation, name) for name in JUDGING}
    for name, value in {**own, **conversation.metadata}.items():
        if not isinstance(value, str | int | float) or (name not in columns and len(columns) >= COLUMNS):
            continue
        column = columns.setdefault(name, _Column())
        column.conversations += 1
        if len(column.values) < VALUES:
            column.values[sample(name, value, VALUE_SIGNS)] = None


def _origin(outcome: Outcome, rules: Iterable[FailRule]) -> str:
    """Where an outcome is known from, without the value of this one conversation."""
    for rule in rules:
        if outcome.source.startswith(f"derived from {rule.column} "):
            return f"derived from {rule.column}" + " and no hand-over" * outcome.source.endswith(" and no hand-over")
    return outcome.source


def _example(conversation: Conversation, outcome: Outcome) -> JsonObject:
    conversation = masked(conversation)  # as a whole, which tells whose names it holds
    return {
        "conversation_id": _text(conversation.conversation_id),
        "bot": conversation.bot,
        "started_at": conversation.started_at and f"{conversation.started_at.isoformat()}Z",
        "release": conversation.release_name and _text(conversation.release_name),
        "outcome": outcome.value,
        "outcome_source": _text(outcome.source),
        "turns": len(conversation.turns),
        "messages": [_message(turn) for turn in conversation.turns[:TURNS]],
    }


def _message(turn: Turn) -> JsonObject:
    return {
        "role": turn.role,
        "name": turn.name,
        "content": _text(turn.content),
        "calls": [
            {"name": call.name, "arguments": _text(call.arguments), "answered_by": call.result_position}
            for call in turn.tool_calls
        ],
        "error": turn.error and _text(turn.error),
        "documents": [
            {
                "id": document.id,
                "title": document.title and _text(document.title),
                "text": document.text and _text(document.text),
            }
            for document in turn.retrieved[:DOCUMENTS]
        ],
    }


def as_conversation(example: JsonObject) -> Conversation:
    """An example of the JSON as a conversation again, masked and cut as it stands there, to be drawn like any other."""
    return Conversation(
        example["conversation_id"],
        example["bot"],
        [
            Turn(
                position,
                message["role"],
                message["content"],
                name=message["name"],
                tool_calls=[
                    ToolCall(call["name"], call["arguments"], result_position=call["answered_by"])
                    for call in message["calls"]
                ],
                error=message["error"],
                retrieved=[Document(**document) for document in message["documents"]],
            )
            for position, message in enumerate(example["messages"])
        ],
    )


def _text(value: str) -> str:
    """Log text masked, and cut where it is long."""
    masked = mask(value[: 2 * SIGNS])
    return (
        masked if len(masked) <= SIGNS and len(value) <= 2 * SIGNS else f"{masked[:SIGNS]}… ({len(value):,} characters)"
    )


# --- for a terminal -------------------------------------------------------------------------------------------------


def in_words(result: JsonObject) -> str:
    """The JSON of a dry run as a person reads it."""
    lines = [
        "Nothing was imported: this is what would be.",
        f"{result['rows_read']:,} rows read: {result['rows_kept']:,} would be kept, {result['rows_rejected']:,} rejected, "
        f"{result['rows_duplicate']:,} already there. {formatting.count(result['conversations'], 'conversation')} with "
        f"{result['turns']:,} turns.",
        "",
        "Files",
        *(f"  {file['file']}: {file['rows']:,} rows, read as {file['format']}: {file['why']}" for file in result["files"]),
        *(f"  Refused {refused['file']}: {refused['reason']}" for refused in result["refused"]),
        *(f"  {note}" for note in result["notes"]),
    ]  # fmt: skip
    if result["rejects"]:
        lines += ["", "Rejected rows" + f" (the first {REJECTS})" * (result["rows_rejected"] > REJECTS)]
        lines += [f"  {each['file']}, row {each['row']}: {each['column'] or 'it'} {each['reason']}: {_line(each['value'])}" for each in result["rejects"]]  # fmt: skip
    if result["conversations"]:
        lines += ["", "How it ended", *map(_rule, result["fails_when"])]
        lines += [
            f"  {each['outcome']}: {formatting.count(each['conversations'], 'conversation')} ({each['from']})"
            for each in result["outcomes"]
        ]
        lines += ["", "What this log lacks", *map(_gap, result["gaps"])]
        lines += ["", f"{len(result['examples'])} of the conversations, as they will look"]
        lines += [line for example in result["examples"] for line in _shown(example)]
    return visible("\n".join(lines))


def _rule(rule: JsonObject) -> str:
    count = rule["conversations"]
    judges = (
        f"{formatting.count(count, 'conversation')} {'has' if count == 1 else 'have'} it"
        if count
        else "no conversation has it"
    )
    return f"  A conversation failed when {rule['column']} {rule['rule']}; {judges}."


def _gap(gap: JsonObject) -> str:
    silent = f" Can't fire there: {', '.join(gap['silent'])}." if gap["silent"] else ""
    return f"  {gap['gap']}: missing in {formatting.percent(gap['share'])}. {gap['blind']}{silent}"


def _shown(example: JsonObject) -> Iterable[str]:
    about = [
        example["bot"],
        example["started_at"],
        example["release"],
        f"{example['outcome']}: {example['outcome_source']}",
    ]
    yield ""
    yield f"  {example['conversation_id']} ({', '.join(part for part in about if part)})"
    spoken = [message for message in example["messages"] if not is_system(message["role"])]
    for message in spoken[:_TURNS_IN_TEXT]:
        words = " ".join([message["content"], *(f"→ {call['name']}({call['arguments']})" for call in message["calls"])])
        documents = f" [{len(message['documents'])} documents]" if message["documents"] else ""
        yield f"    {message['role']}: {_line(words)}{documents}"
    if len(spoken) > _TURNS_IN_TEXT:
        yield f"    … {example['turns']:,} turns in all"


def _line(text: str) -> str:
    line = " ".join(text.split()) or "(nothing)"
    return line if len(line) <= _SIGNS_ON_A_LINE else line[: _SIGNS_ON_A_LINE - 1] + "…"
