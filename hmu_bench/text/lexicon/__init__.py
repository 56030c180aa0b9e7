"""The rule `lexicon`: word senses in context, from files that a person can read and extend.

`hmu_bench.text.lexicon.features` (needs numpy) has its findings as numbers for a trained head.
"""

from hmu_bench.text.lexicon.classifier import SURELY_SAFE, SURELY_VIOLENT, LexiconClassifier
from hmu_bench.text.lexicon.engine import Finding, Reading, read_caption, subset_of
from hmu_bench.text.lexicon.loading import Lexicon, load_lexicon, read_lexicon

__all__ = [
    "SURELY_SAFE",
    "SURELY_VIOLENT",
    "Finding",
    "Lexicon",
    "LexiconClassifier",
    "Reading",
    "load_lexicon",
    "read_caption",
    "read_lexicon",
    "subset_of",
]
