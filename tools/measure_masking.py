"""Measure `mask_names` against human-coded names and places, on the shared test data: prints Markdown tables.

    python tools/measure_masking.py              # the development halves
    python tools/measure_masking.py --half train

Reads ../shared/data/text in place and prints counts only, never a name. A coded name counts as left out where no
two neighbouring words of it stay together anywhere in the masked text (of a name of one word: the word). A place
or group counts as lost where it no longer stands anywhere in the masked text. MUC-4 is in capitals; the table has
it also in mixed case, made here: all in lower case but the first word of a sentence, the coded names of people,
places and groups, and what the country table knows. Names that nobody coded are in lower case there.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from afterstrike.reading import mask_names
from afterstrike.reading._country import country_words
from afterstrike.reading._mask_words import sort_of
from reading_tasks import rows

_QUOTED = re.compile(r'"([^"]+)"')
_PLACE = re.compile(
    r"([A-Z][A-Z' .-]+?)\s*\((?:CITY|TOWN|DEPARTMENT|NEIGHBORHOOD|PROVINCE|VILLAGE|MUNICIPALITY)"
)
_SMALL = frozenset(
    [
        "de",
        "la",
        "del",
        "las",
        "los",
        "el",
        "y",
        "al",
        "e",
        "da",
        "do",
        "dos",
        "van",
        "von",
        "of",
        "the",
        "and",
    ]
)
Row = tuple[str, int, int, int]


def flat(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def words_of(name: str) -> list[str]:
    return [word for word in flat(name).split() if word not in _SMALL and len(word) > 1]


def stays(name: str, masked: str) -> bool:
    """Say whether two neighbouring words of a name stand together in a flat text, small words between."""
    parts = words_of(name)
    small = "(?: (?:" + "|".join(_SMALL) + "))*"
    pieces = [f"{a}{small} {b}" for a, b in pairwise(parts)] or parts
    return any(re.search(rf"(?<!\w){piece}(?!\w)", masked) for piece in pieces)


def stands(name: str, text: str) -> bool:
    return bool(flat(name)) and re.search(rf"(?<!\w){re.escape(flat(name))}(?!\w)", text) is not None


def coded(row: dict, slots: Iterable[str]) -> set[str]:
    """Give the strings in quotation marks of slots of all templates, alternatives too."""
    return {
        name.replace("\\", "").strip('[] "')
        for template in row["templates"]
        for slot in slots
        for line in template.get(slot, [])
        for name in _QUOTED.findall(line.replace('\\"', ""))
    }


def places_of(row: dict) -> set[str]:
    lines = [line for t in row["templates"] for line in t.get("incident_location", [])]
    return {name.strip() for line in lines for name in _PLACE.findall(line)}


def mixed_case(text: str, people: Iterable[str], others: Iterable[str]) -> str:
    """Give a text of capitals in mixed case; the names and what the country table knows are capitalised."""
    names = [*people, *others]
    spans = [m.span() for name in names if words_of(name) for m in spelled(name).finditer(text)]
    parts = {w.upper() for name in people for w in words_of(name) if sort_of(w) in ("name", "given", "weak")}
    spans += [m.span() for m in re.finditer(r"[A-Z]+", text) if m.group() in parts]
    titled = re.sub(r"[A-Z]+", lambda m: m.group().capitalize(), text)
    spans += [(w.start, w.end) for w in country_words(titled)]
    letters = list(text.lower())
    for match in re.finditer(r"(?:^|[.!?]\s+|\n\s*\n\s*)([A-Z])", text):
        letters[match.start(1)] = text[match.start(1)]
    for a, b in spans:
        for match in re.finditer(r"[A-Z']+", text[a:b]):
            if match.group().lower() not in _SMALL:
                letters[a + match.start()] = match.group()[0]
    return "".join(letters)


def spelled(name: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)" + r"\W+".join(map(re.escape, re.findall(r"[^\W_]+", name))) + r"(?!\w)")


def muc(half: str) -> Iterator[Row]:
    count: Counter[str] = Counter()
    for row in rows(f"muc4/{half}"):
        victims = coded(row, ["hum_tgt_name"])
        groups, places = coded(row, ["perp_organization_id"]), places_of(row)
        mixed = mixed_case(row["text"], victims, [*places, *groups])
        for form, text in (("capitals", row["text"]), ("mixed case", mixed)):
            before, after = flat(text), flat(mask_names(text).text)
            for what, names in (("victims' names", victims), ("groups", groups), ("places", places)):
                for name in names:
                    if not stands(name, before):
                        continue
                    count[f"{form}, {what}"] += 1
                    gone = not stays(name, after) if what == "victims' names" else not stands(name, after)
                    count[f"{form}, {what} gone"] += gone
                    if what == "victims' names":
                        count[f"{form}, {what} words"] += not any(stands(w, after) for w in words_of(name))
    for form in ("capitals", "mixed case"):
        for what in ("victims' names", "groups", "places"):
            key = f"{form}, {what}"
            yield f"MUC-4, {key}", count[key], count[f"{key} gone"], count[f"{key} words"]


def entities(tags: list[str]) -> Iterator[tuple[str, int, int]]:
    start = 0
    for n in range(1, len(tags) + 1):
        if n == len(tags) or not tags[n].startswith("I-") or tags[n][2:] != tags[start][2:]:
            if tags[start] != "O":
                yield tags[start].split("-")[-1], start, n
            start = n


def arabic_entities(half: str) -> Iterator[Row]:
    count: Counter[str] = Counter()
    for row in rows(f"aqmar_arabic_ner/{half}"):
        tokens = row["tokens"]
        text = " ".join(tokens)
        masked = mask_names(text, spans=spans_of(tokens))
        left = [masked.text[a:b] == token for token, (a, b) in zip(tokens, masked.spans, strict=True)]
        plain = [n for n, tag in enumerate(row["tags"]) if tag == "O" and tokens[n].isalpha()]
        count["words that are no name"] += len(plain)
        count["words that are no name gone"] += sum(not left[n] for n in plain)
        for kind, a, b in entities(row["tags"]):
            sort = {"PER": "names of people", "LOC": "places", "ORG": "organisations"}.get(kind)
            if sort is None:
                continue
            count[sort] += 1
            pair = any(left[n] and left[n + 1] for n in range(a, b - 1)) if b - a > 1 else left[a]
            count[f"{sort} gone"] += not pair if kind == "PER" else not all(left[a:b])
            count[f"{sort} words"] += not any(left[a:b])
    for sort in ("names of people", "places", "organisations", "words that are no name"):
        yield f"AQMAR (Arabic), {sort}", count[sort], count[f"{sort} gone"], count[f"{sort} words"]


def spans_of(tokens: list[str]) -> list[tuple[int, int]]:
    spans, at = [], 0
    for token in tokens:
        spans.append((at, at + len(token)))
        at += len(token) + 1
    return spans


def toponyms(half: str) -> Iterator[Row]:
    for name in ("lgl", "trnews", "geovirus", "geowebnews"):
        total = lost = 0
        for row in rows(f"geoparsing/{name}_{half}"):
            spans = [
                (t["start"], t["end"]) for t in row["toponyms"] if t.get("non_locational") in (None, "No")
            ]
            masked = mask_names(row["text"], spans=spans)
            total += len(spans)
            lost += sum(
                row["text"][a:b] != masked.text[c:d]
                for (a, b), (c, d) in zip(spans, masked.spans, strict=True)
            )
        yield f"{name}, places where they stand", total, lost, 0


def airwars(half: str) -> Iterator[Row]:
    for corpus, language in (
        ("airwars_gaza_leads", "en"),
        ("airwars_source_excerpts", "en"),
        ("airwars_source_excerpts", "ar"),
    ):
        total = lost = 0
        for row in rows(f"{corpus}/{half}"):
            if row.get("lang", "en") != language:
                continue
            place = row.get("place") or (row.get("coded") or {}).get(f"place_{language}") or ""
            before, after = flat(row["excerpt"]), flat(mask_names(row["excerpt"]).text)
            for part in filter(None, (p.strip() for p in str(place).split(",")[:2])):
                if stands(part, before):
                    total += 1
                    lost += not stands(part, after)
        yield f"{corpus} ({language}), coded places", total, lost, 0


def false_alarms(half: str) -> Iterator[tuple[str, int, int, int]]:
    """Lines that name nobody: US Central Command's lists of strikes."""
    lines = marks = 0
    for row in rows(f"centcom_strike_lines/{half}"):
        lines += 1
        marks += mask_names(row["text"]).left_out > 0
    yield "CENTCOM lines, which name nobody", lines, marks, 0


def speed() -> Iterator[tuple[str, float]]:
    english = "\n".join(row["text"] for row in rows("geoparsing/lgl_train"))
    arabic = "\n".join(row["excerpt"] for row in rows("airwars_source_excerpts/train") if row["lang"] == "ar")
    for name, text in (
        ("English news", english),
        ("Arabic news", arabic),
        ("English in capitals", english.upper()),
    ):
        text = (text * (400_000 // len(text) + 1))[:400_000]
        begun = time.process_time()
        mask_names(text)
        yield name, time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--half", default="dev", choices=("dev", "train", "test"))
    half = parser.parse_args().half
    print("| coded names of people | coded | left out | share | no word of it stays |\n|---|---|---|---|---|")
    kept: list[Row] = []
    for task in (muc, arabic_entities):
        for name, total, gone, words in task(half):
            if "names" in name:  # of people
                print(
                    f"| {name} | {total} | {gone} | {gone / max(total, 1):.3f} | {words / max(total, 1):.3f} |"
                )
            else:
                kept.append((name, total, gone, words))
    for task in (toponyms, airwars, false_alarms):
        kept += task(half)
    print("\n| what should stay | coded | lost | share |\n|---|---|---|---|")
    for name, total, gone, _ in kept:
        print(f"| {name} | {total} | {gone} | {gone / max(total, 1):.3f} |")
    print("\n| 400,000 characters | seconds |\n|---|---|")
    for name, seconds in speed():
        print(f"| {name} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
