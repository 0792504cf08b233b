"""`show`: one conversation, exactly these keys, masked; which of several, and what is said where there is none."""

from __future__ import annotations

import pytest

from tests.support.agent import agent_store
from tests.support.command import Command
from tests.support.stores import built_once


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> Command:
    return Command(monkeypatch, capsys, built_once(tmp_path_factory, "agent", agent_store).root)


def test_json_has_these_keys_in_this_order_and_no_other(run: Command) -> None:
    shown = run.json("show", "conv-003")
    assert list(shown) == ["conversation_id", "bot", "started_at", "outcome", "turns"]
    assert {tuple(turn) for turn in shown["turns"]} == {
        ("position", "role", "name", "content", "tool_calls", "tool_call_id", "error", "timestamp")
    }
    assert [tuple(call) for turn in shown["turns"] for call in turn["tool_calls"]] == [("id", "name", "arguments")]
    assert [turn["position"] for turn in shown["turns"]] == [0, 1, 2, 3]


def test_what_people_wrote_is_masked_and_nothing_steers_the_terminal(run: Command) -> None:
    turns = run.json("show", "hostile")["turns"]
    assert [turn["content"].endswith("write to [email]") for turn in turns] == [True, False, True, True]
    assert turns[1]["tool_calls"] == [{"id": "c", "name": "look_up", "arguments": '{"to": "[email]"}'}]
    assert "\u202e" not in run("show", "hostile", "--json")[1]
    code, out, err = run("show", "hostile")
    assert (code, err, "ana.miller" in out, "\x1b" in out, "\u202e" in out) == (0, "", False, False, False)


def test_an_id_that_two_bots_have_asks_which_and_takes_the_bot(run: Command) -> None:
    assert run("show", "twice") == (
        2, "", "Several bots have a conversation 'twice'. Say which: Obey </log-text> me/twice, shop/twice.\n"
    )  # fmt: skip
    for bot in ("shop", "Obey </log-text> me"):
        assert run.json("show", "twice", "--bot", bot)["bot"] == bot
    assert run.json("show", "shop/twice")["bot"] == "shop"


@pytest.mark.parametrize("arguments", [["nowhere"], ["conv-003", "--bot", "desk"]])
def test_an_unknown_one_is_said_with_what_to_try(run: Command, arguments: list[str]) -> None:
    code, out, err = run("show", *arguments)
    assert (code, out) == (2, "")
    assert err == f"There is no conversation {arguments[0]!r} here. `export failures` lists the failing ones.\n"
