"""`afterstrike fetch`: one verb a publisher, each a thin call of the publisher of the same name."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from afterstrike.sources import Archive
    from afterstrike.sources.publishers import Delivery, Publisher, Request, Tell

__all__ = ["fetch"]

Function = TypeVar("Function", bound=Callable[..., Any])
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
record_option = click.option(
    "--record", "record_path", envvar="AFTERSTRIKE_RECORD", type=click.Path(path_type=Path),
    help="The record that the data are for; the archive lies beside it. Default: $AFTERSTRIKE_RECORD.",
)  # fmt: skip
out_option = click.option(
    "-o", "--out", "folder", type=click.Path(path_type=Path, file_okay=False), default="afterstrike-data",
    show_default=True, help="Folder for the files; without --record also for the archive.",
)  # fmt: skip
country_option = click.option(
    "--country", "countries", multiple=True, metavar="ISO3", help="SYR, or a name; may be repeated."
)
_DAY = click.DateTime(["%Y-%m-%d"])
period_options = (
    click.option("--from", "date_from", type=_DAY, metavar="YYYY-MM-DD", help="First day, inclusive."),
    click.option("--to", "date_to", type=_DAY, metavar="YYYY-MM-DD", help="Last day, inclusive."),
)
version_option = click.option(
    "--version", metavar="RELEASE", help="Release, as the publisher writes it. Default: the newest."
)


def common_options(function: Function) -> Function:
    """Add the options that every publisher has."""
    options = [
        out_option,
        record_option,
        click.option("--dry-run", is_flag=True, help="Say what would be asked, without asking."),
        click.option(
            "--interval", type=click.FloatRange(min=0.0), default=1.0, show_default=True, metavar="SECONDS",
            help="Least time between two requests to one host.",
        ),
        click.option(
            "--base-url", metavar="URL",
            help="A mirror in place of the publisher's server. Default: $AFTERSTRIKE_<NAME>_BASE, e.g. "
            "AFTERSTRIKE_GED_BASE.",
        ),
        json_option,
    ]  # fmt: skip
    return _with(*options)(function)


def _with(*options: Callable[[Any], Any]) -> Callable[[Function], Function]:
    """Add options in the order in which they are given."""

    def add(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return add


@click.group()
def fetch() -> None:
    """Get event data, boundaries, places, pages and feeds.

    Every answer is archived once as it came, with its address, time, licence and citation. A broken-off fetch
    goes on where it stopped when the same command is given again.

    Example: afterstrike fetch boundaries --country SYR
    """


@fetch.command()
@_with(country_option, *period_options, version_option)
@common_options
def ged(**options: Any) -> None:
    """UCDP's Georeferenced Event Dataset, a yearly release.

    With UCDP_ACCESS_TOKEN set and a country or days given, UCDP's API is asked; otherwise the whole file is
    got and cut here.
    """
    _run("ged", options)


@fetch.command("ged-candidate")
@_with(country_option, *period_options, version_option)
@common_options
def ged_candidate(**options: Any) -> None:
    """UCDP's candidate events, released monthly.

    --version is a month such as 26.0.8, or several, such as 26.01.26.06.
    """
    _run("ged-candidate", options)


@fetch.command()
@_with(country_option, *period_options)
@common_options
def acled(**options: Any) -> None:
    """ACLED's events, with your own account.

    Set ACLED_USERNAME and ACLED_PASSWORD, or ACLED_TOKEN. They are written nowhere.
    """
    _run("acled", options)


@fetch.command()
@_with(
    country_option,
    *period_options,
    click.option("--all", "everything", is_flag=True, help="Every kind of event, not only violence."),
)
@common_options
def gdelt(**options: Any) -> None:
    """GDELT 2.0 events of a period; without --from, of the newest 15 minutes.

    A machine codes them from the news. A day is 96 files; files got before are not asked for again.
    """
    _run("gdelt", options)


@fetch.command()
@_with(country_option, *period_options)
@common_options
def airwars(**options: Any) -> None:
    """Airwars' incidents of civilian harm.

    Codes, counts, dates and places; no narratives and no lists of victims.
    """
    _run("airwars", options)


@fetch.command()
@_with(
    country_option,
    click.option(
        "--level", type=click.IntRange(0, 5), default=1, show_default=True, help="0 is the country."
    ),
)
@common_options
def boundaries(**options: Any) -> None:
    """Boundaries of a country's divisions, from geoBoundaries, as GeoJSON."""
    _run("boundaries", options)


@fetch.command()
@_with(country_option)
@common_options
def geonames(**options: Any) -> None:
    """Place names of a country, from GeoNames, for --gazetteer."""
    _run("geonames", options)


@fetch.command()
@click.argument("address")
@common_options
def url(**options: Any) -> None:
    """Any web ADDRESS, archived and written to a file."""
    _run("url", options)


@fetch.command()
@click.argument("address")
@common_options
def feed(**options: Any) -> None:
    """The items of an RSS or Atom feed at ADDRESS, one JSON object a line."""
    _run("feed", options)


@fetch.command()
@click.option("--address", help="Only this address.")
@out_option
@record_option
@json_option
def log(address: str | None, folder: Path, record_path: Path | None, as_json: bool) -> None:
    """List what the archive holds, the oldest first."""
    found = _archive(folder, record_path, read_only=True).fetches(address)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one.number}  {one.retrieved_at}  {one.status}  {one.size:,} bytes  {one.sha256}")
        click.echo(f"  {one.address}" + (f"  licence: {one.licence}" if one.licence else ""))
    if not found:
        _say_empty(address)


@fetch.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--address", help="Only this address.")
@out_option
@record_option
@json_option
def warc(path: Path, address: str | None, folder: Path, record_path: Path | None, as_json: bool) -> None:
    """Write the archive to a WARC file, PATH, e.g. strikes.warc.gz."""
    written = _archive(folder, record_path, read_only=True).export_warc(path, address=address)
    answer = {"path": str(path), "retrievals": written}
    click.echo(json.dumps(answer) if as_json else f"{path}: {written:,} retrievals")
    if not written:
        _say_empty(address)


def _say_empty(address: str | None) -> None:
    from afterstrike.sources._address import redact

    of = f" of {redact(address)}" if address is not None else ""
    click.echo(
        f"The archive holds nothing{of}; `afterstrike fetch url ADDRESS` puts something into it", err=True
    )


def _run(name: str, options: dict[str, Any]) -> None:
    """Ask one publisher, and say what came and what to do next."""
    from afterstrike.sources.publishers import publisher

    found = publisher(name)
    request = _request(name, options)
    asked = found.plan(request)
    if options["dry_run"]:
        _say_plan(found, asked, options["as_json"])
        return
    from afterstrike.sources import WebFetcher, typed_private

    archive = _archive(options["folder"], options["record_path"])
    typed = typed_private(request.base or request.address or "")
    with (
        _progress(found.title) as tell,
        WebFetcher(archive, allow_private=typed, min_interval_seconds=options["interval"]) as web,
    ):
        options["folder"].mkdir(parents=True, exist_ok=True)
        delivery = found.fetch(request, web, options["folder"], tell)
    _say_delivery(delivery, options)


def _request(name: str, options: dict[str, Any]) -> Request:
    """Collect what is asked for."""
    from afterstrike.errors import UsageError
    from afterstrike.sources.publishers import Request

    first, last = _day(options.get("date_from")), _day(options.get("date_to"))
    if first is not None and last is not None and first > last:
        raise UsageError(f"--from {first} is after --to {last}; give the earlier day first")
    variable = f"AFTERSTRIKE_{name.upper().replace('-', '_')}_BASE"
    base = options["base_url"] or os.environ.get(variable) or None
    return Request(
        countries=tuple(options.get("countries", ())),
        date_from=first,
        date_to=last,
        version=options.get("version"),
        level=options.get("level", 1),
        address=options.get("address"),
        everything=options.get("everything", False),
        base=base.rstrip("/") if base else None,
    )


def _day(value: datetime | None) -> date | None:
    return value.date() if value is not None else None


def _archive(folder: Path, record_path: Path | None, *, read_only: bool = False) -> Archive:
    """Open the archive beside the record, or the one in the folder of the files."""
    from afterstrike.errors import UsageError
    from afterstrike.sources import Archive, archive_of

    place = archive_of(record_path) if record_path is not None else folder / "archive"
    if read_only and record_path is not None and not record_path.exists() and not place.exists():
        raise UsageError(
            f"there is no record {record_path} and no archive {place} beside it; check --record, or fetch "
            "something for it first"
        )
    return Archive(place, read_only=read_only)


def _say_plan(found: Publisher, asked: Sequence[str], as_json: bool) -> None:
    keys = {name: bool(os.environ.get(name)) for name in found.environment}
    if as_json:
        answer = {
            "would_ask": list(asked), "licence": found.licence, "citation": found.citation, "keys_set": keys
        }  # fmt: skip
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    click.echo(f"{found.title}. Licence: {found.licence}. Would ask:")
    for address in asked:
        click.echo(f"  {address}")
    for name, is_set in keys.items():
        click.echo(f"  key {name}: {'set' if is_set else 'not set'}")


def _say_delivery(delivery: Delivery, options: dict[str, Any]) -> None:
    """Print terms and files; the last line is the command that comes next."""
    record_path = options["record_path"]
    following = delivery.next_command.replace("FILE", shlex.quote(str(delivery.files[0])))
    following = following.replace("RECORD", shlex.quote(str(record_path or "events.duckdb")))
    if options["as_json"]:
        answer = {
            "files": [str(path) for path in delivery.files], "rows": delivery.rows, "licence": delivery.licence,
            "citation": delivery.citation, "notes": list(delivery.notes), "next": following,
        }  # fmt: skip
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    click.echo(f"Licence: {delivery.licence}")
    click.echo(f"Cite: {delivery.citation}")
    for note in delivery.notes:
        click.echo(f"Note: {note}")
    rows = f", {delivery.rows:,} rows" if delivery.rows is not None else ""
    for path in delivery.files:
        click.echo(f"Written: {path}" + (rows if len(delivery.files) == 1 else ""))
    click.echo(f"Next: {following}")


@contextmanager
def _progress(title: str) -> Iterator[Tell]:
    """Show how far a fetch is, on stderr and on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda what, done, whole: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, count="")

        def tell(what: str, done: int, whole: int | None) -> None:
            count = f"{done:,}" + (f" of {whole:,}" if whole else "")
            bar.update(task, description=what, completed=done, total=whole or None, count=count)

        yield tell
