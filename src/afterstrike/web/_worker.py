"""One job in a process of its own: `python -m afterstrike.web._worker FOLDER`.

Reads FOLDER/spec.json, works in FOLDER with the files beside it, writes to FOLDER/result, and says on standard
output, one JSON object a line, which stage it is at and how it ended.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import AfterstrikeError, SourceError

__all__ = ["main"]

MOST_BYTES = 3_000_000_000


def _say(**told: Any) -> None:
    print(json.dumps(told), flush=True)


class _NoFetcher:
    """Stands where the network would: nothing that a visitor sends makes this server ask another one."""

    def fetch(self, address: str, *, max_bytes: int) -> Any:
        raise SourceError(f"{address} is not fetched here; save the page and upload its file")


def _brief(spec: dict[str, Any], progress: Callable[[str], None]) -> str:
    from ..brief import build_brief

    made = build_brief(
        Path(spec["article"]),
        published=spec["published"],
        record=Path(spec["record"]) if spec["record"] else None,
        title=spec["title"],
        effects=spec["effects"],
        fetcher=_NoFetcher(),
        progress=progress,
    )
    made.save(Path("result"))
    return "; ".join(made.warnings)


def _effect(spec: dict[str, Any], progress: Callable[[str], None]) -> str:
    from ..effects import wakes_from_file
    from ..effects._save import save_effect

    result = wakes_from_file(
        Path(spec["record"]),
        treatment=spec["treatment"],
        outcome=spec["outcome"],
        control=spec["control"],
        days=spec["days"],
        km=spec["km"],
        region=spec["region"],
        period=tuple(spec["period"]) if spec["period"] else None,
        seed=spec["seed"],
        progress=progress,
    )
    if spec["checks"]:
        progress("placebo strikes, bootstrap, redraws")
        result = result.with_checks()  # type: ignore[attr-defined]
    progress("writing")
    save_effect(result, Path("result"))
    return ""


_TASKS: dict[str, Callable[[dict[str, Any], Callable[[str], None]], str]] = {
    "brief": _brief,
    "effect": _effect,
}


def main(folder: str) -> int:
    """Do the work of a folder.

    Parameters
    ----------
    folder : str
        Holds `spec.json` and the files it names.

    Returns
    -------
    int
        0 where it was done or refused with a reason.
    """
    os.chdir(folder)  # every path of the work is inside
    spec = json.loads(Path("spec.json").read_text(encoding="utf-8"))
    with suppress(ImportError, ValueError, OSError):
        import resource

        # the server ends what takes too long by the clock; this ends what it could not end
        limit = int(spec.get("cpu_seconds", 3600))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        # memory that is written to; of address space as such libraries reserve far more than they use
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    with suppress(AttributeError, OSError):
        os.nice(5)  # visitors who read come first
    try:
        said = _TASKS[spec["task"]](spec, lambda stage: _say(stage=stage))
    except AfterstrikeError as problem:
        _say(state="refused", said=str(problem))
        return 0
    except MemoryError:
        _say(
            state="refused",
            said="it took more memory than may be used here; give a smaller document or selection",
        )
        return 0
    except Exception as problem:
        first = (str(problem).strip().splitlines() or ["no message"])[0]
        _say(state="failed", said=f"a defect of ours: {type(problem).__name__}: {first[:300]}")
        return 1
    _say(state="done", said=said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
