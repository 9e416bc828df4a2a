"""What a `Record` does with reports and incidents; each method is what a CLI verb of the same name calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from afterstrike.record._store import storage_faults

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record._import_report import ImportReport
    from afterstrike.record.incidents._build import Built

__all__ = ["IncidentMethods", "may_hold_reports"]


class IncidentMethods(ABC):
    """The part of a `Record` that is about reports."""

    path: Path

    @property
    @abstractmethod
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open connection."""

    @abstractmethod
    def _writable(self, verb: str) -> None:
        """Refuse where the record is open for reading only."""

    def _add_reports(
        self, path: Path, gazetteers: Sequence[str], progress: Callable[[str], None]
    ) -> ImportReport:
        from afterstrike.reading.gazetteer import default_gazetteer
        from afterstrike.record.incidents import add_reports

        with storage_faults(self.path):
            gazetteer = default_gazetteer(tuple(gazetteers))
            return add_reports(self.connection, path, gazetteer=gazetteer, progress=progress)

    def incidents(self, incident_id: str | None = None, *, grade: str | None = None) -> list[dict[str, Any]]:
        """Give the incidents built from the record's reports; see `afterstrike.record.incidents`.

        Parameters
        ----------
        incident_id : str, optional
            One incident.
        grade : str, optional
            confirmed, fair, weak, contested or discounted.

        Returns
        -------
        list of dict
            Each with its grade and reason, its event row, and `tellings` side by side.
        """
        from afterstrike.record.incidents import incidents_of

        return incidents_of(self.connection, incident_id, grade=grade)

    def build_incidents(self) -> Built:
        """Build the incidents anew from all reports and decisions; needed only after an interrupted `add`."""
        from afterstrike.record.incidents import build_incidents

        self._writable("build incidents of")
        with storage_faults(self.path):
            return build_incidents(self.connection)

    def decide(
        self,
        verb: Literal["merge", "split", "grade"],
        *incidents: str,
        tellings: Sequence[str] = (),
        grade: str | None = None,
        reason: str | None = None,
    ) -> Built:
        """Log an analyst's decision on incidents and build them anew.

        See `afterstrike.record.incidents.decide` for what each verb takes.
        """
        from afterstrike.record.incidents import build_incidents, decide

        self._writable("decide on incidents of")
        with storage_faults(self.path):
            decide(self.connection, verb, incidents, tellings=tellings, grade=grade, reason=reason)
            return build_incidents(self.connection)


def may_hold_reports(path: Path) -> bool:
    """Say whether a file looks like reports; only text that opens with an object is looked into."""
    if not path.is_file() or path.suffix.casefold() not in (".jsonl", ".ndjson", ".json", ".gz", ".txt", ""):
        return False
    from afterstrike.record.incidents import holds_reports

    return holds_reports(path)
