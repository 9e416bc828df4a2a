"""`afterstrike incidents`: build, show, merge, split and grade what the reports of a record tell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from afterstrike.record._in_words import civilian_status_of, counts_in_words

from .record import _must_exist, json_option, record_option

if TYPE_CHECKING:
    from afterstrike.record.incidents._build import Built

__all__ = ["incidents"]

because_option = click.option("--because", "reason", metavar="WORDS", help="Why; kept in the log.")


@click.group()
def incidents() -> None:
    """Bring reports of one event together; grade incidents by their sources.

    Example: afterstrike record add reports.jsonl --record syria.duckdb ; afterstrike incidents show --record
    syria.duckdb
    """


@incidents.command()
@record_option
@json_option
def build(record_path: Path, as_json: bool) -> None:
    """Build the incidents anew from all reports and decisions.

    `record add` and every decision do this by themselves.
    """
    from afterstrike.record import open_record

    _must_exist(record_path)
    with open_record(record_path) as opened:
        _say(opened.build_incidents(), as_json)


@incidents.command()
@click.argument("incident_id", required=False)
@record_option
@click.option("--grade", help="Only incidents of this grade: confirmed, fair, weak, contested, discounted.")
@json_option
def show(incident_id: str | None, record_path: Path, grade: str | None, as_json: bool) -> None:
    """List incidents, or show INCIDENT_ID with all that is told of it.

    Where reports differ their values stand side by side, each with its source and the place of its sentences.
    """
    from afterstrike.errors import UsageError
    from afterstrike.record import open_record
    from afterstrike.record.incidents import GRADES

    if grade is not None and grade not in GRADES:
        raise UsageError(f"--grade {grade} is not allowed; allowed: {', '.join(GRADES)}")
    _must_exist(record_path)
    with open_record(record_path, read_only=True) as opened:
        found = opened.incidents(incident_id, grade=grade)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    if not found:
        click.echo("No incidents; add reports with `afterstrike record add reports.jsonl`.", err=True)
        return
    for one in found:
        click.echo(_line(one))
        if incident_id is None:
            continue
        for told in one["tellings"]:
            click.echo(_told(told))
        for pair, reasons in one["links"].items():
            click.echo(f"  {pair}: {'; '.join(reasons)}")


@incidents.command()
@click.argument("incident_ids", nargs=-1, required=True)
@record_option
@because_option
@json_option
def merge(incident_ids: Sequence[str], record_path: Path, reason: str | None, as_json: bool) -> None:
    """Say that two or more incidents are one."""
    _decide(record_path, "merge", incident_ids, as_json, reason=reason)


@incidents.command()
@click.argument("incident_id")
@click.argument("telling_ids", nargs=-1, required=True)
@record_option
@because_option
@json_option
def split(
    incident_id: str, telling_ids: Sequence[str], record_path: Path, reason: str | None, as_json: bool
) -> None:
    """Say that TELLING_IDS are no part of an incident.

    `incidents show INCIDENT_ID` lists the tellings.
    """
    _decide(record_path, "split", [incident_id], as_json, tellings=telling_ids, reason=reason)


@incidents.command("grade")
@click.argument("incident_id")
@click.argument("new_grade", metavar="GRADE")
@record_option
@because_option
@json_option
def grade_incident(
    incident_id: str, new_grade: str, record_path: Path, reason: str | None, as_json: bool
) -> None:
    """Give an incident a grade, whatever its sources.

    GRADE is confirmed, fair, weak, contested or discounted.
    """
    _decide(record_path, "grade", [incident_id], as_json, grade=new_grade, reason=reason)


@incidents.command()
@record_option
@click.option("--withdraw", type=int, metavar="NUMBER", help="Take this decision back.")
@json_option
def decisions(record_path: Path, withdraw: int | None, as_json: bool) -> None:
    """List the decisions made, or take one back."""
    from afterstrike.record import open_record
    from afterstrike.record.incidents import decisions as all_decisions
    from afterstrike.record.incidents import withdraw as take_back

    _must_exist(record_path)
    with open_record(record_path, read_only=withdraw is None) as opened:
        if withdraw is not None:
            take_back(opened.connection, withdraw)
            click.echo(opened.build_incidents().summary(), err=as_json)
        found = all_decisions(opened.connection)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    for row in found:
        taken = f"  (withdrawn {row['withdrawn_at']:%Y-%m-%d %H:%M})" if row["withdrawn_at"] else ""
        what = row["grade"] or ", ".join(row["told_ids"])
        because = f": {row['reason']}" if row["reason"] else ""
        click.echo(
            f"{row['number']}  {row['decided_at']:%Y-%m-%d %H:%M}  {row['verb']} {what}{because}{taken}"
        )


def _decide(record_path: Path, verb: Any, incident_ids: Sequence[str], as_json: bool, **given: Any) -> None:
    from afterstrike.record import open_record

    _must_exist(record_path)
    with open_record(record_path) as opened:
        _say(opened.decide(verb, *incident_ids, **given), as_json)


def _say(built: Built, as_json: bool) -> None:
    from dataclasses import asdict

    click.echo(json.dumps(asdict(built)) if as_json else built.summary())


def _line(one: dict[str, Any]) -> str:
    words = [
        one["incident_id"],
        str(one["date_start"] or "no day"),
        str(one["kind"]).replace("_", " "),
        one["place"] or "no place",
    ]
    if one["initiator"]:
        words.append(f"by {one['initiator']}")
    words += counts_in_words({**one, "civilian_status": civilian_status_of(one["tellings"])})
    count = len(one["tellings"])
    noun = "report" if count == 1 else "reports"
    return f"{', '.join(words)}\n  {one['grade']} ({one['graded_by']}): {one['reason']}; {count} {noun}"


def _told(told: dict[str, Any]) -> str:
    values = [f"{told['hedging']}", f"says {told['source']}" if told["source"] else "the report itself"]
    if told["initiator"]:
        values.append(f"by {told['initiator']}")
    values += counts_in_words(told)
    where = "; ".join(f"characters {a} to {b}" for a, b in told["statements"])
    outlet = f" ({told['outlet']})" if told["outlet"] else ""
    return f"  {told['told_id']}{outlet}: {', '.join(values)}\n    {told['path']}, text {told['text_sha256'][:12]}, {where}"
