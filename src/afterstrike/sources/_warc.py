"""Writes an archive as WARC, the form that web archives read (ISO 28500)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterstrike import __version__
from afterstrike.errors import SourceError
from afterstrike.sources._mode import give_usual_mode

if TYPE_CHECKING:
    from afterstrike.sources._archive import Archive, Fetch

__all__ = ["write_warc"]

# The bytes are kept decoded and whole, so headers that speak of the transfer would be wrong.
_OF_TRANSFER = frozenset(
    ("content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive", "content-range")
)


def write_warc(archive: Archive, path: Path, fetches: Sequence[Fetch]) -> int:
    """Write retrievals to a WARC file, each body once; give the number of retrievals."""
    from warcio.warcwriter import WARCWriter

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    except OSError as problem:
        raise SourceError(f"{path} cannot be written ({problem}); give another file") from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            writer = WARCWriter(out, gzip=True)
            about = {"software": f"afterstrike {__version__}", "format": "WARC File Format 1.0"}
            writer.write_record(writer.create_warcinfo_record(path.name, about))
            first: dict[str, Fetch] = {}
            for fetch in fetches:
                _write_one(writer, archive, fetch, first.get(fetch.sha256))
                first.setdefault(fetch.sha256, fetch)
        give_usual_mode(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return len(fetches)


def _write_one(writer: Any, archive: Archive, fetch: Fetch, earlier: Fetch | None) -> None:
    """Write one retrieval: the answer, or a reference to the same bytes; then its terms, where stated."""
    from warcio.statusandheaders import StatusAndHeaders

    headers = [(k, v) for k, v in fetch.headers.items() if k not in _OF_TRANSFER]
    headers.append(("content-length", str(fetch.size)))
    http = StatusAndHeaders(_status_line(fetch.status), headers, protocol="HTTP/1.1")
    date = _warc_date(fetch.retrieved_at)
    extra = {"WARC-Date": date}
    if earlier is not None:
        record = writer.create_revisit_record(
            fetch.final_address,
            digest=f"sha256:{fetch.sha256}",
            refers_to_uri=earlier.final_address,
            refers_to_date=_warc_date(earlier.retrieved_at),
            http_headers=http,
            warc_headers_dict=extra,
        )
        writer.write_record(record)
    else:
        with archive.open(fetch.sha256) as body:
            record = writer.create_warc_record(
                fetch.final_address,
                "response",
                payload=body,
                length=fetch.size,
                http_headers=http,
                warc_headers_dict={**extra, "WARC-Payload-Digest": f"sha256:{fetch.sha256}"},
            )
            writer.write_record(record)
    terms = "".join(
        f"{name}: {' '.join(value.split())}\r\n"
        for name, value in (
            ("address", fetch.address),
            ("licence", fetch.licence),
            ("citation", fetch.citation),
        )
        if value
    )
    payload = terms.encode()
    writer.write_record(
        writer.create_warc_record(
            fetch.final_address,
            "metadata",
            payload=BytesIO(payload),
            length=len(payload),
            warc_content_type="application/warc-fields",
            warc_headers_dict=extra,
        )
    )


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _warc_date(moment: str) -> str:
    return moment[:19] + "Z"
