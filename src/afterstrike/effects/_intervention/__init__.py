"""Stochastic interventions over space: what would follow if strikes fell by another policy."""
