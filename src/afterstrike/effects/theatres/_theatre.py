"""What a simulated theatre is made of: region, attacks, strikes, effect, reporting. Checked when made."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Literal, get_args

from afterstrike.errors import UsageError

__all__ = ["Confounder", "Effect", "Reporting", "StrikeRule", "Theatre"]

EffectKind = Literal["none", "lull", "surge", "displacement"]
EffectShape = Literal["flat", "decaying"]
Rule = Literal["random", "reactive", "hidden_threat", "offensive"]
PresetEffect = Literal["null", "lull", "surge", "displacement", "decaying"]
PresetStrikes = Literal["random", "reactive", "hidden_threat", "offensive", "reporting_falls"]


def _bounds(part: object, name: str, low: float, high: float, *, whole: bool = False) -> None:
    """Refuse a number outside low..high, one that is no number, or a fraction where a count is meant."""
    got = getattr(part, name)
    kinds = (int,) if whole else (int, float)
    if isinstance(got, kinds) and not isinstance(got, bool) and math.isfinite(got) and low <= got <= high:
        return
    noun = "a whole number" if whole else "a number"
    raise UsageError(
        f"{type(part).__name__}({name}={got!r}): allowed is {noun} from {low:g} to {high:g}; change {name}"
    )


def _choice(part: object, name: str, allowed: object) -> None:
    """Refuse a word that is not in a closed set."""
    got, words = getattr(part, name), get_args(allowed)
    if got not in words:
        raise UsageError(
            f"{type(part).__name__}({name}={got!r}): allowed is one of {', '.join(words)}; change {name}"
        )


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a struck place-day does to the background attack intensity near it, from the day after on.

    Parameters
    ----------
    kind
        `"none"`, `"lull"` (intensity times `1 - size`), `"surge"` (times `1 + size`), or `"displacement"`
        (times `1 - size` inside; `ring_share` of what was averted is added in the ring).
    size
        Share of the background intensity, 0 to 0.95 (a surge: 0 to 3).
    radius_km, duration_days
        Reach of the effect: great-circle km from the struck place, days 1..duration_days after. Day 0 is
        untouched.
    shape
        `"flat"`, or `"decaying"`: the size halves every `half_life_days` until `duration_days`.
    ring_km, ring_share
        Displacement only: outer radius of the ring, and the share (0 to 1) of averted attacks that move
        there.

    Effects of several strikes multiply; the product is held between `FLOOR` and `CEILING` (0.1 and 4).
    """

    kind: EffectKind = "none"
    size: float = 0.4
    radius_km: float = 25.0
    duration_days: int = 14
    shape: EffectShape = "flat"
    half_life_days: float = 5.0
    ring_km: float = 75.0
    ring_share: float = 1.0

    def __post_init__(self) -> None:
        _choice(self, "kind", EffectKind)
        _choice(self, "shape", EffectShape)
        _bounds(self, "size", 0.0, 3.0 if self.kind == "surge" else 0.95)
        _bounds(self, "radius_km", 0.0, 1000.0)
        _bounds(self, "duration_days", 1, 365, whole=True)
        _bounds(self, "half_life_days", 0.1, 365.0)
        _bounds(self, "ring_share", 0.0, 1.0)
        _bounds(self, "ring_km", self.radius_km, 1000.0)

    def profile(self) -> list[float]:
        """Give the factor on background intensity at lags 0, 1, .., duration_days of one strike alone."""
        sign = {"none": 0.0, "surge": 1.0}.get(self.kind, -1.0)
        halving = [
            0.5 ** ((lag - 1) / self.half_life_days) if self.shape == "decaying" else 1.0
            for lag in range(1, self.duration_days + 1)
        ]
        return [1.0, *(1.0 + sign * self.size * share for share in halving)]


@dataclass(frozen=True, kw_only=True)
class Confounder:
    """Episodes that raise attacks and strikes together and are not in the data.

    Each has a centre in a town, a bell over `days`, a bell over `km`, and moves `km_per_day` towards another
    town. `attacks_factor` and `strikes_factor` are the factors at the peak. Strikes' bell comes `lead_days`
    before that of attacks (a threat known in advance), or after it where negative (strikes late in an
    offensive).
    """

    episodes: int = 0
    days: int = 30
    km: float = 60.0
    km_per_day: float = 0.0
    attacks_factor: float = 3.0
    strikes_factor: float = 8.0
    lead_days: int = 0

    def __post_init__(self) -> None:
        _bounds(self, "episodes", 0, 10_000, whole=True)
        _bounds(self, "days", 1, 365, whole=True)
        _bounds(self, "km", 1.0, 2000.0)
        _bounds(self, "km_per_day", 0.0, 200.0)
        _bounds(self, "attacks_factor", 0.0, 100.0)
        _bounds(self, "strikes_factor", 0.0, 100.0)
        _bounds(self, "lead_days", -180, 180, whole=True)


@dataclass(frozen=True, kw_only=True)
class StrikeRule:
    """How strikes come about.

    Parameters
    ----------
    rule
        `"random"` (fixed places' rates), `"reactive"` (rates follow recorded attacks within `react_km` in the
        last `react_days`), `"hidden_threat"` and `"offensive"` (rates follow the theatre's `Confounder`,
        which also raises attacks: still, and moving).
    place_days
        Expected number of struck place-days in the period. Strikes of one day at one place are one place-day.
    overlap, overlap_km, overlap_days
        Wanted share of struck place-days whose window (days 1..overlap_days, within overlap_km) intersects
        another's; None leaves it to chance. Reached through `crowding`: the factor on the rate where a window
        would intersect an earlier one (below 1 strikes keep apart, above 1 they come in campaigns).
    reaction
        0 to 1: the share of the rate that follows recorded attacks (reactive only).
    rate_factor
        Factor on all rates; None sets it, and with `overlap` also `crowding`, so that `place_days` is met on
        average.
    place_exponent
        Strikes' rates are proportional to places' attack rates to this power (0: all places alike).
    """

    rule: Rule = "random"
    place_days: int = 300
    overlap: float | None = None
    overlap_km: float = 25.0
    overlap_days: int = 14
    reaction: float = 0.9
    react_km: float = 25.0
    react_days: int = 7
    place_exponent: float = 0.5
    crowding: float = 1.0
    rate_factor: float | None = None

    def __post_init__(self) -> None:
        _choice(self, "rule", Rule)
        _bounds(self, "place_days", 0, 200_000, whole=True)
        if self.overlap is not None:
            _bounds(self, "overlap", 0.01, 0.99)
        _bounds(self, "overlap_km", 0.0, 500.0)
        _bounds(self, "overlap_days", 1, 365, whole=True)
        _bounds(self, "reaction", 0.0, 1.0)
        _bounds(self, "react_km", 0.0, 500.0)
        _bounds(self, "react_days", 1, 90, whole=True)
        _bounds(self, "place_exponent", 0.0, 3.0)
        _bounds(self, "crowding", 0.0, 1e9)
        if self.rate_factor is not None:
            _bounds(self, "rate_factor", 0.0, 1e9)


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """What of the events reaches the record, and how precisely.

    Parameters
    ----------
    attacks_share, strikes_share
        Share of attacks and of strikes that are recorded.
    fall, fall_km, fall_days
        Recording of attacks is `1 - fall` times as likely within fall_km and fall_days after a strike.
    gap_share, gap_days
        Share of (district, gap_days) blocks from which no attack is recorded. Silence there is missing, not
        zero.
    week_share, month_share
        Share of recorded events known only to the week (date_precision 3) or the month (4).
    district_share, province_share
        Share placed at the district's (geo_precision 3) or the province's centroid (4).
    fatalities_missing
        Share of events without a stated number of deaths; 1 leaves all of them missing.
    """

    attacks_share: float = 1.0
    strikes_share: float = 1.0
    fall: float = 0.0
    fall_km: float = 25.0
    fall_days: int = 14
    gap_share: float = 0.0
    gap_days: int = 14
    week_share: float = 0.0
    month_share: float = 0.0
    district_share: float = 0.0
    province_share: float = 0.0
    fatalities_missing: float = 0.3

    def __post_init__(self) -> None:
        for part in fields(self):
            if part.name == "fall_km":
                _bounds(self, part.name, 0.0, 500.0)
            elif part.name in {"fall_days", "gap_days"}:
                _bounds(self, part.name, 1, 365, whole=True)
            else:
                _bounds(self, part.name, 0.0, 1.0)
        for pair in (("week_share", "month_share"), ("district_share", "province_share")):
            if sum(getattr(self, name) for name in pair) > 1:
                got = " + ".join(f"{name}={getattr(self, name)!r}" for name in pair)
                raise UsageError(f"Reporting({got}): together at most 1 is allowed; lower one of them")


@dataclass(frozen=True, kw_only=True)
class Theatre:
    """A theatre to simulate: region, places, attacks, strikes, effect and reporting.

    Parameters
    ----------
    region
        `"square"` (of `side_km`, in the open Atlantic) or a country's ISO 3166 alpha-3 code from the shipped
        outline.
    start, days
        First day (ISO date) and length of the recorded period.
    places, towns
        Events happen at `places` fixed points, most of them scattered round `towns`.
    attacks_per_day
        Mean number of attacks a day in the whole region, without strikes and episodes.
    weekly, season
        Relative amplitude (0 to 1) of the weekly and the yearly cycle.
    excitation, excitation_days, excitation_km
        Mean number of attacks that one attack sets off (0 to 0.9), their mean delay, and their reach.
    effect, strikes, confounder, reporting
        The parts; see their own help.
    world_seed
        Draws places and rates. The same world serves all seeds of `simulate_theatre`.

    Raises
    ------
    UsageError
        A value that is not allowed, in one line that says what is.

    Examples
    --------
    >>> Theatre.preset("lull", strikes="random", overlap=0.05).effect.kind
    'lull'
    """

    region: str = "square"
    side_km: float = 600.0
    start: str = "2001-01-01"
    days: int = 730
    places: int = 400
    towns: int = 12
    attacks_per_day: float = 20.0
    weekly: float = 0.2
    season: float = 0.2
    excitation: float = 0.0
    excitation_days: float = 5.0
    excitation_km: float = 15.0
    effect: Effect = field(default_factory=Effect)
    strikes: StrikeRule = field(default_factory=StrikeRule)
    confounder: Confounder = field(default_factory=Confounder)
    reporting: Reporting = field(default_factory=Reporting)
    world_seed: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.region, str) or not (self.region == "square" or len(self.region) == 3):
            raise UsageError(
                f"Theatre(region={self.region!r}): allowed is 'square' or an ISO 3166 alpha-3 code such as "
                "'IRQ'; "
                "change region"
            )
        _bounds(self, "side_km", 10.0, 2000.0)
        _bounds(self, "days", 30, 5000, whole=True)
        _bounds(self, "places", 1, 3000, whole=True)
        _bounds(self, "towns", 1, 1000, whole=True)
        _bounds(self, "attacks_per_day", 0.0, 100_000.0)
        _bounds(self, "weekly", 0.0, 1.0)
        _bounds(self, "season", 0.0, 1.0)
        _bounds(self, "excitation", 0.0, 0.9)
        _bounds(self, "excitation_days", 1.0, 100.0)
        _bounds(self, "excitation_km", 0.0, 500.0)
        _bounds(self, "world_seed", 0, 2**63 - 1, whole=True)
        for name, kind in PARTS.items():
            if not isinstance(getattr(self, name), kind):
                raise UsageError(
                    f"Theatre({name}={getattr(self, name)!r}): allowed is a {kind.__name__}(...); change "
                    f"{name}"
                )
        if self.days * self.places > 10_000_000:
            raise UsageError(
                f"Theatre(days={self.days}, places={self.places}): allowed are at most 10,000,000 "
                "place-days; "
                "lower one of them"
            )
        self._check_start()

    def _check_start(self) -> None:
        try:
            first = date.fromisoformat(self.start)
        except (TypeError, ValueError):
            first = date.min
        if not 1900 <= first.year <= 2100:
            raise UsageError(
                f"Theatre(start={self.start!r}): allowed is a date such as '2001-01-01', 1900 to 2100; "
                "change start"
            )

    @classmethod
    def preset(
        cls,
        effect: PresetEffect,
        *,
        strikes: PresetStrikes = "random",
        overlap: float | None = 0.05,
        **changes: Any,
    ) -> Theatre:
        """Give a named theatre of the recovery table (docs/theatres.md).

        Parameters
        ----------
        effect
            `"null"`, `"lull"`, `"surge"`, `"displacement"` or `"decaying"` (a lull that halves every five
            days).
        strikes
            `"random"`, `"reactive"`, `"hidden_threat"`, `"offensive"` or `"reporting_falls"`.
        overlap
            Share of struck place-days whose windows intersect another's: 0.05, 0.5, 0.95 or any other; None:
            chance.
        **changes
            Fields of `Theatre` that shall differ.
        """
        if effect not in get_args(PresetEffect):
            raise UsageError(
                f"preset({effect!r}): allowed is one of {', '.join(get_args(PresetEffect))}; change the "
                "effect"
            )
        if strikes not in get_args(PresetStrikes):
            raise UsageError(
                f"preset(strikes={strikes!r}): allowed is one of {', '.join(get_args(PresetStrikes))}; "
                "change strikes"
            )
        unknown = sorted(set(changes) - {f.name for f in fields(cls)})
        if unknown:
            raise UsageError(
                f"preset({unknown[0]}=...): allowed are the fields of Theatre: "
                f"{', '.join(f.name for f in fields(cls))}; change the name"
            )
        kinds: dict[str, Effect] = {
            "null": Effect(),
            "lull": Effect(kind="lull"),
            "surge": Effect(kind="surge"),
            "displacement": Effect(kind="displacement"),
            "decaying": Effect(kind="lull", size=0.6, shape="decaying", duration_days=30),
        }
        parts: dict[str, Any] = {
            "effect": kinds[effect],
            "strikes": StrikeRule(
                rule="random" if strikes == "reporting_falls" else strikes,
                overlap=overlap,
                place_days=700 if overlap is not None and overlap > 0.7 else 200,
                # Strikes that feed on the surge they cause run away where they react strongly.
                reaction=0.5 if effect == "surge" else 0.9,
            ),
        }
        if strikes == "hidden_threat":
            parts["confounder"] = Confounder(episodes=120, days=40, lead_days=10)
        elif strikes == "offensive":
            moving = {"km": 100.0, "km_per_day": 2.0, "attacks_factor": 4.0, "strikes_factor": 10.0}
            parts["confounder"] = Confounder(episodes=20, days=60, lead_days=-10, **moving)
        elif strikes == "reporting_falls":
            parts["reporting"] = Reporting(fall=0.4)
        return cls(**(parts | changes))

    def to_dict(self) -> dict[str, Any]:
        """Give all parts as plain values, for provenance."""
        return asdict(self)

    def with_strikes(self, **changes: Any) -> Theatre:
        """Give a copy whose strike rule differs in the given fields."""
        return replace(self, strikes=replace(self.strikes, **changes))


_PARTS = (("effect", Effect), ("strikes", StrikeRule), ("confounder", Confounder), ("reporting", Reporting))
PARTS: dict[str, type] = dict(_PARTS)
FLOOR, CEILING = 0.1, 4.0
