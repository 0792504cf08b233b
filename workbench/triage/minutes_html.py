"""The minutes of a triage session as one HTML file that prints well: no script, no image, no link, no remote address.

Rendered from their Markdown by markdown-it with HTML, links and images off; the file's own Content-Security-Policy lets nothing
in but its styles.
"""

from __future__ import annotations

from html import escape

from markdown_it import MarkdownIt

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; color: #1b1f24; background: #fff; margin: 2.2rem auto; max-width: 52rem; padding: 0 1.4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid #1f5a7a; break-after: avoid; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; break-after: avoid; }
p, li { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #d9dee3; }
th { color: #55606b; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f3f5f7; border-left: 3px solid #1f5a7a; padding: .6rem .8rem; font: inherit; }
td, li, p, pre { unicode-bidi: plaintext; text-align: start; }
tr, pre, li { break-inside: avoid; }
@page { size: A4; margin: 16mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 11pt; } }
"""


def as_html(title: str, markdown: str) -> str:
    """The whole file; `markdown` is that of `minutes`, `title` its name in a browser's tab."""
    body = renderer().render(markdown)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f'<body dir="auto">\n{body}</body>\n</html>\n'
    )


def renderer() -> MarkdownIt:
    """CommonMark with tables, in which nothing leads anywhere or loads anything."""
    return (
        MarkdownIt("commonmark", {"html": False})
        .enable("table")
        .disable(["image", "link", "autolink", "html_block", "html_inline"])
    )
