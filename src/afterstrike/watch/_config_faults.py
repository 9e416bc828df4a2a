"""Gathers what is wrong with the file of a watch, each fault with its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Faults"]


@dataclass
class Faults:
    """What is wrong with a file, in the order of its lines."""

    lines: dict[tuple[Any, ...], int]
    found: list[tuple[int, str]] = field(default_factory=list)

    def say(self, path: tuple[Any, ...], words: str) -> None:
        line = next((self.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.lines), 1)
        self.found.append((line, words))
