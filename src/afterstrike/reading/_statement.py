"""Takes an English sentence apart for what happened: kinds of event, weapons, strikes, targets, both sides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from afterstrike.reading._actor import actor_kind
from afterstrike.reading._blame import SIDES, find_blame, is_harmed, is_no_agent, is_no_doer
from afterstrike.reading._claim import ActorMention, DateMention, Hedging, PlaceMention
from afterstrike.reading._country import country_words, government_of, plain
from afterstrike.reading._event import Mark, Statement
from afterstrike.reading._harm import find_harms
from afterstrike.reading._hedge import stronger, unreal
from afterstrike.reading._number import find_numbers, word_number
from afterstrike.reading._people import event_words
from afterstrike.reading._speaker import Attribution
from afterstrike.reading._vocabulary import phrase_pattern

__all__ = ["find_marks", "make_statement", "may_tell_events"]

_MOST_DAYS = 45  # before publication; what lies further back is told as background


def _words(table: dict[str, list[str]]) -> tuple[re.Pattern[str], dict[str, str]]:
    labels: dict[str, str] = {}
    for label, phrases in table.items():
        for phrase in phrases:
            labels.setdefault(phrase, label)
    return re.compile(rf"(?<![\w-]){phrase_pattern(labels)}(?![\w-])", re.I), labels


@cache
def _kinds() -> tuple[re.Pattern[str], dict[str, str]]:
    words = event_words()
    table = {"strike": words["strike"]["words"], **words["kinds"]}
    return _words(table)


@cache
def _weapons() -> tuple[re.Pattern[str], dict[str, str]]:
    return _words(event_words()["weapons"])


@cache
def _air() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){phrase_pattern(event_words()['strike']['air'])}(?![\w-])", re.I)


@cache
def _strike_verbs() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){phrase_pattern(event_words()['strike']['verbs'])}(?![\w-])", re.I)


# "went on strike", "a general strike", "hunger strikes": nothing was hit
_LABOUR = re.compile(
    r"\b(?:on|hunger|general|labou?r|transport|truckers?'?|workers?'?|teachers?'?|national|armed|lightning|sit-down|"
    r"wildcat|rail|bus|civic|civil|indefinite|hour|day)[\s-]+(?:long\s+)?$",
    re.I,
)
_LABOUR_BEHIND = re.compile(
    r"\s+(?:action|by\s+(?:workers|teachers|drivers)|of\s+(?:workers|teachers)|called\s+by|in\s+demand)", re.I
)
_PLAIN = frozenset({"strike", "strikes", "raid", "raids", "barrage", "sorties", "shelling"})
_COUNT_LEFT = re.compile(r"\b(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,3})\s$", re.I)
_DID = re.compile(
    r"\s+(?:produced|damaged|destroyed|engaged|struck|hit|had|cratered|suppressed|denied|severed)\b", re.I
)
_MILITARY = re.compile(
    r"\b(?:air|missiles?|rockets?|drones?|warplanes?|jets?|aircraft|bomb\w*|military|coalition|army|forces|troops|targets?|"
    r"targeted|artillery|israeli|turkish|russian|american|u\.?s\.?|saudi|syrian|iraqi|militants?|killed|hit|struck|destroyed|"
    r"isil|isis|fighters|naval|navy|killing|wounded|injured)\b",
    re.I,
)
# "explosives were found", "bomb-sniffing", "the attack helicopter": no event of their own
_NO_EVENT = re.compile(
    r"^(?:\s+(?:helicopters?|dogs?|aircraft|squads?|disposal|shelters?|threats?|hoax\w*|alerts?|plans?|warnings?))\b",
    re.I,
)
_HEART = re.compile(r"\b(?:heart|panic|asthma|verbal|political|personal|media)\s+$", re.I)
_OPENS = re.compile(
    r"^\W*(?:separately|elsewhere|meanwhile|in\s+(?:a\s+|an)?(?:another|separate|other|similar|related|second|third)\s+"
    r"(?:incident|attack|strike|development|raid|operation|news|event|case|clash)\w*|in\s+(?:a\s+)?separate\b|"
    r"in\s+another\b|another\s+(?:air\s?strike|strike|attack|raid|bomb\w*|explosion)|earlier\b|also\s+on\b|"
    r"in\s+other\b|a\s+separate\b|a\s+second\b)",
    re.I,
)
_AHEAD = re.compile(
    r"^\W*(?:if|should|unless)\b|\b(?:plans?\s+to|vowed\s+to|threaten\w*\s+to|warned?\s+of|ready\s+to|prepar\w+\s+to|"
    r"will\s+(?:be\s+)?(?:attack|strike|bomb|launch|continue|resume|escalate)|would\s+be\s+(?:attacked|struck))\b",
    re.I,
)
_UNKNOWN = re.compile(
    r"\b(?:unidentified|unknown|unclaimed|suspected)\s+(?:\w+\s+){0,2}(?:gunmen|men|assailants?|attackers?|individuals|persons?|"
    r"aircraft|drones?|warplanes?|group|party|source)\b|\bno\s+(?:group|one)\s+(?:has\s+)?(?:immediately\s+)?claimed\b",
    re.I,
)
_BY = re.compile(r"\b(?:by|from|of)\s+(?:the\s+|an?\s+|alleged\s+|suspected\s+)*$", re.I)
_AGAINST = re.compile(
    r"\b(?:against|on|targeting|targeted|targets|struck|strikes?|hit|hits|hitting|attacked|bombed|destroyed|destroying|engaged|"
    r"damaged|killed|killing|at|suspected|an?|two|three|four|five|six|seven|eight|nine|ten|\d+|and|several|of|suppressed)\s+"
    r"(?:the\s+|an?\s+|alleged\s+|suspected\s+|senior\s+|one\s+|several\s+)*$",
    re.I,
)


def may_tell_events(simple: str) -> bool:
    """Say quickly whether a sentence holds a word of an event or of harm."""
    return _QUICK.search(simple) is not None


_QUICK = re.compile(
    r"kill|dead|die[sd]|death|injur|wound|hurt|harm|strike|struck|bomb|shell|attack|raid|clash|fight|battle|fought|explo|blast|"
    r"ambush|assault|gun|shot|shoot|kidnap|abduct|arrest|detain|captur|hostage|prison|jail|inmate|displac|fled|flee|evacu|"
    r"murder|assassin|execut|massacre|behead|tortur|rape|lynch|slain|casualt|fatal|victim|martyr|missing|barrage|sortie|"
    r"rocket|mortar|grenade|dynamite|sabotage|burn|arson|fire|fired|destroy|mine|ied|bodies|lives|hijack|loot|rob|seiz|drone|"
    r"exodus|uproot|stab|storm|overran|occup|blew|hurl|threw|plant|set\s",
    re.I,
)


# what a correction says was wrong is told no more
WITHDRAWN = re.compile(
    r"\b(?:an?|the|our|this)\s+(?:earlier|previous|prior|original)\s+(?:version|edition|draft)\s+of\b"
    r"|\b(?:an?|our)\s+(?:earlier|previous)\s+(?:report|story|article|headline)\s+(?:\w+\s+)?(?:incorrectly|wrongly|mistakenly|"
    r"gave|said|stated|misstated)\b",
    re.I,
)
NOT_AS_REPORTED = re.compile(
    r"\bnot\s+(?:[\w-]+\s+){1,4}?as\s+(?:was\s+)?(?:previously|earlier|initially|originally|first)\s+(?:reported|stated|said)",
    re.I,
)
_HIT_TARGETS = re.compile(
    r"\b(?:struck|hit|bombed|shelled|destroyed)\s+(?:[\w,-]+\s+){0,4}(?:targets?|positions|depots?|launchers?)\b",
    re.I,
)
# "Israel said it struck": whoever says it did it
_SAID_IT = re.compile(
    r"\s+(?:said|says|announced|confirmed|claimed)\s+(?:that\s+)?(?:it|its|they|their|we|our)\b", re.I
)


def find_marks(simple: str) -> tuple[Mark, ...]:
    """Find the words that name a kind of event; offsets are of the given plain text.

    Examples
    --------
    >>> [(m.label, m.start) for m in find_marks("Two airstrikes hit Homs as teachers went on strike.")]
    [('strike', 4)]
    """
    pattern, labels = _kinds()
    found = []
    for match in pattern.finditer(simple):
        word = " ".join(match.group().lower().split())
        before, after = (
            simple[max(0, match.start() - 30) : match.start()],
            simple[match.end() : match.end() + 30],
        )
        if _NO_EVENT.match(after) or _HEART.search(before):
            continue
        is_told = _MILITARY.search(simple) or (_COUNT_LEFT.search(before) and _DID.match(after))
        if word in _PLAIN and (_LABOUR.search(before) or _LABOUR_BEHIND.match(after) or not is_told):
            continue
        found.append(Mark(labels[word], match.start(), match.end()))
    if not any(m.label == "strike" for m in found) and (_air().search(simple) or _HIT_TARGETS.search(simple)):
        # "warplanes bombed the town", "targeted by a drone", "it struck 20 targets"
        verb = _strike_verbs().search(simple)
        if verb:
            found.append(Mark("strike", verb.start(), verb.end()))
    return tuple(sorted(found, key=lambda mark: mark.start))


def make_statement(
    text: str,
    start: int,
    end: int,
    *,
    places: Iterable[PlaceMention],
    dates: Iterable[DateMention],
    actors: Iterable[ActorMention],
    source: Attribution,
    hedging: Hedging,
    in_headline: bool = False,
    is_ahead: bool = False,
    published: date | None = None,
) -> Statement | None:
    """Take a sentence apart; None where it holds no word of an event or of harm."""
    simple = plain(text[start:end])
    if not may_tell_events(simple) or WITHDRAWN.search(simple):
        return None
    dates, places, actors = tuple(dates), tuple(places), tuple(actors)
    marks = find_marks(simple)
    skip = [(d.start, d.end) for d in dates]
    # "medics said": who speaks is not among those harmed
    unsaid = [source.span or (0, 0)]
    unsaid += [
        (start + a, start + b)
        for a, b in (*unreal(simple), *(m.span() for m in NOT_AS_REPORTED.finditer(simple)))
    ]
    found = find_harms(text, start, end, skip=skip)
    harms = tuple(h for h in found if not any(h.start < b and a < h.end for a, b in unsaid))
    if not marks and not harms:
        return None
    at = [Mark(m.label, start + m.start, start + m.end) for m in marks]
    blame = find_blame(text, start, end, at, actors)
    if blame:  # who is charged is not where it happened
        places = tuple(p for p in places if p.end <= blame.actor.start or p.start >= blame.end)
    initiator, victim = _sides(text, start, end, at, actors, source, blame.actor if blame else None)
    pattern, labels = _weapons()
    weapons = tuple(
        Mark(labels[" ".join(m.group().lower().split())], start + m.start(), start + m.end())
        for m in pattern.finditer(simple)
    )
    is_strike = any(m.label == "strike" for m in marks)
    return Statement(
        start,
        end,
        marks=tuple(at),
        weapons=weapons,
        harms=harms,
        strikes=_strikes(simple, start) if is_strike else None,
        targets=_targets(simple, start) if is_strike else (),
        places=places,
        dates=dates,
        actors=actors,
        initiator=initiator,
        initiator_hedging=stronger([hedging, blame.hedging]) if blame else hedging,
        victim=victim,
        source=source.source,
        source_kind=source.source_kind,
        source_span=source.span,
        hedging=hedging,
        in_headline=in_headline,
        is_background=_is_background(dates, published),
        opens_another=bool(_OPENS.match(simple)),
        is_ahead=is_ahead or bool(_AHEAD.search(simple) and not harms),
        is_unknown_actor=bool(_UNKNOWN.search(simple)),
    )


def _is_background(dates: tuple[DateMention, ...], published: date | None) -> bool:
    known = [d for d in dates if d.date_start]
    if not known:
        return False
    if published is None:
        return all((d.date_precision or 1) >= 4 for d in known)
    return all(
        (published - date.fromisoformat(d.date_end or d.date_start or "")).days > _MOST_DAYS for d in known
    )


_COUNTED_STRIKES = re.compile(
    r"\s+(?:\w+[\s-]+){0,4}?(?:air\s?-?strikes?|strikes?|air\s+raids?|raids?|sorties|drone\s+strikes?|missile\s+strikes?|"
    r"bombing\s+raids?|bombardments?|air\s+attacks?)\b",
    re.I,
)
_ONE_STRIKE = re.compile(
    r"\b(?:an?|one|another|single)\s+(?:[\w.-]+\s+){0,4}?(?:air\s?-?strike|strike|air\s+raid|raid|bombardment|air\s+attack)\b(?!\s+(?:on|group|team|force)\s+(?:team))",
    re.I,
)
_NOT_A_STRIKE_COUNT = re.compile(
    r"\b(?:of|in|at|on|to|for|and|the|were|was|people|killed|from|near|by)\b", re.I
)


def _strikes(simple: str, start: int) -> Mark | None:
    """Read how many strikes a sentence tells of; the first count decides."""
    for number in find_numbers(simple):
        if number.value is None or number.percent or number.value != int(number.value):
            continue
        behind = _COUNTED_STRIKES.match(simple, number.end)
        if behind and not _NOT_A_STRIKE_COUNT.search(behind.group()):
            return Mark("strikes", start + number.start, start + behind.end(), number.value)
    one = _ONE_STRIKE.search(simple)
    return Mark("strikes", start + one.start(), start + one.end(), 1.0) if one else None


_HIT = re.compile(
    r"\b(?:struck|destroyed|destroying|damaged|damaging|engaged|hit|hitting|suppressed|suppressing|targeted|targeting|"
    r"disabled|degraded|cratered|neutralized|neutralised)\b",
    re.I,
)
_TARGET_END = re.compile(
    r"[.;:]|\b(?:in\s+support|conducted|during|after|while|because|that|which|who|near|at|in)\b", re.I
)
_ITEM = re.compile(
    r"(?P<n>an?|another|one|[a-z]+(?:-[a-z]+)?|\d[\d,]*)\s+(?P<np>[A-Za-z][\w'/-]*(?:\s+[\w'/-]+){0,6})", re.I
)
_PROPER = re.compile(r"^(?:[A-Z][\w'-]*[A-Z]\w*|[A-Z][\w'-]+)$")


def _targets(simple: str, start: int) -> tuple[Mark, ...]:
    """Read what was hit, item by item: "two ISIL buildings and a staging area"."""
    found: list[Mark] = []
    for match in _HIT.finditer(simple):
        following = _HIT.search(simple, match.end())
        stop = following.start() if following else len(simple)
        hold = _TARGET_END.search(simple, match.end(), stop)
        stop = hold.start() if hold else stop
        at = match.end()
        for piece in re.split(r"(,\s*(?:and\s+)?|\s+and\s+)", simple[match.end() : stop]):
            item = _ITEM.match(piece.strip())
            if item:
                count = _item_count(item["n"])
                words = [w for w in item["np"].split() if not _PROPER.match(w)]
                if count is not None and words and words[-1].lower() not in ("others", "people", "civilians"):
                    a = at + piece.find(item.group())
                    found.append(
                        Mark(
                            _one(" ".join(words[-2:]).lower()),
                            start + a,
                            start + a + len(item.group()),
                            count,
                        )
                    )
            at += len(piece)
    return tuple(found)


def _item_count(word: str) -> float | None:
    lowered = word.lower()
    if lowered in ("a", "an", "another"):
        return 1.0
    if word.replace(",", "").isdecimal():
        return float(word.replace(",", ""))
    return word_number(lowered)


def _one(noun: str) -> str:
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def _sides(
    text: str,
    start: int,
    end: int,
    marks: list[Mark],
    actors: tuple[ActorMention, ...],
    source: Attribution,
    blamed: ActorMention | None,
) -> tuple[ActorMention | None, ActorMention | None]:
    """Find who struck and who was struck, by where they stand beside the words of the event."""
    fighting = [
        m for m in actors
        if m.name and actor_kind(m.name) in SIDES and not (source.span and source.span[0] <= m.start < source.span[1])
    ]  # fmt: skip
    mark = next(
        (m for m in marks if m.label in ("strike", "attack", "violence_against_civilians")),
        marks[0] if marks else None,
    )
    if mark is None:
        return None, None
    simple = plain(text)
    adjective = next(
        (w for w in country_words(text, max(start, mark.start - 45), mark.start) if w.sort == "demonym"
         and re.fullmatch(r"\s+(?:[\w-]+\s+){0,3}", simple[w.end : mark.start]) and not is_no_doer(simple[w.end : mark.start])),
        None,
    )  # fmt: skip
    initiator = blamed
    harmed = is_harmed(simple[mark.start : min(end, mark.end + 20)])
    if adjective and initiator is None and not harmed:
        a, b = adjective.start, adjective.end
        initiator = ActorMention(text[a:b], a, b, government_of(adjective.adm0))
    behind = [m for m in fighting if m.start >= mark.end]
    before = [m for m in fighting if not harmed and (m.end <= mark.start + 2 or m.start < mark.start < m.end)]
    if initiator is None:
        lead = {m: simple[max(start, m.start - 30) : m.start] for m in behind}
        agent = next(
            (
                m
                for m in behind
                if _BY.search(lead[m]) and "by" in lead[m].lower() and not is_no_agent(lead[m])
            ),
            None,
        )
        beside = simple[before[-1].end : mark.end + 1] if before else ""
        initiator = agent or (
            before[-1] if before and not (_BE_HIT.search(beside) or is_no_doer(beside)) else None
        )
    if initiator is None and source.span and source.source and actor_kind(source.source) in SIDES:
        told = _SAID_IT.match(simple, source.span[1])
        if told and mark.start >= told.end() and not is_no_doer(simple[told.end() : mark.start]):
            initiator = ActorMention(text[slice(*source.span)], *source.span, source.source)
    victims = [m for m in fighting if initiator is None or m.name != initiator.name]
    victim = next(
        (
            m
            for m in victims
            if m.start >= mark.start and _AGAINST.search(simple[max(start, m.start - 40) : m.start])
        ),
        None,
    )
    return initiator, victim


_BE_HIT = re.compile(r"\b(?:was|were|been|being)\b", re.I)
