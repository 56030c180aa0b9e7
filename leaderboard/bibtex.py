r"""BibTeX of records, of the benchmark and of the paper: strangers' text cannot leave its braces.

For pdfLaTeX and BibTeX 0.99d alike: LaTeX's special characters are escaped, and what neither can
read (control characters, marks of direction) is shown by its code. The benchmark's and the paper's
facts are those of CITATION.cff.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, Field

from hmu_bench.records import Record
from hmu_bench.yaml_files import read_yaml
from leaderboard.links import encoded
from leaderboard.text import shown

CITATION_FILE = Path(__file__).resolve().parent.parent / "CITATION.cff"

# Not `\{`: BibTeX counts braces and knows no escape.
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$",
    "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


class Person(BaseModel):
    """An author: a person's family name, or the name of a group."""

    family: str | None = Field(default=None, alias="family-names")
    group: str | None = Field(default=None, alias="name")

    def name(self) -> str:
        """The name in braces, so that BibTeX does not take it apart."""
        return f"{{{escape(self.family or self.group or '')}}}"


class Reference(BaseModel):
    """The work that a citation file names beside its own."""

    title: str
    authors: list[Person]
    year: int
    collection: str = Field(alias="collection-title")
    identifiers: list[dict[str, str]]


class Citation(BaseModel):
    """What is used of CITATION.cff (format 1.2.0)."""

    title: str
    authors: list[Person]
    version: str
    released: str = Field(alias="date-released")
    license: str
    references: list[Reference]


@cache
def citation() -> Citation:
    """The project's citation file."""
    return Citation.model_validate(read_yaml(CITATION_FILE))


def escape(text: str) -> str:
    r"""A text for the inside of a BibTeX field: no brace and no command but our own.

    >>> print(escape("50 % of {x} & \\input{y}"))
    50 \% of \textbraceleft{}x\textbraceright{} \& \textbackslash{}input\textbraceleft{}y\textbraceright{}
    """  # noqa: E501
    return "".join(SPECIAL.get(character, character) for character in shown(text).strip())


def entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    """One entry; the fields' texts must be escaped already, empty ones are left out."""
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items() if text)
    return f"@{kind}{{{key},\n{lines}}}\n"


def of_record(record: Record, address: str = "") -> str:
    """A record's entry: who made it, what it is, where it stands (`address`, where it is known)."""
    made = record.provenance
    note = (
        f"Track version {escape(record.track.version)}, protocol {escape(record.protocol)}, "
        f"{record.kind}, hmu-bench {escape(made.package_version)}"
    )
    if made.citation:
        note += f". Figures stated in: {escape(made.citation)}"
    return entry(
        "misc",
        f"hmu-bench:{record.track.name}:{record.protocol}:{record.id}",
        {
            "author": authors(record.method.authors),
            "title": f"{{{escape(record.method.name)}}} on {escape(record.track.name)}",
            "howpublished": escape(citation().title),
            "note": note,
            "url": encoded(address),
        },
    )


def authors(names: Sequence[str]) -> str:
    """The names joined by `and`, each in braces: "Doe, Jane and Co." stays one name."""
    return " and ".join(f"{{{escape(name)}}}" for name in names if name.strip())


def of_benchmark(address: str = "") -> str:
    """The benchmark's entry."""
    own = citation()
    return entry(
        "misc",
        "hmu-bench",
        {
            "author": " and ".join(person.name() for person in own.authors),
            "title": escape(own.title),
            "year": own.released[:4],
            "note": f"Software, version {escape(own.version)}, licence {escape(own.license)}",
            "url": encoded(address),
        },
    )


def of_paper() -> str:
    """The entry of the paper that set the task."""
    paper = citation().references[0]
    (arxiv,) = [i["value"] for i in paper.identifiers if i["value"].startswith("arXiv:")]
    return entry(
        "inproceedings",
        "human-motion-unlearning",
        {
            "author": " and ".join(person.name() for person in paper.authors),
            "title": f"{{{escape(paper.title)}}}",
            "booktitle": escape(paper.collection),
            "year": str(paper.year),
            "eprint": arxiv.removeprefix("arXiv:"),
            "archiveprefix": "arXiv",
        },
    )
