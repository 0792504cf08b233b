"""One log full of personal data, and every way out of the workbench: none of it leaves unmasked.

Pages as the browser gets them, exports, commands, reports, minutes, bundles, what an agent is told, dry runs, files of jobs.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.support.agent import agent
from tests.support.builds import build
from tests.support.command import Command
from tests.support.paths import ROOT
from tests.support.personal_log import EMAIL, TRACES, personal_log
from tests.support.stores import built_once
from workbench.bench.bench import Bench
from workbench.exports import FOLDERS, FORMATS, export_bytes
from workbench.exports.github import issue
from workbench.pipeline.job import Job
from workbench.pipeline.worker import start
from workbench.reports.board_html import as_html
from workbench.reports.board_report import board_report
from workbench.store import Store
from workbench.tickets import regression, tickets
from workbench.tickets.bundle import bundle
from workbench.triage import agenda
from workbench.triage import session as triage
from workbench.triage.minutes import minutes


def build_it(store: Store) -> None:
    """The log, labelled, on a ticket, decided in a session, noted by people who quote it."""
    build(store.root, personal_log(store.root.parent))
    with closing(Bench(store, "Ana")) as bench:
        cluster = bench.clusters()[0]
        bench.label(cluster.cluster, cause="tool-fault", note=f"says {EMAIL}")
        bench.label(bench.cluster(cluster.cluster).members[0].key, cause="loop", note=f"{EMAIL} again")
        kept = tickets.create(bench, replace(tickets.draft(bench, [cluster.cluster]), description=f"ask {EMAIL}"))
        bench.judgement.tickets.set_tracker({kept.ticket: ("PAY-7", None)}, actor="Ana")
        session = bench.judgement.sessions.create("Week", agenda.agenda(bench), actor="Ana")
        triage.decide(bench, session.session, session.agenda[0].cluster, note=f"call {EMAIL}")
        key = bench.points()[0].key
        bench.judgement.verdicts.add(key, actor="Ana", verdict="failed", note=f"he is {EMAIL}")


@pytest.fixture(scope="module")
def personal(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return built_once(tmp_path_factory, "personal", build_it)


@pytest.fixture
def bench(personal: Store) -> Iterator[Bench]:
    with closing(Bench(personal, "Ana")) as opened:
        yield opened


_PRINTED = re.compile(r"[^\w @.,:;()'-]+")


def left(*outputs: str | bytes) -> list[str]:
    """Which traces stand in what was put out, each with what is around it."""
    texts = [output if isinstance(output, str) else output.decode("utf-8", "replace") for output in outputs]
    return [
        f"{trace}: …{_PRINTED.sub(' ', text[max(0, text.find(trace) - 90) : text.find(trace) + 60])}…"
        for text in texts
        for trace in TRACES
        if trace in text
    ]


def unpacked(data: bytes) -> list[bytes]:
    if not data.startswith(b"PK"):
        return [data]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [part for name in archive.namelist() for part in (name.encode(), archive.read(name))]


def shown(app: AppTest) -> list[bytes]:
    """All that a page sends to the browser, as bytes."""
    pending, sent = [app._tree], []
    while pending:
        node = pending.pop()
        if hasattr(node, "children"):
            pending += node.children.values()
        typed = getattr(node, "type", "") in (
            "text_area",
            "text_input",
        )  # a form shows what was typed, or saving would keep the mask
        if getattr(node, "proto", None) is not None and not typed:
            sent.append(node.proto.SerializeToString())
    return sent


def downloaded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the pages that are drawn from now on offer to download, with the files' names; but backups, which are a lead's and unmasked."""
    files: list[bytes] = []

    def button(label: str, data: Any, file_name: str = "", *more: Any, **options: Any) -> bool:
        if "backup" not in f"{file_name} {options.get('key')}":
            content = data() if callable(data) else data
            files.extend((file_name.encode(), content.encode() if isinstance(content, str) else bytes(content)))
        return False

    monkeypatch.setattr(st, "download_button", button)
    return files


def test_no_page_shows_any_of_it(personal: Store, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    clusters, members = bench.clusters(), bench.points()
    ticket = tickets.rows(bench)[0].ticket
    session = bench.judgement.sessions.all()[0].session
    pages: list[tuple[str, dict[str, str]]] = [
        *((page.stem, {}) for page in sorted((ROOT / "pages").glob("*.py"))),
        *(("cluster", {"c": row.cluster}) for row in clusters[:3]),
        *(("conversation", {"k": member.key}) for member in members[:2]),
        *(("conversation", {"k": member.key}) for member in members if "~" in member.conversation_id),
        ("ticket", {"t": ticket}), ("ticket", {"t": ticket, "edit": "1"}), ("ticket", {"c": clusters[-1].cluster}),
        ("session", {"s": session}), ("session", {"s": session, "n": "1"}), ("search", {"q": "order"}), ("search", {"q": "order", "by": "meaning"}),
        ("search", {"like": members[0].key}), ("read", {"bot": "shop"}), ("tickets", {"view": "Table"}),
    ]  # fmt: skip
    monkeypatch.setenv("WORKBENCH_STORE", str(personal.root))
    files = downloaded(monkeypatch)
    st.cache_resource.clear()
    unmasked: dict[str, list[str]] = {}
    for page, query in dict.fromkeys((name, tuple(query.items())) for name, query in pages):
        app = AppTest.from_file(str(ROOT / "workbench" / "app.py"), default_timeout=60)
        app.session_state["person"] = "Ana"
        app.switch_page(f"../pages/{page}.py")
        for name, value in query:
            app.query_params[name] = value
        app.run()
        assert not app.exception, (page, query)
        if traces := left(*shown(app)):
            unmasked[f"{page} {query}"] = traces
        if traces := left(*(part for file in files for part in unpacked(file))):
            unmasked[f"{page} {query}, downloaded"] = traces
        files.clear()
    assert [f"{page}: {traces[0]}" for page, traces in unmasked.items()] == []


def test_no_export_holds_any_of_it(bench: Bench) -> None:
    rows: dict[str, Callable[[], object]] = {
        "failures": bench.failures,
        "labels": bench.labels,
        "clusters": bench.clusters,
        "tickets": lambda: tickets.rows(bench),
        "evals": lambda: regression.evals(bench),
        "scores": bench.scores,
        "rejects": lambda: bench.rejects("I000001"),
    }
    unmasked = {
        (kind, format): traces
        for kind, make in rows.items()
        for format in FORMATS[kind]
        if (traces := left(*unpacked(export_bytes(kind, format, make()))))  # type: ignore[arg-type]
    }
    assert unmasked == {}


def test_no_ticket_report_or_minutes_hold_any_of_it(bench: Bench) -> None:
    (ticket,) = tickets.rows(bench)
    (session,) = bench.judgement.sessions.all()
    outputs = {
        "bundle": str(bundle(ticket)),
        "issue": json.dumps(issue(ticket), default=str),
        "report": as_html(board_report(bench, None, None)),
        "minutes": minutes(bench, session),
    }
    assert {name: traces for name, output in outputs.items() if (traces := left(output))} == {}


def test_no_command_prints_any_of_it(
    personal: Store, bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = Command(monkeypatch, capsys, personal.root)
    ticket, cluster, key = tickets.rows(bench)[0].ticket, bench.clusters()[0].cluster, bench.points()[0]
    raw = f"of {EMAIL} 3"  # whoever has the log's own id finds it by that
    written = tmp_path / "written"
    written.mkdir()
    exports = [
        ["export", kind, "--format", format, "--out", str(written / f"{kind}-{format}{'.zip' if format in FOLDERS else ''}")]
        for kind in ("failures", "labels", "clusters", "tickets", "evals", "scores")
        for format in FORMATS[kind]
    ]  # fmt: skip
    commands = [
        *exports, ["export", "failures", "--tier", "suspected", "--format", "csv", "--out", str(written / "suspected.csv")], ["report", "--out", str(written / "report.html")],
        ["health", "--bot", "shop"], ["week", "--bot", "shop"], ["ticket", "bundle", ticket], ["ticket", "check", ticket], ["ticket", "clusters", ticket], ["prompts", "list", "--bot", "shop"],
        ["prompts", "compare", "--bot", "shop", "1", "2"], ["show", "nobody"], ["label", "nobody", "--cause", "loop"], ["clusters", "--tier", "suspected"],
        ["clusters"], ["week"], ["health"], ["ticket", "show", ticket], ["verify", ticket], ["show", key.conversation_id, "--bot", key.bot],
        ["show", raw], ["doctor"], ["label", cluster, "--cause", "tool-fault", "--actor", "Ana"],
        ["import", str(personal_log(tmp_path)), "--dry-run"],
    ]  # fmt: skip
    unmasked = {}
    for command in commands:
        for arguments in (command, [*command, "--json"]):
            code, out, err = run(*arguments)
            assert code in (0, 1, 2), (arguments, err)
            if traces := left(out, err):
                unmasked[" ".join(arguments)] = traces
    elsewhere = Command(monkeypatch, capsys, tmp_path / "elsewhere")
    for command in (
        ["import", str(personal_log(tmp_path)), "--actor", "Ana"],
        ["analyze"],
        ["import", str(tmp_path / f"none of {EMAIL}")],
    ):
        _, out, err = elsewhere(*command)
        if traces := left(out.replace(str(tmp_path), ""), err):
            unmasked[" ".join(command[:1])] = traces
    files = [file for file in written.rglob("*") if file.is_file()]
    assert len(files) > len(exports)
    for file in files:
        if traces := left(file.name, *unpacked(file.read_bytes())):
            unmasked[file.name] = traces
    assert unmasked == {}


def test_an_agent_is_told_none_of_it(personal: Store, bench: Bench) -> None:
    ticket, cluster, member = tickets.rows(bench)[0].ticket, bench.clusters()[0].cluster, bench.points()[0]
    asked = [
        ("week", {}), ("clusters", {}), ("cluster", {"cluster": cluster}), ("search", {"query": "order"}), ("ticket_bundle", {"ticket": ticket}),
        ("conversation", {"conversation_id": member.conversation_id, "bot": member.bot}), ("verdict", {"ticket": ticket}),
        ("conversation", {"conversation_id": "nobody"}), ("cluster", {"cluster": "FC-9999"}), ("ticket_bundle", {"ticket": "FIX-9999"}),
    ]  # fmt: skip
    with agent(personal) as connected:
        answers = [str(connected.call(tool, **arguments)) for tool, arguments in asked]
    assert left(*answers) == []


def test_no_file_of_a_job_says_any_of_it(tmp_path: Path) -> None:
    log = personal_log(tmp_path)
    log.write_text(log.read_text("utf-8").replace('"role"', '"x1"'), "utf-8")  # nobody can tell who speaks
    job = start(Job(store=str(tmp_path / "s"), paths=[str(log)], actor="Ana"))
    with pytest.raises(Exception, match="Nothing could be read"):
        job.result()
    written = {file.name: file.read_bytes() for file in job.folder.iterdir() if file.name != "job.json"}
    assert {name: traces for name, text in written.items() if (traces := left(text))} == {}
