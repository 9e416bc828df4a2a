"""Interrupted and distributed-lag series: counts by zone and week or day."""
