"""Clips and captions, before and after they are labelled, and what can be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from hmu_bench.concepts import Category

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = get_args(SplitName)

Role = Literal["forget", "retain"]
ROLES: tuple[Role, ...] = get_args(Role)

ProblemKind = Literal["no captions", "unreadable line", "not UTF-8", "duplicate id", "refused file"]

# Who made the tokens of a caption; else a tagger, with its version.
BY_SOURCE, BY_RULES = "source", "rules"

_TWIN = re.compile(r"(?:^|/)M\d+\Z")


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption of a clip.

    Attributes:
        caption_id: unique in the data set; `<clip_id>_<number>` unless the source names it.
        text: the sentence or label.
        tokens: "word/POS word/POS ...".
        start: seconds into the clip; start and end are both 0 for the whole clip.
        end: seconds into the clip; 0 with a start means to its end.
        line: the raw line of the text file, which the paper's rule reads; None: the text.
        tokens_by: `source`, `rules` for the rule tokeniser, or the tagger and its version:
            `spacy <version> en_core_web_sm <version>`.
    """

    caption_id: str
    text: str
    tokens: str
    start: float = 0.0
    end: float = 0.0
    line: str | None = None
    tokens_by: str = BY_SOURCE

    @property
    def whole_clip(self) -> bool:
        """Whether it describes the whole clip and not a part of it."""
        return self.start == 0.0 and self.end == 0.0


@dataclass(frozen=True, slots=True)
class Clip:
    """One motion with its captions.

    Attributes:
        clip_id: unique in the source; may contain "/".
        captions: at least one.
        mirrored: whether it is the mirrored twin of another clip (`M` before its number).
        motion_path: of its motion file, relative to a folder that the user has; None: the
            source's usual place.
        num_frames: of its motion at 20 fps, where known.
        context: what more is known, such as {"subset": "kungfu"}.
        judged_as: the source whose keywords and classifier judge it; None: its own.
    """

    clip_id: str
    captions: tuple[Caption, ...]
    mirrored: bool = False
    motion_path: str | None = None
    num_frames: int | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    judged_as: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledCaption:
    """A caption as a dataset row holds it: with the judgement of the rule."""

    caption_id: str
    text: str
    tokens: str
    start: float
    end: float
    violent: bool
    score: float
    category: Category
    evidence: tuple[str, ...]

    @property
    def whole_clip(self) -> bool:
        """Whether it describes the whole clip and not a part of it."""
        return self.start == 0.0 and self.end == 0.0


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """One row of a dataset: a clip, where it belongs, and why."""

    clip_id: str
    source: str
    split: SplitName
    mirrored: bool
    captions: tuple[LabelledCaption, ...]
    label: Role
    score: float
    category: Category
    confident: bool
    motion_path: str
    num_frames: int | None

    @property
    def base_id(self) -> str:
        """The clip's own id, or that of the clip whose mirrored twin it is."""
        return twin_base(self.clip_id) if self.mirrored else self.clip_id


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the input, told with its place.

    Attributes:
        kind: what sort of problem, for counting.
        what: what is wrong.
        where: the file as the user knows it.
        name: the file's name inside the input: the same for a folder and a zip.
        line: from 1, where one is to blame.
        clip_id: the clip to leave out, where one is to blame.
        key: the key inside the file, where one is to blame.
    """

    kind: ProblemKind
    what: str
    where: str
    name: str
    line: int | None = None
    clip_id: str | None = None
    key: str | None = None


def is_mirrored(clip_id: str, ids: Container[str] = ()) -> bool:
    """Whether the id is that of a mirrored twin: its last part is `M` and the other's last part.

    That is so for `M` and digits only, and where the id without the `M` is among `ids`.

    >>> [is_mirrored(i) for i in ("M000012", "000012", "humanml/M000012", "game/Move", "M1/Kick")]
    [True, False, True, False, False]
    >>> is_mirrored("Mwalk_1", {"walk_1"})
    True
    """
    if not clip_id.rpartition("/")[2].startswith("M"):
        return False
    return _TWIN.search(clip_id) is not None or twin_base(clip_id) in ids


def twin_base(clip_id: str) -> str:
    """The id of the clip that a mirrored twin mirrors.

    >>> twin_base("M000012"), twin_base("humanml/M000012")
    ('000012', 'humanml/000012')
    """
    folder, slash, name = clip_id.rpartition("/")
    return f"{folder}{slash}{name[1:]}"


def check_name(name: str) -> str | None:
    """What is wrong with a clip id or a path that comes from a file; None if nothing is.

    >>> check_name("kungfu/subset_0001/Kick I"), check_name("../x")
    (None, "has a part that is '..'")
    """
    if not name or len(name) > 300:
        return "is empty or longer than 300 characters"
    if not name.isprintable() or "\\" in name or name != name.strip():
        return "has control characters, backslashes or blanks at its ends"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return f"has a part that is {part!r}"
    return None
