"""Numbers of an article against each other: parts and total, one quantity given two values, shares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations

from afterstrike.brief._model import Evidence, Flag
from afterstrike.brief._period import when_in
from afterstrike.brief._tables import table
from afterstrike.brief._target import claim_interval
from afterstrike.brief._words import number, sentence_at
from afterstrike.reading._claim import Claim, Ledger, Quantity

__all__ = ["TIME_UNITS", "same_unit", "totals_flags"]

TIME_UNITS = {
    "years",
    "year",
    "months",
    "month",
    "weeks",
    "week",
    "days",
    "day",
    "hours",
    "hour",
    "minutes",
    "minute",
}
# A whole number that stands alone: no decimals, no part of a name, a time, a date or a share.
_BARE = re.compile(
    r"(?<![\w.,:$€£#/-])\d{1,3}(?:,\d{3})+(?![\w%:/.-]*\d)|(?<![\w.,:$€£#/-])\d+(?![\w%:/-]|[.,]\d)"
)

_STOP = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "and",
        "about",
        "some",
        "more",
        "than",
        "at",
        "least",
        "nearly",
        "over",
        "around",
        "people",
        "men",
        "currently",
        "total",
        "almost",
        "for",
        "to",
        "by",
        "on",
        "from",
        "its",
        "their",
    ]
)


def _counts(ledger: Ledger) -> list[tuple[Claim, Quantity]]:
    return [
        (c, q) for c in ledger.claims for q in c.quantities
        if not q.figure_of_speech and q.value is not None and q.unit not in TIME_UNITS
    ]  # fmt: skip


def same_unit(one: str, other: str) -> bool:
    """Say whether two units may count one thing: equal, one of them missing, or both persons or both places.

    Examples
    --------
    >>> same_unit("militants", "fighters"), same_unit("tons", "fighters")
    (True, False)
    """
    groups = table("flags")["units"].values()
    return one == other or not one or not other or any(one in g and other in g for g in groups)


def totals_flags(ledger: Ledger) -> Iterable[Flag]:
    """Yield a flag for every sum, share or repeated number that does not fit.

    Parameters
    ----------
    ledger : Ledger
        The article.
    """
    yield from _parts(ledger)
    yield from _two_values(ledger)
    yield from _shares(ledger)


def _by_sentence(ledger: Ledger) -> dict[tuple[int, int], list[tuple[Claim, Quantity]]]:
    """All numbers of each sentence that holds a claim, those without a noun too: '70, 35 and 1 targets'."""
    found: dict[tuple[int, int], list[tuple[Claim, Quantity]]] = {}
    for claim, q in _counts(ledger):
        pairs = found.setdefault(sentence_at(ledger.text, q.start, q.end), [])
        if all(q.start != other.start for _, other in pairs):
            pairs.append((claim, q))
    for (left, right), pairs in found.items():
        taken = [(q.start, q.end) for c in ledger.claims for q in c.quantities]
        taken += [(d.start, d.end) for c in ledger.claims for d in c.dates]
        taken += [(left + w.span[0], left + w.span[1]) for w in when_in(ledger.text[left:right], None)]
        for match in _BARE.finditer(ledger.text, left, right):
            value = float(match.group().replace(",", ""))
            year = "," not in match.group() and 1900 <= value <= 2100
            if year or any(a < match.end() and match.start() < b for a, b in taken):
                continue
            bare = Quantity(match.group(), match.start(), match.end(), value, value, value, "", "", False)
            pairs.append((pairs[0][0], bare))
        pairs.sort(key=lambda p: p[1].start)
    return found


def _parts(ledger: Ledger) -> Iterable[Flag]:
    """A total and its parts in one sentence: 'a total of 12 people, 5 soldiers and 9 civilians'."""
    words = re.compile(table("flags")["total"], re.IGNORECASE)
    including = re.compile(table("flags")["parts"], re.IGNORECASE)
    for (left, right), pairs in _by_sentence(ledger).items():
        sentence = ledger.text[left:right]
        pairs = [
            p for p in sorted(pairs, key=lambda p: p[1].start) if p[1].unit not in ("percent", "USD", "%")
        ]
        cue = including.search(sentence)
        if len(pairs) < 2:
            continue
        if cue:
            yield from _too_large(ledger, sentence, pairs, left + cue.start(), left + cue.end())
            continue
        named = _total_of(pairs, left, sentence, [m.start() for m in words.finditer(sentence)])
        if named is None or len(pairs) < 3:
            continue
        yield from _sum_of(ledger, sentence, named, [p for p in pairs if p is not named])


def _too_large(
    ledger: Ledger, sentence: str, pairs: list[tuple[Claim, Quantity]], before: int, after: int
) -> Iterable[Flag]:
    """A part larger than its whole: '12 people, including 15 children'."""
    whole = next((p for p in reversed(pairs) if p[1].end <= before), None)
    # "among them a soldier, and wounded 15": only a number right behind the word is a part.
    part = next((p for p in pairs if 0 <= p[1].start - after <= 8), None)
    if whole is None or part is None or not whole[1].unit or not same_unit(whole[1].unit, part[1].unit):
        return
    if (part[1].low or part[1].value or 0) > (whole[1].high or whole[1].value or 0):
        yield _flag(ledger, [whole, part], "the part is larger than the whole", sentence)


def _total_of(
    pairs: list[tuple[Claim, Quantity]], left: int, sentence: str, said: list[int]
) -> tuple[Claim, Quantity] | None:
    """The number that claims to be the sum: beside 'in all', or alone before a list after a colon."""
    if said:
        beside = [min(pairs, key=lambda p: abs(p[1].start - left - word)) for word in said]
        return max(beside, key=lambda p: p[1].value or 0)
    colon = re.search(r":\s", sentence)
    if colon is None:
        return None
    ahead = [p for p in pairs if p[1].end - left <= colon.start()]
    listed = re.search(r"\band\b", sentence[colon.end() :])
    return ahead[0] if len(ahead) == 1 and listed and len(pairs) >= 3 else None


def _sum_of(
    ledger: Ledger, sentence: str, named: tuple[Claim, Quantity], parts: list[tuple[Claim, Quantity]]
) -> Iterable[Flag]:
    # "The three rounds struck 70, 35 and 1": the number of parts is no part.
    kept = [p for p in parts if not (p[1].value == len(parts) - 1 and p[1].unit != named[1].unit)]
    if len(kept) < 2 or any(_open(p[1]) for p in (named, *kept)):
        return
    if not all(same_unit(p[1].unit, named[1].unit) for p in kept):
        return
    amount, total = sum(p[1].value or 0 for p in kept), named[1].value or 0
    rounded = 0.1 if any(p[1].approx for p in (named, *kept)) else 0.005
    # "seven people: three men, three women and a child": what is not written as a number counts too.
    unwritten = len(re.findall(r"(?:,|\band)\s+(?:an?|another|his|her)\s+\w", sentence))
    if 0 < total - amount <= unwritten:
        return
    apart = abs(amount - total) > rounded * max(total, 1) + 0.5
    if apart and max(p[1].value or 0 for p in kept) <= total and amount < 3 * total:
        shown = " + ".join(number(p[1].value or 0) for p in kept)
        yield _flag(ledger, [named, *kept], f"{shown} = {number(amount)}, not {number(total)}", sentence)


def _open(q: Quantity) -> bool:
    low, high = claim_interval(q)
    return low == 0.0 or high == float("inf") or low != high


def _flag(ledger: Ledger, pairs: list[tuple[Claim, Quantity]], what: str, sentence: str) -> Flag:
    claims = tuple(dict.fromkeys(c.id for c, _ in pairs))
    numbers = ", ".join(f"“{q.text}”" for _, q in pairs)
    evidence = (
        Evidence("arithmetic", f"{what}.", source="the article's own numbers"),
        Evidence("article", sentence.strip()),
    )
    return Flag(
        "totals_conflict", "high", claims, f"The numbers do not fit together: {what} ({numbers}).", evidence
    )


def _key(q: Quantity) -> frozenset[str]:
    words = re.findall(r"[a-z][a-z'-]+", f"{q.about} {q.unit}".lower())
    return frozenset(w.rstrip("s") for w in words if w not in _STOP and len(w) > 2)


def _two_values(ledger: Ledger) -> Iterable[Flag]:
    """One thing counted twice with two results: same words, same time, same speaker, no date between."""
    found = [(c, q) for c, q in _counts(ledger) if not c.dates and q.unit != "percent"]
    for (one, a), (two, b) in combinations(found, 2):
        if (
            one.id == two.id
            or a.unit != b.unit
            or {c.kind for c in (one, two)} & {"forecast", "opinion", "causal"}
        ):
            continue
        keys = _key(a), _key(b)
        if len(keys[0]) < 2 or keys[0] != keys[1]:
            continue
        if (one.source or two.source) and one.source != two.source:
            continue
        if {p.name for p in one.places if p.name} != {p.name for p in two.places if p.name}:
            continue
        low = max(claim_interval(a)[0], claim_interval(b)[0])
        high = min(claim_interval(a)[1], claim_interval(b)[1])
        apart = abs((a.value or 0) - (b.value or 0)) > 0.1 * max(abs(a.value or 0), abs(b.value or 0))
        if low > high and apart:
            yield Flag(
                "totals_conflict", "high", (one.id, two.id),
                f"The same count is given twice with two numbers: “{a.text}” and “{b.text}” "
                f"({a.about or a.unit}).",
                (Evidence("article", one.quote.strip()), Evidence("article", two.quote.strip())),
            )  # fmt: skip


_OUT_OF = re.compile(r"\W*(?:out )?of (?:the |its |their |all )?\W*(?:some |about |around )?")
_FROM = re.compile(r"\bfrom\b[^.]{0,40}$")


def _shares(ledger: Ledger) -> Iterable[Flag]:
    """'30 of 90 targets (50 percent)': the share must follow from the counts."""
    for (left, right), pairs in _by_sentence(ledger).items():
        sentence = ledger.text[left:right]
        shares = [p for p in pairs if p[1].unit in ("percent", "%", "per cent")]
        counts = sorted((p for p in pairs if p not in shares), key=lambda p: p[1].start)
        if len(shares) != 1 or len(counts) != 2:
            continue
        first, second = counts
        gap = ledger.text[first[1].end : second[1].start]
        share = (shares[0][1].value or 0) / 100
        a, b = first[1].value or 0, second[1].value or 0
        if (
            re.fullmatch(r"\W*(?:out )?of (?:the |its |their |all )?\W*(?:some |about |around )?", gap)
            and b > 0
        ):
            real = a / b
        elif re.search(r"\bof (which|them|these|those|whom)\b", gap) and a > 0:
            real = b / a
        elif re.search(r"\bfrom\b[^.]{0,40}$", ledger.text[left : first[1].start]) and re.search(
            r"\bto\b", gap
        ):
            real = abs(b - a) / a if a > 0 else share
        else:
            continue
        rounding = 0.06 if any(p[1].approx for p in pairs) else 0.02
        if abs(real - share) > rounding:
            yield _flag(
                ledger, [first, second, shares[0]],
                f"{number(a)} and {number(b)} make {real:.0%}, not {share:.0%}", sentence,
            )  # fmt: skip
