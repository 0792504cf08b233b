"""Where the messages of a log lie that no reader knows: what a refusal proposes is a mapping that works once it is completed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths
from workbench.errors import UserError

ASKED, ANSWERED = "Where is parcel nine?", "It arrives on Tuesday."
PHRASES = [
    {"text": ASKED, "participantPurpose": "external", "startTimeMs": 1772442000100},
    {"text": ANSWERED, "participantPurpose": "internal", "startTimeMs": 1772442003000},
]
GENESYS = {"conversationId": "g2", "mediaType": "call", "transcripts": [{"transcriptId": "t", "phrases": PHRASES}]}
COMMENTS = [
    {"id": 1, "author_id": 11, "body": ASKED, "created_at": "2026-03-02T09:00:00Z"},
    {"id": 2, "author_id": 22, "body": ANSWERED, "created_at": "2026-03-02T09:05:00Z"},
]
ZENDESK = {"ticket": {"id": 35, "subject": "Parcel"}, "comments": COMMENTS}
TELEGRAM = {
    "chats": {
        "list": [
            {
                "id": 777,
                "type": "bot_chat",
                "messages": [
                    {"id": 2, "type": "message", "date": "2026-03-02T09:00:00", "from": "Ann", "text": ASKED},
                    {"id": 3, "type": "message", "date": "2026-03-02T09:00:03", "from": "Parcel bot", "text": ANSWERED},
                ],
            }
        ]
    }
}


def completed(refusal: str) -> str:
    """The mapping that a refusal proposes, as a file: the first speaker is the user, the other the bot."""
    (told,) = re.findall(r"with a mapping: (layout = .*?)\. Where user or assistant stands", refusal)
    sides = iter(("user", "assistant"))
    told = re.sub('"user or assistant"', lambda _: f'"{next(sides)}"', told)
    return re.sub(r'(\]|"), (?=[\["\w])', r"\1\n", re.sub(r"(\[\w+\]) ", r"\1\n", told))


def said(log: Imported) -> tuple[str, list[tuple[str, str]]]:
    return log.only.conversation_id, [(turn.role, turn.content) for turn in log.only.turns]


@pytest.mark.parametrize(
    ("log", "identity"), [(GENESYS, "g2"), (ZENDESK, "35"), (TELEGRAM, "777")], ids=["Genesys", "Zendesk", "Telegram"]
)
def test_where_nobody_knows_who_is_the_bot_the_refusal_has_the_mapping_to_complete(
    tmp_path: Path, log: Any, identity: str
) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(log))
    with pytest.raises(UserError) as refusal:
        import_paths(tmp_path, path)
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(completed(str(refusal.value)))
    read = import_paths(tmp_path, path, mapping=mapping)
    assert said(read) == (identity, [("user", ASKED), ("assistant", ANSWERED)])


def test_of_two_lists_that_may_both_be_the_messages_none_is_taken(tmp_path: Path) -> None:
    first, second = ([{"role": "user", "content": ASKED}, {"role": "assistant", "content": each}] for each in "ab")
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps([{"chosen": first, "rejected": second, "prompt_id": "p"}]))
    with pytest.raises(UserError, match=r'messages = \["chosen", "rejected"\]'):
        import_paths(tmp_path, path)


def test_what_was_guessed_is_told_as_the_mapping_that_says_it(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    messages = [{"type": "human", "content": ASKED}, {"type": "ai", "content": ANSWERED}]
    path.write_text(json.dumps([{"values": {"messages": messages}, "metadata": {"thread_id": "t-1"}}]))
    log = import_paths(tmp_path, path)
    assert said(log) == ("t-1", [("user", ASKED), ("assistant", ANSWERED)])
    (note,) = log.manifest.notes
    assert '[columns] conversation_id = "metadata.thread_id", messages = "values.messages"' in note
