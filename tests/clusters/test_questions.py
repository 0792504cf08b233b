import pytest

from workbench.clusters.questions import question_kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How do I find my card?", "how-to questions"),
        ("My card is gone, what can I do?", "what questions"),
        ("What if it never comes?", "what-if questions"),
        ("I am still waiting on my card?", "yes-or-no questions"),
        ("Was my payment declined", "yes-or-no questions"),
        ("please cancel it", "requests to do something"),
        ("my account is locked. Why?", "why questions"),
        ("Wie viel kostet das?", "how-much questions"),
        ("退款怎么办？", "how-to questions"),
        ("返品したいです。返金はいつですか？", "when questions"),
        ("My card got eaten.", "statements, no question"),
        ("", "statements, no question"),
    ],
)
def test_a_question_is_of_the_kind_of_the_first_word_that_asks(text: str, kind: str) -> None:
    assert question_kind(text) == kind
