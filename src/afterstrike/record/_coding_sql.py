"""SQL of the coding step: what a source text says (per distinct text), then what a row makes of it (per row).

The texts are read once each, however many rows share them. Names of parties are marked in the text first, so
that the patterns that follow stay small: MARK_A..MARK_B holds a party, DEMONYM_A..DEMONYM_B an adjective of a
country on its own ("Turkish"), JOINT separates the pieces of a headline that were kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = [
    "FEATURE_OWNERS",
    "BRANCHES",
    "decide_items",
    "features",
    "focus_texts",
    "item_texts",
    "marked_texts",
    "skeleton",
    "words",
]

MARK_A, MARK_B, DEMONYM_A, DEMONYM_B, JOINT = "\ue000", "\ue001", "\ue002", "\ue003", "\x1e"
_MARKS = MARK_A + MARK_B + DEMONYM_A + DEMONYM_B

# Where a party's name ends: closing quotes and a possessive belong to it.
_END = "[”\"'’)\\]]{0,3}s?"
_PARTY = f"{MARK_A}([^{MARK_B}{JOINT}]*){MARK_B}{_END}"
_OWNER = f"[{MARK_A}{DEMONYM_A}]([^{_MARKS}{JOINT}]*)[{MARK_B}{DEMONYM_B}]{_END}"
_TOKEN = f"[^\\s.;,{JOINT}]"
_ABOVE = "(air IS NOT NULL OR raid IS NOT NULL OR shelling IS NOT NULL)"
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
    """SQL of a text without the characters that mark names here."""
    return f"translate({text}, '{_MARKS}', '')"


def escape(name: str) -> str:
    """Write a name as a pattern; any run of spaces matches a space."""
    return r"\s+".join(re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", part) for part in name.split())


def party_pattern(name: str) -> str:
    """Write a party's name as a pattern: an acronym as it stands, any other name in any case."""
    letters = [c for c in name if c.isalpha()]
    acronym = len(letters) <= 8 and sum(c.isupper() for c in letters) * 2 > len(letters)
    return escape(name) if acronym else f"(?i:{escape(name)})"


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
    plain = f"regexp_replace({plain}, '[aeiouyw]|h\\b', '', 'g')"
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

    # a piece with a capital inside it, or an article before one, names some other place
    elsewhere = "regexp_matches(piece, '[^\\s“\"]\\s+[“\"]?(?:[Aa]l-)?[A-Z][a-z]')"
    kept = f"coalesce({near('place_bones')}, {near('adm2_bones')}, {near('adm1_bones')})"
    return f"""
    WITH heads AS MATERIALIZED (SELECT DISTINCT headline FROM {items}),
    mixed AS MATERIALIZED (
        SELECT headline FROM heads WHERE {hit(sky)}::INT + {hit(ground)}::INT + {hit(acts)}::INT > 1
    ),
    split AS MATERIALIZED (
        SELECT headline, list({{'text': piece, 'bones': {skeleton("piece")}, 'act': {hit(anything, "piece")}, 'elsewhere': {elsewhere}}} ORDER BY n)
            AS pieces
        FROM (SELECT headline, unnest(parts) AS piece, unnest(range(len(parts))) AS n
              FROM (SELECT headline, string_split_regex(headline, {literal("(?i)" + "|".join(joints))}) AS parts FROM mixed))
        GROUP BY headline HAVING count(*) > 1
    ),
    places AS MATERIALIZED (
        SELECT place, adm1, adm2, {skeleton("split_part(coalesce(place, ''), ',', 1)")} AS place_bones,
            {skeleton("coalesce(adm1, '')")} AS adm1_bones, {skeleton("coalesce(adm2, '')")} AS adm2_bones
        FROM (SELECT DISTINCT place, adm1, adm2 FROM {rows})
    ),
    wanted AS (
        SELECT DISTINCT i.headline, r.place, r.adm1, r.adm2
        FROM {rows} r JOIN {items} i USING (source_text) SEMI JOIN split s ON s.headline = i.headline
    ),
    focused AS (
        SELECT w.headline, w.place, w.adm1, w.adm2, list_transform({kept}, lambda p: p.text) AS kept
        FROM wanted w JOIN split s USING (headline)
        JOIN places p ON p.place IS NOT DISTINCT FROM w.place AND p.adm1 IS NOT DISTINCT FROM w.adm1
            AND p.adm2 IS NOT DISTINCT FROM w.adm2
    )
    SELECT r.key, i.item, i.office, i.headline,
        coalesce(nullif(array_to_string(f.kept, ' {JOINT} '), ''), i.headline) AS text
    FROM {rows} r JOIN {items} i USING (source_text)
    LEFT JOIN focused f ON f.headline = i.headline AND f.place IS NOT DISTINCT FROM r.place
        AND f.adm1 IS NOT DISTINCT FROM r.adm1 AND f.adm2 IS NOT DISTINCT FROM r.adm2
    """


def marked_texts(readings: str, parties: str, demonyms: str) -> str:
    """SQL of (text, marked): every distinct text with the names of parties and countries' adjectives marked."""
    party = literal(parties)
    country = literal(f"(^|[^\\p{{L}}{MARK_A}])({demonyms})($|[^\\p{{L}}])")
    return f"""
    SELECT text, regexp_replace(regexp_replace(text, {party}, '{MARK_A}\\1{MARK_B}', 'g'),
        {country}, '\\1{DEMONYM_A}\\2{DEMONYM_B}\\3', 'g') AS marked
    FROM (SELECT DISTINCT clean AS text FROM {readings})
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
        SELECT *, CASE WHEN {_ABOVE} THEN {_first("text", tied)} END AS tied,
        {owners}
        FROM (SELECT text, marked, {named} AS is_named,
        {kinds}
        FROM {texts})
    )
    """


def _resolved(name: str) -> str:
    """SQL of who is meant: a stand-in is resolved by the row's sides and country.

    The row's own government counts only where it is a side: else UCDP would have filed the event under it, and
    the words are about another one. Allies and outside powers are seldom sides, so they count always.
    """
    return (
        f"CASE {name}_p.token WHEN '@state' THEN r.state_here WHEN '@group' THEN r.group_side "
        f"WHEN '@rebels' THEN r.rebel_side "
        f"WHEN '@coalition' THEN r.coalition WHEN r.absent THEN NULL ELSE {name}_p.token END"
    )


# One branch of the rule a line: order, when, kind, initiator, the words, confidence before other items are seen.
# Names are columns of the query in `decide_items`; the first branch whose condition holds is taken.
_BRANCHES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("toll", "toll IS NOT NULL", "clash", "NULL", "toll", "low"),
    ("execution", "execution IS NOT NULL AND NOT sky", "violence_against_civilians", "execution_by", "coalesce(execution_words, execution)",
     "CASE WHEN execution_by IS NULL OR ground THEN 'low' ELSE 'moderate' END"),
    ("strike_owner", "sky AND owner IS NOT NULL AND (NOT ground OR tied IS NOT NULL OR civilians_only)", "strike", "owner", "owner_words",
     "CASE WHEN air IS NULL OR ground OR NOT contains(lower(owner_words), lower(air)) THEN 'moderate' ELSE 'high' END"),
    ("strike", "sky AND (NOT ground OR tied IS NOT NULL OR civilians_only)", "strike", "CASE WHEN NOT several_owners THEN aircraft END",
     "coalesce(air, raid)", "low"),
    ("strike_and_attack", "sky AND attack_by IS NOT NULL AND attack_sort NOT IN ('state', 'coalition')", "clash", "attack_by", "attack_words", "low"),
    ("strike_and_device", "sky AND device_by IS NOT NULL AND device_sort NOT IN ('state', 'coalition')", "clash", "device_by",
     "device_words", "low"),
    ("strike_and_advance", "sky AND advance_by IS NOT NULL", "clash", "advance_by", "advance_words", "low"),
    ("strike_and_ground", "sky", "clash", "NULL", "coalesce(clash, attack, device, air, raid)", "low"),
    ("monitor", "monitor AND NOT ground AND shelling IS NULL", "strike", "CASE WHEN NOT several_owners THEN coalesce(owner, support) END", "office_words", "low"),
    ("remnant", "remnant IS NOT NULL AND device IS NOT NULL", "other", "NULL", "remnant", "low"),
    ("device_owner", "device IS NOT NULL AND device_by IS NOT NULL AND device_sort NOT IN ('state', 'coalition')", "attack", "device_by", "device_words",
     "CASE WHEN clash IS NULL THEN 'high' ELSE 'moderate' END"),
    ("device", "device IS NOT NULL AND clash IS NULL", "attack", "coalesce(group_side, insurgent_side)", "device",
     "CASE WHEN group_side IS NULL OR regexp_matches(device, '(?i)^(?:explo(?:sion|ded|des)|blast)') THEN 'low' ELSE 'moderate' END"),
    ("attack_owner", "attack_by IS NOT NULL AND attack_sort NOT IN ('state', 'coalition')", "attack", "attack_by", "attack_words",
     "CASE WHEN clash IS NULL THEN 'high' ELSE 'moderate' END"),
    ("shelling_owner", "shelling IS NOT NULL AND owner IS NOT NULL AND clash IS NULL", "strike", "owner", "owner_words", "moderate"),
    ("shelling_group", "shelling IS NOT NULL AND group_owner IS NOT NULL AND clash IS NULL", "attack", "group_owner", "group_words", "moderate"),
    ("attack_coalition", "attack_by IS NOT NULL AND attack_sort = 'coalition'", "strike", "attack_by", "attack_words", "low"),
    ("attack_state", "attack_by IS NOT NULL", "clash", "attack_by", "attack_words", "moderate"),
    ("attack_target", "attacker IS NOT NULL AND attacker_is_group", "attack", "attacker", "target_words", "moderate"),
    ("attack_target_state", "attacker IS NOT NULL", "clash", "attacker", "target_words", "low"),
    ("advance_owner", "advance_by IS NOT NULL", "clash", "advance_by", "advance_words", "moderate"),
    ("attack", "attack IS NOT NULL AND clash IS NULL", "attack", "coalesce(group_side, insurgent_side)", "attack", "low"),
    ("clash", "clash IS NOT NULL", "clash", "NULL", "clash", "moderate"),
    ("shelling", "shelling IS NOT NULL", "strike", "NULL", "shelling", "low"),
    ("none", "true", "clash", "NULL", "NULL", "low"),
)  # fmt: skip
BRANCHES = tuple(branch[0] for branch in _BRANCHES)


def decide_items(rows: str, readings: str, found: str, parties: str, monitors: Sequence[str]) -> str:
    """SQL of (key, item, branch, kind, initiator, evidence, confidence): what each item says of its row.

    `parties` has (who, token, sort): a name as written, its canonical name or one of @state, @group, @rebels, @coalition.
    """
    joins = "\n".join(
        f"LEFT JOIN {parties} {n}_p ON {n}_p.who = f.{n}.who AND f.{n}.who <> ''" for n in FEATURE_OWNERS
    )
    strikes = [n for n in FEATURE_OWNERS if n.startswith("strike_")]
    # A party without aircraft is no owner of what comes from the air; and "shelling of the rebels" is not theirs:
    # without aircraft only who stands before the word, or after "by".
    able = {
        n: f"{n}_p.sort IN ('state', 'coalition') OR ({n}_p.sort = 'militia' AND f.air IS NULL)"
        for n in strikes
    }
    group = {n: f"{n}_p.sort IN ('insurgent', 'group') AND NOT regexp_matches(f.{n}.words, '(?i)\\s(?:of|from)\\s')"
             for n in strikes}  # fmt: skip
    owners = ",\n".join(
        f"CASE WHEN {able[n]} THEN {_resolved(n)} END AS {n}_owner, CASE WHEN {group[n]} THEN {_resolved(n)} END AS {n}_group, "
        f"f.{n}.words AS {n}_words" for n in strikes
    )  # fmt: skip

    def first_of(ending: str, words_too: bool = False) -> str:
        if words_too:
            return (
                "CASE " + " ".join(f"WHEN {n}_{ending} IS NOT NULL THEN {n}_words" for n in strikes) + " END"
            )
        return "coalesce(" + ", ".join(f"{n}_{ending}" for n in strikes) + ")"

    several = " OR ".join(f"{n}_owner <> any_owner" for n in strikes)
    plain = [n for n in FEATURE_OWNERS if not n.startswith("strike_") and n != "attack_on"]
    named = ",\n".join(f"{_resolved(n)} AS {n}, nullif(f.{n}.words, '') AS {n[:-3]}_words" for n in plain)
    office = " OR ".join(f"lower(i.office) = {literal(m.lower())}" for m in monitors) or "false"
    order = "\n".join(f"WHEN {when} THEN {n}" for n, (_, when, *_rest) in enumerate(_BRANCHES))

    def pick(part: int) -> str:
        cases = "\n".join(
            f"WHEN {n} THEN {b[part] if (part != 2 and not b[part].isalpha()) or part in (3, 4) else literal(b[part])}"
            for n, b in enumerate(_BRANCHES)
        )
        return f"CASE branch {cases} END"

    return f"""
    WITH joined AS (
        SELECT r.key, i.item, f.air, f.raid, f.shelling, f.device, f.attack, f.execution, f.advance, f.clash, f.toll,
            f.remnant, f.tied, r.civilians_only, r.group_side, r.insurgent_side, r.aircraft, r.support,
            {office} AS monitor, i.office_words,
            {owners},
            {named}, attack_by_p.sort AS attack_sort, device_by_p.sort AS device_sort, nullif(f.attack_on.words, '') AS target_words,
            CASE WHEN {_resolved("attack_on")} = r.side_a THEN nullif(r.side_b, 'Civilians')
                WHEN {_resolved("attack_on")} = r.side_b THEN r.side_a END AS attacker,
            r.sort_a, r.sort_b, r.side_a
        FROM {rows} r JOIN {readings} i USING (key) JOIN {found} f ON f.text = i.clean
        {joins}
    ),
    ready AS (
        SELECT *, {first_of("group")} AS group_owner, {first_of("group", True)} AS group_words,
            {first_of("owner")} AS any_owner, coalesce({several}, false) AS several_owners,
            CASE WHEN NOT several_owners THEN any_owner END AS owner, {first_of("owner", True)} AS owner_words,
            air IS NOT NULL OR (raid IS NOT NULL AND group_owner IS NULL
                AND (attack_by IS NULL OR attack_sort IN ('state', 'coalition'))) AS sky,
            clash IS NOT NULL OR attack IS NOT NULL OR device IS NOT NULL AS ground,
            CASE WHEN attacker = side_a THEN sort_a ELSE sort_b END NOT IN ('state', 'coalition') AS attacker_is_group
        FROM joined
    ),
    chosen AS (SELECT *, CASE {order} END AS branch FROM ready)
    SELECT key, item, branch, {pick(2)} AS kind, {pick(3)} AS initiator, translate({pick(4)}, '{_MARKS}', '') AS evidence,
        {pick(5)} AS confidence, coalesce(air, raid, shelling) AS above, execution
    FROM chosen
    """


def decide_rows(rows: str, items: str, label: str, lists: Mapping[str, Sequence[str]]) -> str:
    """SQL of the codes of every row: its most telling item, held against the others and against the whole text."""
    toll, none = BRANCHES.index("toll"), BRANCHES.index("none")
    air = literal("(?i)" + words(lists["air"]))
    return f"""
    WITH weighed AS (
        SELECT *, CASE branch WHEN {toll} THEN 1000 WHEN {none} THEN 2000 ELSE branch END AS weight FROM {items}
    ),
    best AS (
        SELECT key, arg_min({{'kind': kind, 'initiator': initiator, 'evidence': evidence, 'confidence': confidence}},
                weight * 10000 + item) AS b,
            count(*) AS items, count(DISTINCT kind || '|' || coalesce(initiator, '')) FILTER (weight < 1000) AS readings,
            min(above) AS above, min(execution) AS execution
        FROM weighed GROUP BY key
    ),
    coded AS (
        SELECT r.key, r.source_text,
            CASE WHEN r.one_sided AND r.sort_a IN ('state', 'coalition') AND above IS NOT NULL THEN 'strike'
                WHEN r.one_sided THEN 'violence_against_civilians'
                -- a strike must never be counted among the attacks it is thought to prevent
                WHEN b.kind = 'attack' AND regexp_matches(r.source_text, {air}) THEN 'clash'
                ELSE coalesce(b.kind, r.given_kind) END AS kind,
            CASE WHEN r.one_sided THEN r.side_a ELSE b.initiator END AS initiator,
            CASE WHEN NOT r.one_sided THEN b.evidence WHEN r.sort_a IN ('state', 'coalition') AND above IS NOT NULL THEN above
                ELSE execution END AS evidence,
            CASE WHEN r.one_sided THEN CASE WHEN r.side_a IS NULL THEN 'low' WHEN execution IS NOT NULL THEN 'high' ELSE 'moderate' END
                WHEN b.kind = 'attack' AND regexp_matches(r.source_text, {air}) THEN 'low'
                WHEN readings > 1 THEN CASE b.confidence WHEN 'high' THEN 'moderate' ELSE 'low' END
                WHEN items > 1 AND b.confidence = 'high' THEN 'moderate'
                ELSE coalesce(b.confidence, 'low') END AS confidence
        FROM {rows} r LEFT JOIN best USING (key)
    )
    SELECT key, kind, initiator, {literal(label)} AS coded_by,
        CASE WHEN contains(source_text, evidence) THEN evidence END AS coding_evidence, confidence
    FROM coded
    """
