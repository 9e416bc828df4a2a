"""Numbers as the peer's counter sees them: turned into text with a common number of decimals, then read back.

R prints a numeric column with the smallest number of decimals that shows each entry to seven significant
digits, and in scientific notation where that is narrower. mwa sends the table through that text, so
coordinates and match values are rounded. Category codes stay text, blanks that pad them included.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["as_text", "category_text", "round_half_even", "through_text"]

Floats = npt.NDArray[np.float64]

_DIGITS = 7
# R gives up on more decimals than this.
_MOST_DECIMALS = 22
# Beyond it a scaled value has no room for the digit after the point, and only printing tells how it rounds.
_EXACT_INTEGERS = 2.0**52
_TENS = np.power(np.longdouble(10), np.arange(360))


def as_text(values: Floats) -> list[str]:
    """Print a column of finite numbers as R prints it, padded to one width.

    Examples
    --------
    >>> as_text(np.array([1.23456789, 0.00123456789, 123456.789, 2.0]))
    ['1.234568e+00', '1.234568e-03', '1.234568e+05', '2.000000e+00']
    >>> as_text(np.array([1.0, 10.0]))
    [' 1', '10']
    """
    decimals, mantissa = _layout(values)
    shown = _printed(values, decimals, mantissa)
    width = max((len(text) for text in shown), default=0)
    return [text.rjust(width) for text in shown]


def through_text(values: Floats) -> Floats:
    """Round a column of finite numbers as printing and reading it back does."""
    if not len(values):
        return values
    decimals, mantissa = _layout(values)
    if mantissa is None and np.max(np.abs(values)) * 10.0**decimals < _EXACT_INTEGERS / 16:
        scaled = values * 10.0**decimals
        nearest = np.rint(scaled)
        # A whole number below 2^53 divided by an exact power of ten is the number its text stands for.
        rounded: Floats = nearest / 10.0**decimals
        doubtful = np.flatnonzero(np.abs(np.abs(scaled - nearest) - 0.5) < 0.01)
        if len(doubtful):
            rounded[doubtful] = [float(text) for text in _printed(values[doubtful], decimals, None)]
        return rounded
    return np.array([float(text) for text in _printed(values, decimals, mantissa)])


def category_text(values: npt.NDArray[Any]) -> list[str]:
    """Give the text form of a column of category codes; numeric codes are padded to one width, a missing one
    is `NA` and counts in it.
    """
    if values.dtype == bool:
        return ["TRUE" if value else "FALSE" for value in values]
    if values.dtype.kind in "iu":
        plain = [str(value) for value in values]
        width = max(map(len, plain), default=0)
        return [text.rjust(width) for text in plain]
    if values.dtype.kind == "f":
        known = np.isfinite(values)
        shown = np.full(len(values), "NA", dtype=object)
        shown[known] = as_text(values[known])
        width = max(map(len, shown), default=0)
        return [text.rjust(width) for text in shown]
    return [str(value) for value in values]


def round_half_even(value: float, digits: int) -> float:
    """Round as R 4 does: to the nearer of the two neighbouring decimals; where both are as near, to the even
    one.

    Examples
    --------
    >>> round_half_even(0.0125, 3), round_half_even(0.15, 1), round_half_even(45.45, 1)
    (0.013, 0.1, 45.5)
    """
    if not math.isfinite(value) or value == 0:
        return value
    size = abs(value)
    if digits + (math.frexp(size)[1] - 0.5) * math.log10(2) > 15:
        return value
    scale = 10.0**digits
    below = math.floor(size * scale)
    low, high = below / scale, math.ceil(size * scale) / scale
    to_low, to_high = size - low, high - size
    nearer = low if to_low < to_high or (to_low == to_high and below % 2 == 0) else high
    return math.copysign(nearer, value)


def _printed(values: Floats, decimals: int, mantissa: int | None) -> list[str]:
    if mantissa is None:
        return [f"{value:.{decimals}f}" for value in values]
    return [f"{value:.{mantissa}e}" for value in values]


def _layout(values: Floats) -> tuple[int, int | None]:
    """Give the decimals of fixed notation; and, where scientific notation is narrower, its mantissa's
    decimals.
    """
    significant, power, widened = _significant(values)
    negative = values < 0
    left = power + 1 - widened
    decimals = int(min(max(0, np.max(significant - power - 1, initial=0)), _MOST_DECIMALS))
    fixed = int(np.max(np.maximum(left, 1) + negative, initial=1)) + decimals + (decimals > 0)
    mantissa = int(np.max(significant, initial=1)) - 1
    long_exponent = bool(np.max(power, initial=0) >= 100 or np.min(power, initial=0) <= -100)
    scientific = int(negative.any()) + 1 + mantissa + (mantissa > 0) + (5 if long_exponent else 4)
    return decimals, (mantissa if fixed > scientific else None)


def _significant(
    values: Floats,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give, per entry at seven digits: digits that are not trailing zeros, decimal exponent, and whether
    rounding carried it into a longer exponent than the number itself has."""
    size = np.abs(values).astype(np.longdouble)
    filled = np.where(size > 0, size, 1)
    power = np.floor(np.log10(filled)).astype(np.int64)
    shown = _scaled(filled, _DIGITS - 1 - power)
    short = shown < 10 ** (_DIGITS - 1)
    power -= short
    shown = np.rint(np.where(short, shown * 10, shown)).astype(np.int64)
    carried = shown >= 10**_DIGITS
    power += carried
    significant = np.full(len(values), _DIGITS, np.int64)
    open_ = np.ones(len(values), bool)
    for _ in range(_DIGITS - 1):
        open_ &= shown % 10 == 0
        shown = np.where(open_, shown // 10, shown)
        significant -= open_
    significant[carried] = 1
    exponent = np.clip(power, 0, _MOST_DECIMALS)
    widened = (power > 0) & (power <= _MOST_DECIMALS) & (filled < _scaled(np.ones_like(filled), exponent))
    zero = size == 0
    return np.where(zero, 1, significant), np.where(zero, 0, power), (widened & ~zero).astype(np.int64)


def _scaled(size: Any, power: npt.NDArray[np.int64]) -> Any:
    """Multiply by a power of ten in extended precision, dividing where the power is negative: that stays
    exact.
    """
    up, down = _TENS[np.maximum(power, 0)], _TENS[np.maximum(-power, 0)]
    return size * up / down
