"""`Record`: one file of sourced events. Each method is what a CLI verb of the same name calls."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

from afterstrike.errors import RecordError, UsageError
from afterstrike.record._export import ExportFormat, export_events
from afterstrike.record._import import Progress, import_file
from afterstrike.record._import_report import ImportReport
from afterstrike.record._incident_methods import IncidentMethods, may_hold_reports
from afterstrike.record._log import log_of, rejected_of
from afterstrike.record._query import (
    Day,
    FilterOptions,
    Filters,
    Many,
    find_rows,
    frame_of,
    points_of,
    rows_of,
    weekly_left_out,
    weekly_of,
)
from afterstrike.record._store import connect, create, holds_nothing, storage_faults, transaction
from afterstrike.record._summary import RecordSummary, datasets_of, summary_of
from afterstrike.record._undo import undo_import
from afterstrike.record.layouts._layout import LayoutOptions

if TYPE_CHECKING:
    import duckdb
    import pandas

__all__ = ["Record", "open_record"]


class Record(IncidentMethods):
    """A record of events in one DuckDB file; open it with `open_record`.

    The filters of `events`, `rows`, `weekly`, `points` and `export` are the same: `kind`, `initiator`, `side`
    (either side), `adm0`, `adm1`, `dataset` take one value or several; `date_from` and `date_to` are inclusive days:
    an event over several days is chosen where any lies within, a row of only a year where its whole year does;
    `bbox` is west, south, east, north; `max_geo_precision` leaves out coarser rows; `civilian_harm` keeps such rows.
    """

    def __init__(self, path: Path, con: duckdb.DuckDBPyConnection, *, read_only: bool, is_new: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._con: duckdb.DuckDBPyConnection | None = con
        self._is_new = is_new

    def __repr__(self) -> str:
        """Give the file's name."""
        mode = ", read_only=True" if self.read_only else ""
        return f"open_record({str(self.path)!r}{mode})"

    def __enter__(self) -> Record:
        """Give the record itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the record."""
        self.close()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open connection, for SQL of one's own."""
        if self._con is None:
            raise RecordError(f"{self.path} is closed; open it again with open_record")
        return self._con

    def close(self) -> None:
        """Close the file; a record made by this `open_record` in which nothing was stored is removed."""
        if self._con is None:
            return
        empty = self._is_new and holds_nothing(self._con, self.path)
        self._con.close()
        self._con = None
        if empty:
            self.path.unlink(missing_ok=True)
            self.path.with_name(self.path.name + ".wal").unlink(missing_ok=True)

    def add(
        self,
        path: str | Path,
        *,
        layout: str | None = None,
        options: LayoutOptions | None = None,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Add one event file, in one transaction.

        Parameters
        ----------
        path : str or Path
            CSV, Parquet, JSON lines or GeoJSON of a known layout; or JSON lines of reports
            (`{id, text, lang?, published?, url?}`), which are read and brought together into incidents.
        layout : str, optional
            Name of the layout; by default it is told from the columns.
        options : LayoutOptions, optional
            Data set name and release, mapping, gazetteers, companion files.
        progress : callable, optional
            Called with one word at each stage: reading, checking, placing, comparing,
            writing.

        Returns
        -------
        ImportReport
            Counts that add up: read = added + updated + unchanged + rejected.

        Raises
        ------
        SourceError, LayoutError, UsageError
            Where the file is no table, or of no known layout; the record is as before.

        Notes
        -----
        Rows meet by `event_id`. Adding a file twice changes nothing. A newer release updates. An older
        release, and a partial layout of the same data, leave rows as they are, and the report says so.

        Examples
        --------
        >>> record = open_record("syria.duckdb")  # doctest: +SKIP
        >>> record.add("ged_syria.parquet")  # doctest: +SKIP
        ImportReport('import-1', 'ucdp-ged', read=14522, added=14522, updated=0, unchanged=0, ...)
        """
        self._writable("add")
        options = options or LayoutOptions()
        progress = progress or (lambda stage: None)
        if layout == "reports" or (layout is None and may_hold_reports(Path(path))):
            return self._add_reports(Path(path), options.gazetteers, progress)
        with storage_faults(self.path):
            return import_file(self.connection, Path(path), layout, options, progress)

    def summary(self) -> RecordSummary:
        """Count what the record holds.

        Returns
        -------
        RecordSummary
            Events by kind, data set and precision; `.to_dict()` for JSON, `.summary()` for prose.
        """
        return summary_of(self.connection, str(self.path))

    def datasets(self) -> list[dict[str, Any]]:
        """Give each data set and release that has events here.

        Returns
        -------
        list of dict
            dataset, dataset_version, title, licence, citation, is_sample, events, first_date, last_date.
        """
        return datasets_of(self.connection)

    def events(self, **filters: Unpack[FilterOptions]) -> pandas.DataFrame:
        """Give the selected rows as a data frame: the columns of the event table, missing values as NA.

        Returns
        -------
        pandas.DataFrame
            Whole numbers as `Int64`, days as `datetime64`, in order of date.
        """
        return frame_of(self.connection, Filters(**filters))

    def rows(self, *, limit: int | None = None, **filters: Unpack[FilterOptions]) -> list[dict[str, Any]]:
        """Give the selected rows as dicts, in order of date; needs no pandas.

        Returns
        -------
        list of dict
            Keys are the columns of the event table; missing is None.
        """
        return rows_of(self.connection, Filters(**filters), limit)

    def weekly(self, **filters: Unpack[FilterOptions]) -> list[dict[str, Any]]:
        """Count events by week and kind; rows not known to the week are left out, see `weekly_left_out`.

        Returns
        -------
        list of dict
            week (its Monday), kind, events, strikes, fatalities_best. A week without a row is not a zero.
        """
        return weekly_of(self.connection, Filters(**filters))

    def weekly_left_out(self, **filters: Unpack[FilterOptions]) -> dict[str, int]:
        """Count the rows that `weekly` cannot place.

        Returns
        -------
        dict
            no_day (date missing or year only), month_or_wider (known to the month or less).
        """
        return weekly_left_out(self.connection, Filters(**filters))

    def points(self, **filters: Unpack[FilterOptions]) -> list[dict[str, Any]]:
        """Count events by coordinate, for a map; rows without a coordinate are not among them.

        Returns
        -------
        list of dict
            lat, lon, geo_precision, kind, place (the commonest name there), events.
        """
        return points_of(self.connection, Filters(**filters))

    def find(
        self,
        *,
        kind: Many = None,
        adm0: Many = None,
        lat: float | None = None,
        lon: float | None = None,
        km: float | None = None,
        date_from: Day = None,
        date_to: Day = None,
        initiator: Many = None,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Give rows near a place, nearest first, with their great-circle distance.

        Parameters
        ----------
        lat, lon : float, optional
            The place, WGS84 degrees; both or neither.
        km : float, optional
            Largest distance in kilometres; without it all rows that have a coordinate are put in order.
        limit : int
            At most that many rows.

        Returns
        -------
        list of dict
            Event rows, with `km` where a place was given.

        Raises
        ------
        UsageError
            Where only one of lat and lon is given, or km without them.
        """
        if (lat is None) != (lon is None) or (km is not None and lat is None):
            raise UsageError(
                f"lat={lat}, lon={lon}, km={km}: give lat and lon together, and km only with them"
            )
        if km is not None and km < 0:
            raise UsageError(f"km={km} is negative; give a distance of 0 km or more")
        filters = Filters(kind=kind, initiator=initiator, adm0=adm0, date_from=date_from, date_to=date_to)
        center = None if lat is None or lon is None else (lat, lon)
        return find_rows(self.connection, filters, center, km, limit)

    def rejected(self, import_id: str | None = None) -> list[dict[str, Any]]:
        """Give rejected rows: import_id, row_number, reason, original (the publisher's row as JSON).

        Returns
        -------
        list of dict
            Of one import, or of all.
        """
        return rejected_of(self.connection, import_id)

    def log(self, import_id: str | None = None) -> list[dict[str, Any]]:
        """Give the imports, oldest first; for one import also its changed rows, column by column.

        Returns
        -------
        list of dict
            Counts, hash and notes of each import, `columns_changed` (column, rows), and for one import
            `changes` (event_id, changed: column, before, after; the first 1000 rows).

        Raises
        ------
        RecordError
            Where there is no such import.
        """
        return log_of(self.connection, import_id)

    def undo(self, import_id: str) -> dict[str, int]:
        """Take one import back, in one transaction.

        Returns
        -------
        dict
            deleted (rows it had added), restored (rows it had updated).

        Raises
        ------
        RecordError
            Where a later import wrote some of the same rows (the message names it), the import is unknown
            or was undone before.
        """
        self._writable("undo")
        with storage_faults(self.path):
            from afterstrike.record.incidents import check_undo, forget_reports

            with transaction(con := self.connection):
                check_undo(con, import_id)
                done, reports = undo_import(con, import_id), forget_reports(con, import_id)
            return {name: done[name] + reports[name] for name in done}

    def recode(self, rule: str | Path) -> ImportReport:
        """Code `kind` and `initiator` anew, in one transaction that stands in the log and can be undone.

        Parameters
        ----------
        rule : str or Path
            "ged-words" (the shipped rule), "none", a TOML rule file, or a CSV of codes made by a person.
            Later imports are coded the same way.

        Returns
        -------
        ImportReport
            How many rows were read and how many changed.

        Raises
        ------
        UsageError
            Where the rule is not known or its file is of another form; the record is as before.
        """
        from afterstrike.record._coding_store import recode

        self._writable("recode")
        with storage_faults(self.path):
            return recode(self.connection, rule)

    def export(
        self,
        path: str | Path,
        *,
        format: ExportFormat | None = None,
        **filters: Unpack[FilterOptions],
    ) -> int:
        """Write the selected rows to a file, with licence, citation and source text on every row.

        Parameters
        ----------
        path : str or Path
            The file to write; it appears whole or not at all.
        format : {"parquet", "csv", "geojson"}, optional
            By default told from the ending.

        Returns
        -------
        int
            Number of rows written.

        Raises
        ------
        UsageError, RecordError
            Where no format is told, or the file cannot be written.
        """
        return export_events(self.connection, Path(path), format, Filters(**filters))

    def _writable(self, verb: str) -> None:
        """Refuse to change a record that was opened for reading."""
        if self.read_only:
            raise RecordError(
                f"{self.path} is open read-only, so {verb} is not possible; open it without read_only"
            )


def open_record(path: str | Path, *, read_only: bool = False) -> Record:
    """Open a record, or make one where there is none.

    Parameters
    ----------
    path : str or Path
        A DuckDB file, by custom named `.duckdb`.
    read_only : bool
        Several processes may read at once; one that writes excludes all others.

    Returns
    -------
    Record
        Close it, or use it in a `with` block.

    Raises
    ------
    RecordError
        Where the file is in use (the message says by which process), is no record, was written under
        another schema, or does not exist and is to be read only.

    Examples
    --------
    >>> with open_record("syria.duckdb") as record:  # doctest: +SKIP
    ...     record.summary()
    RecordSummary('syria.duckdb', events=14522, rejected=0, imports=1)
    """
    path = Path(path)
    if path.is_dir():
        raise RecordError(f"{path} is a folder; name a file in it, e.g. {path}/record.duckdb")
    is_new = not path.exists()
    if is_new and read_only:
        raise RecordError(
            f"{path} does not exist; make it with `afterstrike record add FILE --record {path}`"
        )
    if is_new:
        create(path)
    return Record(path, connect(path, read_only=read_only), read_only=read_only, is_new=is_new)
