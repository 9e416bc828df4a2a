"""Makes events of statements: what belongs to one event is brought together, what differs stays apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from afterstrike.reading._casualties import casualties, civilian_status, counts_of
from afterstrike.reading._claim import DateMention, Hedging, PlaceMention
from afterstrike.reading._event import KIND_ORDER, READ_KINDS, Event, Mark, Span, Statement
from afterstrike.reading._hedge import stronger

__all__ = ["assemble"]

# A killing or a bombing told in other words is the same event as the strike that did it.
_SAME = {"strike": "hit", "attack": "hit", "violence_against_civilians": "hit"}
_NEAR_KM = 30.0
_MOST_OPEN = 200  # events a sentence is compared with, the latest first: a list of thousands stays readable
_DAY, _TOWN = 1, 3


@dataclass
class _Draft:
    kind: str
    statements: list[Statement] = field(default_factory=list)
    place: PlaceMention | None = None
    date: DateMention | None = None


def assemble(statements: Sequence[Statement]) -> tuple[Event, ...]:
    """Make events of the statements of one text, in text order.

    A statement goes to the latest event that it may belong to: of a like kind, with no other place and no
    other day. Where a statement names a place or day of its own that does not fit, it begins another event.

    Parameters
    ----------
    statements : sequence of Statement
        In text order; those without a word of an event or of harm are used for their place and day only.

    Returns
    -------
    tuple of Event
        An event that only the headline tells is kept; one the body tells too takes the body's words.
    """
    drafts: list[_Draft] = []
    last: _Draft | None = None
    for statement in statements:
        if statement.is_ahead:
            continue
        kind = _kind_of(statement)
        if kind is None and last is not None and _fits_as_harm(statement, last):
            last.statements.append(statement)
        if kind is None or _tells_only_a_total(statement):
            continue
        place, day = _best_place(statement, kind), _best_date(statement)
        draft = _fitting(drafts, statement, kind, place, day)
        if draft is None:
            draft = _Draft(kind, place=place, date=day)
            drafts.append(draft)
        draft.statements.append(statement)
        draft.place = _finer(draft.place, place)
        draft.date = draft.date or day
        if KIND_ORDER.index(kind) < KIND_ORDER.index(draft.kind):
            draft.kind = kind
        last = draft
    return tuple(_event(draft) for draft in drafts)


def _kind_of(statement: Statement) -> str | None:
    named = {mark.label for mark in statement.marks if mark.label in READ_KINDS}
    if named:
        return min(named, key=KIND_ORDER.index)
    outcomes = Counter(h.outcome for h in statement.harms if not h.is_none)
    if outcomes["killed"] or outcomes["injured"] or outcomes["killed_or_injured"]:
        return "violence_against_civilians"
    if outcomes["detained"]:
        return "detention"
    if outcomes["displaced"]:
        return "displacement"
    return None


def _fits_as_harm(statement: Statement, draft: _Draft) -> bool:
    """Say whether a sentence only says that nobody was harmed, and may say it of the event told before it."""
    if not statement.harms or not all(h.is_none for h in statement.harms) or statement.is_background:
        return False
    place, day = _best_place(statement, draft.kind), _best_date(statement)
    is_elsewhere = place and draft.place and not _same_place(draft.place, place)
    return not is_elsewhere and not (day and draft.date and not _same_day(draft.date, day))


def _tells_only_a_total(statement: Statement) -> bool:
    """Say whether a sentence gives a running total and nothing of an event of its own: "since 2014 raids
    have ...".
    """
    return bool(statement.harms) and all(h.cumulative for h in statement.harms) and not statement.in_headline


def _best_place(statement: Statement, kind: str) -> PlaceMention | None:
    """Take the place nearest to the words of the event, towns before divisions and countries."""
    if not statement.places:
        return None
    at = next((m.start for m in statement.marks if m.label == kind), statement.start)
    source = statement.source_span

    def order(place: PlaceMention) -> tuple[int, int]:
        coarse = (place.geo_precision or 2) if place.lat is not None or place.geo_precision else 2
        level = 0 if coarse <= _TOWN else coarse
        return level, abs(place.start - at)

    inside = [p for p in statement.places if not (source and source[0] <= p.start < source[1])]
    return min(inside or statement.places, key=order)


def _best_date(statement: Statement) -> DateMention | None:
    dated = [d for d in statement.dates if d.date_start]
    return min(dated, key=lambda d: (d.date_precision or 9, d.start)) if dated else None


def _fitting(
    drafts: list[_Draft], statement: Statement, kind: str, place: PlaceMention | None, day: DateMention | None
) -> _Draft | None:
    candidates = drafts[-_MOST_OPEN:]
    if statement.is_background and (day or place or statement.opens_another):
        candidates = [
            d for d in candidates if day and d.date and _same_day(d.date, day) and d.place and place
        ]
    for draft in reversed(candidates):
        if _SAME.get(draft.kind, draft.kind) != _SAME.get(kind, kind):
            continue
        if day and draft.date and not _same_day(draft.date, day):
            continue
        if place and draft.place and not _same_place(draft.place, place):
            continue
        if statement.opens_another and not (place and draft.place and _same_place(draft.place, place)):
            return None
        return draft
    return None


def _same_day(a: DateMention, b: DateMention) -> bool:
    first, last = a.date_start or "", a.date_end or a.date_start or ""
    begin, end = b.date_start or "", b.date_end or b.date_start or ""
    return first <= end and begin <= last


def _same_place(a: PlaceMention, b: PlaceMention) -> bool:
    """Say whether two mentions may be one place: a name again, a town and what it lies in, two near points."""
    if a.text == b.text or (a.gazetteer_id and a.gazetteer_id == b.gazetteer_id):
        return True
    if (a.geo_precision or 0) >= 6 or (b.geo_precision or 0) >= 6:
        return not (a.adm0 and b.adm0 and a.adm0 != b.adm0)
    if a.lat is None or b.lat is None or a.lon is None or b.lon is None:
        return not (a.lat is None and b.lat is None) or a.text in b.text or b.text in a.text
    from afterstrike.reading.gazetteer._rank import distance_km

    km = distance_km(a.lat, a.lon, b.lat, b.lon)
    is_coarse = max(a.geo_precision or 1, b.geo_precision or 1) >= 4
    return km <= (150.0 if is_coarse else _NEAR_KM)


def _finer(a: PlaceMention | None, b: PlaceMention | None) -> PlaceMention | None:
    if a is None or b is None:
        return a or b

    def level(p: PlaceMention) -> int:
        return p.geo_precision or (2 if p.lat is not None else 3)

    return b if level(b) < level(a) and level(a) >= 4 else a


def _event(draft: _Draft) -> Event:
    body = [s for s in draft.statements if not s.in_headline] or draft.statements
    spans: dict[str, list[Span]] = {"statement": [(s.start, s.end) for s in draft.statements]}
    killed = casualties(body, "killed")
    status = civilian_status(body, draft.kind)
    civilian = casualties(body, "killed", civilian=True, presumed=status == "presumed")
    injured = casualties(body, "injured")
    detained = casualties(body, "detained")
    displaced = casualties(body, "displaced")
    if killed.low is None and killed.high is None:
        heads = [s for s in draft.statements if s.in_headline]
        killed = casualties(heads, "killed")
        if civilian.low is None and civilian.high is None:
            status = civilian_status(heads, draft.kind)
            civilian = casualties(heads, "killed", civilian=True, presumed=status == "presumed")
    for name, found in (("fatalities", killed), ("civilian_fatalities", civilian), ("injured", injured)):
        if found.spans:
            spans[name] = list(found.spans)
    place, day = draft.place, draft.date
    if place:
        spans["place"] = [(place.start, place.end)]
    if day:
        spans["date"] = [(day.start, day.end)]
    lead = body[0]
    for name, mark in (("initiator", lead_of(body, "initiator")), ("side_b", lead_of(body, "victim"))):
        if mark:
            spans[name] = [(mark.start, mark.end)]
    initiator, victim = lead_of(body, "initiator"), lead_of(body, "victim")
    weapon = _weapon(body)
    if weapon:
        spans["weapon"] = [(weapon.start, weapon.end)]
    strikes = next((s.strikes for s in body if s.strikes), None)
    if strikes:
        spans["strikes"] = [(strikes.start, strikes.end)]
    targets = next((s.targets for s in body if s.targets), ())
    if targets:
        spans["targets"] = [(t.start, t.end) for t in targets]
    types: Counter[str] = Counter()
    for target in targets:
        if target.count is not None:
            types[target.label] += int(target.count)
    said = next((s for s in body if s.source is not None), lead)
    if said.source_span:
        spans["source"] = [said.source_span]
    hedging: Hedging = stronger([lead.hedging])
    named = initiator.name if initiator else None
    if named and victim and victim.name == named:
        victim = None
    clock = next((d.time for s in body for d in s.dates if d.time), None)
    is_strike = draft.kind == "strike"
    return Event(
        kind=draft.kind,  # type: ignore[arg-type]
        date_start=day.date_start if day else None,
        date_end=day.date_end if day else None,
        date_precision=day.date_precision if day else None,
        time=clock,
        place=(place.text if place else None),
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        geo_precision=place.geo_precision if place else None,
        adm0=place.adm0 if place else None,
        adm1=place.adm1 if place else None,
        side_a=named,
        side_b=victim.name if victim else None,
        initiator=named,
        initiator_hedging=next((s.initiator_hedging for s in body if s.initiator), None),
        strikes=int(strikes.count) if strikes and strikes.count is not None and is_strike else None,
        targets=sum(types.values()) or None,
        target_types=dict(types),
        fatalities_low=killed.low,
        fatalities_best=killed.best,
        fatalities_high=killed.high,
        civilian_fatalities_low=civilian.low,
        civilian_fatalities_best=civilian.best,
        civilian_fatalities_high=civilian.high,
        civilian_status=status if (civilian.low, civilian.high) != (None, None) else None,
        injured_low=injured.low,
        injured_high=injured.high,
        detained_low=detained.low,
        detained_high=detained.high,
        displaced_low=displaced.low,
        displaced_high=displaced.high,
        weapon=weapon.label if weapon else None,
        hedging=hedging,
        source=said.said_by,
        source_kind=said.source_kind,
        in_headline=all(s.in_headline for s in draft.statements),
        counts=tuple(c for s in draft.statements for c in counts_of(s)),
        spans=spans,
    )


def lead_of(body: Sequence[Statement], name: str):  # type: ignore[no-untyped-def]
    """Give the first initiator or victim that the statements of an event name."""
    return next((getattr(s, name) for s in body if getattr(s, name) is not None), None)


def _weapon(body: Sequence[Statement]) -> Mark | None:
    """Take the weapon named first; a drone or helicopter says more than the strike it made."""
    marks = [mark for s in body for mark in s.weapons]
    exact = [m for m in marks if m.label in ("drone", "helicopter", "suicide bomb", "chemical")]
    return next(iter(exact or marks), None)
