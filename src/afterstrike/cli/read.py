"""`afterstrike read`: reports into claims, events and places, one JSON line a document."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from afterstrike.errors import SourceError, UsageError
from afterstrike.record._in_words import counts_in_words

__all__ = ["read"]

_EPILOG = """Examples: afterstrike read story.txt --published 2026-01-20 ;
afterstrike read --jsonl reports.jsonl -o read.jsonl ; cat story.txt | afterstrike read -

A line of --jsonl input is {"id", "text", "lang"?, "published"?}; lang is en or ar. A document that cannot
be read
gives a line with "error" and the others are read; without --jsonl the exit status is then 2."""


@click.command(epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True)
@click.option("--jsonl", "is_jsonl", is_flag=True, help="FILES hold one JSON record a line (plain or .gz).")
@click.option("--published", metavar="YYYY-MM-DD", help="Publication date of documents that state none.")
@click.option("-o", "--out", metavar="FILE", help="Where the lines go; standard output when left out.")
@click.option(
    "--gazetteer", "gazetteers", multiple=True, help="CSV, JSON or GeoNames dump of places; may be repeated."
)
@click.option("--no-candidates", is_flag=True, help="Leave out the other places a name may mean.")
@click.option("--summary", is_flag=True, help="Print a readable summary instead of JSON.")
def read(
    files: Sequence[str], is_jsonl: bool, published: str | None, out: str | None, gazetteers: Sequence[str],
    no_candidates: bool, summary: bool,
) -> None:  # fmt: skip
    """Read reports in English or Arabic into claims, events and places.

    FILES are text, Markdown, HTML or PDF, or '-' for standard input. One JSON line a document.
    """
    from afterstrike.reading._batch import count_lines, read_batch
    from afterstrike.reading.gazetteer import default_gazetteer

    if published is not None:
        _check_date(published)
    if out and any(Path(name).resolve() == Path(out).resolve() for name in files if name != "-"):
        raise UsageError(f"-o {out} is one of the files read; give another name")
    total = sum(count_lines(Path(name)) for name in files) if is_jsonl and "-" not in files else len(files)
    records = (record for name in files for record in _given(name, is_jsonl))
    gazetteer = default_gazetteer(list(gazetteers))
    refused = read_lines_ = 0
    with _bar(total) as step, _output(out) as write:
        for line in read_batch(
            records, published=published, gazetteer=gazetteer, candidates=not no_candidates, progress=step
        ):
            read_lines_ += 1
            if line.get("error"):
                refused += 1
                click.echo(f"{line['id']}: {line['error']}", err=True)
            write(_told(line) if summary else json.dumps(line, ensure_ascii=False))
    if out:
        click.echo(
            f"{out}: {read_lines_:,} documents" + (f", {refused:,} not read" if refused else ""), err=True
        )
    if not read_lines_:
        click.echo(f"{', '.join(files)}: no records", err=True)
    if refused and (not is_jsonl or refused == read_lines_):
        others = "; the others are" if refused < read_lines_ else ""
        raise SourceError(f"{refused} of {read_lines_} documents not read, see above{others}")


def _check_date(words: str) -> None:
    from datetime import date

    try:
        date.fromisoformat(words)
    except ValueError:
        raise UsageError(f"--published {words}; allowed: a date YYYY-MM-DD, such as 2026-01-20") from None


def _given(name: str, is_jsonl: bool) -> Iterator[dict[str, Any]]:
    """Give the records of one of the FILES; a file that cannot be read is a record that says so."""
    from afterstrike.reading._batch import parse_lines, read_lines

    try:
        if name == "-":
            body = sys.stdin.buffer
            if is_jsonl:
                yield from parse_lines(io.TextIOWrapper(body, encoding="utf-8-sig", errors="replace"), "-")
            else:
                yield {"id": "-", "text": body.read()}
        elif is_jsonl:
            yield from read_lines(Path(name))
        else:
            yield {"id": Path(name).name, "text": Path(name).read_bytes()}
    except OSError as error:
        yield {
            "id": name,
            "error": f"cannot be read ({error.strerror}); give a file, or '-' for standard input",
        }
    except SourceError as error:
        yield {"id": name, "error": str(error)}


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """Show how many documents are done, on a terminal only."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("read"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("read", total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _output(out: str | None) -> Iterator[Callable[[str], None]]:
    if out is None:
        yield lambda line: click.echo(line)
        return
    part = Path(f"{out}.part") if not Path(out).exists() or Path(out).is_file() else Path(out)
    try:
        # what stands there stays until all lines are written
        with part.open("w", encoding="utf-8") as file:
            yield lambda line: print(line, file=file)
        if part != Path(out):
            part.replace(out)
    except OSError as error:
        if part != Path(out):
            part.unlink(missing_ok=True)
        raise UsageError(
            f"-o {out} cannot be written ({error.strerror}); give a file in a folder that exists"
        ) from None


def _told(line: dict[str, Any]) -> str:
    """Give a line as a few readable ones."""
    if line.get("error"):
        return f"{line['id']}: not read"
    head = f"{line['id']}  ({line['lang']}, published {line['published'] or 'not stated'})"
    rows = [
        f"{head}: {len(line['claims'])} claims, {len(line['events'])} events, {len(line['places'])} places"
    ]
    for event in line["events"]:
        words = [
            event["kind"].replace("_", " "),
            event["date_start"] or "no day",
            event["place"] or "no place",
        ]
        if event["initiator"]:
            words.append(f"by {event['initiator']}")
        words += counts_in_words(event)
        rows.append(f"  {', '.join(words)}; {event['hedging']}, {event['source'] or 'the report itself'}")
    return "\n".join(rows)
