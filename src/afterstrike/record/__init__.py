"""Sourced events in one file: import, check, select, export, undo."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterstrike.record._export import ExportFormat
    from afterstrike.record._import_report import ImportReport
    from afterstrike.record._record import Record, open_record
    from afterstrike.record._schema import COLUMNS, DATE_PRECISIONS, EVENT_KINDS, GEO_PRECISIONS, EventKind
    from afterstrike.record._summary import RecordSummary
    from afterstrike.record.layouts import all_layouts
    from afterstrike.record.layouts._layout import Layout, LayoutOptions
    from afterstrike.record.layouts._mapping import load_mapping

__all__ = [
    "COLUMNS",
    "DATE_PRECISIONS",
    "EVENT_KINDS",
    "GEO_PRECISIONS",
    "EventKind",
    "ExportFormat",
    "ImportReport",
    "Layout",
    "LayoutOptions",
    "Record",
    "RecordSummary",
    "all_layouts",
    "load_mapping",
    "open_record",
]

# public name -> module; imported when first asked for, since DuckDB takes its time
_HOME = {
    "COLUMNS": "_schema",
    "DATE_PRECISIONS": "_schema",
    "EVENT_KINDS": "_schema",
    "GEO_PRECISIONS": "_schema",
    "EventKind": "_schema",
    "ExportFormat": "_export",
    "ImportReport": "_import_report",
    "Layout": "layouts._layout",
    "LayoutOptions": "layouts._layout",
    "Record": "_record",
    "RecordSummary": "_summary",
    "all_layouts": "layouts",
    "load_mapping": "layouts._mapping",
    "open_record": "_record",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
