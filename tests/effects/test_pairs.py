"""The counting kernel equals its plain NumPy twin everywhere on the globe, for any order of rows and any "
"threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects._pairs import EARTH_KM_PER_DEGREE, Points, count_pairs, count_pairs_numpy
from afterstrike.errors import UsageError

DAY = 86_400_000
# Places where a projection or a wrap goes wrong, and a town in which events cluster.
LATITUDES = st.sampled_from([-90.0, -89.99, -45.0, 0.0, 1e-9, 35.3, 35.31, 89.95, 90.0]) | st.floats(-90, 90)
LONGITUDES = st.sampled_from([-180.0, -179.99, 0.0, 40.1, 40.11, 179.99, 180.0, 359.99]) | st.floats(
    -180, 360
)
ROW = st.tuples(LATITUDES, LONGITUDES, st.integers(-40, 40), st.integers(-1, 2))
RADII = st.lists(
    st.sampled_from([0.001, 1.0, 2.5, 111.111, 222.222, 800.0, 10_000.0, 20_015.0, 30_000.0]),
    min_size=1,
    unique=True,
)


def points(rows: list[tuple[float, float, int, int]]) -> tuple[Points, np.ndarray]:
    lat, lon, day, kind = (np.array(column) for column in zip(*rows, strict=True))
    return Points(day * (DAY // 2), lat.astype(float), lon.astype(float), np.arange(len(rows))), kind.astype(
        np.int8
    )


def clustered(n: int, seed: int = 3) -> tuple[Points, np.ndarray]:
    rng = np.random.default_rng(seed)
    towns = rng.normal([35.0, 40.0], 1.0, (30, 2))[rng.integers(0, 30, n)] + rng.normal(0, 0.05, (n, 2))
    time = rng.integers(0, 300 * DAY, n)
    return Points(time, towns[:, 0], towns[:, 1], np.arange(n)), rng.integers(0, 3, n).astype(np.int8)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=40),
    RADII,
    st.lists(st.integers(-30, 30), min_size=2, max_size=7, unique=True),
    st.booleans(),
    st.sampled_from([111.111, EARTH_KM_PER_DEGREE]),
)
def test_equals_its_plain_twin(
    rows: list[tuple[float, float, int, int]], radii: list[float], edges: list[int], ties: bool, km: float
) -> None:
    events, kind = points(rows)
    options = {
        "lag_edges_ms": np.sort(np.array(edges)) * (DAY // 2),
        "radii_km": sorted(radii),
        "n_categories": 3,
        "km_per_degree": km,
        "earlier_wins_ties": ties,
    }
    ours = count_pairs(events, events, kind, **options)
    np.testing.assert_array_equal(ours, count_pairs_numpy(events, events, kind, **options))


def test_equals_its_plain_twin_with_threads() -> None:
    events, kind = clustered(4_000)
    options = {"lag_edges_ms": np.arange(-10, 12, 3) * DAY, "radii_km": [5, 10, 40], "n_categories": 3}
    ours = count_pairs(events, events, kind, **options)
    assert ours.sum() > 50_000
    np.testing.assert_array_equal(ours, count_pairs_numpy(events, events, kind, **options))
    threads = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        np.testing.assert_array_equal(ours, count_pairs(events, events, kind, **options))
    finally:
        numba.set_num_threads(threads)


def test_order_of_rows_changes_nothing() -> None:
    events, kind = clustered(1_500)
    options = {"lag_edges_ms": [-5 * DAY, 0, 5 * DAY], "radii_km": [5, 20], "n_categories": 3}
    before = count_pairs(events, events, kind, **options)
    order = np.random.default_rng(1).permutation(1_500)
    moved = Points(events.time_ms[order], events.lat[order], events.lon[order], events.rank[order])
    after = count_pairs(moved, moved, kind[order], **options)
    np.testing.assert_array_equal(after, before[order])


def test_turning_the_globe_changes_nothing() -> None:
    events, kind = clustered(1_500)
    options = {"lag_edges_ms": [-5 * DAY, 0, 5 * DAY], "radii_km": [5, 20], "n_categories": 3}
    turned = Points(events.time_ms, events.lat, events.lon + 140.0, events.rank)
    assert turned.lon.min() < 180 < turned.lon.max()
    before = count_pairs(events, events, kind, **options)
    np.testing.assert_array_equal(count_pairs(turned, turned, kind, **options), before)


def test_over_the_pole_and_the_antimeridian() -> None:
    events = Points(
        np.zeros(4, np.int64),
        np.array([89.9, 89.9, 0.0, 0.0]),
        np.array([0.0, 180, 179.9, -179.9]),
        np.arange(4),
    )
    counts = count_pairs(
        events, events, np.zeros(4, np.int8), lag_edges_ms=[0, 1], radii_km=[22.0, 22.5], n_categories=1
    )
    assert counts[:, 0, :, 0].tolist() == [[0, 1]] * 4


def test_a_wake_that_is_no_event_counts_all_and_one_that_is_not_itself() -> None:
    events = Points(np.zeros(3, np.int64), np.full(3, 35.0), np.full(3, 40.0), np.arange(3))
    kind = np.zeros(3, np.int8)
    options = {"lag_edges_ms": [-1, 1], "radii_km": [1.0], "n_categories": 1}
    assert count_pairs(events, events, kind, **options).ravel().tolist() == [2, 2, 2]
    elsewhere = Points(events.time_ms[:1], events.lat[:1], events.lon[:1], np.array([-1]))
    assert count_pairs(elsewhere, events, kind, **options).ravel().tolist() == [3]
    in_order = count_pairs(events, events, kind, earlier_wins_ties=True, **options)
    assert in_order.ravel().tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"radii_km": [5.0, 5.0]},
        {"radii_km": [0.0]},
        {"radii_km": []},
        {"lag_edges_ms": [0]},
        {"lag_edges_ms": [3, 1]},
    ],
)
def test_windows_that_do_not_ascend_are_refused(wrong: dict[str, list[float]]) -> None:
    events, kind = clustered(3)
    options: dict[str, object] = {"lag_edges_ms": [0, 1], "radii_km": [1.0], "n_categories": 3, **wrong}
    with pytest.raises(UsageError, match="ascending"):
        count_pairs(events, events, kind, **options)
