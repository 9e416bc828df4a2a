"""Any address, and any feed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from afterstrike.errors import UsageError
from afterstrike.sources._address import origin, redact
from afterstrike.sources._feed import parse_feed
from afterstrike.sources._web import WebFetcher
from afterstrike.sources.publishers._publisher import Delivery, Request, Tell
from afterstrike.sources.publishers._tables import copy_whole, refuse_page, whole_file

__all__ = ["FEED", "URL"]

_UNKNOWN = "not stated; see the publisher's terms"


@dataclass(frozen=True)
class _Address:
    """What is asked for by its address alone."""

    name: str
    title: str
    citation: str
    licence: str = _UNKNOWN
    environment: tuple[str, ...] = ()

    def plan(self, request: Request) -> list[str]:
        """Say what would be asked."""
        origin(_given(request))
        return [redact(_given(request))]


class _Url(_Address):
    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get one address and write what it gives to a file of its name."""
        address = _given(request)
        got = web.get(address, progress=partial(tell, "fetching"))
        assert got.path is not None
        target = folder / _file_name(got.final_address, got.headers.get("content-type", ""))
        copy_whole(got.path, target)
        is_table = target.suffix.lower() in (".csv", ".tsv", ".parquet", ".jsonl", ".geojson")
        following = "afterstrike record add FILE --record RECORD" if is_table else "afterstrike read FILE"
        return Delivery((target,), None, self.licence, f"{got.final_address}, got {_when(got)}", following)


class _Feed(_Address):
    def fetch(self, request: Request, web: WebFetcher, folder: Path, tell: Tell) -> Delivery:
        """Get a feed and list its items, one JSON object a line."""
        got = web.get(_given(request), progress=partial(tell, "fetching"))
        refuse_page(got, "a feed", "look for the feed's own address on the page")
        feed = parse_feed(got.bytes(), got.final_address, got.headers.get("content-type"))
        host = re.sub(r"[^a-z0-9.-]", "_", origin(got.final_address)[1])
        target = folder / f"feed-{host}.jsonl"
        with whole_file(target) as out:
            for item in feed.items:
                out.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")
        first = next((item.address for item in feed.items if item.address), None)
        return Delivery(
            (target,), len(feed.items), feed.rights or self.licence, f"{feed.title or host}, got {_when(got)}",
            f"afterstrike read {first}" if first else "afterstrike fetch log",
            tuple(feed.faults),
        )  # fmt: skip


def _given(request: Request) -> str:
    if not request.address:
        raise UsageError("give the address that is to be got, beginning with http:// or https://")
    return request.address


def _when(got: object) -> str:
    fetch = getattr(got, "fetch", None)
    return str(fetch.retrieved_at) if fetch is not None else "just now"


def _file_name(address: str, media_type: str) -> str:
    """Make a file name of an address: its last part without anything that means something to a shell."""
    parts = urlsplit(address)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2]) or (parts.hostname or "page")
    name = re.sub(r"[^\w.-]+", "_", last).strip("._-")[:100] or "page"
    if "." not in name:
        kinds = {"text/html": ".html", "application/pdf": ".pdf", "text/plain": ".txt", "text/csv": ".csv",
                 "application/json": ".json"}  # fmt: skip
        name += kinds.get(media_type.partition(";")[0].strip().lower(), "")
    return name


URL = _Url("url", "A web address", "the address and the time it was got, see `afterstrike fetch log`")
FEED = _Feed("feed", "An RSS or Atom feed", "the address of each item")
