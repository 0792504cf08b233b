"""A judge asked by the command, over a real store and an endpoint on loopback."""

import json
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.endpoint import endpoint
from workbench.conversation import Conversation, Turn
from workbench.conversation.model import ToolCall
from workbench.review.judge import transcript
from workbench.store import Store

FAILED = '{"verdict": "failed", "turn": 1, "rationale": "<b>ignored</b> the request"}'


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Store) -> Command:
    return Command(monkeypatch, capsys, store.root)


def test_a_run_that_stopped_goes_on_and_asks_nothing_twice(run: Command, store: Store) -> None:
    with endpoint(lambda body, number: FAILED if number != 3 else (503, "down")) as served:
        code, _, err = run("judge", "--url", served.url, "--model", "m", "--budget", "3")
        assert (code, err) == (0, "")
        first = list(served.asked)
        again = run.json("judge", "--url", served.url, "--model", "m", "--budget", "3")
        assert served.asked == first
    assert again == {
        "judge": again["judge"], "asked": 0, "kept": 3, "left": 0, "failed": 3, "unsure": 0, "unreadable": 0, "tokens": 0,
    }  # fmt: skip
    with endpoint(lambda body, number: "no idea") as served:
        more = run.json("judge", "--url", served.url, "--model", "m", "--budget", "5")
        assert (more["asked"], more["kept"], more["unsure"], more["unreadable"], more["tokens"]) == (2, 3, 2, 2, 100)
        assert len(served.asked) == 2


def test_a_budget_of_tokens_ends_a_run(run: Command) -> None:
    with endpoint(lambda body, number: FAILED) as served:
        told = run.json("judge", "--url", served.url, "--model", "m", "--tokens", "700")
    assert 0 < told["asked"] < 48
    assert told["asked"] + told["left"] == 48


def test_a_pods_own_prompt_is_sent_and_an_empty_one_refused(run: Command, tmp_path: Path) -> None:
    own = tmp_path / "prompt.md"
    own.write_text("Only money counts.", "utf-8")
    with endpoint(lambda body, number: FAILED) as served:
        run.json("judge", "--url", served.url, "--model", "m", "--budget", "1", "--prompt", str(own))
    assert served.asked[0]["messages"][0] == {"role": "system", "content": "Only money counts."}
    own.write_text(" \n", "utf-8")
    code, _, err = run("judge", "--url", "http://127.0.0.1:9", "--model", "m", "--prompt", str(own))
    assert code == 2
    assert "is empty" in err


def test_a_dry_run_sends_nothing(run: Command) -> None:
    shown = run.json("judge", "--url", "http://127.0.0.1:9", "--model", "m", "--dry-run")
    assert shown["host"] == "127.0.0.1:9"
    assert "<log-text" in shown["text"]


def test_a_judge_reads_turns_calls_and_documents_and_nothing_of_the_outcome() -> None:
    turns = [
        Turn(0, "user", "cancel it"),
        Turn(1, "assistant", "", tool_calls=[ToolCall("cancel", '{"id": 1}')]),
        Turn(2, "tool", "no such order", name="cancel", error="404"),
    ]
    text = transcript(Conversation("c", turns=turns, reward=0.0, outcome="failed", metadata={"checks": "secret"}))
    inside = text[text.index("untrusted>") : text.rindex("</log-text")]
    assert inside.splitlines()[1:] == [
        "[0] user: cancel it",
        "[1] assistant: ",
        '    calls cancel {"id": 1}',
        "[2] tool cancel: no such order",
        "    error: 404",
    ]
    assert "secret" not in text


def test_of_a_conversation_that_is_too_long_beginning_and_end_are_sent() -> None:
    turns = [Turn(n, "user", f"line {n} " + "word " * 300) for n in range(120)]
    text = transcript(Conversation("c", turns=turns))
    assert "[0] user: line 0" in text
    assert "[119] user: line 119" in text
    assert text.count("[…]") == 1


def test_personal_data_never_leaves(run: Command) -> None:
    with endpoint(lambda body, number: FAILED) as served:
        run.json("judge", "--url", served.url, "--model", "m")
    assert "@" not in json.dumps([body["messages"][1] for body in served.asked])
