"""The coding step: each branch of the rule on invented headlines, and what must hold whatever the text."""
# ruff: noqa: E501  (the table of cases reads by its columns)

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.errors import UsageError
from afterstrike.record import EVENT_KINDS, open_record
from afterstrike.record._code import code_rows
from afterstrike.record._coding_rule import CodingRule, load_rule, parse_rule
from afterstrike.record._coding_store import recode

STATE = ("Government of Syria", "IS")
GROUPS = ("IS", "SDF")
LEAGUE = ("Alpha Brigade, Beta Brigade", "IS")
COLUMNS = (
    "key BIGINT, kind VARCHAR, side_a VARCHAR, side_b VARCHAR, place VARCHAR, adm0 VARCHAR, adm1 VARCHAR, adm2 VARCHAR, "
    "source_text VARCHAR, fatalities_best INTEGER, civilian_fatalities_best INTEGER"
)


def item(headline: str, office: str = "Wire") -> str:
    """Write a headline as UCDP does."""
    return f'"{office},2016-05-01,{headline}"'


def code(*rows: dict[str, Any], rule: CodingRule | None = None) -> list[dict[str, Any]]:
    """Code rows given by what differs from a plain one."""
    import duckdb

    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE given ({COLUMNS})")
        for key, row in enumerate(rows):
            side_a, side_b = row.get("sides", STATE)
            kind = "violence_against_civilians" if side_b == "Civilians" else "clash"
            text = row["text"] if "text" in row else item(row["headline"])
            con.execute(
                "INSERT INTO given VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [key, kind, side_a, side_b, row.get("place"), row.get("adm0", "SYR"), row.get("adm1"), None, text,
                 row.get("best", 4), row.get("civilians", 0)],
            )  # fmt: skip
        code_rows(con, "SELECT * FROM given", rule or load_rule("ged-words"))
        done = con.execute("SELECT * FROM code_codes ORDER BY key")
        names = [column[0] for column in done.description]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


CASES: list[tuple[str, dict[str, Any], str, str | None, str]] = [
    ("coalition aircraft", {"headline": "International Coalition warplanes hit a depot", "sides": GROUPS},
     "strike", "US-led coalition", "high"),
    ("bare coalition", {"headline": "More airstrikes by the Coalition near the river", "sides": GROUPS},
     "strike", "US-led coalition", "high"),
    ("another country's coalition", {"headline": "Coalition airstrikes hit the port", "sides": ("Government of Yemen (North Yemen)", "Ansarallah"), "adm0": "YEM"},
     "strike", "Saudi-led coalition", "high"),
    ("adjective of a country", {"headline": "Raids by warplanes believed to be Russian kill 9"},
     "strike", "Government of Russia", "high"),
    ("two owners", {"headline": "Russian and regime warplanes strike the valley"}, "strike", None, "low"),
    ("the state's aircraft, unnamed", {"headline": "Warplanes bomb the town"}, "strike", "Government of Syria", "low"),
    ("who flies for a side, unnamed", {"headline": "Warplanes bomb the town", "sides": GROUPS},
     "strike", "US-led coalition", "low"),
    ("a monitor of strikes", {"text": item("May 9th 2016: (X1) Lower Village, Syria", "Airwars"), "sides": GROUPS},
     "strike", "US-led coalition", "low"),
    ("state shelling", {"headline": "The regime forces shell the eastern villages"},
     "strike", "Government of Syria", "moderate"),
    ("a neighbour's shelling", {"headline": "Continued Turkish shelling on the town", "sides": ("Government of Turkey", "IS")},
     "strike", "Government of Turkey", "moderate"),
    ("unowned shelling", {"headline": "Shells fall on the quarter"}, "strike", None, "low"),
    ("group's rockets", {"headline": "Rockets fired by ISIS hit the quarter"}, "attack", "IS", "moderate"),
    ("bomb as a verb", {"headline": "Government forces bomb the hills"}, "strike", "Government of Syria", "moderate"),
    ("named attacker", {"headline": "ISIS attacks a checkpoint of the regime forces"}, "attack", "IS", "high"),
    ("attack by", {"headline": "10 members of the regime forces killed in an attack by the “Islamic State”"},
     "attack", "IS", "high"),
    ("a stand-in for the group", {"headline": "Militants attack the barracks"}, "attack", "IS", "high"),
    ("a league of groups", {"headline": "Attack by the rebels kills five", "sides": LEAGUE},
     "attack", "Alpha Brigade, Beta Brigade", "high"),
    ("only the target named", {"headline": "New attack targets the SDF near the river", "sides": GROUPS}, "attack", "IS", "moderate"),
    ("planted by", {"headline": "Mines planted by ISIS kill 3", "sides": GROUPS}, "attack", "IS", "high"),
    ("device, a state on the other side", {"headline": "Car bomb kills eight soldiers"}, "attack", "IS", "moderate"),
    ("device, two groups", {"headline": "A landmine kills two", "sides": GROUPS}, "attack", "IS", "low"),
    ("remnants of war", {"headline": "Explosion of remnants of war kills a farmer"}, "other", None, "low"),
    ("state attacks on the ground", {"headline": "Regime forces attack the hills"}, "clash", "Government of Syria", "moderate"),
    ("advance", {"headline": "SDF advance in the northern villages", "sides": GROUPS}, "clash", "SDF", "moderate"),
    ("regain", {"headline": "Violent clashes within the operation by the regime forces to regain the pass"},
     "clash", "Government of Syria", "moderate"),
    ("clashes", {"headline": "Continued clashes around the airbase"}, "clash", None, "moderate"),
    ("toll", {"headline": "74 were killed yesterday including 9 in airstrikes and 3 by a mine"}, "clash", None, "low"),
    ("unrelated", {"headline": "Talks on water go on"}, "clash", None, "low"),
    ("strike and clashes", {"headline": "Clashes go on under intense airstrikes"}, "clash", None, "low"),
    ("the dead tied to the strike", {"headline": "Airstrikes by the coalition kill 6 as clashes go on", "sides": GROUPS},
     "strike", "US-led coalition", "moderate"),
    ("only civilians dead", {"headline": "Clashes and Coalition airstrikes in the valley", "sides": GROUPS, "best": 3, "civilians": 3},
     "strike", "US-led coalition", "moderate"),
    ("execution", {"headline": "ISIS executes two captives"}, "violence_against_civilians", "IS", "moderate"),
    ("one-sided", {"headline": "Bodies found", "sides": ("IS", "Civilians")}, "violence_against_civilians", "IS", "moderate"),
    ("one-sided with the act named", {"headline": "Five people beheaded", "sides": ("IS", "Civilians")},
     "violence_against_civilians", "IS", "high"),
    ("one-sided from the air", {"headline": "Barrel bombs kill 12", "sides": ("Government of Syria", "Civilians")},
     "strike", "Government of Syria", "moderate"),
    ("a group has no aircraft", {"headline": "Airstrike in the city", "sides": ("IS", "Civilians")},
     "violence_against_civilians", "IS", "moderate"),
    ("another continent", {"headline": "Al-Shabaab ambushes a convoy of the army", "sides": ("Government of Somalia", "al-Shabaab"), "adm0": "SOM"},
     "attack", "al-Shabaab", "high"),
    ("a group only its row names", {"headline": "Gunmen of Red Lotus Front storm a police post", "sides": ("Government of Peru", "Red Lotus Front"), "adm0": "PER"},
     "attack", "Red Lotus Front", "high"),
    ("a cartel", {"headline": "CJNG kills a commander", "sides": ("Jalisco Cartel New Generation", "Sinaloa Cartel"), "adm0": "MEX"},
     "attack", "Jalisco Cartel New Generation", "high"),
    ("Spanish", {"headline": "Enfrentamiento deja tres muertos", "sides": ("Los Zetas", "Sinaloa Cartel"), "adm0": "MEX"},
     "clash", None, "moderate"),
]  # fmt: skip


@pytest.fixture(scope="module")
def coded_cases() -> list[dict[str, Any]]:
    return code(*(row for _, row, *_ in CASES))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case[0] for case in CASES])
def test_each_branch_of_the_rule(coded_cases: list[dict[str, Any]], number: int) -> None:
    _, row, kind, initiator, confidence = CASES[number]
    got = coded_cases[number]
    assert (got["kind"], got["initiator"], got["confidence"]) == (kind, initiator, confidence), got
    text = row["text"] if "text" in row else item(row["headline"])
    assert got["coding_evidence"] is None or got["coding_evidence"] in text
    assert got["coded_by"] == load_rule("ged-words").label


def test_evidence_is_given_wherever_words_decide(coded_cases: list[dict[str, Any]]) -> None:
    without = {CASES[i][0] for i, got in enumerate(coded_cases) if got["coding_evidence"] is None}
    assert without == {"unrelated", "one-sided", "a group has no aircraft"}


def test_the_piece_that_names_the_rows_place_decides() -> None:
    headline = "Airstrikes on Homs and clashes in the vicinity of Der-Ezzor"
    clash, strike = code(
        {"headline": headline, "place": "Deir ez Zor town"}, {"headline": headline, "place": "Homs city"}
    )
    assert (clash["kind"], clash["initiator"]) == ("clash", None)
    assert (strike["kind"], strike["initiator"]) == ("strike", "Government of Syria")


def test_several_items_lower_the_confidence() -> None:
    one = item("ISIS attacks a checkpoint")
    single, same, other = code({"text": one}, {"text": one + ";" + item("75 were killed yesterday")},
                               {"text": one + ";" + item("Continued clashes in the hills")})  # fmt: skip
    assert [r["confidence"] for r in (single, same, other)] == ["high", "moderate", "moderate"]
    assert {r["kind"] for r in (single, same, other)} == {"attack"}


def test_the_rows_own_government_counts_only_as_a_side() -> None:
    headline = "The regime forces shell the eastern villages"
    side, other = code({"headline": headline}, {"headline": headline, "sides": GROUPS})
    assert side["initiator"] == "Government of Syria"
    assert other["initiator"] is None and other["confidence"] == "low"


def test_old_source_format_is_read() -> None:
    text = 'EFE 14 Dec 2011 "Talks go on" /(2)AFP 15 Dec 2011 "Militants ambush a patrol"'
    assert code({"text": text})[0]["kind"] == "attack"


def test_a_lower_case_word_is_no_acronym() -> None:
    assert code({"headline": "It is attacks like these that kill"})[0]["coding_evidence"] == "attacks"


AIR_WORDS = ["warplanes", "airstrikes", "air strikes", "aerial bombardment", "helicopters", "a drone"]


@pytest.mark.parametrize("sides", [STATE, GROUPS, LEAGUE])
def test_a_dyad_is_not_an_attack(sides: tuple[str, str]) -> None:
    shapes = [
        "{} hit ISIS positions", "ISIS fighters killed by {}", "ISIS attacks the town under {}",
        "Attack by ISIS on the hills and {} over the town", "Car bomb and {} in the valley",
    ]  # fmt: skip
    rows = [{"headline": shape.format(word), "sides": sides} for shape in shapes for word in AIR_WORDS]
    rows += [
        {"text": item("ISIS attacks the town") + ";" + item(f"{word} over the valley"), "sides": sides}
        for word in AIR_WORDS
    ]
    assert [got for got in code(*rows) if got["kind"] == "attack"] == []


def test_coding_is_deterministic() -> None:
    rows = [row for _, row, *_ in CASES]
    forward, backward = code(*rows), code(*reversed(rows))
    strip = [{k: v for k, v in got.items() if k != "key"} for got in forward]
    assert strip == [{k: v for k, v in got.items() if k != "key"} for got in reversed(backward)]


def test_codes_do_not_depend_on_how_many_rows_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = "Coalition airstrikes and clashes in the valley kill 6"
    rows = [row for _, row, *_ in CASES]
    # one text under both sorts of row: what a one-sided row does not ask must not be missing elsewhere
    rows += [{"headline": shared, "sides": ("IS", "Civilians")}, {"headline": shared, "sides": GROUPS}]
    at_once = code(*rows)
    monkeypatch.setattr("afterstrike.record._code.BATCH", 7)
    assert code(*rows) == at_once
    assert at_once[-1]["initiator"] == "US-led coalition"
    assert at_once[-2]["kind"] == "violence_against_civilians"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(
    st.fixed_dictionaries({
        "text": st.none() | st.text(max_size=80) | st.lists(
            st.sampled_from(["ISIS", "Turkish", "warplanes", "attack", "by", "the", "regime forces", "killed", "mines",
                             "clashes", " and ", '";"', "\ue000", "\x1e", "\x00", "'", "(", "\\", "غارات"]), max_size=12,
        ).map(" ".join),
        "sides": st.tuples(st.none() | st.text(max_size=12), st.none() | st.text(max_size=12) | st.just("Civilians")),
        "place": st.none() | st.text(max_size=10),
        "adm0": st.none() | st.sampled_from(["SYR", "XXX"]),
    }), min_size=1, max_size=25,
))  # fmt: skip
def test_any_text_gets_an_allowed_code(rows: list[dict[str, Any]]) -> None:
    got = code(*rows)
    assert len(got) == len(rows)
    for row, codes in zip(rows, got, strict=True):
        assert codes["kind"] in EVENT_KINDS
        assert codes["confidence"] in ("low", "moderate", "high")
        assert codes["coding_evidence"] is None or codes["coding_evidence"] in row["text"]


def test_an_off_rule_names_nobody() -> None:
    got = code(*(row for _, row, *_ in CASES), rule=load_rule("none"))
    assert {r["initiator"] for r in got} == {None}
    assert {r["kind"] for r in got} == {"clash", "violence_against_civilians"}
    assert {r["coded_by"] for r in got} == {"ged-type"}


def test_a_rule_of_ones_own() -> None:
    text = (
        load_rule("ged-words")
        .text.replace('name = "ged-words"', 'name = "mine"')
        .replace("'warplanes?'", "'kites?'")
    )
    text = text.replace("'war[- ]?planes?'", "'kites?'")
    mine = parse_rule(text, "mine.toml")
    row = {"headline": "Kites bomb the town"}
    assert code(row, rule=mine)[0]["kind"] == "strike"
    assert code(row, rule=mine)[0]["coded_by"] == "mine 1"
    assert code(row)[0]["coding_evidence"] != "Kites"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name = ", "nom = "), "has no name"),
        (("air = [", "sky = ["), r"\[words\] air"),
        (("'UAVs?'", "'(UAVs?)'"), "capturing group"),
        (("'UAVs?'", "'UAVs['"), "no pattern"),
        (("[words]", "[words"), "no TOML"),
    ],
)
def test_a_broken_rule_is_refused(change: tuple[str, str], message: str) -> None:
    text = load_rule("ged-words").text
    assert change[0] in text
    with pytest.raises(UsageError, match=message):
        parse_rule(text.replace(*change, 1), "mine.toml")


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="ged-words, none"):
        load_rule("no-such-rule")


# -- in a record ---------------------------------------------------------------------------------------------------


def ged_file(folder: Path, headlines: list[str]) -> Path:
    """Write a small file in GED's layout."""
    path = folder / "ged.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(
            [
                "id",
                "type_of_violence",
                "side_a",
                "side_b",
                "latitude",
                "longitude",
                "date_start",
                "date_end",
                "best",
                "low",
                "high",
                "source_article",
                "where_coordinates",
                "adm_1",
                "country",
                "deaths_civilians",
                "where_prec",
                "date_prec",
            ]
        )
        for number, headline in enumerate(headlines, 1):
            writer.writerow([number, 1, "Government of Syria", "Islamic State", 35.0, 38.0, "2016-05-01", "2016-05-01",
                             4, 4, 4, item(headline), "Testtown", "Test Governorate", "Syria", 0, 1, 1])  # fmt: skip
    return path


HEADLINES = ["ISIS attacks a checkpoint", "Russian warplanes hit the hills", "Continued clashes in the hills"]


def codes_of(record: Any) -> list[tuple[Any, ...]]:
    return record.connection.execute(
        "SELECT source_id, kind, initiator, coded_by, confidence, side_b FROM events ORDER BY source_id"
    ).fetchall()


def test_import_codes_and_canonical_sides(tmp_path: Path) -> None:
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(ged_file(tmp_path, HEADLINES))
        got = codes_of(record)
    assert [row[1:3] for row in got] == [
        ("attack", "IS"),
        ("strike", "Government of Russia"),
        ("clash", None),
    ]
    assert {row[5] for row in got} == {"IS"}


def test_switch_off_undo_and_standing_rule(tmp_path: Path) -> None:
    path = ged_file(tmp_path, HEADLINES)
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(path)
        before = codes_of(record)
        report = recode(record.connection, "none")
        assert (report.read, report.updated) == (3, 3)
        assert {row[2] for row in codes_of(record)} == {None}
        assert {row[1] for row in codes_of(record)} == {"clash"}
        # the choice stands: adding the file again changes nothing
        assert record.add(path).unchanged == 3
        assert record.undo(report.import_id)["restored"] == 3
        assert codes_of(record) == before
        assert record.add(path).unchanged == 3
        again = recode(record.connection, "ged-words")
        assert (again.updated, again.unchanged) == (0, 3)


def test_a_persons_codes_stand_over_the_rule(tmp_path: Path) -> None:
    path = ged_file(tmp_path, HEADLINES)
    hand = tmp_path / "codes.csv"
    hand.write_text(
        "event_id,kind,initiator,coded_by\nucdp-ged:3,attack,IS,coder 7\nucdp-ged:99,clash,,\n",
        encoding="utf-8",
    )
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(path)
        before = codes_of(record)
        report = recode(record.connection, hand)
        assert (report.read, report.updated, report.rejected) == (2, 1, 1)
        assert codes_of(record)[2][1:4] == ("attack", "IS", "coder 7")
        assert codes_of(record)[:2] == before[:2]
        assert "ucdp-ged:99" in record.rejected(report.import_id)[0]["reason"]
        assert record.add(path).unchanged == 3
        record.undo(report.import_id)
        assert codes_of(record) == before


def test_bad_codes_change_nothing(tmp_path: Path) -> None:
    hand = tmp_path / "codes.csv"
    with open_record(tmp_path / "r.duckdb") as record:
        record.add(ged_file(tmp_path, HEADLINES))
        before = codes_of(record)
        for text, message in [("event_id,kind\n", "initiator"), ("event_id,kind,initiator\nucdp-ged:1,raid,IS\n", "'raid'"),
                              ("event_id,kind,initiator\nx,clash,\nx,clash,\n", "twice")]:  # fmt: skip
            hand.write_text(text, encoding="utf-8")
            with pytest.raises(UsageError, match=message):
                recode(record.connection, hand)
        assert codes_of(record) == before
        assert len(record.log()) == 1


# -- on the real file ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def syria(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    with open_record(tmp_path_factory.mktemp("coded") / "syria.duckdb") as record:
        record.add(shared / "data/ucdp_ged_syria/ged_syria_2016_2018.parquet")
        yield record


def test_no_row_that_cites_aircraft_is_an_attack_by_is(syria: Any) -> None:
    air = r"(?i)air ?strike|air ?raid|warplane|aircraft|helicopter|aerial|\bdrones?\b"
    cited, wrong = syria.connection.execute(
        "SELECT count(*), count(*) FILTER (kind = 'attack' AND initiator = 'IS') FROM events "
        f"WHERE 'IS' IN (side_a, side_b) AND regexp_matches(source_text, '{air}')"
    ).fetchone()
    assert cited > 1000
    assert wrong == 0


def test_real_rows_are_spread_over_kinds_with_real_evidence(syria: Any) -> None:
    kinds = dict(syria.connection.execute(
        "SELECT kind, count(*) FROM events WHERE 'IS' IN (side_a, side_b) GROUP BY kind").fetchall())  # fmt: skip
    assert sum(kinds.values()) == 6031
    assert all(kinds[kind] > 300 for kind in ("strike", "attack", "clash", "violence_against_civilians"))
    bad = syria.connection.execute(
        "SELECT count(*) FROM events WHERE NOT contains(source_text, coding_evidence) OR confidence NOT IN "
        "('low', 'moderate', 'high') OR coded_by IS NULL"
    ).fetchone()
    assert bad == (0,)


def test_labels_hold_codes_only(root: Path) -> None:
    with (root / "tests/fixtures/ged_labels.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 200 and sum(row["split"] == "unread" for row in rows) == 100
    reasons = {"air_words", "shelling_words", "ied_mine_words", "suicide_words", "attacker_named", "execution_words",
               "clash_words", "toll_only", "type3", "no_words"}  # fmt: skip
    for row in rows:
        assert row["kind_1"] in EVENT_KINDS and row["kind_2"] in EVENT_KINDS
        assert {row["reason_1"], row["reason_2"]} <= reasons


def test_the_measures_are_the_textbook_ones(root: Path) -> None:
    import importlib.util
    import sys

    spec = importlib.util.spec_from_file_location("measure_coding", root / "tools/measure_coding.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert module.kappa(pairs) == pytest.approx(0.4)
    assert module.wilson(8, 8) == "1.00 (0.68 to 1.00)"
    assert module.wilson(50, 100) == "0.50 (0.40 to 0.60)"
    assert module.short("HTS") == "Syrian insurgents" and module.short(None) == "unclear"
