"""Small linear models over words, learnt by a committed command on open corpora; their weights ship as
tables.
"""

from __future__ import annotations

from afterstrike.reading.models._model import TextModel, incident_type, relevance, relevant_from, uncertainty
from afterstrike.reading.models._relevance import RelevanceModel

__all__ = ["RelevanceModel", "TextModel", "incident_type", "relevance", "relevant_from", "uncertainty"]
