"""The parameters of an address: typed, bounded, and described once for reading and for /openapi.json."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from ._problem import Problem

__all__ = ["Parameter", "box", "choice", "day", "flag", "number", "read_query", "text", "whole"]

MAX_VALUES = 50
MAX_TEXT = 200
_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,15})?")
# Control characters and lone surrogates name nothing; a right-to-left mark may stand in a name.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, how a value is read, and how it is described."""

    name: str
    read: Callable[[str], Any]
    schema: dict[str, Any]
    meaning: str
    is_many: bool = False
    default: Any = None
    example: Any = None

    def value(self, raw: Sequence[str]) -> Any:
        """Read what was given for it.

        Parameters
        ----------
        raw : sequence of str
            Every value given under its name; an empty one is as if it were not given, as forms send it.

        Returns
        -------
        object
            One value or its default; for a parameter that may be repeated, a tuple.

        Raises
        ------
        Problem
            400, with what is allowed.
        """
        given = [one for one in raw if one != ""]
        if not self.is_many and len(given) > 1:
            raise Problem(400, f"{self.name} is given {len(given)} times", "once", f"leave one {self.name}")
        if len(given) > MAX_VALUES:
            raise Problem(
                400, f"{self.name} is given {len(given)} times", f"at most {MAX_VALUES}", "give fewer"
            )
        read = tuple(dict.fromkeys(self._one(one) for one in given))
        return read if self.is_many else read[0] if read else self.default

    def _one(self, raw: str) -> Any:
        try:
            return self.read(raw)
        except (ValueError, OverflowError):
            shown = raw if len(raw) <= 60 else f"{raw[:60]}… ({len(raw)} characters)"
            raise Problem(
                400, f"{self.name}={_plain(shown)!r}", self.allowed(), f"change or leave out {self.name}"
            ) from None

    def allowed(self) -> str:
        """Say in words what a value may be."""
        if "enum" in self.schema:
            return ", ".join(map(str, self.schema["enum"]))
        return str(self.schema.get("description", "text"))


def _plain(shown: str) -> str:
    return shown.encode("utf-8", "backslashreplace").decode()


def text(name: str, meaning: str, *, is_many: bool = False, longest: int = MAX_TEXT) -> Parameter:
    """Give a parameter of any text up to a length."""

    def read(raw: str) -> str:
        if len(raw) > longest or _NO_TEXT.search(raw):
            raise ValueError
        return raw

    schema = {"type": "string", "minLength": 1, "maxLength": longest,
              "description": f"text of at most {longest} characters, none of them a control character"}  # fmt: skip
    return Parameter(name, read, schema, meaning, is_many)


def choice(
    name: str, values: Sequence[str], meaning: str, *, is_many: bool = False, default: str | None = None
) -> Parameter:
    """Give a parameter that is one of a few words."""

    def read(raw: str) -> str:
        if raw not in values:
            raise ValueError
        return raw

    return Parameter(name, read, {"type": "string", "enum": list(values)}, meaning, is_many, default)


def day(name: str, meaning: str) -> Parameter:
    """Give a parameter that is a day, YYYY-MM-DD."""

    def read(raw: str) -> dt.date:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
            raise ValueError
        return dt.date.fromisoformat(raw)

    schema = {"type": "string", "format": "date", "description": "a day as YYYY-MM-DD, e.g. 2017-03-01"}
    return Parameter(name, read, schema, meaning)


def whole(name: str, meaning: str, low: int, high: int, *, default: int | None = None) -> Parameter:
    """Give a parameter that is a whole number between two others."""

    def read(raw: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", raw) or not low <= int(raw) <= high:
            raise ValueError
        return int(raw)

    schema = {"type": "integer", "minimum": low, "maximum": high,
              "description": f"a whole number from {low} to {high}"}  # fmt: skip
    return Parameter(name, read, schema, meaning, default=default)


def number(name: str, meaning: str, low: float, high: float, *, default: float | None = None) -> Parameter:
    """Give a parameter that is a decimal number between two others."""

    def read(raw: str) -> float:
        if not _NUMBER.fullmatch(raw) or not low <= float(raw) <= high:
            raise ValueError
        return float(raw)

    schema = {"type": "number", "minimum": low, "maximum": high,
              "description": f"a number from {low:g} to {high:g}"}  # fmt: skip
    return Parameter(name, read, schema, meaning, default=default)


def flag(name: str, meaning: str) -> Parameter:
    """Give a parameter that is 1 or not there."""

    def read(raw: str) -> bool:
        if raw not in ("0", "1"):
            raise ValueError
        return raw == "1"

    return Parameter(name, read, {"type": "string", "enum": ["0", "1"]}, meaning, default=False)


def box(name: str, meaning: str) -> Parameter:
    """Give a parameter that is west, south, east, north in degrees."""

    def read(raw: str) -> tuple[float, float, float, float]:
        parts = raw.split(",")
        if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
            raise ValueError
        west, south, east, north = map(float, parts)
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            raise ValueError
        return west, south, east, north

    degrees = r"-?[0-9]{1,3}(\.[0-9]{1,15})?"
    schema = {"type": "string", "pattern": rf"^{degrees}(,{degrees}){{3}}$",
              "description": "west,south,east,north in degrees, e.g. 35,32,43,38; south is not above north"}  # fmt: skip
    return Parameter(name, read, schema, meaning, example="35,32,43,38")


def read_query(query: bytes, parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Read the query of an address.

    Parameters
    ----------
    query : bytes
        What stands behind the question mark.
    parameters : sequence of Parameter
        Those the page knows; any other is refused, since a slip would silently show more than asked.

    Returns
    -------
    dict
        A value for every parameter.

    Raises
    ------
    Problem
        400: an unknown name, a value that is not allowed, text that is not UTF-8.
    """
    names = {one.name: one for one in parameters}
    given: dict[str, list[str]] = {}
    try:
        pairs = [part for part in query.decode("ascii").split("&") if part]
        if len(pairs) > MAX_VALUES * 8:
            raise Problem(400, f"{len(pairs)} parameters", f"at most {MAX_VALUES * 8}", "give fewer")
        for pair in pairs:
            name, _, value = pair.partition("=")
            given.setdefault(unquote_plus(name, errors="strict"), []).append(
                unquote_plus(value, errors="strict")
            )
    except UnicodeError:
        raise Problem(
            400, "a query that is not UTF-8", "percent-encoded UTF-8", "encode the address again"
        ) from None
    for name in given:
        if name not in names:
            raise Problem(
                400, f"the parameter {_plain(name[:60])!r}", ", ".join(names) or "none", "leave it out"
            )
    return {name: one.value(given.get(name, [])) for name, one in names.items()}
