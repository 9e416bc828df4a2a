"""Walks the lines of an Arabic text: claims sentence by sentence, and what events are made of."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._claim import (
    ActorMention,
    Claim,
    ClaimKind,
    DateMention,
    Hedging,
    PlaceMention,
    Quantity,
)
from afterstrike.reading._event import Mark, Statement
from afterstrike.reading._harm import Harm
from afterstrike.reading._hedge import stronger
from afterstrike.reading._place import PlaceResolver
from afterstrike.reading._speaker import AUTHOR, Attribution
from afterstrike.reading.arabic._actor import find_actors
from afterstrike.reading.arabic._blame import find_blame, is_no_doer
from afterstrike.reading.arabic._date import find_dates
from afterstrike.reading.arabic._fold import Folded, Phrases, Token, fold_words, tokens, words
from afterstrike.reading.arabic._harm import find_harms
from afterstrike.reading.arabic._people import Counted, find_counted
from afterstrike.reading.arabic._place import context_countries, find_places
from afterstrike.reading.arabic._speaker import attribute, grade_hedging

__all__ = ["ArabicReader"]

_MAX_SENTENCE = 1200
_MOST_DAYS = 45
_END = re.compile(r"[.!?](?=[\s\"'\])]|$)|[.!?](?=[^\W\d_])|\n+|(?<=\S)\.{2,}")
_LISTED = re.compile(r"[\s\-*•–\"'(]*")
# what has not happened: "قد يقتل", "سيقتل", "سوف"; "قد" with a perfect verb tells what has
# what a correction says was wrong is told no more: "an earlier version of this report"
_WITHDRAWN = re.compile("نسخه سابقه|صيغه سابقه")
_AHEAD = re.compile(
    r"(?<!\w)(?:قد\s+[يت]\w{3,}|سوف\s|[فو]?س[يت](?:قتل|صاب|صيب|جرح|ودي|تسبب|سقط|قصف|ضرب|نفذ|هاجم|ستهدف)\w*)"
)


@cache
def _cuts() -> re.Pattern[str]:
    """Give what parts a sentence with two speakers: "A denied it, while B said", "A said, and B said"."""
    said = {fold_words(w) for w in words()["speech"]["reported"] if " " not in w}
    verbs = "|".join(sorted((re.escape(w) for w in said if not w.startswith("و")), key=len, reverse=True))
    return re.compile(rf"[,;]\s+(?=(?:فيما|في\s+حين|بينما|لكن|غير\s+ان|و(?:{verbs}))\s)")


@cache
def _table(group: str) -> Phrases:
    return Phrases({k: v for k, v in words()[group].items() if isinstance(v, list)})


@cache
def _kinds() -> Phrases:
    events = words()["events"]
    names = (
        "strike",
        "attack",
        "clash",
        "violence_against_civilians",
        "prison_break",
        "detention",
        "displacement",
    )
    return Phrases({name: events[name] for name in names})


@cache
def _list(group: str, name: str) -> Phrases:
    return Phrases({name: words()[group][name]})


@cache
def _furniture() -> tuple[str, ...]:
    return tuple(fold_words(w) for w in words()["hedges"]["furniture"])


# "مواقع تنظيم داعش": whose positions, men or bases were hit
_STRUCK = re.compile(
    r"(?:مواقع|مواقعا?\s+ل|عناصر|عنصرا?|ضد|نقاط|مقرات|مقاتلي|هجوم\s+علي|استهدف\S*|تتبع\s+ل|تابعه\s+ل|قياديا?\s+في)\s*(?:تنظيم\s*)?\"?$"
)


class ArabicReader:
    """Reads one folded text; remembers the last speaker and the last day named."""

    def __init__(self, folded: Folded, published: date | None, gazetteer: PlaceResolver) -> None:
        self._folded = folded
        self._published = published
        self._gazetteer = gazetteer
        self._context = context_countries(tokens(folded.text[:20_000])) or ()
        self._last: Attribution = AUTHOR
        self._claims: list[Claim] = []
        self.statements: list[Statement] = []
        self.places: list[PlaceMention] = []
        self.furniture: list[tuple[int, int]] = []
        self.title_span: tuple[int, int] | None = None

    def read(self) -> tuple[Claim, ...]:
        """Give the claims in text order; spans are of the folded text."""
        lines = self._lines()
        self.title_span = self._title(lines)
        for start, end in lines:
            for a, b in _sentences(self._folded.text, start, end):
                self._read_sentence(a, b, in_headline=(start, end) == self.title_span)
        ordered = sorted(self._claims, key=lambda claim: (claim.start, claim.end))
        return tuple(replace(claim, id=f"c{number}") for number, claim in enumerate(ordered, 1))

    def _lines(self) -> list[tuple[int, int]]:
        """Give the lines that are text; menus, dates, counts of comments and link lists are furniture."""
        kept: list[tuple[int, int]] = []
        is_listing = False
        for match in re.finditer(r"[^\n]+", self._folded.text):
            line = match.group().strip()
            if not line:
                continue
            span = (
                match.start() + match.group().find(line),
                match.start() + match.group().find(line) + len(line),
            )
            opening = line.lstrip("-*•# ").rstrip(":")
            marks = [w for w in _furniture() if opening == w or (opening.startswith(w) and len(line) < 60)]
            if any(
                w in ("اقرا ايضا", "مواضيع ذات صله", "اخبار ذات صله", "مقالات ذات صله", "شاهد ايضا")
                for w in marks
            ):
                is_listing = True  # what follows are titles of other pages
            letters = sum(c.isalpha() for c in line)
            is_short = len(line.split()) <= 3 and not re.search(r"\d+\s+(?:قت|جر|شه|مص)", line)
            if marks or letters < 3 or is_short or (is_listing and line[-1] not in ".!?"):
                self.furniture.append(span)
                continue
            is_listing = False
            kept.append(span)
        return kept

    def _title(self, lines: list[tuple[int, int]]) -> tuple[int, int] | None:
        """Take the first line for the headline where it has the shape of one and a text follows."""
        if len(lines) < 2:
            return None
        first = self._folded.text[slice(*lines[0])]
        if len(first) <= 170 and first[-1] not in '.:,"' and len(first.split()) >= 4:
            return lines[0]
        return None

    def _read_sentence(self, start: int, end: int, *, in_headline: bool) -> None:
        text = self._folded.text
        row = tokens(text, start, end)
        if not any(not t.is_number for t in row):
            return
        dates = find_dates(text, start, end, published=self._published)
        actors = find_actors(self._folded, row)
        source = attribute(self._folded, row, actors, self._last)
        if source.source is not None:
            self._last = source
        skip = [*((m.start, m.end) for m in actors), *((d.start, d.end) for d in dates)]
        if source.span and start <= source.span[0] < end:
            skip.append(source.span)
        places = find_places(self._folded, row, gazetteer=self._gazetteer, context=self._context, skip=skip)
        self.places += places
        # the first city named says in which country the others lie
        self._context = self._context or tuple(dict.fromkeys(p.adm0 for p in places if p.adm0))
        dated = tuple((d.start, d.end) for d in dates)
        harms = find_harms(text, start, end, skip=dated)
        counted = find_counted(
            row, frozenset(n for n, t in enumerate(row) if any(a < t.end and t.start < b for a, b in dated))
        )
        quantities = self._quantities(row, counted, harms)
        grade, words_ = grade_hedging(self._folded, row)
        grades: list[Hedging] = [grade, source.hedging]
        if any(q.approx and q.value is not None for q in quantities):
            grades.append("approximate")
        hedging = stronger(grades)
        marks = [Mark(label, row[a].start, row[b - 1].end) for a, b, label in _kinds().find(row)]
        kind = self._kind(row, quantities, places, dates, actors, marks, source)
        if kind:
            cue = words_ if words_ and grade == hedging else source.cue or words_
            self._claims.append(
                Claim("", start, end, self._original(start, end), kind, source.source, source.source_kind, hedging,
                      tuple(quantities), tuple(places), tuple(dates), tuple(actors), in_headline, source.span, cue,
                      source.kind, tuple(replace(m, text=self._original(m.start, m.end)) for m in source.relayed_by))
            )  # fmt: skip
        if marks or harms:
            self._state(
                start,
                end,
                row,
                marks,
                harms,
                counted,
                places,
                dates,
                actors,
                source,
                hedging,
                in_headline,
                kind,
            )

    def _original(self, start: int, end: int) -> str:
        return self._folded.original[slice(*self._folded.back(start, end))]

    def _quantities(
        self, row: list[Token], counted: list[Counted], harms: tuple[Harm, ...]
    ) -> list[Quantity]:
        """Give the counts that state a number; a noun in the singular counts only where somebody was harmed."""
        harmed = {h.start for h in harms if not h.is_none}
        totals = {h.start for h in harms if h.cumulative}
        marked = [row[a].start for a, _, _ in _list("harm", "cumulative").find(row)]
        found = []
        for c in counted:
            first = row[c.first].start
            if c.is_bare or (c.is_vague and c.low == 2 and c.high is None):
                continue
            if c.is_single and first not in harmed:
                continue
            unit = c.unit or "people"
            end = row[c.last - 1].end
            total = first in totals or any(0 <= first - at < 60 for at in marked)
            if not c.unit and first not in harmed and not total:
                continue
            words_ = self._original(first, end)
            found.append(
                Quantity(words_, first, end, c.value, c.low, c.high, unit, words_, c.approx,
                         cumulative=total)
            )  # fmt: skip
        return found

    def _kind(
        self, row: list[Token], quantities: list[Quantity], places: list[PlaceMention], dates: list[DateMention],
        actors: list[ActorMention], marks: list[Mark], source: Attribution,
    ) -> ClaimKind | None:  # fmt: skip
        """Sort a sentence by the English reader's order: forecast, figure, causal, event, opinion."""
        spans = {"years", "months", "days", "hours"}
        if _list("hedges", "forecast").find(row) and not quantities:
            return "forecast"
        if any(q.unit not in spans for q in quantities):
            return "figure"
        anchored = bool(places or dates or actors)
        if marks and (anchored or source.source):
            return "event"
        if source.source and source.hedging in ("denied", "doubted"):
            return "event"  # what is denied is said to have been claimed
        if _list("hedges", "opinion").find(row):
            return "opinion"
        if _list("hedges", "causal").find(row) and anchored:
            return "causal"
        if anchored and source.source:
            return "event"
        return None

    def _state(
        self, start: int, end: int, row: list[Token], marks: list[Mark], harms: tuple[Harm, ...], counted: list[Counted],
        places: list[PlaceMention], dates: list[DateMention], actors: list[ActorMention], source: Attribution,
        hedging: Hedging, in_headline: bool, kind: ClaimKind | None,
    ) -> None:  # fmt: skip
        if _WITHDRAWN.search(self._folded.text, start, end):
            return
        strikes = next((c for c in counted if c.unit == "strikes" and c.value), None)
        first = row[0]
        opening = _list("events", "separate").at(row, 0)
        background = _list("events", "background").at(row, 0)
        weapons = [Mark(label, row[a].start, row[b - 1].end) for a, b, label in _table("weapons").find(row)]
        blame = find_blame(row, marks, actors)
        initiator, victim = self._sides(marks, actors, source, start)
        if blame:
            initiator, victim = blame.actor, None if victim and victim.name == blame.actor.name else victim
        fact = first.start
        self.statements.append(
            Statement(
                start, end, tuple(marks), tuple(weapons), harms,
                Mark("strikes", row[strikes.first].start, row[strikes.last - 1].end, strikes.value) if strikes else None,
                (), tuple(places), tuple(dates), tuple(actors), initiator, victim, source.source, source.source_kind,
                source.span, hedging, in_headline,
                is_background=bool(background and fact == first.start) or self._is_old(dates),
                opens_another=bool(opening),
                is_ahead=kind == "forecast" or _AHEAD.search(self._folded.text, start, end) is not None,
                is_unknown_actor=any(a.name is None for a in actors),
                initiator_hedging=stronger([hedging, blame.hedging]) if blame else hedging,
            )
        )  # fmt: skip

    def _is_old(self, dates: list[DateMention]) -> bool:
        known = [d for d in dates if d.date_start]
        if not known:
            return False
        if self._published is None:
            return all((d.date_precision or 1) >= 4 for d in known)
        return all((self._published - date.fromisoformat(d.date_end or "")).days > _MOST_DAYS for d in known)

    def _sides(
        self, marks: list[Mark], actors: list[ActorMention], source: Attribution, start: int
    ) -> tuple[ActorMention | None, ActorMention | None]:
        """Find who struck and who was struck: the striker follows the verb, or qualifies the strike."""
        span = source.span
        fighting = [
            m for m in actors
            if (m.name is None or actor_kind(m.name) in ("state", "coalition", "insurgent", "militia"))
            and not (span and span[0] <= m.start < span[1])
        ]  # fmt: skip
        if not fighting:
            return None, None
        at = marks[0].start if marks else start
        text = self._folded.text
        struck = [m for m in fighting if m.name and _STRUCK.search(text[max(0, m.start - 30) : m.start])]
        strikers = [
            m for m in fighting if m not in struck and not is_no_doer(text[max(0, m.start - 30) : m.start])
        ]
        initiator = min(strikers, key=lambda m: (abs(m.start - at), m.start), default=None)
        victim = next((m for m in struck if initiator is None or m.name != initiator.name), None)
        return initiator, victim


def _parted(text: str, start: int, end: int) -> list[tuple[int, int]]:
    cuts: list[int] = []
    for match in _cuts().finditer(text, start, end):
        at = match.end()
        # "and B said" goes on with what A said, unless each gives a count of its own
        if text[at : at + 1] != "و" or (
            find_harms(text, cuts[-1] if cuts else start, at) and find_harms(text, at, end)
        ):
            cuts.append(at)
    return list(zip([start, *cuts], [*cuts, end], strict=True))


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a line into sentences at full stops and question marks; decimals and times stay whole."""
    found: list[tuple[int, int]] = []
    at = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        if (
            text[match.start()] == "."
            and text[match.start() - 1 : match.start()].isdigit()
            and text[stop : stop + 1].isdigit()
        ):
            continue
        found.append((at, stop))
        at = stop
    found.append((at, end))
    # "A denied it, while B said": two speakers
    found = [piece for a, b in found for piece in _parted(text, a, b)]
    made: list[tuple[int, int]] = []
    for a, b in found:
        lead = _LISTED.match(text, a, b)
        a = lead.end() if lead else a
        while b > a and text[b - 1].isspace():
            b -= 1
        while b - a > _MAX_SENTENCE:
            space = text.rfind(" ", a + 1, a + _MAX_SENTENCE)
            cut = space if space > a else a + _MAX_SENTENCE
            made.append((a, cut))
            a = cut + (space > a)
        if a < b:
            made.append((a, b))
    return made
