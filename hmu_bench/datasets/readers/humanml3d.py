"""HumanML3D texts: `<id>.txt`, a line a caption: `caption#word/POS word/POS ...#start#end`."""

from __future__ import annotations

from hmu_bench.datasets.model import BY_RULES, Caption
from hmu_bench.datasets.readers.source import BadLine, seconds
from hmu_bench.text.tokens import rule_tokens

ROOTS = ("texts",)


def parse_line(caption_id: str, line: str) -> Caption:
    """One line as a caption; NaN counts as 0.0, and a caption without tokens gets rule tokens.

    Raises:
        BadLine: if a field is missing, the caption is blank, a token is no word/POS, or a time is
            no number of seconds.

    >>> parse_line("1_0", "a man kicks#a/DET man/NOUN kick/VERB#0.0#nan").end
    0.0
    """
    fields = line.rsplit("#", 3)
    if len(fields) != 4:
        found = "no '#'" if len(fields) == 1 else f"only {len(fields)} fields"
        raise BadLine(f"{found} in the line (caption#word/POS word/POS ...#start#end)")
    text, tokens = fields[0].strip(), " ".join(fields[1].split())
    if not text:
        raise BadLine("the caption is blank")
    for token in tokens.split(" ") if tokens else ():
        if "/" not in token:
            raise BadLine(f"the token {token!r} is not word/POS")
    try:
        start, end = seconds(float(fields[2])), seconds(float(fields[3]))
    except ValueError as error:
        if isinstance(error, BadLine):
            raise
        raise BadLine(f"start {fields[2]!r} or end {fields[3]!r} is no number") from error
    if tokens:
        return Caption(caption_id, text, tokens, start, end, line)
    return Caption(caption_id, text, rule_tokens(text), start, end, line, tokens_by=BY_RULES)
