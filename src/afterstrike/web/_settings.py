"""What a server is told when it starts."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError

__all__ = ["Settings", "is_loopback"]

SHORTEST_TOKEN = 16


def is_loopback(host: str) -> bool:
    """Say whether a host name or address can be reached from this machine only.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Settings:
    """What the web app serves, to whom, and within which limits.

    Parameters
    ----------
    record : Path
        The record's file. It is copied, never held: others may write it meanwhile.
    briefs, archive, effects : Path, optional
        Folders of briefs, archived pages and effects; by default `NAME.briefs`, `NAME.archive` and `NAME.effects`
        beside the record `NAME.duckdb`.
    host : str
        The address the server listens on. Any but a loopback address needs a `token`.
    token : str, optional
        What a visitor must show, at least 16 characters.
    allowed_hosts : tuple of str
        Further names under which the server is reached, as that of a reverse proxy.
    is_read_only : bool
        No decisions, no briefs and no effects are taken in.
    max_upload_bytes : int
        Largest article.
    job_seconds : float
        Longest time one brief or effect may take.
    jobs_at_once, jobs_waiting : int
        Briefs and effects that run at the same time, and that wait.
    cache_bytes : int
        Memory for answers already given.
    write_seconds : float
        How long a decision waits for a record that another process writes.

    Raises
    ------
    UsageError
        A host that others can reach without a token, or a token that is too short.

    Examples
    --------
    >>> Settings(Path("syria.duckdb")).briefs_folder.name
    'syria.briefs'
    """

    record: Path
    briefs: Path | None = None
    archive: Path | None = None
    effects: Path | None = None
    host: str = "127.0.0.1"
    token: str | None = field(default=None, repr=False)
    allowed_hosts: tuple[str, ...] = ()
    is_read_only: bool = False
    max_upload_bytes: int = 5_000_000
    job_seconds: float = 600.0
    jobs_at_once: int = 1
    jobs_waiting: int = 8
    cache_bytes: int = 64_000_000
    write_seconds: float = 20.0
    secret: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise UsageError(
                f"a token of {len(self.token)} characters can be guessed; give at least {SHORTEST_TOKEN}, "
                "or leave it out and one is made"
            )
        if not is_loopback(self.host) and self.token is None:
            raise UsageError(
                f"host {self.host!r} can be reached by other machines and no token is set; allowed: 127.0.0.1, "
                "localhost, ::1 without a token; give a token for any other host"
            )
        if not self.secret:
            # with a token of one's own, visitors stay logged in when the server starts again
            made = (
                hashlib.sha256(b"afterstrike session " + self.token.encode()).digest() if self.token else None
            )
            object.__setattr__(self, "secret", made or secrets.token_bytes(32))

    def _beside(self, chosen: Path | None, kind: str) -> Path:
        return chosen if chosen is not None else self.record.with_suffix(f".{kind}")

    @property
    def briefs_folder(self) -> Path:
        """The folder of briefs: one folder each, with `brief.html` and `brief.json`."""
        return self._beside(self.briefs, "briefs")

    @property
    def archive_folder(self) -> Path:
        """The folder of archived pages."""
        return self._beside(self.archive, "archive")

    @property
    def effects_folder(self) -> Path:
        """The folder of effects: one folder each."""
        return self._beside(self.effects, "effects")
