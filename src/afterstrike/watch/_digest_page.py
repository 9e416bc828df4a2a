"""A digest as one HTML page: no request leaves it, and nothing that a source wrote can run in it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from afterstrike.brief._html import _hash, page_environment
from afterstrike.charts._palette import DARK

__all__ = ["digest_page"]

_TEMPLATES = Path(__file__).with_name("templates")
_TONES = {"confirmed": "good", "fair": "good", "weak": "plain", "contested": "warn", "discounted": "plain"}


def digest_page(digest: Mapping[str, Any]) -> str:
    """Render a digest.

    Parameters
    ----------
    digest : mapping
        From `collect`.

    Returns
    -------
    str
        One HTML document. Its content security policy allows its own style, by its hash, and no script at all.
    """
    brief = files("afterstrike.brief").joinpath("templates", "brief.css").read_text(encoding="utf-8")
    dark = ";".join(f"--chart-{name}:{colour}" for name, colour in DARK.items())
    own = (_TEMPLATES / "digest.css").read_text(encoding="utf-8")
    css = brief.replace("{{ dark_chart_variables }}", dark) + own
    policy = f"default-src 'none'; style-src {_hash(css)}; base-uri 'none'; form-action 'none'"
    return (
        page_environment(_TEMPLATES)
        .get_template("digest.html.j2")
        .render(css=Markup(css), csp=policy, tones=_TONES, lead=_lead(digest), **digest)
    )


def _lead(digest: Mapping[str, Any]) -> str:
    """Say the day in a sentence or two."""
    harm, new, changed = (digest[name]["n"] for name in ("harm", "new", "changed"))
    parts = [
        _many(harm, "new incident") + " of harm to civilians",
        _many(new, "other new incident"),
        _many(changed, "incident") + " changed",
    ]
    back = sum(one["what"] == "taken back" for one in digest["corrections"])
    ailing = sum(one["good"] < one["polls"] for one in digest["sources"])
    more = [f"{_many(back, 'report')} taken back"] if back else []
    more += [f"{_many(ailing, 'source')} could not always be had"] if ailing else []
    more += [f"{_many(len(digest['alarms']), 'alarm')} of tempo"] if digest["alarms"] else []
    said = f"{parts[0]}, {parts[1]}, {parts[2]}."
    return f"{said[0].upper()}{said[1:]}" + (
        f" {', '.join(more)[0].upper()}{', '.join(more)[1:]}." if more else ""
    )


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
