"""Shifts of tempo, place and lethality in a record of events: when, how surely, how far."""
