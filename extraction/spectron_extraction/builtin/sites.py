"""What is no home and no employer, though it stands where one does: furniture, programs, pay.

Only what needs a list stands here; the conditions themselves are in `guards`.
"""

from typing import Final

from spectron_extraction.builtin.lexicon import PLACE_NAMES
from spectron_extraction.builtin.tokens import Phrase
from spectron_extraction.builtin.wordlists import word_set

_IN_NAMES: Final = word_set("of the and de la del di da do dos das upon am sur")
_DAYS: Final = word_set("monday tuesday wednesday thursday friday saturday sunday")


def named_alone(phrase: Phrase) -> bool:
    """Tells "Lisbon", from which one works, from "home on Fridays" and "Monday to Thursday"."""
    return phrase[0].norm.removesuffix("s") not in _DAYS and all(
        token.capital or not token.word or token.norm in _IN_NAMES | PLACE_NAMES for token in phrase
    )


NOT_PLACES: Final = word_set(
    "mess hurry moment fear peace world past present future pain luck shock trouble love general "
    "fact case time car charge debt bubble dream dorms relationship meeting middle process mood "
    "family background interview front line need hell cave"
)
AREAS: Final = word_set(
    "city town village country suburbs countryside coast island states netherlands us uk usa west "
    "east north south"
)
"""What one moves to with an article and without a name."""

NOT_FIRMS: Final = word_set(
    "moment same least first free fun money weekend weekends evening evenings day morning years "
    "months weeks days hours night times living"
)

SERVICES: Final = word_set(
    "facebook instagram twitter tiktok snapchat whatsapp telegram discord reddit pinterest tumblr "
    "youtube twitch mastodon bluesky threads linkedin strava peloton duolingo goodreads letterboxd "
    "netflix hulu spotify patreon tinder bumble hinge okcupid mensa costco gmail outlook hotmail "
    "protonmail icloud dropbox slack zoom teams trello asana jira confluence notion obsidian "
    "evernote excel word powerpoint sheets photoshop figma sketch canva github gitlab bitbucket "
    "aws azure gcp heroku vercel netlify cloudflare kubernetes docker terraform vim neovim emacs "
    "vscode pycharm intellij xcode eclipse react angular vue svelte django flask rails laravel "
    "spring nextjs next.js tailwind pytorch tensorflow pandas chrome firefox safari edge brave "
    "whatsapp signal linux ubuntu fedora debian windows macos ios android chatgpt claude gemini "
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


def serves(phrase: Phrase) -> bool:
    """Tells whether a phrase names a program or service rather than a place or a firm."""
    return phrase[0].norm in SERVICES and len(phrase) <= 2  # "Slack", "Google Sheets" aside
