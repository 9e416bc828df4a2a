"""The worlds that ship, what they draw, and the table of the model's numbers."""

from __future__ import annotations

import hashlib
import pickle
from datetime import date
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from afterstrike.containment import Quantity, World, balance_of, load_world, parameters, world_as_dict, worlds
from afterstrike.containment import _layout as layout
from afterstrike.containment._parameters import GROUPS, NAMES
from afterstrike.containment._world import full_names
from afterstrike.errors import UsageError
from afterstrike.record.shipped import figures

SHIPPED = ("article", "feb2026", "mid2024")


@pytest.fixture(params=SHIPPED)
def world(request: pytest.FixtureRequest) -> World:
    return load_world(request.param)


def test_the_table_has_every_name_of_the_layout_once() -> None:
    names = [
        "fighters", *layout.MODEL_PARAMETERS, *layout.ZONE_PARAMETERS, *layout.CUSTODY_PARAMETERS,
        *layout.CAMP_PARAMETERS, *layout.SEAM_PARAMETERS,
    ]  # fmt: skip
    assert list(parameters()) == names
    text = files("afterstrike.containment").joinpath("parameters.toml").read_text(encoding="utf-8")
    import tomllib

    assert set(tomllib.loads(text)) == set(names)


def test_every_parameter_says_what_it_is_and_what_would_tell_it() -> None:
    for one in parameters().values():
        assert one.meaning and one.unit and one.identified and one.group in GROUPS, one.name
        assert one.minimum < one.maximum
        if one.default:
            assert one.default.source
            assert one.default.kind != "S" or one.default.note, f"{one.name}: why this range?"
            assert one.minimum <= one.default.low <= one.default.high <= one.maximum


def test_what_a_world_must_state() -> None:
    required = {one.name for one in parameters().values() if one.is_required}
    assert required == {"fighters", "targets_per_month", "missions_per_month", "detained", "camp_population"}
    assert parameters()["partner_force"].is_optional


def test_the_strike_effect_is_centred_at_zero() -> None:
    effect = parameters()["strike_effect"].default
    assert effect and effect.middle == 0 and effect.low == -effect.high


def test_the_shipped_worlds() -> None:
    assert worlds() == SHIPPED
    days = [load_world(name).as_of for name in SHIPPED]
    assert days == [date(2024, 12, 7), date(2026, 2, 13), date(2024, 7, 17)]


def test_each_number_has_a_source_and_its_figure_lies_inside(world: World) -> None:
    known = {figure.figure_id: figure for figure in figures()}
    rested = 0
    for number in world.numbers.values():
        assert number.source, number.name
        assert number.as_of is None or number.name not in world.own or number.as_of <= world.as_of
        if number.figure:
            figure = known[number.figure]
            assert number.source_url == (figure.source_url or "")
            rested += 1
            if number.unit == "persons" and figure.value is not None:
                assert number.low <= figure.value <= number.high
    assert rested >= 4
    assert set(world.numbers) == set(full_names(world)) - {f"partner_force.{zone.id}" for zone in world.zones}
    assert world.own <= set(world.numbers)


def test_draws_lie_in_their_ranges_and_shares_add_to_one(world: World) -> None:
    drawn = world.draw(4000, seed=3)
    assert set(drawn) == set(full_names(world))
    assert sum(drawn[f"fighters_share.{zone.id}"] for zone in world.zones) == pytest.approx(np.ones(4000))
    for camp in world.camps:
        ages = drawn[f"camp_under12_share.{camp.id}"] + drawn[f"camp_12to17_share.{camp.id}"]
        assert ages.max() <= 1 + 1e-12
    for name, values in drawn.items():
        bare, number = name.partition(".")[0], world.numbers.get(name)
        if number is None:
            assert bare == "partner_force" and np.isnan(values).all()
            continue
        assert values.shape == (4000,) and np.isfinite(values).all(), name
        assert parameters()[bare].minimum <= values.min() and values.max() <= parameters()[bare].maximum, name
        if bare not in ("fighters_share", "camp_under12_share", "camp_12to17_share"):
            inside = np.mean((values >= number.low) & (values <= number.high))
            assert 0.87 <= inside <= 1.0 if number.distribution != "fixed" else inside == 1.0, name


def test_draws_are_their_seed_and_each_name_has_its_own_stream() -> None:
    one, other = load_world("feb2026"), load_world("mid2024")
    first, again, another = one.draw(50, seed=1), one.draw(50, seed=1), one.draw(50, seed=2)
    assert all(np.array_equal(first[name], again[name], equal_nan=True) for name in first)
    assert not np.array_equal(first["fighters"], another["fighters"])
    # a number that two worlds share is drawn alike in both
    assert np.array_equal(first["lull_halflife"], other.draw(50, seed=1)["lull_halflife"])
    # more members leave the first ones as they were
    assert np.array_equal(one.draw(80, seed=1)["fighters"][:50], first["fighters"])
    assert abs(np.corrcoef(one.draw(4000)["lull_halflife"], one.draw(4000)["excitation_days"])[0, 1]) < 0.06


@pytest.mark.parametrize("members", [0, -1])
def test_no_members_are_refused(members: int) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        load_world("feb2026").draw(members)


def test_ages_that_drawn_together_pass_one_are_shared_out() -> None:
    from dataclasses import replace

    world = load_world("feb2026")
    many = dict(world.numbers)
    for name, low, high in (("camp_under12_share.roj", 0.5, 0.7), ("camp_12to17_share.roj", 0.2, 0.3)):
        many[name] = replace(many[name], low=low, high=high, median=None)
    drawn = replace(world, numbers=many).draw(5000)
    total = drawn["camp_under12_share.roj"] + drawn["camp_12to17_share.roj"]
    assert total.max() == pytest.approx(1.0) and total.min() < 0.9


def test_the_article_is_labelled_and_set_beside_what_was_published() -> None:
    world = load_world("article")
    claimed = [n for n in world.numbers.values() if n.claimed_by_article]
    assert [(n.name, n.low, n.high) for n in claimed] == [("detained.ne_syria", 10_000, 10_000)]
    troops = next(claim for claim in world.claims if "US troops" in claim.what)
    assert troops.claimed == "900" and any("2,000" in line for line in troops.published)
    assert balance_of(world).claimed == 1
    assert not load_world("feb2026").claims


def test_february_2026_knows_the_transfer_and_not_what_came_after() -> None:
    world = load_world("feb2026")
    moved = world.numbers["detained.iraq"]
    assert moved.low <= 5704 <= moved.high and moved.figure
    after = [event for event in world.events if event.date > world.as_of]
    assert {event.date for event in after} == {date(2026, 2, 18), date(2026, 2, 22)}
    assert all(
        number.as_of is None or number.as_of <= world.as_of
        for n, number in world.numbers.items()
        if n in world.own
    )


def test_no_shipped_world_names_a_place_of_custody_or_coordinates() -> None:
    import re

    for name in SHIPPED:
        text = files("afterstrike.containment").joinpath("worlds", f"{name}.toml").read_text(encoding="utf-8")
        assert not re.search(
            r"\b(prison|jail|sina|ghwayran|panorama|shaddadi prison|barracks)\b", text, re.I
        ), name
        assert not re.search(r"\d\d\.\d{3,}", text), name


def test_its_hash_is_that_of_the_file_and_it_can_be_sent_to_another_process() -> None:
    world = load_world("feb2026")
    body = files("afterstrike.containment").joinpath("worlds", "feb2026.toml").read_bytes()
    assert world.sha256 == hashlib.sha256(body).hexdigest()
    assert pickle.loads(pickle.dumps(world)) == world
    assert load_world(world) is world


def test_a_file_beside_the_shipped_ones_is_found_by_its_path(tmp_path: Path) -> None:
    body = files("afterstrike.containment").joinpath("worlds", "mid2024.toml").read_bytes()
    path = tmp_path / "mine.toml"
    path.write_bytes(body)
    assert load_world(path).numbers == load_world("mid2024").numbers
    assert load_world(str(path)).sha256 == load_world("mid2024").sha256


def test_an_unknown_world_is_answered_with_the_nearest() -> None:
    with pytest.raises(
        UsageError, match=r"'feb2025' \(did you mean feb2026\?\); shipped are article, feb2026, mid2024"
    ):
        load_world("feb2025")
    for odd in ("x" * 5000, "a\0b", ""):
        with pytest.raises(UsageError):
            load_world(odd)


def test_age_and_stamp() -> None:
    world = load_world("feb2026")
    assert world.age_days(date(2026, 11, 29)) == 289
    assert world.stamp(date(2026, 2, 14)).endswith("(1 day before this run)")
    assert world.stamp(date(2026, 2, 13)).endswith("(the day of this run)")


def test_the_frame_and_the_dictionary_hold_every_number(world: World) -> None:
    frame = world.to_frame()
    assert list(frame.columns[:11]) == [
        "name", "low", "median", "high", "unit", "kind", "as_of", "source", "source_url", "note", "figure",
    ]  # fmt: skip
    assert list(frame["name"]) == list(world.numbers)
    assert ((frame["low"] <= frame["median"]) & (frame["median"] <= frame["high"])).all()
    import json

    told = world_as_dict(world, date(2026, 11, 29))
    assert json.loads(json.dumps(told))["balance"]["numbers"] == len(frame)


def test_the_balance_counts_each_number_once(world: World) -> None:
    balance = balance_of(world)
    assert balance.from_data + balance.published + balance.assumed == balance.numbers == len(world.numbers)
    assert balance.own == len(world.own)
    assert balance.assumed == sum(n.kind == "S" or n.claimed_by_article for n in world.numbers.values())
    assert balance.oldest_as_of == min(n.as_of for n in world.numbers.values() if n.as_of)
    assert f"{balance.assumed_share:.0%} of all" in balance.in_words()


def test_what_only_an_article_claims_is_assumed_whatever_its_kind() -> None:
    from dataclasses import replace

    world = load_world("article")
    name = "detained.ne_syria"
    numbers = {**world.numbers, name: replace(world.numbers[name], kind="L")}
    assert balance_of(replace(world, numbers=numbers)) == balance_of(world)


def test_the_layout_and_the_scopes_agree() -> None:
    assert [name for names in NAMES.values() for name in names] == list(parameters())
    assert isinstance(parameters()["lull_halflife"].default_at("lull_halflife"), Quantity)
