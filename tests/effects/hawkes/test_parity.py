"""The same likelihood as HawkesPyLib, and estimates as near as its search comes to the highest point.

One exponential, constant baseline, one zone. Its search stops short of the top where memory is long: there its own
likelihood is lower than at our estimate.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from afterstrike.effects import fit_hawkes, simulate_hawkes
from afterstrike.effects._hawkes._fit import fit_data

inference = pytest.importorskip("HawkesPyLib.inference", reason="HawkesPyLib is not installed")


@pytest.mark.parametrize(("n", "memory", "rate"), [(0.3, 1.0, 0.5), (0.5, 2.0, 1.0), (0.6, 4.0, 0.8)])
def test_estimates_and_likelihood_are_those_of_hawkespylib(n: float, memory: float, rate: float) -> None:
    times = simulate_hawkes(2000.0, rate=rate, branching_ratio=n, memory_days=memory, seed=11)
    fit = fit_hawkes(times, 2000.0)
    found = []
    for _ in range(3):  # it starts from random values; the likeliest of its answers counts
        peer = inference.ExpHawkesProcessInference()
        peer.estimate(times, 2000.0)
        found.append((float(peer.logL), float(peer.mu), float(peer.eta), float(peer.theta)))
    value, mu, eta, theta = max(found)
    there = np.array([math.log(mu), math.log(eta), -math.log(theta)])
    assert fit.model.value(there)[0] == pytest.approx(value, rel=1e-9)
    assert value - 1e-6 < fit.log_likelihood < value + 1.5
    error = np.sqrt(np.diag(fit.covariance))
    assert (np.abs(fit.estimate - there) < 2 * error).all()
    # From its estimate, the search goes on to ours.
    on = fit_data(fit.data, kernel="exponential", rates=fit.model.rates, start=there)
    assert on.estimate == pytest.approx(fit.estimate, abs=0.01)
    if fit.log_likelihood < value + 0.01:
        assert (fit.mean_rate, fit.branching_ratio, fit.memory_days) == pytest.approx(
            (mu, eta, theta), rel=0.02
        )
