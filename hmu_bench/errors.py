"""The one error that a user is meant to see."""

from __future__ import annotations

from pathlib import Path

LONGEST = 2000


class InputError(Exception):
    """Bad input: told to the user in one line, exit code 2.

    Args:
        what: what is wrong, with the bad value and the allowed ones.
        where: the file, if one is to blame.
        line: its line (from 1), if one is to blame.
        key: the key, clip or prompt inside the file, if one is to blame.
        fix: what the user can do about it.

    >>> str(InputError("no '#' in the line", where="texts/1.txt", line=3, fix="add one"))
    "texts/1.txt:3: no '#' in the line; add one"
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
        fix: str | None = None,
    ) -> None:
        place = "" if where is None else str(where)
        if line is not None:
            place += f":{line}"
        if key is not None:
            place += f" [{key}]" if place else key
        text = f"{place}: {what}" if place else what
        if fix:
            text += f"; {fix}"
        self.what, self.where, self.line, self.key, self.fix = what, where, line, key, fix
        super().__init__(one_line(text))


def one_line(text: str) -> str:
    r"""The text on one line of printable characters (control characters are shown escaped).

    The middle of a very long text is left out: a name in a stranger's file may have megabytes.

    >>> one_line("a\nb\x1b[31m")
    'a b\\x1b[31m'
    >>> len(one_line("x" * 1_000_000))
    2005
    """
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} ... {text[-(LONGEST // 2) :]}"
    joined = " ".join(text.splitlines())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in joined)
