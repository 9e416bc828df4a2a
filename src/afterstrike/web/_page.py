"""The shape of the tables of pages: each line is a route, its JSON twin and its entry in /openapi.json."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from ._parameter import Parameter
from ._visit import Visit

__all__ = ["Action", "File", "Page"]


@dataclass(frozen=True)
class Page:
    """A page with a JSON twin.

    `answer` gives what the twin says; the page shows the same. It runs in a thread unless `is_quick`. `schema` is the
    JSON Schema of the twin. `path` may hold {names} of `in_path`.
    """

    path: str
    title: str
    summary: str
    answer: Callable[[Visit], Any]
    template: str
    schema: dict[str, Any]
    query: tuple[Parameter, ...] = ()
    in_path: tuple[Parameter, ...] = ()
    is_quick: bool = False
    twin: Callable[[Visit], Response] | None = None  # writes the JSON answer itself, where that is quicker
    page: Callable[[Visit], Response] | None = None  # writes the page itself, where it is no template of ours
    is_twin_only: bool = False


@dataclass(frozen=True)
class File:
    """A GET that is neither page nor twin: a download, a picture, a file of ours."""

    path: str
    summary: str
    answer: Callable[[Visit], Response]
    media_type: str
    query: tuple[Parameter, ...] = ()
    in_path: tuple[Parameter, ...] = ()
    is_quick: bool = False


@dataclass(frozen=True)
class Action:
    """A POST. `answer` gives what happened and where it can be seen: {"see": address, ...}."""

    path: str
    summary: str
    answer: Callable[[Visit], dict[str, Any]]
    form: tuple[Parameter, ...] = ()
    in_path: tuple[Parameter, ...] = ()
    file: str | None = None  # name of the field that holds an uploaded file
    must: tuple[str, ...] = ()  # fields that may not be empty
    is_open: bool = False  # also where nothing may be changed
