"""A backtest as files: one page to read, tables, scores of rows, figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from ._backtest_result import Figure
from ._backtest_tables import BASE, PARTS

if TYPE_CHECKING:
    from ...charts import Chart
    from ._backtest_result import Backtest

__all__ = ["backtest_dict", "save_backtest"]

_TEMPLATES = Path(__file__).parent.with_name("templates")
TITLE = "How forecasts would have done"


def backtest_dict(backtest: Backtest) -> dict[str, Any]:
    """Give a backtest as plain values for JSON; what is not a number is None."""
    import orjson

    found = {
        "summary": backtest.summary().split("\n"),
        "scores": backtest.table.to_dict("records"),
        "heaviest": backtest.heaviest.to_dict("records"),
        "pit": backtest.pit.to_dict("records"),
        "focus": list(backtest.focus),
        "regimes": dict(backtest.regimes),
        "notes": list(backtest.notes),
        "provenance": dict(backtest.provenance),
    }
    plain: dict[str, Any] = orjson.loads(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY))
    return plain


def save_backtest(backtest: Backtest, folder: str | Path) -> list[Path]:
    """Write the files of a backtest; see `Backtest.save`."""
    from .._save import save_folder

    return save_folder(folder, lambda waiting: _write(backtest, waiting))


def _write(backtest: Backtest, folder: Path) -> list[str]:
    import orjson

    from .._save import write_parquet

    figures = _figures(backtest)
    names = ["summary.md", "backtest.html", "result.json"]
    lines = "\n\n".join(backtest.summary().split("\n"))
    (folder / names[0]).write_text(f"# {TITLE}\n\n{lines}\n\n{_origin(backtest)}\n", encoding="utf-8")
    (folder / names[1]).write_text(_page(backtest, figures), encoding="utf-8")
    told = orjson.dumps(backtest_dict(backtest), option=orjson.OPT_INDENT_2)
    (folder / names[2]).write_bytes(told + b"\n")
    for name, frame in (
        ("scores.csv", backtest.table),
        ("heaviest.csv", backtest.heaviest),
        ("pit.csv", backtest.pit),
    ):
        frame.to_csv(folder / name, index=False, lineterminator="\n")
        names.append(name)
    write_parquet(backtest.rows, folder / "rows.parquet")
    names.append("rows.parquet")
    for name, chart in figures.items():
        (folder / f"{name}.svg").write_text(chart.to_svg(), encoding="utf-8")
        (folder / f"{name}.png").write_bytes(chart.to_png())
        names += [f"{name}.svg", f"{name}.png"]
    return names


def _figures(backtest: Backtest) -> dict[str, Chart]:
    """Give every figure of every vintage by the name of its file."""
    found: dict[str, Chart] = {}
    for k, vintage in enumerate(backtest.vintages, 1):
        ending = ""
        if len(backtest.vintages) > 1:
            ending = f"-{k}-{re.sub(r'[^a-z0-9]+', '-', vintage.casefold()).strip('-')[:40]}"
        for kind in get_args(Figure):
            found[kind + ending] = backtest.plot(kind, vintage=vintage)
    return found


def _origin(backtest: Backtest) -> str:
    known = backtest.provenance
    return (
        f"Panel of {known['units']:,} units, {known['first']} to {known['last']} (sha256 {known['panel_sha256'][:12]}), "
        f"origins {', '.join(map(str, known['origins']))}, {known['draws']:,} draws, seed {known['seed']}, afterstrike "
        f"{known['version']}, {known['created_at']}."
    )


def _page(backtest: Backtest, figures: dict[str, Chart]) -> str:
    import jinja2
    from markupsafe import Markup

    from ...charts._palette import DARK

    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    per = len(figures) // len(backtest.vintages)
    charts = list(figures.values())
    vintages = [
        {
            "name": vintage,
            "lines": backtest.lines_of(vintage),
            "figures": [
                {"svg": Markup(chart.to_svg(theme="page")), "alt": chart.alt, "caption": chart.caption}
                for chart in charts[k * per : (k + 1) * per]
            ],
            "tables": _tables(backtest, vintage),
            "heaviest": _heaviest(backtest, vintage),
        }
        for k, vintage in enumerate(backtest.vintages)
    ]
    return environment.get_template("backtest.html.j2").render(
        dark=DARK,
        title=TITLE,
        baseline=BASE,
        lines=[*backtest.intro(), *backtest.notes],
        vintages=vintages,
        origin=_origin(backtest),
    )


def _tables(backtest: Backtest, vintage: str) -> list[dict[str, Any]]:
    """Give one table a part of the rows, its numbers written out; the lowest CRPS of a window is marked."""
    mine = backtest.table[backtest.table["vintage"] == vintage]
    found = []
    for part, title in PARTS.items():
        rows = mine[mine["part"] == part]
        if rows.empty:
            continue
        least = rows.groupby("window")["crps"].transform("min")
        found.append(
            {
                "title": title,
                "rows": [
                    _cells(row) | {"is_lowest": bool(row["crps"] == low)}
                    for row, low in zip(rows.to_dict("records"), least, strict=True)
                ],
            }
        )
    return found


def _cells(row: dict[Any, Any]) -> dict[str, str]:
    skill = _short(row["skill"], "+.3f")
    if np.isfinite(row["skill_low"]):
        skill += f" ({row['skill_low']:+.3f} to {row['skill_high']:+.3f})"
    missing = f" ({row['missing']:,} missing)" if row["missing"] else ""
    return {
        "window": row["window"] + (" *" if row["regime"] else ""),
        "model": row["model"],
        "rows": f"{row['rows']:,}{missing}",
        "crps": _short(row["crps"], ".4g"),
        "crps_log1p": _short(row["crps_log1p"], ".4f"),
        "skill": "" if row["model"] == BASE else skill,
        "verdict": row["verdict"],
        "beyond": row["beyond_climatology"],
        "ign": _short(row["ign"], ".3f"),
        "mis": _short(row["mis"], ".4g"),
        "log_score": _short(row["log_score"], ".3f"),
        "brier": _short(row["brier"], ".3f"),
        "coverage": " / ".join(_short(100 * row[f"coverage_{level}"], ".0f") for level in (50, 80, 95)),
    }


def _heaviest(backtest: Backtest, vintage: str) -> list[dict[str, str]]:
    mine = backtest.heaviest[backtest.heaviest["vintage"] == vintage]
    return [
        {
            "window": row["window"], "rank": str(row["rank"]), "unit": str(row["unit"]), "time": str(row["time"]),
            "observed": f"{row['observed']:,.0f}", "share": f"{100 * row['share']:.1f} %",
            "share_so_far": f"{100 * row['share_so_far']:.1f} %",
        }
        for row in mine.to_dict("records")
    ]  # fmt: skip


def _short(value: float, form: str) -> str:
    return format(value, form) if np.isfinite(value) else "–"
