"""Finds actors named in Arabic text and gives them their one name."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from afterstrike.reading._claim import ActorMention
from afterstrike.reading.arabic._fold import Folded, Phrases, Token, words

__all__ = ["UNKNOWN", "find_actors"]

UNKNOWN = "unknown"
"""The label of words that say that nobody knows who: "مجهولون"."""

_ARABIC = re.compile("[\u0600-\u06ff]")
# a state's adjective alone is an actor only where it qualifies forces, aircraft or what they do
_ADJECTIVE = re.compile(r"(?:ال)?(?:روسي|تركي|اسراييلي|امريكي|اميركي|ايراني)(?:ه|ين)?")
_MILITARY = frozenset(
    [
        "قوات",
        "القوات",
        "جيش",
        "الجيش",
        "طيران",
        "الطيران",
        "طايرات",
        "الطايرات",
        "طايره",
        "الطايره",
        "مسيره",
        "المسيره",
        "مسيرات",
        "المسيرات",
        "غاره",
        "غارات",
        "الغارات",
        "قصف",
        "القصف",
        "الاحتلال",
        "العدوان",
        "الجندرمه",
        "المدفعيه",
        "مدفعيه",
        "دبابات",
        "ضربه",
        "ضربات",
        "هجوم",
        "هجمات",
        "حربيه",
        "الحربيه",
        "جوي",
        "الجوي",
        "جويه",
        "الجويه",
        "صاروخي",
        "صاروخيا",
        "مدفعي",
        "المدفعي",
        "الدفاع",
        "استهداف",
        "باستهداف",
        "بقصف",
        "بغارات",
        "بغاره",
        "لقصف",
        "سلاح",
        "قاعده",
        "نقطه",
        "رتل",
        "انزال",
        "عدوان",
        "الجو",
        "الدفاعات",
        "نقاط",
        "الدفاعات",
        "الميليشيات",
        "ميليشيات",
        "مليشيات",
        "المليشيات",
        "حليفتها",
        "وحليفتها",
        "المخابرات",
        "الاستخبارات",
    ]
)


@cache
def _actors() -> Phrases:
    table: dict[str, list[str]] = {name: list(forms) for name, forms in words()["actors"].items()}
    text = files("afterstrike.reading").joinpath("actors.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        table.setdefault(row["canonical"], []).extend(a for a in row["alias"].split("|") if _ARABIC.search(a))
    return Phrases(table)


def find_actors(folded: Folded, row: list[Token]) -> list[ActorMention]:
    """Find the actors of a sentence; offsets are of the folded text.

    Examples
    --------
    >>> from afterstrike.reading.arabic._fold import fold, tokens
    >>> folded = fold("قصفت قوات النظام بلدة، وقالت قسد إن الطيران الروسي أغار")
    >>> [m.name for m in find_actors(folded, tokens(folded.text))]
    ['Government of Syria', 'SDF', 'Government of Russia']
    """
    found = []
    for a, b, name in _actors().find(row):
        if b - a == 1 and _ADJECTIVE.fullmatch(row[a].stems[-1]):
            before = {t.text for t in row[max(0, a - 3) : a]} | {t.stems[-1] for t in row[max(0, a - 3) : a]}
            if not before & _MILITARY:
                continue
        start, end = row[a].start, row[b - 1].end
        span = folded.back(start, end)
        found.append(
            ActorMention(folded.original[slice(*span)], start, end, None if name == UNKNOWN else name)
        )
    return found
