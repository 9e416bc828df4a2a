"""`afterstrike forecast`: draws of counts to come, from a panel or from the record's own series."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterstrike.errors import EstimateRefused, UsageError

from ._forecast_ledger import LEDGER_COMMANDS
from ._progress import progress_on_stderr

if TYPE_CHECKING:
    from afterstrike.containment import Forecast

__all__ = ["forecast"]

_MODELS = ("pooled", "zero", "last", "last12", "negative_binomial", "seasonal_walk", "climatology")
_EPILOG = """Exit status 3: the panel cannot carry the forecast, with the reason.

Examples: afterstrike forecast deaths.csv --unit country --time month --value deaths --origin 2024-06 --horizons 3-14
-o draws.parquet

afterstrike forecast --record syria.duckdb --kind attack --initiator IS --by adm1 --every month --horizons 1-6"""


class PanelOrVerb(click.Group):
    """A group whose first word may be a file: what is no verb of it is read as `panel` is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `panel` before words that name no verb."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["panel", *args]
        return super().parse_args(ctx, args)


@click.group(cls=PanelOrVerb, epilog=_EPILOG)
def forecast() -> None:
    """Forecast counts, with draws that can be scored.

    `afterstrike forecast PANEL ...` is `afterstrike forecast panel PANEL ...`; its options are shown by
    `afterstrike forecast panel --help`.
    """


@forecast.command(epilog=_EPILOG)
@click.argument("file", metavar="PANEL", required=False, type=click.Path(path_type=Path))
@click.option("--unit", default="unit", show_default=True, metavar="COLUMN", help="Column of the units.")
@click.option("--time", default="time", show_default=True, metavar="COLUMN",
              help="Column of times: whole numbers, YYYY-MM, or a date a month or a week.")  # fmt: skip
@click.option("--value", default="value", show_default=True, metavar="COLUMN", help="Column of counts.")
@click.option("--record", "record_path", type=click.Path(path_type=Path), metavar="FILE",
              help="A record instead of PANEL: count its events.")  # fmt: skip
@click.option("--kind", multiple=True, help="Of a record: a kind of event; may be repeated.")
@click.option("--initiator", multiple=True, help="Of a record: who struck first, as coded.")
@click.option("--adm0", multiple=True, help="Of a record: country, in three letters.")
@click.option("--by", type=click.Choice(["all", "adm0", "adm1"]), default="adm1", show_default=True,
              help="Of a record: what is a unit.")  # fmt: skip
@click.option("--every", type=click.Choice(["week", "month"]), default="month", show_default=True,
              help="Of a record: how long a step is.")  # fmt: skip
@click.option(
    "--origin", metavar="TIME", help="Last time that may be looked at; the panel's last if not said."
)
@click.option("--horizons", default="3-14", show_default=True, metavar="A-B|N,N", help="Steps after it.")
@click.option("--draws", type=click.IntRange(2, 100_000), default=1000, show_default=True)
@click.option("--model", type=click.Choice(_MODELS), default="pooled", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--vintage", metavar="TEXT", help="What the counts are and when they were taken.")
@click.option("--check", type=click.IntRange(0, 20), default=3, show_default=True, metavar="N",
              help="Past origins of this series at which skill is measured; 0: none.")  # fmt: skip
@click.option("--show", type=click.IntRange(min=0), default=3, show_default=True, metavar="N",
              help="Units printed, those with most to come; 0: all.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE",
              help="Where the draws go (.parquet: unit, time, draw, value); else only print.")  # fmt: skip
def panel(
    file: Path | None, unit: str, time: str, value: str, record_path: Path | None, kind: Sequence[str],
    initiator: Sequence[str], adm0: Sequence[str], by: Any, every: Any, origin: str | None, horizons: str,
    draws: int, model: str, seed: int, vintage: str | None, check: int, show: int, as_json: bool, out: Path | None,
) -> None:  # fmt: skip
    """Forecast every unit of PANEL, a CSV or Parquet file with one row a unit and time.

    Missing rows stay missing, they are not zero. Only rows up to the origin are looked at. Ranges are of draws; what
    the past of the same series says of the model's skill is printed beside them.
    """
    steps = read_horizons(horizons)
    _check_out(out)
    from afterstrike.containment import forecast as make
    from afterstrike.containment import panel_of_record, read_panel

    notes: tuple[str, ...] = ()
    if (file is None) == (record_path is None):
        raise UsageError("give a PANEL file, or --record FILE for a record's own series, one of the two")
    with progress_on_stderr("forecast") as progress:
        progress("reading")
        if record_path is not None:
            chosen = {"kind": list(kind), "initiator": list(initiator), "adm0": list(adm0)}
            given: Any = {name: values for name, values in chosen.items() if values}
            table, found_vintage, notes = panel_of_record(record_path, by=by, every=every, **given)
        else:
            if kind or initiator or adm0:
                raise UsageError(
                    "--kind, --initiator and --adm0 select rows of a record; with PANEL leave them out"
                )
            table, found_vintage = read_panel(str(file), unit=unit, time=time, value=value), "not stated"
        made = make(table, origin=origin, horizons=steps, draws=draws, seed=seed, model=model,
                    vintage=vintage or found_vintage, progress=progress)  # fmt: skip
        told, skill = _skill(made, check, seed, progress)
        if out is not None:
            progress("writing")
            made.save(out)
    if as_json:
        click.echo(json.dumps(_as_dict(made, notes, told, skill), ensure_ascii=False, indent=1, default=str))
    else:
        click.echo("\n".join([made.summary(), *notes, told]))
        _print_table(made, show)
    if out is not None:
        click.echo(f"wrote {out}", err=True)


def read_horizons(text: str) -> tuple[int, ...]:
    """Read 3-14 or 1,3,6."""
    try:
        if "-" in text.strip("-") and "," not in text:
            first, last = (int(part) for part in text.split("-"))
            found = tuple(range(first, last + 1))
        else:
            found = tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"--horizons {text!r}: write whole steps after the origin as 3-14 or 1,3,6"
        ) from None
    if not found:
        raise UsageError(f"--horizons {text!r} holds no step; write the smaller number first, as 3-14")
    return found


def _check_out(out: Path | None) -> None:
    """Refuse a file that could not be written before anything is computed."""
    if out is not None and out.suffix != ".parquet":
        raise UsageError(f"-o {out}: draws are written as Parquet; give a name that ends in .parquet")
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise UsageError(f"-o {out} cannot be a file: it is a folder, or its folder does not exist")


def _skill(made: Forecast, check: int, seed: int, progress: Any) -> tuple[str, Any]:
    """Say what past origins of the same series show of the model."""
    from afterstrike.containment import skill_of

    if not check or made.model in ("climatology", "last12") or made.history is None:
        return "Skill at past origins of this series was not measured.", None
    try:
        found = skill_of(made.history, horizons=made.horizons, model=made.model, origins=check, seed=seed,
                         progress=progress)  # fmt: skip
    except EstimateRefused as problem:
        return f"Skill at past origins cannot be measured: {problem}.", None
    return found.summary(), found


def _as_dict(made: Forecast, notes: Sequence[str], told: str, skill: Any) -> dict[str, Any]:
    return {
        "model": made.model,
        "origin": made.origin,
        "horizons": made.horizons,
        "vintage": made.vintage,
        "units": len(made.units),
        "draws": made.draws.shape[2],
        "notes": [*made.notes, *notes],
        "skill_in_words": told,
        "skill": None if skill is None else skill.to_frame().to_dict("records"),
        "provenance": dict(made.provenance),
        "forecast": made.quantiles().to_dict("records"),
    }


def _print_table(made: Forecast, show: int) -> None:
    import sys

    from rich.console import Console
    from rich.table import Table

    rows = made.quantiles()
    expected = rows.groupby("unit", sort=False)["mean"].sum().sort_values(ascending=False, kind="stable")
    units = list(expected.index if show == 0 else expected.index[:show])
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("unit", "time", "median", "50% range", "80% range", "95% range", "any"):
        table.add_column(name, justify="left" if name in ("unit", "time") else "right", no_wrap=True)
    for one in units:
        for row in rows[rows["unit"] == one].to_dict("records"):
            spans = [f"{row[f'low_{k}']:,.0f} to {row[f'high_{k}']:,.0f}" for k in (50, 80, 95)]
            table.add_row(str(one), str(row["time"]), f"{row['median']:,.0f}", *spans, f"{row['any']:.0%}")
    console = Console(width=None if sys.stdout.isatty() else 10_000, markup=False, highlight=False)
    console.print(table)
    if len(units) < len(expected):
        click.echo(f"{len(expected) - len(units):,} further units are not printed; --show 0 prints all.")


for _command in LEDGER_COMMANDS:
    forecast.add_command(_command)
