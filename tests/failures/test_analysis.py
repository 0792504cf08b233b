"""Which conversations fail, where to look first, and the texts and signatures that clusters are made of."""

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.support.norms import norms_of
from tests.support.paths import REAL_LOGS
from tests.support.talk import analysed, bot, called, talk, user
from workbench.conversation.model import Conversation, ToolCall, Turn
from workbench.conversation.outcome import parse_rules
from workbench.failures.analysis import Analysis, analyse
from workbench.failures.candidate import Candidate
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.mechanical_faults import mechanical_fact
from workbench.failures.signals import BotNorms, Signal
from workbench.failures.signals.observation import sentence_hash
from workbench.failures.topic_texts import bounded
from workbench.failures.transition import Transition
from workbench.logs.formats import LoggedConversation, ReadOptions, chat, open_source

AGENTS = REAL_LOGS / "agents.parquet"
ASK = user("Hi there! Please cancel my booking to Lyon.")
LOST = "Error: Booking XY12 not found"


@pytest.mark.parametrize(
    ("conversation", "tier", "verdict"),
    [
        (talk(ASK, bot("Done."), reward=0.0), "failing", "Failing: the log gives reward 0.0 (below 0.5)."),
        (talk(ASK, bot("Done."), reward=1.0), None, "Not failing: the log gives reward 1.0 (at least 0.5)."),
        (
            talk(ASK, bot(""), reward=1.0),
            None,
            "Not failing: the log gives reward 1.0 (at least 0.5), which outranks the 1 signal below.",
        ),
        (talk(ASK, bot("Done."), outcome="failed"), "failing", "Failing: the log gives outcome failed."),
        (talk(ASK, bot("")), "failing", "Failing: empty reply (turn 1)."),
        (
            talk(ASK, called("find", "{}", LOST), user("cancel booking Lyon, please, sir"), outcome="abandoned"),
            "suspected",
            "Suspected: tool error, abandoned by the user. That proves nothing, and neither the log nor a person says how it went.",
        ),
        (
            talk(
                ASK,
                called("find", "{}", LOST),
                user("Cancel my booking to beautiful Lyon!"),
                bot("No."),
                user("Cancel my booking to beautiful Lyon!"),
                bot("No."),
            ),
            "failing",
            "Failing: 2 signals add up to 1: tool error, user repeats in the same words.",
        ),
        (
            talk(ASK, bot("Done."), outcome="escalated"),
            None,
            "Not failing: handed to a human, too little to suspect anything; the log itself does not say.",
        ),
        (talk(ASK, bot("Done.")), None, "Not failing: no signal fired; the log itself does not say."),
    ],
)
def test_one_strong_signal_or_weaker_ones_that_add_up_fail_and_a_medium_one_is_suspected_unless_the_log_says(
    conversation: Conversation, tier: str | None, verdict: str
) -> None:
    found = analysed(conversation)
    assert (found.tier, found.verdict) == (tier, verdict)
    assert (found.failed, found.suspected) == (tier == "failing", tier == "suspected")


ERROR = talk(ASK, called("find", "{}", LOST), bot("Hm."))


def test_what_the_log_or_people_settle_leaves_the_suspected_and_its_signals_are_still_told() -> None:
    silent = analysed(ERROR)
    assert (silent.tier, silent.signs, silent.passage) == (
        "suspected",
        "suspected",
        "Please cancel my booking to Lyon.",
    )
    logged = analysed(replace(ERROR, reward=1.0))
    assert (logged.tier, logged.signs, logged.passage) == (None, "suspected", "")
    read = analyse(ERROR, BotNorms(), human=HumanVerdict(True, "Ana"))
    assert (read.tier, read.signs) == ("failing", "suspected")


def test_lengths_are_told_as_logarithms() -> None:
    traits = analysed(talk(user("one two"), bot("three"), called("find", "{}", "Error: x"), bot("four"))).traits
    assert {name: round(math.expm1(value), 6) for name, value in traits.items()} == {
        "number of turns": 5,
        "turns of the user": 1,
        "words of the user": 2,
        "words of the bot": 2,
        "words a reply": 1,
        "tool calls": 1,
        "tool errors": 1,
        "changes made": 0,
    }


def test_what_people_found_outranks_the_log_and_the_signals() -> None:
    fine = analyse(talk(ASK, bot("Done."), reward=0.0), BotNorms(), human=HumanVerdict(False, "Ana"))
    assert (fine.failed, fine.candidates, fine.verdict) == (
        *(False, []),
        "Not failing: Ana found so, which outranks the log's reward 0.0 (below 0.5).",
    )
    again = talk(ASK, bot("One."), user("Please cancel it."), bot("Two."))
    failed = analyse(again, BotNorms(), human=HumanVerdict(True, "Ana and Ben", 1))
    assert (failed.failed, failed.failing_turn, failed.candidates, failed.verdict) == (
        *(True, 1),
        [
            Candidate(1, "Ana and Ben found it here"),
            Candidate(3, "last reply of the bot"),
        ],
        "Failing: Ana and Ben found so.",
    )


def test_a_signal_that_is_switched_off_counts_nowhere() -> None:
    seen = analyse(talk(ASK, bot("")), BotNorms(), off=frozenset({"empty-reply"}))
    assert (seen.failed, seen.score, seen.facts) == (False, 0.0, [])
    assert (seen.signals, [one.code for one in seen.suppressed]) == ([], ["empty-reply"])


def test_a_user_who_came_back_is_a_weak_sign() -> None:
    seen = analyse(talk(ASK, bot("Done.")), BotNorms(), came_back="after 5 h")
    assert (seen.score, seen.signals) == (0.25, [Signal("came-back", None, "weak", "after 5 h")])


def test_a_score_column_fails_by_its_rule() -> None:
    conversation = talk(ASK, bot("Done."), metadata={"faithfulness": 2})
    found = analyse(conversation, BotNorms(), parse_rules({"faithfulness": "<= 2"}))
    assert (found.failed, found.verdict) == (True, "Failing: the log gives faithfulness 2 (at most 2).")


def test_the_whole_analysis_of_a_small_failure() -> None:
    conversation = talk(
        ASK,
        called("find_booking", '{"id":"XY12"}', LOST),
        called("find_booking", '{"id":"XY12"}', LOST),
        bot("I can't find it."),
        user("Then I'd like a person."),
    )
    found = analysed(conversation, has_tools=True, calls_tools=True, writes=True)
    assert found == Analysis(
        failed=True,
        score=1.25,
        verdict="Failing: same call again after an error (turn 3).",
        outcome=found.outcome,
        signals=found.signals,
        failing_turn=1,
        candidates=[
            Candidate(1, "find_booking failed: booking not found"),
            Candidate(5, "first answer that rests on what was looked up"),
            Candidate(6, "ends without an answer"),
        ],
        signature="looked up only; find_booking ✗ booking not found; same call again after an error",
        signature_tokens=[
            "find_booking",
            "find_booking!booking not found",
            "find_booking!booking not found",
            "signal:same-call-after-error",
        ],
        mechanical_key="tool-error:find_booking:booking not found",
        request="Please cancel my booking to Lyon.",
        passage="Please cancel my booking to Lyon.",
        facts=[
            "nothing changed",
            "find_booking failed: booking not found",
            "same call again after an error",
            "bot says it can't",
            "ends without an answer",
        ],
        severity="S4",
        writes=[],
        turns=7,
        transition=Transition("request", "find_booking"),
        traits=found.traits,
        signs="failing",
    )


FOUND = called("find_booking", "{}", "XY12")
CANCELLED = called("cancel_booking", '{"id":"XY12"}', "cancelled")
TRANSFERRED = called("transfer_to_human_agents", "{}", "done")


def fresh(*parts: list[Turn], **fields: Any) -> Conversation:
    """A failing conversation whose turns are copies, so that cases can share parts."""
    return talk(
        *(
            [
                Turn(
                    0,
                    t.role,
                    t.content,
                    tool_calls=[ToolCall(c.name, c.arguments, c.id) for c in t.tool_calls],
                    tool_call_id=t.tool_call_id,
                )
                for t in part
            ]
            for part in parts
        ),
        reward=0.0,
        **fields,
    )


@pytest.mark.parametrize(
    ("name", "conversation", "key"),
    [
        ("empty reply before all others", fresh(ASK, *[CANCELLED] * 3, bot("")), "empty-reply"),
        ("a repeated write, though it went in a loop too", fresh(ASK, *[CANCELLED] * 3), "repeated-write"),
        ("a loop that never ended, though it wrote", fresh(ASK, *[CANCELLED] * 20), "repeated-call"),
        (
            "a loop of failing calls is the tool's error",
            fresh(ASK, *[called("find", "{}", LOST)] * 3),
            "tool-error:find:booking not found",
        ),
        ("a repeated write", fresh(ASK, CANCELLED, FOUND, CANCELLED), "repeated-write"),
        (
            "an error that was never overcome",
            fresh(ASK, called("find", "{}", LOST)),
            "tool-error:find:booking not found",
        ),
        ("an error that was overcome", fresh(ASK, called("find", "{}", LOST), called("find", '{"id":2}', "XY")), None),
        ("an error before a change that worked", fresh(ASK, called("find", "{}", LOST), CANCELLED), None),
        (
            "an error twice, though overcome",
            fresh(ASK, *(called("find", f'{{"id":{n}}}', LOST) for n in (1, 2)), CANCELLED),
            "tool-error:find:booking not found",
        ),
        ("no mechanical sign", fresh(ASK, CANCELLED), None),
        ("suspected", talk(ASK, called("find", "{}", LOST)), "tool-error:find:booking not found"),
        ("not failing", talk(ASK, called("find", "{}", LOST), reward=1.0), None),
    ],
)
def test_one_fault_has_one_key_whatever_the_topic(name: str, conversation: Conversation, key: str | None) -> None:
    found = analysed(conversation)
    assert found.mechanical_key == key, name
    assert key is None or mechanical_fact(key) in found.facts


def test_a_mechanical_key_is_the_same_for_other_ids() -> None:
    errors = ["Error: Payment method credit_card_7334 not found", "Error: Payment method visa_4421 not found"]
    keys = {analysed(fresh(ASK, called("book_trip", "{}", error))).mechanical_key for error in errors}
    assert keys == {"tool-error:book_trip:payment method not found"}


@pytest.mark.parametrize(
    ("name", "conversation", "request_text", "passage"),
    [
        (
            "greetings and control tokens are left out, and vague openers need more",
            fresh(
                user("Hi!"),
                bot("Hello, what can I do?"),
                user("I need help with my account."),
                bot("Yes?"),
                user("The card was charged twice for one order in May. ###STOP###"),
                bot("I see."),
            ),
            "I need help with my account. The card was charged twice for one order in May.",
            "I need help with my account. The card was charged twice for one order in May.",
        ),
        (
            "the request ends early, the passage at the failing turn",
            fresh(
                user("Please cancel the red booking to Lyon on Friday morning, before seven."),
                CANCELLED,
                bot("Cancelled."),
                user("I wanted a refund, too."),
                bot("Refunded by card."),
                user("Never."),
            ),
            "Please cancel the red booking to Lyon on Friday morning, before seven.",
            "Please cancel the red booking to Lyon on Friday morning, before seven.",
        ),
        (
            "no user text",
            fresh(called("find_booking", "{}", "Booking XY12 to Lyon"), bot("Found the booking.")),
            "Booking XY12 to Lyon",
            "",
        ),
        ("nothing but a greeting", fresh(user("Hello!"), bot("Hello, what can I do?")), "Hello!", "Hello!"),
    ],
)
def test_request_and_passage(name: str, conversation: Conversation, request_text: str, passage: str) -> None:
    found = analysed(conversation)
    assert (found.request, found.passage) == (request_text, passage), name


def test_what_recurs_is_left_out_but_not_the_first_thing_asked() -> None:
    conversation = fresh(
        user("My phone has no service. Sent from my phone."),
        bot("Since when?"),
        user("My phone has no service. Since Monday in Lyon."),
        bot("I see the line."),
    )
    found = analysed(
        conversation,
        recurring=frozenset(map(sentence_hash, ["my phone has no service", "sent from my phone"])),
        everywhere=frozenset({sentence_hash("sent from my phone")}),
    )
    assert found.passage == "My phone has no service. Since Monday in Lyon."


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = bounded("begin " + "middle " * 400 + "end")
    assert (text[:12], text[-10:], 950 < len(text) <= 1000, " … " in text) == ("begin middle", "middle end", True, True)


def test_a_long_text_without_spaces_keeps_them_too() -> None:
    text = bounded("返品 " + "送料" * 600 + " 終わり")
    assert (text[:7], text[-8:], len(text)) == ("返品 送料送料", "料送料送料 終わり"[-8:], 1000)


def test_without_tools_there_is_no_signature_for_the_machine() -> None:
    assert analysed(fresh(ASK, bot(""), ASK)).signature_tokens == []
    assert analysed(fresh(ASK, bot(""), ASK), has_tools=True).signature_tokens == ["signal:empty-reply"]


def test_how_it_ended_and_what_people_thought_of_it_is_no_part_of_how_it_went() -> None:
    for outcome in ("failed", "abandoned", "escalated"):
        ended = replace(fresh(ASK, bot("Done.")), outcome=outcome, feedback_score=-1)
        assert analysed(ended, has_tools=True).signature_tokens == []


@pytest.mark.parametrize(
    ("conversation", "severity"),
    [
        (fresh(ASK, CANCELLED), "S1"),
        (fresh(ASK, bot("Rates are 551, 556 and 557."), documents=("Call us.",)), "S2"),
        (fresh(ASK, TRANSFERRED), "S3"),
        (fresh(ASK, bot("")), "S3"),
        (fresh(ASK, FOUND, bot("Found.")), "S4"),
        (talk(ASK, bot("Done.")), None),
    ],
)
def test_severity_is_suggested_from_what_was_done(conversation: Conversation, severity: str | None) -> None:
    assert analysed(conversation).severity == severity


# --- real logs ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Conversation, Analysis]]:
    if not AGENTS.exists():
        pytest.skip("the real logs (../shared/logs) are not here")
    found = chat.read([open_source(AGENTS)], ReadOptions(), tmp_path_factory.mktemp("scratch"))
    conversations = [one.conversation for one in found if isinstance(one, LoggedConversation)]
    norms = {bot: norms_of(one for one in conversations if one.bot == bot) for bot in ("airline", "telecom")}
    return [(one, analyse(one, norms[one.bot])) for one in conversations]


def test_real_empty_replies_share_one_key(agents: list[tuple[Conversation, Analysis]]) -> None:
    ended_so = [found for one, found in agents if one.metadata["termination_reason"] == "agent_error"]
    assert [found.mechanical_key for found in ended_so] == ["empty-reply"] * 9
    assert sum(found.mechanical_key == "empty-reply" for _, found in agents) == 9


def test_real_calls_repeated_to_the_limit_share_one_key(agents: list[tuple[Conversation, Analysis]]) -> None:
    ends = ("6f9f10f6", "930258a2", "b2188574")
    assert [found.mechanical_key for one, found in agents if one.conversation_id.endswith(ends)] == [
        "repeated-call"
    ] * 3


def test_a_real_users_failed_checks_raise_no_tool_fault(agents: list[tuple[Conversation, Analysis]]) -> None:
    faults = ("tool-error", "three-errors", "same-call-after-error", "repeated-write", "same-call-loop")
    turns_hit = {
        (one.conversation_id, one.turns[signal.position].role)
        for one, found in agents
        for signal in found.signals
        if signal.code in faults and signal.position is not None
    }
    assert {role for _, role in turns_hit} == {"assistant"}


def test_the_real_reward_decides_and_every_failure_has_a_turn(agents: list[tuple[Conversation, Analysis]]) -> None:
    assert [found.failed for _, found in agents] == [one.reward == 0 for one, _ in agents]
    assert all(found.failing_turn is not None for _, found in agents if found.failed)
