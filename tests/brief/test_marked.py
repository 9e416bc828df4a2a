from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterstrike.brief._marked import marked_lines
from afterstrike.reading._claim import Claim, Ledger


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    text = draw(st.text(alphabet="ab \n.", min_size=1, max_size=60))
    claims = []
    for n in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        claims.append(Claim(f"c{n}", start, end, text[start:end], "event", None, "author", "stated"))
    return Ledger(text, tuple(claims))


@given(ledgers())
def test_not_a_letter_is_lost_moved_or_marked_for_the_wrong_claim(ledger: Ledger) -> None:
    lines = marked_lines(ledger)
    kept = [line for line in ledger.text.split("\n") if line.strip()]
    assert ["".join(piece.text for piece in line.pieces) for line in lines] == kept
    marked: dict[str, str] = {}
    for line in lines:
        for piece in line.pieces:
            for claim in piece.claims:
                marked[claim] = marked.get(claim, "") + piece.text
    for claim in ledger.claims:
        # Blank lines and line breaks are not drawn; everything else of the quote is marked.
        assert marked.get(claim.id, "").replace(" ", "") == claim.quote.replace("\n", "").replace(" ", "")


@given(ledgers())
def test_each_claim_is_at_most_one_stop_of_the_tab_key(ledger: Ledger) -> None:
    stops = [p.claims[0] for line in marked_lines(ledger) for p in line.pieces if p.first]
    assert len(stops) == len(set(stops))


def test_the_shorter_of_two_claims_leads() -> None:
    text = "Over 14 camps were hit."
    outer = Claim("c1", 0, len(text), text, "event", None, "author", "stated")
    inner = Claim("c2", 5, 13, text[5:13], "figure", None, "author", "stated")
    pieces = marked_lines(Ledger(text, (outer, inner)))[0].pieces
    assert [(p.text, p.claims) for p in pieces] == [
        ("Over ", ("c1",)),
        ("14 camps", ("c2", "c1")),
        (" were hit.", ("c1",)),
    ]
