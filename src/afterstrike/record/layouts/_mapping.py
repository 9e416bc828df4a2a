"""Any table of events, with a small mapping that says which column is what (docs/mapping.md).

A mapping names, for columns of the event table, the file's column (`[columns]`) or one value for every row
(`[constants]`), how the file's words for `kind` are to be read (`[kinds]`), and how dates and numbers are
written (`date_format`, `decimal_comma`, `timezone`, `missing`). What cannot be read is rejected row by row
with the column and the value; a column that the file does not have stops the import with a list of those it
has.
"""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from afterstrike.errors import LayoutError, UsageError
from afterstrike.record._schema import COLUMNS, EVENT_KINDS
from afterstrike.record.layouts._staging import (
    RawTable,
    content_hash,
    country_codes,
    create,
    did_you_mean,
    fold,
    literal,
    lookup,
    quoted,
    repeat_number,
)

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT", "load_mapping"]

_TYPES = {c.name: c.sql_type for c in COLUMNS if c.name not in ("import_id", "dataset", "dataset_version")}
_TABLES = ("columns", "constants", "kinds")
_SETTINGS = (
    "dataset", "dataset_version", "licence", "citation", "date_format", "decimal_comma", "timezone",
    "missing", "withheld",
)  # fmt: skip
_LISTS = ("date_format", "missing", "withheld")  # may be said several times
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")
_FORM = {
    "INTEGER": "a whole number", "TINYINT": "a whole number", "DOUBLE": "a number", "DATE": "a date",
    "TIMESTAMP": "a date with a time",
}  # fmt: skip


def load_mapping(path: Path | str) -> dict[str, object]:
    """Read a mapping file.

    Parameters
    ----------
    path
        A `.toml` or `.json` file with the tables of docs/mapping.md, or a `.csv` of two columns: the name of
        ours or a setting, and the file's column; a value that begins with `=` is a constant, and
        `kind:<their word>` names a kind.

    Returns
    -------
    dict
        What `LayoutOptions(mapping=...)` takes.

    Raises
    ------
    UsageError
        The file cannot be opened or is not of its format.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "m.csv"
    >>> _ = file.write_text("date_start,day\\nkind,=strike\\n")
    >>> load_mapping(file)
    {'columns': {'date_start': 'day'}, 'constants': {'kind': 'strike'}, 'kinds': {}}
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.casefold() == ".json":
            loaded = json.loads(text)
        elif path.suffix.casefold() == ".csv":
            loaded = _from_csv(text)
        else:
            loaded = tomllib.loads(text)
    except OSError as problem:
        raise UsageError(
            f"mapping {path.name} cannot be opened: {problem.strerror}; check the name"
        ) from None
    except ValueError as problem:  # of JSON, of TOML, of the encoding
        raise UsageError(
            f"mapping {path.name} is no {path.suffix[1:].upper() or 'TOML'}: {problem}"
        ) from None
    if not isinstance(loaded, dict):
        raise UsageError(f"mapping {path.name} holds no table; write 'date_start = \"day\"' under [columns]")
    return loaded


def _from_csv(text: str) -> dict[str, object]:
    columns, said, kinds = {}, {}, {}
    settings: dict[str, object] = {}
    lists: dict[str, list[str]] = {}
    for row in csv.reader(text.splitlines()):
        if len(row) < 2 or row[0].strip().casefold() in ("", "ours", "afterstrike"):
            continue
        ours, theirs = row[0].strip(), row[1].strip()
        if ours.startswith("kind:"):
            kinds[ours.removeprefix("kind:")] = theirs
        elif ours in _LISTS:
            lists.setdefault(ours, []).append(theirs)
        elif ours in _SETTINGS:
            settings[ours] = theirs
        elif theirs.startswith("="):
            said[ours] = theirs[1:]
        else:
            columns[ours] = theirs
    said_lists = {name: values[0] if len(values) == 1 else values for name, values in lists.items()}
    return {"columns": columns, "constants": said, "kinds": kinds, **settings, **said_lists}


@dataclass(frozen=True)
class _Plan:
    """A checked mapping."""

    columns: dict[str, str]  # ours -> the file's own spelling
    constants: dict[str, str]
    kinds: dict[str, str]  # folded word of theirs -> kind
    default_kind: str | None
    dataset: str
    dataset_version: str | None
    licence: str
    date_formats: tuple[str, ...]
    decimal_comma: bool
    timezone: str | None
    missing: tuple[str, ...]


class _Mapping:
    name = "mapping"
    title = "any table of events, described by a mapping"
    dataset = "own-events"
    licence = "not stated"
    citation = "As stated by the publisher of the file."

    def matches(self, columns: Sequence[str]) -> bool:
        """A mapping is never guessed: it is used where one is given."""
        return False

    def citation_of(self, options: LayoutOptions) -> str:
        """Give the citation that the mapping states."""
        return _text(options.mapping, "citation") or self.citation

    def withheld(self, columns: Sequence[str], options: LayoutOptions) -> tuple[str, ...]:
        """Give the file's columns that the mapping says are not to be stored."""
        named = {fold(name): name for name in _list(options.mapping, "withheld")}
        missing = [name for folded, name in named.items() if folded not in {fold(c) for c in columns}]
        if missing:
            # a slip of the pen here would store what was to be kept out
            raise LayoutError(
                f"mapping: withheld '{missing[0]}', but the file has no such column"
                f"{did_you_mean(missing[0], columns)}; it has {', '.join(columns)}"
            )
        return tuple(column for column in columns if fold(column) in named)

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        plan = _check(options, table)
        names = [(name, iso) for _, name, iso in country_codes()] + [
            (iso.casefold(), iso) for *_, iso in country_codes()
        ]
        lookup(con, f"{staged}_countries", ("name", "adm0"), names)
        create(con, staged, _select(plan, table, f"{staged}_countries"))


def _check(options: LayoutOptions, table: RawTable) -> _Plan:
    """Check a mapping against the event table and the file; the messages say what is allowed."""
    mapping = options.mapping
    if not mapping:
        raise UsageError("the layout 'mapping' needs a mapping: --mapping FILE (docs/mapping.md)")
    flat = {k: v for k, v in mapping.items() if k in _TYPES and k not in _SETTINGS and isinstance(v, str)}
    for key in mapping:
        if key not in (*_TABLES, *_SETTINGS, *flat):
            near = did_you_mean(key, (*_TABLES, *_SETTINGS, *_TYPES))
            raise UsageError(
                f"mapping: '{key}' is not known{near}; allowed: {', '.join((*_TABLES, *_SETTINGS))}"
            )
    columns, said, kinds = (
        {**flat, **_table(mapping, "columns")},
        _table(mapping, "constants"),
        _table(mapping, "kinds"),
    )
    for key in (*columns, *said):
        if key not in _TYPES:
            near = did_you_mean(key, _TYPES)
            raise UsageError(f"mapping: '{key}' is no column of an event{near}; allowed: {', '.join(_TYPES)}")
    found = {}
    have = [c for c in table.columns if c != "row_number"]
    for ours, theirs in columns.items():
        spelling = table.find(theirs)
        if spelling is None:
            raise LayoutError(
                f"mapping: {ours} = '{theirs}', but the file has no such column{did_you_mean(theirs, have)}; "
                f"it has {', '.join(have)}"
            )
        found[ours] = spelling
    kept_out = {fold(name) for name in _list(mapping, "withheld")}
    for ours, theirs in found.items():
        if fold(theirs) in kept_out:
            raise UsageError(
                f"mapping: '{theirs}' is withheld and also the column of {ours}; take one of the two out"
            )
    default = kinds.pop("default", None)
    for word, kind in [*kinds.items(), *([("default", default)] if default else [])]:
        if kind not in EVENT_KINDS:
            raise UsageError(
                f"mapping: kind '{kind}' of '{word}' is not allowed; allowed: {', '.join(EVENT_KINDS)}"
            )
    if "kind" not in found and "kind" not in said:
        raise UsageError(
            "mapping: kind is not set; name its column under [columns] or write it under [constants]"
        )
    if "kind" in said and said["kind"] not in EVENT_KINDS:
        raise UsageError(f"mapping: kind '{said['kind']}' is not allowed; allowed: {', '.join(EVENT_KINDS)}")
    return _Plan(
        columns=found,
        constants={k: v for k, v in said.items() if k not in found},
        kinds={fold(word): kind for word, kind in kinds.items()},
        default_kind=default,
        dataset=options.dataset or str(mapping.get("dataset", _Mapping.dataset)),
        dataset_version=options.dataset_version or _text(mapping, "dataset_version"),
        licence=str(mapping.get("licence", _Mapping.licence)),
        date_formats=_list(mapping, "date_format"),
        decimal_comma=_switch(mapping, "decimal_comma"),
        timezone=_zone(mapping),
        missing=_list(mapping, "missing"),
    )


def _table(mapping: Mapping[str, object], name: str) -> dict[str, str]:
    part = mapping.get(name, {})
    if not isinstance(part, Mapping):
        raise UsageError(f"mapping: '{name}' is {part!r}; it must be a table such as [{name}]")
    return {str(k): str(v) for k, v in part.items()}


def _text(mapping: Mapping[str, object], name: str) -> str | None:
    return None if mapping.get(name) is None else str(mapping[name])


def _list(mapping: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = mapping.get(name, ())
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list | tuple):
        raise UsageError(f'mapping: {name} = {value!r}; write one text or a list, e.g. {name} = ["a", "b"]')
    return tuple(str(v) for v in value)


def _switch(mapping: Mapping[str, object], name: str) -> bool:
    word = str(mapping.get(name, "")).casefold()
    if word not in (*_TRUE, *_FALSE):
        raise UsageError(f"mapping: {name} = {mapping[name]!r}; allowed: true or false")
    return word in _TRUE


def _zone(mapping: Mapping[str, object]) -> str | None:
    zone = _text(mapping, "timezone")
    if zone is not None and zone not in available_timezones():
        raise UsageError(
            f"mapping: timezone '{zone}' is not known{did_you_mean(zone, available_timezones())}; "
            "write it as in 'Asia/Baghdad'"
        )
    return zone


def _select(plan: _Plan, table: RawTable, countries: str) -> str:
    """Write the query: every mapped value as text, then read by type, then checked."""
    texts = {ours: table.text(theirs, missing=plan.missing) for ours, theirs in plan.columns.items()}
    texts |= {ours: f"{literal(value)}::VARCHAR" for ours, value in plan.constants.items()}
    listed = ", ".join(f"{value} AS {quoted(ours)}" for ours, value in texts.items())
    values, reasons = [], []
    for ours in texts:
        value, bad = _value(plan, ours)
        if ours not in ("event_id", "source_id", "licence"):
            values.append(f"{value} AS {ours}")
        if bad:
            reasons.append(bad)
    dataset = literal(plan.dataset)
    content = [f"t.{quoted(o)}" for o in sorted(plan.columns)] or ["t.row_number"]
    own = next((f"t.{quoted(o)}" for o in ("event_id", "source_id") if o in texts), "NULL")
    source_id = f"coalesce({own}, {content_hash(*content)} || '#' || {repeat_number(*content)})"
    licence = (
        "coalesce(t.licence, " + literal(plan.licence) + ")" if "licence" in texts else literal(plan.licence)
    )
    if "coded_by" not in texts:
        values.append("'mapping' AS coded_by")
    join = f"LEFT JOIN {countries} c ON c.name = {_FOLDED.format('t.adm0')}" if "adm0" in texts else ""
    return f"""
        WITH t AS (SELECT row_number, {listed} FROM {table.name})
        SELECT t.row_number, {dataset} || ':' || {source_id} AS event_id, {source_id} AS source_id,
            {", ".join(values)}, {dataset} AS dataset,
                {literal(plan.dataset_version)}::VARCHAR AS dataset_version,
            {licence} AS licence, nullif(concat_ws('; ', {", ".join(reasons) or "NULL"}),
                '') AS reject_reason,
            NULL::VARCHAR AS repairs
        FROM t {join}"""


_FOLDED = "trim(regexp_replace(lower(strip_accents({})), '[^a-z0-9]+', '_', 'g'), '_')"


def _value(plan: _Plan, ours: str) -> tuple[str, str | None]:
    """SQL of one value by its type, and of the reason to reject a row where it cannot be read."""
    text, sql_type = f"t.{quoted(ours)}", _TYPES[ours]
    theirs = f"in column '{plan.columns[ours]}'" if ours in plan.columns else "in [constants]"
    number = f"replace({text}, ',', '.')" if plan.decimal_comma else text
    if ours == "kind":
        return _kind(plan, text, theirs)
    if ours == "adm0":
        return "c.adm0", _bad(ours, text, "c.adm0", theirs, "a country or its three-letter code")
    if sql_type == "VARCHAR":
        return text, None
    if sql_type == "DATE":
        tries = "".join(f"try_strptime({text}, {literal(f)})::DATE, " for f in plan.date_formats)
        value = (
            f"coalesce({tries}TRY_CAST({text} AS DATE))"
            if not plan.date_formats
            else f"coalesce({tries}NULL)"
        )
        form = "a date" + (
            f" of the form {' or '.join(plan.date_formats)}"
            if plan.date_formats
            else " of the form 2024-03-01"
        )
        return value, _bad(ours, text, value, theirs, form)
    if sql_type == "TIMESTAMP":
        tries = "".join(f"try_strptime({text}, {literal(f)}), " for f in plan.date_formats)
        value = f"coalesce({tries}TRY_CAST({text} AS TIMESTAMP))"
        if plan.timezone:
            value = f"timezone('UTC', timezone({literal(plan.timezone)}, {value}))"
    elif sql_type == "DOUBLE":
        value = f"TRY_CAST({number} AS DOUBLE)"
    else:
        double = f"TRY_CAST({number} AS DOUBLE)"
        value = f"CASE WHEN {double} = floor({double}) THEN TRY_CAST({double} AS {sql_type}) END"
    return value, _bad(ours, text, value, theirs, _FORM[sql_type])


def _kind(plan: _Plan, text: str, theirs: str) -> tuple[str, str]:
    """SQL of the kind, and of the reason where a word of theirs is not mapped."""
    # as `fold` does it, so that case and punctuation of the words do not matter
    word = f"trim(regexp_replace(lower(strip_accents({text})), '[^\\p{{L}}\\p{{N}}]+', '_', 'g'), '_')"
    words = "".join(f" WHEN {literal(w)} THEN {literal(k)}" for w, k in plan.kinds.items())
    mapped = f"CASE {word}{words} END" if words else "NULL"
    allowed = ", ".join(literal(k) for k in EVENT_KINDS)
    own = f"CASE WHEN lower({text}) IN ({allowed}) THEN lower({text}) END"
    value = f"coalesce({mapped}, {own}, {literal(plan.default_kind)})"
    said = literal(f" {theirs} is not mapped under [kinds]")
    named = f"'kind ' || coalesce({_shown(text)}, 'missing') || {said}"
    # the event table needs a kind even in a row that is rejected
    return f"coalesce({value}, 'other')", f"CASE WHEN {value} IS NULL THEN {named} END"


def _shown(text: str) -> str:
    """SQL of a value between quotes; NULL where it is missing."""
    quote = literal("'")
    return f"{quote} || {text} || {quote}"


def _bad(ours: str, text: str, value: str, theirs: str, form: str) -> str:
    """SQL of the reason to reject a row whose value is there but cannot be read."""
    named = f"{literal(ours + ' ')} || {_shown(text)}"
    said = literal(f" {theirs} is not {form}")
    return f"CASE WHEN {text} IS NOT NULL AND {value} IS NULL THEN {named} || {said} END"


LAYOUT = _Mapping()
