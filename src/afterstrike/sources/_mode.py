"""The access rights of files that were written under another name first."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["give_usual_mode"]


def give_usual_mode(path: Path) -> None:
    """Give a file the rights that a new file of this process has; `tempfile` keeps its files to their owner.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     give_usual_mode(Path(file.name))
    ...     Path(file.name).stat().st_mode & 0o111
    0
    """
    mask = os.umask(0o077)  # there is no other way to read it
    os.umask(mask)
    path.chmod(0o666 & ~mask)
