"""The built-in extractor holds what every extractor must."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from tests.extraction import conformance


def test_it_has_a_name_with_its_version(builtin: BuiltinExtractor) -> None:
    assert builtin.name == "builtin-1"


async def test_it_finds_something_as_promised(builtin: BuiltinExtractor) -> None:
    await conformance.check_talkative(builtin)


@pytest.mark.parametrize("lines", conformance.SILENT)
async def test_it_finds_nothing_in_nothing(
    builtin: BuiltinExtractor, lines: tuple[str, ...]
) -> None:
    await conformance.check_silent(builtin, lines)


async def test_it_is_deterministic(builtin: BuiltinExtractor) -> None:
    await conformance.check_deterministic(builtin)


async def test_earlier_turns_are_for_reference_only(builtin: BuiltinExtractor) -> None:
    await conformance.check_earlier_is_silent(builtin)


async def test_offsets_count_code_points(builtin: BuiltinExtractor) -> None:
    await conformance.check_code_points(builtin)


async def test_times_are_relative_to_the_turn(builtin: BuiltinExtractor) -> None:
    await conformance.check_time_of_turn(builtin)
