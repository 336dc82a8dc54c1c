"""Pasted text is nobody's word; what people write in their own voice is, whatever its layout."""

import pytest

from spectron_extraction.builtin import BuiltinExtractor
from spectron_extraction.builtin.pasted import pasted
from tests.extraction.support import extract, short

OWN = [
    "Hi there,\nI live in Bergen.",
    "Dear assistant, I live in Bergen.",
    "Good morning! I live in Bergen.",
    "See https://example.org//page\nI live in Bergen.",
    "Note: I live in Bergen.",
    "About me:\n- I live in Bergen",
    "I live in Bergen - and I love it",
    "I live in Bergen.\n\nFrom: where do trains go to Oslo?",
    "**Update**: I live in Bergen.",
    "I live in Bergen <3 and love it >> Oslo",
    "I live in Bergen, 5 < 6 and 7 > 6.",
    "Home: I live in Bergen.\nHobby: I play chess.",
    "I live in `Bergen`.",
    "Case closed: I live in Bergen.",
    "Inputs: I live in Bergen.",
    "@assistant I live in Bergen.",
]


@pytest.mark.parametrize("text", OWN)
async def test_ones_own_words_are_read(builtin: BuiltinExtractor, text: str) -> None:
    assert "location=Bergen" in short(await extract(builtin, text))


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("I am tired.\n---------- Forwarded message ----------\nI quit.", "I am tired.\n"),
        ("Is it spam?\nDear friend,\nI am a prince.", "Is it spam?\n"),
        ("Fix x = 1 // I wrote this", "Fix x = 1 "),
        ("Me: hi\nBot: hello", "\n"),
        ("Ann: hi\nBob: hello", "Ann: hi\nBob: hello"),
        ("[10:01] ann: I quit\n[10:02] bob: wow\nWho quit?", "\n\nWho quit?"),
        ("Name: Ann\nCity: Oslo", "Name: Ann\nCity: Oslo"),
        ("From: Ann\nTo: Bob\n\nI quit.", ""),
        ("**From:** Ann\n**Date:** Monday\n\nI quit.", ""),
        ("Von: Ann\nBetreff: Neues\n\nI quit.", ""),
        ("Right?\nLe lundi, Ann a écrit :\nI quit.", "Right?\n"),
        ("Fix it: <div class='x'>I quit.</div> Thanks", "Fix it:  Thanks"),
        ("Why? <!--\nI quit.\n--> Thanks", "Why?  Thanks"),
        ("Hm <|eot_id|> I quit.", "Hm "),
        ("Speaker 1: I quit.\nSpeaker 2: No!", "\n"),
        ("Example: I quit.\nIs that polite?", "\nIs that polite?"),
        ("Yes", "Yes"),
    ],
)
def test_the_layout_tells_what_is_pasted(text: str, own: str) -> None:
    kept = "".join(
        character
        for place, character in enumerate(text)
        if not any(start <= place < end for start, end in pasted(text))
    )
    assert kept == own
