"""Undoing slips of the finger in the words that the grammar knows: "wrok", "alergic", "girlfreind".

A word that is known stays. One that is not is read as a known one if two of its letters only need
to change places, if it only lacks a vowel or one of a double letter, or, in a longer word, if only
one vowel is another or one consonant is doubled: the slips that hardly ever make another English
word. Values are kept as they were written; only how a word is understood changes.
"""

from collections.abc import Iterator
from typing import Final

from spectron_extraction.builtin import animals, lexicon, things
from spectron_extraction.builtin.verbs import FORMS
from spectron_extraction.builtin.wordlists import word_set

_VOWELS: Final = frozenset("aeiou")
_MAX: Final = 16
_MIN_SWAPPED: Final = 3
_MIN_LACKING: Final = 5
_MIN_MISTAKEN: Final = 6
_MIN_DOUBLED: Final = 5
_GRAMMAR: Final = word_set(
    "allergic favorite favorites intolerant interested originally currently because always never "
    "sometimes every birthday married girlfriend boyfriend neighbor daughter brother sister "
    "husband mother father friend please remember responses answers concise detailed from form "
    "with about really very just also again since until before after between without within "
    "during next last week month year years today tomorrow yesterday morning evening night "
    "weekend monday tuesday wednesday thursday friday saturday sunday january february august "
    "september october november december project projects manager teacher engineer language "
    "english company university college school degree question people children their there where "
    "which while would should could might wedding interview appointment holiday vegetarian "
    "surgery meeting exam interview dissertation appointment "
    "anymore longer sorry canceled cancelled "
    "the this that they them then than your you for not and but are was were "
    "have has had"
)
# Words that English has, and that a slip of the finger would make of others.
_REAL: Final = word_set(
    "one two three four five six seven eight nine ten office offices sometime rising handed "
    "binging insects gables form from trial trail dairy diary angel angle untied united sacred "
    "scared silver sliver quiet quite calm clam tired tried trust rust planed stared starring "
    "hoping hopping though tough thought through bread beard board broad casual causal clot colt "
    "dose does field filed gird grid lion loin martial marital paint pint per perk prefect "
    "perfect recipe rouge rogue salve slave split spilt steak stake won own two tow war raw was "
    "saw who how now on no of god dog act cat ant tan tea eat ear era are arm ram arc car bat tab "
    "bin nib but tub dan and dab bad dim mid dew wed end den gas sag gel leg gum mug gut tug keep "
    "peek liar rail live evil lee eel lap pal mad dam net ten not ton pin nip pit tip pot top pan "
    "nap par rap rat tar star tsar stop spot step pets team meat mate tame stressed strained "
    "stated posted listed ranches branches bother other ether chef chief costume custom owner "
    "lover liver river diver sever severe serve sinful singe single tower stoke stole stories "
    "storms sparing spring storing stating starting staring biding bidding robing robbing taping "
    "tapping caring carving craving moving mowing boxing fixing mixing cooing cooling roping "
    "rooting riding ridding hiding siding sliding planing waning warning leaning learning earning "
    "yearning cleaning gleaning string sting toning touring pouring curing cutting putting hoped "
    "stop acme "
    "adapted adapting analysis bandit banged banging battle bottle bottled bottles bunker collage "
    "computed computing crate curved curves daring decade decades diagnosis dialed dripped "
    "dripping faster fellow fellows fishermen fling flipped forgetting formed former forming "
    "freshmen funding funds hauled hauling hinted jagged knotted landing linger loading marina "
    "masses messed moaning modelled modelling overseas pants patting patrolling petrol petting "
    "pissed pointed pointer pointing points policemen potter rally rises setting shipped shipping "
    "shots shouting shouts stepped stepping studios sweets swing tanker tested testing thanking "
    "tracker transferred transferring travelled wander wandered wandering washed washing waved "
    "waves wilder witches ceding batting betting clans brows chang crete rented ranted "
    "abby acre acres als ami amid anna apples arise arises arising barley bengal berber bis boer "
    "braking byu caress cod coe cot crates curse curving dei east eco eta fallon filled flopped "
    "framed framing funded gardiner gardner georgina gorman gujarat handel hopped hurst ile iss "
    "ist lal lei losses manly marin marino marne marred messing ned opined panted panting pleas "
    "punjab rae reilly rna sal sue sued tae tires turing umm waist waving "
)


def _vocabulary() -> frozenset[str]:
    found: set[str] = set()
    for module in (animals, lexicon, things):
        for value in vars(module).values():
            if isinstance(value, frozenset | dict):
                for entry in value:
                    found.update(str(entry).split())
    return frozenset(word for word in found | FORMS.keys() | _GRAMMAR if word.isalpha())


_KNOWN: Final = _vocabulary() | _REAL
_TARGETS: Final = frozenset(
    word
    for word in (
        FORMS.keys()
        | _GRAMMAR
        | lexicon.KIN.keys()
        | lexicon.OCCUPATIONS
        | lexicon.LANGUAGES
        | lexicon.HEALTH
        | lexicon.ADVERBS
        | lexicon.DIETS
        | lexicon.MARITAL
        | lexicon.EMPLOYMENT
    )
    if word.isalpha()
)


def _lacking() -> dict[str, str]:
    """Returns the known words by what is left of them without one letter, where that is clear."""
    found: dict[str, str] = {}
    unclear: set[str] = set()
    for word in sorted(_TARGETS):
        for short in set(_shortened(word)):
            if short in found and found[short] != word:
                unclear.add(short)
            found[short] = word
    refused = unclear | _KNOWN
    return {short: word for short, word in found.items() if short not in refused}


def _shortened(word: str) -> Iterator[str]:
    # A dropped consonant makes too many other words: "driving" without its r is "diving".
    for index in range(1, len(word)):
        doubled = word[index] == word[index - 1]
        dropped = doubled or word[index] in _VOWELS
        if dropped and len(word) > (_MIN_DOUBLED if doubled else _MIN_LACKING):
            yield word[:index] + word[index + 1 :]


_LACKING: Final = _lacking()


def corrected(word: str) -> str:
    """Returns the word that a word in lower case was meant to be; itself if that is not clear.

    Args:
        word: The word.
    """
    if word in _KNOWN or not _MIN_SWAPPED <= len(word) <= _MAX or not word.isalpha():
        return word
    meant = _LACKING.get(word)
    if meant is not None:
        return meant
    meant_words = {each for each in _mistaken(word) if each in _TARGETS}
    return meant_words.pop() if len(meant_words) == 1 else word


def _mistaken(word: str) -> Iterator[str]:
    """Yields a word with two letters swapped, with another vowel, or without a doubled letter."""
    for index in range(len(word) - 1):
        yield word[:index] + word[index + 1] + word[index] + word[index + 2 :]
    if len(word) < _MIN_MISTAKEN:
        return
    for index in range(1, len(word)):
        letter = word[index]
        if letter in _VOWELS:
            yield from (word[:index] + other + word[index + 1 :] for other in _VOWELS - {letter})
        elif letter == word[index - 1]:
            yield word[:index] + word[index + 1 :]
