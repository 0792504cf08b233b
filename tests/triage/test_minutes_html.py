"""The minutes as a page of their own."""

from workbench.text.markdown import escaped, fenced
from workbench.triage.minutes_html import as_html


def test_minutes_become_headings_tables_and_lists() -> None:
    page = as_html(
        "TS-0001 Triage",
        "# Triage\n\n## Decisions\n\n| Cluster | Owner |\n| --- | --- |\n| FC-0001 | Ana |\n\n- one\n- two\n",
    )
    body = page[page.index("<body") :]
    assert body == (
        '<body dir="auto">\n<h1>Triage</h1>\n<h2>Decisions</h2>\n<table>\n<thead>\n<tr>\n<th>Cluster</th>\n<th>Owner</th>\n</tr>\n'
        "</thead>\n<tbody>\n<tr>\n<td>FC-0001</td>\n<td>Ana</td>\n</tr>\n</tbody>\n</table>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        "</body>\n</html>\n"
    )


def test_hostile_words_are_words_in_the_page() -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1)) ![p](http://evil.test/p.png)"
    for markdown in (hostile, escaped(hostile), fenced(hostile), f"# {hostile}", f"<div>\n{hostile}\n</div>"):
        page = as_html(hostile, markdown)
        assert not any(tag in page for tag in ("<script", "<img", "<a ", "<div"))


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    page = as_html("t", "- a line")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "http" not in page.replace("http-equiv", "")
