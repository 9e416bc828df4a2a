"""The true effect of drawing strikes from another intensity, by running the days over from where they were.

Each stretch of drawn days starts from the theatre's own state of the day before. Its attacks keep the
theatre's own draws; its strikes are drawn anew, and all scenarios share those draws, so that what differs
between scenarios is the intensity alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from afterstrike.errors import UsageError

from ._policy_runs import Question, scenario_means
from ._run import SimulatedTheatre
from ._scenario import StrikeScenario, need_theatre
from ._world import Floats, Ints, distances_km

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PolicyTruth", "policy_truth"]

LaterStrikes = Literal["follow", "observed"]
Measure = Literal["attacks", "recorded"]
Window = Sequence[float] | np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class PolicyTruth:
    """True expected attacks a day under each scenario; made by `policy_truth`.

    Parameters
    ----------
    scenarios, windows
        Their names.
    lag
        M, or k where `single_day`.
    time_after, single_day, later_strikes, measure, draws, seed
        As asked for.
    days
        The days t averaged over; day 1 is the first recorded one. Attacks are those of day t, or t + 1 where
        `time_after`.
    daily
        Expected attacks of each of these days, shape (scenarios, windows, days).
    errors
        Monte Carlo standard errors of the means over days, shape (scenarios, scenarios, windows): of scenario
        i alone at [i, i], of the difference of i and j elsewhere.
    """

    scenarios: tuple[str, ...]
    windows: tuple[str, ...]
    lag: int
    time_after: bool
    single_day: bool
    later_strikes: LaterStrikes
    measure: Measure
    draws: int
    seed: int
    days: Ints = field(repr=False)
    daily: Floats = field(repr=False)
    errors: Floats = field(repr=False)

    @property
    def estimand(self) -> str:
        """The estimand in words."""
        what = "recorded attacks" if self.measure == "recorded" else "attacks, recorded or not,"
        last = "the day before" if self.time_after else "that day"
        how = f"strikes of the {self.lag} days up to and including {last}"
        if self.lag == 1:
            how = f"strikes of {last}"
        elif self.single_day:
            later = "as observed" if self.later_strikes == "observed" else "as they would have followed"
            how = (
                f"strikes of the first of {self.lag} days up to and including {last}, later strikes {later},"
            )
        return f"expected {what} a day had {how} been drawn from the scenario, all before as it was"

    def mean(self, scenario: str, window: str | None = None) -> float:
        """Give the expected attacks a day under a scenario, in a window (the first where None)."""
        return float(self.daily[self._at("scenarios", scenario), self._at("windows", window)].mean())

    def difference(self, scenario: str, minus: str, window: str | None = None) -> tuple[float, float]:
        """Give the expected attacks a day under one scenario minus another, and the Monte Carlo error."""
        i, j = self._at("scenarios", scenario), self._at("scenarios", minus)
        b = self._at("windows", window)
        error = 0.0 if i == j else float(self.errors[i, j, b])
        return float((self.daily[i, b] - self.daily[j, b]).mean()), error

    def _at(self, kind: Literal["scenarios", "windows"], name: str | None) -> int:
        names: tuple[str, ...] = getattr(self, kind)
        if name is None and kind == "windows":
            return 0
        if name not in names:
            raise UsageError(f"{name!r}: allowed {kind} are {', '.join(map(repr, names))}; change the name")
        return names.index(name)

    def to_frame(self) -> pd.DataFrame:
        """Give `window, scenario, minus, attacks_per_day, standard_error`.

        Rows with `minus` missing hold one scenario, the others a later scenario minus an earlier one.
        """
        import pandas as pd

        rows: list[tuple[str, str, str | None, float, float]] = []
        for b, window in enumerate(self.windows):
            for i, name in enumerate(self.scenarios):
                rows.append((window, name, None, self.mean(name, window), float(self.errors[i, i, b])))
            for j, name in enumerate(self.scenarios):
                rows.extend(
                    (window, name, one, *self.difference(name, one, window)) for one in self.scenarios[:j]
                )
        columns = ["window", "scenario", "minus", "attacks_per_day", "standard_error"]
        return pd.DataFrame(rows, columns=columns).astype({"minus": "str"})

    def to_daily(self) -> pd.DataFrame:
        """Give `day, window, scenario, attacks`: the expected attacks of each day averaged over."""
        import pandas as pd

        index = pd.MultiIndex.from_product(
            [self.scenarios, self.windows, self.days], names=["scenario", "window", "day"]
        )
        frame = pd.DataFrame({"attacks": self.daily.ravel()}, index=index).reset_index()
        return frame[["day", "window", "scenario", "attacks"]]


def policy_truth(
    theatre: SimulatedTheatre,
    *,
    scenarios: Sequence[StrikeScenario],
    lag: int,
    windows: Mapping[str, Window] | None = None,
    days: Iterable[int] | None = None,
    draws: int = 20,
    seed: int = 0,
    time_after: bool = True,
    single_day: bool = False,
    later_strikes: LaterStrikes = "follow",
    measure: Measure = "attacks",
) -> PolicyTruth:
    r"""Give the true expected attacks had strikes been drawn from a scenario.

    :math:`N(h, B) = \frac{1}{T} \sum_t E[Y_{t+1}(B)]` with strikes of days t - M + 1 to t drawn from h, all
    before as it was in this run. Attacks answer to the drawn strikes. The effect is N(h2, B) - N(h1, B).

    Parameters
    ----------
    theatre
        A simulated theatre, with any effect, strike rule and reporting.
    scenarios
        One or more, with different names: see `scaled`, `relocated`, `responding`, `StrikeScenario`.
    lag
        M, the number of days drawn, from 1. With `single_day` k: only strikes of day t - k + 1 are drawn.
    windows
        Names to windows: (lat, lon, radius_km), or an array of bool with one value a place. None: one window,
        `"everywhere"`.
    days
        Days t to average over, in 1..the period's days, day 1 the first recorded one; None: all that have M
        days up to t inside the period and, with `time_after`, a day after.
    draws
        Draws of strikes for each day t and scenario, 2 to 10,000.
    seed
        Of these draws; the theatre's own seed is mixed in, so that Monte Carlo errors of theatres with
        different seeds are independent.
    time_after
        True: attacks of day t + 1. False: of day t; strikes of day t come after the day's attacks, so they
        cannot change them, and the effect at lag 1 is 0.
    single_day
        Draw one day only, for a curve by lag.
    later_strikes
        With `single_day`, strikes after the drawn day: `"follow"`, by the theatre's rule and its own draws
        (reactive strikes answer to the changed attacks), which weights of the one day estimate; or
        `"observed"`, held as they were in this run. Equal where strikes answer to nothing.
    measure
        `"attacks"` that happened, or `"recorded"` ones (before dates and places are made coarse).

    Returns
    -------
    PolicyTruth
        Intensities of attacks are averaged, not counts, which carry more noise.

    Raises
    ------
    UsageError
        An argument that is not allowed, in one line; over 500 attacks expected at one place and day.

    Assumes
    -------
    Attacks of the drawn days keep this run's own random numbers (they are fixed potential outcomes); those of
    day t + 1 are averaged over. Over many seeds this is the expectation over all randomness after day t - M.

    References
    ----------
    Papadogeorgou, G., Imai, K., Lyall, J. and Li, F. (2022). Causal inference with spatio-temporal data:
    estimating the effects of airstrikes on insurgent violence in Iraq. JRSS-B 84, 1969-1999.
    doi:10.1111/rssb.12548

    Examples
    --------
    >>> from afterstrike.effects.theatres import policy_theatre, scaled, simulate_theatre
    >>> theatre = simulate_theatre(policy_theatre("surge", days=60), seed=1)
    >>> one, two = scaled(theatre, 1, name="as usual"), scaled(theatre, 2, name="double")
    >>> found = policy_truth(theatre, scenarios=[one, two], lag=3)
    >>> found.difference("double", "as usual")[0] > 0
    True
    """
    need_theatre("policy_truth", theatre)
    chosen = _scenarios(theatre, scenarios)
    for name, flag in (("time_after", time_after), ("single_day", single_day)):
        _word(name, flag, (True, False))
    ahead = int(time_after)
    _whole("lag", lag, 1, theatre.spec.days - ahead)
    _whole("draws", draws, 2, 10_000)
    _whole("seed", seed, 0, 2**62)
    _word("later_strikes", later_strikes, get_args(LaterStrikes))
    _word("measure", measure, get_args(Measure))
    names, masks = _masks(theatre, windows)
    picked = _days(theatre, days, lag, ahead)
    question = Question(
        lag=int(lag),
        ahead=ahead,
        single_day=single_day,
        observed=later_strikes == "observed",
        recorded=measure == "recorded",
        masks=masks,
    )
    daily, errors = scenario_means(theatre, chosen, question, picked, int(draws), int(seed))
    return PolicyTruth(
        scenarios=tuple(s.name for s in chosen),
        windows=names,
        lag=int(lag),
        time_after=time_after,
        single_day=single_day,
        later_strikes=later_strikes,
        measure=measure,
        draws=int(draws),
        seed=int(seed),
        days=picked,
        daily=daily,
        errors=errors,
    )


def _whole(name: str, got: object, low: int, high: int) -> None:
    if isinstance(got, bool) or not isinstance(got, int | np.integer) or not low <= got <= high:
        raise UsageError(f"{name}={got!r}: allowed is a whole number from {low} to {high}; change {name}")


def _word(name: str, got: object, words: tuple[object, ...]) -> None:
    # Not `in`: an array compares with each word one by one.
    if not any(got is word or (isinstance(got, str | bool) and got == word) for word in words):
        raise UsageError(f"{name}={got!r}: allowed is one of {', '.join(map(str, words))}; change {name}")


def _scenarios(theatre: SimulatedTheatre, scenarios: object) -> tuple[StrikeScenario, ...]:
    """Give the scenarios, or refuse what is none, has no name of its own, or is of other places."""
    chosen = tuple(scenarios) if isinstance(scenarios, list | tuple) else ()
    if not chosen or not all(isinstance(s, StrikeScenario) for s in chosen):
        raise UsageError(
            "policy_truth(scenarios=...): allowed is a list of one or more StrikeScenario; make them with "
            "scaled, relocated or responding"
        )
    if len({s.name for s in chosen}) < len(chosen):
        raise UsageError(
            f"policy_truth(scenarios=...): names {', '.join(repr(s.name) for s in chosen)} are not all "
            "different; allowed are different ones; pass name=..."
        )
    places = theatre.world.lat.size
    for s in chosen:
        if s.expected.size != places:
            raise UsageError(
                f"policy_truth: scenario {s.name!r} has {s.expected.size} places; allowed are the theatre's "
                f"{places}; make it for this theatre"
            )
    return chosen


def _masks(theatre: SimulatedTheatre, windows: Mapping[str, Window] | None) -> tuple[tuple[str, ...], Floats]:
    """Give names and a table (places, windows) of 1 inside and 0 outside."""
    world = theatre.world
    if windows is None:
        return ("everywhere",), np.ones((world.lat.size, 1))
    if not isinstance(windows, Mapping) or not windows or not all(isinstance(n, str) for n in windows):
        raise UsageError(
            "policy_truth(windows=...): allowed is a dict of names to windows, or None for everywhere; "
            "change windows"
        )
    columns = []
    for name, window in windows.items():
        try:
            got = np.asarray(window)
        except ValueError:
            got = np.empty((0, 0))
        if got.dtype == bool and got.shape == world.lat.shape:
            columns.append(got)
        elif got.shape == (3,) and got.dtype.kind in "if" and np.isfinite(got).all() and got[2] >= 0:
            km = distances_km(got[:1], got[1:2], world.lat, world.lon)[0]
            columns.append(km <= got[2])
        else:
            raise UsageError(
                f"policy_truth(windows={{{name!r}: ...}}): allowed is (lat, lon, radius_km) or "
                f"{world.lat.size} values true or false, one a place; change the window"
            )
        if not columns[-1].any():
            raise UsageError(
                f"policy_truth(windows={{{name!r}: ...}}): no place lies inside; allowed are windows with at "
                "least one; move or widen it"
            )
    return tuple(windows), np.column_stack(columns).astype(np.float64)


def _days(theatre: SimulatedTheatre, days: Iterable[int] | None, lag: int, ahead: int) -> Ints:
    """Give the days t to average over, in order."""
    last = theatre.spec.days - ahead
    if days is None:
        return np.arange(lag, last + 1, dtype=np.int64)
    try:
        got = np.asarray(list(days))
    except TypeError:
        got = np.empty(0)
    if got.ndim != 1 or got.size == 0 or got.dtype.kind not in "iu" or got.min() < lag or got.max() > last:
        raise UsageError(
            f"policy_truth(days=...): allowed are whole numbers from {lag} to {last} (day 1 is the first "
            "recorded one); change days"
        )
    return np.unique(got).astype(np.int64)
