"""The page in a real browser: nothing of an article runs or is fetched, the paths of a reader work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from afterstrike.brief import Brief, build_brief

pytestmark = pytest.mark.browser
ATTACK = """# <script>document.title='owned';alert(1)</script> 40 tons fell

<img src="http://127.0.0.1:9/x.png" onerror="alert(2)"> There are currently 900 US troops in Syria.
"><svg onload=alert(3)> Officials said 14 camps were hit on 3 May 2019 near
</style><style>body{display:none}</style> Homs.
<a href="javascript:alert(4)">10,000 detained fighters</a> are held in Hasakah.
"""


class Visit:
    """A page opened from a file, with everything it asked for and everything it said."""

    def __init__(self, browser: Any, path: Path, width: int = 1280, **more: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 844}, offline=True, **more)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.wait_for_load_state("load")


@pytest.fixture(scope="module")
def made_page(made_brief: Brief, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_brief.save(tmp_path_factory.mktemp("page"))[0]


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_an_article_with_scripts_is_inert(browser: Any, tmp_path: Path, suffix: str) -> None:
    article = tmp_path / f"attack{suffix}"
    article.write_text(ATTACK, encoding="utf-8")
    visit = Visit(
        browser,
        build_brief(article, published="2026-01-20", out=tmp_path / "out") and tmp_path / "out/brief.html",
    )
    visit.page.wait_for_timeout(200)
    assert visit.dialogs == []
    assert visit.said == []
    assert len(visit.requests) == 1, visit.requests
    assert visit.page.evaluate("document.scripts.length") == 1
    assert not visit.page.title().startswith("owned")
    assert visit.page.locator("h1").is_visible()
    assert "900 US troops" in visit.page.locator("article.text").inner_text()


def test_no_request_leaves_a_full_page_and_the_policy_blocks_nothing_of_ours(
    browser: Any, made_page: Path
) -> None:
    visit = Visit(browser, made_page)
    assert [url.split(":")[0] for url in visit.requests] == ["file"]
    assert len(visit.requests) == 1
    assert visit.said == []
    assert visit.page.locator(".drawn.wide svg").first.is_visible()


def test_a_claim_shows_its_card_by_mouse_and_by_keyboard(browser: Any, made_page: Path) -> None:
    visit = Visit(browser, made_page)
    card = visit.page.locator(".card")
    assert card.is_hidden()
    visit.page.locator('.text a[data-claim="c3"]').first.hover()
    assert "currently 900 foreign troops" in card.inner_text()
    visit.page.keyboard.press("Escape")
    assert card.is_hidden()
    visit.page.locator('.text a[data-claim="c4"]').first.focus()
    assert "Contradicted" in card.inner_text()


def test_the_table_filters_and_says_how_many_are_left(browser: Any, made_page: Path) -> None:
    page = Visit(browser, made_page).page
    page.select_option("select[name=verdict]", "contradicted")
    assert page.locator(".filter output").inner_text() == "1 of 7 shown"
    assert page.locator(".claims tbody tr:visible").count() == 1
    page.select_option("select[name=verdict]", "")
    page.fill("input[name=words]", "detained")
    assert page.locator(".claims tbody tr:visible th").all_inner_texts() == ["c4"]


def test_phone_width_needs_no_sideways_scrolling(browser: Any, made_page: Path) -> None:
    page = Visit(browser, made_page, 390).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".drawn.narrow svg").first.is_visible()
    assert page.locator(".drawn.wide svg").first.is_hidden()
    page.locator('.text a[data-claim="c3"]').first.click()
    assert page.locator(".card").is_visible()


def test_without_script_a_claim_leads_to_its_row(browser: Any, made_page: Path) -> None:
    page = Visit(browser, made_page, java_script_enabled=False).page
    page.locator('.text a[data-claim="c5"]').first.click()
    assert page.url.endswith("#claim-c5")
    assert page.locator("#claim-c5").is_visible()
    assert page.locator(".filter").is_hidden()


def test_arabic_runs_from_right_to_left(browser: Any, made_page: Path) -> None:
    page = Visit(browser, made_page).page
    direction = "(element) => getComputedStyle(element).direction"
    assert page.locator("#claim-c5 q").first.evaluate(direction) == "rtl"
    assert page.locator("#claim-c4 q").first.evaluate(direction) == "ltr"


def test_dark_mode_changes_paper_and_charts(browser: Any, made_page: Path) -> None:
    colour = "() => getComputedStyle(document.body).backgroundColor"
    stroke = "() => getComputedStyle(document.querySelector('.drawn.wide svg [stroke]')).stroke"
    light, dark = (Visit(browser, made_page, color_scheme=scheme).page for scheme in ("light", "dark"))
    assert light.evaluate(colour) != dark.evaluate(colour)
    assert light.evaluate(stroke) != dark.evaluate(stroke)
