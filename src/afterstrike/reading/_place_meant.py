"""Takes the place that a whole text speaks for, where the words around a name leave it open or speak of another."""

from __future__ import annotations

import re
from dataclasses import replace

from afterstrike.reading._claim import PlaceMention
from afterstrike.reading._country import CountryWord
from afterstrike.reading._mask_words import key_of, sort_of
from afterstrike.reading._place_article import Article, Sense, forms_of
from afterstrike.reading._place_names import FAMILY, IN, OWNS, SIDE, SPEAKS, TITLE_BEFORE, is_located

__all__ = ["by_article", "of_sense"]

_WELL_KNOWN = (
    100_000  # people; such a place needs nothing else that speaks for it, if hardly any other is meant
)
_LIKELY, _CERTAIN, _SOME = 0.4, 0.7, 0.5
_FAR_DEGREES = 0.6
_COMPANY = re.compile(r" & [A-Z]")


def by_article(
    simple: str,
    a: int,
    b: int,
    mention: PlaceMention | None,
    article: Article,
    context: tuple[str, ...],
    by_start: dict[int, CountryWord],
) -> PlaceMention | None:
    """Give the place that the article speaks for in a run of capitalised words, else the mention as it was."""
    if mention is not None and mention.lat is not None:
        return _other(simple, a, mention, article, context)
    if a in by_start and by_start[a].sort == "demonym":
        return mention
    before, after = simple[max(0, a - 60) : a], simple[b : b + 30]
    is_in = IN.search(before) is not None
    if (
        _COMPANY.match(after)
        or TITLE_BEFORE.search(before)
        or FAMILY.match(after)
        or (SPEAKS.match(after) and not is_in)
    ):
        return mention
    is_said, is_owner = is_located(simple, a, b), OWNS.match(simple, b) is not None
    side = SIDE.search(before)
    if side and (sense := article.senses.get(side.group() + simple[a:b])) and sense.is_local:
        return of_sense(a - len(side.group()), b, sense)
    for offset, form in forms_of(simple[a:b]):
        sense = article.senses.get(form)
        begin, end = a + offset, a + offset + len(form)
        if sense and _is_taken(form, sense, end == b, is_in, is_owner, is_said, article):
            return of_sense(begin, end, sense)
    return mention


def of_sense(a: int, b: int, sense: Sense) -> PlaceMention:
    """Make a mention of the place that a name means."""
    hit = sense.hit
    return PlaceMention(
        "",
        a,
        b,
        hit.name,
        hit.lat,
        hit.lon,
        hit.geo_precision,
        hit.adm0,
        hit.adm1,
        hit.gazetteer,
        hit.gazetteer_id,
    )


def _is_taken(
    form: str, sense: Sense, is_whole: bool, is_in: bool, is_owner: bool, is_said: bool, article: Article
) -> bool:
    if form in article.people and not is_in:
        return False
    is_word = " " not in form and sort_of(key_of(form)) != "name"
    if is_word and not (is_in or is_owner):
        return False
    if form.isupper() and len(form) <= 4:
        return False
    if sense.is_local:
        return True
    if not (is_whole and is_said):
        return False
    is_large = (sense.hit.population or 0) >= _WELL_KNOWN
    return sense.share >= (_LIKELY if is_large else _CERTAIN) and (is_large or sense.support >= _SOME)


def _other(
    simple: str, a: int, mention: PlaceMention, article: Article, context: tuple[str, ...]
) -> PlaceMention:
    """Give another place of the name where the article speaks for it against the one that was found."""
    start = max(a, mention.start)
    sense = article.senses.get(simple[start : mention.end])
    if sense is None or mention.gazetteer_id == sense.hit.gazetteer_id or not sense.is_local:
        return mention
    hit = sense.hit
    is_near = (
        abs((mention.lat or 0) - (hit.lat or 0)) + abs((mention.lon or 0) - (hit.lon or 0)) < _FAR_DEGREES
    )
    is_named = mention.adm0 in context and hit.adm0 not in context
    # what a user's own file or the shipped tables say of a name stands against other places than their own
    is_ours = mention.gazetteer not in ("geonames", "geonames-divisions", hit.gazetteer)
    if is_near or is_named or is_ours:
        return mention
    made = of_sense(mention.start, mention.end, sense)
    return replace(made, geo_precision=max(made.geo_precision or 1, mention.geo_precision or 1))
