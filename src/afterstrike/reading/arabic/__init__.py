"""Reads Arabic reports: numbers, people harmed, dates, places, actors, speakers and doubt, with exact spans."""
