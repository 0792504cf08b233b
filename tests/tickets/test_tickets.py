"""Tickets: what a draft says, what is frozen, how a fix is recorded, and the commands."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.support.command import Command
from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import BehaviourRow, Fact, SuspectRow
from workbench.bench.conversation_detail import ConversationDetail, FailingTurn
from workbench.bench.filter import Filter
from workbench.conversation.model import Conversation, Document, ToolCall, Turn
from workbench.errors import Conflict, UserError
from workbench.exports import COLUMNS, export_bytes, read_csv
from workbench.judgement.taxonomy import CAUSES, Taxonomy
from workbench.store import Store
from workbench.tickets import tickets
from workbench.tickets.evidence import cut, example, examples, regression_set
from workbench.tickets.fix_rule import Period, judge, target
from workbench.tickets.frozen_evidence import Call, ClusterEvidence, Example, Message, Replay, read_evidence
from workbench.tickets.verification import before_fix, verify
from workbench.tickets.wording import acceptance, description, suspect, title

REFUNDS = ClusterEvidence(
    cluster="FC-0002",
    name="refund, cancel: carries out cancel_reservation (17/17)",
    bot="airline",
    kind="topical",
    keywords=["refund", "cancel", "reason"],
    sentence="Please cancel my flights.",
    size=17,
    failures=13,
    eligible=48,
    failure_rate=13 / 48,
    rate_low=0.17,
    rate_high=0.41,
    trend="rising",
    first_seen=datetime(2025, 7, 29),
    last_seen=datetime(2025, 12, 2),
    facts=[
        Fact("carries out cancel_reservation", 17, 17, 0.12),
        Fact("the log says it failed", 17, 17, 0.5),
    ],
    releases=[Fact("gpt-4.1", 9, 11, 0.2), Fact("not logged", 4, 6, 0.3)],
    users=11,
    parted=[BehaviourRow("carries out cancel_reservation", 16, 17, 1, 22)],
)
LOOPS = replace(
    REFUNDS,
    cluster="FC-0006",
    name="voucher, number: same call in a loop (3/3)",
    kind="mechanical",
    size=3,
    failures=3,
    eligible=240,
    failure_rate=3 / 240,
    rate_low=0.004,
    rate_high=0.036,
    facts=[],
    releases=[],
    users=None,
    parted=[],
    first_seen=None,
    last_seen=None,
    trend=None,
)


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store, "Ana")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Store) -> Command:
    return Command(monkeypatch, capsys, store.root)


# ── what a draft says ──


def test_a_title_names_the_bot_the_requests_and_how_they_went() -> None:
    unseen = replace(REFUNDS, name="refund, cancel: why questions, no sign in the log (6/8)")
    silent = replace(REFUNDS, name="no user text: carries out reboot_device (15/15)", keywords=[], sentence="")
    various = replace(REFUNDS, name="various requests: long replies or no tool called (5/8)", keywords=[])
    assert [title([cluster]) for cluster in (REFUNDS, unseen, silent, various, LOOPS)] == [
        "airline: requests about refund and cancel fail (mostly: carries out cancel_reservation)",
        "airline: requests about refund and cancel fail without a sign in the log",
        "airline: requests without words of the user fail (mostly: carries out reboot_device)",
        "airline: requests about various topics fail (mostly: long replies or no tool called)",
        "airline: same call in a loop",
    ]
    assert title([LOOPS, REFUNDS, unseen]) == "airline: same call in a loop, and 2 other clusters"


def test_a_description_says_what_to_how_many_how_often_and_what_differs_where_it_works() -> None:
    assert description([REFUNDS]) == (
        "Some requests about refund and cancel to the bot airline fail (mostly: carries out cancel_reservation). "
        "A typical one begins: “Please cancel my flights.”\n"
        "It touched 17 conversations of 11 users. 13 of 48 similar requests to airline failed this way: 27 % (95 % interval "
        "17–41 %). The log itself calls 17 of 17 failed.\n"
        "Why we think so: Seen since 29 Jul 2025, without a week from which it clearly rises; carries out cancel_reservation in "
        "16 of 17 failures, in 1 of 22 of the same requests that worked."
    )


def test_a_description_says_what_the_log_lacks() -> None:
    assert description([replace(LOOPS, failure_rate=None, sentence="")]) == (
        "Conversations with the bot airline show the same fault, whatever was asked: same call in a loop.\n"
        "It touched 3 conversations. 3 conversations failed this way; too few similar requests for a rate."
    )


def test_what_a_person_noted_of_a_cluster_stands_in_the_description() -> None:
    noted = replace(LOOPS, note="times out since Monday", noted_by="Ana")
    assert description([noted]).splitlines()[-1] == "Ana noted: times out since Monday"


def test_a_suspect_is_told_with_its_counts_and_as_correlation() -> None:
    begun = SuspectRow(
        "prompt_version", "p7", [], 9, 11, 9 / 11, 0.52, 0.95, 0.0, None, 0.00002, True, datetime(2025, 9, 1), True
    )
    used = replace(begun, kind="tool", value="cancel", also=["tool undo"], elsewhere=0.1, lift=8.2, begins=False)
    assert [suspect(begun), suspect(used)] == [
        "prompt p7: 9 of 11 failed this way (82 %, 95 % interval 52–95 %), never without it; chance: 1 in 50,000; none is older than its "
        "first use, 1 Sep 2025",
        "tool cancel (the same conversations as tool undo): 9 of 11 failed this way (82 %, 95 % interval 52–95 %), 8.2 times "
        "as often as without it (10 %); chance: 1 in 50,000",
    ]


def test_a_ticket_is_done_below_half_the_rate_before_or_says_that_there_are_too_few() -> None:
    first, *targets, last = acceptance([REFUNDS, LOOPS]).splitlines()
    assert targets == [
        "- FC-0002: before, 13 of 48 similar requests to airline failed this way (27 %). It is fixed as soon as "
        "those afterwards speak ten to one for less than half of that being left: none of 24 may fail this way, at most 1 of 43, "
        "at most 2 of 62, at most 3 of 80.",
        "- FC-0006: 3 failures among conversations with airline so far. A verdict needs at least 10 from before the fix; until "
        "then the regression set must pass.",
    ]
    assert "new conversations judge the fix" in first
    assert "too little traffic" in last


def test_the_acceptance_counts_what_the_verdict_will_count_from_the_first_failure_on() -> None:
    late = replace(LOOPS, failures=12, eligible=240, failure_rate=12 / 240, judged_failures=12, judged_eligible=45)
    assert (
        acceptance([late])
        .splitlines()[1]
        .startswith(
            "- FC-0006: before, 12 of 45 conversations with airline since the first failure failed this way (27 %). It is fixed "
            "as soon as those afterwards speak ten to one for less than half of that being left: none of 25"
        )
    )


def test_a_draft_promises_the_numbers_by_which_its_fix_is_judged(bench: Bench) -> None:
    kept = tickets.create(bench, tickets.draft(bench, ["FC-0001"]))
    tickets.fix(bench, kept.ticket, release="not there yet")
    (cluster,) = read_evidence(bench.judgement.tickets.get(kept.ticket).evidence).clusters
    definition = (bench.judgement.tickets.get(kept.ticket).eligible or {})["clusters"][0]
    before = before_fix(bench, definition)
    assert (cluster.judged_failures, cluster.judged_eligible) == (before.failures, before.eligible)
    assert verify(bench, kept.ticket).before == before


def test_the_acceptance_of_a_ticket_is_the_rule_that_verifies_it() -> None:
    before = Period(None, None, 48, 13, 13)
    wanted = target(13, 48)
    assert wanted is not None
    needed = wanted.needed
    line = acceptance([REFUNDS]).splitlines()[1]
    allowed = int(line.split("at most ")[-1].split()[0])
    assert line.endswith(f"at most {allowed} of {needed}.")
    verdicts = [
        judge(before, Period(None, None, needed, failing, failing)).verdict for failing in (allowed, allowed + 1)
    ]
    assert verdicts == ["fixed", "not fixed"]


# ── the examples ──


def talk(turns: list[Turn], failing: int | None = None) -> ConversationDetail:
    """A conversation with a likely failing turn, as the bench gives it."""
    candidates = [] if failing is None else [FailingTurn(failing, "last change made")]
    conversation = Conversation("c-1", "shop", turns, release="v7", retrieved=[Document("d-1", "Terms", "Text", 0.61)])
    return ConversationDetail(
        conversation, True, 1.0, "Failing.", "failed", "reward", [], candidates, "", "FC-0001", "", None, None
    )


def test_an_example_goes_up_to_the_failing_turn_and_what_came_back_on_it() -> None:
    shown = example(
        talk(
            [
                Turn(0, "user", "cancel it"),
                Turn(1, "assistant", "", tool_calls=[ToolCall("cancel", '{"id": 1}', "call-1")]),
                Turn(2, "tool", "ok", "cancel", tool_call_id="call-1", error="late"),
                Turn(3, "assistant", "Cancelled."),
                Turn(4, "user", "thanks"),
            ],
            failing=1,
        ),
        "FC-0001",
    )
    before = Message(0, "user", "cancel it")
    after = [
        Message(1, "assistant", tool_calls=[Call("cancel", '{"id": 1}', "call-1")]),
        Message(2, "tool", "ok", "cancel", tool_call_id="call-1", error="late"),
        Message(3, "assistant", "Cancelled."),
    ]
    assert shown == Example(
        key=shown.key,
        conversation_id="c-1",
        bot="shop",
        cluster="FC-0001",
        release="v7",
        verdict="Failing.",
        failing_turn=1,
        why="last change made",
        documents=["Terms · d-1 · score 0.61: Text"],
        messages=[before, *after],
    )
    assert (shown.before, shown.after) == ([before], after)


def test_a_reply_that_fails_ends_the_example() -> None:
    turns = [Turn(0, "user", "hi"), Turn(1, "assistant", "no"), Turn(2, "user", "why"), Turn(3, "assistant", "no")]
    assert [message.position for message in example(talk(turns, failing=1), "FC-0001").messages] == [0, 1]


def test_without_a_failing_turn_the_whole_conversation_is_to_be_sent() -> None:
    shown = example(talk([Turn(0, "user", "hi"), Turn(1, "assistant", "yes")]), "FC-0001")
    assert ([message.position for message in shown.before], shown.after) == ([0, 1], [])


def test_long_texts_are_cut_with_a_marker_and_long_conversations_in_the_middle() -> None:
    assert (cut("abcdef", 6), cut("abcdefg", 6)) == ("abcdef", "abcdef… [cut here: 1 more characters]")
    turns = [Turn(n, "user" if n % 2 else "tool", "x" * 5000) for n in range(100)]
    messages = example(talk(turns, failing=99), "FC-0001").messages
    assert [message.position for message in messages] == [*range(10), *range(40, 100)]
    assert (messages[0].content, messages[1].content) == (
        "x" * 2000 + "… [cut here: 3,000 more characters]",
        "x" * 4000 + "… [cut here: 1,000 more characters]",
    )


def test_of_several_clusters_each_gives_an_example_first() -> None:
    by_cluster = [[Example(f"{cluster}{n}", "", "", cluster) for n in range(3)] for cluster in ("a", "b")]
    assert [example.key for example in examples(by_cluster)] == ["a0", "b0", "a1"]
    assert [example.key for example in examples([by_cluster[0], by_cluster[0]])] == ["a0", "a1", "a2"]


# ── drafts from a store ──


def test_a_draft_takes_what_was_agreed_on_and_else_what_the_log_suggests(bench: Bench) -> None:
    suggested = tickets.draft(bench, ["FC-0001"])
    assert (suggested.title, suggested.clusters, suggested.cause, suggested.severity, suggested.severity_source) == (
        "shop: requests about address and change fail (mostly: carries out change_address)",
        ["FC-0001"],
        None,
        "S1",
        "suggested",
    )
    assert [example.conversation_id for example in suggested.evidence.examples] == bench.cluster("FC-0001").row.examples

    bench.label("FC-0001", cause="tool-fault", severity="S3")
    bench.judgement.pod.set_owner("FC-0001", "Bo", actor="Ana")
    agreed = tickets.draft(bench, [" fc-0001", "FC-0001", "FC-0002"])
    assert (agreed.clusters, agreed.cause, agreed.cause_source, agreed.severity, agreed.severity_source, agreed.owner) == (
        ["FC-0001", "FC-0002"], "tool-fault", "person", "S3", "person", "Bo",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("clusters", "message"),
    [
        (["FC-0099"], "There is no cluster 'FC-0099'. `python -m workbench clusters` lists them."),
        ([" "], "A ticket is for at least one cluster. `python -m workbench clusters` lists them."),
    ],
)
def test_a_draft_needs_clusters_that_are_there(bench: Bench, clusters: list[str], message: str) -> None:
    with pytest.raises(UserError) as refused:
        tickets.draft(bench, clusters)
    assert str(refused.value) == message


def test_a_ticket_still_reads_when_the_evidence_is_gone(bench: Bench, store: Store) -> None:
    draft = tickets.draft(bench, ["FC-0001"])
    kept = tickets.create(bench, draft, due=date(2026, 5, 1))
    bench.close()
    shutil.rmtree(store.snapshots)

    [row] = tickets.rows(Bench(store))
    cluster = draft.evidence.clusters[0]
    assert (row.ticket, row.title, row.due, row.evidence) == (
        kept.ticket,
        draft.title,
        date(2026, 5, 1),
        draft.evidence,
    )
    assert (row.bots, row.failures, row.eligible, row.rate_low, row.first_seen) == (
        ["shop"], cluster.failures, cluster.eligible, cluster.rate_low, cluster.first_seen,
    )  # fmt: skip


def test_editing_keeps_the_evidence_and_the_first_to_save_wins(bench: Bench) -> None:
    kept = tickets.create(bench, tickets.draft(bench, ["FC-0001"]))
    edited = bench.judgement.tickets.edit(kept.ticket, kept.version, actor="Bo", title="Addresses")
    assert (edited.title, edited.evidence) == ("Addresses", kept.evidence)
    with pytest.raises(Conflict, match="was changed while you edited it"):
        bench.judgement.tickets.edit(kept.ticket, kept.version, actor="Ana", title="Streets")


def test_evidence_of_a_newer_program_is_read_without_what_is_unknown() -> None:
    stored = {
        "later": 1,
        "examples": [{"key": "k", "conversation_id": "c", "bot": "b", "cluster": "FC-0001", "new": 2}],
    }
    assert read_evidence(stored).examples == [Example("k", "c", "b", "FC-0001")]


def test_what_people_type_is_masked_when_it_is_read(bench: Bench) -> None:
    draft = tickets.draft(bench, ["FC-0001"])
    tickets.create(bench, replace(draft, title="Ask bo@example.com", description="call +44 20 7946 0958"))
    [row] = tickets.rows(bench)
    assert (row.title, row.description) == ("Ask [email]", "call [phone]")


def test_an_open_ticket_fixes_its_clusters_and_a_shipped_one_watches_them(bench: Bench) -> None:
    def status() -> str:
        return bench.cluster("FC-0001").row.status

    kept = tickets.create(bench, tickets.draft(bench, ["FC-0001", "FC-0002"]))
    assert status() == "fixing"
    fixed = tickets.fix(bench, kept.ticket, release="v8", day=date(2026, 4, 1))
    assert (status(), fixed.fixed_release, fixed.fixed_date) == ("watching", "v8", date(2026, 4, 1))
    assert fixed.eligible is not None
    members = [sorted(member.key for member in bench.cluster(name).members) for name in kept.clusters]
    assert [(cluster["cluster"], cluster["kind"], cluster["members"]) for cluster in fixed.eligible["clusters"]] == [
        ("FC-0001", "topical", members[0]), ("FC-0002", "topical", members[1]),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        tickets.fix(bench, kept.ticket, release="v9", version=kept.version)


def test_tickets_are_narrowed_by_bot_and_by_their_own_status(bench: Bench) -> None:
    first, second = (tickets.create(bench, tickets.draft(bench, [name])).ticket for name in ("FC-0001", "FC-0002"))
    tickets.fix(bench, second, release="v8")
    narrowed = [
        [row.ticket for row in tickets.rows(bench, chosen)]
        for chosen in (Filter(), Filter(status=("fixed",)), Filter(bot=("shop",)), Filter(bot=("bank",)))
    ]
    assert narrowed == [[first, second], [second], [first, second], []]


def test_a_ticket_carries_users_suspects_the_request_that_worked_and_a_regression_set(bench: Bench) -> None:
    draft = tickets.draft(bench, ["FC-0001", "FC-0002"])
    detail = bench.cluster("FC-0001")
    evidence = draft.evidence
    assert evidence.clusters[0].suspects == [suspect for suspect in detail.suspects if suspect.stands]
    assert evidence.clusters[0].parted == detail.parted[:5]
    assert (evidence.users, evidence.conversations) == (None, detail.row.size + bench.cluster("FC-0002").row.size)
    [nearest, *_] = bench.worked(evidence.examples[0].key)
    worked = evidence.examples[0].worked
    assert worked is not None
    assert (worked.conversation_id, worked.first) == (nearest.conversation_id, nearest.contrast.first)
    assert {case.cluster for case in evidence.regression} == {"FC-0001", "FC-0002"}
    assert read_evidence(json.loads(json.dumps(evidence.as_json()))) == evidence


def test_a_large_cluster_gives_twenty_conversations_from_the_most_to_the_least_typical(bench: Bench) -> None:
    detail = bench.cluster("FC-0001")
    [member, *_] = detail.members
    members = [replace(member, key=f"{n:032}", conversation_id=f"c-{n}") for n in range(100)]
    large = replace(detail, members=members, examples=members[:3])
    ids = [row.conversation_id for row in regression_set(large)]
    assert (len(ids), ids[:4], ids[-1]) == (20, ["c-0", "c-1", "c-2", "c-3"], "c-99")


def test_clusters_are_put_on_a_ticket_and_taken_off_and_its_evidence_is_frozen_anew(bench: Bench) -> None:
    kept = tickets.create(bench, tickets.draft(bench, ["FC-0001"]))
    more = tickets.set_clusters(bench, kept.ticket, ["FC-0001", " fc-0002"], kept.version)
    row = tickets.row(more, Taxonomy(CAUSES))
    assert (row.clusters, [cluster.cluster for cluster in row.evidence.clusters]) == (
        ["FC-0001", "FC-0002"],
        ["FC-0001", "FC-0002"],
    )
    assert [line[:10] for line in row.acceptance.splitlines() if line.startswith("- ")] == ["- FC-0001:", "- FC-0002:"]
    assert row.title == tickets.draft(bench, ["FC-0001", "FC-0002"]).title
    assert bench.cluster("FC-0002").row.status == "fixing"
    with pytest.raises(UserError, match="A ticket is for at least one cluster"):
        tickets.set_clusters(bench, kept.ticket, [])

    worded = bench.judgement.tickets.edit(kept.ticket, more.version, actor="Bo", title="Mine", description="By hand")
    less = tickets.set_clusters(bench, kept.ticket, ["FC-0002"])
    assert (less.title, less.description, less.clusters) == ("Mine", "By hand", ["FC-0002"])
    assert bench.cluster("FC-0001").row.status == "new"
    with pytest.raises(Conflict):
        tickets.set_clusters(bench, kept.ticket, ["FC-0001"], worded.version)
    tickets.fix(bench, kept.ticket, release="v8")
    with pytest.raises(UserError, match="its fix is judged by its clusters"):
        tickets.set_clusters(bench, kept.ticket, ["FC-0001"])


def test_a_cluster_that_is_gone_keeps_what_the_ticket_carried_of_it(bench: Bench) -> None:
    draft = tickets.draft(bench, ["FC-0001"])
    gone = replace(draft.evidence.clusters[0], cluster="FC-0077")
    old = replace(draft.evidence, clusters=[gone], examples=[], regression=[Replay("k", "c-1", "FC-0077")])
    kept = tickets.create(bench, replace(draft, clusters=["FC-0077"], evidence=old))
    evidence = tickets.row(tickets.set_clusters(bench, kept.ticket, ["FC-0077", "FC-0002"]), Taxonomy(CAUSES)).evidence
    assert evidence.clusters[1] == gone
    assert (evidence.clusters[0].cluster, evidence.regression[-1]) == ("FC-0002", Replay("k", "c-1", "FC-0077"))


def test_a_fingerprint_outlives_every_edit_and_no_two_tickets_share_one(bench: Bench) -> None:
    first, second = (tickets.create(bench, tickets.draft(bench, [name])) for name in ("FC-0001", "FC-0002"))
    edited = bench.judgement.tickets.edit(first.ticket, first.version, actor="Bo", title="Another")
    assert tickets.fingerprint(edited) == tickets.fingerprint(first) != tickets.fingerprint(second)
    assert re.fullmatch(r"wb-[0-9a-f]{12}", tickets.fingerprint(first))


def test_a_draft_says_whose_work_it_may_be(bench: Bench) -> None:
    bench.label("FC-0001", cause="tool-fault")
    bench.judgement.pod.set_bot("shop", actor="Ana", owner="Bo", deputy="Cy")
    draft = tickets.draft(bench, ["FC-0001"])
    assert draft.whose == "Tool fault is usually the work of integration. Bo answers for the bot shop, deputy Cy."
    assert (draft.owner, tickets.row(tickets.create(bench, draft), Taxonomy(CAUSES)).discipline) == (
        "Bo",
        "integration",
    )


# ── files and commands ──


def test_csv_has_a_line_a_ticket_and_json_all_that_it_carries(bench: Bench) -> None:
    tickets.create(bench, replace(tickets.draft(bench, ["FC-0001"]), title="=1+2"), due=date(2026, 5, 1))
    rows = tickets.rows(bench)
    [line] = csv.DictReader(io.StringIO(export_bytes("tickets", "csv", rows).decode("utf-8-sig")))
    assert list(line) == COLUMNS["tickets"]
    assert (line["title"], line["due"], line["clusters"], line["examples"]) == (
        "'=1+2", "2026-05-01", "FC-0001", "; ".join(bench.cluster("FC-0001").row.examples),
    )  # fmt: skip
    [exported] = json.loads(export_bytes("tickets", "json", rows))
    assert list(exported) == [*COLUMNS["tickets"], "evidence"]
    assert (exported["title"], exported["due"], exported["created_at"][-1]) == ("=1+2", "2026-05-01", "Z")
    assert exported["evidence"]["examples"][0]["messages"][1]["tool_calls"][0]["name"] == "change_address"
    assert export_bytes("tickets", "xlsx", rows)[:2] == b"PK"


def test_a_ticket_is_made_fixed_and_shown_by_command(run: Command) -> None:
    made = run.json(
        "ticket", "new", "FC-0001", "FC-0002", "--title", "Addresses", "--owner", "Bo", "--severity", "s2",
        "--due", "2026-05-01", "--cause", "tool-fault", "--actor", "Ana",
    )  # fmt: skip
    names = ("ticket", "title", "status", "owner", "severity", "due", "cause", "clusters", "created_by")
    assert [made[name] for name in names] == [
        "FIX-0001", "Addresses", "open", "Bo", "S2", "2026-05-01", "tool-fault", ["FC-0001", "FC-0002"], "Ana",
    ]  # fmt: skip

    fixed = run.json("ticket", "fixed", "fix-0001", "--date", "2026-04-01", "--actor", "Bo")
    assert (fixed["status"], fixed["fixed_date"], fixed["fixed_release"]) == ("fixed", "2026-04-01", None)
    assert run.json("ticket", "show", "FIX-0001") == fixed
    code, out, err = run("ticket", "show", "FIX-0001")
    assert (code, err, out.splitlines()[0]) == (0, "", "# FIX-0001: Addresses")


def test_tickets_export_to_each_of_their_formats(run: Command, tmp_path: Path) -> None:
    run("ticket", "new", "FC-0001")
    for form in ("csv", "xlsx", "json", "markdown", "jira"):
        out = tmp_path / f"tickets.{form}"
        assert run.json("export", "tickets", "--format", form, "--out", str(out)) == {"file": str(out), "rows": 1}
        assert out.stat().st_size > 500
    folder = tmp_path / "github"
    assert run.json("export", "tickets", "--format", "github", "--out", str(folder)) == {
        "file": str(folder), "rows": 1, "files": [str(folder / "FIX-0001.md"), str(folder / "issues.json")],
    }  # fmt: skip
    assert run("export", "tickets", "--format", "jsonl", "--out", str(tmp_path / "x"))[0] == 2


def test_clusters_of_a_ticket_are_changed_by_command(run: Command) -> None:
    run("ticket", "new", "FC-0001")
    assert run.json("ticket", "clusters", "fix-0001", "--add", "fc-0002", "--remove", "FC-0001")["clusters"] == [
        "FC-0002"
    ]
    assert run("ticket", "clusters", "FIX-0001", "--add", "FC-0099")[0] == 2


def test_the_filters_of_the_screen_are_options_of_the_export(run: Command, tmp_path: Path) -> None:
    def exported(kind: str, *options: str) -> list[dict[str, str]]:
        run("export", kind, "--format", "csv", "--out", str(tmp_path / "x.csv"), *options)
        return read_csv(tmp_path / "x.csv")

    run("ticket", "new", "FC-0001")
    run("ticket", "new", "FC-0002")
    every = exported("failures")
    for column, option in (("release", "--release"), ("week", "--week"), ("bot", "--bot"), ("status", "--status")):
        value = every[0][column]
        assert exported("failures", option, value) == [row for row in every if row[column] == value]
    signal = every[0]["signals"].split("; ")[0]
    assert exported("failures", "--signal", signal) == [row for row in every if signal in row["signals"].split("; ")]
    assert [row["ticket"] for row in exported("tickets", "--ticket", "fix-0002")] == ["FIX-0002"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("new", "FC-0099"), "There is no cluster 'FC-0099'"),
        (("new", "FC-0001", "--cause", "tool-falt"), "Did you mean 'tool-fault'?"),
        (("fixed", "FIX-0009", "--release", "v1"), "There is no ticket FIX-0009."),
        (("show", "FIX-0009"), "There is no ticket FIX-0009."),
    ],
)
def test_a_mistake_ends_with_one_message_and_exit_2(run: Command, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run("ticket", *arguments, "--json")
    assert (code, out) == (2, "")
    assert message in err


def test_a_fix_needs_a_release_or_a_day(run: Command) -> None:
    run("ticket", "new", "FC-0001")
    assert run("ticket", "fixed", "FIX-0001") == (
        2, "", "Say with which release or on which date FIX-0001 was fixed.\n",
    )  # fmt: skip
