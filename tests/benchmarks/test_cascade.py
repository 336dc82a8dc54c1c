"""The measure of the cascade: it sees what a server's extractor finds, the tagger's guesses too."""

from spectron import NewTurn
from tests.benchmarks.cascade import Share, reading


async def test_a_guess_of_the_tagger_is_found_and_asked_about() -> None:
    async with reading() as reader:
        asked, [found] = await reader.read(
            [
                NewTurn(role="user", content="I live in Oslo."),
                NewTurn(role="assistant", content="Good to know."),
                NewTurn(role="user", content="spiders freak me out like nothing else"),
            ]
        )
    assert [fact.value for fact in found.facts] == ["Oslo", "spiders"]
    assert asked == Share(part=1, whole=2)
