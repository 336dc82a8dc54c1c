"""Writing sets of words and phrases as plain text."""


def word_set(text: str) -> frozenset[str]:
    """Returns the words of a text."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Returns the phrases of a text, which are parted by commas."""
    return frozenset(" ".join(part.split()) for part in text.split(","))
