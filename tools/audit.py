"""Look every locked dependency up among the known vulnerabilities; say how many could be looked up at all.

pip-audit calls a package that its service does not know "skipped" and ends well. Where the service cannot be
reached, or stands behind a mirror without that knowledge, every package is skipped, and "no known
vulnerabilities" would be a comfort that was not earned. So the count is said, and `--strict` fails on it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/run.lock", "requirements/dev.lock")


def verdict(dependencies: Sequence[dict[str, Any]]) -> tuple[list[str], int, int]:
    """Give the vulnerable packages in words, how many were looked up, and how many could not be."""
    skipped = sum(1 for one in dependencies if "skip_reason" in one)
    found = [
        f"{one['name']} {one['version']}: {', '.join(v['id'] for v in one['vulns'])}; mended in "
        f"{', '.join(sorted({f for v in one['vulns'] for f in v['fix_versions']})) or 'no version yet'}"
        for one in dependencies
        if one.get("vulns")
    ]
    return found, len(dependencies) - skipped, skipped


def audit(lock: str) -> list[dict[str, Any]] | None:
    """Run pip-audit on one lock file; None where it could not work."""
    command = [sys.executable, "-m", "pip_audit", "-r", lock, "--disable-pip", "--require-hashes",
               "-f", "json", "--progress-spinner", "off"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit both lock files; 1 where a vulnerability is known, or with --strict where nothing could be looked up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--strict", action="store_true", help="fail also where packages could not be looked up"
    )
    strict = parser.parse_args(arguments).strict
    status = 0
    for lock in LOCKS:
        answer = audit(lock)
        if answer is None:
            print(f"{lock}: not audited, the service of known vulnerabilities cannot be reached")
            status |= strict
            continue
        found, known, skipped = verdict(answer)
        left = f"; {skipped} could not be looked up" if skipped else ""
        print(f"{lock}: {known} packages looked up, {len(found)} with known vulnerabilities{left}")
        for line in found:
            print(f"  {line}")
        status |= bool(found) or (strict and skipped > 0)
    return int(status)


if __name__ == "__main__":
    raise SystemExit(main())
