"""Effects: estimates kept beside the record, each with interval, checks and assumptions, and a form for a new one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
from starlette.responses import Response

from . import _schemas as schemas
from ._folders import files_for_job, names_in, read_result, slug, take_in
from ._page import Action, File, Page
from ._parameter import Parameter, day, flag, text, whole
from ._problem import Problem
from ._visit import Visit

__all__ = ["ACTIONS", "FILES", "PAGES"]

MOST_LISTED = 200
MOST_WINDOWS = 12
_STEM = "wakes"
_COUNTRY = re.compile(r"[A-Z]{3}")
_BOX = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,9})?(,-?[0-9]{1,3}(\.[0-9]{1,9})?){3}")


def effects_data(visit: Visit) -> dict[str, Any]:
    """Give the effects that are kept, newest first, and what may be asked for."""
    names = names_in(visit.settings.effects_folder, f"{_STEM}.json")
    snapshot = visit.web.store.current()
    index = snapshot.index
    initiators = [word for word in index.coded["initiator"].values if word is not None][:500]
    return {
        "effects": [_line(visit, name) for name in names[:MOST_LISTED]],
        "total": len(names),
        "jobs": [job.to_dict() for job in visit.web.jobs.all("effect")[:20]],
        "kinds": [word for word in index.coded["kind"].values if word is not None],
        "initiators": initiators,
        "limits": {"windows": MOST_WINDOWS, "seconds": visit.settings.job_seconds},
    }


def _read(visit: Visit, name: str) -> dict[str, Any]:
    try:
        found = orjson.loads(read_result(visit.settings.effects_folder, name, f"{_STEM}.json"))
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not {"estimand", "windows", "checks", "assumptions"} <= set(found):
        raise Problem(404, f"an effect {name[:60]!r} that cannot be read", "", "run it again")
    return found


def _line(visit: Visit, name: str) -> dict[str, Any]:
    line: dict[str, Any] = {
        "name": name,
        "estimand": None,
        "windows": [],
        "checks": {},
        "created_at": None,
        "trouble": None,
    }
    try:
        effect = _read(visit, name)
        counts = {"passed": 0, "failed": 0, "told": 0}
        for check in effect["checks"]:
            counts[_verdict(check)] += 1
        line |= {"estimand": effect["estimand"], "windows": [_short(row) for row in effect["windows"]], "checks": counts,
                 "created_at": effect.get("provenance", {}).get("created_at")}  # fmt: skip
    except (Problem, KeyError, TypeError, AttributeError):
        line["trouble"] = "this effect cannot be read"
    return line


_SHORT = ("days", "km", "rate_ratio", "rate_ratio_low", "rate_ratio_high", "quiet_days", "quiet_days_low",
          "quiet_days_high", "level", "n_treated", "reason")  # fmt: skip


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in _SHORT}


def _verdict(check: dict[str, Any]) -> str:
    return {True: "passed", False: "failed"}.get(check["passed"], "told")


def effect_data(visit: Visit) -> dict[str, Any]:
    """Give one effect: every estimate with its interval, the checks in words, what must be believed, the figure."""
    name = visit.values["name"]
    effect = _read(visit, name)
    checks = [{**check, "verdict": _verdict(check)} for check in effect["checks"]]
    return {
        "name": name,
        "estimand": effect["estimand"],
        "assumptions": effect["assumptions"],
        "summary": effect.get("summary", ""),
        "windows": effect["windows"],
        "checks": checks,
        "failed": [check["check_name"] for check in checks if check["passed"] is False],
        "study": effect.get("study", []),
        "provenance": effect.get("provenance", {}),
        "figure": f"/effects/{name}/figure.svg",
        "table": f"/effects/{name}/table.csv",
    }


def _figure(visit: Visit) -> Response:
    """Send the figure; as a picture a browser runs nothing in it."""
    body = read_result(visit.settings.effects_folder, visit.values["name"], f"{_STEM}.svg")
    headers = {"content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'"}
    return Response(body, headers=headers, media_type="image/svg+xml")


def _table(visit: Visit) -> Response:
    name = visit.values["name"]
    body = read_result(visit.settings.effects_folder, name, f"{_STEM}.csv")
    stem = name if name.isascii() else "effect"
    headers = {"content-disposition": f'attachment; filename="{stem}.csv"'}
    return Response(body, headers=headers, media_type="text/csv; charset=utf-8")


def begin_effect(visit: Visit) -> dict[str, Any]:
    """Begin an estimate of what followed strikes; a refusal of the data ends the job with its reason.

    Raises
    ------
    Problem
        400, where a field is not allowed.
    """
    given = visit.values
    if given["from"] and given["to"] and given["to"] < given["from"]:
        raise Problem(
            400,
            f"to={given['to']} before from={given['from']}",
            "to on or after from",
            "give the earlier day as from",
        )
    if bool(given["from"]) != bool(given["to"]):
        raise Problem(400, "one end of a period", "both from and to, or neither", "give the other day too")
    if len(given["days"]) * len(given["km"]) > MOST_WINDOWS:
        count = len(given["days"]) * len(given["km"])
        raise Problem(400, f"{count} windows", f"{MOST_WINDOWS}", "give fewer days or km")
    snapshot = visit.web.store.current()
    period = [given["from"].isoformat(), given["to"].isoformat()] if given["from"] else None
    title = given["title"] or f"{given['treatment']} then {given['outcome']}"
    spec = {
        "record": snapshot.path.name, "treatment": given["treatment"], "outcome": given["outcome"],
        "control": given["control"], "days": given["days"], "km": given["km"], "region": given["region"],
        "period": period, "seed": given["seed"], "checks": bool(given["checks"]),
        "cpu_seconds": int(visit.settings.job_seconds * 4) + 60,
    }  # fmt: skip
    folder, name = visit.settings.effects_folder, slug(title, "effect")

    def keep(made: Path) -> str:
        return f"/effects/{take_in(folder, name, made, (f'{_STEM}.json', f'{_STEM}.svg', f'{_STEM}.csv'))}"

    job = visit.web.jobs.begin("effect", title, spec, keep, files_for_job(snapshot))
    return {"see": f"/jobs/{job.number}", "job": job.to_dict()}


def _numbers(name: str, meaning: str, low: float, high: float, *, is_whole: bool) -> Parameter:
    shape = re.compile(r"[0-9]{1,4}" if is_whole else r"[0-9]{1,4}(\.[0-9]{1,3})?")

    def read(raw: str) -> tuple[float, ...]:
        parts = [part.strip() for part in raw.split(",")]
        if not 1 <= len(parts) <= MOST_WINDOWS or not all(shape.fullmatch(part) for part in parts):
            raise ValueError
        found = tuple(int(part) if is_whole else float(part) for part in parts)
        if not all(low <= one <= high for one in found):
            raise ValueError
        return found

    what = "whole numbers" if is_whole else "numbers"
    schema = {"type": "string", "description": f"{what} from {low:g} to {high:g}, as 7,14,30"}
    return Parameter(name, read, schema, meaning)


def _region(raw: str) -> str:
    """Take a country or a box; the library would also take a file of this machine, which no visitor may name."""
    if _COUNTRY.fullmatch(raw):
        return raw
    if _BOX.fullmatch(raw):
        west, south, east, north = map(float, raw.split(","))
        if -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90:
            return raw
    raise ValueError


NAME = text("name", "Name of the effect, as in the list.", longest=80)
_ROWS = "A kind, or conditions as kind=strike;initiator=NAME."
REGION = Parameter("region", _region, {"type": "string", "description": "a country code as IRQ, or west,south,east,north"},
                   "Where.")  # fmt: skip
FORM = (
    text("treatment", f"Rows that are the cause. {_ROWS}", longest=500),
    text("outcome", f"Rows that are counted. {_ROWS}", longest=500),
    text("control", f"Rows to compare with; else they are drawn. {_ROWS}", longest=500),
    _numbers("days", "Lengths of the windows in days.", 1, 365, is_whole=True),
    _numbers("km", "Radii of the windows in km.", 0.5, 500, is_whole=False),
    REGION,
    day("from", "First day of the study."),
    day("to", "Last day of the study."),
    whole("seed", "Seed of what is drawn.", 0, 999_999_999, default=0),
    flag("checks", "Placebo strikes, bootstrap and redraws too (slower)."),
    text("title", "What it is called in the list.", longest=80),
)
PAGES = (
    Page("/effects", "Effects", "Effects that were estimated, newest first.", effects_data, "effects.html.j2", schemas.EFFECTS),
    Page("/effects/{name}", "Effect", "One effect: estimates with intervals, checks, assumptions.", effect_data,
         "effect.html.j2", schemas.EFFECT, in_path=(NAME,)),
)  # fmt: skip
FILES = (
    File("/effects/{name}/figure.svg", "The figure of an effect.", _figure, "image/svg+xml", in_path=(NAME,)),
    File(
        "/effects/{name}/table.csv",
        "The estimates of an effect in full.",
        _table,
        "text/csv",
        in_path=(NAME,),
    ),
)
ACTIONS = (
    Action("/effects", "Estimate what followed strikes (matched wakes); the answer leads to a job.", begin_effect, form=FORM,
           must=("treatment", "outcome", "days", "km")),
)  # fmt: skip
