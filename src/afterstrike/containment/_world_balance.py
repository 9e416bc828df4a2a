"""What a world rests on: how many of its numbers are data, published or assumed, and how old they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from ._quantity import Quantity
from ._world import World

__all__ = ["WorldBalance", "balance_of", "world_as_dict"]


@dataclass(frozen=True)
class WorldBalance:
    """Counts over a world's numbers.

    Attributes
    ----------
    numbers : int
        All numbers, defaults with them.
    own : int
        Those the world sets itself.
    from_data, published, assumed : int
        Kinds D, L and S. What only an article claims is among the assumed.
    own_assumed : int
        The assumed among the world's own.
    claimed : int
        Numbers that repeat an article's claim.
    later : int
        Defaults dated after the world's day: hindsight, where the world is used to look back.
    oldest : str
        Name of the number with the oldest date; "" where none is dated.
    oldest_as_of : date or None
        That date.
    """

    numbers: int
    own: int
    from_data: int
    published: int
    assumed: int
    own_assumed: int
    claimed: int
    later: int
    oldest: str
    oldest_as_of: date | None

    @property
    def assumed_share(self) -> float:
        """Share of all numbers that are assumed, 0 to 1."""
        return self.assumed / self.numbers

    def in_words(self) -> str:
        """Give the counts as one line."""
        oldest = f"; oldest: {self.oldest}, of {self.oldest_as_of}" if self.oldest_as_of else ""
        claimed = f"; {self.claimed} claimed by an article" if self.claimed else ""
        later = f"; {self.later} defaults are dated after the world's day" if self.later else ""
        return (
            f"{self.numbers} numbers: {self.from_data} estimable from data (D), {self.published} published (L), "
            f"{self.assumed} assumed (S), {self.assumed_share:.0%} of all; {self.own} set by this world, "
            f"{self.own_assumed} of them assumed{claimed}{oldest}{later}"
        )


def balance_of(world: World) -> WorldBalance:
    """Count what a world's numbers rest on.

    Examples
    --------
    >>> from afterstrike.containment._world import load_world
    >>> balance_of(load_world("article")).claimed
    1
    """
    numbers = list(world.numbers.values())
    dated = sorted((n.as_of, n.name) for n in numbers if n.as_of)
    return WorldBalance(
        numbers=len(numbers),
        own=len(world.own),
        from_data=_count(numbers, "D"),
        published=_count(numbers, "L"),
        assumed=sum(n.is_assumption for n in numbers),
        own_assumed=sum(n.is_assumption for n in numbers if n.name in world.own),
        claimed=sum(n.claimed_by_article for n in numbers),
        later=sum(bool(n.as_of and n.as_of > world.as_of) for n in numbers),
        oldest=dated[0][1] if dated else "",
        oldest_as_of=dated[0][0] if dated else None,
    )


def _count(numbers: list[Quantity], kind: str) -> int:
    return sum(n.kind == kind and not n.is_assumption for n in numbers)


def world_as_dict(world: World, today: date) -> dict[str, Any]:
    """Give a world as plain values for JSON: days as text, what is not stated as None."""

    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    numbers = [
        {column: plain(value) for column, value in row.items()}
        for row in world.to_frame().to_dict(orient="records")
    ]
    return {
        "world": world.name,
        "title": world.title,
        "as_of": world.as_of.isoformat(),
        "age_days": world.age_days(today),
        "note": world.note,
        "sha256": world.sha256,
        "zones": [asdict(place) for place in world.zones],
        "custody": [asdict(place) for place in world.systems],
        "camps": [asdict(place) for place in world.camps],
        "seams": [list(pair) for pair in world.seams],
        "balance": {key: plain(value) for key, value in asdict(balance_of(world)).items()},
        "numbers": numbers,
        "claims": [asdict(claim) for claim in world.claims],
        "events": [
            {key: plain(value) for key, value in asdict(event).items()}
            | {"is_after_world": event.date > world.as_of}
            for event in world.events
        ],
    }
