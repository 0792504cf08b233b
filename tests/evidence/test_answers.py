"""What a snapshot answered is kept while it is asked for, within a bound."""

import numpy as np
import pytest

from workbench.evidence.answers import Answers, question


def asked(answers: Answers, name: str, size: int = 1) -> list[str]:
    """Ask by this name; what had to be worked out for it."""
    worked: list[str] = []

    def ask() -> str:
        worked.append(name)
        return name

    answers.get(question("text", name, None), ask, lambda _: size)
    return worked


def test_the_same_question_is_answered_once() -> None:
    answers = Answers()
    assert (asked(answers, "a"), asked(answers, "b"), asked(answers, "a")) == (["a"], ["b"], [])


def test_beyond_the_bound_what_was_asked_for_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.evidence.answers.KEPT_BYTES", 4)
    answers = Answers()
    for name in ("a", "b", "a", "c"):
        asked(answers, name, 2)
    assert (asked(answers, "a", 2), asked(answers, "c", 2), asked(answers, "b", 2)) == ([], [], ["b"])


def test_an_answer_of_half_the_bound_or_more_pushes_no_other_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.evidence.answers.KEPT_BYTES", 4)
    answers = Answers()
    asked(answers, "a", 2)
    assert (asked(answers, "large", 3), asked(answers, "large", 3), asked(answers, "a", 2)) == (
        ["large"],
        ["large"],
        [],
    )


def test_a_question_is_its_kind_its_words_and_its_values() -> None:
    kinds = [question("rows", "select $k", {"k": ["a"]}), question("values", "select $k", {"k": ["a"]})]
    values = [question("rows", "select $k", {"k": ["a", "b"]}), question("rows", "select $k", {"k": "a"})]
    assert len({*kinds, *values}) == 4
    assert question("rows", "select $v", {"v": np.zeros(2)}) is None
