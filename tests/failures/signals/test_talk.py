"""Signals of what was said, rated and retrieved, and of how it ended."""

import pytest

from tests.support.norms import norms_of
from tests.support.talk import analysed, bot, called, fired, talk, user
from workbench.conversation.model import Conversation, Turn
from workbench.failures.signals.observation import sentence_hash

ASK = user("Where is my blue parcel now?")
LONG_ANSWER = "Parcels travel through the central depot, then trains carry them towards regional warehouses overnight."


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("an empty reply at the end", talk(ASK, bot("")), [("empty-reply", 1)]),
        ("an empty reply before the user's turn", talk(ASK, bot(" \n"), user("Hello?")), [("empty-reply", 1)]),
        ("a call without text is no empty reply", talk(ASK, called("find", "{}", "x"), bot("Found it.")), []),
        ("a control token is none either", talk(ASK, bot("On its way."), user("###STOP###"), bot("###STOP###")), []),
        ("cut off", talk(ASK, bot("It is at", finish_reason="length")), [("cut-off", 1)]),
        ("blocked", talk(ASK, bot("...", finish_reason="content_filter")), [("filter-block", 1)]),
        ("finished as it should", talk(ASK, bot("Here.", finish_reason="stop")), []),
        (
            "the same reply three times",
            talk(*(part for _ in range(3) for part in (user("No."), bot("Could you give me your number please?")))),
            [("same-reply", 3)],
        ),
        ("a short reply may recur", talk(*(part for _ in range(4) for part in (user("Hm."), bot("Of course!")))), []),
        (
            "the user says the same again, in other punctuation",
            talk(ASK, bot("Which one?"), user("WHERE is my blue parcel now???")),
            [],
        ),
        (
            "at least four content words",
            talk(user("The blue parcel from Lyon is missing"), bot("OK."), user("the blue parcel from Lyon: missing!")),
            [("user-repeats", 2)],
        ),
        (
            "a user asks for a person",
            talk(ASK, bot("Hm."), user("Let me talk to a real person!")),
            [("asks-for-person", 2)],
        ),
        ("a user corrects", talk(ASK, bot("Red."), user("No, that’s not what I asked.")), [("correction", 2)]),
        ("nobody is corrected by a first turn", talk(user("I said it on the phone: my parcel is lost")), []),
        ("a user complains", talk(ASK, bot("Hm."), user("This is ridiculous.")), [("complaint", 2)]),
        ("a word inside another is no phrase", talk(ASK, bot("Not notable to reopen.")), []),
        ("a turn rated down", talk(ASK, bot("It is lost.", feedback=-1)), [("thumbs-down", 1)]),
        ("a turn rated up", talk(ASK, bot("It is here.", feedback=1)), []),
        ("abandoned", talk(ASK, outcome="abandoned"), [("abandoned", None)]),
        ("escalated by the log", talk(ASK, outcome="escalated"), [("escalated", None)]),
        ("escalated by a call", talk(ASK, called("transfer_to_human", "{}", "done")), [("escalated", 1)]),
        (
            "no hand-over where the call failed",
            talk(ASK, called("transfer_to_human", "{}", "Error: busy")),
            [("tool-error", 1)],
        ),
    ],
)
def test_signals_of_what_was_said(
    name: str, conversation: Conversation, expected: list[tuple[str, int | None]]
) -> None:
    assert fired(conversation) == expected, name


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("said, and not done", talk(ASK, bot("I will now book it.")), [("promise-without-call", 1)]),
        ("said and done", talk(ASK, bot("I will now book it."), called("book", "{}", "ok")), []),
        ("done and said", talk(ASK, called("transfer_to_human", "{}", "ok"), bot("Please hold.")), [("escalated", 1)]),
        (
            "done after the user's yes",
            talk(ASK, bot("I'll check."), user("ok"), called("find", "{}", "ok"), bot("Here.")),
            [],
        ),
        ("a condition is no promise", talk(ASK, bot("Once you confirm, I'll proceed.")), []),
        ("nor is a question", talk(ASK, bot("I'll book it. Is that right?")), []),
    ],
)
def test_a_promise_counts_for_a_bot_with_tools(
    name: str, conversation: Conversation, expected: list[tuple[str, int]]
) -> None:
    assert fired(conversation, has_tools=True, calls_tools=True) == expected, name
    assert ("promise-without-call", 1) not in fired(conversation)


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("documents that hold the answer", talk(ASK, bot(LONG_ANSWER), documents=(LONG_ANSWER.upper(),)), []),
        (
            "documents about something else",
            talk(ASK, bot(LONG_ANSWER), documents=("Opening hours.",)),
            [("low-coverage", 1)],
        ),
        ("no document found, and an answer", talk(ASK, bot(LONG_ANSWER)), [("no-documents", 1)]),
        ("no document found, but a tool was asked", talk(ASK, called("find", "{}", "x"), bot(LONG_ANSWER)), []),
        ("no document found, and the bot says so", talk(ASK, bot(f"I don't know. {LONG_ANSWER}")), []),
        ("small talk needs no document", talk(user("Thank you so much!"), bot(LONG_ANSWER)), []),
        (
            "numbers from nowhere",
            talk(ASK, bot("Call 555, 556 or 5,570."), documents=("Call 555 or us",)),
            [],
        ),
        (
            "three numbers from nowhere",
            talk(ASK, bot("Call 551, 556 or 5,570."), documents=("Call us",)),
            [("unsupported-numbers", 1)],
        ),
        ("numbers that the documents write otherwise", talk(ASK, bot("10 20 5,570"), documents=("10 20 5570",)), []),
    ],
)
def test_answers_rest_on_documents(name: str, conversation: Conversation, expected: list[tuple[str, int]]) -> None:
    assert fired(conversation, retrieves=True) == expected, name


def test_a_log_may_call_the_user_and_the_bot_as_it_likes() -> None:
    said = [
        ("User", "My blue parcel from Lyon is missing"),
        ("ChatGPT", ""),
        ("Customer", "Blue parcel from Lyon missing"),
    ]
    conversation = talk([Turn(0, role, text) for role, text in said])
    assert fired(conversation) == [("empty-reply", 1), ("user-repeats", 2)]
    assert analysed(conversation).request == "My blue parcel from Lyon is missing"
    assert [turn.role for turn in conversation.turns] == ["User", "ChatGPT", "Customer"]


def test_a_bot_retrieves_when_nearly_all_its_conversations_carry_documents() -> None:
    with_documents = [talk(ASK, documents=("x",)) for _ in range(8)]
    without = [talk(ASK) for _ in range(2)]
    assert norms_of([*with_documents, *without]).retrieves
    assert not norms_of([*with_documents, *without, talk(ASK)]).retrieves


def test_without_retrieval_no_answer_lacks_documents() -> None:
    assert fired(talk(ASK, bot(LONG_ANSWER))) == []


def test_coverage_tells_which_words_are_missing() -> None:
    signal = analysed(talk(ASK, bot(LONG_ANSWER), documents=("parcel travels by train, carried at night",))).signals[0]
    assert signal.evidence == (
        "30 % of 10 terms are in the documents; not there: central, depot, carry, towards, regional, warehouses, overnight"
    )


@pytest.mark.parametrize(
    ("scores", "bad", "evidence"),
    [
        ([1, 2, 3, 4, 5], [1, 2], "feedback score 1 on a scale of 1 to 5, as the bot's scores suggest"),
        ([-1, 1], [-1], "feedback score -1 on a scale of -1 to 1, as the bot's scores suggest"),
        ([0, 1, 0.5], [0], "feedback score 0 on a scale of 0 to 1, as the bot's scores suggest"),
        ([0, 3, 8, 10], [0, 3], "feedback score 0 on a scale of 0 to 10, as the bot's scores suggest"),
        ([1], [], None),
    ],
)
def test_the_feedback_scale_is_read_off_the_bots_scores(
    scores: list[float], bad: list[float], evidence: str | None
) -> None:
    norms = norms_of(Conversation(str(score), feedback_score=score) for score in scores)
    assert [score for score in scores if norms.bad_feedback(score)] == bad
    if bad:
        conversation = talk(ASK, feedback_score=bad[0])
        assert [one.evidence for one in analysed(conversation, feedback_scale=norms.feedback_scale).signals] == [
            evidence
        ]


def test_far_longer_than_usual_is_measured_against_the_bot() -> None:
    lengths = [4, 5, 6, 7] * 10
    norms = norms_of(talk(*(user("x") for _ in range(length))) for length in lengths)
    assert (norms.usual_length, norms.long_from) == (5, 12)
    assert fired(talk(*(user("x") for _ in range(12))), long_from=12, usual_length=5) == [("too-long", None)]
    assert fired(talk(*(user("x") for _ in range(11))), long_from=12, usual_length=5) == []


def test_with_few_conversations_nothing_is_too_long() -> None:
    assert norms_of(talk(user("x")) for _ in range(19)).long_from is None


def test_what_recurs_is_counted_once_a_conversation_whatever_the_ids_in_it() -> None:
    norms = norms_of(
        talk(user(f"My id is A{number}. Parcel {number} of {'xyz'[number % 3]} is lost."), user("Thanks."))
        for number in range(9)
    )
    assert norms.recurring == norms.everywhere == set(map(sentence_hash, ["my id is #", "thanks"]))


def test_a_recurring_sentence_is_found_in_a_log_of_any_size() -> None:
    words = ["one two", "three four"]
    norms = norms_of(
        talk(user(f"Unique {'abcdefghij'[number % 10]} {' '.join('qwertyuiop'[int(digit)] for digit in str(number))}."))
        if number % 40
        else talk(user("Sent from my phone."), user(words[number % 2]))
        for number in range(4000)
    )
    assert norms.recurring == set(map(sentence_hash, ["sent from my phone", "one two"]))
