"""What a row makes of what its texts say: the branches of the rule, in order, and the choice among a row's items.

The branches are a table: the first whose condition holds is taken. docs/coding.md says the same in words.
"""
# ruff: noqa: E501  (the table of branches reads by its columns; SQL reads by its clauses)

from __future__ import annotations

from collections.abc import Mapping, Sequence

from afterstrike.record._coding_sql import FEATURE_OWNERS, MARKS, literal, words

__all__ = ["BRANCHES", "decide_items", "decide_rows"]


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
    ("strike_owner", "sky AND owner IS NOT NULL AND (NOT ground OR tied OR civilians_only)", "strike", "owner", "owner_words",
     "CASE WHEN air IS NULL OR ground OR NOT contains(lower(owner_words), lower(air)) THEN 'moderate' ELSE 'high' END"),
    ("strike", "sky AND (NOT ground OR tied OR civilians_only)", "strike", "CASE WHEN NOT several_owners THEN aircraft END",
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
    SELECT key, item, branch, {pick(2)} AS kind, {pick(3)} AS initiator, translate({pick(4)}, '{MARKS}', '') AS evidence,
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
