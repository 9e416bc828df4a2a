"""Where each draw of a step stands in a member's numbers."""

from __future__ import annotations

import numba as nb
import numpy as np

from ._draws import PIECES

__all__ = ["DAYS_A_MONTH", "DAYS_A_YEAR", "PIECES", "PLACES", "STREAMS", "at"]

DAYS_A_YEAR = 365.25
DAYS_A_MONTH = DAYS_A_YEAR / 12.0

# Streams of chance. Those of a place are followed by the place's number times PLACES.
CAMPAIGN, DRIFT, CASUALTY = 0, 1, 2
STRIKES, MISSIONS, ATTACKS, LETHAL, SIZES, FORCE, CIVILIANS = 3, 4, 5, 6, 7, 8, 9
EXITS, EXIT_1, EXIT_2, EXIT_3, RECRUITS, INFLOW = 10, 11, 12, 13, 14, 15
CUSTODY, CUSTODY_1, CUSTODY_2, CUSTODY_3, BREAK, SUCCESS, SHARE, ESCAPED, ESCAPED_1, ESCAPED_2 = range(16, 26)
CAMP_BIRTHS, CAMP_EXITS, CAMP_1, CAMP_2, CAMP_3 = 26, 27, 28, 29, 30
TRANSFERS = 40
PLACES = 64
STREAMS = 64 * PLACES
"""Streams set aside for a step: up to 64 places of a kind, 64 streams each."""


@nb.njit(nogil=True, error_model="numpy", inline="always")
def at(base: np.uint64, stream: int, place: int) -> np.uint64:
    return base + np.uint64((place * PLACES + stream) * PIECES)
