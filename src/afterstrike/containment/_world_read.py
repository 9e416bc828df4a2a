"""Reads the TOML of a world and checks it: all faults are gathered, each with its place."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from afterstrike.errors import UsageError

from ._parameters import NAMES, Parameter, Scope, parameters
from ._quantity import Quantity
from ._world_faults import Faults, Path_, did_you_mean, shown
from ._world_fields import day, find_figure, keys_of, text_of
from ._world_forbidden import refuse_detail
from ._world_number import read_quantity

if TYPE_CHECKING:
    from ._world import Place, World, WorldClaim, WorldEvent

__all__ = ["read_quantity", "read_world"]

_TOP = (
    "name",
    "title",
    "as_of",
    "areas",
    "group",
    "note",
    "zones",
    "custody",
    "camps",
    "seams",
    "numbers",
    "events",
    "claims",
)
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_AREA = re.compile(r"[A-Z]{3}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_MOST_BYTES = 1_000_000
_MOST_PLACES = 40


def read_world(body: bytes, where: str) -> World:
    """Read the bytes of a world file; `where` names it in messages. See `load_world`."""
    from ._world import World

    data, faults = _parse(body, where)
    refuse_detail(data, faults)
    keys = keys_of(data, _TOP, (), faults)
    as_of = day(keys, "as_of", (), faults, is_needed=True) or date.today()
    if as_of > date.today():
        faults.say(
            ("as_of",),
            f"{as_of} is in the future (today is {date.today()}); a world describes a day that was",
        )
    zones = _places(keys, "zones", faults, None)
    if not zones:
        faults.say(("zones",), "there is no zone; give at least one [[zones]] with id and name")
    ids = [zone.id for zone in zones]
    world = World(
        name=text_of(keys, "name", (), faults),
        title=text_of(keys, "title", (), faults),
        as_of=as_of,
        areas=_areas(keys, faults),
        group=text_of(keys, "group", (), faults, default=""),
        note=text_of(keys, "note", (), faults, default=""),
        zones=zones,
        systems=_places(keys, "custody", faults, ids),
        camps=_places(keys, "camps", faults, ids),
        seams=_seams(keys, ids, faults),
        numbers={},
        own=frozenset(),
        events=_events(keys, faults),
        sha256=hashlib.sha256(body).hexdigest(),
        claims=_claims(keys, faults),
    )
    _check_name(world, faults)
    own, stated = _numbers(keys, world, faults)
    numbers = _with_defaults(own, stated, world, faults)
    _check_shares(numbers, own, world, faults)
    faults.stop_if_any(where)
    return replace(world, numbers=numbers, own=frozenset(own))


def _check_name(world: World, faults: Faults) -> None:
    """A name stands on every output and in names of files; one that is shipped means the shipped world."""
    from ._world import shipped_body, worlds

    if world.name and not _NAME.fullmatch(world.name):
        faults.say(("name",), f"got the name {shown(world.name)}; use letters, digits, _ and -, at most 40")
    if world.name in worlds() and hashlib.sha256(shipped_body(world.name)).hexdigest() != world.sha256:
        faults.say(
            ("name",), f"{world.name} is the name of a shipped world, which differs; give yours another"
        )


def _areas(keys: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    """The countries the zones lie in, which say what articles and figures the world is about."""
    areas = keys.get("areas", [])
    if not isinstance(areas, list) or not all(isinstance(one, str) and _AREA.fullmatch(one) for one in areas):
        faults.say(
            ("areas",), f'areas is {shown(areas)}; write ISO 3166 codes of three letters, as ["SYR", "IRQ"]'
        )
        return ()
    return tuple(dict.fromkeys(areas))


def _parse(body: bytes, where: str) -> tuple[dict[str, Any], Faults]:
    if len(body) > _MOST_BYTES:
        raise UsageError(
            f"{where} is larger than {_MOST_BYTES / 1e6:g} MB, more than a world has; give another file"
        )
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UsageError(
            f"{where} is no text (byte {problem.start + 1} is not UTF-8); a world is a TOML file, see docs/worlds.md"
        ) from None
    if not text.strip():
        raise UsageError(
            f"{where} is empty; a world needs name, title, as_of, zones and numbers, see docs/worlds.md"
        )
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        said = str(problem).split("\n")[0][:200]
        hint = "; there is no such day in the calendar" if "Invalid date" in said else ""
        raise UsageError(f"{where} is no TOML ({said}{hint}); mend that line, see docs/worlds.md") from None
    return data, Faults(text)


def _tables(keys: Mapping[str, Any], name: str, faults: Faults) -> list[tuple[Path_, dict[str, Any]]]:
    """Give the tables of [[name]]; anything else is a fault."""
    value = keys.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        faults.say((name,), f"{name} is {shown(value)}; write each as a table [[{name}]]")
        return []
    if len(value) > _MOST_PLACES and name not in ("events", "claims"):
        faults.say((name,), f"there are {len(value)} {name}; at most {_MOST_PLACES}: a world is aggregate")
        return []
    return [((name, number), one) for number, one in enumerate(value)]


def _places(keys: Mapping[str, Any], name: str, faults: Faults, zones: list[str] | None) -> tuple[Place, ...]:
    from ._world import Place

    found: dict[str, Place] = {}
    fields = ("id", "name") if zones is None else ("id", "name", "zone")
    for path, table in _tables(keys, name, faults):
        row = keys_of(table, fields, path, faults)
        place = Place(text_of(row, "id", path, faults), text_of(row, "name", path, faults),
                      text_of(row, "zone", path, faults, default="", may_be_empty=True))  # fmt: skip
        if place.id and not _ID.fullmatch(place.id):
            faults.say(
                (*path, "id"),
                f"got the id {shown(place.id)}; use small letters, digits and _, such as ne_syria",
            )
        if place.id in found and place.id:
            faults.say((*path, "id"), f"the id {place.id} is given to two {name}; each has its own")
        if zones is not None and place.zone and place.zone not in zones:
            faults.say(
                (*path, "zone"),
                f"the zone {shown(place.zone)} is not defined{did_you_mean(place.zone, zones)}; "
                f"defined are {', '.join(zones) or 'none'}",
            )
        if name == "camps" and not place.zone:
            faults.say(path, "zone is missing; a camp lies in one of the zones")
        found[place.id] = place
    return tuple(found.values())


def _seams(keys: Mapping[str, Any], zones: list[str], faults: Faults) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for path, table in _tables(keys, "seams", faults):
        between = keys_of(table, ("between",), path, faults).get("between")
        if (
            not isinstance(between, list)
            or len(between) != 2
            or not all(isinstance(one, str) for one in between)
        ):
            faults.say(
                (*path, "between"), f'between is {shown(between)}; name two zones, as ["ne_syria", "iraq"]'
            )
            continue
        for one in between:
            if one not in zones:
                faults.say(
                    (*path, "between"),
                    f"the zone {shown(one)} is not defined{did_you_mean(one, zones)}; defined are {', '.join(zones)}",
                )
        pair = (between[0], between[1])
        if pair[0] == pair[1]:
            faults.say(
                (*path, "between"), f"a seam of {shown(pair[0])} with itself; a seam lies between two zones"
            )
        elif set(pair) in [set(other) for other in found]:
            faults.say((*path, "between"), f"the seam {pair[0]}/{pair[1]} is given twice; keep one")
        else:
            found.append(pair)
    return tuple(found)


def _events(keys: Mapping[str, Any], faults: Faults) -> tuple[WorldEvent, ...]:
    from ._world import WorldEvent

    found = []
    for path, table in _tables(keys, "events", faults):
        row = keys_of(table, ("date", "what", "source", "source_url", "fact"), path, faults)
        fact = _fact(row, path, faults)
        when = day(row, "date", path, faults, is_needed=fact is None) or (fact.date if fact else None)
        if when and when > date.today():
            faults.say((*path, "date"), f"{when} is in the future; an event is one that was")
        event = WorldEvent(
            date=when or date.min,
            what=text_of(row, "what", path, faults, default=fact.statement if fact else None),
            source=text_of(row, "source", path, faults, default=fact.source if fact else None),
            source_url=text_of(row, "source_url", path, faults, default=(fact and fact.source_url) or ""),
        )
        found.append(event)
    return tuple(sorted(found, key=lambda event: event.date))


def _fact(row: Mapping[str, Any], path: Path_, faults: Faults) -> Any:
    from afterstrike.record.shipped import facts

    if "fact" not in row:
        return None
    name, known = text_of(row, "fact", path, faults), {fact.fact_id: fact for fact in facts()}
    if name and name not in known:
        faults.say((*path, "fact"), f"no dated fact {shown(name)} is shipped{did_you_mean(name, known)}")
    return known.get(name)


def _claims(keys: Mapping[str, Any], faults: Faults) -> tuple[WorldClaim, ...]:
    from ._world import WorldClaim

    found = []
    for path, table in _tables(keys, "claims", faults):
        row = keys_of(table, ("what", "claimed", "figures", "note"), path, faults)
        names = row.get("figures", [])
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            faults.say(
                (*path, "figures"), f"figures is {shown(names)}; it is a list of ids of shipped figures"
            )
            names = []
        published = [find_figure(one, (*path, "figures"), faults) for one in names]
        found.append(
            WorldClaim(
                what=text_of(row, "what", path, faults),
                claimed=text_of(row, "claimed", path, faults),
                published=tuple(_in_words(one) for one in published if one),
                note=text_of(row, "note", path, faults, default=""),
            )
        )
    return tuple(found)


def _in_words(figure: Any) -> str:
    size = f"{figure.value:,.0f}" if figure.value is not None else f"{figure.low:,.0f} to {figure.high:,.0f}"
    before = {"over": "more than ", "under": "fewer than ", "about": "about "}.get(figure.approx, "")
    span = str(figure.period_end)
    if figure.period_start != figure.period_end:
        span = f"{figure.period_start} to {figure.period_end}"
    return f"{before}{size} {figure.unit}, {span} ({figure.origin}; {figure.source})"


def _numbers(keys: Mapping[str, Any], world: World, faults: Faults) -> tuple[dict[str, Quantity], set[str]]:
    """Give the numbers that are without fault, and the names of all that are stated."""
    table = keys.get("numbers", {})
    if not isinstance(table, dict):
        faults.say(
            ("numbers",), f'numbers is {shown(table)}; write each as a table [numbers."detained.ne_syria"]'
        )
        return {}, set()
    found: dict[str, Quantity] = {}
    stated: set[str] = set()
    for path, name, row in _flat(table):
        parameter = _known(name, path, world, faults)
        if not isinstance(row, dict):
            faults.say(
                path, f"{name} is {shown(row)}; a number is a table with low, high, unit, kind and source"
            )
        elif parameter:
            if name in stated:
                faults.say(path, f"{name} is given twice, with and without quotes; keep one")
            number = read_quantity(name, row, parameter, path, faults, world.as_of)
            if number:
                found[name] = number
        stated.add(name)
    return found, stated


def _flat(table: Mapping[str, Any]) -> Iterable[tuple[Path_, str, Any]]:
    """Give each number with its name; [numbers.detained.ne_syria] is the same as with quotes."""
    for key, value in table.items():
        if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
            for place, row in value.items():
                yield ("numbers", key, place), f"{key}.{place}", row
        else:
            yield ("numbers", key), key, value


def _known(name: str, path: Path_, world: World, faults: Faults) -> Parameter | None:
    """Give the parameter of a full name; a name or place that is not known is a fault."""
    bare, _, place = name.partition(".")
    parameter = parameters().get(bare)
    if parameter is None:
        faults.say(
            path,
            f"no number is called {shown(bare)}{did_you_mean(bare, parameters())}; docs/worlds.md lists them",
        )
        return None
    places = world.places(parameter.scope)
    if parameter.scope == "world":
        if not place:
            return parameter
        faults.say(path, f"{bare} is one number for the whole world; leave out .{place[:60]}")
        return None
    if place in places:
        return parameter
    if parameter.scope == "seam" and "/".join(reversed(place.split("/"))) in places:
        faults.say(
            path,
            f"this seam is written {'/'.join(reversed(place.split('/')))} above; use the same order here",
        )
        return None
    what = (
        f"there is no {parameter.scope} {shown(place)}{did_you_mean(place, places)}"
        if place
        else "it has no place"
    )
    faults.say(
        path,
        f"{bare} is a number of one {parameter.scope}: {what}; defined are {', '.join(places) or 'none'}",
    )
    return None


def _with_defaults(
    own: Mapping[str, Quantity], stated: set[str], world: World, faults: Faults
) -> dict[str, Quantity]:
    """Give every number in the order of the layout; one that is required and not stated is a fault."""
    found: dict[str, Quantity] = {}
    for scope, names in NAMES.items():
        for bare in names:
            parameter = parameters()[bare]
            places = ("",) if scope == "world" else world.places(cast(Scope, scope))
            for place in places:
                name = f"{bare}.{place}" if place else bare
                number = own.get(name) or parameter.default_at(name)
                if number:
                    found[name] = number
                elif parameter.is_required and name not in stated:
                    faults.say(
                        ("numbers", name),
                        f"a world must state it ({parameter.meaning}, in {parameter.unit}), with its source",
                    )
    return found


def _check_shares(
    numbers: Mapping[str, Quantity], own: Mapping[str, Quantity], world: World, faults: Faults
) -> None:
    """Shares of fighters must be able to add to one, and those of a camp's children stay within it."""
    shares = [
        numbers[f"fighters_share.{zone.id}"] for zone in world.zones if f"fighters_share.{zone.id}" in numbers
    ]
    stated = [share for share in shares if share.name in own]
    least, most = sum(share.low for share in shares), sum(share.high for share in shares)
    if stated and (least > 1 + 1e-9 or (most < 1 - 1e-9)):
        faults.say(
            ("numbers", stated[0].name),
            f"the shares of fighters of all zones add to between {least:.3g} and {most:.3g}; no draw can add to one",
        )
    for camp in world.camps:
        ages = [numbers.get(f"camp_under12_share.{camp.id}"), numbers.get(f"camp_12to17_share.{camp.id}")]
        total = sum(age.high for age in ages if age)
        if total > 1 + 1e-9:
            faults.say(
                ("numbers", f"camp_under12_share.{camp.id}"),
                f"the shares below 12 and from 12 to 17 add to as much as {total:.3g}; together they are at most 1",
            )
