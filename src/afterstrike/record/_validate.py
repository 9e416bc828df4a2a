"""The checks every row passes whatever its layout: ranges, dates, order of estimates. All of it is SQL."""

from __future__ import annotations

from collections.abc import Collection

from afterstrike.record._schema import COLUMNS, DATE_PRECISIONS, EVENT_KINDS, GEO_PRECISIONS

__all__ = ["EARLIEST", "checked_sql"]

EARLIEST = (
    "1800-01-01"  # before it no event data set of this kind exists: such a date is a slip or a sentinel
)

# (low, best, high): widened until low <= best <= high, the original kept
TRIPLES: tuple[tuple[str, str, str], ...] = (
    ("fatalities_low", "fatalities_best", "fatalities_high"),
    ("civilian_fatalities_low", "civilian_fatalities_best", "civilian_fatalities_high"),
    ("strikes_low", "strikes", "strikes_high"),
    ("injured_low", "", "injured_high"),
)
COUNTS = tuple(c.name for c in COLUMNS if c.sql_type == "INTEGER")


def checked_sql(source: str, have: Collection[str], defaults: dict[str, str], latest: str) -> str:
    """Give the SELECT that turns what a layout staged into whole, checked event rows.

    Parameters
    ----------
    source : str
        The table or view the layout made.
    have : collection of str
        Its column names; columns of the event table it lacks become NULL.
    defaults : dict
        SQL expressions for columns that the layout leaves out or leaves NULL.
    latest : str
        Last day allowed, as YYYY-MM-DD.

    Returns
    -------
    str
        A SELECT with `row_number`, every column of the event table, `reject_reason` and `repairs`.
    """
    return (
        f"WITH typed AS (SELECT {_typed(have, defaults)} FROM {source}), "
        f"mended AS (SELECT * REPLACE ({_mended()}), {_repairs()} AS new_repairs FROM typed) "
        f"SELECT * EXCLUDE (reject_reason, repairs, new_repairs), "
        f"{_reasons(latest)} AS reject_reason, "
        "nullif(concat_ws('; ', repairs, new_repairs), '') AS repairs FROM mended"
    )


def _typed(have: Collection[str], defaults: dict[str, str]) -> str:
    """Cast every column to the contract's type; blank text, NaN and infinity are missing."""
    present = {name.lower() for name in have}
    parts = ["row_number"]
    for column in COLUMNS:
        name = column.name
        value = f"TRY_CAST({name} AS {column.sql_type})" if name in present else "NULL"
        if column.sql_type == "VARCHAR":
            value = f"nullif({value}, '')"
        if column.sql_type == "DOUBLE" and name in present:
            value = f"CASE WHEN isfinite({value}) THEN {value} END"
        if name in defaults:
            value = f"coalesce({value}, {defaults[name]})"
        if name == "date_end" and "date_start" in present:
            value = f"coalesce({value}, TRY_CAST(date_start AS DATE))"  # one day given is one day meant
        parts.append(f"CAST({value} AS {column.sql_type}) AS {name}")
    for name in ("reject_reason", "repairs"):
        value = f"nullif(CAST({name} AS VARCHAR), '')" if name in present else "CAST(NULL AS VARCHAR)"
        parts.append(f"{value} AS {name}")
    return ", ".join(parts)


def _mended() -> str:
    """Widen estimates until they stand in order; drop half a coordinate. greatest/least skip NULL."""
    parts = []
    for low, best, high in TRIPLES:
        middle = f", {best}" if best else ""
        parts.append(f"CASE WHEN {low} IS NOT NULL THEN least({low}{middle}, {high}) END AS {low}")
        parts.append(f"CASE WHEN {high} IS NOT NULL THEN greatest({low}{middle}, {high}) END AS {high}")
    parts.append("CASE WHEN lon IS NOT NULL THEN lat END AS lat")
    parts.append("CASE WHEN lat IS NOT NULL THEN lon END AS lon")
    return ", ".join(parts)


def _repairs() -> str:
    """Say what was mended, with the values as they were."""
    parts = []
    for low, best, high in TRIPLES:
        middle = f", {best}" if best else ""
        shown = " || ', ' || ".join(
            f"'{name}=' || coalesce({name}::VARCHAR, 'missing')" for name in (low, best, high) if name
        )
        wrong = f"{low} > least({low}{middle}, {high}) OR {high} < greatest({low}{middle}, {high})"
        parts.append(f"CASE WHEN {wrong} THEN {shown} || ' widened' END")
    parts.append(
        "CASE WHEN (lat IS NULL) <> (lon IS NULL) THEN 'half a coordinate dropped: lat=' || "
        "coalesce(lat::VARCHAR, 'missing') || ', lon=' || coalesce(lon::VARCHAR, 'missing') END"
    )
    return f"nullif(concat_ws('; ', {', '.join(parts)}), '')"


def _reasons(latest: str) -> str:
    """Say why a row is rejected; NULL where it is good."""
    kinds = ", ".join(f"'{kind}'" for kind in EVENT_KINDS)
    parts = [
        "reject_reason",
        "CASE WHEN event_id IS NULL THEN 'no id' END",
        "CASE WHEN dataset IS NULL THEN 'no data set' END",
        "CASE WHEN kind IS NULL THEN 'no kind' "
        f"WHEN kind NOT IN ({kinds}) THEN 'kind ' || kind || ' is not one of the allowed kinds' END",
        "CASE WHEN lat NOT BETWEEN -90 AND 90 THEN 'latitude ' || lat || ' is outside -90 to 90' END",
        "CASE WHEN lon NOT BETWEEN -180 AND 180 THEN 'longitude ' || lon || ' is outside -180 to 180' END",
        # which of the two days is the slip cannot be known, so the row is not mended
        "CASE WHEN date_end < date_start THEN 'date_end ' || date_end || ' is before date_start ' || "
        "date_start END",
        _code("geo_precision", max(GEO_PRECISIONS)),
        _code("date_precision", max(DATE_PRECISIONS)),
    ]
    parts += [
        f"CASE WHEN {name} NOT BETWEEN DATE '{EARLIEST}' AND DATE '{latest}' "
        f"THEN '{name} ' || {name} || ' is outside {EARLIEST} to {latest}' END"
        for name in ("date_start", "date_end")
    ]
    parts += [f"CASE WHEN {name} < 0 THEN '{name} ' || {name} || ' is negative' END" for name in COUNTS]
    return f"nullif(concat_ws('; ', {', '.join(parts)}), '')"


def _code(name: str, last: int) -> str:
    """Reject a precision code that is not in the contract."""
    reason = f"'{name} ' || {name} || ' is not one of 1 to {last}'"
    return f"CASE WHEN {name} NOT BETWEEN 1 AND {last} THEN {reason} END"
