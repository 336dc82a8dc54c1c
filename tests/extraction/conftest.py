"""The extractors under test."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_server.index.embedder import MiniLmEmbedder
from tests.extraction.support import ONTOLOGY


@pytest.fixture(scope="session")
def builtin() -> BuiltinExtractor:
    return BuiltinExtractor(ONTOLOGY)


@pytest.fixture(scope="session")
def tagging(embedder: MiniLmEmbedder) -> BuiltinExtractor:
    """The built-in extractor with its tagger, as the server has it."""
    return BuiltinExtractor(ONTOLOGY, embedder)
