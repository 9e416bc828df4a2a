"""Make the pictures in the docs: the top of a sample brief, and two pages of the web app, as a browser draws them.

    python tools/make_picture.py

Needs Debian's Chromium (`make browser`). The web app shows the record of `make demo`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import demo

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"


def brief_picture(browser: Any) -> None:
    """Draw docs/images/brief.png."""
    from afterstrike.brief import build_brief, open_sample

    sample = open_sample("desert-strikes")
    with tempfile.TemporaryDirectory() as folder:
        brief = build_brief(sample.path, published=sample.published, title=sample.title)
        page = browser.new_page(viewport={"width": 1280, "height": 1150})
        page.goto(brief.save(folder)[0].as_uri())
        keep(page, "brief")


def web_pictures(browser: Any) -> None:
    """Draw docs/images/record.png and docs/images/incident.png."""
    with tempfile.TemporaryDirectory() as folder:
        record = demo.prepare(Path(folder))
        press = demo.Press()
        demo.watch(record, press).once()
        command = [sys.executable, "-m", "afterstrike", "serve", str(record), "--port", "0"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.goto(f"{address}record?dataset=simulated&from=2001-06-01&to=2002-03-31")
            page.wait_for_selector("#view[data-shown]")
            page.wait_for_timeout(2000)
            keep(page, "record")
            page.goto(f"{address}incidents")
            page.click("a:has-text('Deir ez-Zor')")
            page.wait_for_load_state()
            keep(page, "incident")
            server.terminate()
        press.close()


def keep(page: Any, name: str) -> None:
    """Write a picture."""
    IMAGES.mkdir(exist_ok=True)
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    print(f"wrote docs/images/{name}.png")


def main() -> int:
    """Draw all pictures."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        print("make_picture: no chromium on this machine; run: make browser", file=sys.stderr)
        return 2
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        brief_picture(browser)
        web_pictures(browser)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
