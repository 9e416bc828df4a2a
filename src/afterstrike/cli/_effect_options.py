"""What the verbs on effects share: options, how they are read, and how a result is told and written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from afterstrike.errors import UsageError

from ._progress import progress_on_stderr

if TYPE_CHECKING:
    from afterstrike.effects import EffectResult

__all__ = [
    "BY",
    "COLUMN",
    "EVENTS",
    "GAPS",
    "JSON",
    "PERIOD",
    "REGION",
    "SEASON",
    "SEED",
    "SELECTION",
    "ZONES",
    "estimate_and_tell",
    "out_option",
    "read_columns",
    "read_names",
    "read_numbers",
    "read_pairs",
    "read_period",
    "read_spans",
    "read_zones",
]

R = TypeVar("R", bound="EffectResult")

SELECTION = "A kind, or conditions as 'kind=strike;initiator=US-led coalition'."
EVENTS = click.argument("events", type=click.Path(path_type=Path))
COLUMN = click.option("--column", "column_names", multiple=True, metavar="WHAT=NAME",
                      help="Which column is time, lat, lon or kind; may be repeated.")  # fmt: skip
REGION = click.option("--region", metavar="AREA", help="ISO3 code, west,south,east,north, or a GeoJSON file.")
PERIOD = click.option("--period", metavar="A/B", help="First and last day, both inclusive.")
GAPS = click.option("--gap", "gap_texts", multiple=True, metavar="A/B",
                    help="A stretch without recording: missing, not zero; may be repeated.")  # fmt: skip
ZONES = click.option("--zones", metavar="ZONES",
                     help="A column that names zones, or a side in km; one zone if not said.")  # fmt: skip
BY = click.option("--by", type=click.Choice(["week", "day"]), default="week", show_default=True)
SEASON = click.option(
    "--season", type=click.Choice(["auto", "year", "none"]), default="auto", show_default=True,
    help="Take a yearly wave out; auto where the record is long enough.",
)  # fmt: skip
SEED = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")


def out_option(stem: str) -> Callable[[Any], Any]:
    """Give the option for the folder that the files of a result go to."""
    return click.option(
        "-o", "--out", metavar="FOLDER", type=click.Path(path_type=Path),
        help=f"Where {stem}.csv, .json, .txt, .png, .svg and .html go; else only print.",
    )  # fmt: skip


def estimate_and_tell(
    events: Path, stem: str, out: Path | None, as_json: bool, estimate: Callable[[Callable[[str], None]], R]
) -> R:
    """Run an estimate under a progress line, print it, and write its files.

    Parameters
    ----------
    events
        The file, for the progress line.
    stem
        Name of the files.
    out
        Their folder, refused before anything is computed where it cannot be written to; None: none.
    as_json
        Print JSON instead of words.
    estimate
        Called with what takes a word at each stage.
    """
    from afterstrike.effects._save import check_folder, report_text, result_dict, save_effect

    if out is not None:
        check_folder(out)
    with progress_on_stderr(events.name) as progress:
        result = estimate(progress)
        progress("writing")
        files = save_effect(result, out, stem) if out is not None else []
    click.echo(
        json.dumps(result_dict(result), ensure_ascii=False, indent=1) if as_json else report_text(result)
    )
    for path in files:
        click.echo(f"wrote {path}", err=True)
    return result


def read_numbers(option: str, text: str) -> list[Any]:
    """Read 2,4,6."""
    try:
        return [int(part) if part.strip().isdecimal() else float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"{option} {text!r} is no list of numbers; write it as {option} 2,4,6") from None


def read_names(text: str | None) -> tuple[str, ...]:
    """Read a,b."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def read_columns(pairs: Sequence[str], option: str = "--column") -> dict[str, str] | None:
    """Read time=timestamp, lat=y."""
    return read_pairs(pairs, f"{option} {{pair!r}} names no column; write it as {option} time=timestamp")


def read_pairs(pairs: Sequence[str], wrong: str) -> dict[str, str] | None:
    """Read NAME=VALUE; `wrong` is said of a pair that is none."""
    read = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(wrong.format(pair=pair))
        read[name.strip()] = value.strip()
    return read or None


def read_period(text: str | None, option: str = "--period") -> tuple[str, str] | None:
    """Read 2016-01-01/2018-12-31, or nothing."""
    return None if text is None else read_spans(option, [text])[0]


def read_spans(option: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Read stretches of days as 2016-01-01/2018-12-31."""
    found = []
    for text in texts:
        first, slash, last = text.partition("/")
        if not slash or not first or not last:
            raise UsageError(f"{option} {text!r} is no period; write it as {option} 2016-01-01/2018-12-31")
        found.append((first, last))
    return found


def read_zones(text: str | None) -> str | float | None:
    """Read a name of a column, or km."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text.strip()
