"""A rule of the coding step as data: read from TOML, checked, and named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from afterstrike.errors import UsageError

__all__ = ["OFF", "RULES", "CodingRule", "load_rule", "parse_rule"]

OFF = "none"
RULES = ("ged-words", OFF)
WORD_LISTS = (
    "air", "raid", "shelling", "device", "attack", "attacker_verb", "execution", "advance", "clash",
    "toll", "remnant", "killing", "by",
)  # fmt: skip
GENERIC = ("state", "group", "rebels", "coalition")
_SORTS = {"state": "state", "group": "group", "rebels": "group", "coalition": "coalition"}


@dataclass(frozen=True)
class CodingRule:
    """A rule: its name, version and word lists; an off rule has no lists."""

    name: str
    version: str
    text: str = field(repr=False)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    generic: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    coalitions: Mapping[str, str] = field(default_factory=dict, repr=False)
    air_support: Mapping[str, str] = field(default_factory=dict, repr=False)
    monitors: tuple[str, ...] = field(default=(), repr=False)
    joints: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_off(self) -> bool:
        """Say whether the rule codes nothing."""
        return self.name == OFF

    @property
    def label(self) -> str:
        """Give what stands in `coded_by`."""
        return f"{self.name} {self.version}"

    def stand_in(self, who: str) -> tuple[str, str] | None:
        """Give ("@state", sort), or @group, @rebels, @coalition, for a word that stands for a side."""
        word = " ".join(who.split())
        for name, entries in self.generic.items():
            if any(re.fullmatch(entry, word, re.IGNORECASE) for entry in entries):
                return f"@{name}", _SORTS[name]
        return None


def load_rule(rule: str | Path) -> CodingRule:
    """Read a rule by its name or from a file.

    Parameters
    ----------
    rule : str or Path
        "ged-words" (the shipped rule), "none" (no coding), or a TOML file of the shipped rule's form.

    Returns
    -------
    CodingRule
        The rule, checked.

    Raises
    ------
    UsageError
        Where there is no such rule or file, or the file is of another form.

    Examples
    --------
    >>> load_rule("ged-words").label
    'ged-words 1'
    """
    if str(rule) == OFF:
        return CodingRule(OFF, "", text="")
    if str(rule) == "ged-words":
        shipped = files("afterstrike.record").joinpath("coding_rules.toml").read_text(encoding="utf-8")
        return parse_rule(shipped, "ged-words")
    path = Path(rule)
    if not path.is_file():
        raise UsageError(
            f"coding rule {str(rule)!r} is neither a known rule ({', '.join(RULES)}) nor a file; "
            "give a TOML rule file or a CSV of codes"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"coding rule {path} cannot be read as UTF-8 text: {problem}") from None
    return parse_rule(text, str(path))


def parse_rule(text: str, origin: str) -> CodingRule:
    """Read a rule from the text of its file; `origin` names it in messages.

    Raises
    ------
    UsageError
        Where a part is missing or a pattern cannot be used; the message names it.
    """
    if not text:
        return CodingRule(OFF, "", text="")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise UsageError(f"coding rule {origin} is no TOML: {problem}; see docs/coding.md") from None
    for key in ("name", "version"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise UsageError(f'coding rule {origin} has no {key}; write {key} = "..." at its top')
    if table["name"] == OFF:
        raise UsageError(f"coding rule {origin} is named 'none', which means no coding; give it another name")
    words = {name: _patterns(table, "words", name, origin) for name in WORD_LISTS}
    return CodingRule(
        name=table["name"],
        version=table["version"],
        text=text,
        words=words,
        generic={name: _patterns(table, "generic", name, origin) for name in GENERIC},
        coalitions=_names(table, "coalition_by_country", origin),
        air_support=_names(table, "air_support", origin),
        monitors=_patterns(table, "strike_monitors", "offices", origin),
        joints=_patterns(table, "joints", "split", origin),
    )


def _patterns(table: Mapping[str, object], section: str, name: str, origin: str) -> tuple[str, ...]:
    """Give one list of patterns; an empty one gets a pattern that never matches."""
    part = table.get(section)
    entries = part.get(name) if isinstance(part, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(e, str) and e for e in entries):
        raise UsageError(
            f"coding rule {origin}: [{section}] {name} must be a list of words; see docs/coding.md"
        )
    for entry in entries:
        try:
            groups = re.compile(entry).groups
        except re.error as problem:
            raise UsageError(
                f"coding rule {origin}: [{section}] {name}: {entry!r} is no pattern: {problem}"
            ) from None
        if groups or re.search(r"\\[1-9]|\(\?[=!<]", entry):
            raise UsageError(
                f"coding rule {origin}: [{section}] {name}: {entry!r} has a capturing group, a reference or "
                "a look-around; write (?:...) for a group"
            )
    return tuple(entries) or (r"[^\s\S]",)


def _names(table: Mapping[str, object], section: str, origin: str) -> dict[str, str]:
    """Give one table of names; absent is empty."""
    part = table.get(section, {})
    if not isinstance(part, Mapping) or not all(isinstance(v, str) and v for v in part.values()):
        raise UsageError(f"coding rule {origin}: [{section}] must be a table of names; see docs/coding.md")
    return {str(key): str(value) for key, value in part.items()}
