"""Sends digests that wait to be sent: by mail, and to a web hook. Secrets come from the environment alone.

A digest is marked as being sent before it is, and as sent after. Where a process was killed between the two nobody
can know; it is then sent again under the same Message-ID and Idempotency-Key, by which who receives it can tell.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterstrike.errors import FetchError
from afterstrike.record._store import records
from afterstrike.watch._config import SmtpConfig, WatchConfig

if TYPE_CHECKING:
    from email.message import EmailMessage

    from afterstrike.watch._watch import Watch

__all__ = ["message_id", "send_mail", "send_waiting", "send_webhook"]

_TIMEOUT_SECONDS = 20.0
_GIVEN_UP = timedelta(days=7)
_RETRY = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(hours=6)


class _NotSent(Exception):
    """A channel did not take a digest; the message says why, without secrets."""


def send_waiting(watch: Watch, now: datetime) -> list[str]:
    """Send what waits and is due again.

    Returns
    -------
    list of str
        What could not be sent, in words; it is tried again in a later round, for a week.
    """
    naive = now.replace(tzinfo=None)
    with watch.record(read_only=True) as con:
        waiting = records(
            con,
            "SELECT d.digest, d.channel, d.state, d.tries, g.file, g.made_at FROM watch_deliveries d "
            "JOIN watch_digests g ON g.number = d.digest WHERE d.state IN ('waiting', 'sending') AND d.\"at\" <= ? "
            "ORDER BY d.digest, d.channel",
            [naive],
        )
    problems = []
    for row in waiting:
        problem = _send(watch, row, naive)
        if problem:
            problems.append(problem)
    return problems


def _send(watch: Watch, row: Mapping[str, Any], now: datetime) -> str | None:
    def note(state: str, detail: str | None, at: datetime) -> None:
        with watch.record() as con:
            con.execute(
                'UPDATE watch_deliveries SET state = ?, detail = ?, "at" = ?, tries = tries + ? '
                "WHERE digest = ? AND channel = ?",
                [state, detail, at, int(state == "sending"), row["digest"], row["channel"]],
            )

    was_cut = (
        "it is not known whether the last attempt arrived; sent again" if row["state"] == "sending" else None
    )
    note("sending", was_cut, now)
    try:
        _CHANNELS[row["channel"]](watch.config, row)
    except _NotSent as problem:
        given_up = now - row["made_at"] > _GIVEN_UP
        wait = min(_RETRY * 2 ** min(row["tries"], 8), _LONGEST_RETRY)
        note("given_up" if given_up else "waiting", str(problem), now + wait)
        last = "given up" if given_up else "will be tried again"
        return f"digest {row['digest']} was not sent by {row['channel']}: {problem} ({last})"
    note("sent", was_cut, now)
    return None


def message_id(config: WatchConfig, row: Mapping[str, Any]) -> str:
    """Give an id that is the same at every attempt to send one digest of one record."""
    import hashlib

    whole = f"{config.record.resolve()}\n{row['digest']}\n{row['file']}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def send_webhook(config: WatchConfig, row: Mapping[str, Any]) -> None:
    """Post the JSON twin; private addresses are refused unless the configuration names them."""
    import httpcore
    import httpx

    from afterstrike.sources._address import allowed_by_environment, checked_private
    from afterstrike.sources._network import Guard, Transport

    assert config.digest is not None and config.digest.webhook is not None
    guard = Guard(checked_private(config.allow_private) | allowed_by_environment())
    headers = {"Content-Type": "application/json", "Idempotency-Key": message_id(config, row)}
    token = os.environ.get("AFTERSTRIKE_WEBHOOK_TOKEN")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = _file(config, row, "json").read_bytes()
    import time

    guard.deadline = time.monotonic() + _TIMEOUT_SECONDS
    try:
        with httpx.Client(
            transport=Transport(guard), timeout=_TIMEOUT_SECONDS, follow_redirects=False
        ) as client:
            answer = client.post(config.digest.webhook, content=body, headers=headers)
    except FetchError as problem:
        raise _NotSent(str(problem)) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpcore.NetworkError, httpcore.ProtocolError,
            httpcore.TimeoutException) as problem:  # fmt: skip
        raise _NotSent(f"the web hook cannot be reached ({type(problem).__name__})") from None
    if not 200 <= answer.status_code < 300:
        raise _NotSent(
            f"the web hook answered {answer.status_code}; it takes a POST of JSON with a 2xx answer"
        )


def send_mail(config: WatchConfig, row: Mapping[str, Any]) -> None:
    """Mail the page, with a summary as plain text."""
    import smtplib
    import ssl

    assert config.digest is not None and config.digest.smtp is not None
    smtp = config.digest.smtp
    password = os.environ.get("AFTERSTRIKE_SMTP_PASSWORD")
    if smtp.user and not password:
        raise _NotSent("AFTERSTRIKE_SMTP_PASSWORD is not set, and `user` is; set it in the environment")
    message = _mail(config, smtp, row)
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    try:
        server: smtplib.SMTP
        if smtp.security == "tls":
            server = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=_TIMEOUT_SECONDS)
        with server:
            if smtp.security == "starttls":
                server.starttls(context=context)
            if smtp.user and password:
                server.login(smtp.user, password)
            refused = server.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise _NotSent("the mail server does not take user and password; check both") from None
    except (smtplib.SMTPException, OSError) as problem:
        words = " ".join(str(problem).split())[:200]
        raise _NotSent(
            f"the mail server {smtp.host}:{smtp.port} did not take it ({type(problem).__name__}: {words})"
        ) from None
    if refused:
        raise _NotSent(f"the mail server refused {', '.join(sorted(refused))} and took it for the others")


def _mail(config: WatchConfig, smtp: SmtpConfig, row: Mapping[str, Any]) -> EmailMessage:
    import json
    from email.message import EmailMessage
    from email.utils import format_datetime

    from afterstrike.watch._digest_page import _lead

    digest = json.loads(_file(config, row, "json").read_bytes())
    message = EmailMessage()
    message["Subject"] = f"afterstrike digest {row['digest']}, {row['made_at']:%Y-%m-%d}"
    message["From"] = smtp.sender
    message["To"] = ", ".join(smtp.to)
    message["Date"] = format_datetime(row["made_at"])
    message["Message-ID"] = f"<{message_id(config, row)}@{smtp.sender.rpartition('@')[2]}>"
    message.set_content(
        f"{_lead(digest)}\n\nThe digest is the HTML part of this mail, and the file attached.\n"
    )
    page = _file(config, row, "html").read_text(encoding="utf-8")
    message.add_alternative(page, subtype="html")
    message.add_attachment(page, subtype="html", filename=f"{row['file']}.html")
    return message


def _file(config: WatchConfig, row: Mapping[str, Any], ending: str) -> Path:
    assert config.digest is not None
    path = config.digest.folder / f"{row['file']}.{ending}"
    if not path.is_file():
        raise _NotSent(f"{path.name} is no longer in the folder of digests")
    return path


_CHANNELS = {"webhook": send_webhook, "smtp": send_mail}
