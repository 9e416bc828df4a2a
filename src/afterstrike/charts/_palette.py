"""Colours of the charts, for a light and a dark page.

Strikes and attacks are told apart by an orange and a blue that stay apart for people who do not see red and
green alike (after Okabe and Ito), and never by colour alone: each panel and each mark has its own words.
"""

from __future__ import annotations

from typing import Literal

__all__ = ["FONT", "LIGHT", "DARK", "Theme", "recolour"]

Theme = Literal["light", "dark", "page"]

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', 'Noto Naskh Arabic', "
    "'Helvetica Neue', Arial, sans-serif"
)

# One name, one colour, every value different: the page theme finds a colour by its value.
LIGHT: dict[str, str] = {
    "paper": "#fffffe",
    "ink": "#1c2126",
    "muted": "#5a646e",
    "grid": "#e3e6e9",
    "axis": "#aab2ba",
    "nodata": "#eef0f2",
    "strike": "#b8480c",
    "attack": "#1b5e9b",
    "other": "#66717c",
    "claim": "#8a1c5b",
    "source": "#0b6b5d",
    "land": "#f4f1ea",
    "border": "#b9b3a5",
}
DARK: dict[str, str] = {
    "paper": "#15191d",
    "ink": "#e8ebee",
    "muted": "#a7b0b9",
    "grid": "#2b3238",
    "axis": "#59636d",
    "nodata": "#22282e",
    "strike": "#f29a5f",
    "attack": "#7cb8ee",
    "other": "#98a2ac",
    "claim": "#ee93c4",
    "source": "#62cbb8",
    "land": "#23282c",
    "border": "#4d555c",
}


def recolour(svg: str, theme: Theme) -> str:
    """Give a chart drawn in the light colours those of another theme.

    Parameters
    ----------
    svg
        A drawing whose colours are values of `LIGHT`.
    theme
        `light` changes nothing, `dark` puts the dark colours in, `page` puts CSS variables in
        (`--chart-ink`, ...), with the light colour to fall back on, so that a page can follow the
        reader's own setting.

    Returns
    -------
    str
        The drawing.

    Examples
    --------
    >>> recolour('<path fill="#1c2126"/>', "page")
    '<path fill="var(--chart-ink, #1c2126)"/>'
    """
    if theme == "light":
        return svg
    for name, colour in LIGHT.items():
        new = DARK[name] if theme == "dark" else f"var(--chart-{name}, {colour})"
        svg = svg.replace(f'"{colour}"', f'"{new}"')
    return svg
