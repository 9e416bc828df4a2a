"""What stands around a place name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterstrike.reading.gazetteer._phrase import parse


@pytest.mark.parametrize(
    ("text", "names", "within", "floor"),
    [
        ("Raqqa", ("Raqqa",), (), 1),
        ("near Raqqah", ("Raqqah",), (), 2),
        ("9 km south-east of Hajin", ("Hajin",), (), 2),
        ("60 km west of Hajin", ("Hajin",), (), 5),
        ("20 miles from Hajin", ("Hajin",), (), 5),
        ("9 كم جنوب شرق هجين", ("هجين",), (), 2),
        ("Hajin, Deir ez-Zor governorate", ("Hajin",), ("Deir ez-Zor governorate",), 1),
        ("Sukkari (Aleppo)", ("Sukkari",), ("Aleppo",), 1),
        ("Raqqa/Tabqa", ("Raqqa", "Tabqa"), (), 1),
        ("Idlib city", ("Idlib",), (), 1),
        ("the city of Idlib", ("Idlib",), (), 1),
        ("Anbar province", ("Anbar",), (), 4),
        ("محافظة الرقة", ("الرقة",), (), 4),
        ("western countryside of Raqqa", ("Raqqa",), (), 2),
        ("Rajo district of Afrin", ("Rajo",), ("Afrin",), 3),
        ("villages south of Shadadi", ("Shadadi",), (), 2),
        ("بلدة الباغوز بريف دير الزور", ("الباغوز",), ("ريف دير الزور",), 1),
        ("Mosul air base", ("Mosul",), (), 4),
    ],
)
def test_phrase(text: str, names: tuple[str, ...], within: tuple[str, ...], floor: int) -> None:
    phrase = parse(text)
    assert (phrase.names, phrase.within, phrase.floor) == (names, within, floor)


@pytest.mark.parametrize("text", ["between Raqqa and Tabqa", "بين الرقة و الطبقة", "Raqqa - Tabqa road"])
def test_between(text: str) -> None:
    phrase = parse(text)
    assert phrase.relation == "between"
    assert len(phrase.names) == 2


@given(st.text(max_size=60))
def test_parse_never_raises(text: str) -> None:
    phrase = parse(text)
    assert 1 <= phrase.floor <= 7


WORDS = [
    "near",
    "between",
    "and",
    "of",
    "city",
    "km",
    "5",
    "ريف",
    "بين",
    "و",
    "X",
    "(",
    ")",
    ",",
    "/",
    "-",
    "road",
    "several",
    "in",
]


@given(st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_parse_survives_any_order_of_its_own_words(text: str) -> None:
    phrase = parse(text)
    assert all(isinstance(name, str) for name in phrase.names)
