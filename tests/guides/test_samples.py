import ast
from types import CodeType

import pytest

from tests.guides.samples import (
    PERSONAL_ASSISTANT,
    USER_MEMORY_IN_CHAT,
    Sample,
    indented,
    samples_of,
)

SAMPLES = [*samples_of(PERSONAL_ASSISTANT), *samples_of(USER_MEMORY_IN_CHAT)]


def test_exactly_the_python_samples_are_found() -> None:
    assert [(each.guide, each.line, each.code.splitlines()[0]) for each in SAMPLES] == [
        ("guide-personal-assistant.txt", 19, "from spectron import Spectron"),
        ("guide-personal-assistant.txt", 43, "async def build_system_prompt(user_id: str) -> str:"),
        (
            "guide-personal-assistant.txt",
            72,
            "async def chat(session, user_id: str, user_message: str) -> str:",
        ),
        ("guide-personal-assistant.txt", 135, "async def my_llm(messages: list[dict]) -> str:"),
        ("guide-personal-assistant.txt", 161, "# Forget a specific attribute"),
        ("guide-user-memory-in-chat.txt", 21, "from spectron import Spectron"),
        ("guide-user-memory-in-chat.txt", 64, "from spectron import Spectron"),
        (
            "guide-user-memory-in-chat.txt",
            125,
            'profile = await memory.profile(scope={"user": user_id})',
        ),
        (
            "guide-user-memory-in-chat.txt",
            156,
            'entities = await memory.entities.list(scope={"user": user_id})',
        ),
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: f"{each.guide}:{each.line}")
def test_every_sample_compiles(sample: Sample) -> None:
    code = compile(sample.code, sample.guide, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(code, CodeType)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: f"{each.guide}:{each.line}")
def test_no_word_of_a_sample_is_changed(sample: Sample) -> None:
    guide = PERSONAL_ASSISTANT if sample.guide == PERSONAL_ASSISTANT.name else USER_MEMORY_IN_CHAT
    published = guide.read_text(encoding="utf-8").splitlines()
    lines = [line.strip() for line in sample.code.splitlines()]
    assert lines == [line.strip() for line in published[sample.line - 1 :][: len(lines)]]


def test_no_typescript_is_taken_for_python() -> None:
    for each in SAMPLES:
        assert "const " not in each.code
        assert "=>" not in each.code


def test_indentation_comes_back_by_the_rules() -> None:
    flat = """
async def answer(user_id: str, session_id: str | None) -> str:
# Open or create
if session_id:
session = open(session_id)
else:
session = await create(
scope={"user": user_id},
)

text = "base"
if session:
text += f"\\n{session}"

return text

for entity in entities:
print(entity)
for attribute in entity:
print(attribute)

done = True
"""
    assert (
        indented(flat.strip().splitlines())
        == """\
async def answer(user_id: str, session_id: str | None) -> str:
    # Open or create
    if session_id:
        session = open(session_id)
    else:
        session = await create(
            scope={"user": user_id},
        )

    text = "base"
    if session:
        text += f"\\n{session}"

    return text

for entity in entities:
    print(entity)
    for attribute in entity:
        print(attribute)

done = True
"""
    )
