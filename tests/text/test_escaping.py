import time

import pytest

from workbench.text.escaping import for_plotly, plain, plain_words, visible

JOINER = "\u2060"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("windows\r\nlines, old\rmac", "windows\nlines, old␍mac"),
        ("a\x00b\x1b[31mc\x7f", "a␀b␛[31mc␡"),
        ("next\x85line", "next⟦U+0085⟧line"),
        ("abc\u202egnp.exe", "abc⟦U+202E⟧gnp.exe"),
        ("\u2066isolated\u2069", "⟦U+2066⟧isolated⟦U+2069⟧"),
        ("pay\u200bpal", "pay⟦U+200B⟧pal"),
        ("\ufeffstart", "⟦U+FEFF⟧start"),
        ("hid\U000e0041\U000e0042den", "hid⟦U+E0041⟧⟦U+E0042⟧den"),
        ("blank\u3164name", "blank⟦U+3164⟧name"),
        ("half \ud83d pair", "half ⟦U+D83D⟧ pair"),
        ("line\u2028separator", "line⟦U+2028⟧separator"),
        ("❤️ 👩‍👧 می‌خواهم", "❤️ 👩‍👧 می‌خواهم"),
        ("a\u200db", "a⟦U+200D⟧b"),
        ("e" + "\u0301" * 40 + "x", "e\u0301\u0301\u0301x"),
        ("Straße, plaît, 東京, हिन्दी, ภาษาไทย", "Straße, plaît, 東京, हिन्दी, ภาษาไทย"),
    ],
)
def test_what_is_hidden_is_shown_and_what_is_spelled_stays(text, shown):
    assert visible(text) == shown


def test_a_cut_says_how_much_is_missing():
    assert visible("a" * 5_000, limit=3) == "aaa… (+4,997 characters)"
    assert visible("abc", limit=3) == "abc"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("two\n\n  lines\t", "two lines"),
        ("![x](http://evil.example/a.png)", rf"\!\[x\]\(http\:{JOINER}//evil.example/a.png\)"),
        ("<img src=x onerror=alert(1)>", r"\<img src\=x onerror\=alert\(1\)\>"),
        ("# **bold** _it_ ~~no~~ `code`", r"\# \*\*bold\*\* \_it\_ \~\~no\~\~ \`code\`"),
        (":red[x] :smile: :material/home:", rf"\:{JOINER}red\[x\] \:{JOINER}smile\: \:{JOINER}material/home\:"),
        ("$E=mc^2$ and $5", r"\$E\=mc\^2\$ and \$5"),
        ("www.evil.example a@b.example", rf"www{JOINER}.evil.example a\@{JOINER}b.example"),
        ("1. - + | a -> b <= c -- d", rf"1\. \- \+ \| a \-{JOINER}\> b \<{JOINER}\= c \-{JOINER}\- d"),
        ("&lt;b&gt; \\*", r"\&lt;b\&gt; \\\*"),
        ("a\u202eb", r"a⟦U\+202E⟧b"),
    ],
)
def test_plain_leaves_markdown_nothing_to_interpret(text, markdown):
    assert plain(text) == markdown


def test_a_plain_text_is_cut_before_it_is_escaped():
    assert plain("*" * 10, limit=2) == r"\*\*… \(\+8 characters\)"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "refund, cancel: carries out cancel_reservation (8/10)",
            "refund, cancel: carries out cancel_reservation (8/10)",
        ),
        ("=HYPERLINK('x')", "HYPERLINK('x')"),
        ("<script>alert(1)</script>", "script alert(1) /script"),
        ("![x](http://e.example) :red[now]", "x (http e.example) red now"),
        ("pay\u200bpal \u202e!", "paypal"),
        ("s'il vous plaît – 12:30, 東京 हिन्दी", "s'il vous plaît 12:30, 東京 हिन्दी"),
        ("  \n ", ""),
    ],
)
def test_a_name_is_made_of_words_and_basic_punctuation(text, name):
    assert plain_words(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("word " * 100, "word word…"),
        ("word word wor", "word word…"),
        ("word word wo", "word word wo"),
        ("to pay 1,234.56", "to pay…"),
        ("refund: paid, twice", "refund…"),
        ("find_reservations", "find_reserv…"),
        ("order123456789", "order…"),
        ("12345678901234", "12345678901…"),
        ("東京東京東京東京東京東京東京", "東京東京東京東京東京東…"),
        ("word " + "*" * 200 + " word", "word…"),
    ],
)
def test_a_long_name_ends_in_an_ellipsis_never_inside_a_word_or_number_that_fits(text, name):
    assert plain_words(text, limit=12) == name
    assert len(name) <= 12


def test_plotly_gets_no_tags_entities_or_templates():
    assert for_plotly('<a href="x">R&D</a> %{x}') == f'&lt;a href="x"&gt;R&amp;D&lt;/a&gt; %{JOINER}{{x}}'


def test_a_megabyte_without_a_space_takes_no_time():
    started = time.process_time()
    for word in ("a" * 1_000_000, "é" * 1_000_000, "\u0301" * 1_000_000, ":" * 1_000_000):
        visible(word), plain(word), plain_words(word), for_plotly(word)
    assert time.process_time() - started < 2
