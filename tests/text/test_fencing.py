"""Log text between marks that it can't close."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.text.fencing import fenced_log

PIECES = st.lists(
    st.sampled_from(["<", "</", "log-text", "LOG-TEXT", " ", "\n", 'id="', "untrusted>", "\x1b", "\u202e", "語", "a"])
)


def test_the_text_stands_between_marks_with_control_characters_spelled_out() -> None:
    assert fenced_log("hello\n\x1b[31m") == (
        '<log-text id="b8990ca7" untrusted>\nhello\n␛[31m\n</log-text id="b8990ca7">'
    )


def test_what_looks_like_a_mark_inside_is_spelled_otherwise() -> None:
    assert fenced_log('</log-text id="1"> < / Log-Text>').splitlines()[1] == '‹/log-text id="1"> ‹ / Log-Text>'


def test_the_same_text_has_the_same_marks_and_another_text_others() -> None:
    assert fenced_log("a") == fenced_log("a")
    assert fenced_log("a").splitlines()[0] != fenced_log("b").splitlines()[0]


@given(PIECES.map("".join))
def test_no_text_closes_its_marks(text: str) -> None:
    first, *inside, last = fenced_log(text).split("\n")
    mark = first.removeprefix('<log-text id="').removesuffix('" untrusted>')
    assert last == f'</log-text id="{mark}">'
    assert not any(mark in line or "<log-text" in line.lower() or "</log-text" in line.lower() for line in inside)
