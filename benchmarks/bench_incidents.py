"""How long it takes to bring reports into incidents: `afterstrike record add` on synthetic Arabic reports.

    python benchmarks/bench_incidents.py [--reports 2000] [--days 20]

Half of the reports tell again, in other words, what one before told. Reading and building are timed apart, in
processor time: what grows with the square of the reports a day is the pairs that are scored. An event is a place and a
day here; how well pairs are linked is printed beside, so that speed is not bought with it.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from afterstrike.record import open_record
from afterstrike.record.incidents._build import build_incidents

PLACES = (
    "الأتارب", "سرمين", "كنصفرة", "دارة عزة", "معرة مصرين", "جسر الشغور", "أعزاز", "مارع", "عين عيسى", "تل تمر", "البارة",
    "بنش", "أريحا", "سراقب", "الباب", "جرابلس", "منبج", "تل رفعت", "الشدادي", "هجين", "كفرنبل", "حارم", "سلقين", "ترمانين",
)  # fmt: skip
WORDS = (
    "المنزل", "المدرسة", "السوق", "المخبز", "المزرعة", "الطريق", "المشفى", "المسجد", "الحقل", "الجسر", "المعمل", "الساحة",
    "الصباح", "المساء", "الفجر", "الظهيرة", "الأهالي", "الجيران", "المزارعون", "العمال", "الشارع", "الدخان", "الحريق", "الركام",
)  # fmt: skip
SIDES = ("الطيران الروسي", "قوات النظام", "الجيش التركي", "قوات سوريا الديمقراطية")
WEEKDAYS = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


def reports(count: int, days: int, seed: int = 1) -> list[dict[str, str]]:
    """Give invented reports; every second one tells of the event of an earlier one."""
    draw = random.Random(seed)
    events: list[tuple[date, str, str, int]] = []
    made = []
    for number in range(count):
        if number % 2 and events:
            day, place, side, killed = draw.choice(events[-40:])
        else:
            day = date(2022, 1, 3) + timedelta(days=number * days // count)
            place, side, killed = draw.choice(PLACES), draw.choice(SIDES), draw.randint(2, 9)
            events.append((day, place, side, killed))
        lead = f"قُتل {killed} مدنيين بقصف {side} على بلدة {place} السورية، اليوم {WEEKDAYS[day.weekday()]}."
        rest = [f"وقال {' '.join(draw.sample(WORDS, 8))} في بلدة {draw.choice(PLACES)}." for _ in range(6)]
        made.append(
            {"id": f"{day} {place} {number}", "published": day.isoformat(), "text": " ".join([lead, *rest])}
        )
    return made


def share(part: int, of: int) -> str:
    """Write a share as a number with two decimals and its count."""
    return f"{part / of:.2f} ({part:,} of {of:,})" if of else "-"


def _pairs(groups: list[list[str]]) -> tuple[int, int, int]:
    """Count the pairs that are linked, those of them that are of one place and day, and all such pairs there are."""
    linked = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    inside = [Counter(name.rpartition(" ")[0] for name in group) for group in groups]
    right = sum(n * (n - 1) // 2 for counts in inside for n in counts.values())
    together: Counter[str] = sum(inside, Counter())
    whole = sum(n * (n - 1) // 2 for n in together.values())
    return linked, right, whole


def main() -> None:
    """Print one line for each stage."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--days", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reports.jsonl"
        lines = [json.dumps(one, ensure_ascii=False) for one in reports(asked.reports, asked.days)]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with open_record(Path(folder) / "r.duckdb") as record:
            begun = time.process_time()
            record.add(file)
            spent = time.process_time() - begun
            begun = time.process_time()
            built = build_incidents(record.connection)
            print(f"{asked.reports:,} reports over {asked.days} days: {built.summary()}")
            again = time.process_time() - begun
            print(f"record add {spent:.1f} s, of which building again takes {again:.1f} s")
            told = [[t["report_id"] for t in one["tellings"]] for one in record.incidents()]
            linked, right, whole = _pairs(told)
            print(f"linked pairs that are of one event: {share(right, linked)}")
            print(f"pairs of one event that are linked: {share(right, whole)}")


if __name__ == "__main__":
    main()
