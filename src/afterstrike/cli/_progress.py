"""Say on stderr which stage a long command is at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_on_stderr"]


@contextmanager
def progress_on_stderr(name: str) -> Iterator[Callable[[str], None]]:
    """Show the stage, on a terminal only; it is gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda stage: None
        return
    from rich.console import Console

    with Console(stderr=True).status(name) as status:
        yield lambda stage: status.update(f"{name}: {stage}")
