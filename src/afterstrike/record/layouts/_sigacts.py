"""Declassified significant activities (SIGACTs), Iraq 2004-2007, as extracted from the released PDF tables.

The extraction let columns run into each other and cut words off. A target such as `Coalition     Baghdad`
is a target and a city; `Bagh` is completed to `Baghdad` because one known place begins so, `Ba` is not,
because several do. What was completed or taken apart is in `repairs`. Repeated header rows are rejected.
Exact repeats may be real attacks of one minute, so each is an event: the id carries its number.

`time` is taken as the local time of the military (zone C, UTC+3 all the year; summer time was not applied
by the force's clock, and an hour is less than the tables are sure of); `date_start` is the day in UTC.
`initiator` is `Iraqi insurgents` only where the target is the coalition, Iraqi forces, the government or
infrastructure; who attacked civilians, or nobody named, is not stated and stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from afterstrike.record.layouts._staging import (
    RawTable,
    content_hash,
    create,
    fold,
    has_columns,
    literal,
    lookup,
    read_table,
    repeat_number,
)

if TYPE_CHECKING:
    import duckdb

    from afterstrike.record.layouts._layout import LayoutOptions

__all__ = ["LAYOUT"]

_NEEDED = ("time", "event_type", "target", "city")
_HEADER = ("attack_type", "target", "city", "date", "time")
_PARSED = ["kind", "weapon", "target", "place", "initiator", "repairs", "header"]


class _Sigacts:
    name = "sigacts"
    title = "Declassified SIGACTs, Iraq"
    dataset = "sigacts-iraq"
    licence = "public domain (US government)"
    citation = (
        "Multi-National Force - Iraq, significant activities 2004-2007, declassified by US Central Command."
    )

    def matches(self, columns: Sequence[str]) -> bool:
        return has_columns(columns, *_NEEDED)

    def stage(self, con: duckdb.DuckDBPyConnection, raw: str, staged: str, options: LayoutOptions) -> None:
        table = RawTable(con, raw)
        table.require(self.title, *_NEEDED)
        # The runs of blanks between two columns are what tells them apart, so the text is not tidied here.
        kept = ", ".join(f"trim({table.plain(c)})" for c in ("event_type", "target", "city"))
        seen = con.execute(f"SELECT DISTINCT {kept} FROM {raw}").fetchall()
        parsed = [(*key, *_parse(*key)) for key in seen]
        lookup(con, f"{staged}_parsed", ("event_type", "target_text", "city_text", *_PARSED), parsed)
        create(con, staged, self._select(table, f"{staged}_parsed", options))

    def _select(self, table: RawTable, parsed: str, options: LayoutOptions) -> str:
        dataset = literal(options.dataset or self.dataset)
        event_type, target, city = (f"trim({table.plain(c)})" for c in ("event_type", "target", "city"))
        content = ("time_text", "type_text", "target_text", "city_text")
        return f"""
        WITH rows AS (
            SELECT row_number, {table.text("time", missing=("NA",))} AS time_text,
                {event_type} AS type_text, {target} AS target_text, {city} AS city_text
            FROM {table.name}
        ), numbered AS (
            SELECT *, TRY_CAST(time_text AS TIMESTAMP) - INTERVAL 3 HOUR AS moment,
                {content_hash(*content)} || '#' || {repeat_number(*content)} AS source_id FROM rows
        )
        SELECT n.row_number, {dataset} || ':' || source_id AS event_id, p.kind,
            CAST(moment AS DATE) AS date_start, CAST(moment AS DATE) AS date_end, moment AS time_start,
            CASE WHEN moment IS NOT NULL THEN 1 END AS date_precision,
            time_text || ' local, taken as UTC+3' AS date_precision_source,
            NULL::TINYINT AS geo_precision, CASE WHEN p.place IS NOT NULL THEN 'city as released' END
                AS geo_precision_source, p.place, 'IRQ' AS adm0,
            p.initiator AS side_a, p.target AS side_b, p.initiator, p.weapon,
            {dataset} AS dataset, {literal(options.dataset_version)}::VARCHAR AS dataset_version, source_id,
            concat_ws(' | ', n.type_text, n.target_text, n.city_text) AS source_text,
            {literal(self.licence)} AS licence, 'layout sigacts' AS coded_by,
            concat_ws('; ', 'type: ' || n.type_text, 'target: ' || p.target) AS coding_evidence,
            CASE WHEN p.kind = 'other' THEN 'low' WHEN p.initiator IS NOT NULL THEN 'moderate' ELSE 'low' END
                AS confidence,
            CASE WHEN p.header = 'yes' THEN 'header row repeated by the extraction'
                 WHEN time_text IS NULL THEN 'no time'
                 WHEN moment IS NULL THEN 'time ''' || time_text
                     || ''' is not of the form 2004-01-01 00:20:00'
                 END AS reject_reason,
            p.repairs
        FROM numbered n JOIN {parsed} p ON p.event_type IS NOT DISTINCT FROM n.type_text
            AND p.target_text IS NOT DISTINCT FROM n.target_text AND p.city_text IS NOT DISTINCT
            FROM n.city_text"""


@cache
def _vocabulary(table: str, column: str) -> dict[str, str]:
    return {fold(row[column]): row[column] for row in read_table(table)}


def _complete(piece: str, vocabulary: dict[str, str]) -> str | None:
    """Give the one known word that a piece is, or is the beginning of; None where none or several are."""
    key = fold(piece)
    if key in vocabulary:
        return vocabulary[key]
    begun = {word for known, word in vocabulary.items() if len(key) > 2 and known.startswith(key)}
    return _longest_common(begun) if begun else None


def _longest_common(words: Iterable[str]) -> str | None:
    """Give the only word, or the one that all the others lengthen ('Balad' of 'Balad SouthEast')."""
    ordered = sorted(words, key=len)
    return ordered[0] if all(fold(w).startswith(fold(ordered[0])) for w in ordered) else None


def _pieces(text: str | None) -> list[str]:
    return [p.strip() for p in re.split(r"\s{2,}", text or "") if p.strip()]


def _parse(event_type: str | None, target: str | None, city: str | None) -> tuple[str | None, ...]:
    """Give the values of `_PARSED` for one combination of the three columns."""
    if event_type and fold(event_type) in _HEADER:
        return ("other", None, None, None, None, None, "yes")
    kind, weapon, notes = _attack_type(event_type)
    targets, places = _vocabulary("sigacts_targets", "published"), _vocabulary("sigacts_places", "place")
    found_target, found_place = None, None
    pieces = [*_pieces(target), *_pieces(city)]
    for piece in pieces:
        # bleeding from the type leaves its tail in front of the target: 'Arms, Ve Enemy', 'r, Small A None'
        tail = next(
            (targets[k] for k in sorted(targets, key=len, reverse=True) if fold(piece).endswith("_" + k)),
            None,
        )
        known = _complete(piece, targets) or tail
        if known is not None:
            found_target = found_target or known
        elif found_place is None or len(piece) > len(found_place):
            # a place column may name any village; a piece of the target column only a known place
            whole = piece in _pieces(city) and len(piece) > 3
            found_place = (
                _complete(piece, places) or (piece if whole and not _is_tail(piece) else None) or found_place
            )
    if found_target and fold(found_target) not in (fold(target or ""), fold(city or "")):
        notes.append(f"target '{target or ''}' -> '{found_target}'")
    if found_place and found_place != city:
        notes.append(f"city '{city or ''}' -> '{found_place}'")
    row = next((r for r in read_table("sigacts_targets") if r["published"] == found_target), None)
    canonical = (row["canonical"] or None) if row else None
    insurgents = "Iraqi insurgents" if row and row["initiator"] and kind == "attack" else None
    if canonical == "Civilians" and kind == "attack":
        kind = "violence_against_civilians"
    return (kind, weapon, canonical, found_place, insurgents, "; ".join(notes) or None, None)


def _is_tail(piece: str) -> bool:
    """A bit of a cut-off word ('e', 'ortar') rather than a name."""
    return not piece[:1].isupper()


def _attack_type(event_type: str | None) -> tuple[str, str | None, list[str]]:
    """Give kind, weapons and notes of the attack type, which may be a cut-off list."""
    rows = {row["published"]: row for row in read_table("sigacts_types")}
    vocabulary = _vocabulary("sigacts_types", "published")
    parts = [p.strip() for p in (event_type or "").split(",") if p.strip()]
    known = [k for p in parts if (k := _complete(p, vocabulary)) is not None]
    notes = []
    if event_type and known and ", ".join(known).casefold() != event_type.strip().casefold():
        notes.append(f"type '{event_type}' -> '{', '.join(known)}'")
    weapons = [rows[k]["weapon"] for k in known if rows[k]["weapon"]]
    kind = "attack" if any(rows[k]["kind"] == "attack" for k in known) else "other"
    return kind, ", ".join(dict.fromkeys(weapons)) or None, notes


LAYOUT = _Sigacts()
