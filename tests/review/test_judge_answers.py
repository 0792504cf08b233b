from pathlib import Path

import pytest

from workbench.review.judge_answers import Answer, Answers, Judge, judges, parsed
from workbench.store import Store

JUDGE = Judge("gpt/x", "the prompt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"verdict": "failed", "turn": 2, "rationale": "wrong seat"}', ("failed", 2, "wrong seat", True)),
        ('Sure!\n```json\n{"verdict": "Fine", "turn": 2}\n```', ("fine", None, "", True)),
        ('{"note": 1} {"verdict": "failed", "turn": 99}', ("failed", None, "", True)),
        ('{"verdict": "failed", "turn": true}', ("failed", None, "", True)),
        ('{"verdict": "maybe"}', ("unsure", None, '{"verdict": "maybe"}', False)),
        ("It failed.", ("unsure", None, "It failed.", False)),
        ("", ("unsure", None, "", False)),
    ],
)
def test_an_answer_is_read_out_of_what_a_model_wrote(text: str, expected: tuple[str, int | None, str, bool]) -> None:
    answer = parsed("k", "d", text, 5, 10)
    assert (answer.verdict, answer.turn, answer.rationale, answer.readable) == expected


def test_answers_are_kept_and_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    answers = Answers(Store(tmp_path), JUDGE)
    first, second = Answer("k1", "d1", "failed", 3, "bad\nline", 50), Answer("k1", "d2", "fine")
    answers.add(first)
    (file,) = (tmp_path / "judges").glob("*.jsonl")
    file.write_bytes(file.read_bytes() + b'{"key": "k9", "dig')
    answers.add(second)
    assert answers.all() == {("k1", "d1"): first, ("k1", "d2"): second}
    assert judges(Store(tmp_path)) == {JUDGE: {"k1": second}}


def test_another_prompt_is_another_judge(tmp_path: Path) -> None:
    Answers(Store(tmp_path), JUDGE).add(Answer("k", "d", "fine"))
    assert Answers(Store(tmp_path), Judge("gpt/x", "other")).all() == {}
