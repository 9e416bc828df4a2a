"""Each question's answer from the runs, in words that claim no more than they may."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._drivers import ASSUMED, CHANCE
from ._forecast._cases import years_with_strikes
from ._forecast._yes_no import beta_range
from ._question_model import QUESTIONS, UNANSWERED, Answer, AnswerFigure, Runs
from ._scenario_outputs import OUTPUTS
from ._words import day_words, escapes_line, number, order_words, span

if TYPE_CHECKING:
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


def _sign(runs: Runs) -> tuple[float, str]:
    """The share of draws in which strikes lower attacks, and that in words."""
    share = float((runs.base.draws["strike_effect"] > 0).mean())
    if 0.05 < share < 0.95:
        told = f"they lower them in {100 * share:.0f} % of draws"
        return share, f"whether strikes lower attacks or raise them is not known: {told}"
    told = "lower" if share >= 0.95 else "raise"
    return share, f"strikes {told} attacks in {100 * max(share, 1 - share):.0f} % of draws, by association"


def _lull(runs: Runs) -> Answer:
    draws = runs.base.draws
    # one strike of small depth: attacks averted = rate * b * q * half-life / ln 2, in the zones where strikes fall
    rate = draws["attacks_per_fighter"] * _struck_fighters(runs.world, draws)
    depth = draws["strike_effect"] * draws["lull_per_target"] * draws["lull_halflife"] / math.log(2.0)
    basis = runs.basis("strike_effect")
    figure = _range(
        "attacks averted by ten targets hit (below zero: added)", "attacks", 10.0 * rate * depth, basis
    )
    share, sign = _sign(runs)
    chance = AnswerFigure("draws in which strikes lower attacks", "share", share, None, None, None, basis)
    return _made(
        "lull", runs, basis, "A",
        f"In this world {sign}. Attacks averted by ten targets hit, all days after added up: {_told(figure)}; below zero "
        f"means attacks added. The range of the effect rests on {basis}; what earlier strikes on record were followed by "
        "is a matter of studies (`afterstrike lull`), not of this model.",
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
    basis = runs.basis("lull_halflife")
    rebuilding = runs.basis("materiel_halflife")
    half = _range(
        "half-life of what a strike changes in the attack rate", "days", draws["lull_halflife"], basis
    )
    rebuilt = _range("half-life of a loss of materiel", "days", draws["materiel_halflife"], rebuilding)
    return _made(
        "depreciation", runs, runs.basis("strike_effect", "lull_halflife", "materiel_halflife"), "A+B",
        f"The sign comes first: {_sign(runs)[1]}. Whatever a strike changes fades by half in {_told(half, ' days')}, by "
        f"{basis}; a loss of materiel is made good by half in {_told(rebuilt, ' days')}, by {rebuilding}. How many strikes "
        "would be needed is not computed.",
        half, rebuilt,
    )  # fmt: skip


def _recruitment(runs: Runs) -> Answer:
    base, without = runs.base, runs.ensembles["without_strikes"]
    years = ((base.periods[-1] - base.start).days + 1) / 365.25
    start = np.maximum(np.asarray(base.draws["fighters"], dtype=float), 1.0)

    def yearly(what: str, number_behind: str, *outputs: str) -> AnswerFigure:
        total = 100.0 * np.sum([base.total(output) for output in outputs], axis=0) / start / years
        return _range(what, "% of the fighters at the start, a year", total, runs.basis(number_behind))

    joined = yearly("recruited", "recruited_per_fighter", "recruited")
    by_air = yearly("removed by strikes", "removed_per_target", "killed_by_strikes")
    by_ground = yearly(
        "removed by missions on the ground", "removed_per_mission", "killed_by_missions", "captured"
    )
    change = np.asarray(base.total("fighters") - without.total("fighters"), dtype=float)
    difference = _range("fighters at the end, with strikes less without", "persons", change, "assumption")
    return _made(
        "recruitment", runs, runs.basis("recruited_per_fighter", "removed_per_target", "removed_per_mission"), "B",
        f"As shares of the fighters at the start, a year: recruited {_told(joined, ' %')}; removed by strikes "
        f"{_told(by_air, ' %')}, by missions on the ground {_told(by_ground, ' %')}. In the model strikes act on recruitment "
        "through civilian harm alone, which is an assumption: paired runs with and without strikes differ at the end by "
        f"{_told(difference, ' fighters')}. How much is recruited cannot be told from public data; only net growth could.",
        joined, by_air, by_ground, difference,
    )  # fmt: skip


def _escapes(runs: Runs) -> Answer:
    base = runs.base
    years = [end for end in base.periods if (end.month, end.day) == (12, 31)][-2:] or [base.periods[-1]]
    figures, told = [], []
    for end in years:
        net = np.asarray(base.total("escapes", until=end) - base.total("recaptured", until=end), dtype=float)
        figures.append(_range(f"net escapes by {end.isoformat()}", "persons", net, "assumption"))
        low, upper = np.quantile(net, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        told.append(
            f"by {day_words(end)} the middle 80 % of runs hold {span(low, upper)} net escapees, and one run in 40 passes "
            f"{number(float(np.quantile(net, 0.975)))}"
        )
    attacks = base.series("attacks").astype(float)
    usual = np.maximum(np.median(attacks[:, 1:13], axis=1, keepdims=True), 0.5)
    passed = float((attacks > 2.0 * usual).any(axis=1).mean())
    text = "; ".join(told)
    line = escapes_line("With strikes as they are", base.total("escapes") - base.total("recaptured"))
    return _made(
        "escapes", runs, "assumption", "B",
        f"{text[0].upper()}{text[1:]}. {line} An escape is not an army: those caught again, those who leave and those who "
        f"rejoin are counted apart. Some month with more than twice the usual attacks comes in {100 * passed:.0f} % of runs, "
        "with or without a break.",
        *figures,
        sources=_sources(runs.world, "detained"),
    )  # fmt: skip


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
    years = years_with_strikes(runs.world.areas, runs.world.as_of)
    seen = [year for year, source in years.items() if source]
    if not seen:
        text = "No shipped figure tells of strikes in this world's countries, so there is no reference class."
        return _made("missions_ahead", runs, UNANSWERED, "A", text)
    missing = [str(year) for year, source in years.items() if not source]
    middle, low, high = beta_range(len(seen) + 0.5, 0.5, LEVEL)
    where = " or ".join(runs.world.areas)
    figure = AnswerFigure(
        f"a year with an announced strike ({where})", "probability", middle, low, high, LEVEL, "data"
    )
    first = runs.world.as_of.year + 1
    gap = f" Of {', '.join(missing)} no shipped figure speaks: missing, not quiet." if missing else ""
    since = [event for event in runs.world.events if event.date > runs.world.as_of]
    changed = (
        f" What has happened since the world's day may have ended the class: {since[0].what}" if since else ""
    )
    return _made(
        "missions_ahead", runs, "data", "A",
        f"Reference class: all {len(seen)} years from {seen[0]} to {seen[-1]} of which a figure speaks had announced "
        f"strikes in {where}.{gap} Figures are collected because there were strikes, so the class leans to yes. A year like "
        f"these has one with probability {middle:.2f} ({low:.2f} to {high:.2f}, Jeffreys' prior after {len(seen)} of "
        f"{len(seen)}). For "
        f"{first} and for {first + 1} alike; scored true if the striking power announces at least one strike in {where} "
        f"dated in that year. Years are not independent of each other, so the range is too narrow.{changed}",
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
