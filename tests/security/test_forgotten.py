"""What was forgotten is taught to nobody again, by no way round."""

import asyncio

from spectron import ExtractionStatus, Spectron
from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.ontology import Ontology
from spectron_extraction.protocol import Proposals, Window
from tests.conftest import Server, StartServer, eventually
from tests.security.test_erasure import tables_that_hold
from tests.server.failing import fail_extraction

ALICE = {"user": "alice"}


class Listener:
    """An extractor that finds nothing, and remembers what it was shown."""

    name = "listener"

    def __init__(self) -> None:
        self.windows: list[Window] = []

    async def extract(self, window: Window) -> Proposals:
        """Notes the window."""
        self.windows.append(window)
        return Proposals()


class Hesitant:
    """The built-in extractor, which waits before it reads what holds a word."""

    name = "hesitant"

    def __init__(self, word: str) -> None:
        self._word = word
        self._builtin = BuiltinExtractor(Ontology.load())
        self.reading = asyncio.Event()
        self.let_go = asyncio.Event()

    async def extract(self, window: Window) -> Proposals:
        """Extracts, if need be later."""
        if self._word in str(window.turns):
            self.reading.set()
            await self.let_go.wait()
        return await self._builtin.extract(window)


async def test_a_turn_that_is_forgotten_while_it_is_read_teaches_nothing(
    start_server: StartServer,
) -> None:
    extractor = Hesitant("opera")
    async with start_server(extractor) as server, server.client() as client:
        memory = client.memory(context_id="c")
        await memory.record_fact(ALICE, "employer", "Hooli")
        session = await memory.sessions.create(scope=ALICE)
        turn = await session.turn("user", "I love opera. My sister Aoife works at Hooli.")
        await extractor.reading.wait()
        # Waits for the turn for a while, and then forgets what names the value.
        forgotten = await memory.forget(ALICE, attribute_key="employer")
        assert forgotten.turn_count == 1
        extractor.let_go.set()
        extraction = await turn.extraction()
        assert extraction.status is ExtractionStatus.DONE
        assert not extraction.diff.added
        assert "Hooli" not in str(await memory.entities.list(ALICE))
        assert "Hooli" not in str(await memory.context("Hooli", scope=ALICE))
        kept = await tables_that_hold(server, turn.id)
        assert "embeddings" not in kept
        # What is said afterwards is heard as ever.
        await (await session.turn("user", "I live in Oslo.")).extraction()
        assert [each.value for each in (await memory.profile(ALICE)).attributes] == ["Oslo"]


async def test_an_entity_goes_with_the_belief_that_brought_it_up(server: Server) -> None:
    async with server.client() as client:
        memory = client.memory(context_id="forgotten-cat")
        session = await memory.sessions.create(scope=ALICE)
        turn = await session.turn("user", "I have a cat named Sigge.")
        await turn.extraction()
        types = {each.type for each in await memory.entities.list(ALICE)}
        assert "Pet" in types
        planned = await memory.forget(ALICE, attribute_key="pet", dry_run=True)
        assert {each.key for each in planned.attributes} == {"pet", "species"}
        forgotten = await memory.forget(ALICE, attribute_key="pet")
        assert {each.key for each in forgotten.attributes} == {"pet", "species"}
        assert await memory.entities.list(ALICE) == []
        assert (await memory.context("Who is Sigge?", scope=ALICE)).items == ()
        assert "Sigge" not in (await memory.profile(ALICE)).summary


async def test_a_forgotten_turn_that_is_tried_again_teaches_nothing(
    server: Server, client: Spectron, fresh_name: str
) -> None:
    memory = client.memory(context_id=fresh_name)
    await memory.record_fact(ALICE, "employer", "Hooli")
    session = await memory.sessions.create(scope=ALICE)
    turn = await session.turn("user", "My sister Aoife works near Hooli and loves opera.")
    await turn.extraction()
    await fail_extraction(server, turn.id)
    await memory.forget(ALICE, attribute_key="employer")
    await turn.retry_extraction()
    extraction = await turn.extraction()
    assert extraction.status is ExtractionStatus.DONE
    assert extraction.extractor
    assert not extraction.diff.changes
    assert "Hooli" not in str(await memory.profile(ALICE))


async def test_forgotten_words_are_not_shown_to_the_extractor(start_server: StartServer) -> None:
    listener = Listener()
    async with start_server(listener) as server, server.client() as client:
        memory = client.memory(context_id="c")
        session = await memory.sessions.create(scope=ALICE)
        said = await session.turn("user", "I work at Hooli.")
        await said.extraction()
        await memory.record_fact(ALICE, "employer", "Hooli")
        await memory.forget(ALICE, attribute_key="employer")
        await (await session.turn("user", "It is late.")).extraction()

        async def has_listened() -> bool:
            return len(listener.windows) > 1

        await eventually(has_listened)
    assert "Hooli" not in str(listener.windows[-1])
