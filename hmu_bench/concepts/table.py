"""The concepts as tables and cards, for the command line."""

from __future__ import annotations

from typing import Any

from hmu_bench.concepts.loading import concept_names, load_concept
from hmu_bench.concepts.schema import Concept


def overview() -> tuple[list[str], list[list[str]]]:
    """The headers and the rows of a table of all concepts: how many keywords for which source."""
    rows = []
    for concept in map(load_concept, concept_names()):
        counts = (f"{source} {len(found.keywords)}" for source, found in concept.sources.items())
        rows.append([concept.name, concept.title, ", ".join(counts)])
    return ["name", "title", "keywords"], rows


def cards() -> list[dict[str, Any]]:
    """All concepts, in full."""
    return [card(load_concept(name)) for name in concept_names()]


def card(concept: Concept) -> dict[str, Any]:
    """One concept, in full, with the hash that stands in build.json."""
    return {**concept.model_dump(mode="json"), "sha256": concept.sha256}


def card_lines(concept: Concept) -> list[str]:
    """One concept as lines to read."""
    lines = [f"{concept.name}: {concept.title}", concept.description]
    for source, found in concept.sources.items():
        origin = "the paper's list" if found.origin == "paper" else "our list"
        keywords = (f"{keyword} ({category})" for keyword, category in found.keywords.items())
        lines.append(f"{source}, {origin}: {', '.join(keywords)}")
    return [*lines, f"sha256: {concept.sha256}"]
