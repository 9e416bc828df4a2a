"""The documentation cannot drift: generated pages are current, blocks run, public names are documented."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mktestdocs import check_codeblock, grab_code_blocks

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "src").rglob("README.md")])


def test_generated_pages_are_current() -> None:
    command = [sys.executable, "tools/make_docs.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_python_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = grab_code_blocks(page.read_text(encoding="utf-8"), lang="python")
    if any("../shared" in block for block in blocks) and not (ROOT.parent / "shared").is_dir():
        pytest.skip("the shared test data is not beside this repository (../shared)")
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        check_codeblock(block.replace("../shared", str(ROOT.parent / "shared")), lang="python")


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow) if page == ROOT / "README.md" else page for page in PAGES],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_console_blocks_run(page: Path, tmp_path: Path) -> None:
    """Blocks marked `console` hold commands (lines that start with `$ afterstrike`) that must succeed."""
    text = page.read_text(encoding="utf-8")
    lines = [
        line[2:]
        for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)
        for line in block.splitlines()
        if line.startswith("$ afterstrike")
    ]
    if any("../shared" in line for line in lines) and not (ROOT.parent / "shared").is_dir():
        pytest.skip("the shared test data is not beside this repository (../shared)")
    env = dict(os.environ, PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for line in lines:
        line = line.replace("../shared", str(ROOT.parent / "shared"))
        done = subprocess.run(
            line, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(
    "folder",
    [
        "",
        ".sources",
        ".reading",
        ".record",
        ".effects",
        ".containment",
        ".brief",
        ".watch",
        ".web",
        ".charts",
    ],
)
def test_public_names_exist_and_have_docstrings(folder: str) -> None:
    module = importlib.import_module(f"afterstrike{folder}")
    assert module.__all__, f"{module.__name__} exports nothing"
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert (thing.__doc__ or "").strip(), f"{module.__name__}.{name} has no docstring"


def test_folder_readmes_are_short() -> None:
    for readme in (ROOT / "src").rglob("README.md"):
        lines = readme.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 40, f"{readme.relative_to(ROOT)} has {len(lines)} lines, at most 40"


def test_python_files_stay_readable() -> None:
    for path in [*(ROOT / "src").rglob("*.py")]:
        count = len(path.read_text(encoding="utf-8").splitlines())
        assert count <= 400, f"{path.relative_to(ROOT)} has {count} lines, at most 400"


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = listing.stdout.split("\n")
    # written in pieces, so that this file does not name them itself
    pieces = ("index", "-url"), ("/sim", "ple/"), ("/ro", "ot/"), ("/ho", "me/[a-z]"), ("/wo", "rk/")
    bad = re.compile("|".join(map("".join, pieces)))
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix in {".png", ".geojson", ".gz"} or not path.exists():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not bad.search(line), f"{name}:{number}: {line[:120]}"
