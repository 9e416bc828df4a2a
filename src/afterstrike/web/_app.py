"""The app: one table of pages becomes routes, JSON twins and /openapi.json; the guard stands before all of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Scope

from . import (
    _action_pages,
    _brief_pages,
    _change_pages,
    _effect_pages,
    _incident_pages,
    _plain_pages,
    _record_pages,
    _static,
)
from ._form import read_form
from ._guard import Guard
from ._jobs import Jobs
from ._openapi import openapi
from ._page import Action, File, Page
from ._parameter import Parameter, read_query
from ._problem import Problem
from ._render import environment, render, render_problem
from ._settings import Settings
from ._snapshot import SnapshotStore
from ._visit import AnswerCache, Visit, Web, json_bytes, json_response

__all__ = ["ACTIONS", "FILES", "PAGES", "create_app"]

PAGES: tuple[Page, ...] = (
    *_record_pages.PAGES, *_incident_pages.PAGES, *_brief_pages.PAGES, *_effect_pages.PAGES, *_change_pages.PAGES,
    *_plain_pages.PAGES,
)  # fmt: skip
FILES: tuple[File, ...] = (*_record_pages.FILES, *_incident_pages.FILES, *_effect_pages.FILES, *_static.FILES)
ACTIONS: tuple[Action, ...] = (
    *_action_pages.ACTIONS, *_brief_pages.ACTIONS, *_effect_pages.ACTIONS, *_plain_pages.ACTIONS,
)  # fmt: skip

# Work done in threads at the same time: reading pages, and files that are written for a visitor.
THREADS = 8


def create_app(settings: Settings) -> Guard:
    """Make the web app of one record.

    Parameters
    ----------
    settings : Settings
        The record, the folders beside it, who may come, and the limits.

    Returns
    -------
    Guard
        An app for any ASGI server; its start and end (lifespan) begin and end the copying of the record.

    Examples
    --------
    >>> from pathlib import Path
    >>> app = create_app(Settings(Path("syria.duckdb")))
    >>> app.web.settings.record.name
    'syria.duckdb'
    """
    store = SnapshotStore(settings.record, write_seconds=settings.write_seconds)
    jobs = Jobs(settings.jobs_at_once, settings.jobs_waiting, settings.job_seconds)
    web = Web(settings, store, jobs, AnswerCache(settings.cache_bytes), environment())

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        web.limiter = anyio.CapacityLimiter(THREADS)
        await run_sync(store.start)
        try:
            yield
        finally:
            await run_sync(jobs.stop)
            await run_sync(store.stop)

    described = openapi(PAGES, FILES, ACTIONS)
    routes: list[Route] = [
        Route("/", _to_record),
        Route("/openapi.json", lambda request: JSONResponse(described)),
    ]
    routes += [
        Route(one.path, _answered(web, one.answer, one.in_path, one.query, one.is_quick)) for one in FILES
    ]
    routes += [route for page in PAGES for route in _page_routes(web, page)]
    routes += [Route(one.path, _acted(web, one), methods=["POST"]) for one in ACTIONS]
    # A bare router: what goes wrong in a page comes to the guard, which answers it.
    router = Router(routes, redirect_slashes=False, lifespan=lifespan)
    return Guard(router, web, lambda problem, scope: _refused(web, problem, scope))


async def _to_record(request: Request) -> Response:
    if request.scope["state"].get("has_shown_token"):
        # A redirect would belong to the site the visitor came from, and the browser would keep the new cookie back.
        return Response('<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=/record">'
                        '<title>Logged in</title><a href="/record">Go to the record</a>', media_type="text/html")  # fmt: skip
    return RedirectResponse("/record", 307)


def _page_routes(web: Web, page: Page) -> list[Route]:
    """Give the twin and the page; the twin first, since `{name}` would take `name.json` for a name."""

    def twin(visit: Visit) -> Response:
        if page.twin is not None:
            return page.twin(visit)
        return json_response(visit.request, json_bytes(page.answer(visit)))

    def shown(visit: Visit) -> Response:
        if page.page is not None:
            return page.page(visit)
        return render(visit, page.template, page.title, page.answer(visit))

    routes = [Route(f"{page.path}.json", _answered(web, twin, page.in_path, page.query, page.is_quick))]
    if not page.is_twin_only:
        routes.append(Route(page.path, _answered(web, shown, page.in_path, page.query, page.is_quick)))
    return routes


def _answered(
    web: Web,
    answer: Callable[[Visit], Response],
    in_path: tuple[Parameter, ...],
    query: tuple[Parameter, ...],
    is_quick: bool,
) -> Callable[[Request], Any]:
    """Make the endpoint of a GET: read the parameters, answer here if that is quick, else in a thread."""

    async def endpoint(request: Request) -> Response:
        values = read_query(request.scope["query_string"], query)
        values |= _path_values(request, in_path)
        visit = Visit(web, request, values, request.scope["state"]["session"])
        if is_quick:
            return answer(visit)
        return await run_sync(answer, visit, limiter=_threads(web))

    return endpoint


def _threads(web: Web) -> anyio.CapacityLimiter:
    if web.limiter is None:
        web.limiter = anyio.CapacityLimiter(THREADS)
    return web.limiter


def _path_values(request: Request, in_path: tuple[Parameter, ...]) -> dict[str, Any]:
    values = {}
    for one in in_path:
        try:
            values[one.name] = one.value([request.path_params[one.name]])
        except Problem as problem:
            raise Problem(404, problem.got, problem.allowed, "go to /record") from None
        if values[one.name] is None:
            raise Problem(404, f"no {one.name}", "", "go to /record")
    return values


def _acted(web: Web, action: Action) -> Callable[[Request], Any]:
    """Make the endpoint of a POST: refuse what is not our own form, act in a thread, and lead to the result."""

    async def endpoint(request: Request) -> Response:
        read_query(request.scope["query_string"], ())
        session = request.scope["state"]["session"]
        path = _path_values(request, action.in_path)
        async with read_form(request, action, session, web.settings) as values:
            visit = Visit(web, request, values | path, session)
            done = await run_sync(action.answer, visit, limiter=_threads(web))
        if "application/json" in request.headers.get("accept", ""):
            return Response(json_bytes(done), media_type="application/json")
        return RedirectResponse(done["see"], 303)

    return endpoint


def _refused(web: Web, problem: Problem, scope: Scope) -> ASGIApp:
    """Give the answer to a request that is refused: JSON to programs, a page to people."""
    request = Request(scope)
    path, accept = scope["path"], request.headers.get("accept", "")
    is_json = path.endswith((".json", ".geojson", ".csv", ".parquet")) or "application/json" in accept
    if is_json or path.startswith(("/static/", "/vendor/")):
        response: Response = JSONResponse(problem.to_dict(), problem.status)
    else:
        response = render_problem(web, request, problem)
    if problem.status == 503:
        response.headers["retry-after"] = "5"
    if problem.status == 401:
        response.headers["www-authenticate"] = "Bearer"
    return response
