"""Yes/no questions: what counts, by when, what past periods say, and a probability that can be scored."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ...errors import EstimateRefused, UsageError
from ._cases import Case, ReferenceClass

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Precision", "YesNo", "beta_range", "probability_words", "yes_no"]

Array = np.ndarray[Any, Any]
Precision = Literal["percent", "magnitude"]
JEFFREYS = (0.5, 0.5)
LEVEL = 0.8
_GRID = 400
# Of these no public figure supports a probability better than an order of magnitude.
_CUSTODY = re.compile(
    r"\b(prison|jail|detention|detainees?|custody|camps?)\b.*\b(break|breaks|breakout|escapes?|riots?|uprisings?)\b"
    r"|\b(break|breaks|breakout|jailbreaks?|escapes?|riots?|uprisings?)\b.*\b(prison|jail|detention|custody|camps?)\b"
    r"|\bjailbreaks?\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class YesNo:
    """A yes/no question with its probability.

    Attributes
    ----------
    text, area, counts
        The question, where, and what counts as yes: the resolution rule in words.
    opens, starts, ends, resolves
        The day it is asked; first and last day on which the event counts; the day from which it can be resolved.
    reference, left_out
        The past periods it is held against, and those that were not over on the day it is asked.
    method
        `class`: all periods alike. `persistence`: a period depends on the one before.
    prior, posterior
        Beta parameters (yes, no) of the chance of a period, before and after the class; under persistence of a period
        that follows one like the last known.
    probability, low, high, level
        The probability of yes, with a central interval. Where `precision` is `magnitude` all are powers of ten.
    would_change
        What would move it, in sentences.
    """

    text: str
    area: tuple[str, ...]
    counts: str
    opens: date
    starts: date
    ends: date
    resolves: date
    reference: ReferenceClass = field(repr=False)
    left_out: tuple[Case, ...] = field(repr=False)
    method: Literal["class", "persistence"]
    prior: tuple[float, float]
    posterior: tuple[float, float]
    probability: float
    low: float
    high: float
    level: float
    precision: Precision
    would_change: tuple[str, ...] = field(repr=False)

    @property
    def key(self) -> str:
        """Twelve hex digits of the question itself: its text, area, rule and dates, not of the answer."""
        asked = [self.text, self.area, self.counts, self.starts, self.ends, self.resolves]
        return hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:12]

    def to_frame(self) -> pd.DataFrame:
        """One row: the question, its dates, the class's counts, and the probability with its interval."""
        import pandas as pd

        told = self.to_dict()
        counts = {"yes": self.reference.yes, "no": self.reference.no, "missing": len(self.reference.missing)}
        told["would_change"], told["area"] = " ".join(self.would_change), "+".join(self.area)
        told["reference"] = self.reference.words
        return pd.DataFrame([{"key": self.key, **told, **counts}])

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values, as the ledger keeps it."""
        told = {name: value for name, value in asdict(self).items() if name not in ("reference", "left_out")}
        told |= {name: told[name].isoformat() for name in ("opens", "starts", "ends", "resolves")}
        told |= {name: list(told[name]) for name in ("area", "prior", "posterior", "would_change")}
        told["reference"] = self.reference.to_dict()
        told["left_out"] = [case.name for case in self.left_out]
        return told

    def summary(self) -> str:
        """Give the question, its rule, its class and its probability in words."""
        reference = self.reference
        gap = [case.name for case in reference.missing]
        lines = [
            self.text,
            f"Counts as yes: {self.counts} Dated {self.starts} to {self.ends}, in {' or '.join(self.area)}; asked on "
            f"{self.opens}, resolved from {self.resolves}.",
            f"Reference class: {reference.words}: {reference.count_words()}."
            + (f" Not known, and in no count: {', '.join(gap)}." if gap else "")
            + (
                f" Not over when asked, and left out: {', '.join(c.name for c in self.left_out)}."
                if self.left_out
                else ""
            )
            + (f" {reference.note}" if reference.note else ""),
            self._told(),
            *self.would_change,
        ]
        return "\n".join(lines)

    def _told(self) -> str:
        how = {
            "class": "all periods of the class taken alike",
            "persistence": "a period depends on the one before, carried forward to the one asked about",
        }[self.method]
        words = probability_words(self.probability, self.low, self.high, self.level, self.precision)
        return (
            f"Probability of yes: {words}. Prior Beta({self.prior[0]:g}, {self.prior[1]:g}), after the class "
            f"Beta({self.posterior[0]:g}, {self.posterior[1]:g}); {how}. Periods are not independent of each other and the "
            "next may be unlike them, so the range is too narrow."
        )


def probability_words(p: float, low: float, high: float, level: float, precision: Precision) -> str:
    """Write a probability with its interval: to a hundredth, or to a power of ten where no more is known."""
    if precision == "magnitude":
        return (
            f"in the order of {_odds(p)} ({_odds(low)} to {_odds(high)} in {100 * level:.0f} %); no better than an order "
            "of magnitude"
        )
    return f"{_share(p)} ({_share(low)} to {_share(high)} in {100 * level:.0f} %)"


def _share(p: float) -> str:
    return "below 0.01" if p < 0.005 else "above 0.99" if p > 0.995 else f"{p:.2f}"


def _odds(p: float) -> str:
    return "1" if p >= 1 else f"1 in {round(1 / p):,}"


def yes_no(
    text: str,
    *,
    area: Sequence[str],
    counts: str,
    opens: date | str,
    ends: date | str,
    reference: ReferenceClass,
    starts: date | str | None = None,
    resolves: date | str | None = None,
    prior: tuple[float, float] = JEFFREYS,
    persistence: bool = False,
    precision: Precision | None = None,
    level: float = LEVEL,
    would_change: Sequence[str] = (),
) -> YesNo:
    """Put a yes/no question and give its probability from a reference class.

    The chance of one period of the class is Beta(prior + counts); missing periods are in no count. Of a question whose
    days are f periods long, the probability is the mean of 1 - (1 - p)^f, exact for events at a constant rate.

    Parameters
    ----------
    text
        The question. Plain and public; no person, no place below an area.
    area
        Where, as names or codes.
    counts
        What counts as yes, and by whose word: a rule that a stranger can apply.
    opens
        The day it is asked. Periods of the class that were not over by then are left out.
    starts, ends
        First and last day on which the event counts; `starts` is `opens` if not given.
    resolves
        The day from which it can be resolved, `ends` if not given; later where reports come late.
    reference
        Past periods, of `reference_class` or `reference_from_figures`.
    prior
        Beta parameters (yes, no), both above 0; Jeffreys' by default.
    persistence
        Take it that a period depends on the one before. Campaigns last: where a class holds both runs of yes and runs of
        no, what followed a period like the last known one says more than all periods together, and further ahead the
        two come to the same. Needs pairs of periods next to each other; fewer counts, so a wider interval.
    precision
        `percent`, or `magnitude`: to a power of ten. Questions about breaks from custody take `magnitude` and no other.
    level
        Of the interval, 0.5 to 0.99.
    would_change
        Further sentences on what would move the probability.

    Returns
    -------
    YesNo

    Raises
    ------
    UsageError
        Dates out of order, an empty text or rule, a number out of bounds, or percent for a break from custody.
    EstimateRefused
        No period of the class is known; or persistence is asked for and no two known periods are next to each other.

    Assumes
    -------
    The period asked about is like those of the class (or, with persistence, the step from one to the next is).

    Examples
    --------
    >>> from afterstrike.containment import reference_from_figures
    >>> past = reference_from_figures(["SYR", "IRQ"], as_of=date(2026, 2, 13))
    >>> found = yes_no("Is there an announced US strike on ISIS in Syria in 2027?", area=["Syria"],
    ...     counts="CENTCOM announces at least one strike on ISIS in Syria.", opens="2026-02-13",
    ...     starts="2027-01-01", ends="2027-12-31", reference=past)
    >>> found.reference.count_words(), round(found.probability, 2)
    ('8 in 8 years', 0.94)
    """
    days = {
        "opens": _day("opens", opens),
        "starts": _day("starts", starts if starts is not None else opens),
        "ends": _day("ends", ends),
        "resolves": _day("resolves", resolves if resolves is not None else ends),
    }
    _check(text, area, counts, days, prior, level)
    is_custody = bool(_CUSTODY.search(text) or _CUSTODY.search(counts))
    if is_custody and precision == "percent":
        raise UsageError(
            "precision='percent' for a break from custody; allowed 'magnitude': one to three events carry no more than an "
            "order of magnitude"
        )
    shown: Precision = precision or ("magnitude" if is_custody else "percent")
    if shown not in ("percent", "magnitude"):
        raise UsageError(f"precision={shown!r}; allowed 'percent', 'magnitude'")
    known, left_out = reference.known_by(days["opens"])
    if not known.yes + known.no:
        raise EstimateRefused(
            f"no period of the class was over by {days['opens']} and is known ({len(left_out)} not over, "
            f"{len(known.missing)} missing); bring past periods with outcomes and sources"
        )
    length = ((days["ends"] - days["starts"]).days + 1) / known.period_days
    exposure = 1.0 if abs(length - 1) < 0.02 else length
    if persistence:
        posterior, values = _persistent(known, days["starts"], exposure, prior)
    else:
        posterior, values = (prior[0] + known.yes, prior[1] + known.no), None
    p, low, high = beta_range(*posterior, level, exposure) if values is None else _range(values, level)
    if shown == "magnitude":
        p, low, high = _decades(p, low, high)
    own = _changes(known, prior, exposure, shown) if not persistence else ()
    return YesNo(
        text=" ".join(text.split()), area=tuple(area), counts=" ".join(counts.split()), **days, reference=known,
        left_out=left_out, method="persistence" if persistence else "class", prior=prior, posterior=posterior,
        probability=p, low=low, high=high, level=level, precision=shown,
        would_change=(*own, *(" ".join(one.split()) for one in would_change)),
    )  # fmt: skip


def _day(name: str, given: date | str) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        raise UsageError(f"{name}={given!r}; write the day as YYYY-MM-DD") from None


def _check(
    text: str,
    area: Sequence[str],
    counts: str,
    days: dict[str, date],
    prior: tuple[float, float],
    level: float,
) -> None:
    for name, given in (("text", text), ("counts", counts)):
        if not given.strip():
            raise UsageError(f"{name} is empty; a question needs its words and a rule for what counts as yes")
    if isinstance(area, str) or not area:
        raise UsageError(f"area={area!r}; allowed a list of at least one name, as ['Syria']")
    if not days["opens"] <= days["ends"] or not days["starts"] <= days["ends"] <= days["resolves"]:
        told = ", ".join(f"{name} {day}" for name, day in days.items())
        raise UsageError(f"{told}; allowed opens and starts no later than ends, ends no later than resolves")
    if len(prior) != 2 or not all(math.isfinite(one) and one > 0 for one in prior):
        raise UsageError(f"prior={prior!r}; allowed two numbers above 0, as (0.5, 0.5)")
    if not 0.5 <= level <= 0.99:
        raise UsageError(f"level={level}; allowed 0.5 to 0.99")


def beta_range(
    yes: float, no: float, level: float = LEVEL, exposure: float = 1.0
) -> tuple[float, float, float]:
    """Give the mean and central interval of 1 - (1 - p)^exposure for p of Beta(yes, no)."""
    # not scipy.stats, whose import takes longer than a brief has
    from scipy.special import betaincinv, betaln

    mean = -math.expm1(betaln(yes, no + exposure) - betaln(yes, no))
    ends = [float(betaincinv(yes, no, cut)) for cut in ((1 - level) / 2, (1 + level) / 2)]
    low, high = (1 - (1 - end) ** exposure for end in ends)
    return float(mean), low, high


def _persistent(
    known: ReferenceClass, starts: date, exposure: float, prior: tuple[float, float]
) -> tuple[tuple[float, float], Array]:
    """Give the Beta of what followed periods like the last known one, and values of the chance in the period asked."""
    from scipy.stats import beta

    counts = {True: [prior[0], prior[1]], False: [prior[0], prior[1]]}
    pairs = 0
    for one, after in zip(known.cases, known.cases[1:], strict=False):
        if one.outcome is None or after.outcome is None or (after.start - one.end).days != 1:
            continue
        counts[one.outcome][0 if after.outcome else 1] += 1
        pairs += 1
    if not pairs:
        raise EstimateRefused(
            "no two known periods of the class are next to each other, so what follows what cannot be counted; leave out "
            "persistence"
        )
    last = next(case for case in reversed(known.cases) if case.outcome is not None)
    steps = 1 + max(0, round(((starts - last.end).days - 1) / known.period_days))
    cuts = (np.arange(_GRID) + 0.5) / _GRID
    after_yes = beta.ppf(cuts, *counts[True])[:, None]
    after_no = beta.ppf(cuts, *counts[False])[None, :]
    chance: Array = np.full((1, 1), float(bool(last.outcome)))
    for _ in range(steps):
        chance = chance * after_yes + (1 - chance) * after_no
    chance = np.broadcast_to(chance, (_GRID, _GRID))
    chosen = counts[bool(last.outcome)]
    return (chosen[0], chosen[1]), 1 - (1 - chance) ** exposure


def _range(values: Array, level: float) -> tuple[float, float, float]:
    low, high = np.quantile(values, ((1 - level) / 2, (1 + level) / 2))
    return float(values.mean()), float(low), float(high)


def _decades(p: float, low: float, high: float) -> tuple[float, float, float]:
    """Round to powers of ten: the nearest for the probability, outwards for its ends; the nearest below 1, never 1."""
    middle = min(10.0 ** round(math.log10(p)), 0.1)
    first, last = 10.0 ** math.floor(math.log10(max(low, 1e-12))), 10.0 ** math.ceil(math.log10(high))
    return middle, min(first, middle), max(last, middle)


def _changes(
    known: ReferenceClass, prior: tuple[float, float], exposure: float, precision: Precision
) -> tuple[str, ...]:
    """Say what one period more, and the missing ones, would do."""
    yes, no = prior[0] + known.yes, prior[1] + known.no

    def told(more_yes: int, more_no: int) -> str:
        p, low, high = beta_range(yes + more_yes, no + more_no, LEVEL, exposure)
        return _share(p) if precision == "percent" else _odds(_decades(p, low, high)[0])

    unit = known.unit if known.unit in ("year", "month") else "period"
    lines = [f"One more {unit} with yes makes it {told(1, 0)}; one with no, {told(0, 1)}."]
    if gap := len(known.missing):
        lines.append(
            f"If all {gap} missing {unit}s were no: {told(0, gap)}; if all were yes: {told(gap, 0)}."
            if gap > 1
            else f"If the missing {unit} were no: {told(0, 1)}; if it were yes: {told(1, 0)}."
        )
    return tuple(lines)
