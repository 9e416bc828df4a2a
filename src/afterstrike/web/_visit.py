"""What a page is given to answer with, and how its answer is written: as a page, as JSON, small or as it is."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ._session import Session
from ._settings import Settings, is_loopback
from ._snapshot import SnapshotStore

if TYPE_CHECKING:
    import anyio
    import jinja2

    from ._jobs import Jobs

__all__ = ["AnswerCache", "Visit", "Web", "json_bytes", "json_response", "packed"]

_SMALLEST_PACKED = 1500


class AnswerCache:
    """The answers given last, up to a number of bytes; those asked for longest ago go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._held = most_bytes, 0
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[Any, ...]) -> bytes | None:
        """Give an answer, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[Any, ...], body: bytes) -> None:
        """Keep an answer."""
        with self._lock:
            self._held += len(body) - len(self._kept.pop(key, b""))
            self._kept[key] = body
            while self._held > self._most and self._kept:
                self._held -= len(self._kept.popitem(last=False)[1])


@dataclass
class Web:
    """What all pages share."""

    settings: Settings
    store: SnapshotStore
    jobs: Jobs
    cache: AnswerCache
    templates: jinja2.Environment
    limiter: anyio.CapacityLimiter | None = (
        None  # how much is done in threads at once; belongs to the running loop
    )


@dataclass
class Visit:
    """One request: where it came in, what it asks for, and who asks."""

    web: Web
    request: Request
    values: dict[str, Any]
    session: Session

    @property
    def settings(self) -> Settings:
        """The server's settings."""
        return self.web.settings


def json_bytes(data: Any) -> bytes:
    """Write JSON; days and times as ISO 8601."""
    return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def json_response(request: Request, body: bytes, *, tag: str | None = None) -> Response:
    """Answer with JSON that was written already; `tag` names it where its content need not be hashed."""
    return packed(request, Response(body, media_type="application/json"), body, tag=tag)


def packed(request: Request, response: Response, body: bytes, *, tag: str | None = None) -> Response:
    """Compress an answer for a visitor from another machine, and mark it so that it need not be sent twice.

    On the same machine compressing costs more than it saves.
    """
    if response.status_code != 200:
        return response
    tag = f'W/"{tag or hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response.headers["etag"] = tag
    response.headers["vary"] = "Accept-Encoding, Cookie"
    if request.headers.get("if-none-match") == tag:
        kept = {name: value for name, value in response.headers.items() if name != "content-length"}
        return Response(None, 304, kept)
    client = request.client.host if request.client else ""
    wanted = "gzip" in request.headers.get("accept-encoding", "") and not is_loopback(client)
    if wanted and len(body) >= _SMALLEST_PACKED:
        response.body = gzip.compress(body, compresslevel=1)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response
