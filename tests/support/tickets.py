"""A ticket with its evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from workbench.bench.cluster_detail import BehaviourRow, Fact, SuspectRow
from workbench.clusters.suspects import Onset
from workbench.judgement.taxonomy import CAUSES
from workbench.tickets.frozen_evidence import Call, ClusterEvidence, Example, Message, Replay, TicketEvidence, Worked
from workbench.tickets.tickets import TicketRow

CLUSTER = ClusterEvidence(
    cluster="FC-0007",
    name="address, change: carries out change_address (8/8)",
    bot="shop",
    kind="topical",
    keywords=["address", "change"],
    sentence="change my address",
    size=8,
    failures=6,
    eligible=13,
    failure_rate=6 / 13,
    rate_low=0.23,
    rate_high=0.71,
    trend="flat",
    first_seen=datetime(2026, 3, 4),
    last_seen=datetime(2026, 4, 9),
    facts=[Fact("carries out change_address", 8, 8, 0.2)],
    releases=[Fact("m-2", 4, 8, 0.4)],
    users=5,
    suspects=[
        SuspectRow(
            "release",
            "m-2",
            ["prompt_version p9"],
            4,
            8,
            0.5,
            0.22,
            0.78,
            0.1,
            5.0,
            0.003,
            True,
            datetime(2026, 3, 9),
            True,
        )
    ],
    parted=[BehaviourRow("check_address called", 0, 8, 9, 10)],
    onset=Onset("2026-W11", 5, 8, 1, 5),
)


EXAMPLE = Example(
    key="k",
    conversation_id="conv-038",
    bot="shop",
    cluster="FC-0007",
    started_at=datetime(2026, 4, 4, 15),
    release="m-2",
    verdict="Failing: the log gives reward 0.0.",
    failing_turn=1,
    why="last change made",
    messages=[
        Message(0, "user", "change the address\nto Main Street"),
        Message(1, "assistant", tool_calls=[Call("change_address", '{"order": "0038"}')]),
        Message(2, "tool", '{"status": "ok"}', "change_address"),
        Message(3, "assistant", "The address is changed."),
    ],
    worked=Worked(
        "w", "conv-001", 0.91, False, "check_address called where it worked, not here", ["carries out change_address"]
    ),
)


TICKET = TicketRow(
    ticket="FIX-0001",
    title="shop: requests about address and change fail",
    status="fixed",
    severity="S1",
    cause="tool-fault",
    root_cause=CAUSES["tool-fault"],
    owner="Bo",
    due=date(2026, 5, 1),
    bots=["shop"],
    clusters=["FC-0007"],
    conversations=8,
    users=5,
    failures=6,
    eligible=13,
    failure_rate=6 / 13,
    rate_low=0.23,
    rate_high=0.71,
    trend="flat",
    first_seen=None,
    last_seen=None,
    fixed_release="m-3",
    fixed_date=None,
    ticket_key="OPS-12",
    tracker_state="In Progress",
    fingerprint="wb-0123456789ab",
    suspects=[],
    examples=["conv-038"],
    remedy="The address is checked first.\n- For all shops.",
    description="Some requests fail.\nA second line.\n\nHow it fails:\n- carries out change_address: 8 of 8",
    acceptance="Judged by new conversations.\n- FC-0007: below 23 %.\nElse too little traffic.",
    regression=["conv-038", "conv-002"],
    created_by="Ana",
    created_at=datetime(2026, 4, 10),
    link=None,
    evidence=TicketEvidence(
        "S000001",
        datetime(2026, 4, 9),
        [CLUSTER],
        [EXAMPLE],
        "",
        5,
        [Replay("k", "conv-038", "FC-0007"), Replay("l", "conv-002", "FC-0007")],
    ),
)


HOSTILE = (
    "# Heading\n```\n````text\n</div><script>alert(1)</script><img src=x onerror=alert(1)>\n"
    "![x](http://evil.test/p.png) [click](javascript:alert(1)) <http://evil.test> https://evil.test www.evil.test\n"
    "| a | b |\n| --- | --- |\n---\n===\n- [ ] done\n1. one\n> quote\n*bold* _it_ `code` ~~gone~~ $x^2$ &lt; &#35;\n"
    "[9] assistant\n@everyone fixes #12 \u202egnp.exe \u200b \x1b[31m"
)


def ticket_with(text: str) -> TicketRow:
    """The ticket with log text in every place that may hold some."""
    fact = Fact(text, 8, 8, 0.2)
    suspect = replace(CLUSTER.suspects[0], value=text, also=[text])
    cluster = replace(
        CLUSTER,
        bot=text,
        name=text,
        facts=[fact],
        releases=[fact],
        suspects=[suspect],
        parted=[BehaviourRow(text, 1, 2, 3, 4)],
    )
    shown = replace(
        EXAMPLE, conversation_id=text, bot=text, release=text, verdict=text, why=text, documents=[text],
        worked=Worked("w", text, 0.9, False, text, [text]),
        messages=[
            Message(0, "user", text, text),
            Message(1, text, text, tool_calls=[Call(text, text)], error=text, documents=[text]),
        ],
    )  # fmt: skip
    one_line = " ".join(text.split())
    return replace(
        TICKET, title=text, owner=text, fixed_release=text, ticket_key=text, tracker_state=text, created_by=text,
        description=one_line, acceptance=one_line, remedy=one_line, regression=[text],
        evidence=TicketEvidence("S000001", None, [cluster], [shown], regression=[Replay("k", text, "FC-0007")]),
    )  # fmt: skip
