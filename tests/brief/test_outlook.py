"""What may come next: which questions an article raises, from which world, in what words, kept how."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from afterstrike.brief import Brief, build_brief, json_schema
from afterstrike.brief import _outlook as outlook_module
from afterstrike.brief._outlook import world_for
from afterstrike.brief._outlook_cache import kept_or_run
from afterstrike.brief._outlook_cues import pattern, raised_questions, says
from afterstrike.brief._outlook_model import Outlook, OutlookEvent, OutlookSource
from afterstrike.brief._tables import table
from afterstrike.containment import World, load_scenario, load_world, worlds
from afterstrike.containment._questions import QUESTIONS
from afterstrike.containment._words import FORBIDDEN
from afterstrike.reading import read_document
from afterstrike.reading._actor import canonical_actor
from afterstrike.reading._claim import Ledger
from afterstrike.sources import open_source

SMALL = (40, 4, 64, 0)
ARTICLE = """What the raids leave behind

American aircraft struck Islamic State camps near Homs in Syria on 10 January 2026, the army said.
The strikes will probably bring a few weeks of quiet around Tower 22, an analyst said. Bombing wears off quickly.
Guards fear that the detainees in Hasakah will break out if the Syrian government cuts their pay.
Some 900 US troops and 10,000 detained Islamic State fighters are in Syria.
Countries in Europe should repatriate their nationals from the camps <b onclick="x()">now</b>.
A unified strategy of Ankara and Damascus would close the seams in which Islamic State fighters thrive.
The real story is the prisons, not the airstrikes. Strikes could continue in 2027.
"""


FORECAST = "Prices of bread will rise next year."


def ledger_of(text: str, folder: Path, published: str | None = "2026-01-14") -> Ledger:
    path = folder / "article.txt"
    path.write_text(text, encoding="utf-8")
    return read_document(open_source(path), published=published)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of these tests alone, whatever the machine has kept, and one day for all briefs."""
    assert outlook_module.SETTINGS == SMALL
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr("afterstrike.sources._cache_dir.cache_dir", lambda: folder)
        patch.setenv("SOURCE_DATE_EPOCH", "1772323200")  # 1 March 2026
        yield folder


@pytest.fixture(scope="module")
def article(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("article") / "story.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(small: Path, article: Path) -> Brief:
    return build_brief(article, published="2026-01-14")


@pytest.fixture(scope="module")
def section(made: Brief) -> str:
    return made.to_html().split('<section id="outlook"')[1].split("</section>")[0]


def own_words(section: str) -> str:
    """Give the words of the section that are ours: what the article says stands in quotes."""
    without = re.sub(r"<q[ >].*?</q>|<svg.*?</svg>", " ", section, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", without).split())


# ---------------------------------------------------------------- which questions


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("lull", "The raids will buy the towns some time."),
        ("lull", "After the bombing one expects fewer attacks."),
        ("depreciation", "The effect of such strikes fades within weeks."),
        ("depreciation", "Air strikes could keep them down, but the group regroups."),
        ("recruitment", "Each strike may help the group to recruit."),
        ("recruitment", "Reports of civilian casualties could fuel the insurgency."),
        ("escapes", "If the guards leave, thousands of prisoners could escape."),
        ("escapes", "The jails are a ticking time bomb."),
        ("prison_weight", "A greater danger than the air strikes can meet lies in the prisons: they are overlooked."),
        ("seams", "Militants exploit the seams of control in the east."),
        ("seams", "Without coordination between the two armies, raids will miss."),
        ("repatriation", "Home states should take their citizens in the camps back."),
        ("repatriation", "France may repatriate more families."),
        ("missions_ahead", "The strikes will go on for years."),
        ("missions_ahead", "More air strikes are likely; the raids will continue."),
        ("cost_exchange", "A two million dollar missile would be fired at a tent."),
        ("lull", "ستمنح الغارات البلدات هدوءاً مؤقتاً قد يطول."),
        ("escapes", "قد يحاول التنظيم اقتحام السجون."),
    ],
)  # fmt: skip
def test_a_question_is_raised_by_its_words(key: str, sentence: str, tmp_path: Path) -> None:
    found = raised_questions(ledger_of(f"A title\n\n{sentence}\n{FORECAST}\n", tmp_path))
    assert key in found, found
    assert found[key][0].quote.strip() in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The army said 14 targets were struck near Homs on 3 May 2019.",
        "In January 2022 hundreds of prisoners escaped after an attack on the prison in Hasakah.",
        "Bread prices rose by a third, and calm returned to the markets.",
        "Lebanon wants to repatriate Syrian refugees from Beirut.",
        "The city of Raqqa still rebuilds what the air war destroyed.",
        "Prisoners of war were exchanged by both sides on 3 May 2019.",
        "He may travel in May, the minister said.",
    ],
)
def test_other_sentences_raise_nothing(sentence: str, tmp_path: Path) -> None:
    ledger = ledger_of(f"A title\n\n{sentence}\n{FORECAST}\n", tmp_path)
    assert any(claim.kind == "forecast" for claim in ledger.claims)
    assert raised_questions(ledger) == {}


def test_the_past_alone_raises_nothing_but_beside_an_outlook_it_may_argue(tmp_path: Path) -> None:
    told = "Islamic State thrives in the seams between the two armies in Syria."
    past = "On 20 January 2022 prisoners broke out of a prison in Hasakah."
    ahead = "The strikes will bring a lull."
    assert raised_questions(ledger_of(f"A title\n\n{told} {past}\n", tmp_path)) == {}
    found = raised_questions(ledger_of(f"A title\n\n{told} {past} {ahead}\n", tmp_path))
    assert set(found) == {"lull", "seams"}


def test_the_deciding_words_stand_in_the_claim_itself() -> None:
    sentence = "The strikes go on, and the group may recruit."
    cue = ["<strikes>", "<recruit>"]
    assert says(cue, sentence) and says(cue, sentence, "the group may recruit.")
    assert not says(cue, sentence, "The strikes go on,")
    assert not says(cue, "The group may recruit.") and not says(cue, "A recruiter strikeout")


def test_the_table_knows_the_model_s_questions_and_its_patterns_compile() -> None:
    rules = table("outlook")
    assert list(rules["questions"]) == list(QUESTIONS)
    for rule in rules["questions"].values():
        assert rule["cues"]
        for cue in rule["cues"]:
            for one in cue:
                pattern(one)
        if rule.get("scenario", "without_strikes") != "without_strikes":
            load_scenario(rule["scenario"])
    for case in rules["cases"]:
        pattern(case["pattern"])
        assert case["groups"] and case["sources"]
        assert all(source["url"].startswith("https://") for source in case["sources"])
        assert not re.search(r"\d\d\.\d{3,}|°", case["said"]), "no positions"
    pictured = {(one["world"], one["what"]) for one in rules["pictures"]}
    assert pictured == {(name, claim.what) for name in worlds() for claim in load_world(name).claims}


# ---------------------------------------------------------------- which world


def shipped() -> list[World]:
    return [load_world(name) for name in worlds()]


def test_a_shipped_world_names_its_group_as_the_actor_table_does() -> None:
    for world in shipped():
        assert world.group and canonical_actor(world.group) == world.group


def test_the_newest_world_that_fits_is_run_and_never_an_article_s_own(tmp_path: Path) -> None:
    ledger = ledger_of(ARTICLE, tmp_path)

    def chosen(today: date, which: Ledger = ledger, of: list[World] | None = None) -> str | None:
        found = world_for(which, of or shipped(), today)
        return None if found is None else found.name

    assert chosen(date(2026, 11, 29)) == "feb2026"
    # The world made of an article's claims is later than mid2024.
    assert chosen(date(2025, 1, 1)) == "mid2024"
    assert chosen(date(2024, 1, 1)) is None
    later = replace(load_world("feb2026"), name="later", as_of=date(2026, 9, 1))
    assert chosen(date(2026, 11, 29), of=[*shipped(), later]) == "later"
    assert chosen(date(2026, 11, 29), replace(ledger, published="2024-09-01")) is None
    assert chosen(date(2026, 11, 29), replace(ledger, published=None)) == "feb2026"
    elsewhere = [replace(world, areas=("AFG",)) for world in shipped()]
    assert chosen(date(2026, 11, 29), of=elsewhere) is None
    others = [replace(world, group="Hezbollah") for world in shipped()]
    assert chosen(date(2026, 11, 29), of=others) is None


@pytest.mark.parametrize(
    "text",
    [
        "Israel said its strikes in Syria will bring a lull in attacks by Hezbollah near Homs.",
        "Strikes near Kabul in Afghanistan will bring a lull in Islamic State attacks, officials there said.",
        "The army said that 14 Islamic State camps near Homs in Syria were hit on 3 May 2019.",
    ],
)
def test_no_section_where_no_world_fits_or_nothing_is_asked(text: str, tmp_path: Path, small: Path) -> None:
    (tmp_path / "story.txt").write_text(f"A title\n\n{text}\n", encoding="utf-8")
    made = build_brief(tmp_path / "story.txt", published="2026-01-14")
    assert made.outlook is None and made.to_dict()["outlook"] is None
    html = made.to_html()
    assert 'id="outlook"' not in html and "What may come next" not in html
    assert "Outlook:" not in made.summary()


# ---------------------------------------------------------------- what it says


def test_the_section_opens_with_its_world_its_age_and_what_it_is_not(made: Brief, section: str) -> None:
    outlook = made.outlook
    assert outlook is not None
    first = own_words(section)
    assert (
        "as of 13 February 2026: 16 days old when this brief was made and 30 days after the article" in first
    )
    assert f"{outlook.assumed} of its {outlook.numbers} numbers" in first
    assert 0 < outlook.assumed < outlook.numbers == len(load_world("feb2026").numbers)
    assert "no forecast" in first and "no verdict above rests on it" in first
    assert "al-Hol camp closed on 22 February 2026" in first
    assert first.index("16 days old") < first.index("Do strikes buy a lull?")


def test_only_questions_raised_are_answered_each_with_its_claims(made: Brief, section: str) -> None:
    outlook = made.outlook
    assert outlook is not None
    asked = [answer.key for answer in outlook.answers]
    expected = ("lull", "depreciation", "escapes", "prison_weight", "seams", "repatriation", "missions_ahead")
    assert asked == list(expected)
    claims = {claim.id: claim.quote for claim in made.ledger.claims}
    for answer in outlook.answers:
        assert answer.question in section and answer.standing in section
        for one in answer.raised:
            assert one.quote == claims[one.claim] if one.claim else one.quote in made.ledger.text
    assert "What do strikes cost" not in section
    assert {one.name for one in outlook.scenarios} == {"strikes_only", "coordinate", "repatriate"}


def test_a_named_place_is_told_with_whose_attacks_are_on_record(made: Brief, section: str) -> None:
    outlook = made.outlook
    assert outlook is not None
    assert [case.name for case in outlook.cases] == ["Tower 22"]
    assert "Islamic Resistance in Iraq" in section and "data on IS cannot speak of a lull there" in section
    by_name = {source["name"]: source for source in made.sources}
    for source in outlook.cases[0].sources:
        assert by_name[source.name]["url"] == source.url
        assert {*outlook.cases[0].claims, "outlook"} <= set(by_name[source.name]["used_by"])


def test_a_place_is_not_told_of_where_the_world_is_of_the_group_that_attacked_there(tmp_path: Path) -> None:
    ledger = ledger_of(ARTICLE, tmp_path)
    world = replace(load_world("feb2026"), group="Islamic Resistance in Iraq")
    assert outlook_module._cases(ledger, world, raised_questions(ledger)) == ()
    assert outlook_module._cases(ledger, load_world("feb2026"), raised_questions(ledger))


def test_an_older_picture_is_told_beside_what_was_published(
    made: Brief, section: str, tmp_path: Path
) -> None:
    outlook = made.outlook
    assert outlook is not None and outlook.picture is not None
    rows = {row.what: row for row in outlook.picture.rows}
    assert set(rows) == {"men detained in north-east Syria", "US troops in Syria"}
    assert outlook.picture.as_of == "2024-12-07" and "7 December 2024" in section
    for row in rows.values():
        assert row.published and all(line in own_words(section) for line in row.published)
    quotes = {claim.id: claim.quote for claim in made.ledger.claims}
    said = section.split('class="picture"')[1].split("</table>")[0]
    assert all(quotes[claim] in said for row in rows.values() for claim in row.claims)
    # One shared claim may be chance.
    one = ledger_of(ARTICLE.replace("10,000 detained", "detained"), tmp_path)
    assert outlook_module._picture(one, shipped()) is None


def test_sources_and_assumptions_are_in_the_brief_s_lists(made: Brief, section: str) -> None:
    outlook = made.outlook
    assert outlook is not None
    listed = {(source["name"], source["url"] or "") for source in made.sources}
    used = [source for answer in outlook.answers for source in answer.sources]
    used += [event.source for event in outlook.events]
    assert used and {(source.name, source.url) for source in used} <= listed
    for number in re.findall(r'href="#source-(\d+)"', section):
        assert int(number) in {source["number"] for source in made.sources}
    texts = [item["text"] for item in made.assumptions]
    assert any(f"{outlook.assumed} of the {outlook.numbers} numbers" in text for text in texts)
    for scenario in outlook.scenarios:
        assert all(f"{scenario.title}: {text}" in texts for text in scenario.assumptions)
    assert len(outlook.assumptions) == outlook.assumed


def test_no_word_that_may_not_be_said(made: Brief, section: str) -> None:
    words = own_words(section)
    drawn = " ".join(
        re.findall(r'aria-label="([^"]*)"', section) + re.findall(r"<svg.*?</svg>", section, flags=re.S)
    )
    drawn = re.sub(r"<[^>]+>", " ", drawn)
    listed = " ".join(
        text for item in made.assumptions if "outlook" in (text := item["text"]) or "numbers" in text
    )
    for text in (words, drawn, listed, _strings(made.to_dict()["outlook"])):
        for why, forbidden in FORBIDDEN:
            found = forbidden.search(text)
            assert found is None, f"{why}: {text[max(0, found.start() - 80) : found.end() + 80]}"
        assert not re.search(
            r"\b(best|worst|safest|superior|outperforms?|recommend\w*|ought to)\b", text, re.I
        )
    assert not re.search(r"\d\d\.\d{3,}", words), "no positions"


def _strings(value: Any) -> str:
    """Give every text of a JSON value, but not what the article says itself."""
    if isinstance(value, dict):
        return " ".join(_strings(part) for name, part in value.items() if name != "quote")
    if isinstance(value, list):
        return " ".join(map(_strings, value))
    return f"{value}." if isinstance(value, str) else ""


def test_a_word_that_may_not_be_said_is_found(section: str) -> None:
    assert [why for why, one in FORBIDDEN if one.search(own_words(section + "<p>Attacks will fall.</p>"))]


def test_no_order_is_told_where_it_is_not_known(made: Brief) -> None:
    outlook = made.outlook
    assert outlook is not None
    for answer in outlook.answers:
        for sentence in answer.text.split("; paired difference")[0].split(". "):
            if "order is not known" in sentence:
                assert not re.search(r"\b(fewer|more) in \d", sentence), sentence


def test_article_text_stays_text(section: str) -> None:
    assert "<b onclick" not in section and "&lt;b onclick" in section


def test_a_world_s_text_stays_text_and_its_links_are_web_addresses(made: Brief) -> None:
    outlook = made.outlook
    assert outlook is not None
    bad = "<script>alert(1)</script> `<img src=x onerror=alert(2)>` \x1b"
    source = OutlookSource(bad, "javascript:alert(3)")
    answer = replace(outlook.answers[0], question=bad, text=bad, standing=bad, sources=(source,))
    event = OutlookEvent("2026-02-20", bad, source)
    hostile = replace(
        outlook, world="<script>alert(4)</script>", title=bad, answers=(answer,), events=(event,)
    )
    html = replace(made, outlook=hostile).to_html()
    assert html.count("<script>") == 1 and "<img" not in html and "\x1b" not in html
    assert 'href="javascript:' not in html
    assert "<code>&lt;img src=x onerror=alert(2)&gt;</code>" in html


def test_charts_are_drawn_twice_and_say_what_they_are(section: str) -> None:
    assert section.count('class="drawn wide"') == 2 == section.count('class="drawn narrow"')
    for svg in re.findall(r"<svg.*?</svg>", section, flags=re.S):
        written = " ".join(re.findall(r">([^<>]+)<", svg))
        assert "stated assumptions" in written and "forecast" in written


# ---------------------------------------------------------------- in the brief


def test_json_is_as_the_schema_says(made: Brief) -> None:
    jsonschema.validate(json.loads(made.to_json()), json_schema())
    broken = made.to_dict()
    broken["outlook"]["answers"][0]["standing"] = 3
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, json_schema())


def test_verdicts_stay_as_they_are(made: Brief, article: Path) -> None:
    without = build_brief(article, published="2026-01-14", outlook=False)
    assert without.outlook is None and without.checks == made.checks and without.flags == made.flags
    assert without.provenance["command"].endswith(" --no-outlook")
    assert "--no-outlook" not in made.provenance["command"]


def test_two_runs_differ_in_created_at_and_the_age_counted_from_it(
    made: Brief, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772409600")
    later = build_brief(article, published="2026-01-14")
    one, two = made.to_dict(), later.to_dict()
    assert one["provenance"].pop("created_at") != two["provenance"].pop("created_at")
    assert one == two
    html = later.to_html().replace("2026-03-02", "2026-03-01").replace("17 days old", "16 days old")
    assert html == made.to_html()


def test_the_terminal_says_it_in_one_line(made: Brief) -> None:
    lines = [line for line in made.summary().splitlines() if line.startswith("Outlook:")]
    assert len(lines) == 1 and len(lines[0]) <= 88 and not lines[0].endswith("…")
    assert "no forecast" in lines[0] and "2026-02-13" in lines[0]


@pytest.mark.browser
def test_a_phone_shows_it_without_sideways_scrolling(made: Brief, browser: Any, tmp_path: Path) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}, offline=True).new_page()
    page.goto(made.save(tmp_path)[0].as_uri())
    page.evaluate("document.querySelectorAll('#outlook details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#outlook .drawn.narrow svg").first.is_visible()
    assert page.locator("#outlook .drawn.wide svg").first.is_hidden()
    page.locator("#outlook .raised a").first.click()
    assert "#claim-" in page.url or page.locator(".card").is_visible()


# ---------------------------------------------------------------- kept


def test_a_run_is_kept_and_a_broken_file_is_made_again(
    made: Brief, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterstrike.sources._cache_dir.cache_dir", lambda: tmp_path)
    world, calls = load_world("feb2026"), []
    assert made.outlook is not None
    run = made.outlook

    def make() -> Outlook:
        calls.append(1)
        return run

    assert kept_or_run(world, SMALL, make) == run == kept_or_run(world, SMALL, make)
    assert len(calls) == 1
    assert asdict(kept_or_run(world, SMALL, make)) == asdict(run)
    kept_or_run(world, (80, 4, 64, 0), make)
    kept_or_run(replace(world, sha256="0" * 64), SMALL, make)
    assert len(calls) == 3 and len(list(tmp_path.glob("outlook-*.json"))) == 3
    for path in tmp_path.glob("outlook-*.json"):
        path.write_text('{"world": ', encoding="utf-8")
    assert kept_or_run(world, SMALL, make) == run and len(calls) == 4
    for path in tmp_path.glob("outlook-*.json"):
        path.write_text('{"world": "feb2026"}', encoding="utf-8")
    assert kept_or_run(world, SMALL, make) == run and len(calls) == 5


def test_a_second_brief_runs_no_model(made: Brief, article: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: Any, **more: Any) -> None:
        raise AssertionError("the model was run again")

    monkeypatch.setattr(outlook_module, "run_world", refuse)
    assert build_brief(article, published="2026-01-14").outlook == made.outlook


# ---------------------------------------------------------------- the article this began with


def test_the_article_this_began_with_raises_every_question(shared: Path) -> None:
    path = shared / "articles" / "caliphate-ghost.txt"
    if not path.is_file():
        pytest.skip("the article is not in ../shared")
    ledger = read_document(open_source(path), published="2026-01-20")
    found = raised_questions(ledger)
    assert list(found) == list(QUESTIONS)
    lull = {one.quote for one in found["lull"]}
    assert any("temporary lull" in quote for quote in lull) and any("buys time" in quote for quote in lull)
    cases = outlook_module._cases(ledger, load_world("feb2026"), found)
    assert [case.name for case in cases] == ["Tower 22", "the Conoco gas field"]
    picture = outlook_module._picture(ledger, shipped())
    assert picture is not None and len(picture.rows) == len(load_world("article").claims)


def test_forecasts_of_the_article_stand_as_questions_or_with_why_they_are_none(
    made: Brief, section: str, small: Path, tmp_path: Path
) -> None:
    """One a forecast and dated period: rule, days, what the article says, our number by its class; else the reason."""
    assert made.outlook is not None
    assert {one.claim for one in made.outlook.questions} <= {claim.id for claim in made.ledger.claims}
    text = ARTICLE.replace(
        "Strikes could continue in 2027.",
        "US strikes in Syria will continue in 2027. Attacks will soon be fewer.",
    )
    path = tmp_path / "article.txt"
    path.write_text(text, encoding="utf-8")
    brief = build_brief(path, published="2026-01-14")
    assert brief.outlook is not None
    asked = [one for one in brief.outlook.questions if not one.reason]
    assert [(one.starts, one.ends, one.says) for one in asked] == [("2027-01-01", "2027-12-31", "yes")]
    assert asked[0].low is not None and asked[0].high is not None and asked[0].low < asked[0].high
    assert any(one.reason for one in brief.outlook.questions)
    page = brief.to_html()
    page = page[page.index('id="outlook-questions"') :]
    assert "from 2027-01-01 to 2027-12-31" in page.lower() and "Cannot be scored" in page
    assert f"Ours: {asked[0].probability:.2f}" in page
