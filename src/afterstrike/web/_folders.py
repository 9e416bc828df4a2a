"""Folders of results beside the record: listed, read and added to; a name from an address never leaves them."""

from __future__ import annotations

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from ._problem import Problem
from ._snapshot import Snapshot

__all__ = ["files_for_job", "names_in", "read_result", "slug", "take_in"]

_NAME = re.compile(r"[^\W_][\w-]{0,79}")
MAX_BYTES = 50_000_000


def slug(text: str, fallback: str) -> str:
    """Make a folder's name of a title; letters of any script stay.

    Examples
    --------
    >>> slug("../Strike on  the Market!", "brief")
    'strike-on-the-market'
    >>> slug("...", "brief")
    'brief'
    """
    kept = (
        re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", text))
        .replace("_", "-")
        .strip("-")
        .lower()[:60]
        .strip("-")
    )
    return kept if _NAME.fullmatch(kept) else fallback


def names_in(folder: Path, needed: str) -> list[str]:
    """Give the names of the results in a folder, newest first: those that hold the needed file."""
    try:
        found = [
            path for path in folder.iterdir() if _NAME.fullmatch(path.name) and (path / needed).is_file()
        ]
        found.sort(key=lambda path: ((path / needed).stat().st_mtime, path.name), reverse=True)
    except OSError:
        return []
    return [path.name for path in found]


def read_result(folder: Path, name: str, file: str) -> bytes:
    """Read one file of one result.

    Parameters
    ----------
    folder : Path
        Of the results.
    name : str
        From the address.
    file : str
        Ours, never from the address.

    Raises
    ------
    Problem
        404, where there is no such result, or it leads out of the folder.
    """
    missing = Problem(404, f"no {name[:80]!r} here", "", "it may have been moved; see the list")
    if not _NAME.fullmatch(name):
        raise missing
    path = folder / name / file
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
        if not inside or not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise missing
        return path.read_bytes()
    except (OSError, ValueError):
        raise missing from None


def take_in(folder: Path, name: str, made: Path, needed: Sequence[str]) -> str:
    """Put a finished result into its folder under a name that is free; it appears whole.

    Returns
    -------
    str
        The name it got.
    """
    for file in needed:
        if not (made / file).is_file():
            raise OSError(f"the work did not write {file}")
    folder.mkdir(parents=True, exist_ok=True)
    waiting = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        for path in made.iterdir():
            if path.is_file() and not path.is_symlink():
                shutil.copyfile(path, waiting / path.name)
        waiting.chmod(0o755)
        number = 1
        while True:
            chosen = name if number == 1 else f"{name[:70]}-{number}"
            try:
                if (folder / chosen).exists():
                    raise FileExistsError
                waiting.rename(folder / chosen)  # onto an empty folder it would succeed; those are no results
                return chosen
            except (FileExistsError, OSError) as problem:
                if not (folder / chosen).exists() or number > 10_000:
                    raise problem
                number += 1
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def files_for_job(snapshot: Snapshot) -> dict[str, Path]:
    """Give the copy of the record as files to be put beside a job, so that it works on what visitors saw."""
    files = {snapshot.path.name: snapshot.path}
    log = snapshot.path.with_name(snapshot.path.name + ".wal")
    return files | ({log.name: log} if log.exists() else {})
