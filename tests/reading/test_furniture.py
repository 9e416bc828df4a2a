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


def test_datelines_mail_and_tables_are_no_claims() -> None:
    text = (
        "From: field desk\nSubject: Note on the north\nDate: Mon, 19 Jan 2026 07:12:00 +0300\n\n"
        "Dear colleagues,\n\nAMMAN, Jan 20 (Wire) - "
        "Raiders killed 12 men in Syria on Monday and burned their trucks.\n\n"
        "January\n3,120\n-49%\n\nBest regards,\nthe desk\nTel: 555 0142\n"
    )
    ledger = read_document(text, published="2026-01-21")
    assert ledger.title == "Note on the north"
    (claim,) = ledger.claims
    assert claim.quote.startswith("Raiders") and [p.adm0 for p in claim.places] == ["SYR"]
    assert [d.date_start for d in claim.dates] == ["2026-01-19"]


HEADLINE = "Fourteen boats sunk near Hodeidah in a raid at dawn"
STORY = (
    "The army said that 14 boats sank near Hodeidah on Monday, and that two of them had fuel on board.\n\n"
    "Twelve people were hurt when the third boat exploded at the quay, according to the harbour office there."
)


@pytest.mark.parametrize(
    ("page_title", "headline"),
    [
        (f"{HEADLINE} - The Example", HEADLINE),
        (f"08/05/2024, 10:22   {HEADLINE} | The Example", HEADLINE),
        (f"{HEADLINE} | The Example", f"{HEADLINE}, army says"),
        (
            "Fourteen Boats Sunk In A Raid As War Goes On | The Example",
            "Fourteen Boats Sunk In A Raid\nAs War Goes On",
        ),
    ],
)
def test_the_headline_is_the_one_in_the_text_not_the_title_with_the_outlet(
    page_title: str, headline: str
) -> None:
    ledger = read_document(f"{page_title}\n\n{headline}\n\n{STORY}")
    assert ledger.title == headline
    assert [c.quote for c in ledger.claims if c.in_headline] == [headline]
    assert sum(q.text == "Fourteen" for c in ledger.claims for q in c.quantities) == 1
    assert page_title in [ledger.text[a:b] for a, b in ledger.furniture]


def test_a_title_given_with_the_outlet_finds_the_headline() -> None:
    ledger = read_document(f"{HEADLINE}\n\n{STORY}", title=f"{HEADLINE} | The Example")
    assert ledger.title_span == (0, len(HEADLINE))
    assert ledger.claims[0].in_headline


def test_a_section_heading_like_the_title_does_not_take_its_place() -> None:
    ledger = read_document(f"The War In Yemen\n\n{STORY}\n\nThe War In Yemen Today\n\n{STORY}")
    assert ledger.title == "The War In Yemen"


@pytest.mark.parametrize(
    "line",
    [
        "By our correspondent, Beirut, 12 March 2017",
        "From our own correspondent in Beirut, 12 March 2017",
        "By staff reporters",
    ],
)
def test_a_byline_without_a_name_is_furniture(line: str) -> None:
    ledger = read_document(f"{HEADLINE}\n\n{line}\n\n{STORY}")
    assert line in [ledger.text[a:b] for a, b in ledger.furniture]
    assert len(ledger.claims) == 3


@pytest.mark.parametrize("label", ["Related stories", "More on this:", "More On This Story", "Other stories"])
def test_what_stands_below_links_is_furniture_until_the_report_goes_on(label: str) -> None:
    links = ["Army Kills 12 Fighters Near Marib", "Drone strike kills 5 in Sanaa, officials say"]
    ledger = read_document(
        f"{HEADLINE}\n\n{STORY}\n\n{label}\n\n{links[0]}\n\n{links[1]}\n\n"
        "What Comes Next\n\nThe navy lost 6 boats."
    )
    left_out = [ledger.text[a:b] for a, b in ledger.furniture]
    assert left_out == [label, *links]
    assert ledger.claims[-1].quantities[0].value == 6
