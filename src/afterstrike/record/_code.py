"""The coding step: proposes `kind` and `initiator` for rows that say who fought but not who struck first.

A rule is data (`coding_rules.toml` or a file of the same form); `_coding_sql.py` holds what is done with it,
docs/coding.md says it in words. Every row carries the rule's name and version, the words it rests on, and a
confidence, so that a rule can be replaced by another, by a person's own codes, or switched off.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._country import government_of
from afterstrike.record import _coding_decide as decide
from afterstrike.record import _coding_sql as sql
from afterstrike.record._coding_rule import CodingRule, load_rule
from afterstrike.record._coding_store import overlay_codes, standing_rules
from afterstrike.record._store import count_rows

if TYPE_CHECKING:
    import duckdb

__all__ = ["apply", "code_rows", "mark_uncoded"]

CODES = ("kind", "initiator", "coded_by", "coding_evidence", "confidence")
# How a row is coded that no rule has read: UCDP's own type of violence, and nobody named as striking first.
UNCODED = "ged-type"
_PARTY_KINDS = ("state", "coalition", "insurgent", "militia")
# With more names than this the marking of texts would be slow; the names met most often are kept.
_MOST_SIDES = 3000
# Rows read at once: two row groups of DuckDB, so that two threads have work and nothing is spilled to disk.
BATCH = 2 * 122_880
_BATCH_TABLES = ("items", "readings", "found", "parties", "decided_items")
_TABLES = ("rows", "sides", "homes", "codes", *_BATCH_TABLES)


def apply(con: duckdb.DuckDBPyConnection, staged: str, rule: CodingRule | str | None = None) -> None:
    """Code the staged rows of an import in place.

    Parameters
    ----------
    con : DuckDBPyConnection
        The record's connection.
    staged : str
        A table with the event table's columns and `row_number`; `kind` as the layout sets it.
    rule : CodingRule or str, optional
        A rule, its name or its file; by default the one last chosen with `recode`, else the shipped rule.

    Notes
    -----
    Writes kind, initiator, coded_by, coding_evidence and confidence; reads sides, places, death counts and
    source text. Every distinct text is read once, in SQL; a million rows take tens of seconds.
    """
    hand_codes: Sequence[str] = ()
    if rule is None:
        rule, hand_codes = standing_rules(con)
    chosen = rule if isinstance(rule, CodingRule) else load_rule(rule)
    try:
        code_rows(con, f"SELECT row_number AS key, * FROM {staged} WHERE reject_reason IS NULL", chosen)
        values = ", ".join(f"{name} = c.{name}" for name in CODES)
        con.execute(f"UPDATE {staged} SET {values} FROM code_codes c WHERE c.key = {staged}.row_number")
        for text in hand_codes:
            overlay_codes(con, staged, text)
    finally:
        drop_tables(con)


def code_rows(con: duckdb.DuckDBPyConnection, select: str, rule: CodingRule) -> None:
    """Make the temporary table `code_codes`: key, kind, initiator, coded_by, coding_evidence, confidence.

    Parameters
    ----------
    con : DuckDBPyConnection
        The record's connection.
    select : str
        SQL of the rows: `key` and the event table's columns; `kind` tells one-sided violence from the rest.
    rule : CodingRule
        The rule; an off rule leaves kind as it is and names nobody.
    """
    drop_tables(con)
    if rule.is_off:
        mark_uncoded(con, select)
        return
    _row_tables(con, select, rule)
    names = _side_names(con)
    patterns, lookup = _alternations(names, rule), _lookup(names)
    con.execute(
        "CREATE TEMP TABLE code_codes AS SELECT key, given_kind AS kind, NULL::VARCHAR AS initiator, "
        "NULL::VARCHAR AS coded_by, NULL::VARCHAR AS coding_evidence, NULL::VARCHAR AS confidence "
        "FROM code_rows LIMIT 0"
    )
    count = count_rows(con, "code_rows")
    for first in range(0, count, BATCH):
        rows = f"(SELECT * FROM code_rows WHERE rowid BETWEEN {first} AND {first + BATCH - 1})"
        _code_batch(con, rows if count > BATCH else "code_rows", rule, patterns, lookup)


def _code_batch(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    rule: CodingRule,
    patterns: tuple[str, str],
    lookup: dict[str, tuple[str, str]],
) -> None:
    """Add the codes of some rows to `code_codes`; no row's code depends on the other rows' texts."""
    for name in _BATCH_TABLES:
        con.execute(f"DROP TABLE IF EXISTS temp.code_{name}")
    con.execute(f"CREATE TEMP TABLE code_items AS {sql.item_texts(rows)}")
    focus = sql.focus_texts(rows, "code_items", rule.joints, rule.words)
    con.execute(
        "CREATE TEMP TABLE code_readings AS SELECT key, one_sided, item, office, "
        f"{sql.clean('text')} AS clean, nullif(office, '') AS office_words FROM ({focus})"
    )
    marked = sql.marked_texts("code_readings", *patterns)
    con.execute(f"CREATE TEMP TABLE code_found AS {sql.features(f'({marked})', rule.words)}")
    _party_table(con, rule, lookup)
    decided = decide.decide_items(rows, "code_readings", "code_found", "code_parties", rule.monitors)
    con.execute(f"CREATE TEMP TABLE code_decided_items AS {decided}")
    con.execute(
        f"INSERT INTO code_codes {decide.decide_rows(rows, 'code_decided_items', rule.label, rule.words)}"
    )


def mark_uncoded(con: duckdb.DuckDBPyConnection, select: str) -> None:
    """Make `code_codes` with no coding at all: the publisher's type of violence, and no initiator."""
    con.execute(
        "CREATE TEMP TABLE code_codes AS SELECT key, kind, NULL::VARCHAR AS initiator, "
        f"'{UNCODED}' AS coded_by, NULL::VARCHAR AS coding_evidence, NULL::VARCHAR AS confidence "
        f"FROM ({select})"
    )


def drop_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables of the coding step."""
    for name in _TABLES:
        con.execute(f"DROP TABLE IF EXISTS temp.code_{name}")


def _row_tables(con: duckdb.DuckDBPyConnection, select: str, rule: CodingRule) -> None:
    """Make `code_rows`: what a row itself says about its sides, whatever its texts say."""
    names = con.execute(
        f"SELECT name, count(*) FROM (SELECT unnest([side_a, side_b]) AS name FROM ({select})) "
        "WHERE name IS NOT NULL GROUP BY name ORDER BY count(*) DESC, name"
    ).fetchall()
    con.execute(
        "CREATE TEMP TABLE code_sides (name VARCHAR, sort VARCHAR, home VARCHAR, support VARCHAR, "
        "league BOOLEAN, n BIGINT)"
    )
    governments = {government_of(adm0): adm0 for adm0, _ in _countries()}
    _insert(con, "code_sides", [
        (name, "civilians" if name == "Civilians" else _sort(name), governments.get(name),
         rule.air_support.get(name), _is_league(name), n)
        for name, n in names
    ])  # fmt: skip
    con.execute("CREATE TEMP TABLE code_homes (adm0 VARCHAR, home VARCHAR, coalition VARCHAR)")
    _insert(con, "code_homes", [
        (adm0, government_of(adm0), rule.coalitions.get(adm0)) for adm0, _ in _countries()
    ])  # fmt: skip
    state = "CASE WHEN a.sort = 'state' THEN r.side_a WHEN b.sort = 'state' THEN r.side_b END"
    is_group = "sort NOT IN ('state', 'coalition', 'civilians')"
    con.execute(f"""
        CREATE TEMP TABLE code_rows AS SELECT r.key, r.source_text, r.side_a, r.side_b,
            r.place, r.adm1, r.adm2,
            a.sort AS sort_a, b.sort AS sort_b, r.kind AS given_kind,
            r.kind = 'violence_against_civilians' OR r.side_b IS NOT DISTINCT FROM 'Civilians' AS one_sided,
            coalesce(r.civilian_fatalities_best > 0 AND r.civilian_fatalities_best >= r.fatalities_best,
                false) AS civilians_only,
            -- "the regime" abroad is the government of the country the row is in, not the visiting one
            CASE WHEN h.home IS NULL OR coalesce(a.home, b.home) = r.adm0 THEN {state}
                WHEN h.home IN (r.side_a, r.side_b) THEN h.home END AS state_here,
            CASE WHEN h.home NOT IN (coalesce(r.side_a, ''), coalesce(r.side_b, ''))
                THEN h.home END AS absent,
            h.coalition,
            CASE WHEN a.{is_group} AND coalesce(b.sort IN ('state', 'coalition', 'civilians'), true)
                THEN r.side_a
                WHEN b.{is_group} AND a.sort IN ('state', 'coalition') THEN r.side_b END AS group_side,
            CASE WHEN a.league AND NOT coalesce(b.league, false) THEN r.side_a
                WHEN b.league AND NOT coalesce(a.league, false) THEN r.side_b END AS rebel_side,
            CASE WHEN a.sort = 'insurgent' AND b.sort = 'militia' THEN r.side_a
                WHEN b.sort = 'insurgent' AND a.sort = 'militia' THEN r.side_b END AS insurgent_side,
            coalesce({state}, a.support, b.support) AS aircraft, coalesce(a.support, b.support) AS support
        FROM ({select}) r
        LEFT JOIN code_sides a ON a.name = r.side_a
        LEFT JOIN code_sides b ON b.name = r.side_b
        LEFT JOIN code_homes h ON h.adm0 = r.adm0
    """)


def _sort(name: str) -> str:
    """Give a side's sort: state, coalition, insurgent, militia, or group where the actor table has none."""
    kind = actor_kind(name)
    return kind if kind in _PARTY_KINDS else "group"


def _is_league(name: str) -> bool:
    """Say whether "the rebels" may mean this side: a league, or a group the actor table does not know."""
    return name != "Civilians" and (
        _sort(name) == "group" or re.search(r"insurgent|rebel|opposition|, ", name) is not None
    )


@cache
def _countries() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give every country's code with its adjectives."""
    text = files("afterstrike.reading").joinpath("countries.csv").read_text(encoding="utf-8")
    return tuple(
        (row["adm0"], tuple(filter(None, row["demonyms"].split("|"))))
        for row in csv.DictReader(text.splitlines())
    )


@cache
def _aliases() -> tuple[tuple[str, str, str], ...]:
    """Give (alias, canonical name, kind) of every armed party of the actor table."""
    text = files("afterstrike.reading").joinpath("actors.csv").read_text(encoding="utf-8")
    return tuple(
        (alias, row["canonical"], row["kind"])
        for row in csv.DictReader(text.splitlines())
        if row["kind"] in _PARTY_KINDS
        for alias in dict.fromkeys([row["canonical"], *row["alias"].split("|")])
    )


def _side_names(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Give the rows' own side names (a list of allied groups also by its parts) with their sort."""
    found = con.execute(
        f"SELECT name, sort FROM code_sides ORDER BY n DESC, name LIMIT {_MOST_SIDES}"
    ).fetchall()
    names: dict[str, str] = {}
    for name, sort in found:
        if sort == "civilians":
            continue
        for part in [name, *name.split(", ")]:
            if len(part) > 2:
                names.setdefault(part, sort if part == name else _sort(part))
    return list(names.items())


def _alternations(sides: Sequence[tuple[str, str]], rule: CodingRule) -> tuple[str, str]:
    """Give two patterns: names of parties (one group), and adjectives of countries (no group)."""
    demonyms = sorted({word for _, some in _countries() for word in some}, key=lambda w: (-len(w), w))
    country = "(?:" + "|".join(map(sql.escape, demonyms)) + ")"
    names = {alias for alias, _, _ in _aliases()} | {name for name, _ in sides}
    # "Turkish forces", "US military": an adjective and what it may stand before to mean the government
    between = "(?:armed|security|air|military|ground|government|regime)"
    state = f"{country}(?:['’]s)?(?:\\s+{between})*\\s+(?:{'|'.join(sql.STATE_NOUNS)})"
    generic = [word for some in rule.generic.values() for word in some]
    # backwards by the alphabet: a longer name stands before its own beginning, and names with one beginning
    # stand together, which the matcher turns into a tree
    ordered = sorted(names, key=lambda n: (n.casefold(), n), reverse=True)
    latin = [name for name in ordered if name[0].isascii()]
    free = "|".join(sql.escape(name) for name in latin if not sql.is_acronym(name))
    fixed = "|".join(sql.escape(name) for name in latin if sql.is_acronym(name))
    other = [sql.escape(name) for name in ordered if not name[0].isascii()]
    # acronyms keep their capitals: "IS" is not "is"
    groups = [f"(?i:{free})", f"(?:{fixed})", f"(?i:{state})", f"(?i:{'|'.join(generic)})"]
    parties = f"(\\b(?:{'|'.join(groups)})\\b" + "".join(f"|{name}" for name in other) + ")"
    return parties, country


def _party_table(
    con: duckdb.DuckDBPyConnection, rule: CodingRule, lookup: dict[str, tuple[str, str]]
) -> None:
    """Make `code_parties`: each name as written in the texts -> canonical name or stand-in, and its sort."""
    each = " UNION ALL ".join(f"SELECT {name}.who AS who FROM code_found" for name in sql.FEATURE_OWNERS)
    found = con.execute(f"SELECT DISTINCT who FROM ({each}) WHERE who <> ''").fetchall()
    con.execute("CREATE TEMP TABLE code_parties (who VARCHAR, token VARCHAR, sort VARCHAR)")
    resolved = [(who, *token) for (who,) in found if (token := rule.stand_in(who) or _resolve(who, lookup))]
    _insert(con, "code_parties", resolved)


def _lookup(sides: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Give name in lower case -> (canonical name, sort)."""
    names = {name.casefold(): (name, sort) for name, sort in sides}
    names |= {alias.casefold(): (canonical, kind) for alias, canonical, kind in _aliases()}
    return names


def _resolve(who: str, lookup: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Give (canonical name, sort) of a name as written: a party, or a country's adjective and its forces."""
    words = " ".join(who.replace("’", "'").split())
    if found := lookup.get(words.casefold()) or lookup.get(who.casefold()):
        return found
    best = max(
        ((len(word), adm0) for adm0, some in _countries() for word in some
         if words.casefold().startswith(word.casefold())),
        default=None,
    )  # fmt: skip
    return (government_of(best[1]), "state") if best else None


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert a small table, a thousand rows a statement."""
    for start in range(0, len(rows), 1000):
        part = rows[start : start + 1000]
        marks = ", ".join("(" + ", ".join("?" * len(row)) + ")" for row in part)
        con.execute(f"INSERT INTO {table} VALUES {marks}", [value for row in part for value in row])
