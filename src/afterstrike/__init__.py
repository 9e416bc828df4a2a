"""afterstrike: from a report of a strike to what the evidence says came after."""

__version__ = "0.1.0"
