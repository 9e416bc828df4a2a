from __future__ import annotations

import io
import json
import sys
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest

from afterstrike.brief import Brief, Check, build_brief, json_schema, open_sample, samples
from afterstrike.brief._assemble import assumption_list
from afterstrike.brief._brief import parse_published
from afterstrike.errors import ReadingError, RecordError, SourceError, UsageError
from afterstrike.reading._claim import Claim, DateMention, Ledger
from afterstrike.sources import Fetched

ARTICLE = """Why 40 tons fell on the desert

There are currently 900 US troops in Syria. Officials said 14 camps in Homs were hit on 3 May 2019.
"""


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "story.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


def test_article_to_files(article: Path, tmp_path: Path) -> None:
    made = build_brief(article, published="2026-01-20", out=tmp_path / "out")
    written = json.loads((tmp_path / "out" / "brief.json").read_text(encoding="utf-8"))
    jsonschema.validate(written, json_schema())
    assert written == made.to_dict()
    assert (tmp_path / "out" / "brief.html").read_text(encoding="utf-8") == made.to_html()
    assert written["article"]["published_from"] == "given by the user"
    numbers = {q["value"] for claim in written["claims"] for q in claim["quantities"]}
    assert {900, 14, 40} <= numbers
    for claim in written["claims"]:
        assert written["article"]["text"][claim["start"] : claim["end"]] == claim["quote"]


def test_two_runs_differ_in_created_at_only(article: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first = build_brief(article, published="2026-01-20")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767229200")
    second = build_brief(article, published="2026-01-20")
    one, two = first.to_dict(), second.to_dict()
    assert one["provenance"].pop("created_at") == "2026-01-01T00:00:00Z"
    assert two["provenance"].pop("created_at") == "2026-01-01T01:00:00Z"
    assert one == two
    assert first.to_html().replace("00:00:00Z", "01:00:00Z") == second.to_html()


def test_provenance_reproduces_without_telling_where_the_user_keeps_files(article: Path) -> None:
    made = build_brief(article, published="2026-01-20", title="A title; rm -rf 'x'")
    assert made.provenance["command"] == (
        "afterstrike brief story.txt --published 2026-01-20 --title 'A title; rm -rf '\"'\"'x'\"'\"''"
    )
    assert made.provenance["input"]["sha256"] == made.article["sha256"]
    assert str(article.parent) not in made.to_json() + made.to_html()
    tables = made.provenance["shipped_tables_sha256"]
    assert "record/shipped/figures.csv" in tables
    assert all(len(digest) == 64 for digest in tables.values())


def test_a_given_title_is_shown(article: Path) -> None:
    made = build_brief(article, title="Another title")
    assert made.article["title"] == "Another title"
    assert '<h1 dir="auto">Another title</h1>' in made.to_html()


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ARTICLE.encode())))
    made = build_brief("-")
    assert made.provenance["command"] == "afterstrike brief -"
    assert made.article["published"] is None
    assert "date not known" in made.to_html()


@pytest.mark.parametrize(
    "text", ["20 January 2026", "2026-1-20", "2026-02-30", "", "20260120", "2026-01-20T00:00"]
)
def test_a_wrong_date_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        parse_published(text)


@pytest.mark.parametrize(
    ("day", "words"),
    [(date.today() + timedelta(days=30), "future"), (date(1, 1, 1), "before there were newspapers")],
)
def test_an_absurd_date_warns_and_is_an_assumption(article: Path, day: date, words: str) -> None:
    made = build_brief(article, published=day)
    assert any(words in warning for warning in made.warnings)
    assert any(words in item["text"] for item in made.assumptions)


def test_a_plain_date_warns_of_nothing(article: Path) -> None:
    assert build_brief(article, published=date(2026, 1, 20)).warnings == ()


def test_faults_are_ours_to_name(tmp_path: Path, article: Path) -> None:
    with pytest.raises(SourceError):
        build_brief(tmp_path / "absent.txt")
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises((SourceError, ReadingError)):
        build_brief(tmp_path / "empty.txt", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "broken.duckdb").write_bytes(b"not a database" * 100)
    with pytest.raises(RecordError):
        build_brief(article, record=tmp_path / "broken.duckdb")
    with pytest.raises(RecordError):
        build_brief(article, record=tmp_path / "absent.duckdb")
    assert not (tmp_path / "absent.duckdb").exists()


@pytest.mark.parametrize("name", [sample.name for sample in samples()])
def test_every_sample_makes_a_full_brief(name: str) -> None:
    sample = open_sample(name)
    made = build_brief(sample.path, published=sample.published, title=sample.title, sample=name)
    jsonschema.validate(made.to_dict(), json_schema())
    html = made.to_html()
    for section in ("says", "inside", "record", "pictures", "sources", "provenance"):
        assert f'<section id="{section}"' in html
    assert made.provenance["command"] == f"afterstrike brief --sample {name}"
    if sample.language == "en":  # what decides a verdict is told by English words
        assert {check.verdict for check in made.checks} & {
            "supported",
            "same_source",
            "contradicted",
            "outdated",
        }
    assert len(made.checks) >= 10 and made.flags


def test_an_unknown_sample_names_the_known() -> None:
    with pytest.raises(UsageError, match=samples()[0].name):
        open_sample("nothing")


def test_repr_fits_one_line(made_brief: Brief) -> None:
    assert repr(made_brief) == "Brief('Why 40 tons fell on Exampleland', 7 claims, 2 flags)"


class Archive:
    """Gives one page, as a web server would."""

    def fetch(self, address: str, *, max_bytes: int) -> Fetched:
        story = f"<article><h1>Story</h1><p>{ARTICLE * 5}</p></article>"
        page = f"<html><head><title>Story</title></head><body>{story}</body></html>"
        return Fetched(page.encode(), address, 200, "text/html; charset=utf-8")


def test_a_page_keeps_its_address_and_when_it_was_got() -> None:
    made = build_brief("https://news.example/a?b=1", fetcher=Archive(), published="2026-01-20")
    given = made.provenance["input"]
    assert given["address"] == made.article["address"] == "https://news.example/a?b=1"
    assert given["retrieved_at"]
    assert (
        made.provenance["command"] == "afterstrike brief 'https://news.example/a?b=1' --published 2026-01-20"
    )
    assert '<a href="https://news.example/a?b=1" rel="noreferrer noopener">' in made.to_html()


def test_claims_of_an_assumption_stand_in_the_order_of_the_article() -> None:
    day = DateMention("then", 0, 1, "2026-01-01", "2026-01-01", 1, relative=True, assumption="assuming")
    claims = tuple(
        Claim(f"c{i}", 0, 1, "x", "event", None, "author", "stated", dates=(day,) if i == 3 else ())
        for i in range(1, 12)
    )
    checks = [Check(f"c{i}", "outdated", "s", assumption="assuming") for i in (10, 2)]
    assert assumption_list(Ledger("x", claims), checks, []) == [
        {"text": "assuming", "claims": ["c2", "c3", "c10"]}
    ]
