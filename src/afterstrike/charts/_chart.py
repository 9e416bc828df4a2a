"""A chart: a Vega-Lite specification with a description in words, drawn without a browser."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ._palette import FONT, LIGHT, Theme, recolour

__all__ = ["Chart", "VL_VERSION", "base_spec", "facet_by", "number_format"]

VL_VERSION = "6.4"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# Stands for a chart's own mark until its text, and so its hash, is known.
_ID = "chart-id-to-come"
_SUFFIXES = (".svg", ".png", ".json")


def facet_by(field: str, panels: Sequence[Any]) -> dict[str, Any]:
    """Give the facet of a chart with one panel a value, in the order in which the values come."""
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "sort": list(dict.fromkeys(panels)),
        "header": {"labelColor": LIGHT["ink"], "labelFontSize": 12},
    }


@dataclass(frozen=True)
class Chart:
    """A drawing of a table, as a Vega-Lite version 6 specification.

    Parameters
    ----------
    spec
        The specification, data included. Any Vega-Lite tool can show it.
    alt
        What the chart shows, in words, for a reader who cannot see it.
    caption
        What is drawn, what is left out and how much of it.
    """

    spec: dict[str, Any] = field(repr=False)
    alt: str = ""
    caption: str = ""

    def to_svg(self, *, theme: Theme = "light") -> str:
        """Draw the chart as SVG.

        Parameters
        ----------
        theme
            `light`, `dark`, or `page` (colours are CSS variables that the page sets).

        Returns
        -------
        str
            One `<svg>` element without scripts, styles or outside references; its inner ids are unique to it.
        """
        import vl_convert

        svg = str(vl_convert.vegalite_to_svg(_drawable(self.spec), vl_version=VL_VERSION))
        # The drawing library counts its ids on over all drawings of a process; the same chart is to be the
        # same text every time, and no id may occur twice on a page of several charts.
        ids = {name: str(i) for i, name in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))}
        svg = re.sub(r'\bid="([^"]+)"', lambda m: f'id="{_ID}-{ids[m[1]]}"', svg)
        svg = re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{_ID}-{ids.get(m[1], m[1])})", svg)
        svg = svg.replace(_ID, "c" + hashlib.sha256(svg.encode()).hexdigest()[:8])
        return recolour(svg, theme)

    def to_png(self, scale: float = 2.0, *, theme: Theme = "light") -> bytes:
        """Draw the chart as PNG.

        Parameters
        ----------
        scale
            Pixels for each pixel of the specification, 0.1 to 10.
        theme
            `light` or `dark`.

        Returns
        -------
        bytes
            The file's content.
        """
        import vl_convert

        if not 0.1 <= scale <= 10:
            raise UsageError(f"scale={scale}; allowed 0.1 to 10; 2 is right for most screens and for print")
        return bytes(
            vl_convert.svg_to_png(self.to_svg(theme="dark" if theme == "dark" else "light"), scale=scale)
        )

    def save(self, path: str | Path) -> Path:
        """Write the chart to a file whose ending says the kind: `.svg`, `.png` or `.json`.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        UsageError
            The ending is none of these.
        """
        target = Path(path)
        if target.suffix not in _SUFFIXES:
            raise UsageError(f"{target.name}: ending {target.suffix!r}; allowed {', '.join(_SUFFIXES)}")
        if target.suffix == ".png":
            target.write_bytes(self.to_png())
        elif target.suffix == ".svg":
            target.write_text(self.to_svg(), encoding="utf-8")
        else:
            target.write_text(json.dumps(self.spec, ensure_ascii=False, indent=1), encoding="utf-8")
        return target

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Show the chart in a notebook: as Vega-Lite where it can, as SVG elsewhere."""
        return {
            "application/vnd.vegalite.v6+json": self.spec,
            "image/svg+xml": self.to_svg(),
            "text/plain": self.alt or repr(self),
        }


# JSON writes them as escapes; the renderer ends the whole process where a text to be drawn holds one.
_CONTROL = re.compile(r"(?<!\\)((?:\\\\)*)(?:\\u00(?:[01][0-9a-f]|7f)|\\[bf])")


def _drawable(spec: dict[str, Any]) -> str:
    """The specification as JSON with a space in place of control characters, which have no look."""
    return _CONTROL.sub(r"\1 ", json.dumps(spec))


def base_spec(*, description: str) -> dict[str, Any]:
    """Give the head that all charts share: schema, fonts, colours, spacing."""
    label = {"labelColor": LIGHT["muted"], "titleColor": LIGHT["muted"], "labelFont": FONT, "titleFont": FONT}
    return {
        "$schema": SCHEMA,
        "description": description,
        "background": "transparent",
        "padding": 4,
        "config": {
            "font": FONT,
            "aria": False,
            "view": {"stroke": None},
            "axis": {
                **label,
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "gridColor": LIGHT["grid"],
                "domainColor": LIGHT["axis"],
                "tickColor": LIGHT["axis"],
            },
            "title": {
                "color": LIGHT["ink"],
                "font": FONT,
                "fontSize": 13,
                "fontWeight": 600,
                "anchor": "start",
            },
            "text": {"font": FONT, "fontSize": 12, "color": LIGHT["ink"]},
            "legend": {**label, "labelFontSize": 12},
        },
    }


def number_format(rows: Sequence[Mapping[str, Any]], name: str) -> str:
    """Choose how an axis writes its numbers: in full below a million, shortened (2M) from there on."""
    largest = max((abs(row[name]) for row in rows if row[name] is not None), default=0)
    return "~s" if largest >= 1e6 else ",~g" if largest < 10 else ",.0f"
