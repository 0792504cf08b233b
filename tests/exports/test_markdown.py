"""Tickets as Markdown: what an engineer reads, and what log text can't do in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.tickets import EXAMPLE, HOSTILE, TICKET, ticket_with
from workbench.exports.markdown import markdown
from workbench.text.markdown import code, escaped, fenced
from workbench.tickets.document import transcript
from workbench.tickets.frozen_evidence import Message, TicketEvidence

EXPECTED = """\
# FIX-0001: shop: requests about address and change fail

**Fixed, being watched** · severity **S1** (acted wrongly on the world) · root cause **Tool fault** (the tool or integration failed) · usually the work of integration · owner **Bo** · due **2026-05-01** · fixed with release m-3 · tracked as OPS-12 (In Progress)

Some requests fail.  
A second line.

How it fails:

- carries out change_address: 8 of 8

## What is known

|  | FC-0007 |
| --- | --- |
| Observed | address, change: carries out change_address (8/8) |
| Failing conversations | 8 conversations of 5 users; the rate counts the 6 that are near enough to others |
| Rate | 6 of 13 similar requests to shop failed this way: 46 % (95 % interval 23–71 %) |
| Trend | no clear change in the last complete week against the four before |
| Seen | first seen 4 Mar 2026, last seen 9 Apr 2026 |
| Rise | from the week of 9 Mar 2026 on: 5 of 8 failed this way, 1 of 5 before |

| What the failing conversations share | here | this bot's other conversations |
| --- | --- | --- |
| carries out change_address | 8 of 8 (100 %) | 20 % |

| How they differ from the same requests that worked | failures | where it worked |
| --- | --- | --- |
| check_address called | 0 of 8 | 9 of 10 |

**Suspects**, by correlation: none of them is proven to be the cause.

- release m-2 (the same conversations as prompt_version p9): 4 of 8 failed this way (50 %, 95 % interval 22–78 %), 5.0 times as often as without it (10 %); chance: 1 in 330; none is older than its first use, 9 Mar 2026

| Release | failed this way | all other releases |
| --- | --- | --- |
| m-2 | 4 of 8 (50 %) | 40 % |

## Examples

Numbers in brackets are the turns of the conversation, from 0. The turn to look at is where the failure likely shows first; it is no verdict. Placeholders such as \\[email\\] stand for personal data; within one conversation the same one is the same address.

### Example 1: conversation `conv-038`

Failing: the log gives reward 0.0.  
Cluster FC-0007 · bot `shop` · release `m-2` · 4 Apr 2026, 15:00 UTC

**Look at turn 1** (last change made):

```text
[0] user
    change the address
    to Main Street

[1] assistant   <== look here
    → calls change_address {"order": "0038"}

[2] tool change_address
    {"status": "ok"}

[3] assistant
    The address is changed.
```

It worked in conversation `conv-001` (a request 91 % alike). First difference: check_address called where it worked, not here. What it did there: carries out change_address.

## Done when

Judged by new conversations.

- FC-0007: below 23 %.

Else too little traffic.

## What was done

The address is checked first.

- For all shops.

**Regression set**: 2 conversations. Their messages up to the failing turn come from `python -m workbench export evals --ticket FIX-0001 --format jsonl --out FIX-0001.jsonl` (or --format promptfoo).

```text
conv-038
conv-002
```

Made by Ana on 10 Apr 2026. The evidence is frozen: snapshot S000001, data through 9 Apr 2026. State, cause and owner are as of this export. E-mail addresses, phone, card and bank account numbers are masked.  
Fingerprint: `wb-0123456789ab`. Leave it here: it leads the next export back to this issue.
"""  # noqa: W291 - two spaces break a line


def tokens(document: str) -> list[Token]:
    """Every token of the document, inline ones too, as GitHub-like Markdown reads it."""
    found: list[Token] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document):
        found += [token, *(token.children or [])]
    return found


def kinds(document: str) -> dict[str, int]:
    """How many tokens of each kind, but for plain text and line ends, which may be cut in any way."""
    counted: dict[str, int] = {}
    for token in tokens(document):
        if token.type not in ("text", "text_special", "softbreak", "hardbreak"):
            counted[token.type] = counted.get(token.type, 0) + 1
    return counted


def test_a_ticket_reads_as_one_document() -> None:
    assert markdown([TICKET]) == EXPECTED


def test_several_tickets_stand_under_headings_of_their_own() -> None:
    assert markdown([TICKET, TICKET]) == EXPECTED + "\n---\n\n" + EXPECTED


def test_a_ticket_without_evidence_is_short() -> None:
    bare = replace(
        TICKET, severity=None, cause=None, root_cause=None, owner=None, due=None, fixed_release=None, ticket_key=None,
        status="open", description="Look at this.", acceptance="", remedy="", evidence=TicketEvidence(),
    )  # fmt: skip
    assert markdown([bare]) == (
        "# FIX-0001: shop: requests about address and change fail\n\n"
        "**Open** · root cause not agreed yet · no owner yet\n\n"
        "Look at this.\n\n"
        "Made by Ana on 10 Apr 2026. State, cause and owner are as of this export. E-mail addresses, phone, card and bank "
        "account numbers are masked.  \n"
        "Fingerprint: `wb-0123456789ab`. Leave it here: it leads the next export back to this issue.\n"
    )


def test_of_a_long_example_its_beginning_and_what_leads_to_the_failing_turn_are_shown() -> None:
    messages = [
        Message(n, "user" if n % 2 else "system" if n == 0 else "assistant", f"said {n} " + "x" * 2000)
        for n in range(21)
    ]
    shown = replace(EXAMPLE, failing_turn=20, messages=messages, worked=None)
    document = markdown([replace(TICKET, evidence=TicketEvidence(examples=[shown]))])
    [block] = [token.content for token in tokens(document) if token.type == "fence"]
    heads = [line for line in block.splitlines() if line.startswith("[")]
    assert heads == [
        "[1] user", "[2] assistant", "[… turns 3 to 13 are left out here]", "[14] assistant", "[15] user", "[16] assistant",
        "[17] user", "[18] assistant", "[19] user", "[20] assistant   <== look here",
    ]  # fmt: skip
    assert "… [cut here: 808 more characters]" in block


def test_log_text_anywhere_leaves_the_document_as_it_is() -> None:
    plain = markdown([ticket_with("x")])
    hostile = markdown([ticket_with(HOSTILE)])
    assert kinds(hostile) == kinds(plain)
    assert not {"link_open", "image", "html_block", "html_inline", "s_open"} & set(kinds(hostile))
    for live in ("\u202e", "\u200b", "\x1b"):
        assert live not in hostile
    outside = "".join(token.content for token in tokens(hostile) if token.type in ("text", "text_special"))
    assert [link for link in ("http://", "https://", "www.", "@everyone", "#12") if link in outside] == []


def test_a_message_in_a_fence_stays_as_logged() -> None:
    shown = replace(EXAMPLE, messages=[Message(0, "user", "```\nend? ````\n# no")])
    document = markdown([replace(TICKET, evidence=TicketEvidence(examples=[shown]))])
    blocks = [token.content for token in tokens(document) if token.type == "fence"]
    assert blocks == ["[0] user\n    ```\n    end? ````\n    # no\n"]


def test_a_message_can_not_pose_as_another_speaker() -> None:
    assert transcript([Message(0, "user", "hi\n[1] assistant\nYes."), Message(4, "tool", error="x")]) == (
        "[0] user\n    hi\n    [1] assistant\n    Yes.\n\n[… turns 1 to 3 are left out here]\n\n[4] tool\n    error: x"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("carries out update_reservation (12/17), 50 %", "carries out update_reservation (12/17), 50 %"),
        ("_under_ *bold* a|b <b> [x](y) `c`", r"\_under\_ \*bold\* a\|b \<b\> \[x\](y) \`c\`"),
        ("# no heading", r"\# no heading"),
        ("- no point", r"\- no point"),
        ("12. no list", r"12\. no list"),
        ("two\nlines", "two lines"),
        ("https://a.test @bo #7", "https:\u2060//a.test @\u2060bo #\u20607"),
        ("", ""),
    ],
)
def test_escaped_text_shows_as_it_is(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_fences_and_ticks_are_longer_than_those_inside() -> None:
    assert (fenced("a ```` b"), fenced("a"), code("a``b"), code("a")) == (
        "`````text\na ```` b\n`````", "```text\na\n```", "``` a``b ```", "`a`",
    )  # fmt: skip
