"""Where the names on a map stand, so that none lies over another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._palette import LIGHT

__all__ = ["MapName", "name_layers", "sides"]

_SIZE = 11
# A Latin letter is about 0.58 of its height wide; a line needs a little air.
_LETTER_PX, _HALF_LINE_PX, _AIR_PX = 0.58 * _SIZE, 0.62 * _SIZE, 4.0

Box = tuple[float, float, float, float]
MapName = tuple[str, float, float, float]
"""A name, the pixel of what it names from the upper left corner, and the radius to keep free around it;
0 where the name may stand on the pixel itself, as in an area."""


def sides(
    names: Sequence[MapName], width: int, height: int, *, taken: Sequence[MapName] = ()
) -> list[str | None]:
    """Choose for each name the first side of its mark where it covers no other name and no mark.

    Parameters
    ----------
    names
        The most important first.
    width, height
        Size of the drawing in pixels. A name never runs out of it.
    taken
        Names that stand already, each centred on its pixel.

    Returns
    -------
    list of str or None
        `right`, `left`, `above` or `below`; None where a name has no room.

    Examples
    --------
    >>> sides([("Exampletown", 90.0, 50.0, 3.0), ("Samplestan", 92.0, 51.0, 3.0)], 200, 100)
    ['right', 'left']
    """
    marks = [(x - r, y - r, x + r, y + r) for _, x, y, r in names if r]
    written = [_box("centre", name) for name in taken]
    found: list[str | None] = []
    for name in names:
        free = (
            side for side in ("centre", "right", "left", "above", "below")
            if (name[3] == 0 or side != "centre")
            and _inside(_box(side, name), width, height)
            and not any(_overlap(_box(side, name), other) for other in (*marks, *written))
        )  # fmt: skip
        side = next(free, None)
        if side is not None:
            written.append(_box(side, name))
        found.append(side)
    return found


def name_layers(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the layers of a map that write `rows` of `name`, `lat`, `lon`, `side` and `radius`."""
    return [
        {
            "data": {"values": [{key: row[key] for key in ("name", "lat", "lon")}]},
            "mark": {
                "type": "text",
                "baseline": "middle",
                "fontSize": _SIZE,
                "color": LIGHT["ink"],
                "align": {"right": "left", "left": "right"}.get(row["side"], "center"),
                **dict(zip(("dx", "dy"), _shift(row["side"], row["radius"]), strict=True)),
            },
            "encoding": {
                "longitude": {"field": "lon", "type": "quantitative"},
                "latitude": {"field": "lat", "type": "quantitative"},
                "text": {"field": "name", "type": "nominal"},
            },
        }
        for row in rows
    ]


def _shift(side: str, radius: float) -> tuple[float, float]:
    """Give how far right and down of its pixel a name is anchored."""
    beside, over = round(radius + _AIR_PX, 1), round(radius + _AIR_PX + _HALF_LINE_PX, 1)
    moves = {"right": (beside, 0.0), "left": (-beside, 0.0), "above": (0.0, -over), "below": (0.0, over)}
    return moves.get(side, (0.0, 0.0))


def _box(side: str, name: MapName) -> Box:
    """Give left, top, right and bottom of a name on one side of its pixel."""
    text, x, y, radius = name
    right, down = _shift(side, radius)
    long, half = _LETTER_PX * len(text), _HALF_LINE_PX
    left = x + right - {"right": 0.0, "left": long}.get(side, long / 2)
    return left, y + down - half, left + long, y + down + half


def _inside(box: Box, width: int, height: int) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
