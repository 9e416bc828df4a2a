"""Write the generated parts of the documentation: CLI reference, event table, module inventory.

python tools/make_docs.py           writes them
python tools/make_docs.py --check   exits 1 and names what is stale
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- inventory: begin -->", "<!-- inventory: end -->"


Words = tuple[str, ...]


def commands(command: click.Command, path: Words) -> Iterator[tuple[Words, click.Command]]:
    """Walk a command and all below it, parents first."""
    yield path, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                child = command.get_command(context, name)
                if child is not None:
                    yield from commands(child, (*path, name))


def cli_reference() -> str:
    """Give docs/cli.md: the help text of every command."""
    from afterstrike.cli import cli

    parts = [
        "# Command line",
        "",
        "Made from the commands' own help by `make docs`. Results go to standard output, progress and logs",
        "to standard error. Exit codes: 0 done, 1 a defect of ours, 2 bad input or usage, 3 refused.",
        "",
    ]
    for path, command in commands(cli, ("afterstrike",)):
        title = " ".join(path)
        context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
        parts += [f"## {title}", "", "```text", command.get_help(context), "```", ""]
    return "\n".join(parts)


def event_table() -> str:
    """Give docs/event-table.md: the columns and codes of the event table."""
    from afterstrike.record._schema import COLUMNS, DATE_PRECISIONS, EVENT_KINDS, GEO_PRECISIONS

    missing = {True: "yes", False: "no"}
    rows = [f"| `{c.name}` | {c.sql_type} | {missing[c.nullable]} | {c.meaning} |" for c in COLUMNS]
    geo = [f"| {code} | {meaning} |" for code, meaning in GEO_PRECISIONS.items()]
    date = [f"| {code} | {meaning} |" for code, meaning in DATE_PRECISIONS.items()]
    return "\n".join(
        [
            "# The event table",
            "",
            "One row an event. Made from `afterstrike.record` by `make docs`. Missing is missing, never",
            "zero; publisher's columns that have no place here are kept in a side table.",
            "",
            "| column | type | may be missing | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "Kinds: " + ", ".join(f"`{k}`" for k in EVENT_KINDS) + ".",
            "",
            "## geo_precision",
            "",
            "| code | meaning |",
            "|---|---|",
            *geo,
            "",
            "## date_precision",
            "",
            "| code | meaning |",
            "|---|---|",
            *date,
            "",
        ]
    )


def inventory() -> str:
    """Give the module inventory: every file with the first line of its docstring."""
    package = ROOT / "src" / "afterstrike"
    rows = ["| file | what it holds |", "|---|---|"]
    for path in sorted(package.rglob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "(no docstring)"
        rows.append(f"| `{path.relative_to(package).as_posix()}` | {text.splitlines()[0]} |")
    return "\n".join(rows)


def architecture() -> str:
    """Give ARCHITECTURE.md with its inventory brought up to date."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    return f"{head}{BEGIN}\n{inventory()}\n{END}{tail}"


def main() -> int:
    """Write or check the generated files."""
    wanted = {
        ROOT / "docs" / "cli.md": cli_reference(),
        ROOT / "docs" / "event-table.md": event_table(),
        ROOT / "ARCHITECTURE.md": architecture(),
    }
    stale = [p for p, text in wanted.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"stale: {path.relative_to(ROOT)}; run: make docs")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
