"""What one member carries from step to step: persons in stocks, and memories."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CAMP_STATE", "SYSTEM_STATE", "WORLD_STATE", "ZONE_STATE", "stocks"]

Array = np.ndarray[Any, Any]

ZONE_STATE = np.dtype(
    [
        ("fighters", "i8"),
        ("fighters_start", "i8"),
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
        ("strike_share", "f8"),  # of the answer to casualties
        ("hits", "i8"),  # of this step: targets hit, missions, attacks, civilians killed by strikes
        ("done", "i8"),
        ("attacks", "i8"),
        ("harmed", "i8"),
    ]
)
SYSTEM_STATE = np.dtype(
    [("detained", "i8"), ("detained_start", "i8"), ("escaped", "i8"), ("captured", "i8"), ("arriving", "i8")]
)
CAMP_STATE = np.dtype([("people", "i8", (3,))])  # adults, under 12, 12 to 17
WORLD_STATE = np.dtype(
    [
        ("fighters_start", "i8"),
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


def stocks(parameters: tuple[Array, ...], fighters: Array, people: Array, days: float) -> State:
    """The state of all members at the start: memories as they stand where nothing has changed for long.

    Parameters
    ----------
    parameters
        (model, zone, custody, camp, seam), members first.
    fighters
        Persons by zone, shape (members, zones).
    people
        Persons in camps by age group, shape (members, camps, 3).
    days
        Length of a step.
    """
    model, zone, custody, _, _ = parameters
    members, zones = zone.shape
    world = np.zeros(members, WORLD_STATE)
    world["fighters_start"] = fighters.sum(axis=1)
    for memory in ("grievance", "materiel", "command"):
        world[f"kept_{memory}"] = 0.5 ** (days / model[f"{memory}_halflife"])
    world["kept_suppression"] = 0.5 ** (days / model["lull_halflife"])
    world["kept_casualty"] = 0.5 ** (days / model["casualty_response_halflife"])
    world["kept_excitation"] = np.exp(-days / model["excitation_days"])
    world["kept_week"] = np.exp(-days / WEEK_DAYS)
    world["log_ratio"] = np.log(model["variance_ratio"])
    world["size_end"] = (np.floor(model["size_cutoff"]) + 1.0) ** (1.0 - model["size_exponent"])
    place = np.zeros((members, zones), ZONE_STATE)
    place["fighters"] = place["fighters_start"] = fighters
    place["sympathisers"] = np.rint(zone["sympathisers"])
    place["force"] = place["force_start"] = np.rint(
        np.where(np.isnan(zone["partner_force"]), -1.0, zone["partner_force"])
    )
    place["materiel"] = place["command"] = 1.0
    place["answered"] = model["attacks_per_fighter"][:, None] * zone["attack_factor"] * fighters
    place["excited"] = model["branching_ratio"][:, None] * place["answered"] * days
    targets = zone["targets_per_month"]
    total = targets.sum(axis=1, keepdims=True)
    place["strike_share"] = np.where(
        total > 0.0, targets / np.where(total > 0.0, total, 1.0), 1.0 / max(zones, 1)
    )
    system = np.zeros(custody.shape, SYSTEM_STATE)
    system["detained"] = system["detained_start"] = np.rint(custody["detained"])
    camp = np.zeros(people.shape[:2], CAMP_STATE)
    camp["people"] = people
    return world, place, system, camp
