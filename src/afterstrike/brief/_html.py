"""A brief as one HTML page: no request leaves it, and nothing of the article in it can run."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ..charts._palette import DARK
from ..reading._claim import Claim
from ._claim_chart import claim_charts
from ._environment import page_environment
from ._followed_view import followed_view
from ._marked import marked_lines
from ._model import Check, Flag
from ._outlook_view import outlook_view
from ._pictures import record_pictures
from ._place_map import place_picture
from ._rows import evidence_row, facts_of, who_says
from ._wording import (
    CHECKED,
    FLAG_TITLES,
    HEDGE_WORDS,
    KIND_WORDS,
    VERDICT_WORDS,
    has_evidence,
    plural,
    summary_sentences,
    verdict_counts,
)

if TYPE_CHECKING:
    from ._brief import Brief

__all__ = ["page", "page_environment"]

_TEMPLATES = Path(__file__).with_name("templates")
_WEIGHTS = {"high": "serious", "medium": "worth knowing", "low": "minor"}
_MOST_FINDINGS = 5
_SILENCE = "A week or place without a mark has no row there, which is not the same as quiet."


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def page(brief: Brief) -> str:
    """Render a brief.

    Parameters
    ----------
    brief
        The brief.

    Returns
    -------
    str
        One HTML document. Its content security policy allows only its own style and script, by their hash.
    """
    dark = ";".join(f"--chart-{name}:{colour}" for name, colour in DARK.items())
    css = (_TEMPLATES / "brief.css").read_text(encoding="utf-8").replace("{{ dark_chart_variables }}", dark)
    script = (_TEMPLATES / "brief.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    context = _context(brief)
    return (
        page_environment(_TEMPLATES)
        .get_template("page.html.j2")
        # Our own files, checked by their hash in the policy; everything else is escaped.
        .render(css=Markup(css), script=Markup(script), csp=policy, **context)
    )


def _context(brief: Brief) -> dict[str, Any]:
    ledger = brief.ledger
    checks = {check.claim_id: check for check in brief.checks}
    claims = {claim.id: claim for claim in ledger.claims}
    numbers = {(s["name"], s["url"]): s["number"] for s in brief.sources}
    cards = _cards(brief, numbers)
    shown = {card["id"] for card in cards}
    asides = _asides(brief, shown)
    flags = [_flag(flag, claims, numbers) for flag in brief.flags]
    pictures = _pictures(brief)
    followed = followed_view(brief.followed)
    context: dict[str, Any] = {
        "title": ledger.title or brief.provenance["input"]["name"],
        "language": ledger.language,
        "meta": _meta(brief),
        "lead": " ".join(summary_sentences(ledger, brief.checks, brief.flags)),
        "counts": [{"verdict": verdict, "n": n} for verdict, n in verdict_counts(brief.checks)],
        "findings": _findings(cards, brief.flags),
        "notes": ledger.notes,
        "lines": _lines(brief),
        "tones": _tones(brief),
        "claims": [_claim_row(claim, checks[claim.id], claim.id in shown) for claim in ledger.claims],
        "kinds": [kind for kind in KIND_WORDS if any(c.kind == kind for c in ledger.claims)],
        "flags": flags,
        "has_arithmetic": any(e.kind == "arithmetic" for flag in brief.flags for e in flag.evidence),
        "cards": cards,
        "asides": asides,
        "followed": followed,
        "outlook": outlook_view(
            brief.outlook,
            today=date.fromisoformat(brief.provenance["created_at"][:10]),
            published=ledger.published,
            numbers=numbers,
            quotes={claim.id: claim.quote for claim in ledger.claims},
        ),
        "pictures": pictures,
        "pictures_title": "The record in pictures" if _has_record(brief) else "The article in pictures",
        "record_intro": _record_intro(brief),
        "record_notes": brief.record.notes,
        "sources": [
            {
                **s,
                "claims": [u for u in s["used_by"] if u in claims],
                "in_record": "record" in s["used_by"],
                "in_outlook": "outlook" in s["used_by"],
            }
            for s in brief.sources
        ],
        "assumptions": brief.assumptions,
        "provenance": brief.provenance,
        "provenance_terms": _provenance_terms(brief.provenance),
        "verdict_words": VERDICT_WORDS,
        "kind_words": KIND_WORDS,
        "hedge_words": HEDGE_WORDS,
    }
    context["sections"] = _sections(context)
    return context


def _sections(context: dict[str, Any]) -> list[tuple[str, str]]:
    """Name the sections that have content, for the list of links at the top."""
    names = [
        ("says", "What the article says", True),
        ("inside", "What does not add up inside it", context["flags"]),
        ("record", "What the record says", context["cards"] or context["asides"]),
        ("followed", "What earlier strikes were followed by", True),
        ("outlook", "What may come next", context["outlook"]),
        ("pictures", context["pictures_title"], context["pictures"]),
        ("sources", "Sources", context["sources"]),
        ("assumptions", "Assumptions", context["assumptions"]),
        ("provenance", "Provenance", True),
    ]
    return [(name, words) for name, words, there in names if there]


def _meta(brief: Brief) -> list[dict[str, Any]]:
    article, given = brief.article, brief.provenance["input"]
    parts: list[dict[str, Any]] = []
    if article["published"]:
        parts.append({"label": "Published", "text": article["published"], "note": article["published_from"]})
    else:
        parts.append({"label": "Published", "text": "date not known"})
    if article["address"]:
        parts.append({"label": "At", "text": article["address"], "url": article["address"]})
    else:
        parts.append({"label": "From", "text": given["name"]})
    parts.append({"label": "Brief made", "text": brief.provenance["created_at"][:10]})
    return [{"url": None, "note": None, **part} for part in parts]


def _brief_words(text: str) -> str:
    """Keep the first part of a long finding: the whole of it stands below."""
    return textwrap.shorten(text, width=240, placeholder=" …")


def _findings(cards: Sequence[dict[str, Any]], flags: Sequence[Flag]) -> list[dict[str, str]]:
    """Pick what a reader in a hurry should see: verdicts against the article, then serious flags."""
    found = [
        {
            "target": f"check-{c['id']}",
            "head": VERDICT_WORDS[c["verdict"]].word,
            "text": _brief_words(c["sentences"][0]),
        }
        for c in cards
        if c["verdict"] in ("contradicted", "outdated")
    ]
    inside = [
        {"target": f"flag-{i}", "head": FLAG_TITLES[flag.kind], "text": _brief_words(flag.what)}
        for i, flag in enumerate(flags, start=1)
        if flag.severity == "high"
    ]
    # Room for both: what stands against the record, and what does not hold together in itself.
    return found[: _MOST_FINDINGS - min(len(inside), 2)] + inside[: max(2, _MOST_FINDINGS - len(found))]


def _tones(brief: Brief) -> list[dict[str, Any]]:
    """Say what each kind of mark in the text stands for."""
    found = []
    for tone in ("bad", "warn", "good", "plain"):
        words = [
            VERDICT_WORDS[v].word.lower()
            for v, _ in verdict_counts(brief.checks)
            if VERDICT_WORDS[v].tone == tone
        ]
        if words:
            found.append({"tone": tone, "words": ", ".join(words)})
    return found


def _lines(brief: Brief) -> list[dict[str, Any]]:
    tones = {check.claim_id: VERDICT_WORDS[check.verdict].tone for check in brief.checks}
    return [
        {
            "furniture": line.furniture,
            "title": line.title,
            "pieces": [
                {
                    "text": piece.text,
                    "claims": piece.claims,
                    "first": piece.first,
                    "tone": tones[piece.claims[0]] if piece.claims else "",
                }
                for piece in line.pieces
            ],
        }
        for line in marked_lines(brief.ledger)
    ]


def _claim_row(claim: Claim, check: Check, has_card: bool) -> dict[str, Any]:
    return {
        "id": claim.id,
        "kind": claim.kind,
        "quote": claim.quote,
        "in_headline": claim.in_headline,
        "who": who_says(claim),
        "hedging": claim.hedging,
        "cue": claim.cue if claim.hedging != "stated" else None,
        "facts": facts_of(claim),
        "verdict": check.verdict,
        "sentence": check.sentence,
        "has_card": has_card,
    }


def _cards(brief: Brief, numbers: dict[tuple[str, str | None], int]) -> list[dict[str, Any]]:
    """Give each claim that was held against something, the weightiest verdicts first."""
    claims = {claim.id: claim for claim in brief.ledger.claims}
    order = {claim.id: i for i, claim in enumerate(brief.ledger.claims)}
    held = [check for check in brief.checks if has_evidence(check)]
    held.sort(key=lambda check: (CHECKED.index(check.verdict), order[check.claim_id]))
    cards = []
    for check in held:
        claim = claims[check.claim_id]
        charts, marks = claim_charts(brief.ledger, claim, check)
        evidence = plural(len(check.evidence), "row") + " of evidence"
        terms = (("Rule", check.rule), ("Tolerance", check.tolerance), ("Assumption", check.assumption))
        cards.append(
            {
                "id": claim.id,
                "verdict": check.verdict,
                "tone": VERDICT_WORDS[check.verdict].tone,
                "quote": claim.quote,
                # Where a claim holds several numbers, each is judged in words of its own.
                "sentences": check.sentence.split(" Beside it: "),
                "terms": [(name, text) for name, text in terms if text],
                "evidence": [
                    evidence_row(item, numbers, mark=marks.get(i, ""))
                    for i, item in enumerate(check.evidence)
                ],
                "charts": charts,
                "basis": f"What it rests on: {evidence}, rule and tolerance",
            }
        )
    return cards


def _asides(brief: Brief, shown: set[str]) -> list[dict[str, Any]]:
    """Group the claims of which nothing more can be said than one sentence, by verdict."""
    claims = {claim.id: claim for claim in brief.ledger.claims}
    groups = []
    for verdict in VERDICT_WORDS:
        if verdict in ("not_checkable", "opinion"):
            continue  # the table of claims has said it
        checks = [c for c in brief.checks if c.verdict == verdict and c.claim_id not in shown]
        same = len({c.sentence for c in checks}) == 1
        items = [
            {"id": c.claim_id, "quote": claims[c.claim_id].quote, "sentence": "" if same else c.sentence}
            for c in checks
        ]
        if items:
            common = checks[0].sentence if same else ""
            n = plural(len(items), "claim")
            groups.append({"verdict": verdict, "n": n, "sentence": common, "items": items})
    return groups


def _flag(flag: Flag, claims: dict[str, Claim], numbers: dict[tuple[str, str | None], int]) -> dict[str, Any]:
    quotes = list(dict.fromkeys(claims[c].quote for c in flag.claims if c in claims))
    return {
        "title": FLAG_TITLES[flag.kind],
        "severity": flag.severity,
        "weight": _WEIGHTS[flag.severity],
        "what": flag.what,
        "claims": [c for c in flag.claims if c in claims],
        "quotes": [quote for quote in quotes if quote not in flag.what][:2],
        # What the article itself says stands in the quotes.
        "evidence": [evidence_row(item, numbers) for item in flag.evidence if item.kind != "article"],
    }


def _has_record(brief: Brief) -> bool:
    return bool(brief.record.panels or brief.record.points)


def _pictures(brief: Brief) -> list[dict[str, Any]]:
    """Draw the record; where none was given, and so no map of it, also the places the article names."""
    pictures = record_pictures(brief.record, brief.ledger.published)
    places = place_picture(brief.ledger) if brief.record.kind != "file" else None
    return [*pictures, places] if places else pictures


def _record_intro(brief: Brief) -> str:
    record = brief.record
    if not _has_record(brief):
        return ""
    if record.kind == "file":
        return f"Drawn from the record {record.name}. {_SILENCE}"
    return f"Drawn from the series that ship with afterstrike. {_SILENCE}"


def _provenance_terms(provenance: dict[str, Any]) -> list[tuple[str, str]]:
    given = provenance["input"]
    terms = [
        ("Input", f"{given['name']}, {given['bytes']:,} bytes"),
        ("SHA-256 of input", given["sha256"]),
    ]
    if given["retrieved_at"]:
        terms.append(("Retrieved", given["retrieved_at"]))
    if provenance["record"]:
        record = provenance["record"]
        terms.append(("Record", f"{record['file']}, SHA-256 {record['sha256']}"))
    package = provenance["package"]
    terms.append(("Made with", f"{package['name']} {package['version']}, Python {provenance['python']}"))
    terms.append(("Libraries", ", ".join(f"{name} {v}" for name, v in provenance["libraries"].items())))
    terms.append(("Made at", provenance["created_at"]))
    return terms
