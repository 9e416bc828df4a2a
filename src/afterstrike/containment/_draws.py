"""Random numbers by counter, and exact draws by the inverse of the distribution function.

Each uniform number is a function of (seed, member, step, stream, piece) alone. Two scenarios, or two worlds, so
see the same chance, and a rate that is higher draws a count that is not lower. Rejection samplers use up an
unknown number of uniforms and lose that step.

The generator is SplitMix64 read by its counter: the n-th output for a key k is mix(k + n * gamma), after Steele,
Lea and Flood (2014, DOI 10.1145/2660193.2660195).
"""

from __future__ import annotations

import math
import zlib
from typing import Any

import numba as nb
import numpy as np

__all__ = [
    "PIECES",
    "binomial",
    "leavers",
    "member_key",
    "negative_binomial",
    "poisson",
    "power_law",
    "standard_normal",
    "uniform",
    "uniforms",
]

Array = np.ndarray[Any, Any]

GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(shift) for shift in (30, 27, 31, 11))
_PER_UNIT = 1.0 / 9007199254740992.0  # 2 ** -53

PIECES = 65536
"""Uniforms set aside for one draw: large counts are drawn as a sum of pieces."""

LARGEST_MEAN = 400.0
"""Mean of a piece: above it the first probability would come near the smallest float."""


@nb.njit(nogil=True, error_model="numpy", inline="always")
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> _S30)) * _FIRST
    value = (value ^ (value >> _S27)) * _SECOND
    return value ^ (value >> _S31)


@nb.njit(nogil=True, error_model="numpy")
def member_key(seed: np.uint64, member: np.uint64) -> np.uint64:
    """The key of one member's numbers."""
    return _mix(_mix(seed + GAMMA) + (member + np.uint64(1)) * GAMMA)


@nb.njit(nogil=True, error_model="numpy", inline="always")
def uniform(key: np.uint64, counter: np.uint64) -> float:
    """The uniform number at a counter, inside (0, 1)."""
    # a signed key would turn the sum into a float
    word = _mix(np.uint64(key) + (np.uint64(counter) + np.uint64(1)) * GAMMA)
    return (np.float64(word >> _S11) + 0.5) * _PER_UNIT


@nb.njit(nogil=True, error_model="numpy")
def _poisson_piece(u: float, mean: float) -> int:
    # the chance of none is at least 1 - mean: most small counts need no exponential
    if u <= 1.0 - mean:
        return 0
    chance = math.exp(-mean)
    below = chance
    count = 0
    while below < u:
        count += 1
        chance *= mean / count
        below += chance
        # u above all that rounding lets the sum reach
        if count > mean and chance < below * 1e-17:
            break
    return count


@nb.njit(nogil=True, error_model="numpy")
def poisson(mean: float, key: np.uint64, counter: np.uint64) -> int:
    """A Poisson count with this mean; 0 where the mean is 0 or less."""
    if mean <= 0.0:
        return 0
    if mean <= LARGEST_MEAN:
        return _poisson_piece(uniform(key, counter), mean)
    pieces = math.ceil(mean / LARGEST_MEAN)
    count = 0
    for piece in range(pieces):
        count += _poisson_piece(uniform(key, counter + np.uint64(piece)), mean / pieces)
    return count


@nb.njit(nogil=True, error_model="numpy")
def _binomial_piece(u: float, trials: int, chance: float, odds: float, mean: float) -> int:
    """Count up from none, whose chance is given."""
    below = chance
    count = 0
    while below < u and count < trials:
        chance *= (trials - count) / (count + 1.0) * odds
        count += 1
        below += chance
        if count > mean and chance < below * 1e-17:
            break
    return count


@nb.njit(nogil=True, error_model="numpy")
def _none_of(trials: int, share: float) -> float:
    """The chance that none of `trials` happens."""
    if trials > 8:
        return math.exp(trials * math.log1p(-share))
    chance = 1.0
    for _ in range(trials):
        chance *= 1.0 - share
    return chance


@nb.njit(nogil=True, error_model="numpy")
def binomial(trials: int, share: float, key: np.uint64, counter: np.uint64) -> int:
    """How many of `trials` happen, each with chance `share`; rises with `share` at a given counter."""
    if trials <= 0 or share <= 0.0:
        return 0
    if share >= 1.0:
        return trials
    rare = share if share <= 0.5 else 1.0 - share
    odds = rare / (1.0 - rare)
    pieces = max(1, math.ceil(trials * rare / LARGEST_MEAN))
    size = trials // pieces
    longer = trials - size * pieces
    count = 0
    for piece in range(pieces):
        members = size + 1 if piece < longer else size
        u = uniform(key, counter + np.uint64(piece))
        if share <= 0.5:
            # the chance of none is at least 1 - mean: most small counts need no exponential
            if u > 1.0 - members * rare:
                count += _binomial_piece(u, members, _none_of(members, rare), odds, members * rare)
        else:
            count += members - _binomial_piece(
                1.0 - u, members, _none_of(members, rare), odds, members * rare
            )
    return count


@nb.njit(nogil=True, error_model="numpy")
def leavers(people: int, hazard: float, key: np.uint64, counter: np.uint64) -> int:
    """How many of `people` leave in a step, each with chance 1 - exp(-hazard)."""
    if people <= 0 or hazard <= 0.0:
        return 0
    mean = people * hazard
    if mean > LARGEST_MEAN or hazard > 0.5:
        return binomial(people, -math.expm1(-hazard), key, counter)
    u = uniform(key, counter)
    if u <= 1.0 - mean:
        return 0
    return _binomial_piece(u, people, math.exp(-mean), math.expm1(hazard), mean)


@nb.njit(nogil=True, error_model="numpy")
def _negative_binomial_piece(u: float, mean: float, ratio: float, log_ratio: float) -> int:
    if u <= 1.0 - mean:
        return 0
    size = mean / (ratio - 1.0)
    chance = math.exp(-size * log_ratio)
    fall = (ratio - 1.0) / ratio
    below = chance
    count = 0
    while below < u:
        chance *= (size + count) / (count + 1.0) * fall
        count += 1
        below += chance
        if count > mean and chance < below * 1e-17:
            break
    return count


@nb.njit(nogil=True, error_model="numpy")
def negative_binomial(mean: float, ratio: float, log_ratio: float, key: np.uint64, counter: np.uint64) -> int:
    """A negative binomial count with this mean and `ratio` times it as variance; Poisson where that is 1.

    `log_ratio` is the logarithm of the ratio. With the ratio fixed, counts of two half days add up to the count of
    a day in distribution.
    """
    if mean <= 0.0:
        return 0
    if ratio <= 1.0 + 1e-9:
        return poisson(mean, key, counter)
    pieces = max(1, math.ceil(mean / LARGEST_MEAN))
    count = 0
    for piece in range(pieces):
        count += _negative_binomial_piece(
            uniform(key, counter + np.uint64(piece)), mean / pieces, ratio, log_ratio
        )
    return count


@nb.njit(nogil=True, error_model="numpy")
def power_law(u: float, exponent: float, cutoff: float, end: float) -> int:
    """A whole number from 1 to `cutoff`: a Pareto number with this exponent on [1, cutoff + 1), rounded down.

    `end` is its chance to pass the cutoff, (cutoff + 1) ** (1 - exponent).
    """
    fall = 1.0 - exponent
    return min(int((1.0 - u * (1.0 - end)) ** (1.0 / fall)), int(cutoff))


_OVER = (
    33430.575583588128105,
    67265.770927008700853,
    45921.953931549871457,
    13731.693765509461125,
    1971.5909503065514427,
    133.14166789178437745,
    3.3871328727963666080,
)
_UNDER = (
    28729.085735721942674,
    39307.895800092710610,
    21213.794301586595867,
    5394.1960214247511077,
    687.18700749205790830,
    42.313330701600911252,
    1.0,
)


@nb.njit(nogil=True, error_model="numpy")
def standard_normal(u: float) -> float:
    """The standard normal number with this probability below it, to rounding.

    The middle by the rational form of Wichura (1988, AS 241, DOI 10.2307/2347330), the tails by Halley steps.
    """
    middle = u - 0.5
    if abs(middle) <= 0.425:
        r = 0.180625 - middle * middle
        over = 2509.0809287301226727
        for term in _OVER:
            over = over * r + term
        under = 5226.4952788528545610
        for term in _UNDER:
            under = under * r + term
        return middle * over / under
    if u < 0.5:
        return -_upper_normal(u)
    return _upper_normal(1.0 - u)


@nb.njit(nogil=True, error_model="numpy")
def _upper_normal(tail: float) -> float:
    # Abramowitz and Stegun 26.2.23 as a start, then Halley steps on the exact tail
    root = math.sqrt(-2.0 * math.log(tail))
    value = root - (2.515517 + root * (0.802853 + root * 0.010328)) / (
        1.0 + root * (1.432788 + root * (0.189269 + root * 0.001308))
    )
    for _ in range(2):
        miss = 0.5 * math.erfc(value / math.sqrt(2.0)) - tail
        step = miss * math.sqrt(2.0 * math.pi) * math.exp(0.5 * value * value)
        value += step / (1.0 - 0.5 * value * step)
    return value


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fill(seed: np.uint64, stream: np.uint64, first: int, into: Array) -> None:
    key = _mix(_mix(seed + GAMMA) ^ _mix(stream + GAMMA))
    for row in range(into.size):
        into[row] = uniform(key, np.uint64(first + row))


def uniforms(seed: int, members: int, name: str, *, first: int = 0) -> Array:
    """Uniform numbers of a named stream, one a member: shape (members,), inside (0, 1).

    A name has its own stream, so a parameter that is added leaves the draws of the others as they were.

    Example
    -------
    >>> bool((uniforms(0, 4, "fighters")[2:] == uniforms(0, 2, "fighters", first=2)).all())
    True
    """
    into = np.empty(members)
    low = zlib.crc32(name.encode()) | (zlib.crc32(name.encode(), 0x5EED) << 32)
    _fill(np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.uint64(low), first, into)
    return into
