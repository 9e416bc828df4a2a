"""The ways in which the Iraq study of stochastic interventions is estimated."""

from __future__ import annotations

from dataclasses import dataclass

PERIOD = ("2007-02-23", "2008-07-05")


@dataclass(frozen=True)
class Spec:
    """One way to estimate: the main one, or one that departs from it in one point."""

    label: str
    model: str = "negative_binomial"
    trend: int = 3
    history_km: float = 50.0
    last_day: str = PERIOD[1]
    once: bool = False
    outcome: str | None = None
    span: str = "every_period"
    shows: bool = True


SPECS = (
    Spec("as declared"),
    Spec("Poisson number of strikes (the test of dispersion rejects it)", model="poisson"),
    Spec("no slow trend", trend=0),
    Spec("slow trend of 8 columns", trend=8),
    Spec("history smoothed over 25 km", history_km=25.0),
    Spec("history smoothed over 100 km", history_km=100.0),
    Spec("without shows of force as history", shows=False),
    Spec("repeated rows of strikes once", once=True),
    Spec("until the last recorded strike", last_day="2008-06-26"),
    Spec("attacks with explosive devices (IED) only", outcome="IED"),
    Spec("attacks with small arms (SAF) only", outcome="SAF"),
)
