from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.text import BLANKS, shown, user, user_block


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_nothing_invisible_is_left(text: str) -> None:
    for character in shown(text):
        category = unicodedata.category(character)
        assert category not in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp"), hex(ord(character))
        assert category != "Cf" or character in "\u200c\u200d"
        assert character not in BLANKS


@given(st.text(alphabet="<>&\"'/ab= \n\u202e"))
def test_markup_is_text(text: str) -> None:
    for markup, tag in ((user(text), "bdi"), (user_block(text), "p")):
        reader = Reader()
        reader.feed(str(markup))
        reader.close()
        assert reader.tags == [tag]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, ünïcode, 日本語, עברית", "plain, ünïcode, 日本語, עברית"),
        ("a\u200bb", "a[U+200B]b"),
        ("a\u200cb", "a[U+200C]b"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("\u2066x\u2069", "[U+2066]x[U+2069]"),
        ("\ufeffx", "[U+FEFF]x"),
        ("\U000e0041", "[U+E0041]"),
        ("\u3164", "[U+3164]"),
        ("x\x00y\x1b[31m", "x[U+0000]y[U+001B][31m"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "[mark, 2 times]"),
        ("a\u200b\u200b\u200cb", "a[U+200B, 2 times][U+200C]b"),
        ("a\r\nb", "a b"),
        ("a\rb", "a[U+000D]b"),
    ],
)
def test_tricks_are_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_name_of_nothing_gets_one() -> None:
    assert user(" ") == "<bdi>(no name)</bdi>"
