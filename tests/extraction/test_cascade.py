"""The cascade: the model is asked where the built-in extractor is unsure, and adds to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.cascade import CascadeExtractor, unsure_turns
from spectron_extraction.model_endpoint import ModelEndpoint
from spectron_extraction.protocol import ExtractorUnavailableError, Proposals
from spectron_extraction.vllm import VllmExtractor
from tests.extraction import conformance
from tests.extraction.support import ONTOLOGY, extract, short, window
from tests.models import scripted
from tests.models.server import (
    MODEL,
    Answer,
    ModelRequest,
    ModelServer,
    Script,
    serving,
)


@asynccontextmanager
async def cascading(
    script: Script = scripted.correctly,
) -> AsyncIterator[tuple[CascadeExtractor, ModelServer]]:
    async with serving(script) as server:
        endpoint = ModelEndpoint(
            url=server.url, model=MODEL, api_key=None, timeout_s=10, connections=4
        )
        extractor = CascadeExtractor(
            BuiltinExtractor(ONTOLOGY),
            VllmExtractor(endpoint, ONTOLOGY, concurrency=4),
            ONTOLOGY,
        )
        try:
            yield extractor, server
        finally:
            await extractor.aclose()


@pytest.fixture
async def cascade() -> AsyncIterator[CascadeExtractor]:
    async with cascading() as (extractor, _):
        yield extractor


def test_it_has_the_names_of_both(cascade: CascadeExtractor) -> None:
    assert cascade.name == f"builtin-{version('spectron')}+vllm-1:scripted"


async def test_it_finds_something_as_promised(cascade: CascadeExtractor) -> None:
    await conformance.check_talkative(cascade)


@pytest.mark.parametrize("lines", conformance.SILENT)
async def test_it_finds_nothing_in_nothing(
    cascade: CascadeExtractor, lines: tuple[str, ...]
) -> None:
    await conformance.check_silent(cascade, lines)


async def test_it_is_deterministic(cascade: CascadeExtractor) -> None:
    await conformance.check_deterministic(cascade)


async def test_earlier_turns_are_for_reference_only(cascade: CascadeExtractor) -> None:
    await conformance.check_earlier_is_silent(cascade)


async def test_offsets_count_code_points(cascade: CascadeExtractor) -> None:
    await conformance.check_code_points(cascade)


async def test_times_are_relative_to_the_turn(cascade: CascadeExtractor) -> None:
    await conformance.check_time_of_turn(cascade)


@pytest.mark.parametrize(
    "lines",
    [
        ("I live in Oslo.",),
        ("What is the capital of France?",),
        ("Write a poem about the sea.",),
        ("Translate this into French please: the cat sleeps.",),
        ("The sea is blue and the sky is not.",),
        ("Thanks a lot!",),
        ("Ok",),
        ("Can you help me with my essay?",),
        ("assistant: I live in Oslo, and you?",),
        ("tool: I live in Oslo.",),
        ("",),
    ],
)
async def test_the_model_is_not_asked_about_what_is_plain(lines: tuple[str, ...]) -> None:
    async with cascading() as (extractor, server):
        await extract(extractor, *lines)
        assert not server.requests


@pytest.mark.parametrize(
    ("lines", "earlier"),
    [
        (("My heart beats for the double bass.",), ()),
        (("I live in Oslo and the fjord swallows every evening of mine.",), ()),
        (("Gluten-free household here.",), ()),
        (("Always cite your sources.",), ()),
        (("Don't use emojis.",), ()),
        (("Vivo en Sevilla desde hace años.",), ()),
        (("assistant: Whose idea was it?", "Bea's."), ()),
        (("Bea's.",), ("assistant: Whose idea was it?",)),
        (("My weekends belong to an old wooden boat, where can it winter?",), ()),
    ],
)
async def test_the_model_is_asked_where_something_may_have_been_missed(
    lines: tuple[str, ...], earlier: tuple[str, ...]
) -> None:
    read = window(*lines, earlier=earlier)
    # Whatever the built-in extractor learns to understand, it did not understand it here.
    assert unsure_turns(read, Proposals()) == {read.turns[-1].id}


async def test_only_unsure_turns_can_be_quoted_and_the_others_are_shown() -> None:
    async with cascading() as (extractor, server):
        await extract(
            extractor,
            "I live in Oslo.",
            "assistant: Lovely. Whose idea was it?",
            "My heart beats for the double bass.",
            "I live in Bergen.",
        )
        asked = [request for request in server.requests if not scripted.probed(request)]
        assert [scripted.numbered(request) for request in asked] == [
            {1: "My heart beats for the double bass."}
        ]
        assert scripted.lines(asked[0])[:2] == [
            {"user": "I live in Oslo."},
            {"assistant": "Lovely. Whose idea was it?"},
        ]


async def test_the_model_adds_and_does_not_overrule() -> None:
    def script(request: ModelRequest) -> Answer:
        if scripted.probed(request):
            return scripted.obedient(request)
        return scripted.notes(
            scripted.note(1, "Oslo", "location", "Trondheim"),
            scripted.note(1, "speak French", "languages", "French"),
            scripted.note(1, "the fjord", "hobby", "fjords"),
        )

    said = "I live in Oslo. I speak French. The fjord swallows every evening of mine."
    async with cascading(script) as (extractor, _):
        found = short(await extract(extractor, said))
    alone = short(await extract(BuiltinExtractor(ONTOLOGY), said))
    assert {"location=Oslo", "languages=French"} <= alone
    assert found == alone | {"hobby=fjords"}


async def test_a_model_that_is_away_is_no_reason_to_miss_something() -> None:
    async with cascading() as (extractor, server):
        await server.stop()
        assert short(await extract(extractor, "I live in Oslo.")) == {"location=Oslo"}
        with pytest.raises(ExtractorUnavailableError):
            await extract(extractor, "My heart beats for the double bass.")
        assert await extractor.problem()
        await server.start()
        assert await extractor.problem() is None
