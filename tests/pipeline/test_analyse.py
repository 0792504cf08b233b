"""A log observed conversation by conversation, then judged beside others and by what people said."""

from datetime import datetime
from pathlib import Path

from tests.support.talk import bot, called, talk, user
from workbench.conversation.outcome import DEFAULT_RULES
from workbench.failures.signals import BotNorms, Observations, observe
from workbench.judgement.records.reading import Verdict
from workbench.logs.parts import Part
from workbench.pipeline.analyse import HumanInput, Survey, SurveyedBot, agreed_finding, judge

AT = datetime(2026, 3, 2, 9)
CONVERSATION = talk(
    user("Where is my parcel?"),
    called("track_parcel", '{"order": "0001"}', '{"status": "lost"}'),
    bot("It is lost."),
    bot="shop",
    user_id="u1",
    started_at=AT,
    ended_at=AT,
    release="r2",
    reward=1.0,
)


def survey() -> Survey:
    """The survey of a log that holds nothing else."""
    seen, part = Observations.of([observe(CONVERSATION)]), Part("I000001", Path())
    return {"shop": SurveyedBot(seen, BotNorms(), [0], [part])}


def test_what_readers_agree_on_outranks_the_log() -> None:
    verdicts = [
        Verdict(CONVERSATION.key, "Ana", "failed", failing_turn=3),
        Verdict(CONVERSATION.key, "Ben", "unsure"),
    ]
    agreed = agreed_finding(verdicts)
    assert agreed is not None
    by_log = judge(CONVERSATION, DEFAULT_RULES, survey(), HumanInput())
    by_people = judge(CONVERSATION, DEFAULT_RULES, survey(), HumanInput(verdicts={CONVERSATION.key: agreed}))
    assert [(case.analysis.failed, case.analysis.failing_turn) for case in (by_log, by_people)] == [
        (False, None),
        (True, 3),
    ]


def test_readers_who_disagree_or_are_unsure_have_found_nothing() -> None:
    assert agreed_finding([Verdict("k", "Ana", "failed"), Verdict("k", "Ben", "fine")]) is None
    assert agreed_finding([Verdict("k", "Ana", "unsure")]) is None


def test_a_signal_is_off_for_a_bot_by_itself_or_for_all() -> None:
    human = HumanInput(signals_off={"": frozenset({"complaint"}), "shop": frozenset({"slow-reply"})})
    assert human.off_for("shop") == {"complaint", "slow-reply"}
    assert human.off_for("bank") == {"complaint"}
