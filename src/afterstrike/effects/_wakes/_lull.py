"""The lull: attacks behind strikes against the counterfactual, as one ratio over declared days and km."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import _words as words

if TYPE_CHECKING:
    import pandas as pd

    from ...charts import Chart

__all__ = ["Displacement", "Harm", "Lull"]


@dataclass(frozen=True)
class Displacement:
    """Attacks per strike place-day, all from one joint estimate: fewer inside, more in the ring, and the net.

    Positive `averted` means fewer than expected within the radius; positive `added` more than expected in
    the ring; `net` is averted minus added. Each is (estimate, low, high).
    """

    ring_km: float
    averted: tuple[float, float, float]
    added: tuple[float, float, float]
    net: tuple[float, float, float]

    @property
    def is_shown(self) -> bool:
        """Both intervals leave out zero on the side that displacement means."""
        return self.averted[1] > 0 and self.added[1] > 0


@dataclass(frozen=True)
class Harm:
    """Civilian deaths that the record states for the strikes, as a count from low to high.

    None where no strike row states a number; that is missing, not zero.
    """

    low: int | None
    high: int | None
    n_stated: int
    n_strikes: int


@dataclass(frozen=True)
class Lull:
    """Recorded attacks behind strikes against what was expected there without, over `days` within `km`.

    Parameters
    ----------
    days, km
        H and R, declared in advance. Day 0 is apart.
    rate_ratio, low, high, level
        RR_H = sum of attacks on days 1..H within R / sum expected there, with its interval; NaN with a
        `reason`.
    observed, expected
        Mean attacks per strike place-day, as recorded and without the strike.
    day_zero
        Mean attacks recorded on the day of the strike itself.
    n_place_days
        Strike place-days (strikes of one day within R are one) compared.
    isolated_share
        Share of them whose wake intersects no other's.
    smallest_fall, smallest_rise
        Smallest true change, as shares, that this design finds with 80% power in a two-sided test of size 5%.
    curve
        One row a day: `days_since, rate_ratio, low, high` with a band for all days at once, and `placebo_low,
        placebo_high` where placebos were run. None where it cannot be fitted.
    detectable_until
        Last day of the first unbroken run of days on which the band leaves out 1.
    displacement, harm
        See `Displacement` and `Harm`.
    estimand, transport
        In words.
    reason
        Why there is no ratio; empty where there is one.
    """

    days: int
    km: float
    rate_ratio: float
    low: float
    high: float
    level: float
    observed: float
    expected: float
    day_zero: float
    n_place_days: int
    isolated_share: float
    smallest_fall: float
    smallest_rise: float
    curve: pd.DataFrame | None = field(repr=False)
    detectable_until: int | None
    displacement: Displacement | None
    harm: Harm
    estimand: str = field(repr=False)
    transport: str = field(repr=False)
    reason: str = ""

    @property
    def quiet_days(self) -> float:
        """`H * (1 - RR_H)` per strike place-day; negative: extra days' worth of attacks."""
        return self.days * (1 - self.rate_ratio)

    @property
    def quiet_days_low(self) -> float:
        """`H * (1 - high)`."""
        return self.days * (1 - self.high)

    @property
    def quiet_days_high(self) -> float:
        """`H * (1 - low)`."""
        return self.days * (1 - self.low)

    @property
    def is_per_strike(self) -> bool:
        """Few enough wakes intersect for words such as "per strike"."""
        return self.isolated_share >= words.ISOLATED_FOR_PER_STRIKE

    def sentence(self) -> str:
        """Say the finding in one or two sentences, the same for either sign."""
        return words.finding(self)

    def summary(self) -> str:
        """Say all of it: harm to civilians, what could be found, what was, how far it may be read."""
        return "\n".join(words.paragraphs(self))

    def to_frame(self) -> pd.DataFrame:
        """Give one row with the numbers of this lull."""
        import pandas as pd

        row: dict[str, Any] = {
            "days": self.days,
            "km": self.km,
            "rate_ratio": self.rate_ratio,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "quiet_days": self.quiet_days,
            "quiet_days_low": self.quiet_days_low,
            "quiet_days_high": self.quiet_days_high,
            "observed": self.observed,
            "expected": self.expected,
            "n_place_days": self.n_place_days,
            "isolated_share": self.isolated_share,
            "smallest_fall": self.smallest_fall,
            "smallest_rise": self.smallest_rise,
            "detectable_until": self.detectable_until,
            "civilian_fatalities_low": self.harm.low,
            "civilian_fatalities_high": self.harm.high,
            "estimand": self.estimand,
            "reason": self.reason,
        }
        return pd.DataFrame([row])

    def figure(self) -> Chart:
        """Draw the rate ratio by days since the strike: band, no-effect line, placebo band behind."""
        from ._figure import lull_figure

        return lull_figure(self)

    def __repr__(self) -> str:
        if math.isnan(self.rate_ratio):
            return f"Lull(days={self.days}, km={self.km:g}: {self.reason})"
        said = f"RR={self.rate_ratio:.2f} ({self.low:.2f} to {self.high:.2f})"
        return f"Lull(days={self.days}, km={self.km:g}, {said})"
