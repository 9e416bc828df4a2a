"""Errors a caller may want to catch.

    AfterstrikeError
    ├── UsageError          an option or argument is not allowed (exit 2)
    ├── SourceError         a file, address or stream cannot be opened or is not what it says (exit 2)
    │   └── LayoutError     a file is readable but of no event layout we know (exit 2)
    ├── ReadingError        a document has no text we can read (exit 2)
    ├── RecordError         a record refuses: locked, wrong version, undo in the wrong order (exit 2)
    ├── BriefError          a brief cannot be written (exit 2)
    └── EstimateRefused     the data cannot carry the estimate asked for (exit 3)

Every message says what was got, what is allowed, and what to do.
"""

from __future__ import annotations

__all__ = [
    "AfterstrikeError",
    "BriefError",
    "EstimateRefused",
    "LayoutError",
    "ReadingError",
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


class ReadingError(AfterstrikeError):
    """A document holds no text that can be read."""


class RecordError(AfterstrikeError):
    """A record refuses an operation."""


class BriefError(AfterstrikeError):
    """A brief cannot be written."""


class EstimateRefused(AfterstrikeError):
    """The data cannot carry the estimate asked for; the message says what is missing."""

    exit_code = 3
