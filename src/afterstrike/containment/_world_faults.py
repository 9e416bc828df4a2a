"""Gathers what is wrong with the file of a world, each fault with its place and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from afterstrike.errors import UsageError

__all__ = ["Faults", "Path_", "did_you_mean", "shown"]

Path_ = tuple[str | int, ...]
_MOST = 40
_HEADER = re.compile(r"\s*(\[\[?)(.+?)(\]\]?)\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)


@dataclass
class Faults:
    """What is wrong with a file."""

    text: str
    found: list[tuple[Path_, str]] = field(default_factory=list)

    def say(self, path: Path_, words: str) -> None:
        """Note one fault; the path is that of the value in the parsed file."""
        self.found.append((path, words))

    def stop_if_any(self, where: str) -> None:
        """Raise one UsageError that holds all faults, in the order of the file; nothing where there are none."""
        if not self.found:
            return
        lines = _lines(self.text)
        placed = sorted(
            (next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 1), number, path, words)
            for number, (path, words) in enumerate(self.found)
        )  # fmt: skip
        told = [f"  line {line}, {_spelled(path)}: {words}" for line, _, path, words in placed[:_MOST]]
        if len(placed) > _MOST:
            told.append(f"  and {len(placed) - _MOST} more")
        count = "one fault" if len(placed) == 1 else f"{len(placed)} faults"
        raise UsageError(
            "\n".join([f"{where} cannot be used as a world, {count}:", *told, "See docs/worlds.md"])
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give " (did you mean ...?)" with the nearest known name; "" where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def shown(value: Any) -> str:
    """Give a value as it may stand in a message: short, on one line."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        return "a number too long to show"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _spelled(path: Path_) -> str:
    words = ""
    for part in path:
        if isinstance(part, int):
            words += f"[{part + 1}]"
        elif re.fullmatch(r"[A-Za-z0-9_-]{1,80}", part):
            words += f".{part}" if words else part
        else:
            words += f'{"." if words else ""}"{part[:80]}"'
    return words or "the file"


def _parts(key: str) -> tuple[str, ...]:
    """Give the parts of a dotted key as TOML reads it; none where it is no key."""
    try:
        inner: Any = tomllib.loads(f"{key} = 0")
    except (ValueError, RecursionError):
        return ()
    found: list[str] = []
    while isinstance(inner, dict):
        ((name, inner),) = inner.items()
        found.append(name)
    return tuple(found)


def _lines(text: str) -> dict[Path_, int]:
    """Give the line on which each table and key stands. tomllib keeps none; inside strings it may guess wrong."""
    lines: dict[Path_, int] = {}
    count: dict[tuple[str, ...], int] = {}
    table: Path_ = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER.match(line):
            parts = _parts(match[2])
            table = parts
            if parts and match[1] == "[[":
                count[parts] = count.get(parts, -1) + 1
                table = (*parts, count[parts])
            for n in range(1, len(table) + 1):
                lines.setdefault(table[:n], number)
        elif match := _KEY.match(line):
            path = table
            for part in _parts(match[1]):
                path = (*path, part)
                lines.setdefault(path, number)
    return lines
