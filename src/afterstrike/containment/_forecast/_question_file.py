"""A question as a file: TOML, with the class from shipped figures or a table beside it."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from ...errors import SourceError, UsageError
from ._cases import STRIKE_MEASURES, ReferenceClass, reference_class, reference_from_figures
from ._yes_no import YesNo, yes_no

__all__ = ["EXAMPLE", "load_question"]

EXAMPLE = """# A yes/no question. Write dates as YYYY-MM-DD.
text = "Is there an announced US strike on ISIS in Syria in 2027?"
area = ["Syria"]
counts = "CENTCOM announces at least one strike on ISIS in Syria, dated in that year."
opens = 2026-11-01      # asked on; years of the class not over by then are left out
starts = 2027-01-01     # first and last day on which the event counts
ends = 2027-12-31
resolves = 2028-01-31   # resolved from this day on, when late reports are in
persistence = false     # true: a year depends on the one before
would_change = ["A withdrawal of US forces, or a statement that the campaign is over."]

[reference]             # figures the record ships, or: table = "years.csv" and words = "..."
areas = ["SYR", "IRQ"]
measures = ["air_strikes", "weapons_released", "targets_struck", "munitions_employed"]
"""

_KEYS = {"text", "area", "counts", "opens", "starts", "ends", "resolves", "prior", "persistence", "precision",
         "level", "would_change", "reference"}  # fmt: skip
_REFERENCE_KEYS = {"areas", "measures", "table", "words", "note"}
_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,), "counts": (str,), "area": (list,), "opens": (str, date), "starts": (str, date), "ends": (str, date),
    "resolves": (str, date), "prior": (list,), "persistence": (bool,), "precision": (str,), "level": (int, float),
    "would_change": (list,), "reference": (dict,), "areas": (list,), "measures": (list,), "table": (str,), "words": (str,),
    "note": (str,),
}  # fmt: skip


def load_question(path: str | Path, *, opens: date | str | None = None) -> YesNo:
    """Read a question from a TOML file and answer it.

    Parameters
    ----------
    path
        The file; `afterstrike forecast question --example` prints one. A table it names lies beside it.
    opens
        The day it is asked, where the file does not say; today by default.

    Returns
    -------
    YesNo

    Raises
    ------
    SourceError
        The file cannot be read as TOML.
    UsageError
        A key is unknown, missing or of another type, or `yes_no` refuses it.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "question.toml").write_text(EXAMPLE)
    ...     load_question(Path(folder, "question.toml")).ends.year
    2027
    """
    source = Path(path)
    try:
        told = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise SourceError(
            f"{source} cannot be read as TOML ({reason}); `afterstrike forecast question --example` prints a question"
        ) from None
    _check_keys(told, _KEYS, source.name)
    for name in ("text", "area", "counts", "ends", "reference"):
        if name not in told:
            raise UsageError(
                f"{source.name}: no {name}; a question has text, area, counts, ends and [reference]"
            )
    day = told.pop("opens", opens or date.today())
    asked = date.fromisoformat(day) if isinstance(day, str) and _is_day(day) else day
    reference = _reference(told.pop("reference"), source, asked)
    if "prior" in told:
        told["prior"] = tuple(told["prior"])
    return yes_no(**told, opens=asked, reference=reference)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_keys(told: dict[str, Any], allowed: set[str], where: str) -> None:
    for name, value in told.items():
        if name not in allowed:
            raise UsageError(f"{where}: key {name!r}; allowed are {', '.join(sorted(allowed))}")
        kinds = _TYPES[name]
        wrong = not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
        parts = float if name == "prior" else str
        if isinstance(value, list) and not wrong:
            wrong = not all(isinstance(one, (int, float) if parts is float else str) for one in value)
        if wrong:
            words = {str: "text", date: "a date", list: "a list", bool: "true or false", dict: "a table"}
            kind = " or ".join(words.get(one, "a number") for one in kinds)
            raise UsageError(f"{where}: {name} = {value!r}; it is {kind}")


def _reference(told: dict[str, Any], source: Path, opens: Any) -> ReferenceClass:
    where = f"{source.name} [reference]"
    _check_keys(told, _REFERENCE_KEYS, where)
    if "table" in told:
        if "words" not in told or {"areas", "measures"} & set(told):
            raise UsageError(f"{where}: a table goes with words (and note), and with no areas or measures")
        return reference_class(source.parent / told["table"], words=told["words"], note=told.get("note", ""))
    if "areas" not in told:
        raise UsageError(f"{where}: neither table nor areas; give one of them")
    as_of = opens if isinstance(opens, date) else date.today()
    return reference_from_figures(told["areas"], as_of=as_of, measures=told.get("measures", STRIKE_MEASURES))
