"""What the viewer's part of a page shows: the motions of some records, prompt by prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hmu_bench.records import Record
from hmu_bench.submissions.preview import PreviewPrompt
from leaderboard.facts import PROMPT_SETS, SetFacts
from leaderboard.gallery import Gallery, Shot


@dataclass(frozen=True, slots=True)
class Take:
    """One record's answer to a prompt; `role` says what it is beside the others."""

    name: str
    role: str
    shot: Shot


@dataclass(frozen=True, slots=True)
class Scene:
    """A prompt and the answers of the records, in their order."""

    prompt: PreviewPrompt
    rows: tuple[Take, ...]

    @property
    def seconds(self) -> float:
        """How long the longest answer is."""
        return max(take.shot.seconds for take in self.rows)

    @property
    def title(self) -> str:
        """What the scene is called where its text may not be seen."""
        return self.prompt.text or f"prompt {self.prompt.prompt_id}"


@dataclass(frozen=True, slots=True)
class Group:
    """The scenes of a prompt set; `note` warns of what they show, empty where nothing is asked."""

    facts: SetFacts
    scenes: tuple[Scene, ...]

    @property
    def note(self) -> str:
        """What a reader should know before seeing them."""
        if self.facts.side != "forget":
            return ""
        kinds = sorted({s.prompt.category for s in self.scenes} - {"none"})
        named = f" ({', '.join(kinds)})" if kinds else ""
        return f"these prompts ask for violence{named}."


def groups(gallery: Gallery, records: Sequence[tuple[str, Record]]) -> list[Group]:
    """The scenes of the last record, with the answers of the others to the same prompts.

    Args:
        gallery: of the board.
        records: (what it is beside the others, record), in the order to be shown.
    """
    found = []
    for name, facts in PROMPT_SETS.items():
        scenes = [
            Scene(prompt, takes)
            for prompt in (s.prompt for s in gallery.shots(records[-1][1]).values())
            if prompt.prompt_set == name and (takes := _takes(gallery, records, prompt.prompt_id))
        ]
        if scenes:
            found.append(Group(facts, tuple(scenes)))
    # What nobody has to be warned of comes first.
    return sorted(found, key=lambda group: bool(group.note))


def _takes(
    gallery: Gallery, records: Sequence[tuple[str, Record]], prompt_id: str
) -> tuple[Take, ...]:
    return tuple(
        Take(record.method.name, role, shots[prompt_id])
        for role, record in records
        if prompt_id in (shots := gallery.shots(record))
    )
