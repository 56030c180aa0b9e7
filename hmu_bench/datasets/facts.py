"""What a dataset card says about a source: names, licence, citation."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from hmu_bench.models import LongText, ShortText, Slug, Strict, check_link


class SourceFacts(Strict):
    """The facts about a source that no caption file tells.

    Attributes:
        name: of the source: the column `source`, the `hmu/<name>-forget` of the repositories, and
            the key of its keyword lists.
        pretty_name: for people.
        description: what the captions are and where they come from.
        homepage: of the source.
        license: as the Hub names licences (`mit`, `cc0-1.0`, `other`, `unknown`, ...).
        license_name: an id of its own, for `other` and only there.
        license_link: where it stands, for `other` and only there.
        citation: BibTeX, of the source.
        motion_path: where a clip's motion lies below the user's motion folder; `{clip_id}` stands
            for the id.
        captions: how they came to be, as the Hub names it (`crowdsourced`, `machine-generated`).
        limits: what a user of these captions must know.
    """

    name: Slug
    pretty_name: ShortText
    description: LongText
    homepage: str | None = None
    license: Slug
    license_name: Slug | None = None
    license_link: str | None = None
    citation: LongText | None = None
    motion_path: ShortText = Field(
        default="{clip_id}.npy", pattern=r"^[^{}\\]*\{clip_id\}[^{}\\]*$"
    )
    captions: ShortText = "crowdsourced"
    limits: list[LongText] = Field(default_factory=list)

    _links = field_validator("homepage", "license_link")(check_link)

    @field_validator("name")
    @classmethod
    def _name_of_a_repository(cls, name: str) -> str:
        if "--" in name or ".." in name or len(name) > 80:
            raise ValueError("the Hub allows neither '--' nor '..' in the name of a repository")
        return name

    @model_validator(mode="after")
    def _other_licences_are_told(self) -> Self:
        told = (self.license_name is not None, self.license_link is not None)
        if told != ((True, True) if self.license == "other" else (False, False)):
            raise ValueError("license_name and license_link belong to license: other, both of them")
        return self
