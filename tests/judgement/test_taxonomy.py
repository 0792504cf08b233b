"""The codes of the taxonomy are those that exports promise, and a wrong one gets an answer that helps."""

import pytest

from workbench.errors import UserError
from workbench.judgement import taxonomy
from workbench.judgement.taxonomy import CAUSES, Taxonomy


def test_the_codes_stay_as_exports_promise_them() -> None:
    assert list(taxonomy.CAUSES) == [
        "policy-not-followed",
        "prompt-gap",
        "knowledge-gap",
        "retrieval-miss",
        "ungrounded-answer",
        "wrong-tool-call",
        "tool-fault",
        "tool-result-ignored",
        "said-not-done",
        "incomplete",
        "repeated-action",
        "loop",
        "context-loss",
        "misread-intent",
        "guardrail",
        "handoff",
        "model-change",
        "bad-format",
    ]
    assert list(taxonomy.DISPOSITIONS) == ["not-a-bug", "judged-wrong", "out-of-scope", "duplicate", "needs-info"]
    assert list(taxonomy.SEVERITIES) == ["S1", "S2", "S3", "S4"]


def test_every_cause_says_what_it_means_whose_it_is_and_how_to_see_it() -> None:
    wordings = [(cause.title, cause.meaning, cause.discipline, cause.hint) for cause in taxonomy.CAUSES.values()]
    assert all(all(words) for words in wordings)
    assert all(code == cause.code for code, cause in taxonomy.CAUSES.items())


def test_a_code_is_taken_in_any_case() -> None:
    assert Taxonomy(CAUSES).code(" Tool-Fault ") == "tool-fault"
    assert taxonomy.disposition_code("NOT-A-BUG") == "not-a-bug"
    assert taxonomy.severity_code("s2") == "S2"


@pytest.mark.parametrize(
    ("check", "text", "message"),
    [
        (
            Taxonomy(CAUSES).code,
            "toolfault",
            "'toolfault' is no root cause. Did you mean 'tool-fault'? There are: policy-",
        ),
        (Taxonomy(CAUSES).code, "xyz", "'xyz' is no root cause. There are: policy-not-followed, prompt-gap, "),
        (
            taxonomy.disposition_code,
            "not a bug",
            "'not a bug' is no disposition. Did you mean 'not-a-bug'? There are: ",
        ),
        (taxonomy.severity_code, "high", "'HIGH' is no severity. There are: S1, S2, S3, S4."),
    ],
)
def test_a_wrong_code_is_answered_with_the_nearest_and_all(check, text: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError) as caught:
        check(text)
    assert str(caught.value).startswith(message)


def test_a_causes_words_leave_masked_its_code_as_it_is() -> None:
    row = taxonomy.CauseRow(
        "late-refund", "Late, ask bo@example.com", "see bo@example.com", "billing", "bo@example.com",
        ("I wrote to bo@example.com",), "offered", None,
    )  # fmt: skip
    assert row.masked() == taxonomy.CauseRow(
        "late-refund",
        "Late, ask [email]",
        "see [email]",
        "billing",
        "[email]",
        ("I wrote to [email]",),
        "offered",
        None,
    )
