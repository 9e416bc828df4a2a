"""`afterstrike brief`: hold an article against the record and write one HTML file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from afterstrike.errors import UsageError

from ._progress import progress_on_stderr

__all__ = ["brief"]

_EPILOG = """Without -o the files go to brief/NAME in the folder you are in, NAME after the article.

Examples: afterstrike brief article.txt --published 2026-01-20 -o out/ ;
afterstrike brief https://example.org/story --record syria.duckdb ;
afterstrike brief --sample desert-strikes ; cat article.txt | afterstrike brief - --json"""


@click.command(epilog=_EPILOG)
@click.argument("source", required=False)
@click.option(
    "--published", metavar="YYYY-MM-DD", help="Publication date, where the article does not say it."
)
@click.option(
    "--record",
    envvar="AFTERSTRIKE_RECORD",
    metavar="FILE",
    help="Record to hold the article against; else the figures that ship. Or AFTERSTRIKE_RECORD.",
)
@click.option("-o", "--out", metavar="FOLDER", help="Where brief.html and brief.json go.")
@click.option("--title", help="Title to show, where the article's own is missing or wrong.")
@click.option(
    "--sample",
    metavar="NAME",
    help="A sample article that ships: desert-strikes, air-war-by-numbers or layla-ala-al-badiya.",
)
@click.option(
    "--effects/--no-effects",
    default=True,
    show_default=True,
    help="With a record: estimate what earlier strikes on it were followed by.",
)
@click.option(
    "--outlook/--no-outlook",
    default=True,
    show_default=True,
    help="Answer what the article asks of the time ahead, from stated assumptions.",
)
@click.option("--json", "as_json", is_flag=True, help="Print brief.json; write files only with -o.")
@click.option("--quiet", is_flag=True, help="Print only where the files are.")
def brief(
    source: str | None,
    published: str | None,
    record: str | None,
    out: str | None,
    title: str | None,
    sample: str | None,
    effects: bool,
    outlook: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Hold an article against the record; write one HTML file and its JSON twin.

    SOURCE is a file (text, Markdown, HTML, PDF), '-' for standard input, or an http(s) address.
    """
    from afterstrike.brief import build_brief, open_sample

    if (source is None) == (sample is None):
        raise UsageError(
            "give one article: a file, '-' or an address, or --sample NAME; as afterstrike brief story.txt"
        )
    if sample is not None:
        chosen = open_sample(sample)
        source, published, title = str(chosen.path), published or chosen.published, title or chosen.title
    assert source is not None
    with progress_on_stderr("brief") as progress:
        made = build_brief(
            source, published=published, record=record or None, title=title, sample=sample,
            effects=effects, outlook=outlook, progress=progress,
        )  # fmt: skip
    for warning in made.warnings:
        click.echo(f"Warning: {warning}", err=True)
    folder = out or (None if as_json else str(Path("brief") / _slug(made.provenance["input"]["name"])))
    files = made.save(folder) if folder else []
    if as_json:
        click.echo(json.dumps(made.to_dict(), ensure_ascii=True, indent=1))
    elif quiet:
        click.echo("\n".join(str(path) for path in files))
    else:
        from afterstrike.brief._terminal import print_summary

        print_summary(made, files)


def _slug(name: str) -> str:
    """Make a folder name of a file or page name."""
    stem = Path(name).stem if "." in name else name
    return re.sub(r"[^\w-]+", "-", stem).strip("-_").lower()[:60] or "article"
