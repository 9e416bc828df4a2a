"""From reports to incidents: what several reports tell of one event is one incident, graded, with its
sources.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterstrike.record.incidents._add import (
        add_reports,
        check_undo,
        forget_reports,
        holds_reports,
        store_reports,
    )
    from afterstrike.record.incidents._build import build_incidents
    from afterstrike.record.incidents._decide import GRADES, decide, decisions, withdraw
    from afterstrike.record.incidents._history import incident_changes
    from afterstrike.record.incidents._score import pair_score
    from afterstrike.record.incidents._show import incidents_of
    from afterstrike.record.incidents._told import Told

__all__ = [
    "GRADES", "Told", "add_reports", "build_incidents", "check_undo", "decide", "decisions", "forget_reports", "holds_reports",
    "incident_changes", "incidents_of", "pair_score", "store_reports", "withdraw",
]  # fmt: skip

_HOME = {
    "GRADES": "_decide",
    "Told": "_told",
    "add_reports": "_add",
    "build_incidents": "_build",
    "check_undo": "_add",
    "decide": "_decide",
    "decisions": "_decide",
    "forget_reports": "_add",
    "holds_reports": "_add",
    "incident_changes": "_history",
    "incidents_of": "_show",
    "pair_score": "_score",
    "store_reports": "_add",
    "withdraw": "_decide",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
