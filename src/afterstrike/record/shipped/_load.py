"""Reads the tables that ship with the package: figures, measures, dated facts, series, outline."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

from afterstrike.errors import SourceError, UsageError

from ._model import Approximation, Area, Fact, FactRole, Figure, Measure, Series
from ._phrases import any_order

HERE = Path(__file__).resolve().parent

# fmt: off
FIGURE_COLUMNS = (
    "figure_id", "measure", "area", "period_start", "period_end", "value", "low", "high", "unit",
    "approx", "source", "origin", "source_url", "note",
)
FACT_COLUMNS = (
    "fact_id", "role", "date", "until", "area", "phrases", "not_phrases", "before", "after", "statement",
    "source", "source_url", "note",
)
# fmt: on


def _pattern(text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise SourceError(f"{where}: got the expression {text!r}, which is not valid ({error})") from None


def _patterns(texts: Sequence[str], where: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(text, where) for text in texts if text)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row of a CSV with the words that say where it stands."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise SourceError(
                    f"{path.name}: got no column {', '.join(missing)}; needed are {', '.join(columns)}"
                )
            for number, row in enumerate(reader, start=2):
                yield f"{path.name} row {number}", {k: (row.get(k) or "").strip() for k in columns}
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise SourceError(f"{path.name}: got bytes that are not UTF-8; save the table as UTF-8") from None


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SourceError(f"{where}: got the date {text!r}; write it as YYYY-MM-DD") from None


def _number(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise SourceError(f"{where}: got {text!r} where a number is needed, or nothing") from None


def _figure(where: str, row: dict[str, str], known: dict[str, Measure]) -> Figure:
    start, end = _date(row["period_start"], where), _date(row["period_end"], where)
    value, low, high = (_number(row[name], where) for name in ("value", "low", "high"))
    if row["measure"] not in known:
        raise SourceError(f"{where}: got the measure {row['measure']!r}; allowed are {', '.join(known)}")
    if row["approx"] not in ("exact", "about", "over", "under"):
        raise SourceError(f"{where}: got approx {row['approx']!r}; allowed are exact, about, over, under")
    if end < start:
        raise SourceError(f"{where}: the period ends on {end}, before it starts on {start}")
    if value is None and (low is None or high is None):
        raise SourceError(f"{where}: got neither a value nor both low and high; give one of them")
    ordered = [n for n in (low, value, high) if n is not None]
    if ordered != sorted(ordered):
        raise SourceError(f"{where}: got low {low}, value {value}, high {high}; order them upwards")
    for name in ("figure_id", "area", "unit", "source", "origin"):
        if not row[name]:
            raise SourceError(f"{where}: {name} is empty; every figure needs one")
    return Figure(
        figure_id=row["figure_id"],
        measure=row["measure"],
        area=row["area"],
        period_start=start,
        period_end=end,
        value=value,
        low=low,
        high=high,
        unit=row["unit"],
        approx=cast(Approximation, row["approx"]),
        source=row["source"],
        origin=row["origin"],
        source_url=row["source_url"] or None,
        note=row["note"] or None,
    )


@cache
def _figures_of(path: Path) -> tuple[Figure, ...]:
    known = measures()
    found = tuple(_figure(where, row, known) for where, row in _rows(path, FIGURE_COLUMNS))
    _unique((figure.figure_id for figure in found), "figure_id", path.name)
    return found


def _unique(ids: Iterator[str], name: str, where: str) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise SourceError(f"{where}: got {name} {one!r} twice; each must be given once")
        seen.add(one)


def figures(
    measure: str | None = None,
    area: str | None = None,
    as_of: date | str | None = None,
    *,
    extra: Sequence[str | Path] = (),
) -> tuple[Figure, ...]:
    """Give the shipped figures, sorted by measure, area and period.

    Parameters
    ----------
    measure : str, optional
        Only this measure; one of `measures()`.
    area : str, optional
        Only this area code, exactly: "SYR" leaves out "IRQ+SYR" and "SYR-NES".
    as_of : date or str, optional
        Only figures whose period ended by this day.
    extra : sequence of paths
        More tables of the same columns, added to the shipped one.

    Returns
    -------
    tuple of Figure

    Raises
    ------
    UsageError
        When there is no such measure.
    SourceError
        When an extra table cannot be read or a row is not as it must be.

    Examples
    --------
    >>> [f.value for f in figures("weapons_released", as_of="2018-01-01") if f.period_start.month == 8]
    [19760.0, 5600.0, 2244.0, 5075.0]
    """
    if measure is not None and measure not in measures():
        raise UsageError(f"got the measure {measure!r}; allowed are {', '.join(measures())}")
    limit = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    found = list(_figures_of(HERE / "figures.csv"))
    for path in extra:
        found.extend(_figures_of(Path(path).resolve()))
    if extra:
        _unique((figure.figure_id for figure in found), "figure_id", "the tables together")
    kept = [
        figure
        for figure in found
        if (measure is None or figure.measure == measure)
        and (area is None or figure.area == area)
        and (limit is None or figure.period_end <= limit)
    ]
    return tuple(sorted(kept, key=lambda f: (f.measure, f.area, f.period_start, f.period_end, f.figure_id)))


@cache
def _measures_table() -> dict[str, Any]:
    return tomllib.loads((HERE / "measures.toml").read_text(encoding="utf-8"))


@cache
def areas() -> dict[str, Area]:
    """Give the places that figures are stated for, by code, as listed in measures.toml."""
    return {row["code"]: _area(row) for row in _measures_table()["area"]}


def _area(row: dict[str, Any]) -> Area:
    terms, towns = (_patterns(row.get(name, ()), row["code"]) for name in ("terms", "towns"))
    return Area(row["code"], row["label"], terms, towns, row.get("part_of"))


@cache
def measures() -> dict[str, Measure]:
    """Give what the shipped figures count, by id, as listed in measures.toml.

    Examples
    --------
    >>> measures()["weapons_released"].unlike
    'weapons released, not sorties: one sortie may release several weapons or none'
    """
    return {row["id"]: _measure(row) for row in _measures_table()["measure"]}


def _measure(row: dict[str, Any]) -> Measure:
    where = f"measures.toml {row['id']}"
    return Measure(
        id=row["id"],
        label=row["label"],
        kind=row["kind"],
        unit=row["unit"],
        counts=row["counts"],
        areas=tuple(row["areas"]),
        phrase_terms=_patterns(row["phrase_terms"], where),
        terms=_patterns(row["terms"], where),
        not_terms=_patterns(row.get("not_terms", ()), where),
        tolerance=float(row["tolerance"]),
        tolerance_reason=row["tolerance_reason"],
        stands_for_days=row.get("stands_for_days"),
        closest_to=_patterns(row.get("closest_to", ()), where),
        unlike=row.get("unlike"),
        comparable_with=tuple(row.get("comparable_with", ())),
        place=row.get("place", "area"),
    )


def matching_measures(phrase: str, sentence: str, start: int | None = None) -> tuple[Measure, ...]:
    """Give the measures a quantity may count; none when its words fit none.

    Examples
    --------
    >>> [m.id for m in matching_measures("900 US troops", "There are 900 US troops in Syria.")]
    ['us_troops']
    """
    return tuple(m for m in measures().values() if m.speaks_of(phrase, sentence, start))


def closest_measures(text: str) -> tuple[tuple[Measure, re.Match[str]], ...]:
    """Give the measures that come nearest to a phrase we hold no figures for, with the words met.

    Each must be shown with its `unlike` caveat: it is not the same measure.

    Examples
    --------
    >>> [m.id for m, _ in closest_measures("the sortie rates of 2017")][:2]
    ['weapons_released', 'munitions_employed']
    """
    found = []
    for measure in measures().values():
        match = next((m for term in measure.closest_to if (m := term.search(text))), None)
        if match:
            found.append((measure, match))
    return tuple(found)


@cache
def _facts() -> tuple[Fact, ...]:
    found = []
    for where, row in _rows(HERE / "facts.csv", FACT_COLUMNS):
        if row["role"] not in ("overtakes", "anchor"):
            raise SourceError(f"{where}: got the role {row['role']!r}; allowed are overtakes, anchor")
        found.append(
            Fact(
                fact_id=row["fact_id"],
                role=cast(FactRole, row["role"]),
                date=_date(row["date"], where),
                until=_date(row["until"], where) if row["until"] else None,
                area=row["area"],
                phrases=_patterns((any_order(row["phrases"]),), where),
                not_phrases=_pattern(row["not_phrases"], where) if row["not_phrases"] else None,
                before=row["before"] or None,
                after=row["after"] or None,
                statement=row["statement"],
                source=row["source"],
                source_url=row["source_url"] or None,
                note=row["note"] or None,
            )
        )
    _unique((fact.fact_id for fact in found), "fact_id", "facts.csv")
    return tuple(sorted(found, key=lambda fact: (fact.date, fact.fact_id)))


def facts(as_of: date | str | None = None, *, role: FactRole | None = None) -> tuple[Fact, ...]:
    """Give the dated facts, oldest first.

    Parameters
    ----------
    as_of : date or str, optional
        Only facts of this day or earlier that still hold on it.
    role : {"overtakes", "anchor"}, optional
        overtakes: words in use before it are out of date after it. anchor: a day that spans of
        years in a text can be counted from.

    Examples
    --------
    >>> [f.date.isoformat() for f in facts(as_of="2017-12-31", role="anchor")]
    ['2014-06-29', '2014-08-08', '2017-10-20', '2017-12-10']
    """
    limit = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return tuple(
        fact
        for fact in _facts()
        if role in (None, fact.role)
        and (limit is None or (fact.date <= limit and (fact.until is None or limit <= fact.until)))
    )


def series_names() -> tuple[str, ...]:
    """Give the names of the shipped series."""
    return tuple(_series_table())


@cache
def _series_table() -> dict[str, dict[str, Any]]:
    table = tomllib.loads((HERE / "series" / "series.toml").read_text(encoding="utf-8"))
    return {row["name"]: row for row in table["series"]}


def _cell(text: str, kind: str) -> str | int | float | bool | None:
    if kind == "text":
        return text
    if text == "":
        return None  # missing, never zero
    if kind == "flag":
        return text == "true"
    return int(text) if kind == "whole" else float(text)


@cache
def series(name: str) -> Series:
    """Give one shipped series.

    Parameters
    ----------
    name : str
        One of `series_names()`.

    Returns
    -------
    Series
        Rows as dictionaries; an empty cell is None: not stated, not zero.

    Examples
    --------
    >>> series("us_strikes_weekly").unit
    'strikes'
    """
    table = _series_table()
    if name not in table:
        raise UsageError(f"got the series {name!r}; allowed are {', '.join(table)}")
    row = table[name]
    kinds: dict[str, str] = row["columns"]
    rows = tuple(
        {column: _cell(cells[column], kind) for column, kind in kinds.items()}
        for _, cells in _rows(HERE / "series" / row["file"], tuple(kinds))
    )
    weeks = [date.fromisoformat(str(one["week"])) for one in rows]
    return Series(
        name=name,
        title=row["title"],
        rows=rows,
        unit=row["unit"],
        source=row["source"],
        licence=row["licence"],
        citation=row["citation"],
        first=min(weeks),
        last=max(weeks),
        measure=row.get("measure"),
        notes=tuple(row["notes"]),
    )


@cache
def outline() -> dict[str, Any]:
    """Give the world's countries as GeoJSON; each has `name` and `iso3`, null where ISO gives no code."""
    with gzip.open(HERE / "countries_110m.geojson.gz", "rt", encoding="utf-8") as handle:
        return cast("dict[str, Any]", json.load(handle))


def simulated_path() -> Path:
    """Give the path of the simulated event set: invented places, known lull; evidence of nothing."""
    return HERE / "simulated_events.csv"


@cache
def hashes() -> dict[str, str]:
    """Give the SHA-256 of every shipped table, by its path below this folder, for a brief's provenance."""
    kept = (".csv", ".toml", ".gz")
    paths = sorted(p for p in HERE.rglob("*") if p.suffix in kept)
    return {p.relative_to(HERE).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}
