"""Rules of the house that a reader would have to check by eye: how long a module may be, and what says what a field is."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.paths import ROOT

MOST_LINES = 420
"""Of a module: beyond it, it holds more than one subject, and its name can't say what it holds."""
MODULES = sorted(path for folder in ("workbench", "pages") for path in (ROOT / folder).rglob("*.py"))


def test_a_module_is_short_enough_to_be_read_in_one_go() -> None:
    longer = {_name(path): lines for path in MODULES if (lines := path.read_text("utf-8").count("\n")) > MOST_LINES}
    assert longer == {}


def test_each_field_of_a_public_dataclass_is_said_below_it() -> None:
    silent = [
        f"{_name(path)}: {node.name}.{field}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and _is_dataclass(node)
        for field in _fields_without_docstring(node)
    ]
    assert silent == []


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def _fields_without_docstring(node: ast.ClassDef) -> Iterator[str]:
    for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            if not name.startswith("_") and not _is_text(below):
                yield name


def _is_text(statement: ast.stmt | None) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
