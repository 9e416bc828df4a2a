"""A brief in the terminal: what was found, in a screenful."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from ._wording import FLAG_TITLES, VERDICT_WORDS, plural, summary_sentences, verdict_counts

if TYPE_CHECKING:
    from ._brief import Brief

__all__ = ["print_summary", "summary_text"]

_WIDTH = 88
_MOST = 6
_STYLES = {"good": "green", "warn": "yellow", "bad": "bold red", "plain": ""}


def _printable(text: str) -> str:
    """Drop characters that could steer a terminal: an article may hold escape sequences."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _finding(head: str, text: str) -> list[str]:
    """Give a finding in at most two lines: one line ends before what was found instead is said."""
    return textwrap.wrap(
        f"  {head}: {_printable(text)}", _WIDTH, subsequent_indent="    ", max_lines=2, placeholder=" …"
    )


def _short(text: str, width: int) -> str:
    return textwrap.shorten(_printable(text), width=width, placeholder=" …")


def summary_text(brief: Brief) -> str:
    """Give a brief as plain lines: the findings, the verdicts, the weightiest flags.

    Parameters
    ----------
    brief
        The brief.

    Returns
    -------
    str
        Lines of at most 88 characters.
    """
    lines = [_short(brief.ledger.title or brief.provenance["input"]["name"], _WIDTH), ""]
    lead = " ".join(summary_sentences(brief.ledger, brief.checks, brief.flags))
    lines += textwrap.wrap(lead, _WIDTH)
    against = [c for c in brief.checks if c.verdict in ("contradicted", "outdated")]
    if against:
        lines += ["", "Against the record"]
        for check in against[:_MOST]:
            lines += _finding(VERDICT_WORDS[check.verdict].word, check.sentence)
        lines += _more(len(against))
    if brief.flags:
        lines += ["", "Inside the article"]
        for flag in sorted(brief.flags, key=lambda f: ("high", "medium", "low").index(f.severity))[:_MOST]:
            lines += _finding(FLAG_TITLES[flag.kind], flag.what)
        lines += _more(len(brief.flags))
    lines += _followed(brief)
    lines += _outlook(brief)
    counts = verdict_counts(brief.checks)
    if counts:
        lines += ["", "Verdicts"]
        lines += [f"  {n:>4}  {VERDICT_WORDS[verdict].word}" for verdict, n in counts]
    return "\n".join(lines)


def _followed(brief: Brief) -> list[str]:
    """Say what the record's studies found; without a record nothing is said here."""
    if brief.record.kind != "file":
        return []
    lines = ["", "After earlier strikes"]
    told: list[str] = []
    for study in brief.followed.studies:
        lines += _finding(study.title, study.finding)
        if study.beside is not None:
            lines += _finding("By every design", study.beside.said[0])
        for row in study.shifts.rows if study.shifts is not None else ():
            # Studies of the same attacks have the same shifts.
            if row.date is not None and row.sentence not in told:
                told.append(row.sentence)
                lines += _finding("Shift in these attacks", row.sentence)
    return lines if brief.followed.studies else [*lines, *_finding("Not estimated", _why_not(brief))]


def _outlook(brief: Brief) -> list[str]:
    """Say in one line that questions of the article are answered from assumptions, and from which world."""
    made = brief.outlook
    if made is None:
        return []
    told = sum(answer.standing != "cannot be answered" for answer in made.answers)
    text = f"{told} of {plural(len(made.answers), 'question')} answered from assumptions, no forecast"
    return ["", _short(f"Outlook: {text} (world {made.as_of})", _WIDTH)]


def _why_not(brief: Brief) -> str:
    return "; ".join(brief.followed.missing) or brief.followed.said


def _more(n: int) -> list[str]:
    return [f"  and {n - _MOST:,} more"] if n > _MOST else []


def print_summary(brief: Brief, files: list[Path]) -> None:
    """Print the summary and where the files are; with colour when a person is looking.

    Parameters
    ----------
    brief
        The brief.
    files
        The files written.
    """
    import sys

    where = "\n".join(f"  {path}" for path in files)
    text = summary_text(brief)
    if not sys.stdout.isatty():
        print(f"{text}\n\nWritten\n{where}")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    tones = {words.word: _STYLES[words.tone] for words in VERDICT_WORDS.values()}
    for i, line in enumerate(text.split("\n")):
        style = "bold" if i == 0 or (line and not line.startswith(" ") and len(line) < 20) else ""
        for word, tone in tones.items():
            if line.startswith(f"  {word}:") or line.endswith(f"  {word}"):
                style = tone
        console.print(Text(line, style=style))
    console.print(Text("\nWritten", style="bold"))
    console.print(Text(where, style="cyan"))
