"""A run of scenarios as files: tables, draws, figures, one page to read, and the words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ._scenario_outputs import OUTPUTS, draw_groups

if TYPE_CHECKING:
    import pandas as pd

    from ..charts import Chart
    from ._run import ScenarioResult

__all__ = ["result_dict", "save_folder", "save_scenarios", "write_parquet"]

_TEMPLATES = Path(__file__).with_name("templates")
TITLE = "What follows from stated assumptions"


def result_dict(result: ScenarioResult) -> dict[str, Any]:
    """Give a run as plain values for JSON; what is not a number is None.

    Returns
    -------
    dict
        `world`, `summary`, `outputs`, `comparison` (every pair), `drivers`, `assumptions`, `warnings`, `provenance`.
    """
    import orjson

    from ._words import assumed_share

    assumed, total = assumed_share(result.world)
    found = {
        "world": {
            "name": result.world.name,
            "title": result.world.title,
            "as_of": result.world.as_of.isoformat(),
            "age_days": result.world.age_days(result.today),
            "numbers": total,
            "numbers_assumed": assumed,
        },
        "summary": result.summary().split("\n"),
        "outputs": result.to_frame().to_dict("records"),
        "comparison": [] if result.comparison is None else result.comparison.table.to_dict("records"),
        "drivers": [] if result.drivers is None else result.drivers.table.to_dict("records"),
        "assumptions": {
            one.scenario.name: list(one.scenario.assumptions) for one in result.ensembles.values()
        },
        "warnings": list(result.warnings),
        "provenance": dict(result.provenance),
    }
    # Through JSON once: NumPy's numbers become plain ones and what is not a number becomes null.
    plain: dict[str, Any] = orjson.loads(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY))
    return plain


def save_scenarios(result: ScenarioResult, folder: str | Path) -> list[Path]:
    """Write the files of a run; if one cannot be written, none is replaced. See `ScenarioResult.save`."""
    return save_folder(folder, lambda waiting: _write(result, waiting))


def save_folder(folder: str | Path, write: Callable[[Path], list[str]]) -> list[Path]:
    """Write files into a folder; if one cannot be written, none is replaced.

    Parameters
    ----------
    folder
        Where to; made if it is not there.
    write
        Writes everything into an empty folder and gives the names in order.

    Returns
    -------
    list of Path

    Raises
    ------
    UsageError
        The folder cannot be written to.
    """
    from ..effects._save import check_folder

    target = Path(folder)
    check_folder(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".afterstrike-", dir=target) as waiting:
            names = write(Path(waiting))
            for name in names:
                if (target / name).is_dir():
                    raise IsADirectoryError(21, f"{name} is a folder there")
            for name in names:
                (Path(waiting) / name).replace(target / name)
    except OSError as problem:
        raise UsageError(
            f"{target} cannot be written to ({problem.strerror or problem}); give a folder you may write to with -o"
        ) from None
    return [target / name for name in names]


def _write(result: ScenarioResult, folder: Path) -> list[str]:
    """Write everything into a folder that is empty, and give the names in order."""
    import orjson

    figures = result.figures()
    names = ["summary.md", "scenarios.html", "result.json"]
    (folder / names[0]).write_text(_markdown(result), encoding="utf-8")
    (folder / names[1]).write_text(_page(result, figures), encoding="utf-8")
    (folder / names[2]).write_bytes(orjson.dumps(result_dict(result), option=orjson.OPT_INDENT_2) + b"\n")
    for name, frame in _tables(result).items():
        frame.to_csv(folder / name, index=False, lineterminator="\n")
        names.append(name)
    for name, frame in _draws(result).items():
        write_parquet(frame, folder / name)
        names.append(name)
    for name, chart in figures.items():
        (folder / f"{name}.svg").write_text(chart.to_svg(), encoding="utf-8")
        (folder / f"{name}.png").write_bytes(chart.to_png())
        names += [f"{name}.svg", f"{name}.png"]
    return names


def _tables(result: ScenarioResult) -> dict[str, pd.DataFrame]:
    import pandas as pd

    from ..errors import EstimateRefused
    from ._figure_drivers import tornado_table

    months = pd.concat(
        [one.to_frame().assign(scenario=name) for name, one in result.ensembles.items()], ignore_index=True
    )
    found = {"outputs.csv": result.to_frame(), "months.csv": months, "world.csv": result.world.to_frame()}
    if result.comparison is not None:
        found["comparison.csv"] = result.comparison.to_frame()
    if result.drivers is not None:
        found["drivers.csv"] = result.drivers.to_frame()
    first = next(iter(result.ensembles.values()))
    with suppress(EstimateRefused):  # too few draws for a tornado; the figures leave it out too
        found["tornado.csv"] = pd.concat(
            [tornado_table(first, output).assign(output=output) for output in ("attacks", "net_escapes")]
        )
    for frame in found.values():
        if "world" not in frame:
            frame.insert(0, "world", result.world.name)
            frame.insert(1, "world_as_of", result.world.as_of)
    return found


def _draws(result: ScenarioResult) -> dict[str, pd.DataFrame]:
    """Give the prior draws, one row a member, and each member's totals, one row a scenario and member."""
    import pandas as pd

    first = next(iter(result.ensembles.values()))
    groups = draw_groups(first)
    head = {"member": np.arange(len(groups)), "draw": groups}
    totals = [
        pd.DataFrame({"scenario": name, **head, **{key: output.of(one) for key, output in OUTPUTS.items()}})
        for name, one in result.ensembles.items()
    ]
    return {
        "draws.parquet": pd.DataFrame(
            head | {name: np.asarray(values) for name, values in first.draws.items()}
        ),
        "members.parquet": pd.concat(totals, ignore_index=True),
    }


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.table("frame").write_parquet(str(path))


def _markdown(result: ScenarioResult) -> str:
    lines = [f"# {TITLE}", ""]
    for line in result.summary().split("\n"):
        lines += [line, ""] if line else []
    return "\n".join(lines).rstrip() + "\n\n" + origin(result) + "\n"


def origin(result: ScenarioResult) -> str:
    """Say in a line how the run can be repeated."""
    known = result.provenance
    return (
        f"World {known['world']} (sha256 {known['world_sha256'][:12]}), {known['members']:,} runs a scenario "
        f"({known['members'] // known['repeats']:,} prior draws, {known['repeats']} runs each), seed {known['seed']}, "
        f"afterstrike {known['version']}, {known['created_at']}."
    )


def _page(result: ScenarioResult, figures: dict[str, Chart]) -> str:
    import jinja2
    from markupsafe import Markup

    from ..charts._palette import DARK
    from ._words import standing

    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    ensembles = list(result.ensembles.values())
    stand = standing(result.world, ensembles, result.today)
    # What stands first is not told twice.
    rest = [line for line in result.summary().split("\n") if line and line not in stand]
    return environment.get_template("scenarios.html.j2").render(
        dark=DARK,
        title=TITLE,
        subtitle=f"{result.world.title}: {', '.join(result.ensembles)}",
        standing=stand,
        lines=rest,
        figures=[
            {"svg": Markup(chart.to_svg(theme="page")), "alt": chart.alt, "caption": chart.caption}
            for chart in figures.values()
        ],
        scenarios=[one.scenario for one in ensembles],
        outputs=_rows_of_page(result),
        origin=origin(result),
    )


def _rows_of_page(result: ScenarioResult) -> list[dict[str, str]]:
    from ._words import number, span

    rows = []
    for row in result.to_frame().to_dict("records"):
        known = row.get("order")
        compared = isinstance(known, str)
        rows.append(
            {
                "output": result.titles[row["output"]],
                "scenario": row["scenario"],
                "median": number(row["median"]),
                "range": span(row["low_80"], row["high_80"]),
                "wide": span(row["low_95"], row["high_95"]),
                "difference": number(row["difference_median"]) if compared else "",
                "order": str(known) if compared else "",
                "flips": f"{100 * row['flips']:.0f} %" if compared and row["flips"] == row["flips"] else "",
            }
        )
    return rows
