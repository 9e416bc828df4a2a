"""What one import did, in numbers that add up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["ImportReport"]


@dataclass(frozen=True, repr=False)
class ImportReport:
    """The account of one import; `read == added + updated + unchanged + rejected` always holds."""

    import_id: str
    path: str
    sha256: str
    layout: str
    dataset: str
    dataset_version: str | None
    read: int
    added: int
    updated: int
    unchanged: int
    rejected: int
    repaired: int
    seconds: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that no row was lost or counted twice."""
        total = self.added + self.updated + self.unchanged + self.rejected
        if self.read != total:
            raise AssertionError(f"rows do not add up: read {self.read}, accounted for {total} ({self!r})")

    def __repr__(self) -> str:
        """Give the counts on one line."""
        return (
            f"ImportReport({self.import_id!r}, {self.dataset!r}, read={self.read}, added={self.added}, "
            f"updated={self.updated}, unchanged={self.unchanged}, rejected={self.rejected}, "
            f"repaired={self.repaired})"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values, for JSON.

        Returns
        -------
        dict
            One key for each field; `notes` is a list.
        """
        return {**asdict(self), "notes": list(self.notes)}

    def summary(self) -> str:
        """Say in prose what the import did.

        Returns
        -------
        str
            Two or three sentences, then one line for each note.
        """
        version = f" {self.dataset_version}" if self.dataset_version else " (release not stated)"
        lines = [
            f"{self.path}: {self.dataset}{version}, read as {self.layout}. "
            f"{self.read:,} rows read = {self.added:,} added + {self.updated:,} updated + "
            f"{self.unchanged:,} unchanged + {self.rejected:,} rejected, in {self.seconds:.1f} s. "
            f"Import {self.import_id}."
        ]
        if self.repaired:
            lines.append(
                f"{self.repaired:,} of the rows written were repaired; their original values are kept."
            )
        return "\n".join([*lines, *self.notes])
