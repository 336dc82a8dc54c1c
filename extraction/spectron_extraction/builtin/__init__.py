"""The built-in extractor: English patterns in stages, each of which can be replaced.

Text becomes tokens (`tokens`), sentences (`sentences`) and clauses (`clauses`); `speech_acts`
keeps the clauses that state something in the user's own voice; `syntax` reads a clause's subject,
tense, polarity, doubt and verb; the rules (`frames` as data, `copula`, `possessives`,
`special_verbs`, `intentions`, `directives`, `preferences`) make claims of it; `entities` says whom
they are about, `values` and `times` write values and times; `questions` and `dialogue` read
answers and corrections; `extractor` turns claims into proposals.
"""

from spectron_extraction.builtin.extractor import BuiltinExtractor

__all__ = ["BuiltinExtractor"]
