"""`afterstrike record`: each verb is a thin call of the method of `Record` with the same name."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from afterstrike.record import LayoutOptions

__all__ = ["record"]

Function = TypeVar("Function", bound=Callable[..., Any])
# what a terminal can show of a row; --json and export give every column
SHOWN = (
    "event_id",
    "date_start",
    "kind",
    "initiator",
    "place",
    "adm0",
    "geo_precision",
    "fatalities_best",
    "dataset",
)

record_option = click.option(
    "--record", "record_path", envvar="AFTERSTRIKE_RECORD", required=True, type=click.Path(path_type=Path),
    help="The record's file. Default: $AFTERSTRIKE_RECORD.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def filter_options(function: Function) -> Function:
    """Add the options that select rows; they are the keyword arguments of `Record.rows`."""
    options = [
        click.option("--kind", multiple=True, help="A kind of event, e.g. strike; may be repeated."),
        click.option("--initiator", multiple=True, help="Who struck first, as coded."),
        click.option("--side", multiple=True, help="An actor on either side."),
        click.option("--adm0", multiple=True, help="Country, ISO 3166 alpha-3."),
        click.option("--adm1", multiple=True, help="First-order division, as published."),
        click.option("--dataset", multiple=True, help="Short name of a data set."),
        click.option("--from", "date_from", metavar="YYYY-MM-DD", help="First day, inclusive."),
        click.option("--to", "date_to", metavar="YYYY-MM-DD", help="Last day, inclusive."),
        click.option("--bbox", metavar="W,S,E,N", help="Box in degrees."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group()
def record() -> None:
    """Keep sourced events in one file: add data sets, select, export, undo.

    Example: afterstrike record add ged.parquet --record syria.duckdb
    """


@record.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@record_option
@click.option("--as", "layout", metavar="NAME", help="Layout of the files; by default told from the columns.")
@click.option("--dataset", help="Short name of the data set, where the layout's own is not right.")
@click.option("--version", "dataset_version", help="Release of the data set, where the file does not say it.")
@click.option(
    "--mapping", type=click.Path(path_type=Path), help="TOML, JSON or CSV that says which column is what."
)
@click.option("--gazetteer", "gazetteers", multiple=True, help="CSV or JSON of places; may be repeated.")
@click.option(
    "--companion", "companions", multiple=True, help="A file that explains these, e.g. columns.csv."
)
@json_option
def add(files: Sequence[Path], record_path: Path, layout: str | None, dataset: str | None,
        dataset_version: str | None, mapping: Path | None, gazetteers: Sequence[str],
        companions: Sequence[str], as_json: bool) -> None:  # fmt: skip
    """Add event FILES, each in one transaction.

    CSV, TSV, Parquet, JSON lines and GeoJSON are told from the content. `afterstrike record layouts`
    lists the layouts known here; any other table needs --mapping.

    A file that cannot be read leaves the record as it was and is named on standard error; the other
    files are added. The exit status is then 2.
    """
    from afterstrike.errors import SourceError
    from afterstrike.record import open_record

    options = _layout_options(dataset, dataset_version, mapping, gazetteers, companions)
    refused = 0
    with open_record(record_path) as opened:
        for path in files:
            try:
                with _progress(path.name) as progress:
                    report = opened.add(path, layout=layout, options=options, progress=progress)
            except SourceError as problem:  # of this file alone; any other error ends the command
                if len(files) == 1:
                    raise
                refused += 1
                click.echo(f"{type(problem).__name__}: {' '.join(str(problem).splitlines())}", err=True)
                continue
            # one JSON object a line, so that what was done stays readable if a later file is refused
            click.echo(json.dumps(report.to_dict(), ensure_ascii=False) if as_json else report.summary())
    if refused:
        raise SourceError(
            f"{refused} of {len(files)} files refused, see above; the other {len(files) - refused} were added"
        )


@record.command()
@record_option
@json_option
def summary(record_path: Path, as_json: bool) -> None:
    """Count what the record holds.

    By kind, data set, and precision of place and date.
    """
    from afterstrike.record import open_record

    with open_record(record_path, read_only=True) as opened:
        found = opened.summary()
    _print_json(found.to_dict()) if as_json else click.echo(found.summary())


@record.command("list")
@record_option
@filter_options
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most that many rows."
)
@json_option
def list_rows(record_path: Path, limit: int, as_json: bool, bbox: str | None, **filters: Any) -> None:
    """List selected events in order of date."""
    from afterstrike.record import open_record

    with open_record(record_path, read_only=True) as opened:
        rows = opened.rows(limit=limit, bbox=_box(bbox), **filters)
    if as_json:
        _print_json(rows)
        return
    _print_table(rows, SHOWN)
    if len(rows) == limit:
        click.echo(f"The first {limit:,} rows; more with --limit, all with `record export`.", err=True)


@record.command()
@click.argument("path", type=click.Path(path_type=Path))
@record_option
@filter_options
@click.option(
    "--format", type=click.Choice(["parquet", "csv", "geojson"]), help="By default told from the ending."
)
@json_option
def export(
    path: Path, record_path: Path, format: Any, as_json: bool, bbox: str | None, **filters: Any
) -> None:
    """Write selected events to a file.

    PATH ends in .parquet, .csv or .geojson, or --format says it. Licence, citation and source text stand on
    every row.
    """
    from afterstrike.record import open_record

    with open_record(record_path, read_only=True) as opened:
        written = opened.export(path, format=format, bbox=_box(bbox), **filters)
    _print_json({"path": str(path), "rows": written}) if as_json else click.echo(f"{path}: {written:,} rows")


@record.command()
@click.argument("import_id", required=False)
@record_option
@json_option
def log(import_id: str | None, record_path: Path, as_json: bool) -> None:
    """Show the imports and what each changed.

    With IMPORT_ID also its changed rows, column by column.
    """
    from afterstrike.record import open_record

    with open_record(record_path, read_only=True) as opened:
        imports = opened.log(import_id)
    if as_json:
        _print_json(imports)
        return
    for entry in imports:
        undone = f"  (undone {entry['undone_at']:%Y-%m-%d %H:%M})" if entry["undone_at"] else ""
        click.echo(
            f"{entry['import_id']}  {entry['started_at']:%Y-%m-%d %H:%M}  {entry['dataset']} "
            f"{entry['dataset_version'] or '(release not stated)'}  {entry['path']}{undone}\n"
            f"  read {entry['rows_read']:,} = added {entry['added']:,} + updated {entry['updated']:,} + "
            f"unchanged {entry['unchanged']:,} + rejected {entry['rejected']:,}; repaired "
            f"{entry['repaired']:,}"
        )
        for note in entry["notes"]:
            click.echo(f"  {note}")
        for change in entry["columns_changed"]:
            click.echo(f"  {change['column']} changed in {change['rows']:,} rows")
        for change in entry.get("changes", []):
            for part in change["changed"]:
                click.echo(f"  {change['event_id']}  {part['column']}: {part['before']} -> {part['after']}")


@record.command()
@click.argument("import_id")
@record_option
@json_option
def undo(import_id: str, record_path: Path, as_json: bool) -> None:
    """Take one import back.

    What IMPORT_ID added is deleted, what it updated is put back as it was. `record log` lists the imports.
    """
    from afterstrike.record import open_record

    _must_exist(record_path)
    with open_record(record_path) as opened:
        done = opened.undo(import_id)
    if as_json:
        _print_json({"import_id": import_id, **done})
        return
    click.echo(
        f"{import_id} undone: {done['deleted']:,} rows deleted, {done['restored']:,} put back as they were"
    )


@record.command()
@click.argument("rule")
@record_option
@json_option
def recode(rule: str, record_path: Path, as_json: bool) -> None:
    """Code kind and initiator anew by a rule.

    RULE is ged-words (the rule that ships), none, a TOML rule file, or a CSV of codes made by a person.
    """
    from afterstrike.record import open_record

    _must_exist(record_path)
    with open_record(record_path) as opened:
        report = opened.recode(rule)
    _print_json(report.to_dict()) if as_json else click.echo(report.summary())


@record.command()
@click.argument("import_id", required=False)
@record_option
@json_option
def rejected(import_id: str | None, record_path: Path, as_json: bool) -> None:
    """Show rejected rows and why.

    Each with the publisher's values; of IMPORT_ID, or of all imports.
    """
    from afterstrike.record import open_record

    with open_record(record_path, read_only=True) as opened:
        rows = opened.rejected(import_id)
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        where = f"row {row['row_number']}" if row["row_number"] is not None else "line"
        click.echo(f"{row['import_id']}  {where}  {row['reason']}\n  {row['original']}")


@record.command()
@json_option
def layouts(as_json: bool) -> None:
    """List the file layouts known here.

    What --as takes, whose files they are, and the columns they are known by.
    """
    from afterstrike.record import all_layouts
    from afterstrike.record.layouts import known_columns

    found: list[dict[str, Any]] = [
        {
            "name": layout.name,
            "title": layout.title,
            "dataset": layout.dataset,
            "licence": layout.licence,
            "known_by": [
                {"variant": variant, "columns": list(columns)}
                for variant, columns in known_columns()[layout.name]
            ],
        }
        for layout in all_layouts().values()
    ]
    if as_json:
        _print_json(found)
        return
    for entry in found:
        click.echo(f"{entry['name']:<16} {entry['title']} (licence: {entry['licence']})")
        for known in entry["known_by"]:
            variant = f"{known['variant']}: " if known["variant"] else ""
            click.echo(f"{'':<16} {variant}{', '.join(known['columns'])}")


def _layout_options(dataset: str | None, version: str | None, mapping: Path | None,
                    gazetteers: Sequence[str], companions: Sequence[str]) -> LayoutOptions:  # fmt: skip
    """Collect what the user says about the files."""
    from afterstrike.record import LayoutOptions
    from afterstrike.record.layouts._mapping import load_mapping

    return LayoutOptions(
        dataset=dataset,
        dataset_version=version,
        mapping=load_mapping(mapping) if mapping else {},
        gazetteers=tuple(gazetteers),
        companions=tuple(companions),
    )


# the stages of an import with the share of its time that each takes, in per cent
STAGES = {"reading": 15, "checking": 25, "placing": 15, "comparing": 10, "writing": 35}


@contextmanager
def _progress(name: str) -> Iterator[Callable[[str], None]]:
    """Show how far an import is, on stderr and on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=sum(STAGES.values()))

        def reached(stage: str) -> None:
            before = list(STAGES).index(stage) if stage in STAGES else 0
            bar.update(task, description=f"{name}: {stage}", completed=sum(list(STAGES.values())[:before]))

        yield reached


def _must_exist(path: Path) -> None:
    """Refuse to make a record where one is to be changed."""
    from afterstrike.errors import RecordError

    if not path.exists():
        raise RecordError(
            f"{path} does not exist; make it with `afterstrike record add FILE --record {path}`"
        )


def _box(text: str | None) -> list[float] | None:
    """Read W,S,E,N."""
    from afterstrike.errors import UsageError

    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--bbox {text} is no box; write west,south,east,north, e.g. 35,32,43,38") from None


def _print_json(value: object) -> None:
    """Print JSON; days and times as ISO text."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _print_table(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    """Print rows as a table, as wide as the terminal allows."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    width = None if sys.stdout.isatty() else 160
    Console(width=width, markup=False, highlight=False).print(table)
