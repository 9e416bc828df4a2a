"""The bar on the coded pairs: what is called contradicted must be, and not by never saying so."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def tool(root: Path) -> ModuleType:
    """The measuring command as a module."""
    spec = importlib.util.spec_from_file_location("measure_verdicts", root / "tools" / "measure_verdicts.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_precision_of_contradicted_on_the_coded_pairs(tool: ModuleType) -> None:
    coded = tool.labels()
    pairs = tool.chosen("all")
    assert len(pairs) == len(coded) == 100
    given = {p["id"]: tool.verdict_of(p)[0] for p in pairs}
    mine = [i for i, v in given.items() if v == "contradicted"]
    for coder in (0, 1):
        right = [i for i in mine if coded[i][coder] == "contradicted"]
        assert len(right) / len(mine) >= tool.BAR
        there = sum(v[coder] == "contradicted" for v in coded.values())
        assert len(right) >= 0.7 * there, "abstaining from everything is no way to be precise"
        equal = sum(given[i] == coded[i][coder] for i in given)
        assert equal >= 85


def test_wilson_and_kappa(tool: ModuleType) -> None:
    low, high = tool.wilson(12, 12)
    assert 0.7 < low < 0.8 and high == pytest.approx(1.0)
    assert tool.wilson(0, 0) == (0.0, 1.0)
    assert tool.kappa(["a", "b", "a", "b"], ["a", "b", "b", "a"]) == 0.0
    assert tool.kappa(["a", "a"], ["a", "a"]) == 1.0
