"""`afterstrike forecast question|issue|resolve|correct|scores|ledger`: questions, and a ledger of what was issued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..errors import UsageError

__all__ = ["LEDGER_COMMANDS"]

_LEDGER = click.option("--ledger", type=click.Path(path_type=Path), default=Path("forecasts.jsonl"), show_default=True,
                       metavar="FILE", help="The ledger.")  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
_NOTE = click.option("--note", default="", metavar="TEXT", help="Anything a later reader should know.")


@click.command(epilog="Example: afterstrike forecast question --example > question.toml")
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="FILE")
@click.option("--example", is_flag=True, help="Print a question to begin with.")
@_JSON
def question(file: Path | None, example: bool, as_json: bool) -> None:
    """Answer a yes/no question from past years: what counts, the class and its count, the probability.

    FILE is TOML: text, area, counts, dates, and a reference class of shipped figures or of a table of your own.
    """
    from afterstrike.containment._forecast._question_file import EXAMPLE, load_question

    if example:
        click.echo(EXAMPLE, nl=False)
        return
    if file is None:
        raise UsageError("no FILE; give a question in TOML, or --example to print one")
    found = load_question(file)
    click.echo(_dump({"key": found.key, **found.to_dict()}) if as_json else found.summary())


@click.command(epilog="Example: afterstrike forecast issue question.toml --ledger forecasts.jsonl")
@click.argument("file", type=click.Path(path_type=Path), metavar="QUESTION|DRAWS")
@_LEDGER
@click.option("--model", metavar="NAME", help="Whose forecast it is.")
@click.option(
    "--probability", type=float, metavar="P", help="Of a question: another's probability, beside ours."
)
@click.option("--rule", metavar="TEXT", help="Of draws: what is counted, and by whose word.")
@click.option("--resolves", metavar="DATE", help="Of draws: the day from which they can be resolved.")
@click.option(
    "--origin", metavar="TIME", help="Of draws: the last time looked at, where the file does not say."
)
@click.option("--vintage", metavar="NAME", help="Which state of the data it rests on.")
@_NOTE
def issue(file: Path, ledger: Path, model: str | None, probability: float | None, rule: str | None,
          resolves: str | None, origin: str | None, vintage: str | None, note: str) -> None:  # fmt: skip
    """Add a question (TOML) or a file of draws (Parquet) to the ledger, with the time of issue.

    A line is never edited. The draws stay where they are and are known by their hash.
    """
    from afterstrike.containment import ForecastLedger

    book = ForecastLedger(ledger)
    if file.suffix.casefold() != ".parquet":
        from afterstrike.containment import load_question

        if rule or resolves or origin:
            raise UsageError(f"{file.name} is a question: --rule, --resolves and --origin belong to draws")
        entry = book.issue(
            load_question(file), model=model or "reference class", probability=probability,
            vintage=vintage or "shipped figures", note=note,
        )  # fmt: skip
    else:
        if probability is not None:
            raise UsageError(f"{file.name} holds draws: --probability belongs to questions")
        if not rule or not resolves:
            raise UsageError("draws need --rule (what is counted, by whose word) and --resolves (a day)")
        entry = book.issue_forecast(file, rule=rule, resolves=resolves, model=model, origin=origin, vintage=vintage,
                                    note=note)  # fmt: skip
    click.echo(f"issued {entry.id} as line {entry.number} of {ledger}")
    click.echo(f"head of the ledger: {entry.hash}", err=True)
    click.echo(
        "keep it elsewhere: `afterstrike forecast ledger --head` can tell later whether lines are gone",
        err=True,
    )


@click.command(
    epilog="Example: afterstrike forecast resolve 4f0c2a yes --source 'CENTCOM release of 3 March 2027'"
)
@click.argument("identifier", metavar="ID")
@click.argument("outcome", metavar="yes|no|void|FILE")
@click.option("--source", required=True, metavar="TEXT", help="Who states it.")
@_LEDGER
@click.option("--vintage", metavar="NAME", help="Of counts: which state of the outcomes.")
@click.option("--draws", type=click.Path(path_type=Path), metavar="FILE",
              help="Of counts: the file of draws that was issued; beside the ledger if not given.")  # fmt: skip
@_NOTE
def resolve(identifier: str, outcome: str, source: str, ledger: Path, vintage: str | None, draws: Path | None,
            note: str) -> None:  # fmt: skip
    """Add an outcome with its source: of a question yes, no or void; of counts a table `unit, time, value`.

    No outcome is taken before the day of resolution, nor a second one that differs.
    """
    from afterstrike.containment import ForecastLedger

    book = ForecastLedger(ledger)
    if outcome in ("yes", "no", "void"):
        if vintage or draws:
            raise UsageError("--vintage and --draws belong to outcomes of counts, given as a FILE")
        entry = book.resolve(identifier, outcome, source=source, note=note)  # type: ignore[arg-type]
    elif Path(outcome).suffix.casefold() not in (".csv", ".parquet"):
        raise UsageError(f"outcome {outcome!r}; allowed yes, no, void, or a .csv or .parquet file of counts")
    else:
        if not vintage:
            raise UsageError("outcomes of counts need --vintage: each state of the data is scored apart")
        entry = book.resolve_forecast(
            identifier, outcome, source=source, vintage=vintage, draws=draws, note=note
        )
    click.echo(f"resolved: {entry.id}, line {entry.number} of {ledger}")


@click.command(
    epilog="Example: afterstrike forecast correct 9b12e0 --set outcome=no --because 'retracted on 5 March'"
)
@click.argument("identifier", metavar="ID")
@click.option("--set", "changes", multiple=True, required=True, metavar="NAME=TEXT",
              help="text or counts of a question, rule of a forecast, outcome or source of an outcome.")  # fmt: skip
@click.option("--because", required=True, metavar="TEXT", help="Why.")
@_LEDGER
def correct(identifier: str, changes: tuple[str, ...], because: str, ledger: Path) -> None:
    """Add a line that corrects another and names it. What was forecast cannot be corrected: issue it anew."""
    from afterstrike.containment import ForecastLedger

    told = {}
    for one in changes:
        name, equals, text = one.partition("=")
        if not equals:
            raise UsageError(f"--set {one!r}; allowed as outcome=no")
        told[name.strip()] = text.strip()
    entry = ForecastLedger(ledger).correct(identifier, told, because=because)
    click.echo(f"corrected: {entry.id}, line {entry.number} of {ledger}")


@click.command(epilog="Example: afterstrike forecast scores --ledger forecasts.jsonl")
@_LEDGER
@_JSON
def scores(ledger: Path, as_json: bool) -> None:
    """Score what is resolved: Brier and log score of questions, CRPS of counts; calibration once there are enough."""
    from afterstrike.containment import ForecastLedger
    from afterstrike.errors import EstimateRefused

    found = ForecastLedger(ledger).scores()
    try:
        calibration = found.calibration()
    except EstimateRefused:
        calibration = None
    if as_json:
        told = {"scores": _records(found.to_frame()), "by_model": _records(found.by_model()),
                "calibration": None if calibration is None else _records(calibration), "open": found.open,
                "void": found.void}  # fmt: skip
        click.echo(_dump(told))
        return
    click.echo(found.summary())
    for row in found.to_frame().to_dict("records"):
        click.echo(f"{row['id']}  {row['model']}: {_score_words(row)}. {row['text']}")
    if calibration is not None:
        click.echo("\nCalibration: of what was given a probability of ..., so much came true")
        for row in calibration.to_dict("records"):
            click.echo(
                f"{row['model']}  {row['low']:.1f} to {row['high']:.1f}: {row['share_yes']:.2f} ({row['share_low']:.2f} to "
                f"{row['share_high']:.2f}) of {row['issued']}, mean given {row['mean_probability']:.2f}"
            )


@click.command(epilog="Example: afterstrike forecast ledger --ledger forecasts.jsonl --head 4f0c2a91d0e3")
@_LEDGER
@click.option("--head", metavar="HASH", help="A hash noted earlier, which must still be among the lines.")
@_JSON
def ledger(ledger: Path, head: str | None, as_json: bool) -> None:
    """Check every line of the ledger against its hash and show them."""
    from afterstrike.containment import ForecastLedger

    entries = ForecastLedger(ledger).entries(head=head)
    if as_json:
        click.echo(_dump([json.loads(entry.to_line()) for entry in entries]))
        return
    for entry in entries:
        body = entry.body
        told = {
            "question": lambda b: f"{b['model']} {b['probability']:.2f}: {b['question']['text']}",
            "forecast": lambda b: f"{b['model']}, resolves {b['resolves']}: {b['rule']}",
            "outcome": lambda b: (
                f"{b.get('outcome', 'counts')} for {b.get('key') or b['issue']}: {b['source']}"
            ),
            "correction": lambda b: f"of {b['corrects']}: {b['because']}",
        }[entry.kind](body)
        click.echo(f"{entry.number:>4}  {entry.id}  {entry.at:%Y-%m-%d %H:%M}  {entry.kind:<10}  {told}")
    click.echo(f"{len(entries)} lines, every hash fits.")
    if entries:
        click.echo(f"head of the ledger: {entries[-1].hash}", err=True)


def _score_words(row: dict[Any, Any]) -> str:
    if row["kind"] == "question":
        return f"p {row['probability']:.2f}, {row['outcome']}, Brier {row['brier']:.3f}, log score {row['log_score']:.3f}"
    return f"CRPS {row['crps']:.4g} on {row['rows']:.0f} rows, vintage {row['vintage']}"


def _records(frame: Any) -> Any:
    return json.loads(frame.to_json(orient="records", date_format="iso"))


def _dump(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


LEDGER_COMMANDS = (question, issue, resolve, correct, scores, ledger)
"""What the group `afterstrike forecast` adds to itself."""
