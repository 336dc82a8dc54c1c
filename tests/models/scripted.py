"""A model that answers correctly, by a script: what sentences say, and how a model notes it.

It reads the prompts as a model would: it finds the numbered turns among the lines, and answers in
the form that the request's schema asks for. So the prompts, the parser and everything after them
are those of production; only the understanding is scripted.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.models.server import Answer, ModelRequest, completion


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What a sentence says. The quote is the sentence, unless one is given."""

    key: str
    value: str
    kind: str = "fact"
    entity: str = "user"
    quote: str | None = None


SENTENCES: Final[dict[str, tuple[Noted, ...]]] = {
    "I'm Alice Chen, Head of Platform at Acme Corp.": (
        Noted(key="name", value="Alice Chen", quote="I'm Alice Chen"),
        Noted(key="role", value="Head of Platform", quote="Head of Platform at Acme Corp"),
        Noted(key="employer", value="Acme Corp", quote="Head of Platform at Acme Corp"),
    ),
    "I live in London with my dog Rex.": (
        Noted(key="location", value="London", quote="I live in London"),
        Noted(key="pet", value="a dog named Rex", quote="my dog Rex"),
    ),
    "I prefer bullet points.": (Noted(key="response_format", value="bullet points"),),
    "I'm allergic to peanuts and I love sushi.": (
        Noted(key="allergy", value="peanuts", quote="allergic to peanuts"),
        Noted(key="likes", value="sushi", quote="I love sushi"),
    ),
    "My sister Aoife is a vet.": (
        Noted(key="sister", value="Aoife", quote="My sister Aoife"),
        Noted(key="role", value="vet", entity="Person/Aoife"),
    ),
    "I might move to Lisbon next year.": (Noted(key="location", value="Lisbon", kind="doubt"),),
    "I no longer work at Hooli.": (Noted(key="employer", value="Hooli", kind="end"),),
    "No, wait, I live in Reading.": (Noted(key="location", value="Reading", kind="change"),),
    "I just moved to Reading.": (Noted(key="location", value="Reading", kind="change"),),
    "I live in Zürich.": (Noted(key="location", value="Zürich"),),
    "I moved to Oslo last year.": (Noted(key="location", value="Oslo", kind="change"),),
    "My name is Bob and I live in Perth.": (
        Noted(key="name", value="Bob", quote="My name is Bob"),
        Noted(key="location", value="Perth", quote="I live in Perth"),
    ),
    "I used to teach at Trinity until 2020.": (
        Noted(key="employer", value="Trinity", kind="past"),
    ),
}


def lines(request: ModelRequest) -> list[dict[str, Any]]:
    """Returns the lines of JSON of the message that asks for notes."""
    asked = request.body["messages"][1]["content"]
    return [json.loads(line) for line in asked.splitlines()]


def numbered(request: ModelRequest) -> dict[int, str]:
    """Returns the turns that the model may quote."""
    return {line["turn"]: line["user"] for line in lines(request) if "turn" in line}


def probed(request: ModelRequest) -> bool:
    """Tells whether a request is the test of enforcement."""
    return bool(request.body["response_format"]["json_schema"]["name"] == "probe")


def obedient(request: ModelRequest) -> Answer:
    """Answers the test of enforcement as an engine that enforces schemas must."""
    schema = request.body["response_format"]["json_schema"]["schema"]
    [(name, word)] = schema["properties"].items()
    return completion(json.dumps({name: word["enum"][0]}))


def notes(*found: dict[str, Any]) -> Answer:
    """Returns an answer of some facts."""
    return completion(json.dumps({"facts": list(found)}, ensure_ascii=False))


def note(turn: int, quote: str, key: str, value: str, **fields: str) -> dict[str, Any]:
    """Returns one fact as a model writes it."""
    fact = {"quote": quote, "turn": turn, "kind": "fact", "entity": "user", "key": key}
    return {**fact, "value": value, **fields}


def correctly(request: ModelRequest) -> Answer:
    """Answers as a model that understands the sentences of the script, within its schema."""
    if probed(request):
        return obedient(request)
    found = [
        note(
            number,
            noted.quote or sentence.rstrip("."),
            noted.key,
            noted.value,
            kind=noted.kind,
            entity=noted.entity,
        )
        for number, text in numbered(request).items()
        for sentence, said in SENTENCES.items()
        if sentence in text
        for noted in said
    ]
    schema = request.body["response_format"]["json_schema"]["schema"]
    return notes(*found[: schema["properties"]["facts"]["maxItems"]])
