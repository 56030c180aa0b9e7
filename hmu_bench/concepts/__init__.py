"""What is to be forgotten, as data: one YAML a concept."""

from hmu_bench.concepts.loading import concept_names, load_concept
from hmu_bench.concepts.schema import CATEGORIES, Category, Concept, KeywordList, SourceKeywords

__all__ = [
    "CATEGORIES",
    "Category",
    "Concept",
    "KeywordList",
    "SourceKeywords",
    "concept_names",
    "load_concept",
]
