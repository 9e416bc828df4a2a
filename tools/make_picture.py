"""Make the picture in the README: the top of the brief of a shipped sample, as a browser draws it.

Needs Debian's Chromium (`make browser`).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "brief.png"


def main() -> int:
    """Write docs/images/brief.png."""
    from playwright.sync_api import sync_playwright

    from afterstrike.brief import build_brief, open_sample

    chromium = shutil.which("chromium")
    if chromium is None:
        print("make_picture: no chromium on this machine; run: make browser", file=sys.stderr)
        return 2
    sample = open_sample("desert-strikes")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        brief = build_brief(sample.path, published=sample.published, title=sample.title)
        page_file = brief.save(folder)[0]
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1150})
        page.goto(page_file.as_uri())
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=str(PICTURE))
        browser.close()
    print(f"wrote {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
