"""A calibration as files: table, draws, figures, one page to read, and the words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._calibration import Calibration

__all__ = ["calibration_dict", "save_calibration"]


def calibration_dict(found: Calibration) -> dict[str, Any]:
    """Give a calibration as plain values for JSON; what is not a number is None."""
    import orjson

    told = {
        "summary": found.summary().split("\n"),
        "numbers": found.to_frame().to_dict("records"),
        "checks": [
            {"check_name": one.check_name, "passed": one.passed, "text": one.text, "table": one.table.to_dict("records")}
            for one in found.checks
        ],
        "provenance": found.provenance,
    }  # fmt: skip
    plain: dict[str, Any] = orjson.loads(orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY))
    return plain


def save_calibration(found: Calibration, folder: str | Path) -> list[Path]:
    """Write the files; see `Calibration.save`."""
    from .._save import save_folder

    return save_folder(folder, lambda waiting: _write(found, waiting))


def _write(found: Calibration, folder: Path) -> list[str]:
    import orjson
    import pandas as pd

    figures = found.figures()
    files = {
        "calibration.csv": found.to_frame().to_csv(index=False, lineterminator="\n").encode(),
        "calibration.json": orjson.dumps(calibration_dict(found), option=orjson.OPT_INDENT_2) + b"\n",
        "calibration.txt": (found.summary() + "\n").encode(),
        "calibration.html": _page(found, figures).encode(),
        "draws.csv": pd.DataFrame(found.draws()).to_csv(index_label="member", lineterminator="\n").encode(),
    }
    for name, chart in figures.items():
        files[f"{name}.svg"] = chart.to_svg().encode()
        files[f"{name}.png"] = chart.to_png()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return list(files)


def _page(found: Calibration, figures: Any) -> str:
    import jinja2
    from markupsafe import Markup

    from ...charts._palette import DARK
    from ...effects import _save as effects_save

    templates = jinja2.FileSystemLoader(Path(effects_save.__file__).with_name("templates"))
    environment = jinja2.Environment(loader=templates, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    known = found.provenance
    lines = [
        line
        for line in found.summary().split("\n")
        if not any(line == check.line() for check in found.checks)
    ]
    return environment.get_template("effect.html.j2").render(
        dark=DARK,
        title=f"What data say of the numbers of {found.world.name}",
        findings=lines,
        figures=[
            {"svg": Markup(chart.to_svg(theme="page")), "alt": chart.alt, "caption": chart.caption}
            for chart in figures.values()
        ],
        tables=[effects_save._table_of_page("All numbers", found.to_frame())],
        study=[],
        checks=[(check.check_name, check.verdict, check.text) for check in found.checks],
        origin=f"World {known['world']} (sha256 {str(known['world_sha256'])[:12]}), afterstrike {known['version']}, "
        f"seed {known['seed']}, {known['created_at']}.",
    )  # fmt: skip
