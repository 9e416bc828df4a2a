"""A result as files: the table, everything as JSON, the figure, one page to read, and the words."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ..charts import Chart
    from ._result import EffectResult

__all__ = ["aligned", "check_folder", "effect_files", "report_text", "result_dict", "save_effect", "shown"]

_TEMPLATES = Path(__file__).with_name("templates")


def result_dict(result: EffectResult) -> dict[str, Any]:
    """Give a result as plain values for JSON; what is not a number is None.

    Parameters
    ----------
    result
        What any estimator gave.

    Returns
    -------
    dict
        `estimand`, `assumptions`, `time_unit`, `windows` (one mapping a row of the table), `checks`, `study`
        (where the result knows it), `summary`, `provenance`.
    """
    study = result.detail("study").to_dict("records") if "study" in result.details else []
    found: dict[str, Any] = _plain(
        {
            "estimand": result.estimand,
            "assumptions": result.assumptions,
            "time_unit": result.time_unit,
            "windows": result.to_frame().to_dict("records"),
            "checks": [
                {
                    "check_name": check.check_name,
                    "passed": check.passed,
                    "text": check.text,
                    "table": check.table.to_dict("records"),
                }
                for check in result.checks
            ],
            "study": study,
            "summary": result.summary(),
            "provenance": dict(result.provenance),
        }
    )
    return found


def report_text(result: EffectResult) -> str:
    """Give the summary, and below it what was left out of the study and where the numbers come from."""
    summary = result.summary()
    first, *rest = summary.split("\n")
    table = _table_text(result)
    # Civilian harm, where it is the first line, stands before the numbers.
    lines = [first, "", table, "", *rest] if table else [summary]
    for title, key in (("Rows left out", "exclusions"), ("Repeated rows", "duplicates")):
        counts = result.provenance.get(key) or {}
        if counts and title not in summary:
            lines.append(
                f"{title}: " + "; ".join(f"{why} ({count:,})" for why, count in counts.items()) + "."
            )
    lines.append(_origin(result))
    return "\n".join(lines)


def _table_text(result: EffectResult) -> str:
    """Give the result's own table for a terminal, or else the windows that could be estimated."""
    if own := result.text_table():
        return own
    rows = [row for row in result.to_frame().to_dict("records") if not row["reason"]]
    if not rows:
        return ""
    ratio, baseline = "rate_ratio" in rows[0], "baseline" in rows[0]
    # A model of whole zones has no radius.
    radius = any(math.isfinite(row["km"]) for row in rows)
    heads = [
        *(["baseline"] if baseline else []),
        "days" if result.time_unit == "day" else f"{result.time_unit}s",
        *(["km"] if radius else []),
        "struck" if ratio else "n",
    ]
    heads += ["rate ratio", f"{rows[0]['level']:.0%}", "all windows at once", "quiet days"] if ratio else []
    heads += ["difference, events", f"{rows[0]['level']:.0%}", "p"]
    cells = []
    for row in rows:
        line = [str(row["baseline"])] if baseline else []
        line += [f"{row['days']:g}", *([f"{row['km']:g}"] if radius else []), f"{row['n_treated']:g}"]
        if ratio:
            line += [
                f"{row['rate_ratio']:.2f}",
                f"{row['rate_ratio_low']:.2f} to {row['rate_ratio_high']:.2f}",
                f"{row['rate_ratio_low_joint']:.2f} to {row['rate_ratio_high_joint']:.2f}",
                f"{row['quiet_days']:.1f} ({row['quiet_days_low']:.1f} to {row['quiet_days_high']:.1f})",
            ]
        line += [f"{row['estimate']:.2f}", f"{row['low']:.2f} to {row['high']:.2f}", f"{row['p_value']:.2g}"]
        cells.append(line)
    return aligned(heads, cells)


def aligned(heads: list[str], cells: list[list[str]]) -> str:
    """Give a table as text, its columns set flush right."""
    widths = [max(len(head), *(len(line[k]) for line in cells)) for k, head in enumerate(heads)]
    return "\n".join(
        "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in (heads, *cells)
    )


def _origin(result: EffectResult) -> str:
    known = result.provenance
    name = (known.get("input") or {}).get("name")
    asked = known.get("parameters") or {}
    return (
        f"From {name or 'a table'} (rows sha256 {str(known.get('input_sha256', ''))[:12]}), "
        f"afterstrike {known.get('version', '')}, convention {asked.get('convention', '')}, "
        f"seed {known.get('seed', '')}, {known.get('created_at', '')}."
    )


def effect_files(result: EffectResult, stem: str = "wakes") -> dict[str, bytes]:
    """Give the content of every file of a result.

    Parameters
    ----------
    result
        What an estimator gave.
    stem
        Name of the files, without ending.

    Returns
    -------
    dict
        By file name: `.csv` (numbers in full), `.json`, `.txt`, `.png`, `.svg`, `.html` (one file that
        fetches nothing), and a `.csv` for each further table. A second figure is on the page alone.
    """
    figures = result.figures()
    chart = figures[0]
    told = json.dumps(result_dict(result), ensure_ascii=False, allow_nan=False, indent=1)
    return {
        f"{stem}.csv": result.to_frame().to_csv(index=False, lineterminator="\n").encode(),
        f"{stem}.json": (told + "\n").encode(),
        f"{stem}.txt": (report_text(result) + "\n").encode(),
        f"{stem}.svg": chart.to_svg().encode(),
        f"{stem}.png": chart.to_png(),
        f"{stem}.html": _page(result, figures).encode(),
        **{
            f"{stem}-{name}.csv": frame.to_csv(index=False, lineterminator="\n").encode()
            for name, frame in result.further_tables().items()
        },
    }


def save_effect(result: EffectResult, folder: str | Path, stem: str = "wakes") -> list[Path]:
    """Write the files of a result; if one cannot be written, none is replaced.

    Parameters
    ----------
    result, stem
        As in `effect_files`.
    folder
        Where to; made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        The folder cannot be made or written to.

    Examples
    --------
    >>> import pandas as pd
    >>> from afterstrike.effects import EffectResult
    >>> from afterstrike.effects._result import COLUMNS
    >>> row = dict.fromkeys(COLUMNS, 0.5) | {"days": 7, "km": 25.0, "unit": "events", "reason": ""}
    >>> result = EffectResult(pd.DataFrame([row]), "an invented difference")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in save_effect(result, folder)]
    ['wakes.csv', 'wakes.json', 'wakes.txt', 'wakes.svg', 'wakes.png', 'wakes.html']
    """
    target = Path(folder)
    check_folder(target)
    files = effect_files(result, stem)
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".afterstrike-", dir=target) as waiting:
            for name, content in files.items():
                (Path(waiting) / name).write_bytes(content)
            for name in files:
                if (target / name).is_dir():
                    raise IsADirectoryError(21, f"{name} is a folder there")
            for name in files:
                (Path(waiting) / name).replace(target / name)
    except OSError as problem:
        raise _unwritable(target, problem.strerror or str(problem)) from None
    return [target / name for name in files]


def check_folder(folder: str | Path) -> None:
    """Refuse a folder that cannot be written to, before anything is computed for it.

    Raises
    ------
    UsageError
        It cannot be written to.
    """
    import os

    target = Path(folder)
    there = next((place for place in (target, *target.parents) if place.exists()), target)
    if not there.is_dir():
        raise _unwritable(target, f"{there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise _unwritable(target, "permission denied")


def _unwritable(folder: Path, reason: str) -> UsageError:
    return UsageError(f"{folder} cannot be written to ({reason}); give a folder you may write to with -o")


def _plain(value: Any) -> Any:
    """Turn NumPy and pandas values into those of JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _page(result: EffectResult, figures: Sequence[Chart]) -> str:
    import jinja2
    from markupsafe import Markup

    from ..charts._palette import DARK

    tables = result.tables()
    further = {name.capitalize(): frame for name, frame in result.further_tables().items()}
    study = result.detail("study").to_dict("records") if "study" in result.details else []
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("effect.html.j2").render(
        dark=DARK,
        title=result.page_title,
        findings=result.findings(),
        figures=[
            {"svg": Markup(chart.to_svg(theme="page")), "alt": chart.alt, "caption": chart.caption}
            for chart in figures
        ],
        tables=[_table_of_page(title, frame) for title, frame in {**tables, **further}.items()],
        study=[(str(row["part"]), str(row["value"])) for row in study],
        checks=[(check.check_name, check.verdict, check.text) for check in result.checks],
        origin=_origin(result),
    )


def _table_of_page(title: str, frame: pd.DataFrame) -> dict[str, Any]:
    filled = frame.dropna(axis="columns", how="all")
    return {
        "title": title,
        "columns": [str(name) for name in filled.columns],
        "rows": [[shown(value) for value in row.values()] for row in filled.to_dict("records")],
    }


def shown(value: Any) -> str:
    """Write a cell of the page; the numbers in full stand in the CSV."""
    plain = _plain(value)
    if plain is None:
        return "–"
    return f"{plain:.4g}" if isinstance(plain, float) else str(plain)
