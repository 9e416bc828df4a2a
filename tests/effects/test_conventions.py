"""docs/conventions.md cannot drift: each row names the tests that hold it, and they exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

COLUMNS = ("mwa-0.5", "afterstrike")


def named(root: Path) -> dict[str, dict[str, list[str]]]:
    """Give, by row of the page, the tests that each of the two columns names."""
    found = {}
    page = (root / "docs/conventions.md").read_text(encoding="utf-8")
    for line in page.splitlines():
        if not line.startswith("| ") or line.startswith("| matter |"):
            continue
        matter = line.split("|")[1].strip()
        assert matter not in found, f"two rows {matter!r}"
        told = re.search(r"<!-- mwa-0\.5: (.*?); afterstrike: (.*?) --> \|$", line)
        assert told, f"the row {matter!r} of docs/conventions.md names no tests"
        found[matter] = {
            column: part.split(", ") for column, part in zip(COLUMNS, told.groups(), strict=True)
        }
    return found


def defined(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]


def test_every_row_names_tests_that_exist(root: Path) -> None:
    tests = {name for path in (root / "tests").rglob("test_*.py") for name in defined(path)}
    rows = named(root)
    assert len(rows) >= 38
    for matter, columns in rows.items():
        for column, names in columns.items():
            assert names and set(names) <= tests, (matter, column, sorted(set(names) - tests))


@pytest.mark.parametrize("column", COLUMNS)
def test_every_test_of_a_convention_is_named_by_a_row(root: Path, column: str) -> None:
    stem = "mwa" if column == "mwa-0.5" else column
    told = {name for columns in named(root).values() for name in columns[column]}
    assert set(defined(root / f"tests/effects/test_conventions_{stem}.py")) <= told


def test_code_that_the_page_names_exists(root: Path) -> None:
    page = (root / "docs/conventions.md").read_text(encoding="utf-8")
    effects = root / "src/afterstrike/effects"
    paths = set(re.findall(r"`((?:_\w+/)?_\w+\.py)`", page))
    assert len(paths) > 12
    for path in paths:
        assert (effects / path).is_file(), path
