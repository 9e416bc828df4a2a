"""Briefs: the list, each brief as it was written, and a new one from an article that is sent."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path, PurePath
from typing import Any

import orjson
from starlette.responses import Response

from ..reading import mask_names
from . import _schemas as schemas
from ._folders import files_for_job, names_in, read_result, take_in
from ._form import Upload
from ._guard import SANDBOX_CSP
from ._jobs import Job
from ._page import Action, Page
from ._parameter import Parameter, day, flag, text
from ._problem import Problem
from ._visit import Visit, json_response

__all__ = ["ACTIONS", "NUMBER", "PAGES", "job_data"]

_SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf")
MAX_PASTED = 150_000  # characters; a long article has 30,000
MOST_LISTED = 200


def briefs_data(visit: Visit) -> dict[str, Any]:
    """Give the briefs, newest first, and the jobs that make more."""
    folder = visit.settings.briefs_folder
    names = names_in(folder, "brief.json")
    return {
        "briefs": [_line(visit, name) for name in names[:MOST_LISTED]],
        "total": len(names),
        "jobs": [job.to_dict() for job in visit.web.jobs.all("brief")[:20]],
        "limits": {"file_bytes": visit.settings.max_upload_bytes, "pasted_characters": MAX_PASTED,
                   "seconds": visit.settings.job_seconds, "endings": list(_SUFFIXES)},
    }  # fmt: skip


def _line(visit: Visit, name: str) -> dict[str, Any]:
    """Give what the list says of one brief; one that cannot be read is listed as such."""
    line: dict[str, Any] = {"name": name, "title": None, "published": None, "language": None, "claims": None,
                            "flags": None, "verdicts": {}, "created_at": None, "record": None, "trouble": None}  # fmt: skip
    try:
        brief = orjson.loads(read_result(visit.settings.briefs_folder, name, "brief.json"))
        verdicts: dict[str, int] = {}
        for claim in brief["claims"]:
            verdicts[claim["verdict"]] = verdicts.get(claim["verdict"], 0) + 1
        article, made = brief["article"], brief["provenance"]
        line |= {
            "title": mask_names(article["title"] or "").text or None,
            "published": article["published"],
            "language": article["language"],
            "claims": len(brief["claims"]),
            "flags": len(brief["flags"]),
            "verdicts": verdicts,
            "created_at": made.get("created_at"),
            "record": (brief.get("record") or {}).get("name"),
        }
    except (Problem, ValueError, KeyError, TypeError, AttributeError) as problem:
        line["trouble"] = f"this brief cannot be read ({type(problem).__name__})"
    return line


def _brief_twin(visit: Visit) -> Response:
    return json_response(
        visit.request, read_result(visit.settings.briefs_folder, visit.values["name"], "brief.json")
    )


def _brief_page(visit: Visit) -> Response:
    """Send a brief as it was written: in an origin of its own, where its script reaches nothing of ours."""
    body = read_result(visit.settings.briefs_folder, visit.values["name"], "brief.html")
    headers = {"content-security-policy": SANDBOX_CSP, "x-frame-options": "SAMEORIGIN"}
    return Response(body, headers=headers, media_type="text/html; charset=utf-8")


def job_data(visit: Visit) -> dict[str, Any]:
    """Give the state of a job."""
    return {"job": visit.web.jobs.job(visit.values["number"]).to_dict()}


def begin_brief(visit: Visit) -> dict[str, Any]:
    """Begin a brief on an uploaded file or pasted text.

    Raises
    ------
    Problem
        400, where there is neither or both, or the ending is none that is read.
    """
    upload: Upload | None = visit.values["file"]
    pasted: str | None = visit.values["text"]
    if (upload is None) == (pasted is None):
        raise Problem(
            400,
            "both a file and a text" if pasted else "no article",
            "one file or one text",
            "give one of them",
        )
    title = visit.values["title"]
    if upload is not None:
        given = PurePath(upload.name.replace("\\", "/")).name
        suffix = PurePath(given).suffix.lower()
        if suffix not in _SUFFIXES:
            raise Problem(
                400, f"a file {given[:60]!r}", ", ".join(_SUFFIXES), "save the article in one of these forms"
            )
        return _begin(visit, title, f"article{suffix}", upload.path)
    assert pasted is not None
    import tempfile

    with tempfile.TemporaryDirectory(prefix="afterstrike-pasted-") as waiting:
        path = Path(waiting) / "pasted"
        path.write_bytes(pasted.encode("utf-8", "replace"))
        return _begin(visit, title, "article.txt", path)


def _begin(visit: Visit, title: str | None, article: str, path: Path) -> dict[str, Any]:
    results = visit.settings.briefs_folder
    # a headline may name the dead, and a folder's name is an address that is logged
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    name = f"{visit.values['published'] or dt.date.today()}-{digest}"
    snapshot = visit.web.store.current()
    published = visit.values["published"]
    spec = {
        "article": article,
        "record": snapshot.path.name,
        "published": published.isoformat() if published else None,
        "title": title,
        "effects": bool(visit.values["effects"]),
        "cpu_seconds": int(visit.settings.job_seconds * 4) + 60,
    }

    def keep(made: Path) -> str:
        return f"/briefs/{take_in(results, name, made, ('brief.html', 'brief.json'))}"

    shown = mask_names(title).text if title else f"brief {name}"
    job: Job = visit.web.jobs.begin("brief", shown, spec, keep, {**files_for_job(snapshot), article: path})
    return {"see": f"/jobs/{job.number}", "job": job.to_dict()}


NAME = text("name", "Name of the brief, as in the list.", longest=80)
NUMBER = text("number", "Number of the job.", longest=40)
PASTED = Parameter(
    "text",
    lambda raw: raw if len(raw) <= MAX_PASTED else _too_long(),
    {"type": "string", "description": f"text of at most {MAX_PASTED:,} characters"},
    "The article's text.",
)


def _too_long() -> str:
    raise ValueError


PAGES = (
    Page("/briefs", "Briefs", "Briefs, newest first, and those being made.", briefs_data, "briefs.html.j2", schemas.BRIEFS),
    Page("/briefs/{name}", "Brief", "A brief as `afterstrike brief` writes it.", lambda visit: {}, "", schemas.DOCUMENT,
         in_path=(NAME,), twin=_brief_twin, page=_brief_page),
    Page("/jobs/{number}", "Job", "The state of a brief or effect that is being made.", job_data, "job.html.j2", schemas.JOB,
         in_path=(NUMBER,), is_quick=True),
)  # fmt: skip
ACTIONS = (
    Action("/briefs", "Hold an article against the record; the answer leads to a job.", begin_brief,
           form=(PASTED, text("title", "Title to show.", longest=300), day("published", "Day of publication."),
                 flag("effects", "Estimate what earlier strikes were followed by.")), file="file"),
)  # fmt: skip
