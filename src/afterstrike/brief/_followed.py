"""What earlier strikes were followed by: studies of the record, run as declared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import EstimateRefused, UsageError
from ..reading._claim import Ledger
from ._followed_beside import beside_part
from ._followed_cache import kept_or_made, key_of
from ._followed_model import Answer, CheckRow, CurveRow, Followed, FollowedStudy, WindowRow
from ._followed_policy import policy_part, policy_result
from ._followed_shifts import shift_part
from ._study_choice import COARSEST_DATE, COARSEST_PLACE, Choice, choose_studies

if TYPE_CHECKING:
    import pandas as pd

    from ..effects import Lull, Study

__all__ = ["NO_RECORD", "SWITCHED_OFF", "followed_in", "followed_without"]

# Declared before any data are seen, the same for every article and record.
DAYS, KM = (7, 14), 25.0
HORIZON = 14
SEED, PLACEBOS, BOOTSTRAP, REDRAWS = 0, 60, 40, 8
NEEDED = (
    "Needed is a record with strikes and attacks, each with who, day and place; a few dozen strike days, and "
    "eight weeks of record before the first."
)
NO_RECORD = (
    "No record was given, so nothing was estimated. Make one with afterstrike record add FILE --record "
    "NAME.duckdb, and give it with --record. " + NEEDED
)
SWITCHED_OFF = "Nothing was estimated, as asked for."


def followed_without(said: str) -> Followed:
    """Give the section where nothing is estimated, and why."""
    return Followed(said, (), 0, SEED, ())


def followed_in(
    record: Any,
    ledger: Ledger,
    *,
    cache: str | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> Followed:
    """Run the studies that the written rule chooses.

    Parameters
    ----------
    record
        An open record.
    ledger
        The article: which parties and countries it names.
    cache
        A hash of the record's file: a study of the same rows is then taken from the cache. None: made anew.
    progress
        Called with a word at each stage.

    Returns
    -------
    Followed
        A record that cannot carry a study says what is missing; that is an answer.
    """
    choices, missing = choose_studies(record, ledger)
    if not choices:
        said = "This record cannot carry the study. " + NEEDED
        return Followed(said, tuple(missing), 0, SEED, ())
    made = []
    for choice in choices:
        progress(f"what followed strikes by {choice.strikers}")
        made.append(kept_or_made(key_of(choice, cache), partial(_with_shifts, record, choice)))
    count = sum(
        len(study.windows)
        + (len(study.policy.rows) if study.policy else 0)
        + (study.beside.specifications if study.beside else 0)
        for study in made
    )
    said = (
        f"{len(made)} {'study' if len(made) == 1 else 'studies'} of the record, chosen by a written rule "
        f"before anything was estimated: {DAYS[1]} days and {KM:g} km declared, {DAYS[0]} days beside it; "
        f"{count} specifications were run in all."
    )
    return Followed(said, (), count, SEED, tuple(made))


def _with_shifts(record: Any, choice: Choice) -> FollowedStudy:
    """Run a study; whether its attacks shifted is asked of them alone, so also where the study is refused."""
    outcome, coarse, _ = _rows(record, choice, "attack")
    study = _run(record, choice, outcome, coarse)
    return replace(study, shifts=shift_part(record, choice, outcome))


def _run(record: Any, choice: Choice, outcome: pd.DataFrame, coarse_too: int) -> FollowedStudy:
    title = f"Strikes by {choice.strikers} and recorded attacks by {choice.attackers}, {choice.country}"
    treatment, coarse, harm = _rows(record, choice, "strike")
    left_out = {
        "strikes too coarse in day or place": coarse,
        "attacks too coarse in day or place": coarse_too,
    }
    try:
        study = _study(choice, treatment, outcome, left_out)
        from ..effects import matched_wakes

        result: Any = matched_wakes(study, days=DAYS, km=KM, seed=SEED)
    except (EstimateRefused, UsageError) as refused:
        return _refused(title, choice, harm, left_out, str(refused))
    table = result.to_frame()
    main = table[table["days"] == HORIZON].iloc[0]
    # What repeats the estimate many times is run where there is something to take back.
    if not main["reason"] and not main["rate_ratio_low"] <= 1 <= main["rate_ratio_high"]:
        result = result.with_checks(placebos=PLACEBOS, bootstrap=BOOTSTRAP, redraws=REDRAWS, jobs=2)
    return _told(record, title, choice, study, result, harm)


def _rows(record: Any, choice: Choice, kind: str) -> tuple[pd.DataFrame, int, str]:
    """Give the rows of one side that are known well enough, how many are not, and civilian deaths in all.

    Deaths of rows too coarse for the study are deaths all the same.
    """
    from ..effects._wakes._lull_make import harm_of_rows
    from ..effects._wakes._words import civilian_harm

    strike = kind == "strike"
    rows = record.events(
        kind=kind,
        initiator=(choice.striker if strike else choice.attacker) or None,
        adm0=choice.adm0 or None,
        dataset=choice.strike_dataset if strike else choice.attack_dataset,
        date_from=choice.period[0],
        date_to=choice.period[1],
    )
    coarse = (rows["date_precision"].fillna(1) > COARSEST_DATE) | (
        rows["geo_precision"].fillna(1) > COARSEST_PLACE
    )
    kept = rows[~coarse]
    if strike:
        # A release may cover several days: with the last of them no counted day comes before the strike.
        kept = kept.assign(date_start=kept["date_end"].fillna(kept["date_start"]), time_start=None)
    return kept, int(coarse.sum()), civilian_harm(harm_of_rows(rows))


def _study(choice: Choice, treatment: pd.DataFrame, outcome: pd.DataFrame, left_out: dict[str, int]) -> Study:
    from ..effects import Study

    notes = {
        "strikes": f"by {choice.strikers}, data set {choice.strike_dataset}",
        "attacks": f"by {choice.attackers}, data set {choice.attack_dataset}",
        "comparison": "no strike of these that day, at place-days as likely to be struck given the past",
        "co-treatments not known": "ground operations, change of control, strikes that nobody recorded",
        **{f"before the study: {why}": str(count) for why, count in left_out.items()},
    }
    return Study(
        treatment=treatment.drop(columns="time_start"),
        outcome=outcome.drop(columns="time_start"),
        region=choice.country,
        period=choice.period,
        horizon_days=HORIZON,
        radius_km=KM,
        coarse_dates="exclude",
        notes=notes,
    )


def _refused(title: str, choice: Choice, harm: str, left_out: dict[str, int], why: str) -> FollowedStudy:
    trial = (
        ("strikes", f"by {choice.strikers}, data set {choice.strike_dataset}"),
        ("attacks", f"by {choice.attackers}, data set {choice.attack_dataset}"),
        ("period", " to ".join(choice.period)),
        *((f"before the study: {reason}", str(count)) for reason, count in left_out.items()),
    )
    return FollowedStudy(
        title, choice.why, trial, (), harm, "",
        f"Cannot tell what followed these strikes: {why}.", "", "not_estimated", (why,), "",
        _transport(choice, 0), (), (), (),
    )  # fmt: skip


def _told(record: Any, title: str, choice: Choice, study: Study, result: Any, harm: str) -> FollowedStudy:
    from ..effects._wakes._open_points import open_points
    from ..effects._wakes._words import power_of, quiet_of

    rows = result.to_frame().to_dict("records")
    main = next(row for row in rows if row["days"] == HORIZON)
    lull = result.lull(days=HORIZON, km=KM, placebos=20 if not main["reason"] else 0)
    points = open_points(main, result.checks)
    answer: Answer = "cannot_tell"
    if main["reason"]:
        answer = "not_estimated"
    elif not points:
        answer = "fewer" if main["rate_ratio"] < 1 else "more"
    policy = policy_result(study, choice)
    known = {"matched wakes": result}
    if not isinstance(policy, str):
        known["stochastic intervention"] = policy
    return FollowedStudy(
        title=title,
        why=choice.why,
        trial=tuple((str(row.part), _value(row.value)) for row in study.to_frame().itertuples(index=False)),
        co_treatments=_co_treatments(record, choice, result),
        civilian_harm=harm,
        power=power_of(lull),
        finding=lull.sentence(),
        quiet=quiet_of(lull) if not main["reason"] else "",
        answer=answer,
        open_points=tuple(points),
        believe=result.assumptions,
        transport=_transport(choice, lull.n_place_days),
        windows=tuple(_window(row) for row in rows),
        checks=tuple(CheckRow(c.check_name, c.passed, c.verdict, c.text) for c in result.checks),
        curve=_curve(lull),
        level=lull.level,
        policy=policy_part(policy, choice),
        beside=beside_part(study, known, seed=SEED),
    )


def _value(value: Any) -> str:
    return " to ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _number(value: Any) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _window(row: dict[Any, Any]) -> WindowRow:
    return WindowRow(
        days=int(row["days"]),
        km=float(row["km"]),
        rate_ratio=_number(row["rate_ratio"]),
        low=_number(row["rate_ratio_low"]),
        high=_number(row["rate_ratio_high"]),
        low_joint=_number(row["rate_ratio_low_joint"]),
        high_joint=_number(row["rate_ratio_high_joint"]),
        quiet_days=_number(row["quiet_days"]),
        quiet_days_low=_number(row["quiet_days_low"]),
        quiet_days_high=_number(row["quiet_days_high"]),
        attacks_difference=_number(row["estimate"]),
        attacks_low=_number(row["low"]),
        attacks_high=_number(row["high"]),
        smallest_fall=_number(row["smallest_fall"]),
        smallest_rise=_number(row["smallest_rise"]),
        n_struck=int(row["n_treated"]),
        n_left_out=int(_number(row["n_left_out"]) or 0),
        reason=str(row["reason"]),
    )


def _curve(lull: Lull) -> tuple[CurveRow, ...]:
    if lull.curve is None:
        return ()
    return tuple(
        CurveRow(
            int(row["days_since"]), float(row["rate_ratio"]), float(row["low"]), float(row["high"]),
            _number(row.get("placebo_low")), _number(row.get("placebo_high")),
        )
        for row in lull.curve.to_dict("records")
    )  # fmt: skip


def _co_treatments(record: Any, choice: Choice, result: Any) -> tuple[str, ...]:
    """Say how often strikes by others, on the same record, stand near struck and comparison place-days."""
    import numpy as np

    from ..effects._wakes._co_treated import shares_struck_by_others

    radius = result.estimates.radii.get(KM)
    others = record.events(
        kind="strike", adm0=choice.adm0 or None, date_from=choice.period[0], date_to=choice.period[1]
    )
    own = (others["dataset"] == choice.strike_dataset) & (
        (others["initiator"] == choice.striker).fillna(False) if choice.striker else True
    )
    same = (others["initiator"] == choice.striker).fillna(False)
    others = others[~own & ~same & others["lat"].notna()]
    if radius is None:
        return ()
    if not len(others):
        return ("strikes by others: none on this record in that country and time, which is not none",)
    day = others["date_start"].to_numpy("datetime64[D]").astype(np.int64)
    at = others[["lat", "lon"]].to_numpy(np.float64)
    struck, compared = shares_struck_by_others(radius, day, at, days=HORIZON, seed=SEED)
    return (
        f"strikes by others on this record ({len(others):,} rows): near {struck:.0%} of struck and "
        f"{compared:.0%} of comparison place-days, on days 0 to {HORIZON} within {KM:g} km",
    )


def _transport(choice: Choice, n: int) -> str:
    years = " to ".join(dict.fromkeys(day[:4] for day in choice.period))
    return (
        f"These estimates come from {choice.country}, {years}, strikes by {choice.strikers} as "
        f"{choice.strike_dataset} records them; {n:,} strike place-days resemble this one in that and in no "
        "other way known here. No estimate is made for this strike."
    )
