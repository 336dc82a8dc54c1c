"""The Python samples of the guides, run as published against a real server.

What the guides say that happens is checked beside each sample.
"""

import ast
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from types import FunctionType
from typing import Any, Protocol

import pytest

from spectron import Extraction, Session, Spectron, memory
from tests.guides.samples import PERSONAL_ASSISTANT, USER_MEMORY_IN_CHAT, Sample, samples_of

# The key as it stands in the samples.
PUBLISHED_KEY = "sk-..."

# A text of each sample.
START_CONVERSATION = "def start_conversation("
BUILD_SYSTEM_PROMPT = "def build_system_prompt("
CHAT = "def chat("
MY_LLM = "def my_llm("
FORGET = "await memory.forget("
LLM_CALL = "def llm_call("
HANDLE_MESSAGE = "def handle_message("
INJECT_PROFILE = "# Fine-grained injection"
PRINT_ENTITIES = "for entity in entities:"
RUN = {
    PERSONAL_ASSISTANT: (START_CONVERSATION, BUILD_SYSTEM_PROMPT, CHAT, MY_LLM, FORGET),
    USER_MEMORY_IN_CHAT: (LLM_CALL, HANDLE_MESSAGE, INJECT_PROFILE, PRINT_ENTITIES),
}


class Server(Protocol):
    """What these tests need of the server's fixture."""

    @property
    def endpoint(self) -> str: ...

    async def add_key(self, secret: str, context_id: str, role: str) -> object: ...


class Guide:
    """Runs the samples of a guide, one after the other, in one namespace as a reader would."""

    def __init__(self, path: Path) -> None:
        self.samples = samples_of(path)
        self.prompts: list[dict[str, Any]] = []
        self.names: dict[str, Any] = {"your_llm": self._your_llm}

    def _your_llm(self, **prompt: Any) -> str:
        self.prompts.append(prompt)
        return "Understood."

    def sample(self, text: str) -> Sample:
        """Returns the one sample that contains a text."""
        [found] = [each for each in self.samples if text in each.code]
        return found

    async def run(self, text: str, **names: Any) -> None:
        """Runs the sample that contains a text."""
        sample = self.sample(text)
        self.names.update(names)
        code = compile(sample.code, sample.guide, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = FunctionType(code, self.names)()
        if inspect.isawaitable(result):
            await result

    @property
    def client(self) -> Spectron:
        found = self.names["client"]
        assert isinstance(found, Spectron)
        return found

    @property
    def memory(self) -> memory.Memory:
        found = self.names["memory"]
        assert isinstance(found, memory.Memory)
        return found


@pytest.fixture(scope="module")
async def published_endpoint(server: Server) -> str:
    """The address of a server that knows the key of the samples."""
    await server.add_key(PUBLISHED_KEY, "*", "admin")
    return server.endpoint


@pytest.fixture(autouse=True)
def environment(published_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECTRON_ENDPOINT", published_endpoint)


@pytest.fixture
async def assistant() -> AsyncIterator[Guide]:
    guide = Guide(PERSONAL_ASSISTANT)
    await guide.run(START_CONVERSATION)
    await guide.run(BUILD_SYSTEM_PROMPT)
    await guide.run(CHAT)
    yield guide
    await guide.client.aclose()


@pytest.fixture
async def chat() -> AsyncIterator[Guide]:
    guide = Guide(USER_MEMORY_IN_CHAT)
    await guide.run(HANDLE_MESSAGE)
    yield guide
    await guide.client.aclose()


async def extractions(session: Session) -> list[Extraction]:
    """Returns what was learned from each of the user's turns, once it is known."""
    turns = await session.history()
    return [await each.extraction(timeout_s=60) for each in turns if each.role == "user"]


async def test_a_personal_assistant_learns_and_remembers(assistant: Guide) -> None:
    names = assistant.names
    first = await names["start_conversation"]("alice")
    assert first.scope == {"user": "alice"}
    for said in (
        "I live in Berlin.",
        "I prefer bullet-point responses",
        "I just moved from Berlin to London",
    ):
        assert await names["chat"](first, "alice", said) == "Understood."
    assert assistant.prompts[0]["user"] == "I live in Berlin."

    _, preferred, moved = await extractions(first)
    [instruction] = preferred.diff.added
    assert (instruction.category, instruction.key) == ("instructions", "response_format")
    assert "bullet" in instruction.value.lower()
    assert instruction.attribute.source_turn == preferred.turn_id

    [update] = moved.diff.updated
    assert update.entity.id == 'entity:["Person", "alice"]'
    assert (update.category, update.key) == ("identity", "location")
    assert (update.previous_value, update.value) == ("Berlin", "London")

    chain = await assistant.memory.entities.history({"user": "alice"}, "location")
    assert [(each.value, each.status) for each in chain] == [
        ("Berlin", "superseded"),
        ("London", "active"),
    ]
    assert chain[1].supersedes == chain[0].id

    # A new session starts with what the first one taught.
    await names["chat"](await names["start_conversation"]("alice"), "alice", "Good morning")
    prompt = assistant.prompts[-1]["system"]
    assert prompt.startswith("You are a personal AI assistant.")
    assert "## What you know about this user" in prompt
    assert "London" in prompt
    profile = await assistant.memory.profile(scope={"user": "alice"})
    assert "London" in profile.summary
    assert "Berlin" not in profile.summary


async def test_a_personal_assistant_forgets(assistant: Guide) -> None:
    session = await assistant.names["start_conversation"]("alice")
    for said in (
        "I work at Globex as a chemist.",
        "I'm currently working on a migration from CommonJS to ESM.",
    ):
        await assistant.names["chat"](session, "alice", said)
    learned = {
        (each.category.value, each.key)
        for extraction in await extractions(session)
        for each in extraction.diff.added
    }
    assert ("identity", "employer") in learned
    assert "context" in {category for category, _ in learned}

    await assistant.run(FORGET, user_id="alice")

    profile = await assistant.memory.profile(scope={"user": "alice"})
    assert "employer" not in {each.key for each in profile.attributes}
    assert "context" not in {each.category.value for each in profile.attributes}
    assert "Globex" not in profile.summary
    found = await session.context("Where does the user work?")
    assert "Globex" not in found.formatted
    # The records are kept for audit.
    chain = await assistant.memory.entities.history({"user": "alice"}, "employer")
    assert [(each.value, each.status) for each in chain] == [("Globex", "expired")]
    assert chain[0].valid_until is not None


async def test_memory_builds_up_across_the_sessions_of_a_chat(chat: Guide) -> None:
    for said in (
        "I work at Acme Corp as a backend engineer.",
        "I prefer concise answers.",
        "I just moved to the platform team.",
    ):
        assert await chat.names["handle_message"]("bob", None, said) == "Understood."
        newest, *_ = await chat.memory.sessions.list(scope={"user": "bob"})
        await extractions(newest)

    await chat.run(INJECT_PROFILE, user_id="bob")
    profile = chat.names["profile"]
    known = {each.key: each.value for each in profile.attributes}
    assert known["employer"] == "Acme Corp"
    assert known["role"].lower() == "platform engineer"
    assert "concise" in known["response_style"].lower()
    assert chat.names["system"] == f"You are a helpful assistant.\n\n{profile.summary}"
    assert "Acme Corp" in profile.summary
    assert [each.key for each in chat.names["instructions"]] == ["response_style"]
    assert {each.key for each in chat.names["identity"]} >= {"employer", "role"}

    roles = await chat.memory.entities.history({"user": "bob"}, "role")
    assert [each.value.lower() for each in roles] == ["backend engineer", "platform engineer"]


async def test_a_chat_reopens_its_session(chat: Guide) -> None:
    handle_message = chat.names["handle_message"]
    await handle_message("carol", None, "My favourite colour is green.")
    [session] = await chat.memory.sessions.list(scope={"user": "carol"})
    await extractions(session)
    await handle_message("carol", session.id, "What colour do I like?")
    assert [each.id for each in await chat.memory.sessions.list(scope={"user": "carol"})] == [
        session.id
    ]
    assert [(each.role, each.content) for each in await session.history()] == [
        ("user", "My favourite colour is green."),
        ("assistant", "Understood."),
        ("user", "What colour do I like?"),
        ("assistant", "Understood."),
    ]
    prompt = chat.prompts[-1]["system"]
    assert "## Relevant memory" in prompt
    assert "green" in prompt


async def test_entities_are_printed_with_their_attributes(
    chat: Guide, capsys: pytest.CaptureFixture[str]
) -> None:
    await chat.names["handle_message"]("dave", None, "I work at Initech.")
    [session] = await chat.memory.sessions.list(scope={"user": "dave"})
    await extractions(session)
    capsys.readouterr()
    await chat.run(PRINT_ENTITIES, user_id="dave")
    printed = capsys.readouterr().out.splitlines()
    assert "Person/dave" in printed
    assert " employer: Initech" in printed


async def test_spectron_calls_the_agent_of_a_personal_assistant(
    assistant: Guide, capsys: pytest.CaptureFixture[str]
) -> None:
    session = await assistant.names["start_conversation"]("frank")
    await assistant.names["chat"](session, "frank", "I'm currently working on a migration to ESM.")
    await extractions(session)
    capsys.readouterr()
    await assistant.run(MY_LLM, user_id="frank")
    assert "Understood." in capsys.readouterr().out.splitlines()

    prompt = assistant.prompts[-1]
    assert prompt["system"].startswith("You are a personal AI assistant.")
    assert "ESM" in prompt["system"]
    assert prompt["messages"] == [
        {"role": "user", "content": "What are my current projects?", "user_id": "frank"}
    ]
    # It returns the response, the diff of the extraction, and the updated session.
    result, session = assistant.names["result"], assistant.names["session"]
    assert result.response == "Understood."
    assert result.extraction_status == "done"
    assert result.extraction.changes == ()
    assert (result.session.id, result.session.turn_count) == (session.id, 2)
    assert [(each.role, each.content) for each in await session.history()] == [
        ("user", "What are my current projects?"),
        ("assistant", "Understood."),
    ]

    # Spectron records the result, and runs extraction.
    said = await session.chat(content="I live in Berlin.")
    [added] = said.extraction.added
    assert (added.key, added.value, added.previous_value) == ("location", "Berlin", None)
    said = await session.chat(content="I just moved from Berlin to London")
    [update] = said.extraction.updated
    assert (update.key, update.value, update.previous_value) == ("location", "London", "Berlin")


async def test_spectron_calls_the_agent_of_a_chat() -> None:
    first, second = Guide(USER_MEMORY_IN_CHAT), Guide(USER_MEMORY_IN_CHAT)
    await first.run(LLM_CALL, user_id="grace", user_message="I work at Globex as a chemist.")
    assert first.names["reply"] == "Understood."
    assert first.prompts[0]["messages"][0]["user_id"] == "grace"
    added = {each.key: each.value for each in first.names["result"].extraction.added}
    assert added["employer"] == "Globex"
    await first.client.aclose()

    # The second conversation starts with what the first one taught.
    await second.run(LLM_CALL, user_id="grace", user_message="Good morning")
    assert "Globex" in second.prompts[0]["system"]
    assert [each["content"] for each in second.prompts[0]["messages"]] == ["Good morning"]
    await second.client.aclose()


@pytest.mark.parametrize("path", RUN)
def test_every_sample_is_run_here(path: Path) -> None:
    guide = Guide(path)
    assert [guide.sample(text) for text in RUN[path]] == guide.samples
