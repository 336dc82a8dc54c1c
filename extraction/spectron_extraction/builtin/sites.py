"""What is no home and no employer, though it stands where one does: furniture, programs, pay.

Only what needs a list stands here; the conditions themselves are in `guards`.
"""

from typing import Final

from spectron_extraction.builtin.lexicon import ADVERBS, ARTICLES, KIN, PLACE_NAMES, WEEKDAYS
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.wordlists import word_set

_IN_NAMES: Final = word_set("of the and de la del di da do dos das upon am sur")


def named_alone(phrase: Phrase) -> bool:
    """Tells "Lisbon", from which one works, from "home on Fridays" and "Monday to Thursday"."""
    return phrase[0].norm.removesuffix("s") not in WEEKDAYS and all(
        token.capital or not token.word or token.norm in _IN_NAMES | PLACE_NAMES for token in phrase
    )


PASSING: Final = word_set("home work here there bed sleep me you him her them")
"""What stands where a place or an employer does, and names none."""

NOT_PLACES: Final = word_set(
    "mess hurry moment fear peace world universe past present future pain luck shock trouble love "
    "general fact case time car charge debt bubble dream dorms relationship meeting middle process "
    "mood family background interview front line need hell cave"
)
AREAS: Final = word_set(
    "city town village country suburbs countryside coast island states netherlands us uk usa west "
    "east north south"
)
"""What one moves to with an article and without a name."""

NOT_FIRMS: Final = word_set(
    "moment same least first free fun money weekend weekends evening evenings day morning years "
    "months weeks days hours night times living pace speed rate capacity random"
)

SERVICES: Final = word_set(
    "facebook instagram twitter tiktok snapchat whatsapp telegram discord reddit pinterest tumblr "
    "youtube twitch mastodon bluesky threads linkedin strava peloton duolingo goodreads letterboxd "
    "netflix hulu spotify patreon tinder bumble hinge okcupid mensa costco gmail outlook hotmail "
    "protonmail icloud dropbox slack zoom teams trello asana jira confluence notion obsidian "
    "evernote excel word powerpoint sheets photoshop figma sketch canva github gitlab bitbucket "
    "aws azure gcp heroku vercel netlify cloudflare kubernetes docker terraform vim neovim emacs "
    "vscode pycharm intellij xcode eclipse react angular vue svelte django flask rails laravel "
    "nextjs next.js tailwind pytorch tensorflow pandas chrome firefox safari edge brave "
    "signal linux ubuntu fedora debian windows macos ios android chatgpt claude gemini "
    "copilot cursor wordpress shopify etsy ebay wix squarespace substack medium monzo revolut "
    "paypal venmo verizon vodafone t-mobile netbeans postgres postgresql mysql mongodb redis "
    "minecraft roblox fortnite warcraft skyrim steam"
)
"""Programs, services and platforms, which people join, move to and live in without a move."""

FURNITURE: Final = word_set(
    "table desk counter couch sofa bed armchair chair bench computer laptop pc screen keyboard "
    "window balcony porch patio"
)
NOT_EMPLOYING: Final = word_set("gym school college church spa home academy university library")
"""Where one begins, and goes, without being paid for it as a rule."""

PAY: Final = word_set(
    "peanuts tips exposure food pleasure love nothing pennies scraps commission wage wages cash "
    "pay fun free money glory rent experience charity myself ourselves"
)
"""What one works for that employs nobody."""


STEPS: Final = word_set(
    "plan phase step stage version level tier grade option chapter part season episode round page "
    "mode gate platform track lane group"
)
_CLOTHES: Final = word_set(
    "sweatpants sweats leggings jeans denim pajamas pyjamas pjs hoodie hoodies shorts sneakers "
    "trainers boots slippers sandals crocs heels dresses skirts tracksuit tracksuits joggers "
    "t-shirts tshirts flannel scrubs uniform yoga"
)
_ROOMS: Final = word_set(
    "floor office gym library lab kitchen bathroom bedroom airport hospital mall pool theatre "
    "theater cinema pub bar stadium classroom workshop"
)


def not_dwelt(phrase: Phrase, noun: str) -> bool:
    """Tells what one lives in without a home there: programs, clothes, "the office".

    Args:
        phrase: What follows the preposition.
        noun: Its head.
    """
    within = noun in _ROOMS and (phrase[0].norm in ARTICLES or len(phrase) == 1 or noun == "floor")
    return serves(phrase) or noun in _CLOTHES or within


def serves(phrase: Phrase) -> bool:
    """Tells whether a phrase names a program or service rather than a place or a firm."""
    named = phrase[0].norm in SERVICES
    return named and not any(token.capital or token.norm == "," for token in phrase[1:2])


def others_moved(phrase: Phrase) -> bool:
    """Tells "I moved the server to Oslo" from "I moved back" and "I moved my family".

    Args:
        phrase: What stands between the verb and "to".
    """
    return bool(phrase) and not {token.norm for token in phrase} & _MOVERS


_MOVERS: Final = ADVERBS | KIN.keys() | word_set(
    "here there out away abroad up down over north south east west across directly full part "
    "house houses home homes household family us me everything way life lives year month week "
    "summer winter spring autumn fall states countries cities continents alone again twice in off "
    "on into far further closer back together remotely"
)  # fmt: skip
"""Words after "moved" that leave it the user who moved."""
