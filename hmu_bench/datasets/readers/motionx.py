"""Motion-X labels: `<subset>/.../<name>.txt`, a label a line (nearly always one).

The subset `humanml` is HumanML3D: its files, which Motion-X's own scripts put there, hold lines of
HumanML3D, and its clips are judged as HumanML3D's, so that the two sources never disagree.
"""

from __future__ import annotations

from hmu_bench.datasets.model import BY_RULES, Caption
from hmu_bench.datasets.readers import humanml3d
from hmu_bench.text.tokens import rule_tokens

ROOTS = ("semantic_labels", "semantic_label", "texts")

HUMANML = "humanml"
HUMANML3D = "humanml3d"

# As Motion-X spells them.
SUBSETS = (
    *("aist", "animation", "dance", "EgoBody", "fitness", "game_motion", "GRAB", "HAA500"),
    *(HUMANML, "humman", "idea400", "kungfu", "music", "perform"),
)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_BY_PLAIN = {_plain(name): name for name in SUBSETS} | {HUMANML3D: HUMANML}


def is_subset(name: str) -> bool:
    """Whether a folder of this name holds a subset of Motion-X, however it is spelled.

    >>> [is_subset(name) for name in ("game_motion", "Game-Motion", "EGOBODY", "subset_0001")]
    [True, True, True, False]
    """
    return _plain(name) in _BY_PLAIN


def official_id(clip_id: str) -> str:
    """The id with its subset spelled as Motion-X spells it.

    The clips of `humanml` lie in that folder, whatever folders are below it.

    >>> official_id("Game-Motion/subset_0001/Kick"), official_id("HumanML3D/texts/000001")
    ('game_motion/subset_0001/Kick', 'humanml/000001')
    """
    first, slash, rest = clip_id.partition("/")
    known = _BY_PLAIN.get(_plain(first)) if slash else None
    if known is None:
        return clip_id
    return f"{known}/{rest.rpartition('/')[2] if known == HUMANML else rest}"


def parse_label(caption_id: str, line: str) -> Caption:
    """One label as a caption of the whole clip, with rule tokens; a line of HumanML3D as such.

    Raises:
        BadLine: for a line of HumanML3D that is broken.
    """
    if caption_id.startswith(f"{HUMANML}/") and line.count("#") >= 3:
        return humanml3d.parse_line(caption_id, line)
    text = line.strip()
    return Caption(caption_id, text, rule_tokens(text), line=line, tokens_by=BY_RULES)


def subset(clip_id: str) -> dict[str, str]:
    """The subset that the path of a clip begins with; none for a clip of HumanML3D.

    >>> subset("kungfu/subset_0001/Kick"), subset("humanml/000001")
    ({'subset': 'kungfu'}, {})
    """
    first, slash, _ = clip_id.partition("/")
    return {"subset": first} if slash and first != HUMANML else {}


def judged_as(clip_id: str) -> str | None:
    """The source as whose clip it is judged; None: its own."""
    return HUMANML3D if clip_id.startswith(f"{HUMANML}/") else None
