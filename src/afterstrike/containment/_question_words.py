"""Each question's answer from the runs, in words that claim no more than they may."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from ..record import shipped
from ._drivers import ASSUMED, CHANCE
from ._question_model import QUESTIONS, Answer, AnswerFigure, Runs, Standing
from ._scenario_outputs import OUTPUTS
from ._words import escapes_line, number, order_words, span

if TYPE_CHECKING:
    from ._world import World

__all__ = ["answer_of", "years_with_strikes"]

Array = np.ndarray[Any, Any]
LEVEL = 0.8
STRIKE_MEASURES = ("air_strikes", "weapons_released", "targets_struck", "munitions_employed")
_KIND_WORDS = {"D": "data", "L": "literature", "S": "assumption"}


def answer_of(key: str, runs: Runs) -> Answer:
    """Answer one question of `QUESTIONS`."""
    return _ANSWERS[key](runs)


def _range(what: str, unit: str, values: Array, basis: str) -> AnswerFigure:
    low, median, high = (float(cut) for cut in np.quantile(values, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)))
    return AnswerFigure(what, unit, median, low, high, LEVEL, basis)


def _told(figure: AnswerFigure) -> str:
    assert figure.median is not None and figure.low is not None and figure.high is not None
    return f"{number(figure.median)} ({span(figure.low, figure.high)} in 80 % of draws)"


def _basis(runs: Runs, *names: str) -> str:
    """What the numbers named rest on: data that moved them, else the kind their range is marked with."""
    kinds = []
    for name in names:
        if name in runs.calibrated:
            kinds.append("data")
            continue
        found = [one for full, one in runs.world.numbers.items() if full.split(".")[0] == name]
        kinds += [_KIND_WORDS[one.kind] for one in found]
    return " and ".join(dict.fromkeys(kinds)) or "assumption"


def _standing(basis: str) -> Standing:
    if "assumption" not in basis:
        return "data"
    return "assumption" if basis == "assumption" else "data and assumption"


def _made(
    key: str,
    runs: Runs,
    standing: Standing,
    kind: str,
    text: str,
    *figures: AnswerFigure,
    sources: tuple[str, ...] = (),
) -> Answer:
    return Answer(key, QUESTIONS[key], standing, kind, text, figures, sources)


def _sign(runs: Runs) -> tuple[float, str]:
    """The share of draws in which strikes lower attacks, and that in words."""
    effect = runs.base.draws["strike_effect"]
    share = float((effect > 0).mean())
    if 0.05 < share < 0.95:
        return (
            share,
            f"whether strikes lower attacks or raise them is not known: they lower them in {100 * share:.0f} % of draws",
        )
    told = "lower" if share >= 0.95 else "raise"
    return (
        share,
        f"strikes {told} attacks in {100 * max(share, 1 - share):.0f} % of draws, by association after adjustment",
    )


def _lull(runs: Runs) -> Answer:
    draws = runs.base.draws
    world = runs.world
    # one strike of small depth: attacks averted = rate * b * q * half-life / ln 2, in the zones where strikes fall
    rate = draws["attacks_per_fighter"] * _struck_fighters(world, draws)
    averted = (
        10.0
        * rate
        * draws["strike_effect"]
        * draws["lull_per_target"]
        * draws["lull_halflife"]
        / math.log(2.0)
    )
    basis = _basis(runs, "strike_effect")
    figure = _range(
        "attacks averted by ten targets hit, in all (below zero: added)", "attacks", averted, basis
    )
    share, sign = _sign(runs)
    chance = AnswerFigure("draws in which strikes lower attacks", "share", share, None, None, None, basis)
    return _made(
        "lull", runs, _standing(basis), "A",
        f"In this world {sign}. Attacks averted by ten targets hit, all days after added up: {_told(figure)}; below zero "
        f"means attacks added. The range of the effect rests on {basis}; what earlier strikes were followed by is in the "
        "section of studies, where the record carries one.",
        chance, figure,
    )  # fmt: skip


def _struck_fighters(world: World, draws: Any) -> Array:
    """Fighters at the start in a zone, averaged over zones by the strikes that fall there."""
    zones = [zone.id for zone in world.zones]
    targets = np.stack([np.asarray(draws[f"targets_per_month.{zone}"], dtype=float) for zone in zones])
    total = targets.sum(axis=0)
    weight = np.where(total > 0, targets / np.where(total > 0, total, 1.0), 1.0 / len(zones))
    group = np.stack(
        [
            draws["fighters"] * draws[f"fighters_share.{zone}"] * draws[f"attack_factor.{zone}"]
            for zone in zones
        ]
    )
    found: Array = (weight * group).sum(axis=0)
    return found


def _depreciation(runs: Runs) -> Answer:
    draws = runs.base.draws
    basis = _basis(runs, "lull_halflife")
    half = _range(
        "half-life of what a strike changes in the attack rate", "days", draws["lull_halflife"], basis
    )
    material_basis = _basis(runs, "materiel_halflife")
    rebuilt = _range("half-life of a loss of materiel", "days", draws["materiel_halflife"], material_basis)
    share, sign = _sign(runs)
    known = "" if 0.05 < share < 0.95 else " for this world"
    return _made(
        "depreciation", runs, _standing(f"{basis} and {material_basis}"), "A+B",
        f"The sign comes first: {sign}{known}. Whatever a strike changes fades by half in {_told(half)} days "
        f"({basis}); a loss of materiel is made good by half in {_told(rebuilt)} days ({material_basis}). No number of "
        "strikes that would be needed is given, by anybody's arithmetic.",
        half, rebuilt,
    )  # fmt: skip


def _recruitment(runs: Runs) -> Answer:
    base, without = runs.base, runs.ensembles["without_strikes"]
    years = ((base.periods[-1] - base.start).days + 1) / 365.25
    start = np.maximum(np.asarray(base.draws["fighters"], dtype=float), 1.0)

    def yearly(*outputs: str) -> Array:
        total: Array = 100.0 * np.sum([base.total(output) for output in outputs], axis=0) / start / years
        return total

    unit = "% of the fighters at the start, a year"
    joined = _range("recruited", unit, yearly("recruited"), _basis(runs, "recruited_per_fighter"))
    by_air = _range(
        "removed by strikes", unit, yearly("killed_by_strikes"), _basis(runs, "removed_per_target")
    )
    by_ground = _range(
        "removed by missions on the ground",
        unit,
        yearly("killed_by_missions", "captured"),
        _basis(runs, "removed_per_mission"),
    )
    change = np.asarray(base.total("fighters") - without.total("fighters"), dtype=float)
    difference = _range("fighters at the end, with strikes less without", "persons", change, "assumption")
    return _made(
        "recruitment", runs, "data and assumption", "B",
        f"By arithmetic of the world's own numbers, as shares of the fighters at the start and a year: recruited {_told(joined)} "
        f"%; removed by strikes {_told(by_air)} %, by missions on the ground {_told(by_ground)} %. In the model strikes act "
        "on recruitment through civilian harm alone, an assumption: paired runs with and without strikes differ at the end by "
        f"{_told(difference)} fighters. The split of recruitment cannot be told from public data; only net growth could.",
        joined, by_air, by_ground, difference,
    )  # fmt: skip


def _escapes(runs: Runs) -> Answer:
    base = runs.base
    ends = [date(year, 12, 31) for year in (2027, 2028) if date(year, 12, 31) <= base.periods[-1]] or [
        base.periods[-1]
    ]
    figures, told = [], []
    for end in ends:
        net = np.asarray(base.total("escapes", until=end) - base.total("recaptured", until=end), dtype=float)
        figures.append(_range(f"net escapes by {end.isoformat()}", "persons", net, "assumption"))
        upper = float(np.quantile(net, 0.975))
        told.append(
            f"by {end.day} {end:%B %Y} the middle 80 % of runs hold {span(figures[-1].low or 0, figures[-1].high or 0)} "
            f"net escapees and 1 in 40 passes {number(upper)}"
        )
    attacks = base.series("attacks").astype(float)
    twice = 2.0 * np.median(attacks[:, 1:13], axis=1, keepdims=True)
    passed = (attacks > np.maximum(twice, 1.0)).any(axis=1)
    line = escapes_line("With strikes as they are", base.total("escapes") - base.total("recaptured"))
    return _made(
        "escapes", runs, "assumption", "B",
        f"{'; '.join(told)[0].upper()}{'; '.join(told)[1:]}. {line} A month with more than twice a run's own median of the "
        f"first year's attacks comes in {100 * passed.mean():.0f} % of runs, with or without a break. An escape is not an army: those caught "
        "again, those who leave and those who rejoin are counted apart.",
        *figures,
        sources=_sources(runs.world, "detained"),
    )  # fmt: skip


def _prison_weight(runs: Runs) -> Answer:
    if runs.drivers is None:
        return _made(
            "prison_weight",
            runs,
            "cannot be answered",
            "B",
            "The spread was not taken apart in this run (drivers_n is 0).",
        )
    told, figures = [], []
    table = runs.drivers.table
    for output in dict.fromkeys(table["output"]):
        mine = table[table["output"] == output]
        if mine["reason"].iloc[0]:
            told.append(
                f"the spread of {OUTPUTS[output].title} cannot be shared out: {mine['reason'].iloc[0]}"
            )
            continue
        rows = mine[~mine["group"].isin([ASSUMED])].sort_values("total", ascending=False).to_dict("records")
        figures += [
            AnswerFigure(f"part of {row['group']} in the spread of {OUTPUTS[output].title}", "share", row["total"],
                         row["total_low"], row["total_high"], 0.9, "assumption")
            for row in rows
        ]  # fmt: skip
        named = [
            f"{row['group']} {100 * min(row['total'], 1.0):.0f} %" for row in rows if row["total_low"] > 0.02
        ][:3]
        told.append(
            f"of the spread of {OUTPUTS[output].title}, {', '.join(named) or 'no group stands out'} (overlapping shares)"
        )
    text = (
        f"Which numbers decide what comes out, not which policy is better: {'; '.join(told)}. `{CHANCE}` is what two runs of the "
        "same numbers differ in. Risk in custody decides escapes, and the numbers it rests on are assumptions from one to three events."
    )
    return _made("prison_weight", runs, "assumption", "B", text, *figures)


def _pair(runs: Runs, scenario: str, output: str) -> dict[str, Any]:
    table = runs.comparison.table
    found = table[
        (table["scenario"] == scenario) & (table["against"] == "strikes_only") & (table["output"] == output)
    ]
    return {str(name): value for name, value in found.iloc[0].items()}


def _paired(runs: Runs, scenario: str, outputs: tuple[str, ...]) -> tuple[str, list[AnswerFigure]]:
    rows = [_pair(runs, scenario, output) for output in outputs]
    figures = [
        AnswerFigure(f"{OUTPUTS[row['output']].title}, {scenario} less strikes_only", row["unit"], row["median"], row["low_80"],
                     row["high_80"], LEVEL, "assumption")
        for row in rows
    ]  # fmt: skip
    return " ".join(f"{order_words(row, OUTPUTS[row['output']].title)}" for row in rows), figures


def _seams(runs: Runs) -> Answer:
    if not runs.world.seams:
        return _made("seams", runs, "cannot be answered", "A then S", "This world names no seam.")
    text, figures = _paired(runs, "coordinate", ("attacks",))
    return _made(
        "seams", runs, "assumption", "A then S",
        "Attack rates by exposure to a seam can be measured from dated control areas (`afterstrike effect seams`); none is shipped "
        f"for this world, so the range is an assumption. With it: {text}",
        *figures,
    )  # fmt: skip


def _repatriation(runs: Runs) -> Answer:
    text, figures = _paired(runs, "repatriate", ("attacks", "net_escapes", "camp_returns", "reengaged"))
    return _made(
        "repatriation", runs, "assumption", "B",
        f"{text} Those who take part again do so over years and mostly elsewhere, so they stand beside the attacks here and not in "
        "them.",
        *figures,
        sources=_sources(runs.world, "reengage_share"),
    )  # fmt: skip


def years_with_strikes(area: str = "SYR") -> dict[int, tuple[bool | None, str]]:
    """Years with announced strikes in an area by the shipped figures: True with the source, None where none speaks of the year.

    A figure speaks of a year where its period lies inside it. A year of which no figure speaks is missing, not quiet.
    """
    found: dict[int, tuple[bool | None, str]] = {}
    for figure in shipped.figures():
        speaks = figure.measure in STRIKE_MEASURES and area in figure.area.split("+") and figure.value
        if speaks and figure.period_start.year == figure.period_end.year:
            # a figure of the area alone says more than one of several countries together
            if figure.period_start.year not in found or figure.area == area:
                found[figure.period_start.year] = (True, figure.source)
    for year in range(min(found), max(found) + 1) if found else ():
        found.setdefault(year, (None, ""))
    return dict(sorted(found.items()))


def _missions_ahead(runs: Runs) -> Answer:
    from scipy.stats import beta

    years = years_with_strikes()
    seen = [year for year, (known, _) in years.items() if known is not None]
    missing = [year for year, (known, _) in years.items() if known is None]
    yes = sum(bool(years[year][0]) for year in seen)
    after = beta(yes + 0.5, len(seen) - yes + 0.5)
    figure = AnswerFigure("a year with an announced US strike on the group in Syria (or in Iraq and Syria)", "probability",
                          float(after.mean()), float(after.ppf(0.1)), float(after.ppf(0.9)), LEVEL, "data")  # fmt: skip
    gap = (
        f" Of {', '.join(map(str, missing))} no shipped figure speaks: missing, not quiet." if missing else ""
    )
    return _made(
        "missions_ahead", runs, "data", "A",
        f"Reference class: of {len(seen)} years from {min(seen)} to {max(seen)} with a figure, {yes} had announced strikes "
        f"(some figures count Iraq and Syria together).{gap} A year like these has one with probability {figure.median:.2f} "
        f"({figure.low:.2f} to {figure.high:.2f}, Beta after {yes} of {len(seen)} from an even start). For 2027, and for 2028, "
        "the rule to score it: a release of the striking power announces at least one strike on the group in Syria dated in that "
        "year. Years are not independent, and US forces were announced to leave in February 2026: the past may no longer be "
        "the class, more so for 2028.",
        figure,
        sources=tuple(dict.fromkeys(source for known, source in years.values() if known)),
    )  # fmt: skip


def _cost_exchange(runs: Runs) -> Answer:
    if runs.costs is None:
        return _made(
            "cost_exchange", runs, "cannot be answered", "B",
            "No sourced unit costs are shipped, and the article's own (\"million-dollar bombs\", \"ten-dollar tents\") are claims, no data. "
            "A file of ranges with sources, all in one price year, makes it: `afterstrike scenario run --costs FILE`.",
        )  # fmt: skip
    return _made(
        "cost_exchange",
        runs,
        "data and assumption",
        "B",
        " ".join(runs.costs.lines()),
        sources=(runs.costs.source,),
    )


def _sources(world: World, name: str) -> tuple[str, ...]:
    found = [one for full, one in world.numbers.items() if full.split(".")[0] == name and one.kind != "S"]
    return tuple(dict.fromkeys(one.source for one in found))


_ANSWERS: dict[str, Callable[[Runs], Answer]] = {
    "lull": _lull,
    "depreciation": _depreciation,
    "recruitment": _recruitment,
    "escapes": _escapes,
    "prison_weight": _prison_weight,
    "seams": _seams,
    "repatriation": _repatriation,
    "missions_ahead": _missions_ahead,
    "cost_exchange": _cost_exchange,
}
