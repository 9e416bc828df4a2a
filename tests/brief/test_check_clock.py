"""Clock times by time-zone arithmetic."""

from __future__ import annotations

import pytest

from afterstrike.brief._check import check_claims
from afterstrike.brief._clock import clock_findings, zone_of_country
from afterstrike.reading import read_document


def fits(text: str, published: str | None) -> list[bool]:
    """Whether each clock comparison of a text fits."""
    return [f.fits for f in clock_findings(read_document(text, published=published))]


def test_two_in_the_morning_in_syria_is_early_evening_in_washington() -> None:
    text = "At 02:00 local time, while most of Washington slept, jets struck two camps in Syria."
    found = check_claims(read_document(text, published="2026-01-20"))[0]
    assert found.verdict == "contradicted"
    assert "18:00 the evening before in Washington (UTC-5)" in found.sentence
    assert found.evidence[0].kind == "arithmetic"
    assert found.tolerance and "20:30 to 09:00" in found.tolerance
    summer = check_claims(read_document(text, published="2025-07-01"))[0]
    assert "19:00 the evening before in Washington (UTC-4)" in summer.sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At 07:30 local time, as Washington slept, drones hit Homs in Syria.", [True]),
        ("Missiles struck Kharkiv in Ukraine at 04:10 local time, while Moscow slept.", [True]),
        ("Missiles struck Kharkiv in Ukraine at 13:10 local time, while Moscow slept.", [False]),
        ("At 9 p.m. local time in Gao, Mali, with Paris at dinner, two rockets fell.", [True]),
        ("At 3 a.m. local time in Gao, Mali, with Paris at dinner, two rockets fell.", [False]),
        ("The raid on Sanaa in Yemen began at 2 a.m. local time (2300 GMT).", [True]),
        ("The raid on Sanaa in Yemen began at 2 a.m. local time (0500 GMT).", [False]),
        ("The shells fell on Goma in Congo at 14:00, just before dawn.", [False]),
        ("The shells fell on Goma in Congo at 04:30, just before dawn.", [True]),
        ("The ministry in Washington will brief reporters at 10:00.", []),
        ("The score was 3:15 when Washington slept.", []),
    ],
)
def test_what_is_said_of_the_hour(text: str, expected: list[bool]) -> None:
    assert fits(text, "2026-01-20") == expected


def test_without_any_date_both_halves_of_the_year_are_tried() -> None:
    text = "At 02:00 local time, while most of Washington slept, jets struck two camps in Syria."
    found = clock_findings(read_document(text))[0]
    assert not found.fits
    assert "January" in found.sentence and "July" in found.sentence
    assert found.assumption and "no date is known" in found.assumption


def test_the_day_in_the_text_sets_summer_time_not_publication() -> None:
    text = "On 3 July 2025 at 13:30 local time, as London slept, rockets fell on Tokyo in Japan."
    found = clock_findings(read_document(text, published="2026-01-20"))[0]
    assert "05:30 the same day in London (UTC+1)" in found.sentence


@pytest.mark.parametrize(
    ("adm0", "zone"),
    [
        ("SYR", "Asia/Damascus"),
        ("USA", "America/New_York"),
        ("RUS", "Europe/Moscow"),
        ("AUS", "Australia/Sydney"),
    ],
)
def test_zone_of_capital(adm0: str, zone: str) -> None:
    assert zone_of_country(adm0) == zone


def test_unknown_country_has_no_zone() -> None:
    assert zone_of_country("XXX") is None
