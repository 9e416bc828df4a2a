"""What one member carries from step to step: persons in stocks, and memories."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._streams import DAYS_A_MONTH

__all__ = ["CAMP_STATE", "SYSTEM_STATE", "WORLD_STATE", "ZONE_STATE", "stocks"]

Array = np.ndarray[Any, Any]

ZONE_STATE = np.dtype(
    [
        ("fighters", "i8"),
        ("fighters_usual", "f8"),  # what "as many fighters as at the start" means here; never below one
        ("sympathisers", "i8"),
        ("force", "i8"),  # partner force; -1 where the world does not count it
        ("force_start", "i8"),
        ("materiel", "f8"),
        ("command", "f8"),
        ("suppression", "f8"),
        ("grievance", "f8"),
        ("log_grievance", "f8"),  # log(1 + grievance) at the start of the step
        ("excited", "f8"),  # attacks set off by earlier ones that are due this step
        ("answered", "f8"),  # attacks a day, over about the last week
        ("exposure", "f8"),  # to seams
        ("exposure_start", "f8"),
        (
            "change_start",
            "f8",
        ),  # of the log rate by memories and seams at the start: the rate on record holds it
        ("strike_share", "f8"),  # of the answer to casualties
        ("hits", "i8"),  # of this step: targets hit, missions, attacks, civilians killed by strikes
        ("done", "i8"),
        ("attacks", "i8"),
        ("harmed", "i8"),
    ]
)
SYSTEM_STATE = np.dtype(
    [("detained", "i8"), ("detained_usual", "f8"), ("escaped", "i8"), ("captured", "i8"), ("arriving", "i8")]
)
CAMP_STATE = np.dtype([("people", "i8", (3,))])  # adults, under 12, 12 to 17
WORLD_STATE = np.dtype(
    [
        ("fighters_usual", "f8"),
        ("detained", "i8"),  # in all systems, before the exits of this step
        ("dead", "i8"),
        ("left", "i8"),
        ("entered", "i8"),
        ("campaign", "i8"),
        ("drift", "f8"),
        ("casualty_memory", "f8"),  # targets still to be hit in answer to casualties
        ("casualty_due", "f8"),
        # what is left of a memory after one step
        ("kept_suppression", "f8"),
        ("kept_grievance", "f8"),
        ("kept_materiel", "f8"),
        ("kept_command", "f8"),
        ("kept_excitation", "f8"),
        ("kept_casualty", "f8"),
        ("kept_week", "f8"),
        ("log_ratio", "f8"),  # of variance to mean of attacks
        ("size_end", "f8"),  # chance of a Pareto number above the largest attack
    ]
)

State = tuple[Array, Array, Array, Array]
"""(world, zone, system, camp), members first."""

WEEK_DAYS = 7.0


def stocks(
    parameters: tuple[Array, ...], fighters: Array, people: Array, exposure: Array, days: float
) -> State:
    """The state of all members at the start: memories as steady strikes of the world's rate would have left them.

    Rates on record were measured with those strikes and seams, so what these do to the rate at the start is in the
    rate already: `change_start` takes it out again.

    Parameters
    ----------
    parameters
        (model, zone, custody, camp, seam), members first.
    fighters
        Persons by zone, shape (members, zones).
    people
        Persons in camps by age group, shape (members, camps, 3).
    exposure
        Of zones to seams at the start, shape (members, zones).
    days
        Length of a step.
    """
    model, zone, custody, _, _ = parameters
    members, zones = zone.shape
    world = _world(model, fighters, days)
    place = np.zeros((members, zones), ZONE_STATE)
    place["fighters"] = fighters
    place["fighters_usual"] = _usual(fighters)
    place["sympathisers"] = np.rint(zone["sympathisers"])
    place["force"] = place["force_start"] = np.rint(
        np.where(np.isnan(zone["partner_force"]), -1.0, zone["partner_force"])
    )
    place["exposure"] = place["exposure_start"] = exposure
    place["answered"] = model["attacks_per_fighter"][:, None] * zone["attack_factor"] * fighters
    place["excited"] = model["branching_ratio"][:, None] * place["answered"] * days
    targets = zone["targets_per_month"]
    total = targets.sum(axis=1, keepdims=True)
    even = 1.0 / max(zones, 1)
    place["strike_share"] = np.where(total > 0.0, targets / np.where(total > 0.0, total, 1.0), even)
    hits = days * (targets / DAYS_A_MONTH + model["reactive_targets"][:, None] * place["answered"])
    _steady(place, model, world, hits)
    system = np.zeros(custody.shape, SYSTEM_STATE)
    system["detained"] = np.rint(custody["detained"])
    system["detained_usual"] = _usual(system["detained"])
    camp = np.zeros(people.shape[:2], CAMP_STATE)
    camp["people"] = people
    return world, place, system, camp


def _world(model: Array, fighters: Array, days: float) -> Array:
    world = np.zeros(model.size, WORLD_STATE)
    world["fighters_usual"] = np.maximum(fighters.sum(axis=1), 1.0)
    for memory in ("grievance", "materiel", "command"):
        world[f"kept_{memory}"] = 0.5 ** (days / model[f"{memory}_halflife"])
    world["kept_suppression"] = 0.5 ** (days / model["lull_halflife"])
    world["kept_casualty"] = 0.5 ** (days / model["casualty_response_halflife"])
    world["kept_excitation"] = np.exp(-days / model["excitation_days"])
    world["kept_week"] = np.exp(-days / WEEK_DAYS)
    world["log_ratio"] = np.log(model["variance_ratio"])
    world["size_end"] = (np.floor(model["size_cutoff"]) + 1.0) ** (1.0 - model["size_exponent"])
    return world


def _usual(stock: Array) -> Array:
    """A stock to hold a later one against: its own start, or the mean of its kind where it starts all but empty.

    A ratio to a handful of persons would make anything of a place that fills up later.
    """
    mean = stock.mean(axis=1, keepdims=True) if stock.shape[1] else stock
    return np.asarray(np.maximum(np.where(stock > 0.1 * mean, stock, mean), 1.0))


def _steady(place: Array, model: Array, world: Array, hits: Array) -> None:
    """Memories after so many hits a step for long, and what they and the seams do to the log rate."""

    def of(name: str) -> Array:
        return np.asarray(model[name][:, None])

    place["suppression"] = hits * of("lull_per_target") / (1.0 - world["kept_suppression"][:, None])
    harmed = hits * of("civilian_deaths_per_target")
    place["grievance"] = harmed / (1.0 - world["kept_grievance"][:, None])
    place["log_grievance"] = np.log1p(place["grievance"])
    change = of("seam_effect") * place["exposure"] + of("grievance_effect") * place["log_grievance"]
    change += of("strike_effect") * np.expm1(-place["suppression"])
    for name in ("materiel", "command"):
        kept, spared = world[f"kept_{name}"][:, None], (1.0 - of(f"{name}_loss")) ** hits
        # m = (1 - (1 - m) kept) spared
        place[name] = (1.0 - kept) * spared / (1.0 - kept * spared)
        change += of(f"{name}_exponent") * np.log(np.maximum(place[name], 1e-300))
    place["change_start"] = change
