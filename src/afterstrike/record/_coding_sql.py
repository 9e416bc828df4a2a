"""SQL of the coding step that reads texts: items, the pieces that matter, parties marked, words found.

The texts are read once each, however many rows share them. Names of parties are marked in the text first, so
that the patterns that follow stay small: MARK_A..MARK_B holds a party, DEMONYM_A..DEMONYM_B an adjective of a
country on its own ("Turkish"), JOINT separates the pieces of a headline that were kept.
"""
# ruff: noqa: E501  (SQL reads by its clauses, a pattern as one piece)

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = [
    "FEATURE_OWNERS",
    "MARKS",
    "STATE_NOUNS",
    "features",
    "focus_texts",
    "item_texts",
    "marked_texts",
    "skeleton",
    "words",
]

MARK_A, MARK_B, DEMONYM_A, DEMONYM_B, JOINT = "\ue000", "\ue001", "\ue002", "\ue003", "\x1e"
MARKS = MARK_A + MARK_B + DEMONYM_A + DEMONYM_B

# Where a party's name ends: closing quotes and a possessive belong to it.
_END = "[”\"'’)\\]]{0,3}s?"
_PARTY = f"{MARK_A}([^{MARK_B}{JOINT}]*){MARK_B}{_END}"
_OWNER = f"[{MARK_A}{DEMONYM_A}]([^{MARKS}{JOINT}]*)[{MARK_B}{DEMONYM_B}]{_END}"
_TOKEN = f"[^\\s.;,{JOINT}]"
_ABOVE = "(air IS NOT NULL OR raid IS NOT NULL OR shelling IS NOT NULL)"
# Whether the dead are tied to the strike matters only where the text tells of both a strike and the ground.
_TIED_ASKED = (
    "marked IS NOT NULL AND (air IS NOT NULL OR raid IS NOT NULL) AND "
    "(clash IS NOT NULL OR attack IS NOT NULL OR device IS NOT NULL)"
)
# A gap of up to n words; of long words only, where a short one ("in", "and", "by") would tie what is not tied.
_OPEN = '[\\s“"‘(]+'

# What a country's adjective stands before when the two together mean its government.
STATE_NOUNS = (
    "forces?", "army", "military", "troops", "government", "regime", "police", "soldiers", "navy", "air force",
    "marines", "commandos", "gendarmerie", "border guards",
)  # fmt: skip
FEATURE_WORDS = (
    "air", "raid", "shelling", "device", "attack", "execution", "advance", "clash", "toll", "remnant",
)  # fmt: skip
FEATURE_OWNERS = (
    "strike_first", "strike_last", "strike_after", "strike_pair", "attack_by", "attack_on", "device_by",
    "execution_by", "advance_by",
)  # fmt: skip


def _gap(most: int, *, long_words: bool = False) -> str:
    return f"(?:{_OPEN}{_TOKEN}{'{4,}' if long_words else '+'}){{0,{most}}}?{_OPEN}"


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def words(entries: Sequence[str]) -> str:
    """Give one pattern for a list of words; only their ends are checked against ASCII letters next to them."""
    latin = [e for e in entries if e[:1].isascii()]
    other = [e for e in entries if not e[:1].isascii()]
    parts = [rf"\b(?:{'|'.join(latin)})\b"] if latin else []
    return "(?:" + "|".join([*parts, *other]) + ")"


def _first(text: str, pattern: str) -> str:
    """SQL of the first match, NULL where there is none."""
    return f"nullif(regexp_extract({text}, {literal('(?i)' + pattern)}), '')"


def _who(pattern: str) -> str:
    """SQL of a struct (words, who) of a pattern with two groups."""
    return f"regexp_extract(marked, {literal('(?is)' + pattern)}, ['words', 'who'])"


def _lead(act: str, most: int) -> str:
    """SQL of a struct (words, who, tail): the last party before an act, and the word behind the act."""
    pattern = f"(?is)^.*({_PARTY}{_gap(most)}{act})((?:\\s+{_TOKEN}+)?)"
    return f"regexp_extract(marked, {literal(pattern)}, ['words', 'who', 'tail'])"


def clean(text: str) -> str:
    """SQL of a text without the characters that mark names here; hardly any text has one, so look first."""
    return (
        f"CASE WHEN regexp_matches({text}, '[{MARKS}]') THEN translate({text}, '{MARKS}', '') ELSE {text} END"
    )


def escape(name: str) -> str:
    """Write a name as a pattern; any run of spaces matches a space."""
    return r"\s+".join(re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", part) for part in name.split())


def is_acronym(name: str) -> bool:
    """Say whether a name must keep its capitals to be recognised."""
    letters = [c for c in name if c.isalpha()]
    return len(letters) <= 8 and sum(c.isupper() for c in letters) * 2 > len(letters)


def item_texts(rows: str) -> str:
    """SQL of (source_text, item, office, headline): a row's sources, one a line.

    UCDP writes `"office,date,headline";"..."`; before 2014 also `Office date "headline" /(2)Office ...`.
    """
    return f"""
    WITH texts AS (SELECT DISTINCT source_text FROM {rows} WHERE source_text IS NOT NULL),
    items AS (
        SELECT source_text, unnest(parts) AS raw_item, unnest(range(1, len(parts) + 1)) AS item
        FROM (SELECT source_text, string_split_regex(source_text, '"\\s*;\\s*"|\\s/\\s?\\(\\d+\\)') AS parts FROM texts)
    )
    SELECT source_text, item,
        trim(regexp_extract(raw_item, '^"?([^,"]{{0,60}}),\\d{{4}}-\\d{{2}}-\\d{{2}},', 1)) AS office,
        coalesce(nullif(regexp_extract(raw_item, '^"?[^,"]{{0,60}},\\d{{4}}-\\d{{2}}-\\d{{2}},(?s:(.*))$', 1), ''),
                 raw_item) AS headline
    FROM items
    """


def skeleton(text: str) -> str:
    """SQL of the consonants of a name, word by word: Ar Raqqah and Raqqa, Deir ez Zor and Deir Ezzor agree."""
    plain = f"regexp_replace(lower(strip_accents({text})), '[^a-z]+', ' ', 'g')"
    plain = (
        f"regexp_replace({plain}, '\\b(?:al|ar|as|ash|ad|at|an|az|el|ez|es|ed|er|the|of|city|town|village|"
        "district|subdistrict|province|governorate|state|region|department|municipality|county|airport|desert|"
        "countryside|area|road|near|north|south|east|west|northern|southern|eastern|western|rural)\\b', ' ', 'g')"
    )
    plain = f"translate(regexp_replace({plain}, 'h\\b', '', 'g'), 'aeiouyw', '')"
    for some in ("bdfgjklmn", "cpqrstvxz"):
        doubled = "|".join(f"{consonant}({consonant})" for consonant in some)
        plain = f"regexp_replace({plain}, '{doubled}', '\\1\\2\\3\\4\\5\\6\\7\\8\\9', 'g')"
    return f"trim(regexp_replace({plain}, '\\s+', ' ', 'g'))"


def focus_texts(rows: str, items: str, joints: Sequence[str], lists: Mapping[str, Sequence[str]]) -> str:
    """SQL of (key, item, office, text): each row's items, cut to the pieces that name the row's own place.

    Only headlines that tell of several things are cut, and only where a piece names the place and an act.
    """
    sky = words([*lists["air"], *lists["raid"], *lists["shelling"]])
    ground = words(lists["clash"])
    acts = words([*lists["device"], *lists["attack"], *lists["execution"]])
    anything = words([w for name in ("air", "raid", "shelling", "clash", "device", "attack", "execution", "advance")
                      for w in lists[name]])  # fmt: skip

    def hit(pattern: str, text: str = "headline") -> str:
        return f"regexp_matches({text}, {literal('(?i)' + pattern)})"

    def near(name: str) -> str:
        here = f"contains(' ' || p.bones || ' ', ' ' || {name} || ' ')"
        found = f"len(list_filter(pieces, lambda p: len({name}) > 1 AND p.act AND {here})) > 0"
        return f"CASE WHEN {found} THEN list_filter(pieces, lambda p: {here} OR NOT p.elsewhere) END"

    joint = "|".join(joints)
    # a piece with a capital inside it, or an article before one, names some other place
    elsewhere = "regexp_matches(piece, '[^\\s“\"]\\s+[“\"]?(?:[Aa]l-)?[A-Z][a-z]')"
    kept = f"coalesce({near('place_bones')}, {near('adm2_bones')}, {near('adm1_bones')})"
    # Most headlines tell of one thing; what is costly (the consonants of names) is done for the others alone.
    return f"""
    WITH mixed AS MATERIALIZED (
        SELECT headline, string_split_regex(headline, {literal("(?i)" + joint)}) AS parts
        FROM (SELECT DISTINCT headline FROM {items})
        WHERE {hit(joint)} AND {hit(sky)}::INT + {hit(ground)}::INT + {hit(acts)}::INT > 1
    ),
    split AS MATERIALIZED (
        SELECT headline, list_transform(parts, lambda piece:
            {{'text': piece, 'bones': {skeleton("piece")}, 'act': {hit(anything, "piece")}, 'elsewhere': {elsewhere}}}) AS pieces
        FROM mixed WHERE len(parts) > 1
    ),
    wanted AS MATERIALIZED (
        SELECT DISTINCT i.headline, r.place, r.adm1, r.adm2
        FROM (SELECT source_text, headline FROM {items} SEMI JOIN split USING (headline)) i JOIN {rows} r USING (source_text)
    ),
    places AS MATERIALIZED (
        SELECT place, adm1, adm2, {skeleton("split_part(coalesce(place, ''), ',', 1)")} AS place_bones,
            {skeleton("coalesce(adm1, '')")} AS adm1_bones, {skeleton("coalesce(adm2, '')")} AS adm2_bones
        FROM (SELECT DISTINCT place, adm1, adm2 FROM wanted)
    ),
    focused AS MATERIALIZED (
        SELECT w.headline, w.place, w.adm1, w.adm2,
            nullif(array_to_string(list_transform({kept}, lambda p: p.text), ' {JOINT} '), '') AS text
        FROM wanted w JOIN split s USING (headline)
        JOIN places p ON p.place IS NOT DISTINCT FROM w.place AND p.adm1 IS NOT DISTINCT FROM w.adm1
            AND p.adm2 IS NOT DISTINCT FROM w.adm2
    )
    SELECT r.key, r.one_sided, i.item, i.office, coalesce(f.text, i.headline) AS text
    FROM {rows} r JOIN {items} i USING (source_text)
    LEFT JOIN focused f ON f.headline = i.headline AND f.place IS NOT DISTINCT FROM r.place
        AND f.adm1 IS NOT DISTINCT FROM r.adm1 AND f.adm2 IS NOT DISTINCT FROM r.adm2
    """


def marked_texts(readings: str, parties: str, demonyms: str) -> str:
    """SQL of (text, marked): every distinct text with the names of parties and countries' adjectives marked.

    Who did what is asked only of rows that are not one-sided; elsewhere nothing is marked.
    """
    party = literal(parties)
    country = literal(f"(^|[^\\p{{L}}{MARK_A}])({demonyms})($|[^\\p{{L}}])")
    return f"""
    SELECT text, CASE WHEN is_asked THEN regexp_replace(regexp_replace(text, {party}, '{MARK_A}\\1{MARK_B}', 'g'),
        {country}, '\\1{DEMONYM_A}\\2{DEMONYM_B}\\3', 'g') END AS marked
    FROM (SELECT clean AS text, bool_or(one_sided IS NOT TRUE) AS is_asked FROM {readings} GROUP BY clean)
    """


def _owner_columns(lists: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    """Give for each pattern of who-did-what: when it is worth a look, and the SQL of (words, who)."""
    above = words([*lists["air"], *lists["raid"], *lists["shelling"]])
    by = words(lists["by"])
    verb = words([*lists["attacker_verb"], *lists["attack"]])
    device, execution, advance = (words(lists[n]) for n in ("device", "execution", "advance"))
    the = r"(?:the\s+|an?\s+|several\s+)*(?:[\w-]+\s+of\s+(?:the\s+)?)?[“\"‘]?"
    second = _OWNER.replace("([^", "(?:[^")

    def before(
        act: str, most: int, *, long_words: bool = False, last: bool = True, party: str = _PARTY
    ) -> str:
        return _who(f"{'^.*' if last else ''}({party}{_gap(most, long_words=long_words)}{act})")

    def after(act: str, link: str, most: int, party: str = _PARTY) -> str:
        return _who(f"({act}{_gap(most)}{link}\\s+{the}{party})")

    target = words([*lists["attack"], *lists["device"], "target(?:s|ing|ed)?", "explosions?"])
    onto = rf"(?:against|on|targets?|targeting|hits?)\s+(?:{_TOKEN}+\s+){{0,3}}?[“\"‘]?"
    pair = rf"({_OWNER}{_OPEN}(?:and|or|as well as)\s+(?:the\s+)?(?:{_TOKEN}+\s+)?{second}{_gap(2, long_words=True)}{above})"
    return {
        "strike_first": (_ABOVE, before(above, 2, long_words=True, last=False, party=_OWNER)),
        "strike_last": (_ABOVE, before(above, 2, long_words=True, party=_OWNER)),
        "strike_after": (_ABOVE, _who(f"({above}(?:{_gap(5)}{by}|{_OPEN}(?:of|from))\\s+{the}{_OWNER})")),
        "strike_pair": (_ABOVE, _who(pair)),
        "attack_noun": ("true", after(words([*lists["attack"], "targeting"]), "by", 3)),
        "attack_lead": ("true", _lead(verb, 4)),
        "attack_on": ("true", _who(f"({target}{_gap(4)}{onto}{_PARTY})")),
        "device_noun": ("device IS NOT NULL", _who(f"({device}(?:{_gap(3)}by|{_OPEN}of)\\s+{the}{_PARTY})")),
        "device_lead": ("device IS NOT NULL", _lead(device, 3)),
        "execution_noun": ("execution IS NOT NULL", after(execution, "by", 3)),
        "execution_lead": ("execution IS NOT NULL", _lead(execution, 4)),
        "advance_noun": (
            "advance IS NOT NULL",
            _who(f"({advance}(?:{_gap(3)}by|{_OPEN}(?:of|for))\\s+{the}{_PARTY})"),
        ),
        "advance_lead": ("advance IS NOT NULL", _lead(advance, 4)),
    }


def features(texts: str, lists: Mapping[str, Sequence[str]]) -> str:
    """SQL of what each marked text says: the first word of each kind, and the party named for it."""
    above = words([*lists["air"], *lists["raid"], *lists["shelling"]])
    killing = words(lists["killing"])
    tied = (
        f"(?:{killing}{_gap(6)}(?:in|by|of|from|during|due to)\\s+(?:{_TOKEN}+\\s+){{0,5}}?{above}"
        f"|{above}(?:{_OPEN}{_TOKEN}+){{0,8}}?{_OPEN}{killing})"
    )
    named = f"(contains(marked, '{MARK_A}') OR contains(marked, '{DEMONYM_A}'))"
    kinds = ",\n        ".join(f"{_first('text', words(lists[k]))} AS {k}" for k in FEATURE_WORDS)
    raw = _owner_columns(lists)
    owners = ",\n        ".join(
        f"CASE WHEN is_named AND {when} THEN {sql} END AS {k}" for k, (when, sql) in raw.items()
    )
    # "regime forces killed in an attack": the party before the word is the one attacked
    passive = literal(
        r"(?i)\s(?:in|by|during|after|from|were|was|killed|dies|died|against|on|at|over|between|for|through|since|with|"
        r"as|and|amid|near|under|where|support\w*|backed|cover|expense)\s"
    )

    # "leader executed", "boss captured in ...": a participle with no object behind it
    undergone = literal(r"(?i)ed(?:\s+(?:in|by|for|after|near|at|on|during|from|as|with|outside|along))?$")

    def act_by(name: str) -> str:
        return (
            f"CASE WHEN {name}_noun.words <> '' THEN {name}_noun "
            f"WHEN NOT regexp_matches({name}_lead.words, {passive}) AND "
            f"NOT regexp_matches({name}_lead.words || {name}_lead.tail, {undergone}) "
            f"THEN {{'words': {name}_lead.words, 'who': {name}_lead.who}} END AS {name}_by"
        )

    acts = ", ".join(act_by(name) for name in ("attack", "device", "execution", "advance"))
    return f"""
    SELECT text, {", ".join(FEATURE_WORDS)}, tied, strike_first, strike_last, strike_after, strike_pair, attack_on, {acts}
    FROM (
        SELECT *, CASE WHEN {_TIED_ASKED} THEN regexp_matches(text, {literal("(?i)" + tied)}) END AS tied,
        {owners}
        FROM (SELECT text, marked, {named} AS is_named,
        {kinds}
        FROM {texts})
    )
    """
