"""Ranges of counts in words."""

from __future__ import annotations

__all__ = ["span"]


def span(low: int | None, high: int | None) -> str:
    """Write a range of counts; an open bound is said.

    Examples
    --------
    >>> span(3, 3), span(3, None), span(None, 5), span(3, 5)
    ('3', 'at least 3', 'up to 5', '3 to 5')
    """
    if low is None:
        return f"up to {high}"
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"
