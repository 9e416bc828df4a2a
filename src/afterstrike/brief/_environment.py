"""The environment a page is rendered in: what a source wrote is escaped, printable and in its own direction."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

__all__ = ["page_environment"]

# Characters that HTML does not allow in text, each shown as the sign for "not a character".
_BARE = {code: "�" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A, 0x0C, 0x0D)}
_RTL = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RTL_RUN = re.compile(rf"[«“\"'(]?{_RTL}(?:[^A-Za-z\n]*{_RTL})?[.!?]?[»”\"')]?")
_RTL_FIRST = re.compile(rf"[\W\d_]*{_RTL}")


def _printable(value: Any) -> Any:
    if value is None:
        return ""
    return value.translate(_BARE) if isinstance(value, str) and not isinstance(value, Markup) else value


def _is_web(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def _bidi(text: str) -> Markup:
    """Set each run of a right-to-left script inside other text apart, with the quote marks around it.

    Without this the browser gives a closing mark after Arabic to the English around it, on the wrong side.
    """
    text = _printable(text)
    if _RTL_FIRST.match(text):
        return escape(text)  # the line's own direction is right to left; dir=auto has seen to it
    parts, at = [], 0
    for run in _RTL_RUN.finditer(text):
        parts += [
            escape(text[at : run.start()]),
            Markup('<bdi dir="rtl">'),
            escape(run.group()),
            Markup("</bdi>"),
        ]
        at = run.end()
    return Markup("").join([*parts, escape(text[at:])])


def _coded(text: str) -> Markup:
    """Set a command between backticks apart."""
    parts = [escape(part) for part in _printable(text).split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else p for i, p in enumerate(parts))


@lru_cache(maxsize=4)
def page_environment(templates: Path) -> jinja2.Environment:
    """Make the environment of a page in one file: what a source wrote is escaped and printable."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["is_web"] = _is_web
    environment.filters["bidi"] = _bidi
    environment.filters["coded"] = _coded
    environment.filters["plain"] = lambda words: str(words).replace("_", " ")
    return environment
