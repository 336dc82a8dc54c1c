"""The built-in extractor holds what every extractor must."""

from importlib.metadata import version

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction import conformance


@pytest.fixture(params=["rules alone", "with the tagger"])
def extractor(
    request: pytest.FixtureRequest, builtin: BuiltinExtractor, tagging: BuiltinExtractor
) -> BuiltinExtractor:
    return builtin if request.param == "rules alone" else tagging


def test_it_is_named_by_the_release_that_its_rules_belong_to(extractor: BuiltinExtractor) -> None:
    assert extractor.name == f"builtin-{version('spectron')}"


async def test_it_finds_something_as_promised(extractor: BuiltinExtractor) -> None:
    await conformance.check_talkative(extractor)


@pytest.mark.parametrize("lines", conformance.SILENT)
async def test_it_finds_nothing_in_nothing(
    extractor: BuiltinExtractor, lines: tuple[str, ...]
) -> None:
    await conformance.check_silent(extractor, lines)


async def test_it_is_deterministic(extractor: BuiltinExtractor) -> None:
    await conformance.check_deterministic(extractor)


async def test_earlier_turns_are_for_reference_only(extractor: BuiltinExtractor) -> None:
    await conformance.check_earlier_is_silent(extractor)


async def test_offsets_count_code_points(extractor: BuiltinExtractor) -> None:
    await conformance.check_code_points(extractor)


async def test_times_are_relative_to_the_turn(extractor: BuiltinExtractor) -> None:
    await conformance.check_time_of_turn(extractor)
