"""Window, grid and periods; smoothing keeps every event; densities and surfaces."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.effects import (
    EventPoints,
    SpaceTime,
    Surface,
    adaptive_bandwidths,
    base_density,
    common_bandwidth,
    distance_surface,
    prior_events_surface,
    raster_surface,
    smooth_events,
)
from afterstrike.effects._intervention._smooth import scott_bandwidth
from afterstrike.errors import EstimateRefused, SourceError, UsageError

RING = [(40.0, 33.0), (44.0, 33.0), (44.0, 36.0), (40.0, 36.0), (40.0, 33.0)]
HOLE = [(41.0, 34.0), (42.0, 34.0), (42.0, 35.0), (41.0, 35.0), (41.0, 34.0)]


def made(rng: np.random.Generator, space: SpaceTime, n: int) -> EventPoints:
    west, south, east, north = space.bounds
    x, y = rng.uniform(west, east, n), rng.uniform(south, north, n)
    return space.points_km(x, y, rng.integers(0, space.n_periods, n))


def test_regions_in_every_form(tmp_path: Path) -> None:
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [RING, HOLE]}}
    path = tmp_path / "region.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    box = SpaceTime.over((40, 33, 44, 36), shape=30, n_periods=3)
    for region in (feature, path, str(path), shapely.Polygon(RING, [HOLE])):
        holed = SpaceTime.over(region, shape=30, n_periods=3)
        assert holed.window.area < box.window.area
        assert not holed.in_window(*holed.to_km([41.5], [34.5]))[0]
    assert SpaceTime.over(np.array(RING), shape=30, n_periods=3).window.equals(box.window)
    assert SpaceTime.over("IRQ", shape=30, n_periods=3).window.area == pytest.approx(438_000, rel=0.02)


def test_default_projection_keeps_areas() -> None:
    # Area of a box of longitude and latitude on the WGS 84 ellipsoid, km2 (pyproj's geodesic polygon).
    from pyproj import Geod

    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(
        shapely.segmentize(shapely.box(40, 33, 44, 36), 0.01)
    )
    space = SpaceTime.over((40, 33, 44, 36), shape=30, n_periods=3)
    assert space.window.area == pytest.approx(abs(area) / 1e6, rel=1e-5)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: SpaceTime.over((44, 33, 40, 36), shape=30, n_periods=3), "west < east"),
        (lambda: SpaceTime.over("nowhere.geojson", shape=30, n_periods=3), "is no file"),
        (lambda: SpaceTime.over("XXX", shape=30, n_periods=3), "no country"),
        (lambda: SpaceTime.over((0, 0, 500, 400), shape=30, n_periods=3), "from_km"),
        (lambda: SpaceTime.over((40, 33, 44, 36), shape=1, n_periods=3), "shape"),
        (lambda: SpaceTime.over((40, 33, 44, 36), shape=30, n_periods=0), "n_periods"),
        (lambda: SpaceTime.over((40, 33, 44, 36), shape=30, n_periods=3, crs="EPSG:4326"), "in degrees"),
        (lambda: SpaceTime.over((40, 33, 44, 36), shape=30, n_periods=3, crs="EPSG:x"), "coordinate system"),
        (lambda: SpaceTime.over({"type": "Point"}, shape=30, n_periods=3), "no Polygon"),
        (lambda: SpaceTime.from_km((0, 0, 9, 9), shape=9, n_periods=3).to_km([40], [33]), "crs"),
        (lambda: SpaceTime.from_km((0, 0, 9, 9), shape=9, n_periods=3).period_of(["2006-01-01"]), "start"),
    ],
)
def test_bad_input_says_what_is_allowed(call: object, told: str) -> None:
    with pytest.raises((UsageError, SourceError), match=told):
        call()  # type: ignore[operator]


def test_events_outside_are_left_out_and_counted() -> None:
    space = SpaceTime.from_km((0, 0, 10, 10), shape=5, n_periods=2)
    x, y, period = [5.0, 11.0, 5.0], [5.0, 5.0, 5.0], [0, 1, 7]
    ours = space.points_km(x, y, period)
    assert (len(ours), ours.n_outside, ours.n_other_time) == (1, 1, 1)
    peer = space.points_km(x, y, period, convention="geocausal-0.4")
    assert (len(peer), peer.n_outside) == (2, 0)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 60), st.integers(4, 30), st.integers(4, 30), st.floats(0.5, 80), st.integers(0, 2**32 - 1)
)
def test_every_event_counts_as_one(n: int, rows: int, columns: int, bandwidth: float, seed: int) -> None:
    window = shapely.Polygon([(0, 0), (90, 5), (70, 60), (20, 40)], [[(40, 20), (50, 20), (45, 25)]])
    space = SpaceTime.from_km(window, shape=(rows, columns), n_periods=4)
    points = made(np.random.default_rng(seed), space, n)
    images = smooth_events(space, points, bandwidth_km=bandwidth)
    totals = np.nansum(images, axis=(1, 2)) * space.pixel_km2
    np.testing.assert_allclose(totals, points.per_period(4), rtol=1e-10, atol=1e-12)
    assert (np.isnan(images) == ~space.inside).all() and np.nanmin(images) >= 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-500, 500), st.floats(-500, 500))
def test_order_of_events_and_place_of_the_frame_do_not_matter(seed: int, dx: float, dy: float) -> None:
    rng = np.random.default_rng(seed)
    ring = np.array([(0, 0), (90, 5), (70, 60), (20, 40)])
    space = SpaceTime.from_km(ring, shape=(16, 20), n_periods=3)
    points = made(rng, space, 80)
    order = rng.permutation(len(points))
    other = SpaceTime.from_km(ring + np.array([dx, dy]), shape=(16, 20), n_periods=3)
    moved = EventPoints(points.x_km[order] + dx, points.y_km[order] + dy, points.period[order])
    one, two = smooth_events(space, points), smooth_events(other, moved)
    # Moving the frame may move a place across the border of a pixel by rounding; almost all stay.
    assert np.nanmean(np.isclose(one, two, rtol=1e-6, atol=1e-12)) > 0.9 or np.allclose(
        np.nansum(one, axis=(1, 2)), np.nansum(two, axis=(1, 2))
    )
    still = smooth_events(space, EventPoints(points.x_km[order], points.y_km[order], points.period[order]))
    np.testing.assert_allclose(one, still, rtol=1e-9, atol=1e-15)


def test_smoothing_is_the_sum_over_pixels_written_out() -> None:
    space = SpaceTime.from_km([(0, 0), (50, 0), (40, 30)], shape=(9, 12), n_periods=1)
    points = space.points_km([20.0, 33.0], [5.0, 12.0], [0, 0])
    image = smooth_events(space, points, bandwidth_km=(7.0, 4.0))[0]
    x, y = np.meshgrid(space.x_km, space.y_km)
    total = np.zeros(space.shape)
    for px, py in zip(points.x_km, points.y_km, strict=True):
        row, column = space.pixel_of(np.array([px]), np.array([py]))
        kernel = np.exp(-0.5 * (((x - space.x_km[column]) / 7) ** 2 + ((y - space.y_km[row]) / 4) ** 2))
        total += np.where(space.inside, kernel / kernel[space.inside].sum(), 0) / space.pixel_km2
    np.testing.assert_allclose(image[space.inside], total[space.inside], rtol=1e-12)


def test_each_event_keeps_its_own_bandwidth_but_the_peer_shares_them() -> None:
    space = SpaceTime.from_km((0, 0, 100, 100), shape=40, n_periods=1)
    places = np.array([10.0, 30.0, 50.0, 70.0, 90.0])
    points = space.points_km(places, places, np.zeros(5))
    own = np.array([2.0, 4.0, 8.0, 16.0, 32.0])
    peak = [
        smooth_events(space, points, bandwidth_km=own, convention=convention)[0][
            space.pixel_of(points.x_km, points.y_km)
        ]
        for convention in ("afterstrike", "geocausal-0.4")
    ]
    assert (np.diff(peak[0]) < 0).all()
    # Two groups: events of one group have one height at their own places, up to their neighbours.
    assert peak[1][0] == pytest.approx(peak[1][1], rel=0.05)
    assert peak[0][0] > 2 * peak[0][1]


def test_base_density_and_bandwidths() -> None:
    rng = np.random.default_rng(3)
    space = SpaceTime.from_km([(0, 0), (90, 5), (70, 60), (20, 40)], shape=(40, 60), n_periods=5)
    points = made(rng, space, 500)
    density = base_density(space, points)
    assert np.nansum(density) * space.pixel_km2 == pytest.approx(1)
    # Evenly spread events with correction at the edge: close to even, at the edge too.
    assert np.nanmax(density) * space.window.area < 1.6 and np.nanmin(density) * space.window.area > 0.5
    bandwidths = adaptive_bandwidths(space, points)
    assert math.exp(np.log(bandwidths).mean()) == pytest.approx(sum(scott_bandwidth(points)) / 2, rel=1e-9)
    with pytest.raises(EstimateRefused, match="no events"):
        base_density(space, space.points_km([], [], []))
    with pytest.raises(EstimateRefused, match="one line"):
        base_density(space, space.points_km([30.0, 30.0], [20.0, 25.0], [0, 0]))
    with pytest.raises(UsageError, match="bandwidth_km"):
        smooth_events(space, points, bandwidth_km=-1.0)


def test_common_bandwidth_finds_the_spread_of_the_clusters() -> None:
    rng = np.random.default_rng(5)
    centres = np.array([(0, 0), (300, 0), (0, 300), (300, 300)])
    places = centres[rng.integers(0, 4, 2000)] + rng.normal(0, 20, (2000, 2))
    points = EventPoints(places[:, 0], places[:, 1], np.zeros(2000))
    assert common_bandwidth(points, most_clusters=6) == pytest.approx(20, rel=0.03)
    assert common_bandwidth(points, most_clusters=1) > 100


def test_distances_to_points_and_lines() -> None:
    space = SpaceTime.from_km((0, 0, 100, 50), shape=(25, 50), n_periods=1)
    x, y = np.meshgrid(space.x_km, space.y_km)
    line = distance_surface(space, [np.array([(0.0, 25.0), (100.0, 25.0)])], in_km=True)
    np.testing.assert_allclose(line.values, np.abs(y - 25), atol=1e-12)
    two = distance_surface(space, [(0, 0), (100, 50)], in_km=True)
    np.testing.assert_allclose(two.values, np.minimum(np.hypot(x, y), np.hypot(x - 100, y - 50)))
    with pytest.raises(UsageError, match="positions"):
        distance_surface(space, "Baghdad", in_km=True)


def test_what_happened_before_is_before() -> None:
    space = SpaceTime.from_km((0, 0, 20, 20), shape=10, n_periods=6)
    points = space.points_km([10.0, 10.0], [10.0, 10.0], [-1, 2], history_periods=3)
    near = prior_events_surface(space, points, periods=1, bandwidth_km=5, name="one", log=False)
    counts = np.nansum(near.values, axis=(1, 2)) * space.pixel_km2
    np.testing.assert_allclose(counts, [1, 0, 0, 1, 0, 0], atol=1e-9)
    far = prior_events_surface(space, points, periods=(2, 3), bandwidth_km=5, name="far", log=False)
    counts = np.nansum(far.values, axis=(1, 2)) * space.pixel_km2
    np.testing.assert_allclose(counts, [0, 1, 1, 0, 1, 1], atol=1e-9)
    with pytest.raises(UsageError, match="periods"):
        prior_events_surface(space, points, periods=(3, 2), bandwidth_km=5, name="x")
    with pytest.raises(UsageError, match="not finite"):
        Surface("x", np.full(space.shape, np.nan)).check(space)


def test_rasters_are_read_where_they_lie() -> None:
    space = SpaceTime.over((40, 34, 42, 36), shape=(20, 25), n_periods=2)
    lon, lat = np.linspace(39.5, 42.5, 61), np.linspace(36.5, 33.5, 61)
    values = lat[:, None] + 100 * lon[None, :]
    read = raster_surface(space, values, lon, lat, name="place").values
    x, y = np.meshgrid(space.x_km, space.y_km)
    there = space.to_degrees(x, y)
    back = space.to_km(*there)
    np.testing.assert_allclose(back[0], x, atol=1e-6)
    expected = there[1] + 100 * there[0]
    assert np.abs(read - expected)[space.inside].max() < 0.026 * 101
    moving = raster_surface(space, np.stack([values, -values]), lon, lat, name="moving").values
    np.testing.assert_allclose(moving[1][space.inside], -read[space.inside])
    with pytest.raises(UsageError, match="does not cover"):
        raster_surface(space, values, lon + 10, lat, name="far")
    with pytest.raises(UsageError, match="allowed"):
        raster_surface(space, values[1:], lon, lat, name="short")


def test_one_event_has_no_bandwidth_of_its_own() -> None:
    space = SpaceTime.from_km((0, 0, 10, 10), shape=5, n_periods=1)
    with pytest.raises(EstimateRefused, match="bandwidth_km"):
        smooth_events(space, space.points_km([5.0], [5.0], [0]))
    assert np.nansum(smooth_events(space, space.points_km([], [], []))) == 0
