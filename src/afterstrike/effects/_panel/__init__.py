"""Comparators a reviewer will ask for: place-week panels and the naive before and after."""
