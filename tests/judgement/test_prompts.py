"""The texts of prompts by bot and version: kept with events, undone, forgotten."""

import pytest

from workbench.errors import UserError
from workbench.judgement.event_wording import sentence
from workbench.judgement.prompts import EVERY, LONGEST_TEXT
from workbench.judgement.store import Judgement


def texts(judgement: Judgement, bot: str) -> dict[str, str]:
    return {name: prompt.text for name, prompt in judgement.prompts.of(bot).items()}


def test_texts_are_kept_by_bot_and_version_and_said_again_they_are_no_event(judgement: Judgement) -> None:
    assert judgement.prompts.set_each("shop", {"p1": "Be kind.\n", EVERY: "No refunds."}, actor="Ann") == [1, 2]
    assert judgement.prompts.set_each("shop", {"p1": "Be kind."}, actor="Bo") == []
    assert texts(judgement, "shop") == {"p1": "Be kind.", EVERY: "No refunds."}
    assert texts(judgement, "other") == {}
    assert judgement.prompts.of("shop")["p1"].by == "Ann"


def test_a_change_is_undone_also_of_a_bot_whose_name_holds_a_colon(judgement: Judgement) -> None:
    judgement.prompts.set_each("acme:shop", {"v:1": "Old."}, actor="Ann")
    (changed,) = judgement.prompts.set_each("acme:shop", {"v:1": "New."}, actor="Ann")
    judgement.undo(changed, "Bo")
    assert texts(judgement, "acme:shop") == {"v:1": "Old."}
    assert [sentence(event) for event in judgement.journal.events()] == [
        "Bo undid event 2: prompt v:1 of acme:shop: text New. → Old.",
        "Ann changed the text of prompt v:1 of acme:shop: 1 line",
        "Ann brought in the text of prompt v:1 of acme:shop: 1 line",
    ]


def test_an_empty_text_takes_a_versions_text_away(judgement: Judgement) -> None:
    judgement.prompts.set_each("shop", {"p1": "Be kind."}, actor="Ann")
    judgement.prompts.set_each("shop", {"p1": " \n"}, actor="Ann")
    assert texts(judgement, "shop") == {}


def test_what_is_too_long_or_has_no_version_is_refused_with_all_that_came_with_it(judgement: Judgement) -> None:
    with pytest.raises(UserError, match="200,001 characters; 200,000 are the most"):
        judgement.prompts.set_each("shop", {"p1": "Be kind.", "p2": "x" * (LONGEST_TEXT + 1)}, actor="Ann")
    with pytest.raises(UserError, match="needs a bot and a version"):
        judgement.prompts.set_each("shop", {" ": "Be kind."}, actor="Ann")
    assert texts(judgement, "shop") == {}


def test_a_forgotten_name_goes_from_texts_too(judgement: Judgement) -> None:
    judgement.prompts.set_each("shop", {"p1": "Ask Erika Muster."}, actor="Ann")
    judgement.erasing.forget("Erika Muster", "Ann")
    assert texts(judgement, "shop") == {"p1": "Ask [forgotten]."}
