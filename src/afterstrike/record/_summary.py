"""What a record holds, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from afterstrike.record._store import records

if TYPE_CHECKING:
    import duckdb

__all__ = ["RecordSummary", "datasets_of", "summary_of"]


@dataclass(frozen=True, repr=False)
class RecordSummary:
    """The counts of one record; each of the `by_...` counts sums to `events`."""

    path: str
    events: int
    by_kind: dict[str, int]
    datasets: list[dict[str, Any]]
    first_date: str | None
    last_date: str | None
    with_place: int
    without_place: int
    without_day: int
    by_geo_precision: dict[str, int]
    by_date_precision: dict[str, int]
    rejected: int
    imports: int

    def __repr__(self) -> str:
        """Give the main counts on one line."""
        counts = f"events={self.events}, rejected={self.rejected}, imports={self.imports}"
        return f"RecordSummary({self.path!r}, {counts})"

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values, for JSON.

        Returns
        -------
        dict
            One key for each field.
        """
        return asdict(self)

    def summary(self) -> str:
        """Say in prose what the record holds.

        Returns
        -------
        str
            A few lines: counts, dates, data sets with licence and citation.
        """
        if not self.events:
            return f"{self.path}: no events."
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in self.by_kind.items())
        lines = [
            f"{self.path}: {self.events:,} events from {self.first_date or 'no day'} to "
            f"{self.last_date or 'no day'} "
            f"in {self.imports} imports; {self.rejected:,} rows rejected.",
            f"Kinds: {kinds}.",
            f"{self.with_place:,} have a coordinate, {self.without_place:,} have none; "
            f"{self.without_day:,} have no day.",
        ]
        for entry in self.datasets:
            version = entry["dataset_version"] or "release not stated"
            sample = " A SAMPLE: never sum it." if entry["is_sample"] else ""
            lines.append(
                f"- {entry['dataset']} ({version}): {entry['events']:,} events. Licence: {entry['licence']}. "
                f"{entry['citation']}.{sample}"
            )
        return "\n".join(lines)


def datasets_of(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Give each data set and release that has events here, with licence, citation, counts and dates."""
    return records(
        con,
        "SELECT e.dataset, e.dataset_version, any_value(d.title) AS title, any_value(e.licence) AS licence, "
        "any_value(d.citation) AS citation, coalesce(bool_or(d.is_sample), false) AS is_sample, "
        "count(DISTINCT e.event_id) AS events, min(e.date_start)::VARCHAR AS first_date, "
        "max(e.date_end)::VARCHAR AS last_date FROM events e LEFT JOIN datasets d ON d.dataset = e.dataset "
        "AND d.dataset_version IS NOT DISTINCT FROM e.dataset_version "
        "GROUP BY e.dataset, e.dataset_version ORDER BY e.dataset, e.dataset_version",
    )


def summary_of(con: duckdb.DuckDBPyConnection, path: str) -> RecordSummary:
    """Count what a record holds."""
    totals = records(
        con,
        "SELECT count(*) AS events, min(date_start)::VARCHAR AS first_date, max(date_end)::VARCHAR AS "
        "last_date, "
        "count(lat) AS with_place, count(*) - count(lat) AS without_place, "
        "count(*) - count(date_start) AS without_day FROM events",
    )[0]
    return RecordSummary(
        path=path,
        by_kind=_by(con, "kind"),
        datasets=datasets_of(con),
        by_geo_precision=_by(con, "coalesce(geo_precision::VARCHAR, 'not stated')"),
        by_date_precision=_by(con, "coalesce(date_precision::VARCHAR, 'not stated')"),
        rejected=int(records(con, "SELECT count(*) AS n FROM rejected")[0]["n"]),
        imports=int(records(con, "SELECT count(*) AS n FROM imports WHERE undone_at IS NULL")[0]["n"]),
        **totals,
    )


def _by(con: duckdb.DuckDBPyConnection, expression: str) -> dict[str, int]:
    """Count events by one expression."""
    found = records(con, f"SELECT {expression} AS name, count(*) AS n FROM events GROUP BY ALL ORDER BY name")
    return {str(row["name"]): int(row["n"]) for row in found}
