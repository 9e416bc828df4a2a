"""Errors a caller may want to catch.

    AfterstrikeError
    ├── UsageError          an option or argument is not allowed (exit 2)
    ├── SourceError         a file, address or stream cannot be opened or is not what it says (exit 2)
    │   ├── LayoutError     a file is readable but of no event layout we know (exit 2)
    │   └── FetchError      an address cannot be got; says whether trying later may help (exit 2)
    ├── ReadingError        a document has no text we can read (exit 2)
    ├── RecordError         a record refuses: locked, wrong version, undo in the wrong order (exit 2)
    │   └── RecordBusy      it is in use; trying later may help (exit 2)
    ├── BriefError          a brief cannot be written (exit 2)
    └── EstimateRefused     the data cannot carry the estimate asked for (exit 3)

Every message says what was got, what is allowed, and what to do.
"""

from __future__ import annotations

__all__ = [
    "AfterstrikeError",
    "BriefError",
    "EstimateRefused",
    "FetchError",
    "LayoutError",
    "ReadingError",
    "RecordBusy",
    "RecordError",
    "SourceError",
    "UsageError",
]


class AfterstrikeError(Exception):
    """Base of all errors that are about the input, not about a defect of ours."""

    exit_code = 2


class UsageError(AfterstrikeError):
    """An option or argument has a value that is not allowed."""


class SourceError(AfterstrikeError):
    """A file, address or stream cannot be opened, or is not what it says it is."""


class LayoutError(SourceError):
    """A file can be read but is of no event layout known here."""


class FetchError(SourceError):
    """An address cannot be got.

    Attributes
    ----------
    status : int or None
        The HTTP status of the last answer; None where none came.
    is_temporary : bool
        True where the same request may succeed later: no connection, a cut one, 408, 425, 429, 5xx.
    retry_after_seconds : float or None
        What the server asked to wait, where it said so.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        is_temporary: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_temporary = is_temporary
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_gone(self) -> bool:
        """True where the server says that the document is not there (404) or no longer (410)."""
        return self.status in (404, 410)


class ReadingError(AfterstrikeError):
    """A document holds no text that can be read."""


class RecordError(AfterstrikeError):
    """A record refuses an operation."""


class RecordBusy(RecordError):
    """A record is in use, by another process or in another mode by this one; trying later may help."""


class BriefError(AfterstrikeError):
    """A brief cannot be written."""


class EstimateRefused(AfterstrikeError):
    """The data cannot carry the estimate asked for; the message says what is missing."""

    exit_code = 3
