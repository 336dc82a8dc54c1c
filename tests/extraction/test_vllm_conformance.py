"""The extractor that asks a model holds what every extractor must, if the model answers correctly.

The model is scripted; endpoint, prompts, schema and parser are those of production.
"""

from collections.abc import AsyncIterator

import pytest

from spectron_extraction.model_endpoint import ModelEndpoint
from spectron_extraction.vllm import VllmExtractor
from tests.extraction import conformance
from tests.extraction.support import ONTOLOGY, extract, short
from tests.models import scripted
from tests.models.server import MODEL, serving


@pytest.fixture
async def model() -> AsyncIterator[VllmExtractor]:
    async with serving(scripted.correctly) as server:
        endpoint = ModelEndpoint(
            url=server.url, model=MODEL, api_key=None, timeout_s=10, connections=4
        )
        extractor = VllmExtractor(endpoint, ONTOLOGY, concurrency=4)
        yield extractor
        await extractor.aclose()


def test_it_has_a_name_with_its_version_and_model(model: VllmExtractor) -> None:
    assert model.name == "vllm-1:scripted"


async def test_it_finds_something_as_promised(model: VllmExtractor) -> None:
    await conformance.check_talkative(model)


@pytest.mark.parametrize("lines", conformance.SILENT)
async def test_it_finds_nothing_in_nothing(model: VllmExtractor, lines: tuple[str, ...]) -> None:
    await conformance.check_silent(model, lines)


async def test_it_is_deterministic(model: VllmExtractor) -> None:
    await conformance.check_deterministic(model)


async def test_earlier_turns_are_for_reference_only(model: VllmExtractor) -> None:
    await conformance.check_earlier_is_silent(model)


async def test_offsets_count_code_points(model: VllmExtractor) -> None:
    await conformance.check_code_points(model)


async def test_times_are_relative_to_the_turn(model: VllmExtractor) -> None:
    await conformance.check_time_of_turn(model)


async def test_what_a_model_notes_is_what_is_proposed(model: VllmExtractor) -> None:
    proposals = await extract(model, *conformance.TALKATIVE)
    assert short(proposals) == {
        "name=Alice Chen",
        "role=Head of Platform",
        "employer=Acme Corp",
        "location=London",
        "pet=a dog named Rex",
        "response_format=bullet points",
        "allergy=peanuts",
        "likes=sushi",
        "sister=Aoife",
        "Person/Aoife role=vet",
        "?location=Lisbon",
        "-employer=Hooli",
        "location=Reading",
    }
    [correction] = [fact for fact in proposals.facts if fact.value == "Reading"]
    assert correction.change
    assert correction.evidence.turn_id == "turn:105"
    assert correction.evidence.quote == "No, wait, I live in Reading"


async def test_what_is_over_has_an_end(model: VllmExtractor) -> None:
    [fact] = (await extract(model, "I used to teach at Trinity until 2020.")).facts
    assert fact.valid_until is not None
    assert fact.valid_until.year == 2020
    assert not fact.change
