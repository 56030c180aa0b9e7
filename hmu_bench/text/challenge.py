"""The challenge set: pairs of a violent caption and a near-miss safe twin, written by us.

The captions are in `challenge.jsonl`, one pair a line; what they are for, who wrote them and their
licence is told in `CHALLENGE.md`. Both halves of a pair share style and subset, so context alone
never tells them apart, and both belong in the same fold of a cross-validation: group by `pair_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from hmu_bench.concepts import Category
from hmu_bench.errors import InputError
from hmu_bench.files import read_text
from hmu_bench.models import Slug, Strict, bad_model

CHALLENGE_FILE = Path(__file__).with_name("challenge.jsonl")

Style = Literal["humanml3d", "motionx"]

# phenomenon -> what its pairs ask of a classifier
PHENOMENA: Mapping[str, str] = MappingProxyType(
    {
        "aim-or-shoot": "aiming and shooting a weapon, or a camera, a ball, a lever",
        "anger": "anger that becomes an attack, or stays a gesture",
        "bare-attack": "a short, bare attack, or the same sentence with a harmless verb",
        "body-mechanics": "an attack told limb by limb, without a word for it",
        "composite-label": "idea400 labels: a pose and an action at once",
        "dance-or-fight": "kicks, spins and stamps of a fight, or of a dance",
        "exercise-kick": "an attacking kick, or a kick that is an exercise or a stretch",
        "fitness-class": "fitness labels: punches and kicks, or reaches and leg raises",
        "friendly-contact": "violent or friendly contact with another person",
        "game-action-or-idle": "English names of game motions: an attack, or idle and moving",
        "game-german": "German names of game motions, umlauts sometimes lost",
        "game-pinyin-japanese": "Chinese and Japanese names of game motions in Latin letters",
        "guard-or-lookalike": "guarding, blocking and dodging, or a pose that looks like it",
        "hidden-keyword": "keywords inside other words ('white'), and attacks without any",
        "household": "beating, stabbing and cutting a person, or food and carpets",
        "hypothetical": "what seems, might or was meant to happen, against what does happen",
        "idiom": "idioms for attacks, and idioms that only sound alike",
        "instrument": "hitting a person, or playing an instrument",
        "label-format": "labels as file names: capitals, underscores, clip numbers",
        "long-caption": "a long caption with one violent clause in the middle",
        "martial-name": "names of martial arts and masters, or something alike",
        "mime": "a fight against nobody, or harmless mime",
        "multi-word-term": "terms in several words ('upper cut', 'round house')",
        "negation": "a negated attack, or a negation that negates something else",
        "other-sense": "an attack verb in its violent sense, or in another",
        "push-object-or-person": "pushing, pulling, tackling a person, or an object",
        "seated-kick": "kicks of somebody who sits or lies, at a person or idle",
        "sport-or-attack": "a blow in anger or combat sport, or a move of a ball game",
        "swim-kick": "an attack in the water, or swimming",
        "throw-object-or-person": "throwing a person or a weapon, or an object",
        "typo": "misspelt words",
        "undead-dying-falling": "zombies, dying and falling, with an attack or without",
        "victim": "the one who attacks or fights back, or the one who only suffers it",
        "weapon-or-sport-gear": "a weapon or gear used as one, or gear in sport",
        "weapon-or-tool": "a weapon or a tool used as one, or a tool at work",
    }
)


class ChallengeHalf(Strict):
    """One caption of a pair.

    Attributes:
        text: the caption or label.
        category: the kind of violence; `none` or `victim` for a safe caption.
    """

    text: Annotated[str, Field(min_length=1, max_length=400, pattern=r"^\S([^\r\n]*\S)?$")]
    category: Category


@dataclass(frozen=True, slots=True)
class ChallengeCaption:
    """One caption with everything that is known about it.

    Attributes:
        pair_id: its pair; the group that a cross-validation must not split.
        text: the caption or label.
        violent: the label that the guideline gives it.
        category: the kind of violence.
        style: `humanml3d` (a sentence) or `motionx` (a label).
        phenomenon: a key of `PHENOMENA`.
        context: what a classifier may also see: the subset of a label, nothing for a sentence.
    """

    pair_id: str
    text: str
    violent: bool
    category: Category
    style: Style
    phenomenon: str
    context: Mapping[str, str]


class ChallengePair(Strict):
    """A violent caption and its safe twin.

    Attributes:
        pair_id: `<phenomenon>-<two digits>`.
        phenomenon: a key of `PHENOMENA`.
        style: `humanml3d` (sentences) or `motionx` (labels).
        subset: the Motion-X subset that both labels are to be read in; None for sentences.
        violent: the violent half.
        safe: the safe half.
    """

    pair_id: Slug
    phenomenon: Slug
    style: Style
    subset: Annotated[str, Field(pattern=r"^\w+$")] | None
    violent: ChallengeHalf
    safe: ChallengeHalf

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.phenomenon not in PHENOMENA:
            raise ValueError(f"there is no phenomenon {self.phenomenon!r}")
        number = self.pair_id.removeprefix(f"{self.phenomenon}-")
        if len(number) != 2 or not number.isdecimal():
            raise ValueError(f"pair_id must be {self.phenomenon}-NN, not {self.pair_id}")
        if (self.style == "motionx") != (self.subset is not None):
            raise ValueError("a motionx pair has a subset, a humanml3d pair has none")
        if self.violent.category in ("none", "victim"):
            raise ValueError("the violent half needs the category of an attack")
        if self.safe.category not in ("none", "victim"):
            raise ValueError("the category of the safe half must be none or victim")
        return self

    def captions(self) -> tuple[ChallengeCaption, ChallengeCaption]:
        """The violent and the safe caption, in this order."""
        context = MappingProxyType({} if self.subset is None else {"subset": self.subset})

        def caption(half: ChallengeHalf, violent: bool) -> ChallengeCaption:
            return ChallengeCaption(
                pair_id=self.pair_id,
                text=half.text,
                violent=violent,
                category=half.category,
                style=self.style,
                phenomenon=self.phenomenon,
                context=context,
            )

        return caption(self.violent, True), caption(self.safe, False)


def load_challenge(path: Path = CHALLENGE_FILE) -> tuple[ChallengePair, ...]:
    """The pairs of a challenge file, in its order.

    Args:
        path: JSON lines, one pair a line; the set that is shipped, unless told otherwise.

    Raises:
        InputError: with the line, if it is not a pair, or repeats an id or (whatever the case of
            its letters) a text; if the file cannot be read or has no pairs.

    >>> pair = next(p for p in load_challenge() if p.pair_id == "other-sense-02")
    >>> pair.violent.text, pair.safe.text
    ('he strikes the cameraman on the head', 'he strikes a pose for the cameraman')
    """
    pairs: list[ChallengePair] = []
    first_seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(read_text(path, limit=8 << 20).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            pair = ChallengePair.model_validate_json(line)
        except ValidationError as error:
            problem = bad_model(error, path)
            raise InputError(problem.what, where=path, line=number, key=problem.key) from error
        named = [("id", pair.pair_id), *(("text", c.text.casefold()) for c in pair.captions())]
        for kind, value in named:
            if (kind, value) in first_seen:
                earlier = first_seen[kind, value]
                raise InputError(
                    f"the {kind} {value!r} is already on line {earlier}", where=path, line=number
                )
            first_seen[kind, value] = number
        pairs.append(pair)
    if not pairs:
        raise InputError("the file has no pairs", where=path)
    return tuple(pairs)


def load_challenge_captions(path: Path = CHALLENGE_FILE) -> tuple[ChallengeCaption, ...]:
    """The captions of `load_challenge`, violent and safe in turn (same errors).

    >>> [(c.pair_id, c.violent) for c in load_challenge_captions()[:2]]
    [('body-mechanics-01', True), ('body-mechanics-01', False)]
    """
    return tuple(caption for pair in load_challenge(path) for caption in pair.captions())
