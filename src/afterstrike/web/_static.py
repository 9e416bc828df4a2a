"""Our own files and MapLibre's: each under an address with the hash of its content, so that browsers keep it."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from ._page import File
from ._parameter import text
from ._problem import Problem
from ._visit import Visit

__all__ = ["FILES", "asset", "asset_addresses"]

_STATIC = Path(__file__).with_name("static")
_VENDOR = ("maplibre-gl.js", "maplibre-gl.css")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
          ".json": "application/json", ".geojson": "application/geo+json", ".png": "image/png",
          ".woff2": "font/woff2", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8",
          ".mjs": "text/javascript; charset=utf-8"}  # fmt: skip
_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file that is sent as it is: content, the same compressed, type, and the first digits of its hash."""

    body: bytes
    packed: bytes
    media_type: str
    digest: str


@lru_cache(maxsize=200)
def _read(path: Path, changed: int) -> Asset:
    body = path.read_bytes()
    if path.suffix == ".gz":
        body, path = gzip.decompress(body), path.with_suffix("")
    return Asset(body, gzip.compress(body, 9), _TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:12])


def _vendor_folder() -> Path:
    """Find MapLibre's files in the installed wheel, without importing it (it would import ipywidgets)."""
    found = importlib.util.find_spec("maplibre")
    if found is None or not found.submodule_search_locations:
        raise Problem(404, "MapLibre is not installed", "", "install afterstrike with its dependencies")
    return Path(next(iter(found.submodule_search_locations))) / "srcjs"


def asset(address: str) -> Asset:
    """Give one of the files that may be asked for.

    Parameters
    ----------
    address : str
        `/static/NAME`, `/vendor/NAME` or `/basemap.json`. The names are those in the folders: nothing is put
        together from what a visitor sent.

    Returns
    -------
    Asset
        Read once, and again where the file changed.

    Raises
    ------
    Problem
        404, where there is no such file.
    """
    path = _files().get(address)
    if path is None:
        raise Problem(404, f"no file {address[:80]!r}", "", "go to /record")
    return _read(path, path.stat().st_mtime_ns)


@cache
def _files() -> dict[str, Path]:
    """Give the files there are by their address; looked for once."""
    from ..record.shipped import __file__ as shipped

    found = {
        f"/static/{path.relative_to(_STATIC).as_posix()}": path
        for path in _STATIC.rglob("*")
        if path.is_file() and path.suffix in _TYPES
    }
    vendor = _vendor_folder()
    found |= {f"/vendor/{name}": vendor / name for name in _VENDOR}
    found["/basemap.json"] = Path(str(shipped)).with_name("countries_110m.geojson.gz")
    return found


def asset_addresses() -> dict[str, str]:
    """Give each file's address with its hash, for the templates: {"/static/app.css": "/static/app.css?v=1a2b..."}."""
    return {address: f"{address}?v={asset(address).digest}" for address in _files()}


def send(visit: Visit) -> Response:
    """Send a file of ours."""
    request: Request = visit.request
    found = asset(request.url.path)
    tag = f'"{found.digest}"'
    headers = {"etag": tag, "vary": "Accept-Encoding"}
    # an address without the hash may later mean another content
    headers["cache-control"] = _YEAR if visit.values.get("v") == found.digest else "public, no-cache"
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    if "gzip" in request.headers.get("accept-encoding", "") and len(found.packed) < len(found.body):
        headers["content-encoding"] = "gzip"
        return Response(found.packed, headers=headers, media_type=found.media_type)
    return Response(found.body, headers=headers, media_type=found.media_type)


_HASH = text("v", "First digits of the file's SHA-256; with it the file may be kept for a year.", longest=64)
FILES = (
    File("/static/{name:path}", "A file of ours.", send, "application/octet-stream", query=(_HASH,),
         in_path=(text("name", "Name of the file."),), is_quick=True),
    File("/vendor/{name}", "A file of MapLibre GL JS.", send, "application/octet-stream", query=(_HASH,),
         in_path=(text("name", "maplibre-gl.js or maplibre-gl.css."),), is_quick=True),
    File("/basemap.json", "Outlines of the countries as GeoJSON (Natural Earth, public domain).", send,
         "application/geo+json", query=(_HASH,), is_quick=True),
)  # fmt: skip
