"""afterstrike: from a report of a strike to what the evidence says came after.

>>> import afterstrike as aft
>>> ledger = aft.read_document("The US has 900 troops in Syria, officials said.", published="2026-01-20")
>>> ledger.claims[0].quantities[0].value
900.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterstrike.brief import Brief, build_brief
    from afterstrike.containment import (
        Backtest,
        Forecast,
        ForecastLedger,
        World,
        YesNo,
        backtest,
        forecast,
        load_world,
        run_scenarios,
        score,
        simulate,
        yes_no,
    )
    from afterstrike.effects import Study, lull, matched_wakes, stochastic_intervention
    from afterstrike.reading import Claim, Ledger, default_gazetteer, read_document
    from afterstrike.record import Record, open_record
    from afterstrike.sources import RawDocument, open_source

__version__ = "0.1.0"

# Where each public name lives. Nothing is imported before it is used: `--help` must answer at once.
_HOME = {
    "Backtest": "containment",
    "Brief": "brief",
    "Claim": "reading",
    "Forecast": "containment",
    "ForecastLedger": "containment",
    "Ledger": "reading",
    "RawDocument": "sources",
    "Record": "record",
    "Study": "effects",
    "World": "containment",
    "YesNo": "containment",
    "backtest": "containment",
    "build_brief": "brief",
    "default_gazetteer": "reading",
    "forecast": "containment",
    "load_world": "containment",
    "lull": "effects",
    "matched_wakes": "effects",
    "open_record": "record",
    "open_source": "sources",
    "read_document": "reading",
    "run_scenarios": "containment",
    "score": "containment",
    "simulate": "containment",
    "stochastic_intervention": "effects",
    "yes_no": "containment",
}

__all__ = [
    "Backtest",
    "Brief",
    "Claim",
    "Forecast",
    "ForecastLedger",
    "Ledger",
    "RawDocument",
    "Record",
    "Study",
    "World",
    "YesNo",
    "backtest",
    "build_brief",
    "default_gazetteer",
    "forecast",
    "load_world",
    "lull",
    "matched_wakes",
    "open_record",
    "open_source",
    "read_document",
    "run_scenarios",
    "score",
    "simulate",
    "stochastic_intervention",
    "yes_no",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"afterstrike.{_HOME[name]}"), name)
    raise AttributeError(f"module 'afterstrike' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
