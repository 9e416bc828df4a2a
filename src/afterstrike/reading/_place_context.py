"""What a text as a whole tells of its places: the countries and states it is about, and the people it names."""

from __future__ import annotations

import re
from collections import Counter

from afterstrike.reading._country import country_words, plain, role
from afterstrike.reading._division import divisions_in
from afterstrike.reading._place_article import Article

__all__ = ["context_countries", "person_names", "states_named"]


def context_countries(text: str, article: Article | None = None) -> tuple[str, ...]:
    """Give the countries a text is about, most named first, as ISO alpha-3 codes.

    Names count twice, adjectives and capitals once, a country that acts ("Moscow denied") only where no
    other is named. Countries with less than a tenth of the votes are left out. A capital that is not meant (see
    `read_article`: "Dublin" in Ohio) votes for the country of the place that is.

    Examples
    --------
    >>> context_countries("A strike in northern Yemen hit Yemeni positions, Washington said.")
    ('YEM',)
    """
    votes: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    senses = article.senses if article else {}
    for word in country_words(text):
        is_other = word.sort == "capital" or bool(article and word.text in article.no_countries)
        meant = senses.get(word.text) if is_other else None
        if meant and meant.is_local and meant.hit.adm0 and meant.hit.adm0 != word.adm0:
            votes[meant.hit.adm0] += 1
        elif word.sort == "demonym":
            votes[word.adm0] += 1
        elif role(text, word) == "place":
            votes[word.adm0] += 2 if word.sort == "name" else 1
        else:
            actors[word.adm0] += 1
    for division in divisions_in(plain(text)):
        votes[division.adm0] += 1
    votes = votes or actors
    total = sum(votes.values())
    return tuple(adm0 for adm0, count in votes.most_common(6) if count * 10 >= total)


_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Gen|General|Col|Colonel|Lt|Maj|Major|Capt|Captain|Sgt|President|Minister|Ambassador|Senator|Sheikh|"
    r"King|Prince|Secretary|Spokesman|Spokeswoman|spokesman|spokeswoman|spokesperson|Commander|commander|Chairman|Judge|Imam|"
    r"Ayatollah|Pope|Governor|governor|Mayor|mayor|Sheriff|Chief|chief|Officer|Detective|Prosecutor|named|called)\.?"
    r"((?:\s+[A-Z][\w'-]+){1,4})"
    r"|\b([A-Z][a-z'-]+(?:\s+[A-Z][\w.'-]*){0,2}\s+[A-Z][\w'-]+)(?:,\s+\d{1,2},|\s+(?:said|says|told|added|wrote)\b)"
)


def person_names(text: str) -> frozenset[str]:
    """Give the last names of the people a text names with a title, an age or a verb of speech.

    Such a name alone ("the killing of X") is no place, even where a town of that name is known.
    """
    found: set[str] = set()
    for match in _PERSON.finditer(plain(text)):
        name = (match[1] or match[2]).split()
        found.add(name[-1].removesuffix("'s"))
    return frozenset(found)


def states_named(text: str) -> frozenset[tuple[str, str]]:
    """Give country and code of the states and provinces that a text names.

    Examples
    --------
    >>> states_named("Police in Paris, Missouri, said")
    frozenset({('USA', 'MO')})
    """
    return frozenset((division.adm0, division.code) for division in divisions_in(plain(text)))
