"""What came after: studies, estimators of what followed treatment, and their results.

Nothing heavy is imported before it is used: NumPy, pandas, SciPy and Numba take seconds together.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._design import WakeDesign
    from ._files import study_from_file, wakes_from_file
    from ._matched_wakes import count_wakes, matched_wakes
    from ._panel._match import panel_match
    from ._panel._naive import naive_before_after
    from ._panel._stacked import stacked_event_study
    from ._panel._weeks import place_weeks
    from ._placebo import LabelPlacebo, placebo_labels
    from ._result import CheckResult, EffectResult
    from ._save import save_effect
    from ._study import Study
    from ._wakes._lull import Lull

_HOME = {
    "CheckResult": "_result",
    "EffectResult": "_result",
    "LabelPlacebo": "_placebo",
    "Lull": "_wakes._lull",
    "Study": "_study",
    "WakeDesign": "_design",
    "count_wakes": "_matched_wakes",
    "matched_wakes": "_matched_wakes",
    "naive_before_after": "_panel._naive",
    "panel_match": "_panel._match",
    "place_weeks": "_panel._weeks",
    "placebo_labels": "_placebo",
    "save_effect": "_save",
    "stacked_event_study": "_panel._stacked",
    "study_from_file": "_files",
    "wakes_from_file": "_files",
}

__all__ = [
    "CheckResult",
    "EffectResult",
    "LabelPlacebo",
    "Lull",
    "Study",
    "WakeDesign",
    "count_wakes",
    "matched_wakes",
    "naive_before_after",
    "panel_match",
    "place_weeks",
    "placebo_labels",
    "save_effect",
    "stacked_event_study",
    "study_from_file",
    "wakes_from_file",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
