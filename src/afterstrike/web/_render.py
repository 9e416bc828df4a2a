"""Writes pages with Jinja2; everything that came from a document is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jinja2
import orjson
from starlette.requests import Request
from starlette.responses import Response

from ..record._schema import GEO_PRECISIONS
from ._problem import Problem
from ._static import asset_addresses
from ._visit import Visit, Web, packed

__all__ = ["environment", "render", "render_problem"]

_GROUPS = {"strike": "strike", "attack": "attack", "violence_against_civilians": "civilians"}
_TONES = {"confirmed": "good", "fair": "good", "weak": "warn", "contested": "bad"}
_TEMPLATES = Path(__file__).with_name("templates")
NAV = (("/record", "Record"), ("/incidents", "Incidents"), ("/briefs", "Briefs"), ("/effects", "Effects"),
       ("/sources", "Sources"), ("/changes", "Changes"))  # fmt: skip


def environment() -> jinja2.Environment:
    """Make the environment of the templates: escaping is on, and a name that is not given is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["thousands"] = lambda n: "–" if n is None else f"{n:,}"
    made.filters["shown"] = lambda value: "–" if value is None or value == "" else value
    made.filters["words"] = lambda value: str(value).replace("_", " ")
    made.filters["title_words"] = lambda value: str(value).replace("_", " ").capitalize()
    made.filters["group"] = lambda kind: _GROUPS.get(kind, "other")
    made.filters["tone"] = lambda grade: _TONES.get(grade, "plain")
    made.filters["geo_words"] = lambda code: GEO_PRECISIONS.get(code, "precision not stated")
    made.filters["figure"] = lambda number: "–" if number is None else f"{number:,.3g}"
    made.filters["percent"] = lambda share: f"{share:.0%}"
    made.globals["leave_out"] = leave_out
    made.globals["put_in"] = put_in
    made.filters["moment"] = _moment
    made.filters["for_script"] = _for_script
    made.globals["asset"] = lambda address: asset_addresses()[address]
    return made


def put_in(query: str, name: str, value: object) -> str:
    """Give a query with one parameter set to one value.

    Examples
    --------
    >>> put_in("kind=strike&page=2", "page", 3)
    'kind=strike&page=3'
    """
    kept = [(key, given) for key, given in parse_qsl(query) if key != name]
    return urlencode([*kept, (name, str(value))])


def leave_out(query: str, name: str, value: str | None = None, *further: str) -> str:
    """Give a query without a parameter, or without one of its values.

    Examples
    --------
    >>> leave_out("kind=strike&kind=attack&from=2017-01-01", "kind", "attack")
    'kind=strike&from=2017-01-01'
    """
    kept = [
        (key, given)
        for key, given in parse_qsl(query)
        if not (key == name and value in (None, given)) and key not in further
    ]
    return urlencode(kept)


def _moment(value: Any) -> str:
    """Write a time to the minute, as `2026-01-20 14:05`."""
    return "–" if value is None else str(value).replace("T", " ")[:16]


def _for_script(value: Any) -> str:
    """Write JSON for a data attribute; the template escapes it like any other text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _page(web: Web, request: Request, title: str) -> dict[str, Any]:
    """Give what every template may use as `page`."""
    session = request.scope["state"]["session"]
    path, query = request.url.path, request.url.query
    return {
        "title": title,
        "path": path,
        "address": path + (f"?{query}" if query else ""),
        "query": query,
        "twin": f"{path}.json" + (f"?{query}" if query else ""),
        "csrf": session.csrf,
        "nav": NAV,
        "is_read_only": web.settings.is_read_only,
        # who has not logged in learns nothing, not even what the record is called
        "record": web.settings.record.name if session.is_admitted else "afterstrike",
        "trouble": web.store.trouble if session.is_admitted else None,
        "has_token": web.settings.token is not None,
    }


def render(visit: Visit, template: str, title: str, data: Any, status: int = 200) -> Response:
    """Write a page.

    Parameters
    ----------
    visit : Visit
        The request.
    template : str
        Name of the template; it gets `data`, exactly what the JSON twin says, and `page` (see `_page`).
    title : str
        Of the page; the template may put a better one in its place.
    data : object
        What the page shows.
    status : int
        HTTP status.
    """
    text = visit.web.templates.get_template(template).render(
        data=data, page=_page(visit.web, visit.request, title)
    )
    body = text.encode("utf-8", "replace")
    response = Response(body, status, media_type="text/html")
    return packed(visit.request, response, body)


def render_problem(web: Web, request: Request, problem: Problem) -> Response:
    """Write the page that says why not."""
    page = _page(web, request, "Not possible")
    text = web.templates.get_template("problem.html.j2").render(data=problem.to_dict()["error"], page=page)
    return Response(text.encode("utf-8", "replace"), problem.status, media_type="text/html")
