"""When to try again, and how long to wait before."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["TEMPORARY", "backoff_seconds", "retry_after_seconds"]

TEMPORARY = frozenset((408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 529, 530))
"""Statuses after which the same request may succeed."""

_FIRST_SECONDS = 1.0
_MOST_SECONDS = 60.0


def backoff_seconds(attempt: int, rng: random.Random) -> float:
    """Give the wait before a further attempt: twice as long each time, half of it by chance.

    Parameters
    ----------
    attempt : int
        Attempts that have failed, from 1.
    rng : random.Random
        Source of the chance part, so that many clients do not come back at one moment.

    Returns
    -------
    float
        Seconds, at most 60.

    Examples
    --------
    >>> 0.5 <= backoff_seconds(1, random.Random(0)) <= 1.0, 2.0 <= backoff_seconds(3, random.Random(0)) <= 4.0
    (True, True)
    """
    whole = min(_FIRST_SECONDS * 2.0 ** min(attempt - 1, 30), _MOST_SECONDS)
    return whole / 2 + rng.random() * whole / 2


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header: a number of seconds or a date (RFC 9110, 10.2.3).

    Parameters
    ----------
    value : str or None
        The header.
    now : datetime
        The time of the answer, with its zone.

    Returns
    -------
    float or None
        Seconds to wait, never below 0; None where the header is absent or is neither form.

    Examples
    --------
    >>> now = datetime(2026, 1, 1, tzinfo=UTC)
    >>> retry_after_seconds("120", now), retry_after_seconds("Thu, 01 Jan 2026 00:00:30 GMT", now)
    (120.0, 30.0)
    >>> retry_after_seconds("soon", now) is None
    True
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max((when - now).total_seconds(), 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
