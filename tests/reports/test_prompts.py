"""What a bot was told, by version: masked, compared line by line, found for a conversation and for two releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.prompted_log import prompted
from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.judgement.prompts import EVERY
from workbench.reports.prompts import (
    PromptChange,
    PromptLine,
    changed,
    compared,
    prompt_versions,
    release_change,
    running,
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Three conversations with p1, three with p2, then three with p3; p2 has no text, and p9 is in no log."""
    made = prompted(tmp_path_factory.mktemp("prompted"))
    made.prompts.set_each(
        "shop",
        {"p1": "Be kind.\nMail a@b.example", "p3": "Be brief.\nMail a@b.example", "p9": "Later.", EVERY: "No refunds."},
    )
    return made


def test_versions_stand_by_first_sight_and_what_holds_for_all_last(bench: Bench) -> None:
    assert [(each.name, each.text, each.conversations) for each in prompt_versions(bench, "shop")] == [
        ("p1", "Be kind.\nMail [email]", 3),
        ("p2", None, 3),
        ("p3", "Be brief.\nMail [email]", 3),
        ("p9", "Later.", 0),
        (EVERY, "No refunds.", 0),
    ]


def test_a_change_is_told_line_by_line() -> None:
    assert changed("p1", "Be kind.\nStop.", "p2", "Be brief.\nStop.") == PromptChange(
        "p1",
        "p2",
        [PromptLine("-", "Be kind."), PromptLine("+", "Be brief."), PromptLine(" ", "Stop.")],
        added=1,
        removed=1,
    )


def test_lines_far_from_a_change_are_left_out() -> None:
    text = "one\ntwo\nthree\nfour\nfive"
    lines = changed("p1", text, "p2", f"{text}!").lines
    assert [line.mark + line.text for line in lines] == ["…", " three", " four", "-five", "+five!"]


def test_texts_that_differ_in_what_is_masked_alone_say_so() -> None:
    change = changed("p1", "Mail a@b.example", "p2", "Mail c@d.example")
    assert (change.lines, change.masked_only) == ([], True)


def test_a_conversation_shows_its_version_and_what_changed_from_the_last_that_has_a_text(bench: Bench) -> None:
    ran = running(bench, bench.find_conversation("p3-0"))
    assert ran.prompt is not None
    assert ran.policy is not None
    assert ran.change is not None
    assert (ran.prompt.text, ran.policy.text) == ("Be brief.\nMail [email]", "No refunds.")
    assert (ran.change.before, ran.change.after, ran.change.added) == ("p1", "p3", 1)


def test_a_conversation_whose_version_has_no_text_says_which(bench: Bench) -> None:
    ran = running(bench, bench.find_conversation("p2-0"))
    assert (ran.version, ran.prompt, ran.change, ran.others) == ("p2", None, None, True)


def test_two_releases_are_compared_by_their_prompts_or_say_which_text_is_missing(bench: Bench) -> None:
    change = release_change(bench, "shop", "m-1 · p3", "m-1 · p1").change
    assert change is not None
    assert (change.before, change.after) == ("p1", "p3")
    assert release_change(bench, "shop", "m-1 · p2", "m-1 · p1").missing == ["p2"]


def test_what_has_no_text_can_not_be_compared(bench: Bench) -> None:
    with pytest.raises(UserError, match="Nobody brought in the text of 'p2' of 'shop'"):
        compared(bench, "shop", "p1", "p2")


def test_no_text_at_all_is_no_trouble(tmp_path: Path) -> None:
    plain = prompted(tmp_path)
    assert running(plain, plain.find_conversation("p1-0")).others is False
