"""Strangers' text on our pages: shown as it is, and what cannot be seen is made visible."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup, escape

BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols that draw nothing, though Unicode does not class them as format."""
JOINERS = frozenset("\u200c\u200d")
"""Needed between letters of some scripts and in emoji; elsewhere a trick."""
MAX_MARKS = 4
"""Combining marks on one letter; more of them only serve to climb over other lines."""
NO_TEXT = "(no name)"


def shown(text: str, *, lines: bool = False) -> str:
    r"""The text with every character visible: `[U+202E]` for what is invisible or reorders.

    Control and format characters (bidirectional overrides, zero-width spaces, tags), blank
    letters, unassigned and private characters are named by their code; of a pile of combining
    marks the rest is counted. Line breaks become spaces, or stay where `lines` is set.

    >>> shown("abc\u202edef"), shown("a" + "\u200b" * 9)
    ('abc[U+202E]def', 'a[U+200B, 9 times]')
    >>> shown("two\nlines"), shown("two\nlines", lines=True)
    ('two lines', 'two\nlines')
    """
    if text.isascii() and text.isprintable():
        return text  # most texts, and there are hundreds of thousands of them on a board
    text = text.replace("\r\n", "\n")
    out: list[str] = []
    for name, run in groupby(_named(text), key=itemgetter(0)):
        characters = [character for _, character in run]
        if not name:
            out.extend(c if lines or c not in "\n\t" else " " for c in characters)
        elif len(characters) == 1:
            out.append(f"[{name}]")
        else:
            out.append(f"[{name}, {len(characters)} times]")
    return "".join(out)


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Each character with the name to show in its place, empty where it shows itself."""
    marks = 0
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MAX_MARKS:
            yield "mark", character
        elif character not in "\n\t" and _hidden(text, place, category):
            yield f"U+{ord(character):04X}", character
        else:
            yield "", character


def _hidden(text: str, place: int, category: str) -> bool:
    character = text[place]
    if character in JOINERS:
        around = (text[place - 1 : place], text[place + 1 : place + 2])
        return not all(c and ord(c) > 0x7F and c not in JOINERS for c in around)
    return category[0] == "C" or category in ("Zl", "Zp") or character in BLANKS


def user(text: str) -> Markup:
    """One line of a stranger's text as HTML, isolated from the direction of what is around it.

    >>> user("<b>x</b>")
    Markup('<bdi>&lt;b&gt;x&lt;/b&gt;</bdi>')
    """
    return Markup("<bdi>{}</bdi>").format(shown(text).strip() or NO_TEXT)


def user_block(text: str) -> Markup:
    """Several lines of a stranger's text as one HTML paragraph; its line breaks are kept.

    >>> user_block("a & b")
    Markup('<p class="user-block" dir="auto">a &amp; b</p>')
    """
    return (
        Markup('<p class="user-block" dir="auto">')
        + escape(shown(text, lines=True).strip())
        + Markup("</p>")
    )
