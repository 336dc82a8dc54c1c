"""The extractors under test."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction.support import ONTOLOGY


@pytest.fixture(scope="session")
def builtin() -> BuiltinExtractor:
    return BuiltinExtractor(ONTOLOGY)
