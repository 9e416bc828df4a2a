"""`afterstrike world`: the dated worlds of the containment model; each verb is one call of the library."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._world_calibrate import calibrate
from .record import json_option

if TYPE_CHECKING:
    from afterstrike.containment import Quantity, World

__all__ = ["world"]

_EPILOG = """Worlds are zone-level, public and aggregate. A world that is a past state says so: compare its day with
today's before you use it.

Example: afterstrike world show feb2026"""


@click.group(epilog=_EPILOG)
def world() -> None:
    """Look at dated worlds, and check your own.

    A world holds the state on one day, each number a range with its source.
    """


world.add_command(calibrate)


@world.command("list")
@json_option
def list_worlds(as_json: bool) -> None:
    """List the worlds that ship with the package, the latest first."""
    from afterstrike.containment import balance_of, load_world, worlds

    today = date.today()
    found = sorted((load_world(name) for name in worlds()), key=lambda one: one.as_of, reverse=True)
    if as_json:
        rows = [
            {"world": one.name, "as_of": one.as_of.isoformat(), "age_days": one.age_days(today), "title": one.title,
             "fighters": _span(one, "fighters"), "detained": _span(one, "detained"),
             "camp_population": _span(one, "camp_population")}
            for one in found
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    _print_table(
        ("world", "as of", "days old", "fighters", "detained", "in camps"),
        [
            (one.name, one.as_of.isoformat(), f"{one.age_days(today):,}",
             *(_in_words(_span(one, name)) for name in ("fighters", "detained", "camp_population")))
            for one in found
        ],
    )  # fmt: skip
    for one in found:
        claimed = balance_of(one).claimed
        marked = f" ({claimed} of its numbers claimed by the article)" if claimed else ""
        click.echo(f"{one.name}: {one.title}{marked}")
    click.echo(
        "Ranges add the 5 % and 95 % points over places. `afterstrike world show NAME` tells the sources."
    )


@world.command()
@click.argument("name", metavar="NAME")
@json_option
@click.option(
    "--csv", "csv", metavar="FILE", type=click.Path(path_type=Path), help="Write the numbers to FILE as CSV."
)
@click.option("--toml", is_flag=True, help="Print the file itself, to begin your own from.")
@click.option("--notes", is_flag=True, help="Show why each range is as it is.")
def show(name: str, as_json: bool, csv: Path | None, toml: bool, notes: bool) -> None:
    """Show a world: every number with its range, source and day.

    NAME is a shipped world or a file. The world's own numbers come first. S marks what is assumed.
    """
    from afterstrike.containment import load_world, world_as_dict, world_text

    if toml:
        click.echo(world_text(name), nl=False)
        return
    shown, today = load_world(name), date.today()
    if csv:
        _write_csv(shown, today, csv)
    if as_json:
        click.echo(json.dumps(world_as_dict(shown, today), ensure_ascii=False, indent=2))
        return
    _print_head(shown, today)
    own = [number for number in shown.numbers.values() if number.name in shown.own]
    rest = [number for number in shown.numbers.values() if number.name not in shown.own]
    _print_numbers("Set by this world", own, notes)
    _print_numbers("Defaults of the model", rest, notes)
    _print_rest(shown)
    click.echo(f"\n{_sentence(shown.stamp(today))}")


@world.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.pass_context
def check(ctx: click.Context, files: Sequence[str]) -> None:
    """Say whether each FILE can be used, and what its numbers rest on.

    Exit status 2 where any has faults; all of them are named with their lines.
    """
    from afterstrike.containment import balance_of, load_world
    from afterstrike.errors import AfterstrikeError

    today, is_bad = date.today(), False
    for name in files:
        try:
            found = load_world(name)
        except AfterstrikeError as problem:
            click.echo(str(problem), err=True)
            is_bad = True
            continue
        click.echo(f"{name} can be used: {found.stamp(today)}. {balance_of(found).in_words()}.")
    if is_bad:
        ctx.exit(2)


def _span(one: World, name: str) -> tuple[float, float] | None:
    """Give the lows and the highs of a number added over its places; None where the world has none."""
    found = [number for full, number in one.numbers.items() if full.partition(".")[0] == name]
    return (sum(n.low for n in found), sum(n.high for n in found)) if found else None


def _in_words(span: tuple[float, float] | None) -> str:
    if span is None:
        return "none stated"
    return _short(span[0]) if span[0] == span[1] else f"{_short(span[0])}–{_short(span[1])}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _print_head(shown: World, today: date) -> None:
    from afterstrike.containment import balance_of

    click.echo(f"{shown.title}\n{_sentence(shown.stamp(today))}")
    if shown.note:
        click.echo(shown.note)
    for what, places in (("Zones", shown.zones), ("Custody", shown.systems), ("Camps", shown.camps)):
        listed = "; ".join(f"{p.id} ({p.name}{f', in {p.zone}' if p.zone else ''})" for p in places)
        click.echo(f"{what}: {listed or 'none'}")
    click.echo(f"Seams: {', '.join('/'.join(pair) for pair in shown.seams) or 'none'}")
    click.echo(_sentence(balance_of(shown).in_words()))


def _print_numbers(title: str, numbers: Sequence[Quantity], notes: bool) -> None:
    from afterstrike.containment import parameters

    known = parameters()
    for group in dict.fromkeys(row.group for row in sorted(known.values(), key=lambda row: row.group_order)):
        held = [n for n in numbers if known[n.name.partition(".")[0]].group == group]
        if not held:
            continue
        click.echo(f"\n{title}: {group}")
        columns = ("number", "low", "median", "high", "unit", "kind", "as of", "source")
        rows = [
            (n.name, _short(n.low), _short(n.middle), _short(n.high), n.unit, _kind(n),
             n.as_of.isoformat() if n.as_of else "", _source(n), *((n.note,) if notes else ()))
            for n in held
        ]  # fmt: skip
        _print_table((*columns, "note") if notes else columns, rows)


def _kind(number: Quantity) -> str:
    if number.claimed_by_article:
        return "claimed by article"
    return "S assumed" if number.is_assumption else number.kind


def _source(number: Quantity) -> str:
    return "" if number.kind == "S" and not number.claimed_by_article else number.source


def _print_rest(shown: World) -> None:
    """Print the claims beside what was published, and the events before and after the world's day."""
    for claim in shown.claims:
        note = f" {_sentence(claim.note)}" if claim.note else ""
        click.echo(f"\nClaimed by article, {claim.what}: {claim.claimed}.{note}")
        for line in claim.published or ("nothing shipped to set beside it",):
            click.echo(f"  published: {line}")
    parts = (
        ("What led here", [event for event in shown.events if event.date <= shown.as_of]),
        (
            "Since then, and not in these numbers",
            [event for event in shown.events if event.date > shown.as_of],
        ),
    )
    for title, events in parts:
        if events:
            click.echo(f"\n{title}:")
        for event in events:
            click.echo(f"  {event.date}  {event.what} ({event.source})")


def _print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table as wide as the terminal; words are broken over lines, numbers and days never cut."""
    from rich.console import Console
    from rich.table import Table

    held = list(rows)
    table = Table(box=None, pad_edge=False, header_style="bold")
    least = 0
    for at, name in enumerate(columns):
        is_long = name in ("source", "note")
        width = 28 if is_long else max(len(name), *(len(row[at]) for row in held))
        least += width + 2
        side = "right" if name in ("low", "median", "high", "days old") else "left"
        table.add_column(name, justify=side, overflow="fold", no_wrap=not is_long, min_width=width)  # type: ignore[arg-type]
    for row in held:
        table.add_row(*row)
    console = Console(markup=False, highlight=False)
    console.width = max(console.width, least) if sys.stdout.isatty() else 10_000
    console.print(table)


def _write_csv(shown: World, today: date, path: Path) -> None:
    from afterstrike.errors import UsageError

    frame: Any = shown.to_frame()
    frame = frame.assign(world=shown.name, world_as_of=shown.as_of, world_age_days=shown.age_days(today))
    try:
        frame.to_csv(path, index=False)
    except OSError as problem:
        raise UsageError(
            f"{path} cannot be written ({problem.strerror or problem}); name a file in a folder that is there"
        ) from None
    click.echo(f"Wrote {len(frame)} numbers to {path}", err=True)
