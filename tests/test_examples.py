"""The examples in docstrings run and give what they say."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from importlib.util import find_spec

import pytest

import afterstrike

PARTS = [
    module.name
    for module in pkgutil.walk_packages(afterstrike.__path__, "afterstrike.")
    if not module.name.endswith("__main__")
]


# Compiled for seconds, needs an extra, and tests/effects/hawkes/test_posterior.py runs the same call.
ELSEWHERE = "afterstrike.effects._hawkes._posterior"


@pytest.mark.parametrize("name", ["afterstrike", *(part for part in PARTS if part != ELSEWHERE)])
def test_examples(name: str) -> None:
    if name == "afterstrike.effects._hawkes._sampler" and find_spec("numpyro") is None:
        pytest.skip("numpyro is not installed (the extra bayes)")
    module = importlib.import_module(name)
    if ">>>" not in inspect.getsource(module):
        return
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
