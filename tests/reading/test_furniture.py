"""Page furniture yields nothing; the headline is one."""

from __future__ import annotations

import pytest

from afterstrike.reading import read_document
from afterstrike.reading._furniture import sort_page
from afterstrike.reading._sentence import blocks

BODY = (
    "A raid near the river killed nine soldiers on Sunday, the army said in a statement that was read "
    "on radio.\n\n"
    "Residents said that two houses burned down.\n"
)


@pytest.mark.parametrize(
    "line",
    [
        "5 min read",
        "Share:",
        "Insights",
        "Subscribe to our newsletter",
        "Related: Six killed elsewhere",
        "By A Reporter",
        "A Reporter, staff correspondent",
        "Photo: 3 tents in the camp / Reuters",
        "12.4k views",
        "Updated: 14 March 2022, 09:40 GMT",
        "Published 3 days ago, 12 comments",
        "© 2022 The Example Post",
        "Home > World > Africa",
        "Home / News / 2024",
        "This website uses cookies. Accept 3 partners",
        "We use cookies and 40 partners",
        "https://example.org/a/12",
        "Estimated reading time: 7 minutes",
        "All rights reserved 2024",
        "Reporting by 3 people; editing by one",
        "March 14, 2022",
        "Page 2 of 7",
        "* * *",
    ],
)
@pytest.mark.parametrize("place", ["above", "below"])
def test_known_furniture(line: str, place: str) -> None:
    text = f"{line}\n\n{BODY}" if place == "above" else f"{BODY}\n{line}\n"
    ledger = read_document(text)
    a = text.index(line)
    if any(c.isalnum() for c in line):
        assert any(f[0] <= a + 2 and a + len(line) - 2 <= f[1] for f in ledger.furniture)
    quotes = [claim.quote for claim in ledger.claims]
    assert len(quotes) == 2
    assert quotes[0].startswith("A raid")


def test_body_lines_that_only_look_like_furniture_stay() -> None:
    for line in (
        "By Sunday nine soldiers were dead.",
        "Home was a tent for 300 families.",
        "Share prices fell by 5 percent.",
        "Five minutes later two shells hit the road.",
    ):
        ledger = read_document(BODY + "\n" + line + "\n")
        assert ledger.claims[-1].quote == line, line


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_a_repeated_headline_is_one_claim(copies: int) -> None:
    headline = "Army Drops 12 Tons of Rice on “Empty” Town"
    text = f"{headline}\n\n" * copies + BODY
    ledger = read_document(text)
    tons = [c for c in ledger.claims if any(q.unit == "tons" for q in c.quantities)]
    assert len(tons) == 1
    assert tons[0].in_headline
    assert (ledger.title, ledger.title_span) == (headline, (0, len(headline)))
    assert len(ledger.furniture) == copies - 1


def test_a_section_of_links_is_furniture_up_to_the_next_heading() -> None:
    text = (
        BODY
        + "\nNext Steps for the Reader:\n\n  • Watch the 3 reports.\n  • Read the 12 maps.\n\n"
        + ("What Happened Before\n\nIn May six guards died near the river.\n")
    )
    ledger = read_document(text)
    assert [c.quote for c in ledger.claims][2:] == ["In May six guards died near the river."]


def test_a_given_title_is_found_in_the_text() -> None:
    text = "Insights\n\nnine soldiers die in raid near the river\n\n" + BODY
    page = sort_page(text, blocks(text), "Nine soldiers die in raid near the river")
    assert page.title_span == (10, 50)


def test_no_headline() -> None:
    assert read_document(BODY).title is None
