"""The turns on which the end of a run hangs in which agents work by themselves."""

import pytest

from tests.support.talk import analysed, bot, called, talk, user
from workbench.conversation.model import Conversation, Turn
from workbench.failures.agent_runs import leader, no_progress

TASK = "How many songs did she publish between 2000 and 2009?"
CODE = "```python\nprint(count(songs))\n```"
RAN, DIED = (
    "exitcode: 0 (execution succeeded)\nCode output: 4",
    "exitcode: 1 (execution failed)\nCode output: NameError: name 'songs'",
)
NOTE = "; only the outcome says that it failed"


def terminal(text: str) -> list[Turn]:
    return [Turn(0, "tool", text, name="Computer_terminal")]


def candidates(conversation: Conversation) -> list[tuple[int, str]]:
    return [(position, why.removesuffix(NOTE)) for position, why in analysed(conversation).candidates]


def test_the_first_code_comes_before_the_first_run_that_failed() -> None:
    run = talk(
        user(TASK),
        bot("You are given a plan.", name="Manager_Expert"),
        bot(f"Count them. {CODE}", name="Data_Expert"),
        terminal(RAN),
        bot(f"Check that. {CODE}", name="Check_Expert"),
        terminal(DIED),
        bot("Let's assume the songs are listed by year.", name="Check_Expert"),
        bot("The answer is 4, as the code has shown.", name="Check_Expert"),
        bot("TERMINATE", name="Check_Expert"),
        outcome="failed",
    )
    assert candidates(run) == [
        (2, "first code, by Data_Expert"),
        (6, "an assumption in the place of data, by Check_Expert"),
        (4, "the first run that failed: name, by Check_Expert"),
    ]


def test_without_code_the_second_step() -> None:
    run = talk(
        user(TASK),
        bot("You are given a plan.", name="A"),
        bot("She published four songs.", name="B"),
        bot("I agree with the count.", name="C"),
        bot("The answer is four songs.", name="C"),
        outcome="failed",
    )
    assert candidates(run)[0] == (2, "the step that the others follow, for want of a sign, by B")


def ledger(loop: bool, progress: bool) -> list[Turn]:
    text = f'{{"is_in_loop": {{"answer": {str(loop).lower()}}}, "is_progress_being_made": {{"answer": {str(progress).lower()}}}}}'
    return bot(f"Updated ledger:\n{text}", name="Orchestrator_thought")


def led(*ledgers: list[Turn]) -> Conversation:
    parts = [user(TASK)]
    for number, written in enumerate(ledgers):
        parts += [
            bot(f"Please look at page {number}.", name="Orchestrator_WebSurfer"),
            bot(f"I clicked on page {number}, which lists songs.", name="WebSurfer"),
            written,
        ]
    return talk(*parts, outcome="failed")


def test_with_a_leader_the_step_before_it_sees_no_progress() -> None:
    run = led(ledger(False, True), ledger(False, False), ledger(True, False))
    assert candidates(run)[0] == (5, "the step after which no progress was seen, by WebSurfer")


def test_with_a_leader_that_sees_nothing_wrong_the_third_step() -> None:
    run = led(*(ledger(False, True) for _ in range(5)))
    assert candidates(run)[0] == (8, "an early step, for want of a sign, by WebSurfer")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stalled.... Replanning...", True),
        ("We are stuck. Let's try the archive.", True),
        ("I have been repeating the same search.", True),
        ("No progress was made in this round.", True),
        ('{"in_loop": true}', True),
        ('Ledger: {"making_progress": {"reason": "new page", "answer": false}}', True),
        ('{"is_in_loop": {"reason": "nothing says that we are stuck", "answer": false}}', False),
        ("We are making progress.", False),
        ("The singer was stuck in traffic, it is said.", False),
        ("A loop over all songs: for song in songs", False),
        ("{ not json: we are stuck }", False),
    ],
)
def test_what_says_that_no_progress_is_made(text: str, expected: bool) -> None:
    assert no_progress(text) == expected


def test_a_leader_speaks_under_the_names_of_those_to_whom_it_speaks() -> None:
    names = frozenset({"Boss_thought", "Boss_Coder", "Coder", "Data_Expert", "Data_Checker", "Supervisor"})
    assert {name: leader(name, names) for name in sorted(names)} == {
        "Boss_Coder": "Boss",
        "Boss_thought": "Boss",
        "Coder": None,
        "Data_Checker": None,
        "Data_Expert": None,
        "Supervisor": "Supervisor",
    }


def test_a_bot_that_talks_with_its_user_is_no_run() -> None:
    talked = talk(
        user("Cancel it."),
        bot("Which?", name="desk"),
        user("To Lyon."),
        called("cancel_booking", "{}", "done"),
        bot("Done.", name="desk"),
        outcome="failed",
    )
    assert candidates(talked)[0][1] == "first reply on the way to cancel_booking"
