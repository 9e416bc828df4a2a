"""A day, month or year as an article writes it, and the period it stands for."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

__all__ = ["ORDINALS", "MONTH", "POINT_RE", "YEAR", "When", "month_of", "point_of", "whole_month"]

ORDINALS = {
    word: index
    for index, word in enumerate(
        re.findall(
            r"[\w-]+",
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first "
            "twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth "
            "twenty-ninth thirtieth thirty-first",
        ),
        start=1,
    )
}
_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sept sep", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
YEAR = r"(?:19|20)\d\d"
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_POINT = (
    rf"(?:(?P<iso>{YEAR}-\d\d-\d\d)|(?P<d1>\d{{1,2}}(?!\d)|(?:{_ORDINAL})(?=\s+of\b))(?:st|nd|rd|th)?\s+(?:of\s+)?"
    rf"(?P<m1>{MONTH})(?:,?\s+(?P<y1>{YEAR}))?"
    rf"|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}}|(?<=the )(?:{_ORDINAL}))(?:st|nd|rd|th)?\b(?!\s*,?\d)"
    rf"(?:,?\s+(?P<y2>{YEAR}))?"
    rf"|(?P<m3>{MONTH})\s+(?:of\s+)?(?P<y3>{YEAR})|(?P<y4>{YEAR})(?![-\d])(?!\s+(?:troops|people|fighters|strikes))"
    rf"|(?P<m5>(?-i:January|February|March|April|May|June|July|August|September|October|November|December))\b)"
)
POINT_RE = re.compile(rf"(?<![\w.,$])(?:{_POINT})(?!\w)", re.IGNORECASE)
WhenKind = Literal["period", "since", "as_of"]


@dataclass(frozen=True)
class When:
    """A stated day or period. `since` has an open end, `as_of` an open start."""

    start: date
    end: date
    kind: WhenKind
    span: tuple[int, int]
    assumption: str | None = None

    @property
    def days(self) -> int:
        """Length in days, both ends counted."""
        return (self.end - self.start).days + 1


def _day_of(text: str) -> int:
    return ORDINALS.get(text.lower()) or int(text)


def month_of(text: str) -> int:
    """Give the number of a month by its name or its short form."""
    return _MONTHS[text.lower().rstrip(".")]


def whole_month(year: int, month: int) -> tuple[date, date]:
    """Give first and last day of a month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def point_of(match: re.Match[str], published: date | None) -> tuple[date, date, bool] | None:
    """Give first and last day a date expression means, and whether its year had to be assumed."""
    try:
        if match["iso"]:
            one = date.fromisoformat(match["iso"])
            return one, one, False
        if match["y4"]:
            year = int(match["y4"])
            return date(year, 1, 1), date(year, 12, 31), False
        if match["m3"]:
            return (*whole_month(int(match["y3"]), month_of(match["m3"])), False)
        if match["m5"]:
            # "may" and "march" are verbs too: only a capitalised month after a preposition reaches here.
            if published is None:
                return None
            month = month_of(match["m5"])
            year = published.year - (month > published.month)
            return (*whole_month(year, month), True)
        month, day_of = (
            (month_of(match["m1"]), _day_of(match["d1"]))
            if match["m1"]
            else (month_of(match["m2"]), _day_of(match["d2"]))
        )
        stated = match["y1"] or match["y2"]
        if stated:
            one = date(int(stated), month, day_of)
            return one, one, False
        if published is None:
            return None
        one = date(published.year, month, day_of)
        if one > published + timedelta(days=31):
            one = date(published.year - 1, month, day_of)
        return one, one, True
    except ValueError:
        return None
