"""Follows feeds and pages: what is new is archived, read, linked into incidents and told in a daily digest."""
