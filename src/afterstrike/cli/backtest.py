"""`afterstrike backtest`: how forecasts of a panel would have done; one call of a library function."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ..errors import UsageError
from ._progress import progress_on_stderr

__all__ = ["backtest"]

_EPILOG = """Examples:

  afterstrike backtest panel.csv --origins 2016-10,2017-10 --horizons 3-14 -o out/

  afterstrike backtest panel.parquet --unit country_id --time month_id --value deaths --every 12 --horizons 3-14
  --focus 220 --focus 60 --regime 471="end of territorial control" -o out/"""


@click.command(epilog=_EPILOG)
@click.argument("panel", type=click.Path(path_type=Path), metavar="PANEL")
@click.option("--unit", default="unit", show_default=True, metavar="COLUMN", help="Column of units.")
@click.option("--time", default="time", show_default=True, metavar="COLUMN",
              help="Column of times: whole numbers, YYYY-MM or dates.")  # fmt: skip
@click.option(
    "--value", default="value", show_default=True, metavar="COLUMN", help="Column of counts; empty: missing."
)
@click.option("--origins", metavar="A,B,...", help="Last times that forecasts may look at.")
@click.option("--every", type=click.IntRange(min=1), metavar="N",
              help="One origin each N steps, from the one named or as far back as there are data.")  # fmt: skip
@click.option(
    "--horizons",
    default="3-14",
    show_default=True,
    metavar="A-B|A,B,...",
    help="Steps ahead that are scored.",
)
@click.option("--models", default="pooled", show_default=True, metavar="A,B,...",
              help="Models; every baseline runs beside them.")  # fmt: skip
@click.option("--actuals", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="What came, with the panel's columns; may be repeated. The panel's own values if not given.")  # fmt: skip
@click.option("--vintage", "vintages", multiple=True, metavar="NAME",
              help="Which state of the data the outcomes are: one for each --actuals, or the panel's own.")  # fmt: skip
@click.option(
    "--focus", multiple=True, metavar="UNIT", help="A unit to be scored on its own as well; may be repeated."
)
@click.option("--regime", "regimes", multiple=True, metavar="TIME[=WORDS]",
              help="When something changed; windows with it stand on their own. May be repeated.")  # fmt: skip
@click.option("--draws", type=click.IntRange(2, 100_000), default=1000, show_default=True, metavar="N")
@click.option("--replicates", type=click.IntRange(min=200), default=1000, show_default=True, metavar="N",
              help="Times that units are drawn again for the intervals.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Where the page, tables, scores of rows and figures go; else only print.")  # fmt: skip
def backtest(
    panel: Path, unit: str, time: str, value: str, origins: str | None, every: int | None, horizons: str, models: str,
    actuals: Sequence[Path], vintages: Sequence[str], focus: Sequence[str], regimes: Sequence[str], draws: int,
    replicates: int, seed: int, as_json: bool, out: Path | None,
) -> None:  # fmt: skip
    """Score forecasts from rolling origins, each from what was known by then, beside every baseline.

    Vintages of outcomes are scored apart. Skill is told against the last twelve values as draws, with an interval; on all
    rows, on rows above zero, on named units, and without the ten rows that carry most.
    """
    from afterstrike.containment import backtest as run
    from afterstrike.containment._forecast._backtest import OWN_VINTAGE
    from afterstrike.containment._forecast._backtest_save import backtest_dict
    from afterstrike.effects._save import check_folder

    from .forecast import read_horizons

    if out is not None:
        check_folder(out)
    outcomes = _outcomes(actuals, vintages)
    with progress_on_stderr("backtest") as progress:
        found = run(
            panel, origins=_list(origins), every=every, horizons=read_horizons(horizons), models=_list(models),
            actuals=outcomes, vintage=OWN_VINTAGE if outcomes or not vintages else vintages[0], focus=focus,
            regimes=dict(_regime(one) for one in regimes), draws=draws, replicates=replicates, seed=seed, unit=unit,
            time=time, value=value, progress=progress,
        )  # fmt: skip
        progress("drawing and writing")
        files = found.save(out) if out is not None else []
    click.echo(json.dumps(backtest_dict(found), ensure_ascii=False, indent=1) if as_json else found.summary())
    for path in files:
        click.echo(f"wrote {path}", err=True)


def _list(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _outcomes(actuals: Sequence[Path], vintages: Sequence[str]) -> dict[str, Path] | None:
    if not actuals:
        if len(vintages) > 1:
            raise UsageError(
                f"{len(vintages)} times --vintage and no --actuals; give one for each file of outcomes"
            )
        return None
    if len(vintages) != len(actuals) or len(set(vintages)) < len(vintages):
        raise UsageError(
            f"{len(actuals)} --actuals and {len(vintages)} --vintage; give each file of outcomes a name of its own: scores "
            "of two vintages are never put together"
        )
    return dict(zip(vintages, actuals, strict=True))


def _regime(text: str) -> tuple[str, str]:
    time, _, words = text.partition("=")
    return time.strip(), words.strip()
