"""The built-in extractor: a grammar of English in stages, each of which can be replaced.

Text becomes tokens (`tokens`, slips of the finger undone by `spelling`), sentences (`sentences`)
and clauses (`clauses`); `speech_acts` keeps the clauses that state something in the user's own
voice; `syntax` reads a clause's subject, tense, polarity, doubt and verb. A sentence without a
verb is completed first (`elliptic`), a pronoun of liking replaced (`antecedents`).

What a clause says is told by rules, from the surest to the broadest: verb frames as data
(`frames`), verbs of their own (`special_verbs`, `having`, `employment`, `schooling`, `dwelling`),
"be" (`copula`, `roles`, `traits`), possessions (`possessives`, `favorites`), intentions and
instructions (`intentions`, `directives`, `wishes`), and for any other verb what people do
(`activities`). Whole sentences are read for what their possessives take for granted
(`presuppositions`), for what they end (`endings`, `partings`), what becomes of plans (`outcomes`),
what they weigh (`doubts`) and what they take back (`retractions`).

`entities` says whom a claim is about, `values` and `times` write values and times; `questions`,
`fragments`, `corrections` and `dialogue` read answers and corrections; `opposition` ends what a new
claim denies;
`reader` and `extractor` put it together and turn claims into proposals.

Where the rules took nothing of a turn, `tagger` guesses at values from the states of an encoder
(`token_states`), and `tagged` makes claims of those that the guards of the rules let through.
"""

from spectron_extraction.builtin.extractor import BuiltinExtractor

__all__ = ["BuiltinExtractor"]
