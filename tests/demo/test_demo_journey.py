"""A first day by commands: the demo, a cluster, a label, a ticket, and the files that leave the bench."""

import csv
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.support.command import Command
from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.store import Store
from workbench.tickets import tickets
from workbench.tickets.verification import verify


@pytest.fixture
def demo(demo_store: Store, tmp_path: Path) -> Path:
    shutil.copytree(demo_store.root, tmp_path / "store")
    return tmp_path / "store"


def test_from_the_demo_to_a_ticket_by_commands(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = Command(monkeypatch, capsys, demo)

    def workbench(*arguments: str) -> str:
        code, out, err = command(*arguments)
        assert (code, err) == (0, ""), arguments
        return out

    clusters = json.loads(workbench("clusters", "--json"))
    outage = next(row for row in clusters if row["signature"].startswith("tool-error:") and row["bot"] == "parcel-care")
    name = outage["cluster"]
    workbench("label", name, "--cause", "tool-fault", "--severity", "S3", "--note", "carrier down", "--actor", "ann")
    ticket = json.loads(workbench("ticket", "new", name, "--owner", "bo", "--actor", "ann", "--json"))["ticket"]
    shown = workbench("ticket", "show", ticket)
    assert outage["name"].split(" (")[0].split(": ")[1] in shown.replace("\\", "")
    workbench("export", "tickets", "--format", "markdown", "--out", str(tmp_path / "t.md"))
    assert ticket in (tmp_path / "t.md").read_text("utf-8")
    workbench("export", "labels", "--format", "csv", "--raw", "--out", str(tmp_path / "labels.csv"))
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == outage["size"]
    assert {(r["cluster"], r["root_cause"], r["severity"], r["status"], r["owner"], r["ticket"]) for r in rows} == {
        (name, "tool-fault", "S3", "fixing", "bo", ticket)
    }
    workbench("ticket", "fixed", ticket, "--release", "2026-12", "--actor", "bo")
    assert [row["cluster"] for row in json.loads(workbench("clusters", "--status", "watching", "--json"))] == [name]


def test_fixes_are_verified_on_later_logs(demo: Path) -> None:
    """What the demo planted: cut-off answers stop in week 6 and return in week 11; a missing document is there from week 8."""
    bench = Bench(Store(demo), "ann")
    cut_off = next(row.cluster for row in bench.clusters() if row.signature == "cut-off")
    tracking = next(
        row.cluster
        for row in bench.clusters()
        if row.signature == "tool-error:track_parcel:tracking service unavailable"
    )
    made = {name: tickets.create(bench, tickets.draft(bench, [name])).ticket for name in (cut_off, tracking)}
    tickets.fix(bench, made[tracking], day=date(2026, 9, 18))
    tickets.fix(bench, made[cut_off], day=date(2026, 10, 19))
    over, returned = (verify(bench, made[name], record=True) for name in (tracking, cut_off))
    assert (over.verdict.verdict, over.after.failures, over.status) == ("fixed", 0, "verified")
    assert (returned.verdict.verdict, returned.status) == ("not fixed", "not-fixed")
    assert returned.after.failures > 10
    with pytest.raises(UserError, match="has no fix yet"):
        verify(bench, tickets.create(bench, tickets.draft(bench, [bench.clusters()[5].cluster])).ticket)
