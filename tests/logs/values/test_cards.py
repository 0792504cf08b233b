"""The words of HTML that a log holds."""

import pytest

from workbench.logs.values.cards import html_text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no HTML", "no HTML"),
        ("<p>One <b>word</b></p><p>and &amp; another</p>", "One word\nand & another"),
        ("a<br>b<BR/>c<br />d", "a\nb\nc\nd"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ('<a href="https://shop.example?a>b">here</a>', "here"),
        ('<img src=x alt="a cup"> <img src=y> <img alt=""><img data-alt="no">', "a cup [image] [image][image]"),
        ("before<script>if (a < b) alert('x')</script>after<style>p > b {}</style>", "beforeafter"),
        ("a <!-- not <b>this</b> --> b", "a b"),
        ("<!doctype html><?xml a?><![CDATA[kept", "<![CDATA[kept"),
        ("5 < 6 and 7 > 6, a <b and c", "5 < 6 and 7 > 6, a <b and c"),
        ("<!-- nobody closes it", "<!-- nobody closes it"),
        ("<![foo[ x", "<![foo[ x"),
    ],
)
def test_of_html_the_words_stay_a_paragraph_a_line_and_what_is_none_stays_text(text: str, words: str) -> None:
    assert html_text(text) == words
