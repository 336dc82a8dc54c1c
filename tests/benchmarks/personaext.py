"""PersonaExt: single facts at volume, one expected triple for each utterance.

Reads `utterances.jsonl` of PersonaExt (Zhu et al., ACL 2023): a line is an utterance, lower-cased
and tokenised, and its (relation, subject, object) triples. Each utterance is the one turn of a user
of its own, so that nothing learned from one bears on another.

A triple is found if an attribute of any status overlaps its object (`overlap.py`); an attribute
that overlaps no object of its utterance is a false one. The labels are one for an utterance that
may say three things, and noisy, so that precision is a lower bound. With the category condition,
the attribute must also have a category that a key of the relation has in the ontology.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from spectron import NewTurn, Role
from spectron_extraction.ontology import Ontology
from tests.benchmarks.learners import Advance, Held, Learner
from tests.benchmarks.overlap import Tally, overlaps, total

FILE: Final = "utterances.jsonl"

# Which keys may hold what a relation says; their categories are those that count as right.
KEYS_BY_RELATION: Final[Mapping[str, tuple[str, ...]]] = {
    "attend_school": ("school", "alma_mater", "degree"),
    "belief": ("religion", "opinion"),
    "diet": ("diet", "abstains_from"),
    "dislike": ("dislikes",),
    "dislike_activity": ("dislikes",),
    "dislike_animal": ("dislikes",),
    "dislike_color": ("dislikes",),
    "dislike_drink": ("dislikes",),
    "dislike_food": ("dislikes", "abstains_from"),
    "dislike_job": ("dislikes",),
    "dislike_sport": ("dislikes",),
    "dislike_subject": ("dislikes",),
    "do_not_do": ("abstains_from", "dislikes", "skill_gap"),
    "do_not_drink": ("abstains_from", "dislikes", "diet"),
    "do_not_eat": ("abstains_from", "dislikes", "diet"),
    "doing": ("project", "event", "plan", "hobby", "habit"),
    "employed_by_company": ("employer",),
    "employed_by_general": ("employer", "role", "industry"),
    "fall_out": ("relative", "partner", "event", "problem"),
    "favorite_animal": ("favorite_animal", "likes"),
    "favorite_book": ("favorite_book", "likes", "reading"),
    "favorite_color": ("favorite_color", "likes"),
    "favorite_drink": ("favorite_drink", "likes"),
    "favorite_hobby": ("hobby", "favorite_hobby", "likes"),
    "favorite_movie": ("favorite_movie", "likes"),
    "favorite_music_artist": ("favorite_music_artist", "likes"),
    "favorite_place": ("favorite_place", "likes"),
    "favorite_season": ("favorite_season", "likes"),
    "favorite_show": ("favorite_show", "likes"),
    "favorite_sport": ("favorite_sport", "hobby", "likes"),
    "gender": ("gender",),
    "get_along": ("sibling", "relative"),
    "has_ability": ("skill", "hobby", "expertise"),
    "has_degree": ("degree", "field_of_study", "alma_mater"),
    "have_children": ("children", "child", "son", "daughter"),
    "have_family": ("relative", "spouse", "mother", "father", "child", "sibling"),
    "have_no": ("possession", "abstains_from"),
    "have_no_children": ("children",),
    "have_no_family": ("relative", "mother", "father"),
    "have_no_sibling": ("siblings",),
    "have_pet": ("pet", "species"),
    "have_sibling": ("siblings", "sibling", "sister", "brother"),
    "have_vehicle": ("possession",),
    # "Blind" and "pregnant" are adjectives, which the ontology keeps as physical traits.
    "health_status": ("health", "problem", "physical_trait"),
    "international_exp": ("experience_with", "event", "plan"),
    # Whoever is out of work may say so by what they look for.
    "job_status": ("employment_status", "role", "looking_for"),
    "like_activity": ("hobby", "likes", "habit"),
    # Given to what people say of their own animals as well.
    "like_animal": ("likes", "pet"),
    "like_character": ("likes",),
    "like_color": ("favorite_color", "likes"),
    "like_drink": ("likes",),
    "like_food": ("likes", "favorite_food"),
    "like_general": ("likes", "hobby"),
    "like_read": ("likes", "reading", "hobby"),
    "like_subject": ("likes",),
    "like_watching": ("likes", "hobby"),
    "live_in_citystatecountry": ("location", "hometown"),
    "live_in_general": ("location", "hometown"),
    "marital_status": ("marital_status", "spouse"),
    "member_of": ("team", "hobby"),
    "name": ("name", "pet", "nickname"),
    "other": ("note", "opinion", "personality"),
    "own": ("possession", "collects"),
    "physical_attribute": ("appearance", "height", "weight"),
    "pre_employed_by_company": ("employer",),
    "race": ("nationality",),
    "relationship": ("partner", "spouse", "marital_status", "friend"),
    "school_status": ("school", "degree", "employment_status", "field_of_study"),
    "used_to": ("habit", "hobby", "abstains_from", "event"),
    "want_job": ("goal", "wants", "plan"),
    "want_no": ("wants", "dislikes"),
    "weakness": ("skill_gap", "fear", "dislikes", "problem"),
    "work_schedule": ("habit", "role"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Triple:
    """What an utterance says: a relation and its object."""

    relation: str
    object: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """An utterance and what it says."""

    text: str
    triples: tuple[Triple, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """An utterance with its tallies, with and without the category condition."""

    utterance: Utterance
    plain: Tally
    in_category: Tally


def load_utterances(directory: Path) -> list[Utterance]:
    """Reads the utterances.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the expected layout.
    """
    with (directory / FILE).open(encoding="utf-8") as lines:
        return [_utterance(json.loads(line)) for line in lines if line.strip()]


def categories_by_relation(ontology: Ontology) -> dict[str, frozenset[str]]:
    """Returns the categories that count as right for each relation.

    Raises:
        ValueError: The ontology does not know a key.
    """
    return {
        relation: frozenset(_category(ontology, key) for key in keys)
        for relation, keys in KEYS_BY_RELATION.items()
    }


def score(
    utterance: Utterance, held: Sequence[Held], categories: Mapping[str, frozenset[str]]
) -> Scored:
    """Compares what was learned from an utterance with what it says.

    Args:
        utterance: The utterance.
        held: Every attribute learned from it.
        categories: Those that count as right for each relation.
    """

    def matches(triple: Triple, attribute: Held, *, in_category: bool) -> bool:
        return overlaps(triple.object, attribute.value) and not (
            in_category and attribute.category not in categories[triple.relation]
        )

    def tally(*, in_category: bool) -> Tally:
        return Tally(
            expected=len(utterance.triples),
            found=sum(
                any(matches(triple, each, in_category=in_category) for each in held)
                for triple in utterance.triples
            ),
            extracted=len(held),
            right=sum(
                any(matches(triple, each, in_category=in_category) for triple in utterance.triples)
                for each in held
            ),
        )

    return Scored(
        utterance=utterance, plain=tally(in_category=False), in_category=tally(in_category=True)
    )


async def measure(
    learner: Learner, utterances: Sequence[Utterance], advance: Advance
) -> dict[str, Any]:
    """Tells a learner the utterances and returns the figures."""
    users = [f"user-{number}" for number in range(len(utterances))]
    lesson = await learner.learn(
        {
            user: [[NewTurn(role=Role.USER, content=utterance.text)]]
            for user, utterance in zip(users, utterances, strict=True)
        },
        advance,
    )
    categories = categories_by_relation(Ontology.load())
    scored = [
        score(utterance, lesson.learned[user].attributes, categories)
        for user, utterance in zip(users, utterances, strict=True)
    ]
    return {
        "utterances": len(utterances),
        "failed_turns": lesson.failed,
        "plain": total(each.plain for each in scored).figures(),
        "in_category": total(each.in_category for each in scored).figures(),
        "by_category": _grouped(
            scored,
            {relation: "/".join(sorted(categories[relation])) for relation in KEYS_BY_RELATION},
        ),
        "by_relation": _grouped(scored, {relation: relation for relation in KEYS_BY_RELATION}),
    }


def _grouped(scored: Sequence[Scored], groups: Mapping[str, str]) -> dict[str, Any]:
    """Adds up utterances by a group of their relation, the largest group first.

    Precision is that of what was extracted from the utterances of the group.
    """
    members: dict[str, list[Scored]] = {}
    for each in scored:
        for group in {groups[triple.relation] for triple in each.utterance.triples}:
            members.setdefault(group, []).append(each)
    return {
        group: {
            "plain": total(each.plain for each in some).figures(),
            "in_category": total(each.in_category for each in some).figures(),
        }
        for group, some in sorted(members.items(), key=lambda item: -len(item[1]))
    }


def _utterance(row: Mapping[str, Any]) -> Utterance:
    triples = tuple(
        Triple(relation=triple["relation"], object=triple["object"]) for triple in row["triples"]
    )
    unknown = {triple.relation for triple in triples} - KEYS_BY_RELATION.keys()
    if unknown:
        raise ValueError(f"{FILE} has relations without keys: {', '.join(sorted(unknown))}")
    return Utterance(text=row["text"], triples=triples)


def _category(ontology: Ontology, key: str) -> str:
    category = ontology.category(key)
    if category is None:
        raise ValueError(f"the ontology does not know the key {key}")
    return category.value
