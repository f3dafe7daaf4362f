"""Reading data from an observation: what is asked, and the answer in the asked shape.

Owns: the grammar of data requests, matching of asked fields to what a page shows, coercion
to a JSON Schema. Pure: no browser, no clock. Must not: invent a value.
"""

from mock_server.agent.extraction.answer import Extraction, extract
from mock_server.agent.extraction.describe import describe
from mock_server.agent.extraction.grammar import parse_request
from mock_server.agent.extraction.request import Condition, ExtractionRequest, Superlative

__all__ = ["Condition", "Extraction", "ExtractionRequest", "Superlative", "describe", "extract", "parse_request"]
