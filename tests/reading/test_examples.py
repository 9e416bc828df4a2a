"""The examples in the docstrings of the reader's parts run and give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import afterstrike.reading
import afterstrike.record.incidents

PARTS = [
    module.name
    for package in (afterstrike.reading, afterstrike.record.incidents)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", PARTS)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
