r"""BibTeX: an independent reader that counts braces as BibTeX does, and hostile names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.bibtex import escape, of_benchmark, of_paper, of_record
from leaderboard.links import encoded
from leaderboard.sharing import PLACEHOLDER, bibtex, snippets
from tests.leaderboard.made_up import record
from tests.leaderboard.rich import rich


def read(text: str) -> tuple[str, str, dict[str, str]]:
    """Kind, key and fields of exactly one entry; a brace counts after a backslash, too."""
    head = re.match(r"@(\w+)\{([^\s,{}]+),\n", text)
    assert head, text
    fields: dict[str, str] = {}
    place = head.end()
    while text[place] != "}":
        name = re.compile(r"  (\w+) = \{").match(text, place)
        assert name, text[place:]
        depth, end = 1, name.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        assert text[end : end + 2] == ",\n"
        assert name[1] not in fields
        fields[name[1]] = text[name.end() : end - 1]
        place = end + 2
    assert text[place:] == "}\n"
    return head[1], head[2], fields


def test_the_paper_and_the_benchmark_are_those_of_the_citation_file() -> None:
    kind, _, fields = read(of_paper())
    assert kind == "inproceedings"
    assert fields["title"] == "{Human Motion Unlearning}"
    assert fields["year"] == "2026"
    assert fields["eprint"] == "2503.18674"
    assert fields["author"].count(" and ") == 4
    kind, key, fields = read(of_benchmark("https://example.org/"))
    assert (kind, key) == ("misc", "hmu-bench")
    assert fields["url"] == "https://example.org/"
    assert "url" not in read(of_benchmark())[2]


def test_a_record_has_one_entry() -> None:
    kind, key, fields = read(bibtex(rich(), "https://example.org/board/"))
    assert (kind, key) == ("misc", "hmu-bench:made-up-track:hmu-1:rich")
    assert fields["author"] == r"{Doe, Jane} and {Straße \& Söhne}"
    assert fields["title"] == "{Rich} on made-up-track"
    assert "protocol hmu-1" in fields["note"]
    assert fields["url"].endswith("/board/submissions/made-up-track/hmu-1/rich/")
    assert "url" not in read(bibtex(rich(), None))[2]
    assert "author" not in read(bibtex(record(), None))[2]


def plain(text: str) -> str:
    """What LaTeX prints for our escapes."""
    words = {
        "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textless": "<",
        "textgreater": ">", "textasciicircum": "^", "textasciitilde": "~",
    }  # fmt: skip
    return re.sub(r"\\(?:(text\w+)\{\}|([$&#%_]))", lambda m: words[m[1]] if m[1] else m[2], text)


@given(st.text(alphabet="ab \\{}$&#%_^~<>\"'@,=\n\u202eé"))
def test_no_text_leaves_its_braces_or_is_lost(text: str) -> None:
    method = {"name": text, "authors": [text, "B"]}
    _, _, fields = read(of_record(record(method=method)))
    inner = fields["title"].removeprefix("{").removesuffix("} on made-up-track")
    shown_text = text.replace("\n", " ").replace("\u202e", "[U+202E]").strip()
    assert re.sub(r"\[U\+202E, \d+ times\]", "", plain(inner)) == re.sub(
        r"(\[U\+202E\]){2,}", "", shown_text
    )
    assert not re.search(r"(?<!\\)[$&#%_^~]", inner)
    assert set(re.findall(r"\\([a-zA-Z]+)", inner)) <= {
        "textbackslash", "textbraceleft", "textbraceright", "textless", "textgreater",
        "textasciicircum", "textasciitilde",
    }  # fmt: skip


@pytest.mark.parametrize(
    "attack",
    [
        "}, note = {best of all}, x = {",
        "}\n}\n@misc{evil, title = {x",
        "\\input{/etc/passwd}",
        "\\write18{rm x}",
        "% comment",
        "{{{{",
        "}}}}",
        "a\x00b\x1bc",
    ],
)
def test_attacks_stay_text(attack: str) -> None:
    hostile = record(
        method={"name": attack, "authors": [attack]},
        track={"name": "made-up-track", "version": attack},
        provenance={
            "package_version": attack,
            "evaluator": {"id": "x", "sha256": "b" * 64},
        },
    )
    _, _, fields = read(of_record(hostile))
    assert fields.keys() == {"author", "title", "howpublished", "note"}
    assert "\\input" not in "".join(fields.values())
    assert "\\write" not in "".join(fields.values())


def test_urls_hold_no_brace_and_no_blank() -> None:
    assert encoded("https://example.org/{a} b\\c\n") == "https://example.org/%7Ba%7D%20b%5Cc%0A"
    assert escape("") == ""


def test_snippets_link_the_badge_to_the_page() -> None:
    for address, root in (("https://example.org/", "https://example.org/"), (None, PLACEHOLDER)):
        found = snippets(rich(), address)
        page = f"{root}submissions/made-up-track/hmu-1/rich/"
        assert found["Markdown"].endswith(f"({page}badge.svg)]({page})")
        assert found["HTML"].startswith(f'<a href="{page}"><img src="{page}badge.svg" alt="')


@given(st.text(alphabet="ab ]()[<>\"'\\!`\n*_"))
def test_a_name_cannot_leave_its_snippet(name: str) -> None:
    found = snippets(record(method={"name": name}), "https://example.org/")
    assert "\n" not in found["Markdown"]
    label = re.fullmatch(r"\[!\[((?:\\.|[^\\\[\]])*)\]\(\S+\)\]\(\S+\)", found["Markdown"])
    assert label
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]<>`]", label[1])
    alt = re.fullmatch(r'<a href="[^"<>]*"><img src="[^"<>]*" alt="([^"<>]*)"></a>', found["HTML"])
    assert alt
