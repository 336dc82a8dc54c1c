"""What draws somebody, told without a verb of liking: "there's something about fog that calms me".

Each way of speaking names the thing in a place of its own: what never gets old, what is high on a
list, what a café does well, what was in the glass of a pleasant evening.
"""

from collections.abc import Callable, Iterator
from typing import Final

from spectron_extraction.builtin.claims import Claim
from spectron_extraction.builtin.favorites import last_noun_phrase
from spectron_extraction.builtin.fondness import Drawn, Found, fond_of, is_gerund
from spectron_extraction.builtin.guards import GUARDS
from spectron_extraction.builtin.heads import head
from spectron_extraction.builtin.lexicon import (
    ADVERBS,
    ARTICLES,
    DETERMINERS,
    KIN,
    SUBJECT_PRONOUNS,
)
from spectron_extraction.builtin.names import GIVEN_NAMES
from spectron_extraction.builtin.openers import strip_openers
from spectron_extraction.builtin.tokens import Phrase, trim_marks, words
from spectron_extraction.builtin.values import cut, items, trim, written
from spectron_extraction.builtin.verbs import FORMS, verb_form
from spectron_extraction.builtin.wordlists import phrase_set, word_set
from spectron_extraction.protocol import EntityRef

_CONFIDENCE: Final = 0.7
_MAX_TOKENS: Final = 7


def leaning_claims(text: str, tokens: Phrase, user: EntityRef) -> Iterator[Claim]:
    """Yields what a sentence shows the speaker to be drawn to.

    Args:
        text: The turn's content.
        tokens: What of a sentence is stated.
        user: The user.
    """
    said, hedged, _ = strip_openers(tokens)
    norms = {token.norm for token in said}
    if not said or hedged or norms & _UNREAL:
        return
    ways = (fond_of,) if norms & _DENYING else (*_WAYS, fond_of)
    for drawn in (drawn for read in ways for drawn in read(said)):
        for item in _listed(trim(drawn.phrase)):
            value = written(text, item) if drawn.by_name or _sayable(item) else None
            if value:
                yield Claim(
                    entity=user,
                    key="hobby" if drawn.key == "likes" and is_gerund(item[0]) else drawn.key,
                    value=f"to {drawn.verb} {value}" if drawn.verb else value,
                    tokens=tokens,
                    confidence=_CONFIDENCE,
                )


_UNREAL: Final = word_set("if unless wish")
_DENYING: Final = word_set("not would")
"""What turns most ways of speaking round, but for set phrases: "you can't beat rain"."""


def _listed(phrase: Phrase) -> Iterator[Phrase]:
    """Yields the items of a list; "a warm, spicy dish" is none."""
    place = next((i for i, token in enumerate(phrase) if token.norm == ","), 0)
    described = place and phrase[0].norm in ARTICLES and phrase[place + 1].norm not in DETERMINERS
    yield from (phrase,) if described else items(phrase)


def _sayable(phrase: Phrase) -> bool:
    norms = {token.norm for token in phrase}
    person = head(phrase) in KIN or phrase[0].norm in GIVEN_NAMES
    pointing = norms & (SUBJECT_PRONOUNS | {"this", "that", "these", "those", "him", "them", "her"})
    return len(phrase) <= _MAX_TOKENS and not person and not pointing and GUARDS["likeable"](phrase)


def _something_about(said: Phrase) -> Found:
    """Reads "there's something calming about fog", "... about old maps that I love"."""
    norms = [token.norm for token in said[:8]]
    telling = norms[3:4] and norms[3] in _CHARMS and norms[4:5] == ["to"]
    if norms[:2] != ["there", "is"] or not (telling or {"something", "about"} <= set(norms)):
        return
    place = 4 if telling else norms.index("about")
    between = set(norms[2:place]) - {"something"}
    rest = said[place + 1 :]
    end = next(
        (i for i, token in enumerate(rest) if i and token.norm in {"that", "which"}), len(rest)
    )
    drawn = {token.norm for token in rest[end + 1 :]} & _DRAWING
    if drawn or telling or between & _PLEASING:
        yield Drawn(cut(_without_example(rest[:end]), at=frozenset({"at", "when"})))


def _without_example(phrase: Phrase) -> Phrase:
    """Returns what stands before an addition: "deep blues, particularly navy"."""
    adding = ADVERBS | SUBJECT_PRONOUNS | {"like", "you", "and"}
    commas = (i for i, token in enumerate(phrase[:-1]) if token.norm == ",")
    return phrase[: next((i for i in commas if phrase[i + 1].norm in adding), len(phrase))]


_CHARMS: Final = word_set("warmth charm magic calm beauty romance comfort coziness serenity")
_PLEASING: Final = word_set(
    "calming calm magical special soothing fulfilling satisfying relaxing comforting peaceful "
    "grounding refreshing meditative therapeutic beautiful lovely enchanting romantic wonderful "
    "charming captivating fascinating mesmerizing addictive rewarding cozy nostalgic liberating"
)
_DRAWING: Final = word_set(
    "love like enjoy adore draws pulls gets calms soothes relaxes inspires fascinates speaks lifts "
    "captivates comforts grounds appeals"
)


def _never_old(said: Phrase) -> Found:
    """Reads "sunsets never get old"."""
    for place in range(1, len(said) - 1):
        if words(said[place : place + 3]) in _LASTING and said[0].norm not in _OTHERS:
            yield Drawn(last_noun_phrase(said[:place], whole=True))


_OTHERS: Final = SUBJECT_PRONOUNS | word_set("his her their its your this that these those")
_LASTING: Final = phrase_set(
    "never gets old, never get old, never fails me, never disappoints me, never grows old"
)


def _on_a_list(said: Phrase) -> Found:
    """Reads "Kyoto is high on my list", "the Alps have been on my radar for ages"."""
    for place in range(1, len(said) - 2):
        if words(said[place : place + 2]) not in {"on my", "of my"}:
            continue
        after = said[place + 2 :]
        high = {token.norm for token in said[max(0, place - 2) : place]} & {"high", "top"}
        listed = words(after) == "list" and high
        verb = _LISTS.get(words(after[:2]))
        if not (listed or after[0].norm == "radar" or verb is not None):
            continue
        before = said[:place]
        while before and before[-1].norm in _HIGH | ADVERBS | _BEING:
            before = before[:-1]
        if before and len(before) < place:
            yield Drawn(last_noun_phrase(before, whole=True), "wants", verb or "")
        return


_HIGH: Final = word_set("high up next first top at the number one definitely near")
_BEING: Final = word_set("is are 's was has have been")
_LISTS: Final = {
    "bucket list": "",
    "wish list": "",
    "travel list": "visit",
    "reading list": "read",
    "to-read list": "read",
    "tbr list": "read",
    "watch list": "watch",
}
"""Lists of what one wishes for, and what one wishes to do with it, if the list tells."""


def _always_wanted(said: Phrase) -> Found:
    """Reads "..., like in Mombasa, a place I've always wanted to visit"."""
    place = next((i for i in range(3, len(said)) if words(said[i : i + 5]) in _WANTED), 0)
    verb = said[place + 5] if place and place + 5 < len(said) else None
    if verb is None or verb.norm not in _EXPERIENCED or place + 6 < len(said):
        return
    start = place - 1 if said[place - 1].norm in {"that", "which"} else place
    noun = said[start - 1].norm
    if noun in FORMS or said[start - 2].norm not in {"a", "an", "the", "one"}:
        return
    before = said[: start - 2]
    if before and before[-1].norm in {",", "is", "\u2014", "-", "of"}:
        yield Drawn(last_noun_phrase(trim_marks(before[:-1])), "wants", verb.norm)


_WANTED: Final = phrase_set(
    "i have always wanted to, i have long wanted to, we have always wanted to"
)
_EXPERIENCED: Final = word_set("visit see try read watch learn explore play hear own do taste")


def _missed(said: Phrase) -> Found:
    """Reads "I miss the sea", "I sometimes miss being in Lyon for the food"."""
    place = next((i for i, token in enumerate(said[:6]) if token.norm == "miss"), 0)
    lead = [token.norm for token in said[:place] if token.norm not in ADVERBS | _SOMEWHAT]
    if not place or lead not in (["i"], ["do"], ["i", "do"]):
        return
    rest = said[place + 1 :]
    stay = rest[:2]
    if len(stay) == 2 and stay[0].norm in _STAYING and stay[1].norm in {"in", "to", "at", "by"}:
        yield Drawn(cut(rest[2:], at=frozenset({"for", "with", "when", "during", "on", "in"})))
    elif rest and rest[0].norm == "the" and len(rest) > 1 and rest[1].norm not in _FAILED:
        yield Drawn(cut(rest, at=frozenset({"from", "when", "here", "back", "in", "so", ","})))


_SOMEWHAT: Final = word_set("kind of sort kinda sorta a little bit")
_STAYING: Final = word_set("being living visiting going staying walking")
_FAILED: Final = word_set(
    "bus train flight deadline call meeting point chance old days part game target mark class "
    "lecture show start first last next days time times way person people boat ferry"
)


def _done_well(said: Phrase) -> Found:
    """Reads "there's this spot downtown that does amazing oysters"."""
    if words(said[:2]) not in {"there is", "i know", "i found", "we found"}:
        return
    for place in range(3, len(said) - 2):
        if said[place].norm not in {"does", "makes", "serves", "do", "make", "serve"}:
            continue
        if said[place - 1].norm not in {"that", "which", "they", "who"}:
            continue
        rest = said[place + 1 :]
        while rest and rest[0].norm in {"the", "really", "most", "these", "some", "such"}:
            rest = rest[1:]
        made = cut(rest[1:], at=frozenset({"in", "i", "ever", "around", "for"}))
        if made and rest[0].norm in _WELL_MADE and made[-1].norm not in _DEEDS:
            yield Drawn(made)
        return


_DEEDS: Final = word_set("work job jobs things stuff impression sense money difference use")
_WELL_MADE: Final = word_set(
    "best amazing great incredible fantastic awesome delicious killer excellent wonderful mean "
    "perfect lovely unbelievable brilliant"
)


def _in_the_glass(said: Phrase) -> Found:
    """Reads "spent the evening with a nice glass of merlot"."""
    if said[0].norm not in {"i", "we"} and verb_form(said[0].norm) is None:
        return
    for place in range(2, len(said) - 1):
        token = said[place]
        if token.norm != "of" or said[place - 1].norm not in _VESSELS:
            continue
        start = next((i for i in range(place - 2, 0, -1) if said[i].norm in {"a", "another"}), 0)
        form = verb_form(said[start - 1].norm) if start else None
        taken = said[start - 1].norm == "with" or (form is not None and form.lemma in _TAKING)
        if taken and {token.norm for token in said[start:place]} & _NICE:
            yield Drawn(cut(said[place + 1 :], at=_AFTER_GLASS))


_TAKING: Final = word_set("enjoy savor savour sip drink have need want love eat make")
_AFTER_GLASS: Final = frozenset(
    {",", "and", "with", "at", "in", "by", "on", "over", "before", "to"}
)
_VESSELS: Final = word_set("glass cup mug pint bowl plate pot slice glasses cups")
_NICE: Final = word_set("nice good lovely cozy warm hot cold big perfect great well-deserved")


def _favorites_by(said: Phrase) -> Found:
    """Reads "re-reading some old favorites by Isaac Asimov"."""
    for place in range(1, len(said) - 2):
        if said[place].norm in {"favorites", "favorite"} and said[place + 1].norm in {"by", "from"}:
            if {token.norm for token in said[max(0, place - 3) : place]} & {"your", "his", "her"}:
                return
            name = []
            for token in said[place + 2 :]:
                if not token.capital:
                    break
                name.append(token)
            yield Drawn(tuple(name), by_name=True)
            return


def _anything(said: Phrase) -> Found:
    """Reads "I'm a sucker for anything with caramel"."""
    joined = words(said[:6])
    lead = next((lead for lead in _FOR_ANYTHING if joined.startswith(f"{lead} ")), "")
    rest = said[len(lead.split()) :] if lead else ()
    if len(rest) > 1 and rest[0].norm in {"anything", "everything", "all"}:
        rest = rest[1:]
        while len(rest) > 1 and rest[0].norm in _CONCERNING:
            rest = rest[1:]
        yield Drawn(cut(rest))


_CONCERNING: Final = word_set("with to involving about related by that has involves")
_FOR_ANYTHING: Final = (
    "i am a sucker for", "i love", "i like", "i am into", "i adore", "i enjoy", "i am a fan of",
    "i am all about", "i am obsessed with",
)  # fmt: skip

_WAYS: Final[tuple[Callable[[Phrase], Found], ...]] = (
    _something_about,
    _never_old,
    _on_a_list,
    _always_wanted,
    _missed,
    _done_well,
    _in_the_glass,
    _favorites_by,
    _anything,
)
