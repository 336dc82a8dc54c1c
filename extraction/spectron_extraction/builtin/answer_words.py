"""Words for how an assistant answers. Data only."""

from typing import Final

from spectron_extraction.builtin.wordlists import phrase_set, word_set

ANSWER_NOUNS: Final = word_set(
    "answer answers response responses reply replies explanation explanations summary summaries "
    "message messages output outputs feedback text texts writing suggestions"
)


FORMATS: Final[dict[str, str]] = {
    "bullet point": "bullet points", "bullet points": "bullet points", "bullets": "bullet points",
    "bullet": "bullet points", "bullet-point": "bullet points", "bullet-points": "bullet points",
    "bulleted lists": "bullet points", "bulleted list": "bullet points",
    "bulleted": "bullet points", "bullet lists": "bullet points",
    "table": "tables", "tables": "tables", "tabular": "tables",
    "markdown": "Markdown", "plain text": "plain text", "json": "JSON", "yaml": "YAML",
    "xml": "XML", "html": "HTML", "csv": "CSV", "latex": "LaTeX", "prose": "prose",
    "paragraphs": "paragraphs", "full sentences": "full sentences", "lists": "lists",
    "numbered lists": "numbered lists", "numbered list": "numbered lists",
    "numbered": "numbered lists", "code blocks": "code blocks", "code": "code",
    "code examples": "code examples", "headings": "headings", "short paragraphs":
    "short paragraphs", "list form": "lists", "step-by-step lists": "step-by-step lists",
    "diagrams": "diagrams", "examples": "examples", "real-life examples": "examples",
    "concrete examples": "examples", "worked examples": "examples",
    "one sentence": "one sentence", "haiku": "haiku",
}  # fmt: skip
"""Forms of an answer as they are said, and as they are kept."""


STYLES: Final = word_set(
    "concise short brief detailed thorough terse long simple step-by-step direct blunt succinct "
    "in-depth comprehensive verbose crisp compact technical straightforward to-the-point plain "
    "structured elaborate precise clear minimal actionable shorter longer lengthy wordy quick "
    "high-level beginner-friendly honest candid nuanced evidence-based practical"
)


TONES: Final = word_set(
    "formal informal casual friendly professional humorous funny sarcastic serious warm polite "
    "playful neutral encouraging cheerful witty respectful conversational relaxed academic "
    "empathetic gentle enthusiastic"
)


AVOIDABLE: Final = phrase_set(
    "emojis, emoji, filler phrases, filler words, filler, jargon, buzzwords, small talk, "
    "preambles, preamble, disclaimers, disclaimer, caveats, apologies, exclamation marks, "
    "exclamation points, slang, acronyms, cliches, clichés, metaphors, analogies, flattery, "
    "fluff, boilerplate, repetition, sarcasm, swearing, profanity, spoilers, puns, em dashes, "
    "semicolons, passive voice, corporate speak, marketing speak, hashtags, footnotes, rhetorical "
    "questions, unsolicited advice, follow-up questions, hedging, introductions, platitudes, "
    "abbreviations, pleasantries, chit-chat, chitchat, walls of text, "
    "wall of text, lectures, lecturing, moralizing, moralising, "
    "corporate jargon, waffle, waffling, padding, fluffy language, long paragraphs, long-winded "
    "answers, smileys, ellipses, clickbait, legalese, technobabble, baby talk, "
    "pep talks, explanations, long intros, intros, intro, introduction, "
    "long introductions, long explanations, long answers, recaps, summaries, commentary, comments, "
    "long lists, small print, cliffhangers, headings, titles"
)
"""Things that only an assistant's answers hold: who dislikes them, asks to avoid them."""
