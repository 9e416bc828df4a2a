"""A world file: what is taken, and every fault named with its place."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.containment import World, load_world, world_text
from afterstrike.containment._world_read import read_world
from afterstrike.errors import AfterstrikeError, UsageError

WORLD = """\
name = "small"
title = "Two zones"
as_of = 2025-06-30

[[zones]]
id = "north"
name = "The north"

[[zones]]
id = "south"
name = "The south"

[[custody]]
id = "north"
name = "Custody in the north"
zone = "north"

[[camps]]
id = "camp"
name = "A camp"
zone = "north"

[[seams]]
between = ["north", "south"]

[numbers.fighters]
low = 1000
high = 3000
unit = "persons"
kind = "L"
source = "An invented office"
as_of = 2025-05-01

[numbers."targets_per_month.north"]
low = 1
high = 4
unit = "targets/month"
kind = "S"
source = "scenario assumption"
note = "invented"

[numbers."targets_per_month.south"]
low = 1
high = 4
unit = "targets/month"
kind = "S"
source = "scenario assumption"
note = "invented"

[numbers."missions_per_month.north"]
low = 1
high = 4
unit = "missions/month"
kind = "D"
source = "An invented office"

[numbers."missions_per_month.south"]
low = 1
high = 4
unit = "missions/month"
kind = "D"
source = "An invented office"

[numbers."detained.north"]
low = 500
high = 500
unit = "persons"
kind = "L"
source = "An invented office"

[numbers."camp_population.camp"]
low = 900
high = 1100
median = 1000
unit = "persons"
kind = "L"
source = "An invented office"

[[events]]
date = 2025-07-04
what = "Something happened."
source = "An invented paper"
"""
FIGHTERS = WORLD[WORLD.index("[numbers.fighters]") : WORLD.index('[numbers."targets_per_month.north"]')]


def assumed(name: str, low: float, high: float, unit: str = "share") -> str:
    """The table of one more number."""
    rest = 'kind = "S"\nsource = "scenario assumption"\nnote = "x"\n'
    return f'[numbers."{name}"]\nlow = {low}\nhigh = {high}\nunit = "{unit}"\n{rest}'


def read(text: str) -> World:
    return read_world(text.encode(), "w.toml")


def fault(old: str, new: str, *, count: int = 1) -> str:
    """The message where one thing in the world is another; by default it is the only fault."""
    assert old in WORLD
    with pytest.raises(UsageError) as caught:
        read(WORLD.replace(old, new, 1))
    message = str(caught.value)
    assert message.count("\n  line ") == count, message
    return message


def test_a_world_is_read() -> None:
    world = read(WORLD)
    assert [zone.id for zone in world.zones] == ["north", "south"]
    assert world.seams == (("north", "south"),)
    assert world.numbers["detained.north"].distribution == "fixed", "low equals high"
    assert world.numbers["fighters"].distribution == "lognormal", "that of the parameter"
    assert world.numbers["fighters"].as_of == date(2025, 5, 1)
    assert world.numbers["lull_halflife"].high == 60, "a default"
    assert world.numbers["coordination.north/south"].name not in world.own
    assert "partner_force.north" not in world.numbers, "what is not stated is missing"
    assert world.events[0].date > world.as_of, "an event after the world's day is what changed since"
    assert world.draw(5)["detained.north"].tolist() == [500.0] * 5


def test_quotes_of_number_names_may_be_left_out() -> None:
    assert read(WORLD.replace('"detained.north"', "detained.north")).numbers == read(WORLD).numbers


def test_a_figure_brings_its_source_day_and_address() -> None:
    rested = FIGHTERS.replace(
        'source = "An invented office"\nas_of = 2025-05-01',
        'figure = "is_fighters_at_large.IRQ+SYR.2024-07-16"',
    )
    number = read(WORLD.replace(FIGHTERS, rested)).numbers["fighters"]
    assert number.source == "CENTCOM, as given by The Epoch Times"
    assert number.source_url.startswith("https://theepochtimes.com/")
    assert number.as_of == date(2024, 7, 16)


def test_a_fact_brings_its_day_and_words() -> None:
    world = read(WORLD + '\n[[events]]\nfact = "assad_government_fell"\n')
    assert world.events[0].date == date(2024, 12, 8)
    assert world.events[0].source == "Devdiscourse"


# ---------------------------------------------------------------- faults of numbers


def test_low_above_high() -> None:
    assert "numbers.fighters.low: low is 1000, above high, 300" in fault("high = 3000", "high = 300")


def test_a_negative_stock() -> None:
    assert "low is -5, below 0, the least that is possible here" in fault("low = 1000", "low = -5", count=2)


def test_a_probability_above_one() -> None:
    more = assumed("break_success", 0.5, 1.2)
    with pytest.raises(
        UsageError, match=r"numbers\.break_success\.high: high is 1\.2, above 1, the most that is"
    ):
        read(f"{WORLD}\n{more}")


def test_a_median_outside() -> None:
    assert "median is 2000, outside 900 to 1100" in fault("median = 1000", "median = 2000")


def test_units_that_differ_are_both_named() -> None:
    message = fault('unit = "persons"', 'unit = "people"')
    assert "line 29, numbers.fighters.unit: the unit is 'people', but fighters is in 'persons'" in message


def test_a_missing_source() -> None:
    assert "numbers.fighters: source is missing; name who states it" in fault(
        'source = "An invented office"\nas_of = 2025-05-01', ""
    )


def test_an_assumption_that_claims_a_source_and_a_source_that_is_an_assumption() -> None:
    assert 'what no source states is kind "S"' in fault(
        'kind = "L"\nsource = "An', 'kind = "S"\nnote = "n"\nsource = "An'
    )
    assert "kind is 'S', and source" not in fault(
        'source = "An invented office"', 'source = "Scenario assumption"'
    )


def test_an_assumption_without_a_reason() -> None:
    assert "note is missing; an assumption says why it has this range" in fault('note = "invented"\n', "")


def test_fixed_with_two_ends_and_a_spread_of_none() -> None:
    assert "the distribution is fixed, but low is 1000 and high 3000" in fault(
        "high = 3000", 'high = 3000\ndistribution = "fixed"'
    )
    assert 'low and high are both 500; then the distribution is "fixed"' in fault(
        "high = 500", 'high = 500\ndistribution = "normal"'
    )


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("low = 0", "a lognormal number is above 0, but low is 0"),
        ('low = "many"', "low is 'many'; it is a finite number"),
        ("low = true", "low is True; it is a finite number"),
        ("low = nan", "low is nan; it is a finite number"),
        ("low = -inf", "low is -inf; it is a finite number"),
        ("", "low is missing; low and high are the 5 % and 95 % points"),
        ('low = 1000\ndistribution = "lognormel"', "distribution is 'lognormel' (did you mean lognormal?); allowed are"),
        ("low = 1000\ndistribution = 3", "distribution is 3; allowed are fixed, uniform"),
        ('low = 1000\ndistribution = "logit_normal"', "a logit_normal number lies between 0 and 1, but got 1000 to 3000"),
        ("low = 1000\nclaimed_by_article = 1", "claimed_by_article is 1; it is true or false"),
        ("low = 1000\nmedain = 5", "numbers.fighters.medain: no such field (did you mean median?)"),
        ('low = 1000\nfigure = "nothing.like.it"', "no figure 'nothing.like.it' is shipped"),
    ],
)  # fmt: skip
def test_what_is_no_number(new: str, told: str) -> None:
    assert told in fault("low = 1000", new)


def test_a_number_too_large_for_a_machine() -> None:
    assert "numbers.fighters.low: low is" in fault("low = 1000", f"low = 1{'0' * 400}")
    with pytest.raises(UsageError, match=r"is no TOML|it is a finite number"):
        read(WORLD.replace("low = 1000", f"low = 1{'0' * 9000}"))


@pytest.mark.parametrize("kind", ['"X"', "3", '""', "[]"])
def test_an_unknown_kind(kind: str) -> None:
    if kind == "[]":  # beside an assumption too
        assert "kind is []" in fault('kind = "S"', "kind = []")
    assert "allowed are D (estimable from data), L (from literature" in fault('kind = "L"', f"kind = {kind}")


def test_a_figure_outside_the_range_and_one_of_another_unit() -> None:
    def with_figure(name: str) -> str:
        return f'low = 1000\nfigure = "{name}"'

    def rested(name: str) -> str:
        text = FIGHTERS.replace("low = 1000", with_figure(name)).replace(
            'source = "An invented office"\nas_of = 2025-05-01\n', ""
        )
        with pytest.raises(UsageError) as caught:
            read(WORLD.replace(FIGHTERS, text))
        return str(caught.value)

    assert "the figure is 9000 persons, outside low to high, 1000 to 3000" in rested(
        "is_detainees.SYR.2024-07-16"
    )
    assert "the figure is in 'targets', but fighters is in 'persons'" in rested(
        "targets_struck.SYR.2026-01-10"
    )
    assert "after the world's own day, 2025-06-30" in rested("is_fighters_at_large.IRQ+SYR.2025-12-19")


def test_a_count_of_a_period_is_compared_as_a_rate() -> None:
    start = WORLD.index('[numbers."missions_per_month.south"]')
    old = WORLD[start : WORLD.index("\n[", start)]
    new = old.replace(
        'source = "An invented office"', 'figure = "partner_missions.SYR.2024-01-01_2024-06-30"'
    )
    # 59 in 182 days are 9.87 a month
    assert "the figure is 9.86" in fault(old, new)
    world = read(WORLD.replace(old, new.replace("low = 1\nhigh = 4", "low = 9\nhigh = 11")))
    assert world.numbers["missions_per_month.south"].figure


def test_a_source_beside_a_figure() -> None:
    message = fault("low = 1000", 'low = 1000\nfigure = "is_fighters_at_large.IRQ+SYR.2024-07-16"')
    assert "source is given beside figure; the figure brings its own" in message


def test_unknown_names_and_places() -> None:
    assert "no number is called 'fihgters' (did you mean fighters?)" in fault(
        "numbers.fighters]", "numbers.fihgters]", count=2
    )
    message = fault('"detained.north"', '"detained.nroth"', count=2)
    assert "detained is a number of one custody: there is no custody 'nroth' (did you mean north?)" in message
    assert 'detained.north": a world must state it' in message
    assert "it has no place; defined are north" in fault('"detained.north"', '"detained"', count=2)
    assert "fighters is one number for the whole world; leave out .north" in fault(
        "numbers.fighters]", 'numbers."fighters.north"]', count=2
    )


def test_a_seam_in_the_other_order() -> None:
    more = assumed("coordination.south/north", 0, 1)
    with pytest.raises(UsageError, match="this seam is written north/south above; use the same order here"):
        read(f"{WORLD}\n{more}")


@pytest.mark.parametrize(
    ("north", "south", "told"),
    [((0.6, 0.8), (0.5, 0.7), "between 1.1 and 1.5"), ((0.1, 0.2), (0.1, 0.3), "between 0.2 and 0.5")],
)
def test_shares_of_fighters_that_cannot_add_to_one(
    north: tuple[float, float], south: tuple[float, float], told: str
) -> None:
    rows = [assumed("fighters_share.north", *north), assumed("fighters_share.south", *south)]
    with pytest.raises(UsageError, match=f"add to {told}; no draw can add to one"):
        read("\n".join([WORLD, *rows]))


def test_shares_of_ages_that_pass_one() -> None:
    row = '[numbers."camp_under12_share.camp"]\nlow = 0.5\nhigh = 0.9\nunit = "share"\nkind = "L"\nsource = "x"\n'
    with pytest.raises(UsageError, match=r"add to as much as 1\.1; together they are at most 1"):
        read(f"{WORLD}\n{row}")


@pytest.mark.parametrize(
    "name", ["fighters", '"detained.north"', '"camp_population.camp"', '"targets_per_month.south"']
)
def test_a_required_number_that_is_not_there(name: str) -> None:
    start = WORLD.index(f"[numbers.{name}]")
    end = WORLD.index("\n[", start) + 1
    with pytest.raises(UsageError, match="a world must state it"):
        read(WORLD[:start] + WORLD[end:])


# ---------------------------------------------------------------- faults of places and days


def test_places() -> None:
    assert "the zone 'norht' is not defined (did you mean north?); defined are north, south" in fault(
        'zone = "north"', 'zone = "norht"'
    )
    second = WORLD.splitlines().index('id = "south"') + 1
    assert f"line {second}, zones[2].id: the id north is given to two zones" in fault(
        'id = "south"', 'id = "north"', count=4
    )
    assert "use small letters, digits and _" in fault('id = "camp"', 'id = "A Camp"', count=3)
    assert "a seam of 'north' with itself" in fault('["north", "south"]', '["north", "north"]')
    assert "the zone 'east' is not defined" in fault('["north", "south"]', '["north", "east"]')
    assert "between is ['north']; name two zones" in fault('["north", "south"]', '["north"]')
    assert "the seam south/north is given twice" in fault(
        "[numbers.fighters]", '[[seams]]\nbetween = ["south", "north"]\n[numbers.fighters]'
    )
    assert "a camp lies in one of the zones" in fault('name = "A camp"\nzone = "north"', 'name = "A camp"')


def test_custody_outside_all_zones_is_allowed() -> None:
    assert read(WORLD.replace('zone = "north"\n\n[[camps]]', "\n[[camps]]")).systems[0].zone == ""


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ('as_of = "2025-02-30"', "as_of is '2025-02-30', no day of the calendar"),
        ("as_of = 20250630", "as_of is 20250630; write a day as as_of = 2026-02-13"),
        ("", "as_of is missing; write it as as_of = 2026-02-13"),
        (f"as_of = {date.today() + timedelta(days=1)}", "is in the future"),
    ],
)
def test_days_that_cannot_be(new: str, told: str) -> None:
    assert told in fault("as_of = 2025-06-30", new)


def test_thirtieth_of_february() -> None:
    with pytest.raises(
        UsageError, match=r"is no TOML \(Invalid date.*line 3.*there is no such day in the calendar"
    ):
        read(WORLD.replace("2025-06-30", "2025-02-30"))


def test_a_number_later_than_its_world_and_an_event_in_the_future() -> None:
    assert "2025-08-01 is after the world's own day, 2025-06-30" in fault(
        "as_of = 2025-05-01", "as_of = 2025-08-01"
    )
    tomorrow = date.today() + timedelta(days=1)
    assert "is in the future; an event is one that was" in fault("date = 2025-07-04", f"date = {tomorrow}")
    assert "no dated fact 'asad' is shipped" in fault("date = 2025-07-04", 'fact = "asad"\ndate = 2025-07-04')


def test_missing_and_unknown_fields() -> None:
    assert "name is missing; it is words" in fault('name = "small"\n', "")
    assert "titel: no such field (did you mean title?)" in fault("title =", "titel =", count=2)
    assert "fighters is 3; a number is a table" in fault(FIGHTERS, "[numbers]\nfighters = 3\n")


@pytest.mark.parametrize(
    ("line", "told"), [("zones = 3", "zones is 3; write each as a table"), ("numbers = 3", "numbers is 3")]
)
def test_tables_that_are_none(line: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(line)
    assert told in str(caught.value)


def test_names_that_would_mislead() -> None:
    assert "feb2026 is the name of a shipped world, which differs" in fault(
        'name = "small"', 'name = "feb2026"'
    )
    assert "got the name '../x'; use letters, digits" in fault('name = "small"', 'name = "../x"')


def test_words_hold_nothing_a_terminal_would_act_on() -> None:
    assert read(WORLD.replace("Two zones", "Two\\u001b[31m\\n zones")).title == "Two[31m zones"


def test_all_faults_come_in_one_message_in_the_order_of_the_file() -> None:
    text = (
        WORLD.replace("high = 3000", "high = 300")
        .replace('kind = "D"', 'kind = "Z"')
        .replace("2025-07-04", '"soon"')
    )
    with pytest.raises(UsageError) as caught:
        read(text)
    lines = [int(n) for n in re.findall(r"line (\d+)", str(caught.value))]
    assert len(lines) == 4 and lines == sorted(lines)
    assert str(caught.value).startswith("w.toml cannot be used as a world, 4 faults:")
    for number, words in zip(lines, ("low = 1000", 'kind = "Z"', 'kind = "Z"', 'date = "soon"'), strict=True):
        assert text.splitlines()[number - 1] == words


# ---------------------------------------------------------------- what worlds never hold


@pytest.mark.parametrize(
    "more",
    ["lat = 35.1", "lon = 40.2", "coordinates = [35.1, 40.2]", 'site = "x"', 'route = "x"', "guards = 40", "guard_count = 4",
     'prison_site = "x"', 'layout = "x"'],
)  # fmt: skip
@pytest.mark.parametrize("where", ['id = "north"\nname = "Custody in the north"', "low = 1000"])
def test_detail_below_zones_is_refused(more: str, where: str) -> None:
    key = more.partition(" ")[0]
    message = fault(where, f"{where}\n{more}")
    assert f"'{key}' is not taken: worlds are zone-level, public and aggregate" in message


def test_coordinates_in_words_and_single_places_of_custody_are_refused() -> None:
    assert "this looks like coordinates" in fault('"The north"', '"The north (36.5012, 40.7471)"')
    more = '"The north", see 1.25, 3.40 and 0.07'
    assert read(WORLD.replace('title = "Two zones"', f"title = '{more}'")).title == more
    assert "'prison' names a single place" in fault('"Custody in the north"', '"The old prison"')
    assert "zone-level, public and aggregate" in fault(
        "numbers.fighters]", 'numbers."guards.north"]', count=3
    )


def test_the_models_own_names_are_not_taken_for_detail() -> None:
    more = assumed("guard_effect", 0.1, 0.5, "log rate")
    assert read(f"{WORLD}\n{more}").numbers["guard_effect"].high == 0.5


# ---------------------------------------------------------------- what is no world at all


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "is empty; a world needs name"),
        (b" \n\n", "is empty"),
        (bytes(range(256)), "is no text (byte 129 is not UTF-8)"),
        (b"\x00\x01\x02", "is no TOML"),
        (b"[[zones]\n", "is no TOML"),
        (b'name = "a"\nname = "b"', "is no TOML"),
        (b"x = " + b"[" * 20_000, "is no TOML"),
        (b"#" * 1_000_001, "is larger than 1 MB"),
        (b"a = 1", "a: no such field"),
    ],
)
def test_files_that_are_no_world(body: bytes, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_world(body, "w.toml")
    assert told in str(caught.value)


def test_a_mark_of_byte_order_is_no_fault() -> None:
    assert read_world(b"\xef\xbb\xbf" + WORLD.encode(), "w.toml").name == "small"


def test_a_folder_and_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_world(tmp_path)


def test_too_many_places() -> None:
    zones = "".join(f'[[zones]]\nid = "z{n}"\nname = "z"\n' for n in range(41))
    with pytest.raises(UsageError, match="there are 43 zones; at most 40"):
        read(WORLD.replace('[[zones]]\nid = "north"', f'{zones}[[zones]]\nid = "north"'))


VALUES = st.one_of(
    st.text(max_size=8).map(lambda t: '"' + t.encode("unicode_escape").decode().replace('"', "'").replace("\\", "/") + '"'),
    st.integers().map(str), st.floats().map(lambda x: str(x)), st.booleans().map(lambda b: str(b).lower()),
    st.dates().map(str), st.sampled_from(["[]", "[1, 2]", "{}", "{low = 1}", '["north", "south"]', '"persons"', '"S"']),
    st.just("1e400"),
)  # fmt: skip
KEYS = st.sampled_from(
    ["name", "title", "as_of", "id", "zone", "between", "low", "high", "median", "distribution", "unit", "kind", "source",
     "source_url", "note", "figure", "claimed_by_article", "fact", "date", "what", "figures", "lat", "zones", "numbers", "x"]
)  # fmt: skip
HEADS = st.sampled_from(
    ["[[zones]]", "[[custody]]", "[[camps]]", "[[seams]]", "[[events]]", "[[claims]]", "[numbers]", "[numbers.fighters]",
     '[numbers."detained.north"]', '[numbers."a/b"]', "[numbers.coordination]", "[zones]", "[[numbers]]", "[x.y.z]"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(HEADS, st.tuples(KEYS, VALUES).map(" = ".join)), max_size=12), st.booleans())
def test_any_lines_end_in_a_world_or_in_a_message(lines: list[str], after: bool) -> None:
    text = "\n".join(lines)
    try:
        read(f"{WORLD}\n{text}" if after else text)
    except AfterstrikeError as problem:
        assert str(problem)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_of_a_line_ends_in_a_world_or_in_a_message(data: st.DataObject) -> None:
    lines = WORLD.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].partition(" = ")[0]
        lines[at] = data.draw(
            st.one_of(VALUES.map(lambda v, key=key: f"{key} = {v}"), st.just(""), st.text(max_size=12))
        )
    try:
        made = read("\n".join(lines))
    except AfterstrikeError as problem:
        assert str(problem)
    else:
        assert made.draw(3)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_message(body: bytes) -> None:
    with pytest.raises(AfterstrikeError):
        read_world(body, "w.toml")


@pytest.mark.parametrize("areas", ['"SYR"', '["Syria"]', "[1]", '["syr"]'])
def test_areas_are_country_codes(areas: str, tmp_path: Path) -> None:
    """Three capital letters each, in a list."""
    text = re.sub(r"(?m)^areas = .*$", f"areas = {areas}", world_text("feb2026")).replace(
        '"feb2026"', '"mine"', 1
    )
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"areas.*ISO 3166"):
        load_world(path)
    assert load_world("feb2026").areas == ("SYR", "IRQ")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("zones", 'id = "x"\nname = "Somewhere prison"'),
        ("zones", 'id = "x"\nname = "Old checkpoint"'),
        ("zones", 'id = "x"\nname = "35.9N 38.6E"'),
        ("custody", 'id = "old_prison"\nname = "Custody"\nzone = "north"'),
        ("camps", 'id = "x"\nname = "Annex 5"\nzone = "north"'),
    ],
)
def test_single_places_are_refused(table: str, row: str) -> None:
    """A name or an id that says it is one place."""
    with pytest.raises(UsageError, match=r"single place|coordinates"):
        read_world(f"{WORLD}\n[[{table}]]\n{row}\n".encode(), "test.toml")


def test_the_group_is_words_and_may_be_left_out(tmp_path: Path) -> None:
    text = world_text("feb2026").replace('name = "feb2026"', 'name = "mine"', 1)
    for line, group in (('group = "Another group"', "Another group"), ("", "")):
        (tmp_path / "mine.toml").write_text(text.replace('group = "IS"', line), encoding="utf-8")
        assert load_world(tmp_path / "mine.toml").group == group
    (tmp_path / "mine.toml").write_text(text.replace('group = "IS"', "group = 3"), encoding="utf-8")
    with pytest.raises(UsageError, match="group is 3; it is words"):
        load_world(tmp_path / "mine.toml")
