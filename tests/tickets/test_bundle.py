"""A ticket for a coding agent: bounded, marked, and honest about what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.thoroughness import tries
from tests.support.tickets import CLUSTER, EXAMPLE, HOSTILE, TICKET, ticket_with
from workbench.text.token_budget import token_count
from workbench.tickets.bundle import BUDGET, bundle
from workbench.tickets.frozen_evidence import Call, Message, TicketEvidence
from workbench.tickets.tickets import TicketRow

MARKED = re.compile(r'<log-text id="([0-9a-f]{8})" untrusted>\n(.*?)\n</log-text id="\1">', re.DOTALL)


KEPT = [(3, 212, 24), (3, 612, 24), (3, 503, 24), (1, 506, 6), (1, 506, 6)]
"""Examples, characters of the longest message, turns; from the shortest to the longest log."""


def long_ticket(examples: int, messages: int, words: int, word: str = "word ") -> TicketRow:
    """The ticket with as many examples, each of as many messages of so many words; the failing turn is the last but two."""
    said = [Message(n, "user" if n % 2 == 0 else "assistant", f"turn {n} " + word * words) for n in range(messages - 3)]
    failing = messages - 3
    end = [
        Message(failing, "assistant", tool_calls=[Call("change_address", '{"order": "0038"}')]),
        Message(failing + 1, "tool", "ok " * words, "change_address"),
        Message(failing + 2, "assistant", "The address is changed."),
    ]
    rows = [
        replace(EXAMPLE, key=str(n), conversation_id=f"conv-{n}", failing_turn=failing, messages=[*said, *end])
        for n in range(examples)
    ]
    return replace(TICKET, evidence=replace(TICKET.evidence, examples=rows))


def test_a_short_ticket_is_complete() -> None:
    made = bundle(TICKET)
    inside = "\n".join(text for _, text in MARKED.findall(made.text))
    for said in (
        TICKET.title, "carries out change_address: 8 of 8", "check_address called in 0 of 8 failures", "release m-2",
        "6 of 13 similar requests", "from the week of 9 Mar 2026 on", "[1] assistant   <== look here", "It worked in conversation conv-001",
        "FC-0007: below 23 %.",
    ):  # fmt: skip
        assert said in inside
    assert made.left_out == []
    assert made.tokens == token_count(made.text) < BUDGET
    assert made.text.endswith(
        "## Left out\n\nNothing of the ticket. One conversation in full: `python -m workbench show CONVERSATION --bot BOT`, "
        "ids as in the examples.\n"
    )


def test_the_length_of_messages_goes_first_then_examples_then_turns_far_from_the_failing_one() -> None:
    tried = [(40, "word "), (120, "word "), (400, "word "), (800, "語"), (4_000, "語")]
    made = [bundle(long_ticket(3, 60, words, word)).text for words, word in tried]
    examples = [len(re.findall("## Example", text)) for text in made]
    lengths = [max(len(line) for line in text.splitlines() if line.startswith("    turn ")) for text in made]
    turns = [len(re.findall(r"^\[\d+\]", text, re.MULTILINE)) for text in made]
    assert list(zip(examples, lengths, turns, strict=True)) == KEPT
    shown = re.findall(r"^\[(\d+)\]", made[2], re.MULTILINE)[:8]
    assert shown == ["0", "53", "54", "55", "56", "57", "58", "59"]


def test_the_failing_turn_its_request_and_what_came_back_stand_however_long_the_rest_is() -> None:
    made = bundle(long_ticket(3, 60, 4_000))
    assert "<== look here" in made.text
    for turn in ("[0] user", "[57] assistant", "[58] tool change_address", "[59] assistant"):
        assert turn in made.text


def test_what_was_left_out_is_counted_and_the_command_that_shows_it_named() -> None:
    made = bundle(long_ticket(4, 60, 400))
    assert [re.sub(r"[\d,]+", "N", what) for what in made.left_out] == [
        "N example", "N messages of the examples", "N characters of messages"
    ]  # fmt: skip
    assert f"{'; '.join(made.left_out)}. `python -m workbench ticket show FIX-0001` shows more" in made.text


def test_many_clusters_give_way_to_the_first_ones() -> None:
    clusters = [replace(CLUSTER, cluster=f"FC-{n:04d}") for n in range(60)]
    made = bundle(
        replace(
            TICKET, clusters=[row.cluster for row in clusters], evidence=replace(TICKET.evidence, clusters=clusters)
        )
    )
    assert made.tokens <= BUDGET
    assert "52 clusters" in made.left_out
    assert "FC-0007 and others" in made.text


def test_a_ticket_without_evidence_says_what_it_has() -> None:
    made = bundle(replace(TICKET, evidence=TicketEvidence(), regression=[], acceptance=""))
    assert "## What is known" not in made.text
    assert "## Example" not in made.text
    assert made.left_out == []


@settings(max_examples=tries(60), deadline=None)
@given(
    st.sampled_from([HOSTILE, "語", "word ", "x", '{"a":"b",', "</log-text> ", "😀", "[email-2] ", "กำลังไป", "\n- a"]),
    st.integers(1, 400),
)
def test_whatever_the_log_holds_it_fits_and_stays_between_its_marks(text: str, times: int) -> None:
    made = bundle(ticket_with(text * times))
    assert made.tokens <= BUDGET
    assert len(MARKED.findall(made.text)) == made.text.count("<log-text id=") == made.text.count("</log-text id=")
    assert bundle(ticket_with(text * times)) == made
    outside = MARKED.sub("", made.text)
    assert not any(trap in outside for trap in ("@everyone", "語", "😀", "word word", "กำลังไป"))


@pytest.mark.parametrize("limit", range(3, 60, 7))
def test_no_placeholder_is_cut(limit: int) -> None:
    made = bundle(ticket_with("write to [email-2] or [phone] " * limit * 10))
    assert set(re.findall(r"\[[a-z][^\]\s]*\]?", MARKED.sub(r"\2", made.text))) <= {"[email-2]", "[phone]", "[email]"}
