from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterstrike.brief import Brief, Check, Evidence, Flag
from afterstrike.reading._claim import Claim, Ledger

VOID = {"meta", "input", "br", "link", "img", "hr"}
SELF_CLOSING = {"path", "line", "rect", "circle", "g", "use"}


class Page(HTMLParser):
    """Collects elements, and fails where an end tag does not match its start tag."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> where </{self.open[-1]}> is due"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.setdefault(self.open[-1] if self.open else "", []).append(data)

    def ids(self) -> list[str]:
        return [a["id"] or "" for _, a in self.elements if "id" in a]


@pytest.fixture(scope="module")
def html(made_brief: Brief) -> str:
    return made_brief.to_html()


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_nothing_is_asked_for_from_outside(page: Page) -> None:
    for tag, attributes in page.elements:
        for name in ("src", "srcset", "data", "poster", "xlink:href", "action", "background"):
            assert name not in attributes, (tag, attributes)
        if "href" in attributes:
            assert tag == "a", (tag, attributes)
        assert tag not in (
            "link",
            "iframe",
            "object",
            "embed",
            "img",
            "base",
            "form" if "action" in attributes else "",
        )


def test_no_style_attribute_and_no_handler(page: Page) -> None:
    for tag, attributes in page.elements:
        assert "style" not in attributes, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)


def test_policy_names_the_hash_of_the_only_style_and_script(html: str, page: Page) -> None:
    policy = next(
        a["content"] or "" for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        found = re.findall(rf"<{tag}>(.*?)</{tag}>", html, flags=re.S)
        assert len(found) == 1
        digest = base64.b64encode(hashlib.sha256(found[0].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy


def test_every_inner_link_arrives_and_ids_are_unique(page: Page) -> None:
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        href = attributes.get("href") or ""
        if href.startswith("#"):
            assert href[1:] in ids, href


def test_every_claim_check_flag_and_source_is_on_the_page(made_brief: Brief, html: str, page: Page) -> None:
    ids = set(page.ids())
    made = made_brief.to_dict()
    assert {f"claim-{c['id']}" for c in made["claims"]} <= ids
    assert {f"source-{s['number']}" for s in made["sources"]} <= ids
    assert {f"flag-{i + 1}" for i in range(len(made["flags"]))} <= ids
    assert {"check-c2", "check-c3", "check-c4"} <= ids
    for check in made["checks"]:
        assert check["sentence"] in html


def test_verdict_is_always_a_word_never_colour_alone(html: str) -> None:
    chips = re.findall(r'<span class="chip[^>]*>(.*?)</span>\s*([^<]*)</span>', html, flags=re.S)
    assert chips
    assert all(word.strip() for _, word in chips)


def without_places(ledger: Ledger) -> Ledger:
    return replace(ledger, claims=tuple(replace(claim, places=()) for claim in ledger.claims))


def test_places_are_drawn_where_no_record_is_given(
    assemble: Callable[..., Brief], parts: dict[str, Any]
) -> None:
    ledger = parts["ledger"]
    bare = Page(assemble(ledger, parts["unchecked"](ledger)).to_html())
    assert "Places the article names" in bare.words["h3"]
    # Nothing of a record is drawn here, and the page does not say so.
    assert "The article in pictures" in [w.strip() for w in bare.words["h2"]]
    assert "ship with afterstrike" not in " ".join(bare.words["p"])


def test_the_map_of_a_record_stands_alone(html: str) -> None:
    page = Page(html)
    assert "Where they happened" in page.words["h3"]
    assert "Places the article names" not in page.words["h3"]


def test_sections_without_content_are_absent(assemble: Callable[..., Brief], parts: dict[str, Any]) -> None:
    ledger = without_places(parts["ledger"])
    bare = Page(assemble(ledger, parts["unchecked"](ledger)).to_html())
    assert {"says", "provenance"} <= set(bare.ids())
    assert not {"inside", "record", "pictures", "sources", "assumptions"} & set(bare.ids())
    links = [a["href"] for t, a in bare.elements if t == "a" and a.get("href", "").startswith("#")]  # type: ignore[union-attr]
    assert "#record" not in links
    headings = [w.strip() for w in bare.words["h2"]]
    assert headings == ["What the article says", "What earlier strikes were followed by", "Provenance"]


def test_article_without_claims_says_so(assemble: Callable[..., Brief]) -> None:
    html = assemble(Ledger("Nothing happened here.", ()), ()).to_html()
    assert "No claim was found" in html
    assert "<table" not in re.sub(r"<details>.*?</details>", "", html, flags=re.S)


def test_arabic_quotes_carry_their_own_direction(page: Page, html: str) -> None:
    quote = "«قُتل 12 شخصاً في المدينة»"
    assert re.search(rf'<q dir="auto">{re.escape(quote)}</q>', html)
    line = re.search(r'<p dir="auto">(?:(?!</p>).)*وقال المتحدث', html, flags=re.S)
    assert line
    assert ("html", {"lang": "en"}) in page.elements


def test_furniture_is_marked_and_holds_no_claim(html: str) -> None:
    line = re.search(r'<p dir="auto" class="furniture"[^>]*>(.*?)</p>', html, flags=re.S)
    assert line
    assert line.group(1) == "5 min read"


def test_weekly_and_map_captions_count_what_is_left_out(html: str) -> None:
    assert "17 drawn of 22 events; 5 without a place that can be drawn; 2 imprecise" in html
    assert "which is not zero" in html


def hostile(text: str, put_together: Callable[..., Brief]) -> Brief:
    """Put one text everywhere a text can stand."""
    claim = Claim("c1", 0, len(text), text, "figure", text, "official", "likely", cue=text)
    item = Evidence(
        "figure", text, text, text, text, "2020-01-01", None, 1.0, unit=text, rows=(text,), note=text
    )
    check = Check("c1", "contradicted", text, text, text, text, (item,))
    flag = Flag("headline_only", "high", ("c1",), text, (item,))
    ledger = Ledger(text, (claim,), title=text, language=text, notes=(text,), title_span=(0, len(text)))
    return put_together(ledger, (check,), (flag,))


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'); alert(1); ('",
    "</style></script></title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\x1b]0;title\x07\x9b\x7f",
    "\u202eevil\u2066\u2028\u2029",
    "]]><!--",
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.one_of(st.sampled_from(ATTACKS), st.text(min_size=1, max_size=60)))
def test_hostile_text_stays_text(assemble: Callable[..., Brief], text: str) -> None:
    made = hostile(text, assemble)
    html = made.to_html()
    page = Page(html)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1
    assert tags.count("style") == 1
    assert "img" not in tags
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "").lower().startswith(("javascript", "data", "vbscript")), tag
    assert not re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]", html)
    assert json.loads(made.to_json())["claims"][0]["quote"] == text
    assert json.loads(made.to_json().encode("utf-8", "backslashreplace"))


def test_arabic_inside_an_english_line_keeps_its_quote_marks(assemble: Callable[..., Brief]) -> None:
    text = "The spokesman said «قُتل 12 شخصاً.», then left."
    claim = Claim("c1", 0, len(text), text, "figure", None, "author", "stated")
    html = assemble(Ledger(text, (claim,)), (Check("c1", "not_checkable", "x"),)).to_html()
    assert 'said <bdi dir="rtl">«قُتل 12 شخصاً.»</bdi>, then' in html
