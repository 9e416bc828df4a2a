"""The brief: an article's claims held against the evidence, as HTML, as JSON and in the terminal.

`build_brief` does the whole job; README.md says what comes in and goes out.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._model import EVIDENCE_KINDS, FLAG_KINDS, SEVERITIES, VERDICTS, Check, Evidence, Flag, Verdict

if TYPE_CHECKING:
    from ._brief import Brief, build_brief
    from ._check import check_claims
    from ._flag import flag_article
    from ._samples import Sample, open_sample, samples
    from ._schema import json_schema

__all__ = [
    "EVIDENCE_KINDS",
    "FLAG_KINDS",
    "SEVERITIES",
    "VERDICTS",
    "Brief",
    "Check",
    "Evidence",
    "Flag",
    "Sample",
    "Verdict",
    "build_brief",
    "check_claims",
    "flag_article",
    "json_schema",
    "open_sample",
    "samples",
]

_LAZY = {
    "Brief": "_brief",
    "build_brief": "_brief",
    "check_claims": "_check",
    "flag_article": "_flag",
    "json_schema": "_schema",
    "Sample": "_samples",
    "open_sample": "_samples",
    "samples": "_samples",
}


def __getattr__(name: str) -> Any:
    """Import the heavier parts when they are first asked for."""
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
