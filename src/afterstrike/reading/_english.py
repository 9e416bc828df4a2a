"""Walks the blocks of an English text: claims sentence by sentence, and what events are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from afterstrike.reading._actor import find_actors
from afterstrike.reading._attribution import AUTHOR, Attribution, attribute
from afterstrike.reading._claim import ActorMention, Claim, ClaimKind, DateMention, Hedging, PlaceMention
from afterstrike.reading._country import plain
from afterstrike.reading._date import find_dates
from afterstrike.reading._division import towns_with_states
from afterstrike.reading._event import Statement
from afterstrike.reading._furniture import Page
from afterstrike.reading._hedge import grade_hedging, stronger
from afterstrike.reading._kinds import sort_claim
from afterstrike.reading._place import PlaceResolver, acting_countries, find_places
from afterstrike.reading._place_article import read_article
from afterstrike.reading._place_context import context_countries, person_names, states_named
from afterstrike.reading._quantity import find_quantities
from afterstrike.reading._sentence import Span, sentences
from afterstrike.reading._speaker import group_meant, subject_of
from afterstrike.reading._statement import make_statement, may_tell_events
from afterstrike.reading._vocabulary import vocabulary

__all__ = ["EnglishReader"]

_CLAUSE = re.compile(r";\s+|,\s+(?:and|but|while|whereas)\s+(?=\S)")
# a verb right behind "and" has the subject in front: "killed 12 people, and took 251 hostages"
_SHARED = re.compile(
    r"(?:(?:also|then|later|still|has|have|had|was|were|is|are|will)\s+)*(?:[a-z]+(?:ed|ing)|took|struck|hit|fell|"
    r"fled|lost|shot|left|sank|rose|held|took|sent|made|gave|put|set|was|were|has|have|had|is|are|will)\b(?!\s+of\b)"
)
# ", the ministry said." at the end of a sentence covers what "and" joins before it
_TAIL = re.compile(r"[^;]{0,40}$")
_TELLS_HOW_LONG = re.compile(r"\bago$|\b(?:years|decades)\s+later$", re.I)
_NEAR_DATE = 800  # characters; a date further up is not what "two days earlier" is counted from
_PERSON = re.compile(r"\b(?:he|she)\b", re.I)
_LONGEST_QUOTATION = 6  # sentences; a mark that is never closed must not take the rest of the text
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|did|does|do|said|says|can|could|[a-z]{3,}ed|struck|hit|fell|"
    r"fled|took|lost|shot|left|sank|rose|held|holds|died|puts?)\b"
)
# "..., but Moscow has denied it": a clause of its own, whatever it counts
_DENIES = re.compile(
    r"(?:[\w'.-]+\s+){1,5}?(?:denied|denies|deny|rejected|rejects|reject|dismissed|dismisses|disputed|disputes)\b"
)


def _quotations(text: str, spans: list[Span]) -> dict[Span, tuple[Span, ...]]:
    """Group the sentences of one paragraph that stand in one quotation."""
    groups: dict[Span, tuple[Span, ...]] = {}
    group: list[Span] = []
    is_open = False
    for span in spans:
        simple = plain(text[slice(*span)])
        was_open, is_open = is_open, is_open ^ (simple.count('"') % 2 == 1)
        # a sentence that is a quotation whole goes with the one before: '"A," he said. "B."'
        is_whole = bool(group) and simple[:1] == '"' and re.search(r'"\W*$', simple) is not None
        if not (was_open or is_whole):
            group = []
        group.append(span)
        if len(group) > 1 and len(group) <= _LONGEST_QUOTATION:
            groups.update({one: tuple(other for other in group if other != one) for one in group})
    return groups


@dataclass(frozen=True)
class _Clause:
    """What was found in a clause, whether or not it makes a claim."""

    span: Span
    source: Attribution
    kind: ClaimKind | None
    places: tuple[PlaceMention, ...]
    dates: tuple[DateMention, ...]
    hedging: Hedging


class EnglishReader:
    """Walks the blocks of one text; remembers the last named source for "he said"."""

    def __init__(self, text: str, published: date | None, gazetteer: PlaceResolver | None) -> None:
        if gazetteer is None:
            from afterstrike.reading.gazetteer import default_gazetteer

            gazetteer = default_gazetteer()
        self._text = text
        self._published = published
        self._gazetteer = gazetteer
        self._states = states_named(text)
        self._article = read_article(text, gazetteer, self._states)
        self._context = context_countries(text, self._article)
        self._people = person_names(text) | self._article.people
        self._towns = towns_with_states(text, gazetteer)
        self._claims: list[Claim] = []
        self._quoted: dict[Span, tuple[Span, ...]] = {}  # sentence -> the others of one quotation
        self._last: Attribution = AUTHOR
        self._subject: Attribution = AUTHOR  # the last subject of the paragraph that could speak
        self._anchor: DateMention | None = None
        self._clauses_read: list[_Clause] = []
        self.statements: list[Statement] = []
        self.places: list[PlaceMention] = []

    def read(self, page: Page) -> tuple[Claim, ...]:
        pieces: list[tuple[Span, bool, bool]] = []
        openings = {block.start for block in page.body}
        if page.title_span:
            pieces.append((page.title_span, True, False))
        for block in page.body:
            spans = sentences(self._text, block.start, block.end)
            self._quoted.update(_quotations(self._text, spans))
            pieces += [(span, False, block.kind == "heading") for span in spans]
        for span, in_headline, is_heading in sorted(pieces):
            if span[0] in openings:
                self._subject = AUTHOR
            self._read_sentence(span, in_headline=in_headline, is_heading=is_heading)
        ordered = sorted(self._claims, key=lambda claim: (claim.start, claim.end))
        return tuple(replace(claim, id=f"c{number}") for number, claim in enumerate(ordered, 1))

    def _read_sentence(self, span: Span, *, in_headline: bool, is_heading: bool) -> None:
        actors = tuple(find_actors(self._text, *span))
        last = self._meant(span)
        whole = attribute(self._text, *span, actors=actors, last=last)
        if whole.source is None:
            whole = self._quoted_by(span)
        whole = group_meant(whole, self._text, last)
        if whole.source is not None:
            self._subject = whole
            # "he said" may be of a man who hoped before, not of a ministry that did
            is_spoken = whole.kind in ("says", "believes") or whole.source_kind in ("person", "official")
            self._last = whole if is_spoken else self._last
        else:
            subject = subject_of(plain(self._text[slice(*span)]), span[0], actors)
            self._subject = subject if subject.source is not None else self._subject
        self._clauses_read = []
        clauses = [span] if in_headline else self._clauses(span)
        is_tail = whole.span is not None and self._is_tail(whole, span)
        for clause in clauses:
            source = whole
            if len(clauses) > 1:
                own = attribute(
                    self._text, *clause, actors=actors, last=last if whole is AUTHOR else self._last
                )
                own = group_meant(own, self._text, last)
                # an attribution in the first clause carries over ("X said a, and b"); one in a later clause
                # does not, nor does a clause about another actor ("; the ministry has not commented")
                others = {m.name for m in actors if clause[0] <= m.start < clause[1]} - {whole.source}
                is_other = bool(others) or self._own_speaker(clause)
                inherits = whole.span is not None and whole.span[1] <= clause[1] and not is_other
                inherits = inherits and not (clause is not clauses[0] and self._wishes_to(whole))
                inherits = inherits or (is_tail and self._is_joined(clause, span))
                source = own if own.source is not None else whole if inherits else AUTHOR
            self._read_clause(clause, source, in_headline=in_headline, is_heading=is_heading)
        self.places += acting_countries(
            self._text,
            *span,
            self._gazetteer,
            [p for c in self._clauses_read for p in c.places],
            self._article,
        )
        for part, speaker, told in self._parts(span, whole):
            self._state(part, speaker, told, actors, in_headline=in_headline or is_heading)

    def _parts(self, span: Span, whole: Attribution) -> list[tuple[Span, Attribution, list[_Clause]]]:
        """Part a sentence where another speaker begins, or denies it: "Russia said it killed 30; activists said 8 died"."""
        parts: list[tuple[Span, Attribution, list[_Clause]]] = []
        for clause in self._clauses_read:
            last = parts[-1][1].source if parts else None
            is_denial = clause.source.hedging == "denied" and bool(parts) and parts[-1][1].hedging != "denied"
            is_same = clause.source.source is None or last is None or clause.source.source == last
            if parts and is_same and not is_denial:
                (start, _), speaker, told = parts[-1]
                parts[-1] = ((start, clause.span[1]), speaker, [*told, clause])
            else:
                parts.append((clause.span, clause.source, [clause]))
        return parts if len(parts) > 1 else [(span, whole, self._clauses_read)]

    def _state(
        self,
        span: Span,
        source: Attribution,
        clauses: list[_Clause],
        actors: tuple[ActorMention, ...],
        *,
        in_headline: bool,
    ) -> None:
        """Keep what events are made of; a headline tells the events of the body again."""
        if not may_tell_events(self._text[slice(*span)]):
            return
        kinds = {clause.kind for clause in clauses}
        made = make_statement(
            self._text,
            *span,
            places=[p for clause in clauses for p in clause.places],
            dates=[d for clause in clauses for d in clause.dates],
            actors=tuple(m for m in actors if span[0] <= m.start < span[1]),
            source=AUTHOR if source.kind in ("intends", "demands") else source,  # wanting it tells of nothing
            hedging=stronger([source.hedging, *(clause.hedging for clause in clauses)]),
            in_headline=in_headline,
            is_ahead=bool(kinds) and kinds <= {"forecast", "opinion"},
            published=self._published,
        )
        if made:
            self.statements.append(made)

    def _meant(self, span: Span) -> Attribution:
        """Give whom a pronoun of a sentence points back to: "it" to the paragraph's last subject."""
        if self._subject.source is None or _PERSON.search(self._text, *span):
            return self._last
        return self._subject

    def _quoted_by(self, span: Span) -> Attribution:
        """Give who says a sentence inside a quotation whose speaker is named in another sentence of it."""
        for other in self._quoted.get(span, ()):
            actors = tuple(find_actors(self._text, *other))
            found = attribute(self._text, *other, actors=actors, last=self._last)
            if found.source is not None and found.kind == "says":
                return replace(found, span=None)
        return AUTHOR

    def _is_tail(self, source: Attribution, span: Span) -> bool:
        """Say whether the attribution stands behind a comma at the end of the sentence."""
        start, end = source.span or span
        before = self._text[max(span[0], start - 25) : start]
        return ("," in before or '"' in before) and _TAIL.match(self._text[end : span[1]]) is not None

    def _is_joined(self, clause: Span, span: Span) -> bool:
        """Say whether nothing but "and" stands between a clause and the end of the sentence."""
        rest = plain(self._text[clause[1] - 1 : span[1]])
        return ";" not in rest and re.search(r",\s+(?:but|while|whereas)\b", rest) is None

    def _wishes_to(self, source: Attribution) -> bool:
        """Say whether a source hopes or plans to do something: another clause is then no part of the wish."""
        if source.span is None or source.kind not in ("feels", "intends", "demands"):
            return False
        behind = self._text[source.span[1] : source.span[1] + 160]
        return re.match(rf"[^;]{{0,60}}?{re.escape(source.cue or '')}\s+to\b", behind) is not None

    def _own_speaker(self, clause: Span) -> bool:
        """Say whether a clause begins with a speaker of its own: "; the hospital later said"."""
        opening = re.match(
            r"(?:the|a|an|its|their)\s+((?:[\w'-]+\s+){1,5})", plain(self._text[slice(*clause)]), re.I
        )
        if not opening:
            return False
        verb = _FINITE.search(opening[1])
        words = opening[1][: verb.start()] if verb else opening[1]
        return bool(set(re.findall(r"[a-z]+", words.lower())) & vocabulary().kinds["roles"])

    def _clauses(self, span: Span) -> list[Span]:
        """Split at semicolons, and at coordinations whose two sides have a verb and a number each."""
        simple = plain(self._text[span[0] : span[1]])
        cuts: list[tuple[int, int]] = []
        begin = 0
        for match in _CLAUSE.finditer(simple):
            left, right = simple[begin : match.start()], simple[match.end() :]
            is_semicolon = match.group().startswith(";")
            if not is_semicolon:
                next_cut = _CLAUSE.search(right)
                right = right[: next_cut.start()] if next_cut else right
                is_denial = _DENIES.match(right) and _FINITE.search(left)
                if not (is_denial or (self._is_full(left) and self._is_full(right))) or _SHARED.match(right):
                    continue
            if left.count('"') % 2 or left.count("(") > left.count(")"):
                continue  # never inside a quotation or brackets
            cuts.append((match.start() + (1 if is_semicolon else 0), match.end()))
            begin = match.end()
        clauses: list[Span] = []
        begin = 0
        for stop, after in [*cuts, (len(simple), len(simple))]:
            if begin < stop:
                clauses.append((span[0] + begin, span[0] + stop))
            begin = after
        return clauses or [span]

    def _is_full(self, clause: str) -> bool:
        return bool(_FINITE.search(clause)) and bool(find_quantities(clause))

    def _read_clause(self, span: Span, source: Attribution, *, in_headline: bool, is_heading: bool) -> None:
        start, end = span
        text = self._text
        if self._anchor and start - self._anchor.end > _NEAR_DATE:
            self._anchor = None
        dates = tuple(find_dates(text, start, end, published=self._published, anchor=self._anchor))
        self._anchor = next((d for d in reversed(dates) if d.date_start), self._anchor)
        # "seven years ago" is a date and a quantity; "12 March" and "two days earlier" are dates only
        skip = [(d.start, d.end) for d in dates if not _TELLS_HOW_LONG.search(d.text)]
        # "two diplomats said": the count of sources is not what is claimed
        if source.span:
            skip.append(source.span)
        quantities = tuple(find_quantities(text, start, end, skip=skip, labels=not in_headline))
        actors = tuple(find_actors(text, start, end))
        places = tuple(
            find_places(
                text,
                start,
                end,
                context=self._context,
                skip=[*((m.start, m.end) for m in actors), *((m.start, m.end) for m in dates)],
                gazetteer=self._gazetteer,
                people=self._people,
                towns=self._towns,
                states=self._states,
                article=self._article,
            )
        )
        simple = plain(text[start:end])
        kind = sort_claim(
            simple,
            quantities=quantities,
            places=places,
            dates=dates,
            actors=actors,
            is_attributed=source.source is not None,
            published=self._published.isoformat() if self._published else None,
            start=start,
        )
        grade, words = grade_hedging(simple)
        self._clauses_read.append(_Clause(span, source, kind, places, dates, grade))
        self.places += places
        if not any(c.isalpha() for c in simple):
            return  # a cell of a table: nothing says what the number is
        if kind is None or (is_heading and not any(not q.figure_of_speech for q in quantities)):
            return
        grades: list[Hedging] = [grade, source.hedging]
        if any(q.approx for q in quantities):
            grades.append("approximate")
        hedging = stronger(grades)
        cue = words if words and grade == hedging else source.cue or words
        self._claims.append(
            Claim(
                id="",
                start=start,
                end=end,
                quote=text[start:end],
                kind=kind,
                source=source.source,
                source_kind=source.source_kind,
                hedging=hedging,
                quantities=quantities,
                places=places,
                dates=dates,
                actors=actors,
                in_headline=in_headline,
                source_span=source.span,
                cue=cue,
                attribution_kind=source.kind,
                relayed_by=tuple(replace(m, text=text[m.start : m.end]) for m in source.relayed_by),
            )
        )
