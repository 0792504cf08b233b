"""Signals of blocked requests, of waiting, and of users who leave or come back."""

from copy import deepcopy
from datetime import datetime, timedelta

import numpy as np
import pytest

from tests.support.norms import norms_of
from tests.support.talk import analysed, bot, called, user
from tests.support.talk import talk as talk_of
from workbench.conversation.model import Conversation, Turn
from workbench.failures.return_visits import Visit, returns

ASK = user("Where is my blue parcel from Ghent?")
AGAIN = user("So where is my blue parcel?? Ghent!")
NO = bot("I cannot tell you that.")
HERE = bot("It is in Lyon.")


def talk(*parts: list[Turn]) -> Conversation:
    return talk_of(*deepcopy(parts))  # the lines above stand in several talks, each at another place


def codes(conversation: Conversation, **norms: object) -> list[tuple[str, int | None]]:
    return [(one.code, one.position) for one in analysed(conversation, **norms).signals if one.strength != "shown"]


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("answered", talk(ASK, HERE), []),
        ("the last word is the user's", talk(ASK, HERE, AGAIN), [("left-unanswered", 2)]),
        ("it is a goodbye", talk(ASK, HERE, user("Great, that's all.")), []),
        ("it says that the answer was understood", talk(ASK, HERE, user("Good, that's clear.")), []),
        ("nobody ever answered: such a log may hold users only", talk(ASK), []),
        ("a call came after it", talk(ASK, HERE, AGAIN, called("find", "{}", "x")), []),
        ("a refusal, and the user is gone", talk(ASK, NO), [("left-unserved", 1)]),
        ("the user thanks for it", talk(ASK, NO, user("Thanks.")), []),
        (
            "an error, and the user is gone",
            talk(ASK, called("find", "{}", "Error: down"), bot("One moment.")),
            [("left-unserved", 3), ("tool-error", 1)],
        ),
        ("somebody took over", talk(ASK, called("transfer_to_human", "{}", "ok"), NO), [("escalated", 1)]),
    ],
)
def test_a_user_who_leaves_without_an_answer(
    name: str, conversation: Conversation, expected: list[tuple[str, int | None]]
) -> None:
    assert sorted(codes(conversation)) == sorted(expected), name


def test_where_one_question_and_one_answer_are_the_rule_leaving_says_nothing() -> None:
    assert codes(talk(ASK, NO), usual_length=2) == []


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("refused, then served", talk(ASK, NO, AGAIN, HERE), "refused after turn 0, served here: So where is my blue"),
        ("served, then refused", talk(ASK, HERE, AGAIN, NO), "served after turn 0, refused here: So where is my blue"),
        ("another request", talk(ASK, NO, user("Which depot opens today in Paris?"), HERE), None),
        ("refused twice", talk(ASK, NO, AGAIN, NO), None),
    ],
)
def test_the_same_request_refused_and_served(name: str, conversation: Conversation, expected: str | None) -> None:
    told = [one.evidence[:53] for one in analysed(conversation).signals if one.code == "refused-and-served"]
    assert told == ([] if expected is None else [expected[:53]]), name


def test_a_filter_is_told_by_the_finish_reason_or_the_error() -> None:
    blocked = [
        talk(ASK, bot("", finish_reason="content_filter")),
        talk(ASK, bot("", error="The response was filtered: content management policy")),
        talk(ASK, bot("", error="Connection reset")),
    ]
    assert [codes(each)[0] for each in blocked] == [("filter-block", 1), ("filter-block", 1), ("empty-reply", 1)]


def test_far_slower_than_usual_is_measured_against_the_bot() -> None:
    norms = norms_of(talk(*(bot("x", latency_ms=1000 * (1 + n % 4)) for n in range(10))) for _ in range(20))
    assert (round(norms.usual_wait or 0), round(norms.slow_from or 0)) == (2, 16)
    slow = analysed(talk(ASK, bot("x", latency_ms=30_000)), usual_wait=2.0, slow_from=10.0).signals
    assert [(one.code, one.evidence) for one in slow] == [("slow-reply", "30 s; this bot usually takes 2.0 s")]


def test_without_latencies_the_times_between_messages_tell() -> None:
    began = datetime(2026, 3, 2, 9)
    spoken = talk(user("x", timestamp=began), bot("y", timestamp=began + timedelta(seconds=40)))
    assert [one.code for one in analysed(spoken, usual_wait=2.0, slow_from=10.0).signals] == ["slow-reply"]


def test_a_user_comes_back_with_a_similar_request_within_72_hours() -> None:
    monday = datetime(2026, 3, 2, 9)
    visits = [
        Visit("a", "Ana", monday, monday + timedelta(hours=1)),
        Visit("b", "Ana", monday + timedelta(hours=6), None),  # something else
        Visit("c", "Ana", monday + timedelta(hours=30), None),  # as in a
        Visit("d", "Ana", monday + timedelta(hours=30 + 73), None),  # too late
        Visit("e", "Ben", monday + timedelta(hours=2), None),  # somebody else
        Visit("f", None, monday + timedelta(hours=2), None),
    ]
    one, other = np.eye(2, dtype=np.float32)
    assert returns(visits, np.array([one, other, one, one, one, one])) == {
        "a": "the same user asked for something similar 29 h later (likeness 1.00)"
    }


def test_a_name_of_many_conversations_at_once_is_no_one_person() -> None:
    visits = [Visit(f"k{n}", "anonymous", datetime(2026, 3, 2, 9, n), None) for n in range(51)]
    assert returns(visits, np.tile(np.array([1, 0], np.float32), (51, 1))) == {}
    assert len(returns(visits[:50], np.tile(np.array([1, 0], np.float32), (50, 1)))) == 49
