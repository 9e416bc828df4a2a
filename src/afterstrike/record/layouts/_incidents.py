"""Incidents built from reports in this record (`afterstrike incidents build`): one row an incident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from afterstrike.record._schema import COLUMNS
from afterstrike.record.layouts._staging import RawTable, create, has_columns, literal

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_SAME = (
    "kind", "place", "adm0", "adm1", "side_a", "side_b", "initiator", "weapon", "hedging", "confidence",
)  # fmt: skip
_WHOLE = (
    "date_precision", "geo_precision", "strikes", "targets", "fatalities_best", "fatalities_low", "fatalities_high",
    "civilian_fatalities_best", "civilian_fatalities_low", "civilian_fatalities_high", "injured_low", "injured_high",
)  # fmt: skip


class _Incidents:
    name = "incidents"
    title = "Incidents built from reports in this record"
    dataset = "incidents"
    licence = "of the reports' publishers"
    is_placed = True
    citation = "Built from the reports of this record by `afterstrike incidents build`."

    def matches(self, columns: Sequence[str]) -> bool:
        return has_columns(columns, "incident_id", "grade", "grade_reason", "tellings", "reports")

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        table.require(self.title, "incident_id", "kind", "grade", "grade_reason")
        dataset = literal(options.dataset or self.dataset)
        texts = ", ".join(f"{table.text(name)} AS {name}" for name in _SAME)
        whole = ", ".join(f"{table.whole(name)} AS {name}" for name in _WHOLE)
        assert {*_SAME, *_WHOLE} <= {column.name for column in COLUMNS}
        create(
            con,
            staged,
            f"""SELECT row_number, {dataset} || ':' || {table.text("incident_id")} AS event_id, {texts},
            {whole},
            try_cast({table.text("date_start")} AS DATE) AS date_start,
            try_cast({table.text("date_end")} AS DATE) AS date_end,
            {table.number("lat")} AS lat, {table.number("lon")} AS lon,
            {dataset} AS dataset, {table.text("incident_id")} AS source_id,
            'reader' AS coded_by, concat({table.text("grade")}, ': ', {table.text("grade_reason")}) AS
            coding_evidence,
            NULL::VARCHAR AS reject_reason, NULL::VARCHAR AS repairs FROM {table.name}""",
        )


LAYOUT = _Incidents()
