"""`afterstrike serve`: the record, incidents, briefs and effects in a browser."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

import click

from afterstrike.errors import UsageError

__all__ = ["serve"]

_EPILOG = """The record may be written meanwhile, as by `afterstrike watch`: pages show a copy and say as of when.

On a host that others can reach a token is needed: AFTERSTRIKE_TOKEN, --token, or one is made and printed once.

Examples: afterstrike serve syria.duckdb ; afterstrike serve syria.duckdb --host 0.0.0.0 --port 8080"""


@click.command(epilog=_EPILOG)
@click.argument("record", required=False, envvar="AFTERSTRIKE_RECORD", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes any that is free."
)
@click.option(
    "--briefs",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Briefs. Default: NAME.briefs beside the record.",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Archived pages. Default: NAME.archive.",
)
@click.option(
    "--effects", type=click.Path(path_type=Path), metavar="FOLDER", help="Effects. Default: NAME.effects."
)
@click.option("--token", envvar="AFTERSTRIKE_TOKEN", metavar="WORDS",
              help="What visitors must show; better given as AFTERSTRIKE_TOKEN, which no list of processes shows.")  # fmt: skip
@click.option("--allow-host", "allowed_hosts", multiple=True, metavar="NAME",
              help="A further name this server is reached by, as that of a reverse proxy; may be repeated.")  # fmt: skip
@click.option("--open", "is_opened", is_flag=True, help="Open it in the browser.")
@click.option("--read-only", "is_read_only", is_flag=True, help="Take in no decisions, briefs or effects.")
def serve(record: Path | None, host: str, port: int, briefs: Path | None, archive: Path | None, effects: Path | None,
          token: str | None, allowed_hosts: tuple[str, ...], is_opened: bool, is_read_only: bool) -> None:  # fmt: skip
    """Show RECORD in a browser: map, table, incidents, briefs, effects, sources, changes.

    RECORD is a file made by `afterstrike record add`, or AFTERSTRIKE_RECORD. Nothing is fetched from outside.
    """
    from afterstrike.errors import RecordBusy
    from afterstrike.record import open_record
    from afterstrike.web import Settings
    from afterstrike.web import serve as run
    from afterstrike.web._settings import is_loopback

    if record is None:
        raise UsageError(
            "no record; give its file, or set AFTERSTRIKE_RECORD. `afterstrike record add FILE --record x.duckdb` makes one"
        )
    if not record.is_file():
        raise UsageError(
            f"{record} is no file; make a record with `afterstrike record add FILE --record {record}`"
        )
    with suppress(RecordBusy):  # whoever writes it will be done
        open_record(record, read_only=True).close()
    os.environ.pop("AFTERSTRIKE_TOKEN", None)  # what is started from here need not know it
    is_made = token is None and not is_loopback(host)
    token = secrets.token_urlsafe(24) if is_made else token or None
    settings = Settings(
        record,
        briefs,
        archive,
        effects,
        host=host,
        token=token,
        allowed_hosts=allowed_hosts,
        is_read_only=is_read_only,
    )

    def started(address: str) -> None:
        click.echo(f"{record.name}: {address}")
        if is_made:
            click.echo(f"Token, shown this once: {token}\nLog in with {address}?token={token}", err=True)
        if is_opened:
            click.launch(f"{address}?token={token}" if token else address)

    run(settings, port=port, started=started)
