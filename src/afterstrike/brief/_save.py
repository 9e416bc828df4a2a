"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import BriefError

__all__ = ["save_all"]


def save_all(folder: str | Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write several files into a folder; if one cannot be written, none is.

    Parameters
    ----------
    folder
        Where to; made if it is not there.
    files
        File name to content.

    Returns
    -------
    list of Path
        The files, in the order given.

    Raises
    ------
    BriefError
        The folder cannot be made or written to. Files of an earlier run are left as they were.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as there:
    ...     [path.name for path in save_all(there, {"a.txt": b"1", "b.txt": b"2"})]
    ['a.txt', 'b.txt']
    """
    target = Path(folder)
    made = [parent for parent in (target, *target.parents) if not parent.exists()]
    waiting: list[tuple[Path, Path]] = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=target)
            waiting.append((Path(temporary), target / name))
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
        for _, final in waiting:
            if final.is_dir():
                raise IsADirectoryError(21, f"{final.name} is a folder there")
        for temporary_path, final in waiting:
            temporary_path.chmod(0o666 & ~_umask())
            temporary_path.replace(final)
    except OSError as error:
        for temporary_path, _ in waiting:
            temporary_path.unlink(missing_ok=True)
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
        reason = error.strerror or str(error)
        raise BriefError(
            f"{target} cannot be written to ({reason}); give a folder you may write to with -o"
        ) from None
    return [final for _, final in waiting]


def _umask() -> int:
    """Give the process's file mode mask, which can be read only by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
