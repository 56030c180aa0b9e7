"""The datasets page: what the builders emit, the rules and how good they are, concepts, packs.

Figures come from files: the quality report of the classifiers, the concepts, the packs that ship.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hmu_bench.concepts import Concept, concept_names, load_concept
from hmu_bench.text.quality_report import ClassifierQuality, SourceQuality, load_quality
from hmu_bench.tracks.pack import EMBEDDED
from hmu_bench.tracks.schema import TRACK_FILE, TrackInfo
from hmu_bench.yaml_files import read_yaml_model
from leaderboard.board import Board, Output


@dataclass(frozen=True, slots=True)
class Source:
    """A source of captions, as its builder publishes it."""

    name: str
    label: str
    captions: str
    terms: str
    command: str


SOURCES = (
    Source(
        "humanml3d",
        "HumanML3D",
        "sentences that people wrote for motions of AMASS and HumanAct12, and the same for the "
        "mirrored twin of every clip",
        "texts: MIT; the motions may not be redistributed and are not published here",
        "python -m builders humanml3d --out DIR",
    ),
    Source(
        "motionx",
        "Motion-X",
        "one short label a clip, mostly the name of its file in words",
        "non-commercial research; published without texts unless --text is given",
        "python -m builders motionx --texts Motion-X/texts --splits LISTS/ --out DIR",
    ),
    Source(
        "kitml",
        "KIT Motion-Language",
        "sentences that people wrote for motion capture recordings",
        "its site names no licence of the annotations",
        "python -m builders kitml --texts annotations.json --splits LISTS/ --out DIR",
    ),
    Source(
        "sample",
        "The embedded sample",
        "procedural motions and captions of a small grammar, made by this project so that the "
        "whole path can be tried without any download",
        "MIT, motions included",
        "python -m builders sample --out DIR",
    ),
)

RULES = {
    "calibrated": "Ours: an encoder with a trained head and a lexicon of word senses, put together "
    "and calibrated. A clip is to be forgotten when any caption of it or of its mirrored twin is "
    "violent, so twins never disagree. Versioned; a released split is frozen.",
    "keywords": "The paper's filter, exactly: a keyword as a case-sensitive substring anywhere in "
    "a line of the text file. Yes, \u201cwhite\u201d contains \u201chit\u201d.",
    "lexicon": "Word senses in context: object, instrument, sport, body part, negation. Part of "
    "calibrated, and can be asked alone.",
    "embedding": "The encoder with its trained head alone. Part of calibrated, and can be asked "
    "alone.",
}
SOURCE_NAMES = {one.name: one.label for one in SOURCES} | {"challenge": "Challenge captions"}

COLUMNS = (
    ("clip_id, source, split, mirrored", "which clip; twins carry an M before their number"),
    ("captions", "a list: text, tokens, start, end, and for each its own violent, score, category "
     "and evidence"),
    ("label", "forget or retain"),
    ("score, category", "of the clip's most violent caption"),
    ("confident", "whether the rule is sure of every caption"),
    ("motion_path, num_frames", "where the motion lies for those who have it"),
)  # fmt: skip


def pages(board: Board) -> Iterator[Output]:
    """`datasets/index.html`."""
    quality = load_quality()
    yield board.page(
        "datasets/index.html",
        "datasets.html",
        sources=SOURCES,
        rules=RULES,
        columns=COLUMNS,
        quality=[(source, _measured(source)) for source in quality.sources],
        source_names=SOURCE_NAMES,
        concepts=_concepts(),
        packs=packs(),
    )


def _measured(source: SourceQuality) -> list[ClassifierQuality]:
    """The rules on a source's gold labels, ours first, the paper's next."""
    found = {one.rule: one for one in load_quality().of(source.source)}
    return [found[rule] for rule in RULES if rule in found]


def _concepts() -> list[Concept]:
    """The concepts, violence first: it is the one that has a trained classifier."""
    names = sorted(concept_names(), key=lambda name: (name != "violence", name))
    return [load_concept(name) for name in names]


def packs() -> list[TrackInfo]:
    """The track packs that come with the package, by name."""
    files = sorted(EMBEDDED.glob(f"*/{TRACK_FILE}"))
    return [read_yaml_model(path, TrackInfo) for path in files]
