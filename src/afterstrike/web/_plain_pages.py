"""The log-in form and the sign of life."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import __version__
from . import _schemas as schemas
from ._page import Action, Page
from ._parameter import text
from ._problem import Problem
from ._session import is_token
from ._visit import Visit

__all__ = ["ACTIONS", "PAGES"]


def health_data(visit: Visit) -> dict[str, Any]:
    """Say that the server lives, and whether it has a record to show; nothing that is in it."""
    try:
        visit.web.store.current()
        state = "serving"
    except Problem:
        state = "waiting for the record"
    return {"state": state, "version": __version__, "is_stale": visit.web.store.trouble is not None}


def login_data(visit: Visit) -> dict[str, Any]:
    """Say whether a token is needed and whether this visitor has shown it."""
    return {"needs_token": visit.settings.token is not None, "is_admitted": visit.session.is_admitted}


def login(visit: Visit) -> dict[str, Any]:
    """Take the token from the form."""
    if visit.settings.token is not None and not is_token(visit.settings, visit.values["token"]):
        raise Problem(401, "a token that is not right", "", "ask whoever runs this server for its token")
    state = visit.request.scope["state"]
    state["session"] = replace(visit.session, is_admitted=True)
    state["has_shown_token"] = True
    return {"see": "/record"}


PAGES = (
    Page("/healthz", "State", "Whether the server lives and has a record to show.", health_data, "health.html.j2",
         schemas.HEALTH),
    Page("/login", "Log in", "The form that takes the token.", login_data, "login.html.j2", schemas.LOGIN, is_quick=True),
)  # fmt: skip
ACTIONS = (
    Action("/login", "Show the token.", login, form=(text("token", "The token."),), must=("token",), is_open=True),
)  # fmt: skip
