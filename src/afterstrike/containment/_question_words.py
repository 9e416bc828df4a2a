"""Each question's answer from the runs, in words that claim no more than they may."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..record import shipped
from ._drivers import ASSUMED, CHANCE
from ._forecast._cases import years_with_strikes
from ._question_model import QUESTIONS, UNANSWERED, Answer, AnswerFigure, Runs
from ._scenario_outputs import OUTPUTS, draw_groups
from ._words import day_words, number, order_of_runs, order_words, span

if TYPE_CHECKING:
    from ._ensemble import Ensemble
    from ._world import World

__all__ = ["answer_of"]

Array = np.ndarray[Any, Any]
LEVEL = 0.8


def answer_of(key: str, runs: Runs) -> Answer:
    """Answer one question of `QUESTIONS`."""
    return _ANSWERS[key](runs)


def _range(what: str, unit: str, values: Array, basis: str) -> AnswerFigure:
    low, median, high = (float(cut) for cut in np.quantile(values, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)))
    return AnswerFigure(what, unit, median, low, high, LEVEL, basis)


def _told(figure: AnswerFigure, unit: str = "") -> str:
    assert figure.median is not None and figure.low is not None and figure.high is not None
    return f"{number(figure.median)}{unit} ({span(figure.low, figure.high)} in 80 % of draws)"


def _made(
    key: str,
    runs: Runs,
    standing: str,
    kind: str,
    text: str,
    *figures: AnswerFigure,
    sources: tuple[str, ...] = (),
) -> Answer:
    return Answer(key, QUESTIONS[key], standing, kind, text, figures, sources)


def _by_draw(runs: Runs, values: Array) -> Array:
    """Mean over the runs of each prior draw."""
    groups = draw_groups(runs.base)
    found: Array = np.bincount(groups, weights=values) / np.bincount(groups)
    return found


def _fewer_with_strikes(runs: Runs) -> tuple[float, Array]:
    """The share of prior draws with fewer attacks in the runs with strikes, and targets hit, by draw."""
    base, without = runs.base, runs.ensembles["without_strikes"]
    averted = _by_draw(runs, (without.total("attacks") - base.total("attacks")).astype(float))
    return float((averted > 0).mean()), averted


def _suppression_lowers(runs: Runs) -> float:
    """Chance that suppression lowers attacks: of the draws after calibration, else of the world's range itself.

    A few hundred draws of a range centred at zero give 41 or 58 % by chance, which would read as a finding.
    """
    stated = runs.world.numbers.get("strike_effect")
    if stated is None or "strike_effect" in runs.calibrated:
        return float((runs.base.draws["strike_effect"] > 0).mean())
    return float((stated.quantile((np.arange(10_000) + 0.5) / 10_000) > 0).mean())


def _lull(runs: Runs) -> Answer:
    share, averted = _fewer_with_strikes(runs)
    hits = _by_draw(runs, runs.base.total("targets_hit").astype(float))
    each = 10.0 * averted[hits > 0] / hits[hits > 0]
    if not each.size:
        return _made(
            "lull", runs, UNANSWERED, "B", "This world has no strikes, so there is nothing to compare."
        )
    alone = _suppression_lowers(runs)
    basis = runs.basis(
        "strike_effect", "lull_per_target", "lull_halflife", "materiel_loss", "removed_per_target"
    )
    figure = _range("attacks averted by ten targets hit (below zero: added)", "attacks", each, basis)
    chance = AnswerFigure(
        "draws with fewer attacks where there are strikes", "share", share, None, None, None, basis
    )
    return _made(
        "lull", runs, basis, "B",
        f"Paired runs with and without strikes: fewer attacks with them in {100 * share:.0f} % of prior draws, more in the "
        f"others; attacks averted by ten targets hit {_told(figure)}, below zero meaning added. What leans to fewer "
        f"is put in: "
        "losses of materiel, of command and of fighters can only lower attacks in this model. The part whose sign is open, "
        f"suppression, lowers them with probability {alone:.2f} by its range. What earlier strikes on record were "
        f"followed by "
        f"is a matter "
        "of studies (`afterstrike lull`), not of this model.",
        chance, figure,
    )  # fmt: skip


def _depreciation(runs: Runs) -> Answer:
    draws = runs.base.draws
    basis = runs.basis("lull_halflife")
    rebuilding = runs.basis("materiel_halflife")
    half = _range(
        "half-life of what a strike changes in the attack rate", "days", draws["lull_halflife"], basis
    )
    rebuilt = _range("half-life of a loss of materiel", "days", draws["materiel_halflife"], rebuilding)
    share = _suppression_lowers(runs)
    known = (
        "is not known"
        if 0.05 < share < 0.95
        else f"is {'fewer' if share >= 0.95 else 'more'}, by association"
    )
    return _made(
        "depreciation", runs, runs.basis("strike_effect", "lull_halflife", "materiel_halflife"), "A+B",
        f"The sign comes first: whether suppression behind strikes means fewer attacks or more {known} (fewer in "
        f"{100 * share:.0f} % of its range). Whatever a strike changes fades by half in {_told(half, ' days')}, by "
        f"{basis}; a loss of "
        f"materiel is made good by half in {_told(rebuilt, ' days')}, by {rebuilding}. How many strikes would be "
        f"needed is not "
        "computed.",
        half, rebuilt,
    )  # fmt: skip


def _recruitment(runs: Runs) -> Answer:
    base, without = runs.base, runs.ensembles["without_strikes"]
    years = ((base.periods[-1] - base.start).days + 1) / 365.25
    start = np.maximum(np.rint(np.asarray(base.draws["fighters"], dtype=float)), 1.0)
    unit = "% of the fighters at the start, a year"

    def yearly(what: str, number_behind: tuple[str, ...], counts: Array) -> AnswerFigure:
        return _range(what, unit, 100.0 * counts / start / years, runs.basis(*number_behind))

    growth = [
        yearly(
            f"net growth {how} strikes",
            ("recruited_per_fighter", "demobilised"),
            run.total("fighters") - start,
        )
        for how, run in (("with", base), ("without", without))
    ]
    by_air = yearly("removed by strikes", ("removed_per_target",), base.total("killed_by_strikes"))
    ground = base.total("killed_by_missions") + base.total("captured")
    by_ground = yearly("removed by missions on the ground", ("removed_per_mission",), ground)
    return _made(
        "recruitment", runs, runs.basis("recruited_per_fighter", "removed_per_target", "removed_per_mission"), "B",
        f"As shares of the fighters at the start, a year: net growth with strikes {_told(growth[0], ' %')}, without "
        f"{_told(growth[1], ' %')}; removed by strikes {_told(by_air, ' %')}, by missions on the ground "
        f"{_told(by_ground, ' %')}. What keeps the number level is removal and leaving as fast as joining; joining "
        f"and leaving "
        "cannot be told apart from public data, only net growth could. In the model strikes act on joining through civilian "
        "harm alone, which is an assumption.",
        *growth, by_air, by_ground,
    )  # fmt: skip


def _escapes(runs: Runs) -> Answer:
    base = runs.base
    years = [end for end in base.periods if (end.month, end.day) == (12, 31)][-2:] or [base.periods[-1]]
    figures, told = [], []
    for end in years:
        net = np.asarray(base.total("escapes", until=end) - base.total("recaptured", until=end), dtype=float)
        for size in (100, 1000):
            share = float((net > size).mean())
            order = 10.0 ** round(math.log10(share)) if share > 0 else 0.0
            what = f"runs with more than {size:,} net escapees by {end.isoformat()}, to an order of magnitude"
            figures.append(AnswerFigure(what, "share", min(order, 1.0), None, None, None, "assumption"))
        told.append(
            f"by {day_words(end)} net escapees pass 100 {order_of_runs(float((net > 100).mean()), net.size)}, 1,000 "
            f"{order_of_runs(float((net > 1000).mean()), net.size)}"
        )
    text = "; ".join(told)
    return _made(
        "escapes", runs, "assumption", "B",
        f"{text[0].upper()}{text[1:]}. Breaks are too few on record (none to three a system) for more than an order "
        f"of magnitude, "
        "and what is put in decides it. An escape is not an army: those caught again, those who leave and those who "
        "rejoin are "
        f"counted apart.{_rising(base)}",
        *figures,
        sources=_sources(runs.world, "detained"),
    )  # fmt: skip


def _rising(base: Ensemble) -> str:
    """How many runs have a month with more than twice their usual attacks; nothing of a run of less than a year."""
    attacks = base.series("attacks").astype(float)
    if attacks.shape[1] < 12:
        return ""
    usual = np.maximum(np.median(attacks[:, :12], axis=1, keepdims=True), 0.5)
    passed = float((attacks[:, 12:] > 2.0 * usual).any(axis=1).mean()) if attacks.shape[1] > 12 else 0.0
    return (
        f" Some month after the first year with more than twice that year's usual attacks comes in {100 * passed:.0f} "
        f"% of runs, "
        "with or without a break."
    )


def _prison_weight(runs: Runs) -> Answer:
    if runs.drivers is None:
        text = "The spread was not taken apart in this run (no base draws asked for)."
        return _made("prison_weight", runs, UNANSWERED, "B", text)
    told, figures = [], []
    table = runs.drivers.table
    for output in dict.fromkeys(table["output"]):
        mine, title = table[table["output"] == output], OUTPUTS[output].title
        if mine["reason"].iloc[0]:
            told.append(f"the spread of {title} cannot be shared out ({mine['reason'].iloc[0]})")
            continue
        rows = mine[mine["group"] != ASSUMED].sort_values("total", ascending=False).to_dict("records")
        figures += [
            AnswerFigure(f"part of {_group(row['group'])} in the spread of {title}", "share", row["total"],
                         row["total_low"], row["total_high"], 0.9, "assumption")
            for row in rows
        ]  # fmt: skip
        parts = [
            f"{_group(row['group'])} {100 * min(row['total'], 1.0):.0f} %"
            for row in rows
            if row["total_low"] > 0.02
        ]
        told.append(
            f"in the spread of {title} the largest parts are {', '.join(parts[:3]) or 'none that stand out'}"
        )
    return _made(
        "prison_weight", runs, "assumption", "B",
        f"Which numbers decide what comes out, not which policy is better: {'; '.join(told)}. Parts overlap "
        "and need not add up to one. What is put in for custody rests on one to three events.",
        *figures,
    )  # fmt: skip


def _group(name: str) -> str:
    """A group of numbers in words; `attacks` alone would be taken for the output."""
    return {"attacks": "the attack process itself", CHANCE: "chance"}.get(name, name)


def _paired(runs: Runs, scenario: str, outputs: tuple[str, ...]) -> tuple[str, list[AnswerFigure]]:
    """A scenario against strikes as they are: words without an order where it is not known, and the differences."""
    table = runs.comparison.table
    mine = table[(table["scenario"] == scenario) & (table["against"] == "strikes_only")]
    pairs: dict[str, dict[Any, Any]] = {row["output"]: row for row in mine.to_dict("records")}
    told, figures = [], []
    for output in outputs:
        row = pairs[output]
        title = OUTPUTS[output].title
        told.append(order_words(row, title))
        what = f"{title}, {scenario} less strikes_only"
        ends = (row["median"], row["low_80"], row["high_80"])
        figures.append(AnswerFigure(what, row["unit"], *ends, LEVEL, "assumption"))
    return " ".join(told), figures


def _seams(runs: Runs) -> Answer:
    if not runs.world.seams:
        return _made("seams", runs, UNANSWERED, "A then S", "This world names no seam.")
    text, figures = _paired(runs, "coordinate", ("attacks",))
    return _made(
        "seams", runs, runs.basis("seam_effect", "seam_weight", "coordination"), "A then S",
        "Attack rates by exposure to a seam can be measured where dated control areas are brought (`afterstrike effect "
        f"seams`); no such measure is in this world. By its ranges: {text}",
        *figures,
    )  # fmt: skip


def _repatriation(runs: Runs) -> Answer:
    text, figures = _paired(runs, "repatriate", ("camp_returns", "attacks", "net_escapes", "reengaged"))
    return _made(
        "repatriation", runs, "assumption", "B",
        f"{text} Those who take part again do so over years and mostly elsewhere: they stand beside the attacks here, not in "
        "them.",
        *figures,
        sources=_sources(runs.world, "reengage_share"),
    )  # fmt: skip


def _missions_ahead(runs: Runs) -> Answer:
    from scipy.stats import beta

    world = runs.world
    years = years_with_strikes(world.areas, world.as_of)
    seen = [year for year, source in years.items() if source]
    if not seen:
        text = "No shipped figure tells of strikes in this world's countries before its day, so there is no reference class."
        return _made("missions_ahead", runs, UNANSWERED, "A", text)
    missing = [str(year) for year, source in years.items() if not source]
    # at worst every year without a figure was without a strike, at best none was
    worst, best = (beta(len(seen) + 0.5, quiet + 0.5) for quiet in (len(missing), 0))
    low, high = float(worst.ppf(0.1)), float(best.ppf(0.9))
    labels = shipped.areas()
    where = " or ".join(labels[code].label if code in labels else code for code in world.areas)
    figure = AnswerFigure(
        f"a year with an announced strike ({where})", "probability", None, low, high, LEVEL, "data"
    )
    first = world.as_of.year + 1
    gap = (
        f" Of {', '.join(missing)} no shipped figure speaks: missing, not quiet; the range runs from none of "
        "them with strikes to all."
        if missing
        else ""
    )
    since = [event for event in world.events if event.date > world.as_of]
    changed = (
        f" What has happened since the world's day may have ended the class: {since[0].what.rstrip('.')}."
        if since
        else ""
    )
    return _made(
        "missions_ahead", runs, "data", "A",
        f"Reference class: {len(seen)} years from {seen[0]} to {seen[-1]} had announced strikes in {where} by a figure that "
        f"speaks of them.{gap} Figures are collected because there were strikes, so the class leans to yes. A year "
        f"like these has one with probability {low:.2f} to {high:.2f} (80 %, Jeffreys' prior; {worst.mean():.2f} and "
        f"{best.mean():.2f} in the middle). For {first} and for {first + 1} alike; scored true if the striking power "
        f"announces at least one strike in "
        f"{where} dated in that year. Years are not independent of each other, so even this is too sure.{changed}",
        figure,
        sources=tuple(dict.fromkeys(source for source in years.values() if source)),
    )  # fmt: skip


def _cost_exchange(runs: Runs) -> Answer:
    if runs.costs is None:
        return _made(
            "cost_exchange", runs, UNANSWERED, "B",
            "No sourced unit costs are shipped; prices in an article are its claims, no data. A file of ranges with sources, "
            "all in one price year, makes it: `afterstrike scenario run --costs FILE`.",
        )  # fmt: skip
    text = " ".join(runs.costs.lines())
    return _made("cost_exchange", runs, "data and assumption", "B", text, sources=(runs.costs.source,))


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
