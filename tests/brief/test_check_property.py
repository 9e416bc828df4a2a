"""Whatever a ledger holds, the checks answer in the closed lists and never raise."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.brief._check import check_claims
from afterstrike.brief._flag import flag_article
from afterstrike.brief._model import EVIDENCE_KINDS, FLAG_KINDS, SEVERITIES, VERDICTS
from afterstrike.reading import read_document
from afterstrike.reading._claim import (
    CLAIM_KINDS,
    HEDGINGS,
    SOURCE_KINDS,
    Claim,
    DateMention,
    Ledger,
    PlaceMention,
    Quantity,
)
from afterstrike.record.shipped import figures, measures

WORDS = st.sampled_from(  # one string reads better than forty
    [
        "US troops in Syria",
        "Iraq",
        "weapons released by coalition aircraft",
        "strikes",
        "in 2017",
        "in August 2017",
        "since 2014",
        "al-Hol camp holds",
        "people",
        "ISIS detainees held by the SDF",
        "more than",
        "about",
        "up to",
        "900",
        "10,000",
        "39,577",
        "0",
        "the Assad regime",
        "regime-held",
        "seven years ago",
        "territorially defeated",
        "at 02:00 local time while Washington slept",
        "(2300 GMT)",
        "reminiscent of 2017",
        "sortie rates",
        "including",
        "a total of",
        "70 and 30",
        "50 percent",
        "of",
        "will",
        "on 19 December 2025",
        "from 3 to 12 February 2026",
        "31 February 2020",
        "Mali",
        "Moscow",
        ".",
        "\n",
        ":",
        "—",
        "قتل 12 شخصا",
    ]
)
TEXTS = st.lists(WORDS, max_size=24).map(" ".join)
PUBLISHED = st.none() | st.dates(date(2014, 1, 1), date(2027, 1, 1)).map(str)
NUMBERS = st.none() | st.floats(0, 1e6, allow_nan=False) | st.integers(0, 10**12).map(float)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """A ledger whose claims are anything the contract allows, however senseless."""
    text = draw(TEXTS) + "."
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    claims = []
    for number in range(draw(st.integers(0, 4))):
        start, end = draw(spans)
        at = draw(spans)
        q = Quantity(
            text[at[0] : at[1]],
            at[0],
            at[1],
            draw(NUMBERS),
            draw(NUMBERS),
            draw(NUMBERS),
            draw(st.sampled_from(["", "people", "troops", "weapons", "percent", "years", "tons"])),
            draw(WORDS),
            draw(st.booleans()),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        place = PlaceMention(
            "x", 0, 1, draw(st.sampled_from([None, "x"])), draw(st.sampled_from([None, 35.0])), 38.0,
            draw(st.sampled_from([None, 1, 4, 7])), draw(st.sampled_from([None, "SYR", "MLI", "??"])),
        )  # fmt: skip
        day = draw(st.sampled_from([None, "2017-08-01", "not a day", "2026-01-10"]))
        mention = DateMention(
            "d", 0, 1, day, day, draw(st.sampled_from([None, 1, 4, 5])), None, draw(st.booleans())
        )
        claims.append(
            Claim(
                f"c{number}",
                start,
                end,
                text[start:end],
                draw(st.sampled_from(CLAIM_KINDS)),  # type: ignore[arg-type]
                draw(st.sampled_from([None, "CENTCOM", "a neighbour"])),
                draw(st.sampled_from(SOURCE_KINDS)),  # type: ignore[arg-type]
                draw(st.sampled_from(HEDGINGS)),
                (q,),
                (place,),
                (mention,),
                (),
                draw(st.booleans()),  # type: ignore[arg-type]
            )
        )
    return Ledger(text, tuple(claims), published=draw(PUBLISHED))


def assert_lawful(ledger: Ledger) -> None:
    """Every check and flag keeps to the contract."""
    checks = check_claims(ledger)
    assert [c.claim_id for c in checks] == [c.id for c in ledger.claims]
    known = {f.figure_id: f for f in figures()}
    for claim, check in zip(ledger.claims, checks, strict=True):
        assert check.verdict in VERDICTS
        assert check.sentence and check.rule
        own = ("consistent_with", "not_consistent_with", "cannot_tell")
        assert (check.verdict in own) == (claim.kind in ("causal", "forecast"))
        for evidence in check.evidence:
            assert evidence.kind in EVIDENCE_KINDS
            if evidence.kind == "figure" and ledger.published and evidence.date_end:
                assert evidence.date_end <= ledger.published, "a figure dated after publication was used"
        if check.verdict == "contradicted":
            assert check.tolerance and check.evidence
            rows = [known[r] for e in check.evidence if e.kind == "figure" for r in e.rows]
            if not any(e.kind in ("arithmetic", "series") for e in check.evidence):
                first = rows[0]
                same = [r for r in rows if (r.measure, r.area) == (first.measure, first.area)]
                assert same and first.area in measures()[first.measure].areas
        if check.verdict == "supported":
            assert len(check.evidence) >= 2
    for flag in flag_article(ledger, checks):
        assert flag.kind in FLAG_KINDS and flag.severity in SEVERITIES and flag.what
        assert set(flag.claims) <= {c.id for c in ledger.claims}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ledgers())
def test_any_ledger_is_answered_lawfully(ledger: Ledger) -> None:
    assert_lawful(ledger)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, PUBLISHED)
def test_any_text_is_answered_lawfully(text: str, published: str | None) -> None:
    assert_lawful(read_document(text + ".", published=published))


@settings(max_examples=40, deadline=None)
@given(st.integers(100, 200_000))
def test_moving_a_number_away_from_the_figure_never_brings_it_nearer(value: int) -> None:
    """Metamorphic: 39,577 weapons agree; the verdict changes once on each side and never back."""
    text = "Coalition aircraft released {:,} weapons over Iraq and Syria in 2017."
    verdicts = [
        check_claims(read_document(text.format(v), published="2018-03-01"))[0].verdict
        for v in (39_577, 39_577 + value)
    ]
    assert verdicts[0] == "same_source"
    assert verdicts[1] == ("same_source" if value <= 0.05 * 39_577 else "contradicted")
