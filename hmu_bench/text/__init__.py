"""Captions to labels: classifiers and their quality."""

from hmu_bench.text.judgement import Classifier, Judgement
from hmu_bench.text.keywords import KeywordsClassifier
from hmu_bench.text.rules import DEFAULT_RULE, RULES, classify, make_classifier

__all__ = [
    "DEFAULT_RULE",
    "RULES",
    "Classifier",
    "Judgement",
    "KeywordsClassifier",
    "classify",
    "make_classifier",
]
