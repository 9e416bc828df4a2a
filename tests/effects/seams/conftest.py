"""A panel of ten zones in a row, each with shares of its ground and a known ratio."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

START = "2016-01-04"


def make_world(
    *, seed: int = 1, zones: int = 10, weeks: int = 80, log_ratio: float = 0.8, rate: float = 1.5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give events (with zone, place and source) and shares by zone and week; the ratio is for one unit of
    fragmentation.
    """
    rng = np.random.default_rng(seed)
    wander = np.clip(25 + 5 * rng.normal(size=(zones, weeks)).cumsum(axis=1), 0, 50).round(2)
    fragmentation = 1 - (wander / 100) ** 2 - (1 - wander / 100) ** 2
    mean = rate * np.exp(
        rng.normal(0, 0.4, (zones, 1)) + rng.normal(0, 0.2, weeks) + log_ratio * fragmentation
    )
    counts = rng.negative_binomial(3, 3 / (3 + mean))
    zone, week = (np.repeat(at.ravel(), counts.ravel()) for at in np.indices(counts.shape))
    days = pd.date_range(START, periods=weeks, freq="7D")
    names = np.array([f"z{k}" for k in range(zones)])
    events = pd.DataFrame(
        {
            "kind": "attack",
            "date": (days[week] + pd.to_timedelta(rng.integers(0, 7, len(zone)), unit="D")).strftime(
                "%Y-%m-%d"
            ),
            "lat": 34.5,
            "lon": 40.5 + zone,
            "zone": names[zone],
            "source": rng.choice(["wire", "local"], len(zone)),
        }
    )
    shares = pd.DataFrame(
        {
            "zone": np.repeat(names, weeks),
            "date": np.tile(days.strftime("%Y-%m-%d"), zones),
            "A": wander.ravel(),
            "B": 100 - wander.ravel(),
        }
    )
    return events, shares


@pytest.fixture(scope="session")
def world() -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_world()
