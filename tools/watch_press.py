"""A press that is made up: outlets in English and Arabic, their reports, and what goes wrong with them.

All texts are written here from templates and name nobody. Towns are real, so that the gazetteer knows them; nothing
that is told of them happened. The truth of each item is kept, so that a watch can be held against it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
TOWNS = (
    ("Raqqa", "الرقة", "Syria", "السورية"),
    ("Idlib", "إدلب", "Syria", "السورية"),
    ("Aleppo", "حلب", "Syria", "السورية"),
    ("Homs", "حمص", "Syria", "السورية"),
    ("Hama", "حماة", "Syria", "السورية"),
    ("Daraa", "درعا", "Syria", "السورية"),
    ("Palmyra", "تدمر", "Syria", "السورية"),
    ("Manbij", "منبج", "Syria", "السورية"),
    ("Hasakah", "الحسكة", "Syria", "السورية"),
    ("Latakia", "اللاذقية", "Syria", "السورية"),
    ("Mosul", "الموصل", "Iraq", "العراقية"),
    ("Kirkuk", "كركوك", "Iraq", "العراقية"),
    ("Ramadi", "الرمادي", "Iraq", "العراقية"),
    ("Fallujah", "الفلوجة", "Iraq", "العراقية"),
    ("Tikrit", "تكريت", "Iraq", "العراقية"),
    ("Samarra", "سامراء", "Iraq", "العراقية"),
    ("Basra", "البصرة", "Iraq", "العراقية"),
    ("Najaf", "النجف", "Iraq", "العراقية"),
    ("Karbala", "كربلاء", "Iraq", "العراقية"),
    ("Erbil", "أربيل", "Iraq", "العراقية"),
    ("Aden", "عدن", "Yemen", "اليمنية"),
    ("Sanaa", "صنعاء", "Yemen", "اليمنية"),
    ("Taiz", "تعز", "Yemen", "اليمنية"),
    ("Hodeidah", "الحديدة", "Yemen", "اليمنية"),
    ("Marib", "مأرب", "Yemen", "اليمنية"),
    ("Saada", "صعدة", "Yemen", "اليمنية"),
    ("Ibb", "إب", "Yemen", "اليمنية"),
    ("Dhamar", "ذمار", "Yemen", "اليمنية"),
    ("Tripoli", "طرابلس", "Libya", "الليبية"),
    ("Benghazi", "بنغازي", "Libya", "الليبية"),
    ("Misrata", "مصراتة", "Libya", "الليبية"),
    ("Sirte", "سرت", "Libya", "الليبية"),
    ("Sabha", "سبها", "Libya", "الليبية"),
    ("Derna", "درنة", "Libya", "الليبية"),
    ("Khartoum", "الخرطوم", "Sudan", "السودانية"),
    ("Omdurman", "أم درمان", "Sudan", "السودانية"),
    ("Nyala", "نيالا", "Sudan", "السودانية"),
    ("Kassala", "كسلا", "Sudan", "السودانية"),
    ("Mogadishu", "مقديشو", "Somalia", "الصومالية"),
    ("Kismayo", "كيسمايو", "Somalia", "الصومالية"),
    ("Baidoa", "بيدوا", "Somalia", "الصومالية"),
)  # fmt: skip
PLACES = (
    ("market", "سوق"), ("bakery", "مخبز"), ("bridge", "جسر"), ("mill", "مطحنة"), ("bus station", "محطة الحافلات"),
    ("school", "مدرسة"), ("warehouse", "مستودع"), ("garage", "مرآب"),
)  # fmt: skip
DAYS_AR = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
NUMBERS_AR = {3: "ثلاثة", 4: "أربعة", 5: "خمسة", 6: "ستة", 7: "سبعة", 8: "ثمانية", 9: "تسعة", 10: "عشرة"}
NUMBERS_EN = {3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten"}
QUIET_EN = (
    "The ministry of trade opened a new line for buses between the port and the old town",
    "Farmers north of the river expect a good year for wheat after the rains of the winter",
    "The university will hold its examinations two weeks later than planned",
    "A fair for books opens at the end of the month with publishers from many countries",
)
QUIET_AR = (
    "افتتحت وزارة التجارة خطا جديدا للحافلات بين الميناء والمدينة القديمة",
    "يتوقع المزارعون شمال النهر موسما جيدا للقمح بعد أمطار الشتاء",
    "تؤجل الجامعة امتحاناتها أسبوعين عن موعدها المقرر",
    "يفتتح معرض الكتاب في نهاية الشهر بمشاركة ناشرين من دول عديدة",
)
MORE_EN = (
    "Roads around the town were closed for several hours and traffic was led through the hills.",
    "Electricity came back to most quarters of the town in the evening, the council said.",
    "Shops in the centre stayed closed for the rest of the day.",
    "The council asked people to keep away from the place until it is cleared.",
)
MORE_AR = (
    "وأغلقت الطرق حول المدينة ساعات عدة وحولت حركة السير إلى التلال.",
    "وعادت الكهرباء إلى معظم أحياء المدينة مساء بحسب المجلس المحلي.",
    "وبقيت المحال في وسط المدينة مغلقة بقية اليوم.",
    "وطلب المجلس من الناس الابتعاد عن المكان حتى ينظف.",
)
EDITIONS = ("north", "south", "east", "west", "river", "hill", "coast", "plain")
Fault = Literal["500", "503", "timeout", "cut", "malformed", "truncated"]
FAULTS: tuple[Fault, ...] = ("500", "503", "timeout", "cut", "malformed", "truncated")


@dataclass(frozen=True)
class Story:
    """Something that happened in this made-up world."""

    town: int
    target: int
    kind: Literal["strike", "attack", "clash", "none"]
    hour: float  # since BEGIN
    dead: int


@dataclass
class Version:
    """A text of an item, from an hour on."""

    hour: float
    headline: str
    body: list[str]
    token: str  # words that only this version has
    is_silent: bool = False  # the page changes, the feed does not


@dataclass
class Item:
    """One item of one outlet, and what a watch should make of it."""

    outlet: int
    number: int
    hour: float
    versions: list[Version]
    expect: Literal["read", "duplicate", "retracted", "unreadable"] = "read"
    group: str | None = None  # of copies: exactly one is read, the others are duplicates
    link: tuple[int, int] | None = None  # another outlet's page
    gone: float | None = None  # the page answers 410 from then on
    is_missing: bool = False  # the page answers 404 from the first
    is_forbidden: bool = False  # under a path that robots.txt forbids
    is_bare: bool = False  # the feed gives no words
    refers: tuple[int, int] | None = None  # a notice that links to another item
    tags: set[str] = field(default_factory=set)

    def at(self, hour: float, *, silent: bool = True) -> Version:
        """Give the version that stands at an hour; without `silent` as the feed knows it."""
        stands = [v for v in self.versions if v.hour <= hour and (silent or not v.is_silent)]
        return stands[-1] if stands else self.versions[0]


@dataclass
class Outlet:
    """One outlet."""

    number: int
    lang: Literal["en", "ar"]
    form: Literal["rss", "atom", "list"]
    every_minutes: int
    faults: list[tuple[float, float, Fault]] = field(default_factory=list)
    is_forbidden: bool = False  # robots.txt forbids the feed itself
    items: list[Item] = field(default_factory=list)

    def fault(self, hour: float) -> Fault | None:
        """Give what is wrong with it at an hour."""
        return next((what for begin, end, what in self.faults if begin <= hour < end), None)


@dataclass
class Press:
    """All outlets."""

    outlets: list[Outlet]
    hours: float

    @property
    def items(self) -> list[Item]:
        """Give all items of outlets that may be read."""
        return [item for outlet in self.outlets if not outlet.is_forbidden for item in outlet.items]


def make_press(
    *, outlets: int = 30, reports: int = 200, hours: float = 48.0, seed: int = 1, faults: int = 18
) -> Press:
    """Make outlets with about so many items over so many hours, with edits, retractions, copies and faults.

    What happens to items happens in the first five sixths, so that a watch has met it by the end.
    """
    rng = random.Random(seed)
    found = [
        Outlet(
            n,
            "ar" if n % 3 == 2 else "en",
            "atom" if n % 5 == 3 else "list" if n % 11 == 10 else "rss",
            rng.choice((60, 90, 120)),
        )
        for n in range(outlets)
    ]
    found[-1].is_forbidden = True
    stories = [_story(rng, hours) for _ in range(max(4, reports // 3))]
    numbers = [0] * outlets
    for _ in range(reports):
        outlet = found[rng.randrange(outlets)]
        story = rng.choice(stories)
        hour = min(hours - 0.5, story.hour + rng.expovariate(1 / 2.0))
        item = Item(
            outlet.number,
            numbers[outlet.number],
            hour,
            [_version(rng, outlet, story, hour, f"{outlet.number}-{numbers[outlet.number]}-1")],
        )
        numbers[outlet.number] += 1
        outlet.items.append(item)
    press = Press(found, hours)
    _spoil(press, rng, numbers)
    for _ in range(faults):
        outlet = found[rng.randrange(outlets - 1)]
        begin = rng.uniform(1, hours * 0.75)
        outlet.faults.append((begin, begin + rng.uniform(1.0, 5.0), rng.choice(FAULTS)))
    for outlet in found:
        outlet.items.sort(key=lambda item: (item.hour, item.number))
    return press


def _story(rng: random.Random, hours: float) -> Story:
    kind = rng.choices(("strike", "attack", "clash", "none"), (5, 2, 1, 3))[0]
    return Story(
        rng.randrange(len(TOWNS)),
        rng.randrange(len(PLACES)),
        kind,
        rng.uniform(0, hours * 0.95),
        rng.randint(3, 10),
    )


def _version(
    rng: random.Random, outlet: Outlet, story: Story, hour: float, mark: str, *, dead: int | None = None
) -> Version:
    """Write a report of a story as an outlet tells it."""
    day = (BEGIN + timedelta(hours=story.hour)).weekday()
    dead = dead if dead is not None else max(3, min(10, story.dead + rng.choice((-1, 0, 0, 0, 1))))
    town, town_ar, country, adjective = TOWNS[story.town]
    target, target_ar = PLACES[story.target]
    token = f"Desk {mark}"
    count = (NUMBERS_EN if outlet.lang == "en" else NUMBERS_AR)[dead]
    if outlet.lang == "en":
        name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[day]
        said = {
            "strike": f"An airstrike hit the {target} of {town} in {country} on {name} "
            f"and killed {count} civilians, medics said.",
            "attack": f"Gunmen attacked a checkpoint near the {target} of {town}, {country}, on {name}, "
            f"killing {count} soldiers, "
            "the army said.",
            "clash": f"Clashes near the {target} of {town}, {country}, on {name} "
            f"killed {count} fighters, a local council said.",
            "none": f"{QUIET_EN[story.target % 4]}, officials in {town} said on {name}.",
        }[story.kind]
        head = {
            "strike": f"Airstrike hits {target} in {town}",
            "attack": f"Attack near {town}",
            "clash": f"Clashes near {town}",
            "none": f"News from {town}",
        }[story.kind]
        body = [
            said,
            *rng.sample(MORE_EN, 2),
            f"{token}, {['north', 'south', 'east', 'west', 'river', 'hill', 'coast', 'plain'][outlet.number % 8]} edition.",
        ]
    else:
        name = DAYS_AR[day]
        said = {
            "strike": f"قُتل {count} مدنيين بغارة جوية على {target_ar} في مدينة {town_ar} {adjective}، {name}، "
            "بحسب مصدر طبي.",
            "attack": f"هاجم مسلحون حاجزا قرب {target_ar} في مدينة {town_ar} {adjective}، {name}، "
            f"وقُتل {count} جنود بحسب الجيش.",
            "clash": f"قُتل {count} مقاتلين في اشتباكات قرب {target_ar} في مدينة {town_ar} {adjective}، {name}، "
            "بحسب المجلس المحلي.",
            "none": f"{QUIET_AR[story.target % 4]}، بحسب مسؤولين في {town_ar} {name}.",
        }[story.kind]
        head = {
            "strike": f"غارة على {target_ar} في {town_ar}",
            "attack": f"هجوم قرب {town_ar}",
            "clash": f"اشتباكات قرب {town_ar}",
            "none": f"أخبار {town_ar}",
        }[story.kind]
        body = [said, *rng.sample(MORE_AR, 2), f"تحرير {token}."]
    return Version(hour, head, body, token)


def _spoil(press: Press, rng: random.Random, numbers: list[int]) -> None:
    """Edit, correct, take back, copy and forbid some of the items."""
    plain = [i for i in press.items if press.outlets[i.outlet].form != "list" and i.hour < press.hours * 0.6]
    rng.shuffle(plain)
    share = max(2, len(press.items) // 25)
    kinds = ("edit", "silent", "correction", "gone", "words", "notice", "same_page", "same_text", "new_guid", "copy_edited",
             "missing", "forbidden", "bare", "russian")  # fmt: skip
    for kind in kinds:
        for _ in range(share if kind not in ("russian", "bare") else max(1, share // 2)):
            if not plain:
                return
            _SPOILED[kind](press, rng, numbers, plain.pop())


def _later(item: Item, rng: random.Random, hours: float = 6.0) -> float:
    return item.hour + rng.uniform(2.5, hours)


def _again(
    press: Press, item: Item, hour: float, *, note: str = "", silent: bool = False, word: str = "2"
) -> Version:
    old = item.versions[-1]
    token = f"Desk {item.outlet}-{item.number}-{word}"
    body = [*([note] if note else []), *(line.replace(old.token, token) for line in old.body)]
    return Version(hour, old.headline, body, token, silent)


def _edit(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.versions.append(_again(press, item, _later(item, rng)))
    item.versions[-1].headline += " (update)" if press.outlets[item.outlet].lang == "en" else " (تحديث)"
    item.tags.add("edit")


def _silent(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.versions.append(_again(press, item, _later(item, rng), silent=True))
    item.tags.add("silent")


def _correction(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    en = press.outlets[item.outlet].lang == "en"
    note = (
        "Correction: an earlier version of this report misstated the name of the road."
        if en
        else "تصحيح: ورد خطأ في اسم الطريق في نسخة سابقة من هذا الخبر."
    )
    item.versions.append(_again(press, item, _later(item, rng), note=note))
    item.tags.add("correction")


def _gone(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.gone, item.expect = _later(item, rng), "retracted"
    item.tags.add("gone")


def _words(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    en = press.outlets[item.outlet].lang == "en"
    head = "Retracted: this report has been withdrawn" if en else "سحب الخبر بعد التحقق"
    body = (
        [
            "This article has been retracted because it could not be confirmed. We regret the error and thank our readers."
        ]
        if en
        else ["تم سحب هذا الخبر لأنه لم يتأكد، ونعتذر من القراء عن هذا الخطأ ونشكرهم على متابعتهم."]
    )
    item.versions.append(Version(_later(item, rng), head, body, "retracted" if en else "سحب"))
    item.expect = "retracted"
    item.tags.add("words")


def _add(press: Press, numbers: list[int], outlet: int, item: Item) -> Item:
    item.number = numbers[outlet]
    numbers[outlet] += 1
    press.outlets[outlet].items.append(item)
    return item


def _notice(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.expect = "retracted"
    item.tags.add("noticed")
    en = press.outlets[item.outlet].lang == "en"
    head = "Retraction: an earlier report is withdrawn" if en else "سحب خبر سابق"
    body = [
        "We withdraw the report linked here. It could not be confirmed."
        if en
        else "نسحب الخبر المشار إليه هنا لأنه لم يتأكد."
    ]
    hour = _later(item, rng)
    made = Item(
        item.outlet,
        0,
        hour,
        [Version(hour, head, body, "notice")],
        "retracted",
        refers=(item.outlet, item.number),
    )
    _add(press, numbers, item.outlet, made).tags.add("notice")


def _elsewhere(press: Press, rng: random.Random, item: Item) -> int:
    same = [
        o.number
        for o in press.outlets
        if o.lang == press.outlets[item.outlet].lang and o.number != item.outlet
    ]
    return rng.choice(
        [n for n in same if press.outlets[n].form != "list" and not press.outlets[n].is_forbidden]
    )


def _same_page(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    other = _elsewhere(press, rng, item)
    item.group = f"page {item.outlet}-{item.number}"
    hour = item.hour + rng.uniform(0, 3)
    made = Item(other, 0, hour, [_copy(item, hour)], "duplicate", item.group, link=(item.outlet, item.number))
    _add(press, numbers, other, made).tags.add("same_page")


def _copy(item: Item, hour: float) -> Version:
    first = item.versions[0]
    return Version(hour, first.headline, first.body, first.token)


def _same_text(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    other = _elsewhere(press, rng, item)
    item.group = f"text {item.outlet}-{item.number}"
    hour = item.hour + rng.uniform(0, 3)
    made = Item(other, 0, hour, [_copy(item, hour)], "duplicate", item.group)
    _add(press, numbers, other, made).tags.add("same_text")


def _new_guid(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.group = f"guid {item.outlet}-{item.number}"
    hour = item.hour + rng.uniform(1, 3)
    made = Item(
        item.outlet, 0, hour, [_copy(item, hour)], "duplicate", item.group, link=(item.outlet, item.number)
    )
    _add(press, numbers, item.outlet, made).tags.add("new_guid")


def _copy_edited(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    """A copy of a text whose first publisher then changes it: the copy tells the old text on its own."""
    _same_text(press, rng, numbers, item)
    copy = press.outlets[
        next(
            o.number
            for o in press.outlets
            if o.items and o.items[-1].group == item.group and o.number != item.outlet
        )
    ].items[-1]
    item.group = copy.group = None
    copy.expect = "read"
    copy.tags.add("copy_edited")
    _edit(press, rng, numbers, item)
    item.versions[-1].hour = max(item.versions[-1].hour, copy.hour + 2.5)


def _missing(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.is_missing = True
    item.tags.add("missing")


def _forbidden(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.is_forbidden = True
    item.tags.add("forbidden")


def _bare(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    item.is_bare = item.is_missing = True
    item.expect = "unreadable"
    item.tags.add("bare")


def _russian(press: Press, rng: random.Random, numbers: list[int], item: Item) -> None:
    words = "Городской совет открыл новую автобусную линию между портом и северными кварталами для жителей"
    item.versions[0].headline, item.versions[0].body = "Новости города", [f"{words}.", item.versions[0].token]
    item.expect = "unreadable"
    item.tags.add("russian")


_SPOILED = {
    "edit": _edit, "silent": _silent, "correction": _correction, "gone": _gone, "words": _words, "notice": _notice,
    "same_page": _same_page, "same_text": _same_text, "new_guid": _new_guid, "copy_edited": _copy_edited,
    "missing": _missing, "forbidden": _forbidden, "bare": _bare, "russian": _russian,
}  # fmt: skip
