"""The model's names and the arrays they stand in: parameters, levers, outputs.

One place, so that the compiled kernel, its plain twin, worlds and scenarios mean the same column by the same
number. A name is a public word: it appears in world files, in tables and on figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "CAMP_LEVERS",
    "CAMP_OUTPUTS",
    "CAMP_PARAMETERS",
    "CUSTODY_LEVERS",
    "CUSTODY_OUTPUTS",
    "CUSTODY_PARAMETERS",
    "MODEL_PARAMETERS",
    "SEAM_LEVERS",
    "SEAM_PARAMETERS",
    "STOCK_OUTPUTS",
    "ZONE_LEVERS",
    "ZONE_OUTPUTS",
    "ZONE_PARAMETERS",
    "Levers",
]

Array = np.ndarray[Any, Any]

MODEL_PARAMETERS = (
    "attacks_per_fighter",  # per day, all attacks, those set off by earlier ones included
    "variance_ratio",  # variance over mean of daily attacks, >= 1
    "branching_ratio",  # attacks set off by one attack, 0..<1
    "excitation_days",  # mean time to an attack set off
    "drift_sd",  # of the log rate, per square root of a day
    "materiel_exponent",
    "command_exponent",
    "seam_effect",  # on the log attack rate, per unit of seam exposure
    "seam_reach",  # missions remove exp(-seam_reach * exposure) as much
    "strike_effect",  # b_L on the log rate at full suppression; positive: fewer attacks
    "lull_per_target",  # q, suppression memory added by one target hit
    "lull_halflife",  # days
    "grievance_effect",  # on the log rate, per unit of log(1 + discounted civilian deaths)
    "grievance_recruitment",  # on the log recruitment, same unit
    "grievance_halflife",  # days
    "lethal_share",  # share of attacks that kill
    "size_exponent",  # of the deaths in a lethal attack, discrete power law
    "size_cutoff",  # largest number of deaths in one attack
    "force_loss_share",  # share of attack deaths that are partner forces (only where a world counts them)
    "recruited_per_sympathiser",  # per day
    "recruited_per_fighter",  # per day, far from saturation
    "recruitment_half_saturation",  # sympathisers at which half of that is reached
    "demobilised",  # per day
    "camp_recruitment",  # per youth in a camp and day; small, bounded
    "removed_per_mission",  # killed or captured
    "captured_share",  # of those
    "mission_exponent",  # removal per mission goes with (fighters / fighters at the start) ** this
    "removed_per_target",  # killed or captured a target hit; counted as killed
    "materiel_loss",  # share of materiel lost a target hit
    "materiel_halflife",  # days to rebuild half
    "command_loss",
    "command_halflife",
    "civilian_deaths_per_target",
    "civilian_variance_ratio",
    "reactive_targets",  # targets hit per attack of the week before, all zones' strikes
    "casualty_events_per_year",  # attacks that kill soldiers of the power that strikes
    "casualty_response",  # targets hit in answer to one, in all
    "casualty_response_halflife",  # days
    "campaign_starts_per_year",
    "campaign_months",  # mean length
    "campaign_attempts_per_year",  # break attempts in all systems while a campaign is on, beyond the quiet rates
    "handover_multiplier",  # while custody changes hands
    "break_fighters_exponent",
    "break_detained_exponent",
    "guard_effect",  # log hazard per unit of the relative guard level
    "break_success",  # probability that an attempt frees anyone
    "break_share",  # share of the detained who leave in a success, net of recapture: median
    "break_share_spread",  # its standard deviation on the logit scale
    "recaptured_share",  # of those who leave
    "escape_days",  # mean days to recapture or return
    "rejoin_share",  # of escapees not recaptured
    "reengage_share",  # of the repatriated or released, over years, mostly outside the zones
)

ZONE_PARAMETERS = (
    "fighters_share",  # of the world's fighters at the start
    "sympathisers",
    "partner_force",  # persons; nan: not counted by the world
    "targets_per_month",  # strikes that do not answer attacks
    "missions_per_month",
    "attack_factor",  # relative attack rate per fighter
)

CUSTODY_PARAMETERS = (
    "detained",
    "break_attempts_per_year",  # quiet
    "releases_per_year",  # per head
    "custody_deaths_per_year",  # per head
)

CAMP_PARAMETERS = (
    "camp_population",
    "camp_under12_share",
    "camp_12to17_share",
    "camp_returns_per_year",  # per head
    "camp_births_per_year",  # per head
    "camp_deaths_per_year",  # per head
)

SEAM_PARAMETERS = (
    "seam_weight",  # share of contact line
    "coordination",  # 0 hostile .. 1 joint
)

ZONE_LEVERS = (
    "strikes",  # multiplies targets_per_month (1)
    "reactive",  # multiplies the answer to attacks and casualties (1)
    "missions",  # multiplies missions_per_month (1)
    "inflow",  # fighters arriving a day (0)
    "command",  # share of command lost on the day (0)
)
CUSTODY_LEVERS = (
    "guard",  # relative guard level (1)
    "handover",  # 1 while custody changes hands (0)
    "repatriation",  # persons a day to their home states (0)
    "adjudication",  # persons a day released by a court (0)
)
CAMP_LEVERS = (
    "returns",  # multiplies camp_returns_per_year (1)
    "exposure",  # multiplies camp_recruitment (1)
)
SEAM_LEVERS = ("coordination",)  # replaces the world's own; nan: the world's own

ZONE_OUTPUTS = (
    "attacks",
    "attack_deaths",
    "targets_hit",
    "civilian_deaths",  # by strikes
    "missions",
    "recruited",
    "demobilised_count",
    "killed_by_missions",
    "killed_by_strikes",
    "captured",
    "arrived",  # inflow
    "returned_escapees",
    "fighters",
    "escaped_at_large",
    "sympathisers_left",
    "partner_force_left",
)
CUSTODY_OUTPUTS = (
    "break_attempts",
    "breaks",
    "escapes",  # persons who left in breaks
    "recaptured",
    "transferred_in",
    "transferred_out",
    "repatriated",
    "released",
    "custody_deaths",
    "handed_in",  # captured
    "detained_now",
)
CAMP_OUTPUTS = ("camp_returns", "camp_births", "camp_deaths", "camp_departures", "camp_now")

STOCK_OUTPUTS = frozenset(
    {"fighters", "escaped_at_large", "sympathisers_left", "partner_force_left", "detained_now", "camp_now"}
)
"""Outputs that are a state at the end of the period; the others are counts within it."""


@dataclass(frozen=True)
class Levers:
    """What a scenario sets, step by step. All arrays have the steps as first axis.

    zone
        (steps, zones, ZONE_LEVERS)
    custody
        (steps, systems, CUSTODY_LEVERS)
    camp
        (steps, camps, CAMP_LEVERS)
    coordination
        (steps, seams); nan where the world's own holds
    transfers
        (steps, systems, systems), persons a day from row to column
    campaign
        (steps,), -1 drawn by chance, 0 off, 1 on
    """

    zone: Array
    custody: Array
    camp: Array
    coordination: Array
    transfers: Array
    campaign: Array

    @staticmethod
    def neutral(steps: int, *, zones: int, systems: int, camps: int, seams: int) -> Levers:
        """Levers that change nothing."""
        zone = np.zeros((steps, zones, len(ZONE_LEVERS)))
        zone[:, :, :3] = 1.0
        custody = np.zeros((steps, systems, len(CUSTODY_LEVERS)))
        custody[:, :, 0] = 1.0
        return Levers(
            zone=zone,
            custody=custody,
            camp=np.ones((steps, camps, len(CAMP_LEVERS))),
            coordination=np.full((steps, seams), np.nan),
            transfers=np.zeros((steps, systems, systems)),
            campaign=np.full(steps, -1, dtype=np.int8),
        )
