import pytest

from workbench.text.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("plain", "plain"),
        (r"a\nb", "a \nb"),
        (r"a\u0040b", "a@b"),
        (r"a\\u0040b", "a@b"),
        ("a&#64;b&commat;c&amp;d&nope;", "a@b@c&d&nope;"),
        ("１２\u200b３", "123"),
        ("a\u00a0b\u2011c", "a b-c"),
    ],
)
def test_escapes_and_other_spellings_are_read_as_what_they_stand_for(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_places_lead_back_to_what_stood_there_whole() -> None:
    text = r"x\u0041\u00e9\u200by&amp;z"
    folded = fold(text)
    assert folded.text == "xAéy&z"
    spans = [text[folded.unfold(n) : folded.unfold_end(n + 1)] for n in range(len(folded.text))]
    assert spans == ["x", r"\u0041", r"\u00e9", "y", "&amp;", "z"]
