"""/openapi.json, written from the same tables as the routes, so that it says what the server does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .. import __version__
from . import _schemas as schemas
from ._page import Action, File, Page
from ._parameter import Parameter

__all__ = ["openapi"]

_ERRORS = {
    "400": "A parameter that is not allowed.",
    "401": "No token, where one is needed.",
    "404": "Not there.",
    "503": "The record cannot be read yet, or too much waits.",
}
_REFUSALS = {
    "403": "Not from our own form, or a server that only reads.",
    "408": "The body did not come in time.",
    "413": "Too large.",
    "415": "Not a form.",
}


def openapi(pages: Sequence[Page], files: Sequence[File], actions: Sequence[Action]) -> dict[str, Any]:
    """Describe the JSON twins, the files and the actions as OpenAPI 3.1.

    Parameters
    ----------
    pages, files, actions
        The tables of routes.

    Returns
    -------
    dict
        Ready to be written as JSON.
    """
    paths: dict[str, dict[str, Any]] = {}
    for page in pages:
        paths[_path(f"{page.path}.json")] = {
            "get": _operation(page.summary, page.in_path, page.query, "application/json", page.schema)
        }
    for file in files:
        paths[_path(file.path)] = {
            "get": _operation(file.summary, file.in_path, file.query, file.media_type, None)
        }
    for action in actions:
        paths.setdefault(_path(action.path), {})["post"] = _action(action)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "afterstrike",
            "version": __version__,
            "description": "A record of events as served by `afterstrike serve`. Every page has a JSON twin at its own "
            "address with .json. What a source does not state is null, never 0.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Error": schemas.ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _path(path: str) -> str:
    """Write a path without Starlette's convertors."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _parameter(one: Parameter, where: str) -> dict[str, Any]:
    schema = {"type": "array", "items": one.schema, "maxItems": 50} if one.is_many else dict(one.schema)
    if one.default is not None and not one.is_many and one.default is not False:
        schema["default"] = one.default
    found = {
        "name": one.name,
        "in": where,
        "required": where == "path",
        "description": one.meaning,
        "schema": schema,
    }
    if one.is_many:
        found |= {"style": "form", "explode": True}
    if one.example is not None:
        found["example"] = one.example
    return found


def _answers(media_type: str, schema: dict[str, Any] | None) -> dict[str, Any]:
    content = {media_type: {"schema": schema or {"type": "string"}}}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {"200": {"description": "What was asked for.", "content": content}} | {
        status: {"description": words, "content": error} for status, words in _ERRORS.items()
    }


def _operation(
    summary: str,
    in_path: Sequence[Parameter],
    query: Sequence[Parameter],
    media_type: str,
    schema: dict[str, Any] | None,
) -> dict[str, Any]:
    parameters = [_parameter(one, "path") for one in in_path] + [_parameter(one, "query") for one in query]
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": _answers(media_type, schema),
        "security": [{}, {"token": []}],
    }


def _action(action: Action) -> dict[str, Any]:
    fields: dict[str, Any] = {"csrf": {"type": "string", "description": "The mark in our own pages."}}
    for one in action.form:
        fields[one.name] = {"type": "array", "items": one.schema} if one.is_many else one.schema
    if action.file:
        fields[action.file] = {"type": "string", "format": "binary"}
    media = "multipart/form-data" if action.file else "application/x-www-form-urlencoded"
    form = {"type": "object", "properties": fields, "required": list(action.must)}
    found = _operation(action.summary, action.in_path, (), "application/json", schemas.DONE)
    found["requestBody"] = {"required": True, "content": {media: {"schema": form}}}
    error = found["responses"]["400"]["content"]
    for status, words in _REFUSALS.items():
        found["responses"][status] = {"description": words, "content": error}
    found["responses"]["303"] = {
        "description": "Done; it leads to the result, for those who do not ask for JSON."
    }
    return found
