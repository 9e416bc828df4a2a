"""What came after: studies, estimators of what followed treatment, and their results.

Nothing heavy is imported before it is used: NumPy, pandas, SciPy and Numba take seconds together.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._beside._entry import lull
    from ._beside._from_file import lull_from_file
    from ._beside._result import LullComparison
    from ._design import WakeDesign
    from ._files import study_from_file
    from ._hawkes._data import spread_ties
    from ._hawkes._entry import mutual_excitation
    from ._hawkes._fit import HawkesFit, fit_hawkes
    from ._hawkes._from_file import excitation_from_file
    from ._hawkes._posterior import HawkesPosterior, sample_hawkes
    from ._hawkes._result import ExcitationResult
    from ._hawkes._simulate import simulate_hawkes
    from ._intervention._choices import InterventionDesign
    from ._intervention._contrast import compare_policies, mean_surface
    from ._intervention._diagnostics import propensity_checks, super_thinned
    from ._intervention._entry import stochastic_intervention
    from ._intervention._mixture import common_bandwidth
    from ._intervention._modifier import Modification, effect_modification
    from ._intervention._policies import (
        Policy,
        policy_of_intensity,
        power_density,
        relocated_strikes,
        scaled_density,
        scaled_strikes,
    )
    from ._intervention._policy_result import InterventionResult
    from ._intervention._propensity import Propensity, fit_propensity
    from ._intervention._regions import areas_of, distance_areas
    from ._intervention._sensitivity import hidden_bias_bounds
    from ._intervention._smooth import adaptive_bandwidths, base_density, smooth_events
    from ._intervention._space import EventPoints, SpaceTime
    from ._intervention._surfaces import (
        Surface,
        distance_surface,
        prior_events_surface,
        raster_surface,
        spline_surfaces,
    )
    from ._intervention._weights import PolicyWeights, expected_effective_sample, policy_weights
    from ._intervention_file import intervention_from_file
    from ._matched_wakes import count_wakes, matched_wakes
    from ._panel._match import panel_match
    from ._panel._naive import naive_before_after
    from ._panel._stacked import stacked_event_study
    from ._panel._weeks import place_weeks
    from ._placebo import LabelPlacebo, placebo_labels
    from ._result import CheckResult, EffectResult
    from ._save import save_effect
    from ._seams._contrast import seam_contrast
    from ._seams._exposure import SeamExposure, seam_exposure
    from ._seams._file import seams_from_file
    from ._seams._result import SeamResult
    from ._seams._shares import share_exposure
    from ._series._from_file import interrupted_from_file, series_from_file
    from ._series._interrupted import interrupted_series
    from ._series._lag import distributed_lag
    from ._series._result import SeriesResult
    from ._shifts._entry import change_points
    from ._shifts._from_file import shifts_from_file
    from ._shifts._result import ShiftResult
    from ._study import Study
    from ._tempo._entry import tempo_against_past
    from ._tempo._from_file import tempo_from_file
    from ._tempo._result import TempoResult
    from ._wakes._lull import Lull
    from ._wakes_file import wakes_from_file

_HOME = {
    "CheckResult": "_result",
    "EffectResult": "_result",
    "EventPoints": "_intervention._space",
    "ExcitationResult": "_hawkes._result",
    "HawkesFit": "_hawkes._fit",
    "HawkesPosterior": "_hawkes._posterior",
    "InterventionDesign": "_intervention._choices",
    "InterventionResult": "_intervention._policy_result",
    "LabelPlacebo": "_placebo",
    "Lull": "_wakes._lull",
    "LullComparison": "_beside._result",
    "Modification": "_intervention._modifier",
    "Policy": "_intervention._policies",
    "PolicyWeights": "_intervention._weights",
    "Propensity": "_intervention._propensity",
    "SeamExposure": "_seams._exposure",
    "SeamResult": "_seams._result",
    "SeriesResult": "_series._result",
    "ShiftResult": "_shifts._result",
    "SpaceTime": "_intervention._space",
    "Study": "_study",
    "Surface": "_intervention._surfaces",
    "TempoResult": "_tempo._result",
    "WakeDesign": "_design",
    "adaptive_bandwidths": "_intervention._smooth",
    "areas_of": "_intervention._regions",
    "base_density": "_intervention._smooth",
    "change_points": "_shifts._entry",
    "common_bandwidth": "_intervention._mixture",
    "compare_policies": "_intervention._contrast",
    "count_wakes": "_matched_wakes",
    "distance_areas": "_intervention._regions",
    "distance_surface": "_intervention._surfaces",
    "distributed_lag": "_series._lag",
    "effect_modification": "_intervention._modifier",
    "excitation_from_file": "_hawkes._from_file",
    "expected_effective_sample": "_intervention._weights",
    "fit_hawkes": "_hawkes._fit",
    "fit_propensity": "_intervention._propensity",
    "hidden_bias_bounds": "_intervention._sensitivity",
    "interrupted_from_file": "_series._from_file",
    "interrupted_series": "_series._interrupted",
    "intervention_from_file": "_intervention_file",
    "lull": "_beside._entry",
    "lull_from_file": "_beside._from_file",
    "matched_wakes": "_matched_wakes",
    "mean_surface": "_intervention._contrast",
    "mutual_excitation": "_hawkes._entry",
    "naive_before_after": "_panel._naive",
    "panel_match": "_panel._match",
    "place_weeks": "_panel._weeks",
    "placebo_labels": "_placebo",
    "policy_of_intensity": "_intervention._policies",
    "policy_weights": "_intervention._weights",
    "power_density": "_intervention._policies",
    "prior_events_surface": "_intervention._surfaces",
    "propensity_checks": "_intervention._diagnostics",
    "raster_surface": "_intervention._surfaces",
    "relocated_strikes": "_intervention._policies",
    "sample_hawkes": "_hawkes._posterior",
    "save_effect": "_save",
    "scaled_density": "_intervention._policies",
    "scaled_strikes": "_intervention._policies",
    "seam_contrast": "_seams._contrast",
    "seam_exposure": "_seams._exposure",
    "seams_from_file": "_seams._file",
    "series_from_file": "_series._from_file",
    "share_exposure": "_seams._shares",
    "shifts_from_file": "_shifts._from_file",
    "simulate_hawkes": "_hawkes._simulate",
    "smooth_events": "_intervention._smooth",
    "spline_surfaces": "_intervention._surfaces",
    "spread_ties": "_hawkes._data",
    "stacked_event_study": "_panel._stacked",
    "stochastic_intervention": "_intervention._entry",
    "study_from_file": "_files",
    "super_thinned": "_intervention._diagnostics",
    "tempo_against_past": "_tempo._entry",
    "tempo_from_file": "_tempo._from_file",
    "wakes_from_file": "_wakes_file",
}

__all__ = [
    "CheckResult",
    "EffectResult",
    "EventPoints",
    "ExcitationResult",
    "HawkesFit",
    "HawkesPosterior",
    "InterventionDesign",
    "InterventionResult",
    "LabelPlacebo",
    "Lull",
    "LullComparison",
    "Modification",
    "Policy",
    "PolicyWeights",
    "Propensity",
    "SeamExposure",
    "SeamResult",
    "SeriesResult",
    "ShiftResult",
    "SpaceTime",
    "Study",
    "Surface",
    "TempoResult",
    "WakeDesign",
    "adaptive_bandwidths",
    "areas_of",
    "base_density",
    "change_points",
    "common_bandwidth",
    "compare_policies",
    "count_wakes",
    "distance_areas",
    "distance_surface",
    "distributed_lag",
    "effect_modification",
    "excitation_from_file",
    "expected_effective_sample",
    "fit_hawkes",
    "fit_propensity",
    "hidden_bias_bounds",
    "interrupted_from_file",
    "interrupted_series",
    "intervention_from_file",
    "lull",
    "lull_from_file",
    "matched_wakes",
    "mean_surface",
    "mutual_excitation",
    "naive_before_after",
    "panel_match",
    "place_weeks",
    "placebo_labels",
    "policy_of_intensity",
    "policy_weights",
    "power_density",
    "prior_events_surface",
    "propensity_checks",
    "raster_surface",
    "relocated_strikes",
    "sample_hawkes",
    "save_effect",
    "scaled_density",
    "scaled_strikes",
    "seam_contrast",
    "seam_exposure",
    "seams_from_file",
    "series_from_file",
    "share_exposure",
    "shifts_from_file",
    "simulate_hawkes",
    "smooth_events",
    "spline_surfaces",
    "spread_ties",
    "stacked_event_study",
    "stochastic_intervention",
    "study_from_file",
    "super_thinned",
    "tempo_against_past",
    "tempo_from_file",
    "wakes_from_file",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
