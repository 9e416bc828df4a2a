"""Masking of names: what is left out, what stays, offsets, and that nothing breaks it. All names are invented."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterstrike.reading import Masked, _mask, mask_names

EN = "[name left out]"
AR = "[اسم محذوف]"

LEFT_OUT = [
    ("Witnesses in Raqqa said Zaid Qarmuti, 34, died.", f"Witnesses in Raqqa said {EN}, 34, died."),
    ("They buried Orvil Tesk-Marrow and Ann-Liss O'Dreen.", f"They buried {EN} and {EN}."),
    ("A shell killed Ahmad, Ali and Fatima.", f"A shell killed {EN}, {EN} and {EN}."),
    ("Ahmad, Vorlu and Fatima died.", f"{EN}, {EN} and {EN} died."),
    ("Abu Omar al-Zorqi and his son Vorlu fled.", f"{EN} and his son {EN} fled."),
    ("A man named Vorlu and the boy Teskan hid.", f"A man named {EN} and the boy {EN} hid."),
    ("He was identified as Mülhan Zorqî (12).", f"He was identified as {EN} (12)."),
    ("Vorlu, a 9-year-old, and Dr. J. K. Teskan", f"{EN}, a 9-year-old, and Dr. {EN}"),
    ("Zaid\nQarmuti was there.", f"{EN}\n{EN} was there."),
    ("ZAID QARMUTI was there.", f"{EN} was there."),
    ("Zaid bin Vorlu al-Teskani’s house", f"{EN}’s house"),
    ("the Teskani family; the family of Vorlu", f"the {EN} family; the family of {EN}"),
    ("Orvil Teskan left. Later Teskan returned.", f"{EN} left. Later {EN} returned."),
    ("Prime Minister Orvil Teskan spoke.", f"Prime Minister {EN} spoke."),
    ("the Orvil Teskan school teacher", f"the {EN} school teacher"),
    ("Vorlu said so. Sheikh Vorlu agreed.", f"{EN} said so. Sheikh {EN} agreed."),
    ("GUNMEN KILLED COLONEL PABLO ZORQUILLA MENJA IN SAN SALVADOR.", f"GUNMEN KILLED COLONEL {EN} IN SAN SALVADOR."),
    ("أصيب الطفل زيدون القرمطي ووالدته فاطمة في مدينة الرقة.", f"أصيب الطفل {AR} ووالدته {AR} في مدينة الرقة."),
    ("استشهد محمود قرمط وأحمد وخالد القرمطي بقصف", f"استشهد {AR} و{AR} و{AR} بقصف"),
    ("استشهد مَحْمُود قَرمُط بقصف", f"استشهد {AR} بقصف"),
    ("قتل زيدون قرمط (34 عاماً) وابنه كريم", f"قتل {AR} (34 عاماً) وابنه {AR}"),
    ("القيادي أبو عمر القرمطي وعائلة القرمطي", f"القيادي {AR} وعائلة {AR}"),
    ("قتل الناشط الإعلامي زيدون بن قرمط أمس", f"قتل الناشط الإعلامي {AR} أمس"),
    ("الطفلة \u200fزينب قرمط\u200f، 9 سنوات", f"الطفلة \u200f{AR}\u200f، 9 سنوات"),
    ("سلم البيان لعبد الرحمن القرمطي", f"سلم البيان ل{AR}"),
    ("قتل محمود قرمط وعلي، وحسن", f"قتل {AR} و{AR}، و{AR}"),
    ("قال زيد القرمطي إنه رأى. ثم غادر القرمطي", f"قال {AR} إنه رأى. ثم غادر {AR}"),
    ("Witness أحمد قرمط and Ahmad Qarmut", f"Witness {AR} and {EN}"),
    ("Orvil Teskan (زورفان القديش) died in Raqqa (الرقة).", f"{EN} ({AR}) died in Raqqa (الرقة)."),
    ("The wall of the house said قتل زورفان القديش في الرقة then.", f"The wall of the house said قتل {AR} في الرقة then."),
    ("Orvil Teskan (צורבן קדש) and 佐尔万·卡德什, 34, fled.", f"{EN} ({EN}) and {EN}, 34, fled."),
    ("צורבן קדש was killed; צורבן / Orvil Teskan fled.", f"{EN} was killed; {EN} / {EN} fled."),
    ("Ahmad (צורבן), Vorlu and (佐尔) Ahmad", f"{EN} ({EN}), {EN} and ({EN}) {EN}"),
    ("#OrvilTeskan, #orvil_teskan and @orvil_teskan.", f"{EN}, {EN} and {EN}."),
    ("#زورفان_القديش", AR),
    ("Ask (orvil.teskan@mail.example) now.", f"Ask ({EN}) now."),
    ("See https://news.example/2017/orvil-teskan-34. Or", f"See https://news.example/{EN}. Or"),
    ("See www.news.example/a?of=Orvil%20Teskan", f"See www.news.example/{EN}"),
    ("Will Hope and Mark Young were killed there.", f"{EN} and {EN} were killed there."),
    ("Jordan Chad, 12, and his sister hid.", f"{EN}, 12, and his sister hid."),
    ("May June was killed on 3 May 2017. August Friday died.", f"{EN} was killed on 3 May 2017. {EN} died."),
    ("Paris Homs died. Israel Damascus was wounded.", f"{EN} died. {EN} was wounded."),
    ("The strike killed Will Hope and Mark Young.", f"The strike killed {EN} and {EN}."),
    ("قصفت القوات منزل القتيل في الرقة: زورفان القديش (Orvil Teskan)", f"قصفت القوات منزل القتيل في الرقة: {AR} ({EN})"),
    ("See t.me/orvil_teskan and ftp://news.example/orvil-teskan", f"See t.me/{EN} and ftp://news.example/{EN}"),
    ('Among those killed was "Zorvan".', f'Among those killed was "{EN}".'),
    ('"Zorvan" was killed.', f'"{EN}" was killed.'),
    ("The Teskan brothers died.", f"The {EN} brothers died."),
]  # fmt: skip

STAYS = [
    "An Israeli airstrike on Khan Younis and Deir al-Balah hit Nasser Hospital on Monday, 3 March.",
    "Airstrike Kills Five In Raqqa As Syrian Army Advances On Deir ez-Zor",
    "The Syrian Observatory for Human Rights said Human Rights Watch and the White Helmets agreed.",
    "Operation Inherent Resolve struck Al-Shaddadi, Abu Kamal and Tal Abyad.",
    "US Central Command, the New York Times and the University of Aleppo",
    "Kamal Adwan Hospital, Omar ibn al-Khattab Mosque, the Sheikh Radwan neighbourhood",
    "Palestinian, Syrian and Kurdish fighters of the Popular Front in North Kordofan",
    "Ahrar al-Sham and Jaysh al-Islam, wrote Enab Baladi, fought the Nusra Front.",
    "A quorble met the snarf there.\nQuorble Snarf Ends",
    "Near Raqqah, nine strikes engaged six ISIL tactical units.",
    "THE NATIONAL POLICE SAID GUERRILLAS ATTACKED SAN SALVADOR ON MONDAY.",
    "Five people (34) died, 12 were hurt; page 3.",
    "In May Palestinians were killed. South Sudan died. Last May Amnesty said so.",
    "In Raqqa, Syria, 12, were hurt. In Aleppo, Hama, 12 were killed. Gaza City, 3, was hit.",
    "Syrian Soldiers were killed. Many Palestinians were killed. Two Children died. The Homs brothers died.",
    'White Helmets were killed; Red Cross, 12, hurt. The army was hit by "Falcon" units.',
    "#Raqqa #Deir_ez_Zor #BreakingNews #Syria #سوريا, and/or 3/4",
    "https://news.example/2017/06/strike-on-raqqa.html, https://t.me/s/123 and https://news.example/",
    "The city (תל אביב) stays; 东京 too. The statement (بيان وزارة الدفاع) of دير الزور stays.",
    "نقل إلى مستشفى كمال عدوان ومستشفى ناصر في حي الشيخ رضوان",
    "قال المرصد السوري لحقوق الإنسان إن قوات النظام قصفت قرية كفر نبل",
    "أعلن وزير الدفاع أن الجيش الإسرائيلي شن غارة على مدينة رفح أمس الإثنين",
    "أصيب الطفل بجروح، وقتلت والدته وشقيقه، والأطفال في المدرسة",
    "",
]


@pytest.mark.parametrize(("text", "masked"), LEFT_OUT)
def test_names_are_left_out_and_the_rest_stays(text: str, masked: str) -> None:
    found = mask_names(text)
    assert found.text == masked
    assert mask_names(masked) == Masked(masked, 0)


@pytest.mark.parametrize("text", STAYS)
def test_places_groups_and_dates_stay(text: str) -> None:
    assert mask_names(text) == Masked(text, 0)


def test_count_is_of_names_not_of_lines() -> None:
    assert mask_names("Zaid\nQarmuti was there.").left_out == 1
    assert mask_names("Zaid Qarmuti\nVorlu Teskan\n").left_out == 2
    assert mask_names("استشهد محمود قرمط وأحمد وخالد القرمطي").left_out == 3


def test_spans_move_with_the_text() -> None:
    text = "The boy Zaid fled to Homs; Orvil Teskan hid in Idlib."
    words = ["The", "Homs", "Teskan", "boy Zaid fled", "Idlib", "Zaid"]
    spans = [(text.index(w), text.index(w) + len(w)) for w in words]
    masked = mask_names(text, spans=spans)
    assert [masked.text[a:b] for a, b in masked.spans] == ["The", "Homs", EN, f"boy {EN} fled", "Idlib", EN]


def test_a_span_beside_a_name_does_not_take_the_mark() -> None:
    text = "boy Zaid, hid"
    masked = mask_names(text, spans=[(0, 4), (8, 13), (4, 8), (6, 6), (0, 13)])
    assert [masked.text[a:b] for a, b in masked.spans] == ["boy ", ", hid", EN, EN, masked.text]


def test_ends_beyond_the_text_count_as_its_end() -> None:
    assert mask_names("In Homs.", spans=[(-4, 99), (7, 3)]).spans == ((0, 8), (7, 7))


def test_the_arabic_preposition_is_no_name() -> None:
    text = "سقطت قذائف على منزل محمود قرمط على أطراف المدينة"
    assert mask_names(text).text == f"سقطت قذائف على منزل {AR} على أطراف المدينة"


def test_a_name_shown_by_another_is_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finder that sees a name only when the one before is gone is asked again."""

    def one_by_one(text: str) -> tuple[list[tuple[int, int]], int]:
        at = next((text.index(name) for name in ("Zaid", "Vorlu", "Teskan") if name in text), None)
        return ([(at, text.index(" ", at))], 1) if at is not None else ([], 0)

    monkeypatch.setattr(_mask, "_finders", lambda _text: ([one_by_one], []))
    masked = mask_names("Zaid , Vorlu and Teskan hid", spans=[(24, 27)])
    assert masked.text == f"{EN} , {EN} and {EN} hid"
    assert (masked.left_out, [masked.text[a:b] for a, b in masked.spans]) == (3, ["hid"])


PIECES = [
    "Zaid", "Qarmuti", "Vorlu", "Abu", "al-", "bin", " ", " ", " ", "\n", ", ", " and ", "said", "(34)", ", 9,", "Dr. ", "the ",
    "his son ", "Hospital", "in ", "Homs", "ISIS", "Syrian", "THE ", "ZAID ", "J. ", "'s", "’", "-", "Sheikh ", "family",
    "Baker ",     "\u0301", "\u200f", "\u00ad", "[", "]", "ǅ", "İ", "ß", "\ud800", "😀", "\x00", "\r\n", ".", EN, AR, "و" + AR,
    "الطفل ", "محمد", "علي", "على", "و", "بن ", "أبو ", "آل ", "قرمط ", "عائلة ", "مستشفى ", "، ", " 4 سنوات", "\u064e", "عبد ",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.lists(st.tuples(st.integers(-5, 300), st.integers(-5, 300)), max_size=4))
def test_never_raises_and_twice_is_once(text: str, spans: list[tuple[int, int]]) -> None:
    masked = mask_names(text, spans=spans)
    assert len(masked.spans) == len(spans)
    assert all(0 <= a <= b <= len(masked.text) for a, b in masked.spans)
    assert mask_names(masked.text) == Masked(masked.text, 0)
    assert (masked.left_out == 0) == (masked.text == text)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_stays_stays_byte_for_byte(text: str) -> None:
    """Every piece between the marks stands in the text, in the same order."""
    rest = text
    for piece in mask_names(text).text.replace(AR, EN).split(EN):
        at = rest.replace(AR, EN).find(piece) if AR in piece else rest.find(piece)
        assert at >= 0
        rest = rest[at + len(piece) :]


@pytest.fixture(scope="module")
def measured(shared: Path, root: Path) -> Iterator[ModuleType]:
    sys.path.insert(0, str(root / "tools"))
    try:
        import measure_masking

        yield measure_masking
    finally:
        sys.path.remove(str(root / "tools"))


@pytest.mark.shared
@pytest.mark.slow
def test_coded_victims_are_left_out_and_places_stay(measured: ModuleType) -> None:
    found = {name: (gone / total) for name, total, gone, _ in measured.muc("dev")}
    assert found["MUC-4, capitals, victims' names"] > 0.9
    assert found["MUC-4, mixed case, victims' names"] > 0.9
    assert found["MUC-4, capitals, places"] < 0.05
    assert found["MUC-4, mixed case, places"] < 0.05
