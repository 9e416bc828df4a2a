"""The Arabic reader: numbers, harm, dates, places, speakers, doubt; sentences are the project's own."""

from __future__ import annotations

from datetime import date

import pytest

from afterstrike.reading import read_document
from afterstrike.reading._speaker import AUTHOR
from afterstrike.reading.arabic._actor import find_actors
from afterstrike.reading.arabic._date import find_dates, standing_date
from afterstrike.reading.arabic._fold import Phrases, fold, fold_words, tokens
from afterstrike.reading.arabic._harm import find_harms
from afterstrike.reading.arabic._number import number_at
from afterstrike.reading.arabic._speaker import attribute, grade_hedging


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("ثلاثة", 3), ("ثلاث", 3), ("ستة عشر", 16), ("إحدى عشرة", 11), ("خمسة وعشرين", 25), ("مئة وسبعة", 107),
        ("مائتين", 200), ("ثلاثة آلاف", 3000), ("ألفين", 2000), ("٤٥", 45), ("1,250", 1250), ("50 ألف", 50000),
        ("بست", 6), ("أربعمئة وخمسين", 450),
    ],
)  # fmt: skip
def test_numbers(words: str, value: float) -> None:
    amount = number_at(tokens(fold(words + " شخص").text), 0)
    assert amount is not None and amount.value == value


def test_words_that_are_no_number() -> None:
    assert number_at(tokens(fold("قصف المدينة").text), 0) is None
    vague = number_at(tokens(fold("بضعة أشخاص").text), 0)
    assert vague is not None and (vague.value, vague.low, vague.high) == (None, 3, 9)


def test_folding_keeps_offsets() -> None:
    text = "قُتِلَ ٣ مدنيّين في «الرقّة»"
    folded = fold(text)
    assert folded.text == 'قتل 3 مدنيين في "الرقه"'
    for token in tokens(folded.text):
        a, b = folded.back(token.start, token.end)
        assert fold_words(text[a:b]) == token.text


def test_phrases_take_the_longest_with_any_prefix() -> None:
    phrases = Phrases({"a": ["قوات"], "b": ["قوات النظام"]})
    assert phrases.find(tokens(fold("لقوات النظام وقوات").text)) == [(0, 2, "b"), (2, 3, "a")]


def told(text: str) -> list[tuple[str, float | None, float | None, str, bool, bool]]:
    return [(h.outcome, h.value, h.low, h.who, h.is_part, h.cumulative) for h in find_harms(fold(text).text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # singular nouns mean one, duals two
        ("قُتل مزارع وأصيب طفلان في القصف", [("killed", 1, 1, "civilian"), ("injured", 2, 2, "civilian")]),
        ("مقتل امرأتين بغارة", [("killed", 2, 2, "civilian")]),
        ("أصيب مدنيين اثنين", [("injured", 2, 2, "civilian")]),
        ("ما أدى لإصابة أحد المدنيين", [("injured", 1, 1, "civilian")]),
        # killed and injured given together stay together
        ("قتل وجرح 30 شخصاً", [("killed_or_injured", 30, 30, "unknown")]),
        ("14 مدنياً بين قتيل وجريح", [("killed_or_injured", 14, 14, "civilian")]),
        # whose they are stands behind
        ("مقتل خمسة من عناصر الحرس", [("killed", 5, 5, "combatant")]),
        ("سقوط 10 جرحى في صفوف القوات", [("injured", 10, 10, "combatant")]),
        # the subject in front of its verb
        ("إن أربعة عمال أصيبوا", [("injured", 4, 4, "civilian")]),
        ("مقتل رجل وامرأة وطفلين", [("killed", 4, 4, "civilian")]),
        ("أكثر من عشرة مصابين", [("injured", 10, 10, "unknown")]),
        ("سقوط جرحى", [("injured", None, 2, "unknown")]),
        ("راح ضحيتها ثلاثة أطفال", [("killed", 3, 3, "civilian")]),
    ],
)  # fmt: skip
def test_harm(text: str, expected: list[tuple[object, ...]]) -> None:
    assert [row[:4] for row in told(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "يعيش في المدينة أكثر من 70 ألف مدني",  # inhabitants
        "البالغ من العمر 60 عاماً",  # an age
        "سقطت 7 قذائف هاون على الحي",
        "نزحت 40 عائلة نحو الحدود",
        "على محور الفوج 46",
        "12 تعليقاً",
    ],
)
def test_what_is_nobody_killed_or_injured(text: str) -> None:
    assert [row for row in told(text) if row[0] in ("killed", "injured")] == []


def test_parts_running_totals_and_none() -> None:
    assert told("استشهد 12 مدنياً بينهم طفلان")[1][4]
    assert all(row[5] for row in told("منذ مطلع العام قتل 90 مدنياً"))
    none = find_harms(fold("قصف طال الحي دون وقوع إصابات").text)
    assert {(h.outcome, h.high, h.is_none) for h in none} == {("killed", 0, True), ("injured", 0, True)}
    assert find_harms(fold("لم ترد معلومات عن وقوع إصابات").text) == ()  # not known is not none


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("اليوم السبت", "2022-08-06"),
        ("مساء أمس", "2022-08-05"),
        ("أمس الأول", "2022-08-04"),
        ("فجر الخميس", "2022-08-04"),
        ("الاثنين الماضي", "2022-08-01"),
        ("29 تموز 2021", "2021-07-29"),
        ("٢٩ يوليو ٢٠٢١", "2021-07-29"),
        ("29 يوليو/تموز 2021", "2021-07-29"),
        ("2كانون الأول /ديسمبر2021", "2021-12-02"),
        ("20 تشرين الثاني", "2021-11-20"),  # no year: the latest such day
        ("السابع من تموز", "2022-07-07"),
        ("05/03/2022", "2022-03-05"),
        ("اليوم الجمعة", "2022-08-05"),  # the weekday outweighs a publication a day later
    ],
)
def test_dates(text: str, day: str) -> None:
    found = find_dates(fold(text).text, published=date(2022, 8, 6))
    assert [(d.date_start, d.date_precision) for d in found] == [(day, 1)]


def test_dates_without_publication_stay_open_and_a_page_may_state_its_own() -> None:
    assert find_dates(fold("مساء أمس").text)[0].date_start is None
    assert standing_date(fold("وكالة\nالسبت, ٦ أغسطس ٢٠٢٢, ١٠:٤٠\nنص الخبر").text) == date(2022, 8, 6)
    ledger = read_document(
        "السبت, ٦ أغسطس ٢٠٢٢\nقصفت طائرة بلدة في ريف إدلب السورية مساء أمس، وأصيب عامل بجروح."
    )
    assert (ledger.published, ledger.published_from) == ("2022-08-06", "a line of the text")
    assert ledger.events[0].date_start == "2022-08-05"


def test_clock_times() -> None:
    found = find_dates(fold("عند الساعة 8:30 مساءً").text)
    assert [d.time for d in found] == ["20:30"]


def test_places() -> None:
    text = 'استهدف القصف قرية الزعتر بريف حلب السورية، ومخيم "نور الصباح" قرب مدينة إدلب، وبلدتي كفرنبل والبارة، ودوي في الرقة.'
    ledger = read_document(text)
    names = [(p.text, p.name, p.geo_precision) for p in ledger.places]
    assert ("الزعتر", None, None) in names  # not known here, kept and open
    assert ("نور الصباح", None, None) in names
    assert ("حلب", "Aleppo", 4) in names  # its countryside is no exact place
    assert ("الرقة", "Ar Raqqah", 1) in names
    assert {"كفرنبل", "البارة"} <= {name for name, _, _ in names}
    assert all(text[p.start : p.end] == p.text for p in ledger.places)


def test_actors_and_who_struck() -> None:
    folded = fold("قالت روسيا إن غارة تركية أصابت موقعاً، والجيش السوري قصف بلدة")
    names = [m.name for m in find_actors(folded, tokens(folded.text))]
    assert names == ["Government of Russia", "Government of Turkey", "Government of Syria"]
    event = read_document("قُتل عامل بقصف لطائرة مسيرة مجهولة على بلدة في ريف حلب السورية.").events[0]
    assert (event.initiator, event.weapon) == (None, "drone")  # nobody knows who


@pytest.mark.parametrize(
    ("text", "source", "kind"),
    [
        ("وقال مراسلنا في حلب إن القصف توقف", "مراسلنا في حلب", "media"),
        ("بحسب المرصد السوري لحقوق الإنسان، وقعت غارة", "SOHR", "organisation"),
        ("وقالت مصادر محلية لنورث برس إن غارة وقعت", "مصادر محلية", "anonymous"),
        ("أعلنت وزارة الصحة أن عدد الجرحى ارتفع", "وزارة الصحة", "official"),
        ("وقعت غارة على الحي", None, "author"),
    ],
)
def test_speakers(text: str, source: str | None, kind: str) -> None:
    folded = fold(text)
    row = tokens(folded.text)
    found = attribute(folded, row, find_actors(folded, row), AUTHOR)
    assert (found.source, found.source_kind) == (source, kind)


def test_a_verb_with_nobody_behind_it_points_back() -> None:
    ledger = read_document(
        "قالت منظمة الدفاع المدني إن غارة روسية أصابت بلدة في إدلب السورية. وأضافت أن ثلاثة أطفال أصيبوا."
    )
    assert {claim.source for claim in ledger.claims} == {"White Helmets"}


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("قصف يُعتقد أن مصدره قوات أخرى", "likely"),
        ("وسط أنباء عن سقوط قتلى", "possible"),
        ("نفى المتحدث وقوع القصف", "denied"),
        ("مزاعم عن قصف", "doubted"),
        ("حصيلة أولية: ثلاثة قتلى", "approximate"),
        ("وقعت غارة", "stated"),
    ],
)
def test_doubt(text: str, grade: str) -> None:
    folded = fold(text)
    assert grade_hedging(folded, tokens(folded.text))[0] == grade


def test_furniture_of_a_page_makes_no_claim() -> None:
    ledger = read_document(
        "الرئيسية\n12 تعليق\nقتل عاملان بقصف على ريف إدلب السورية اليوم.\nاقرأ أيضاً\nمقتل 40 شخصاً في زلزال بعيد\nغرق 9 صيادين"
    )
    assert [event.fatalities_best for event in ledger.events] == [2]
    assert len(ledger.furniture) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "قتل ما بين 15 و20 شخصا في قصف على حمص.",
        "قتل بين 15 إلى 20 شخصا في قصف على حمص.",
        "قتل ما بين خمسة عشر وعشرين شخصا في قصف على حمص.",
    ],
)
def test_two_bounds_are_not_added_up(text: str) -> None:
    (event,) = read_document(text).events
    assert (event.fatalities_low, event.fatalities_best, event.fatalities_high) == (15, None, 20)


@pytest.mark.parametrize(
    "text",
    [
        "حذر محللون من أن ضربة على طهران قد تقتل عشرة آلاف شخص.",
        "إذا قصفت روسيا كييف فسيقتل 100 شخص.",
    ],
)
def test_what_may_come_is_no_event(text: str) -> None:
    assert read_document(text).events == ()


def test_what_has_come_is_one() -> None:
    (event,) = read_document("وقد قتل خمسة أشخاص في الموصل.").events
    assert (event.place, event.adm0, event.fatalities_best) == ("الموصل", "IRQ", 5)


def test_two_speakers_are_two_sources() -> None:
    (event,) = read_document("قالت روسيا إنها قتلت 30 مسلحا في حمص، وقال ناشطون إن 8 مدنيين قتلوا.").events
    assert [(c.source, c.value) for c in event.counts] == [("Government of Russia", 30), ("ناشطون", 8)]
    assert (event.fatalities_best, event.civilian_fatalities_best) == (30, 8)


def test_a_large_city_needs_no_country_beside_it() -> None:
    ledger = read_document("قتل تسعة مدنيين في غارة على حلب. قصف آخر في إدلب وفي الحال.")
    assert [(p.text, p.adm0) for p in ledger.places] == [("حلب", "SYR"), ("إدلب", "SYR")]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("نفت روسيا قصف مدرسة في إدلب ومقتل 4 مدنيين.", []),
        ("نفت روسيا قصف مدرسة في مدينة إدلب السورية ومقتل 4 مدنيين.", ["إدلب"]),
        ("استهدف القصف سوق في مدينة إدلب السورية وقتل 4 مدنيين.", ["إدلب"]),
    ],
)
def test_a_school_or_a_market_is_no_town(text: str, places: list[str]) -> None:
    assert [p.text for p in read_document(text, published="2018-10-08").places] == places


def test_what_is_condemned_is_no_part_of_who_condemns_it() -> None:
    (claim,) = read_document(
        "أدانت السعودية القصف الإسرائيلي على رفح الذي قتل 20 شخصا.", published="2024-05-10"
    ).claims
    assert (claim.source, claim.source_kind) == ("Government of Saudi Arabia", "official")
