"""Which module may import what, read off sys.modules in a fresh process and off the imports themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.paths import ROOT

SERVICES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "workbench").rglob("*.py")
    if "ui" not in path.relative_to(ROOT).parts
    and path.name not in ("app.py", "__main__.py")
    and "migrations" not in path.parts
)
OWNERS = {
    "duckdb": {"workbench/evidence/snapshot.py"},
    "sqlalchemy": {"workbench/judgement/**/*.py"},
    "alembic": {"workbench/judgement/**/*.py"},
    "torch": {"workbench/embedding/*.py"},
    "sentence_transformers": {"workbench/embedding/vectors.py", "workbench/embedding/encoders.py"},
    "mcp": {"workbench/mcp_server/server.py"},
    "ray": {"workbench/engine/*.py"},
    "streamlit": {"workbench/app.py", "workbench/ui/**/*.py", "pages/**/*.py"},
}
MARKDOWN = set(
    "badge button caption checkbox download_button error expander form_submit_button header info link_button markdown metric"
    " page_link popover pills radio segmented_control selectbox multiselect slider subheader success tabs text_area"
    " text_input title toast toggle warning write".split()
)
"""Calls of Streamlit that read their first argument, `label` and `help` as markdown."""


def loaded_after(statement: str) -> set[str]:
    """The top-level modules in a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=120
    )
    return set(run.stdout.split())


def test_no_service_imports_the_user_interface_or_the_model_when_imported() -> None:
    loaded = loaded_after("import " + ", ".join(SERVICES))
    assert loaded & {"streamlit", "torch", "sentence_transformers", "transformers", "igraph", "sklearn", "ray"} == set()


def test_reading_logs_needs_no_database_engine() -> None:
    loaded = loaded_after(
        "import workbench.logs.importing, workbench.logs.formats, workbench.failures.analysis, workbench.clusters.grouping, workbench.clusters.naming"
    )
    assert loaded & {"duckdb", "sqlalchemy", "alembic"} == set()


def test_what_a_page_reads_by_loads_no_log_reader() -> None:
    """Evidence rests on parts and manifests; the formats, which are most of the logs, are a build's."""
    modules = [
        "bench.bench", "bench.search", "reports.week", "reports.health", "reports.scorecards", "reports.bots",
        "tickets.tickets", "tickets.regression", "review.reading_lists", "triage.session", "ui.frame",
    ]  # fmt: skip
    imports = ", ".join(f"workbench.{name}" for name in modules)
    code = f"import {imports}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=120
    )
    assert {"workbench.logs.formats", "workbench.logs.importing"} & set(run.stdout.split()) == set()


def test_what_judgement_holds_can_be_named_without_its_store() -> None:
    records = [name for name in SERVICES if name.startswith("workbench.judgement.records")]
    loaded = loaded_after("import " + ", ".join(records))
    assert (len(records), loaded & {"sqlalchemy", "alembic"}) == (10, set())


def test_the_command_line_starts_without_what_it_may_not_need() -> None:
    loaded = loaded_after("import workbench.cli.main")
    assert loaded & {"duckdb", "sqlalchemy", "pandas", "pyarrow", "streamlit", "torch", "mcp"} == set()


@pytest.mark.parametrize(("library", "owners"), OWNERS.items())
def test_only_its_owner_imports_a_library(library: str, owners: set[str]) -> None:
    allowed = {path for pattern in owners for path in ROOT.glob(pattern)}
    importers = {
        path for folder in ("workbench", "pages") for path in (ROOT / folder).rglob("*.py") if library in _imports(path)
    }
    assert sorted(str(path.relative_to(ROOT)) for path in importers - allowed) == []


def test_pages_and_their_parts_go_through_the_bench_and_never_past_it() -> None:
    past = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("pages", "workbench/ui")
        for path in (ROOT / folder).rglob("*.py")
        for node in _nodes(path)
        if (isinstance(node, ast.Attribute) and node.attr == "judgement")
        or (isinstance(node, ast.ImportFrom) and node.module == "workbench.judgement.store")
    ]
    assert past == []


def test_log_text_reaches_streamlits_markdown_through_plain_alone() -> None:
    """`visible` keeps markup and addresses, which these calls would draw as links, emoji or formulas."""
    bare = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for folder in ("pages", "workbench/ui")
        for path in (ROOT / folder).rglob("*.py")
        for node in _nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MARKDOWN
        for argument in [
            *node.args[:1],
            *(each.value for each in node.keywords if each.arg in ("label", "help", "body")),
        ]
        for inner in _outside_plain(argument)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "visible"
    ]
    assert bare == []


def _outside_plain(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "plain":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _outside_plain(child)


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


@cache
def _imports(path: Path) -> frozenset[str]:
    """The top-level modules that a file imports."""
    imported: set[str] = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            imported.add(node.module.split(".")[0])
    return frozenset(imported)
