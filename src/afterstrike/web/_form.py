"""Reads a form that was sent: our own only, each field within its bounds, an uploaded file to a private folder."""

from __future__ import annotations

import hmac
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from ._page import Action
from ._problem import Problem
from ._session import Session
from ._settings import Settings

__all__ = ["Upload", "read_form"]

CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
MAX_FIELDS = 200


class Upload:
    """An uploaded file: the name its sender gave it, and where its bytes lie until the request is answered."""

    def __init__(self, name: str, path: Path, size: int) -> None:
        self.name, self.path, self.size = name, path, size


@asynccontextmanager
async def read_form(
    request: Request, action: Action, session: Session, settings: Settings
) -> AsyncIterator[dict[str, Any]]:
    """Read the fields an action knows.

    Parameters
    ----------
    request : Request
        A POST of a form.
    action : Action
        Which fields there are, which must be filled, and which holds a file.
    session : Session
        Whose mark the form must carry, in the field `csrf` or the header `X-CSRF-Token`; a program that sends the
        token itself needs none.
    settings : Settings
        Limits, and whether anything may be changed.

    Yields
    ------
    dict
        A value for every field; the file's is an `Upload` or None.

    Raises
    ------
    Problem
        403 without the mark or on a read-only server, 400 for a form that is none, 413 for one too large.
    """
    if settings.is_read_only and not action.is_open:
        raise Problem(403, "a change", "reading: this server was started with --read-only", "ask who runs it")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Problem(
            415, f"a body of type {kind[:60]!r}", "a form", "send application/x-www-form-urlencoded"
        )
    try:
        form = await request.form(
            max_files=1, max_fields=MAX_FIELDS, max_part_size=settings.max_upload_bytes + 200_000
        )
    except (MultiPartException, HTTPException, UnicodeError, ValueError) as problem:
        said = (
            getattr(problem, "message", None)
            or getattr(problem, "detail", None)
            or "a form that cannot be read"
        )
        raise Problem(
            400, str(said)[:200], f"a form of at most {MAX_FIELDS} fields", "send it again"
        ) from None
    folder = Path(tempfile.mkdtemp(prefix="afterstrike-upload-"))
    try:
        _check_mark(form, request, session)
        yield await _values(form, action, folder)
    finally:
        await form.close()
        shutil.rmtree(folder, ignore_errors=True)


def _check_mark(form: FormData, request: Request, session: Session) -> None:
    given = form.get(CSRF_FIELD) or request.headers.get(CSRF_HEADER, "")
    right = isinstance(given, str) and hmac.compare_digest(
        session.csrf.encode(), given.encode("utf-8", "replace")
    )
    # a session that has just begun has a mark that nobody has seen
    if not session.is_bearer and not right:
        raise Problem(403, "a form without our mark, or one from before the server started", "our own forms",
                      "load the page again and send it from there")  # fmt: skip


async def _values(form: FormData, action: Action, folder: Path) -> dict[str, Any]:
    known = {one.name for one in action.form} | {CSRF_FIELD} | ({action.file} if action.file else set())
    for name in form:
        if name not in known:
            raise Problem(400, f"the field {name[:60]!r}", ", ".join(sorted(known)), "leave it out")
    values: dict[str, Any] = {}
    for one in action.form:
        given = form.getlist(one.name)
        if not all(isinstance(value, str) for value in given):
            raise Problem(400, f"a file in the field {one.name}", "text", "send text")
        values[one.name] = one.value([str(value) for value in given])
    for name in action.must:
        if not values[name]:
            allowed = next(one.allowed() for one in action.form if one.name == name)
            raise Problem(400, f"the field {name} is empty", allowed, f"fill in {name}")
    if action.file:
        sent = form.get(action.file)
        values[action.file] = (
            await _kept(sent, folder) if isinstance(sent, UploadFile) and sent.size else None
        )
    return values


async def _kept(sent: UploadFile, folder: Path) -> Upload:
    path = folder / "upload"
    with path.open("wb") as out:
        while part := await sent.read(1 << 20):
            await run_sync(out.write, part)
    return Upload(sent.filename or "", path, path.stat().st_size)
