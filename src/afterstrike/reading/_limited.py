"""Takes the text out of a document in a process of its own, with an end to its time and memory.

A PDF of two kilobytes can keep the layout analysis busy for hours, and nothing in this process could end it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from afterstrike.errors import ReadingError
from afterstrike.reading._document import Document, open_document

__all__ = ["limited_document"]

_SMALL = 200_000  # bytes; a page of this size or less is taken apart here, where it takes a moment
_MOST_LETTERS = 20_000_000


def limited_document(
    body: bytes, *, seconds: int = 20, megabytes: int = 1000, media_type: str | None = None
) -> Document:
    """Get the text out of a document's bytes, or give up in time.

    Parameters
    ----------
    body : bytes
        The document as it was got. Every PDF, and everything above 200 kB, is read in a process of its own.
    seconds : int
        Of computing. By the clock on the wall it may take twice as long, where the machine is busy.
    megabytes : int
        Of memory. Not enforced where the platform has no such limit (Windows).
    media_type : str, optional
        As for `open_document`.

    Returns
    -------
    Document
        The same as `open_document` gives.

    Raises
    ------
    ReadingError
        No text can be read, or not within the limits.

    Examples
    --------
    >>> limited_document(b"Two strikes near Taiz.").text
    'Two strikes near Taiz.'
    """
    if len(body) <= _SMALL and b"%PDF-" not in body[:1024] and body.lstrip()[:5] != b"%PDF-":
        return open_document(body, media_type=media_type)
    code = "from afterstrike.reading._limited import _child; _child()"
    folders = [str(Path(__file__).parents[2]), *filter(os.path.isabs, sys.path)]
    try:
        # a session of its own: an interrupt from the keyboard is for us, and is no fault of the document
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, str(seconds), str(megabytes), media_type or ""],
            input=body, capture_output=True, timeout=2 * seconds, start_new_session=True, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ReadingError(_too_long(seconds)) from None
    except OSError as problem:
        raise ReadingError(
            f"no process can be started to read the document ({problem.strerror}); try again later"
        ) from None
    if done.returncode != 0:
        import signal

        if done.returncode == -getattr(signal, "SIGXCPU", 0):
            raise ReadingError(_too_long(seconds))
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:120]
        raise ReadingError(
            f"the document cannot be read within {megabytes} MB of memory and {seconds} seconds "
            f"({last or f'status {done.returncode}'}); cut out the article, or give its text"
        )
    found = json.loads(done.stdout)
    if "error" in found:
        raise ReadingError(found["error"])
    return Document(**{**found, "notes": tuple(found["notes"])})


def _too_long(seconds: int) -> str:
    return (
        f"the document takes longer than {seconds} seconds to be read; cut out the article, or give its text"
    )


def _child() -> None:
    """Read one document from standard input; write it, or why not, as JSON."""
    seconds, megabytes = int(sys.argv[1]), int(sys.argv[2])
    body = sys.stdin.buffer.read()
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        document = open_document(body, media_type=sys.argv[3] or None)
        if len(document.text) > _MOST_LETTERS:
            raise ReadingError(
                f"the document holds {len(document.text):,} letters, more than the {_MOST_LETTERS:,} that are read; "
                "cut out the article and give that"
            )
        found = asdict(document)
    except ReadingError as problem:
        found = {"error": str(problem)}
    except MemoryError:
        found = {"error": f"the document needs more than {megabytes} MB of memory to be read; give its text"}
    sys.stdout.buffer.write(json.dumps(found).encode("ascii"))
