"""Of a conversation only the turns that somebody looks at are masked, and those like all others."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from workbench.conversation.masked import MaskedTurns, masked, masked_when_read, name_hiding
from workbench.conversation.model import Conversation, Turn
from workbench.conversation.transcript import folds

LOGGED = Conversation(
    "c1",
    "shop",
    [
        Turn(0, "user", "my name is Olivia Smith, olivia@example.com"),
        Turn(1, "assistant", "Thank you, Olivia."),
        Turn(2, "user", "mail ann@example.com"),
        Turn(3, "user", "mail bob@example.com"),
        Turn(4, "user", "mail bob@example.com"),
    ],
    user_id="olivia@example.com",
)


def test_turns_are_the_same_whether_all_are_masked_or_those_that_are_read() -> None:
    when_read = masked_when_read(LOGGED)
    assert when_read == masked(LOGGED)
    assert when_read != masked(replace(LOGGED, turns=LOGGED.turns[:2]))
    assert (when_read.key, when_read.user_id) == (LOGGED.key, "[email]")
    assert [turn.content for turn in when_read.turns[:2]] == ["my name is [name], [email]", "Thank you, [name]."]
    assert when_read.turns[-1].content == "mail [email]"


def test_a_turn_is_masked_when_it_is_first_looked_at_and_then_kept() -> None:
    looked_at: list[int] = []

    def mask_turn(turn: Turn) -> Turn:
        looked_at.append(turn.position)
        return turn

    turns: Sequence[Turn] = MaskedTurns(LOGGED.turns, mask_turn)
    assert [turns[2], turns[2], turns[-1], len(turns)] == [LOGGED.turns[2], LOGGED.turns[2], LOGGED.turns[4], 5]
    assert looked_at == [2, 4]


def test_what_repeats_is_seen_in_what_was_said_and_not_in_what_masking_left_of_it() -> None:
    shown = masked_when_read(LOGGED)
    read = folds(shown, LOGGED)
    assert [(fold.times, sorted(fold.positions)) for fold in read[2:]] == [(1, [2]), (2, [3, 4])]
    assert [block.text for block in read[3].blocks] == ["mail [email]"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Ann Kovács paid, ann did", "[name] paid, [name] did"),
        ("ANN\u00a0 KOVÁCS's bag", "[name] bag"),
        ("Ann’s and Ann'sx", "[name] and [name]'sx"),
        ("Ann, Kovács; Ann  Ann   Ann", "[name], [name]; [name]   [name]"),
        ("ANN to ann: Annette, joann, ann_1, @ann, [ann], @ann kovács", "ANN to [name]: Annette, joann, ann_1, @ann, [ann], @ann [name]"),
        ("ANN KOVÁCS", "[name]"),
        ("nobody is named", "nobody is named"),
        ("", ""),
    ],
)  # fmt: skip
def test_names_are_hidden_where_they_stand_as_words_whether_by_words_or_by_a_pattern(text: str, hidden: str) -> None:
    assert name_hiding(["ann", "kovács"])(text) == hidden
    assert name_hiding(["ann", "kovács", "anne-marie"])(text) == hidden  # not a word: by a pattern
