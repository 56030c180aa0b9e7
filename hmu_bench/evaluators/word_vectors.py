"""Captions as the T2M evaluator reads them: word vectors and parts of speech.

The official files are `our_vab_data.npy` (vectors), `our_vab_words.pkl` (list of words) and
`our_vab_idx.pkl` (word to row). The two pickles are read without running anything they could ask
for; `our_vab.json` ({"words": [...], "idx": {...}}) or `our_vab_words.json` (a list, in row order)
does without them.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hmu_bench.errors import InputError
from hmu_bench.evaluators.arrays import read_matrix
from hmu_bench.files import read_bounded
from hmu_bench.json_files import read_json

MAX_WORDS = 20  # more tokens are not read
TEXT_STEPS = MAX_WORDS + 2  # with sos and eos

PARTS_OF_SPEECH = (
    "VERB", "NOUN", "DET", "ADP", "NUM", "AUX", "PRON", "ADJ", "ADV",
    "Loc_VIP", "Body_VIP", "Obj_VIP", "Act_VIP", "Desc_VIP", "OTHER",
)  # fmt: skip
OTHER = PARTS_OF_SPEECH.index("OTHER")

# Words that count as a class of their own, whatever their part of speech. The lists are facts of
# the evaluator (EricGuo5513/text-to-motion, utils/word_vectorizer.py, MIT licence): it was trained
# with them.
IMPORTANT_WORDS = {
    "Loc_VIP": "left right clockwise counterclockwise anticlockwise forward back backward up down "
    "straight curve",
    "Body_VIP": "arm chin foot feet face hand mouth leg waist eye knee shoulder thigh",
    "Obj_VIP": "stair dumbbell chair window floor car ball handrail baseball basketball",
    "Act_VIP": "walk run swing pick bring kick put squat throw hop dance jump turn stumble stop "
    "sit lift lower raise wash stand kneel stroll rub bend balance flap jog shuffle lean rotate "
    "spin spread climb",
    "Desc_VIP": "slowly carefully fast careful slow quickly happy angry sad happily angrily sadly",
}
_CLASS_OF_WORD = {
    word: PARTS_OF_SPEECH.index(name)
    for name, words in IMPORTANT_WORDS.items()
    for word in words.split()
}
_CLASS_OF_TAG = {name: number for number, name in enumerate(PARTS_OF_SPEECH)}

VECTOR_LIMIT = 512 << 20  # bytes
VOCABULARY_LIMIT = 8 << 20  # bytes
# What a list of strings and a dictionary of string to integer are made of; no code, no objects.
_PLAIN_OPCODES = {
    "PROTO", "FRAME", "STOP", "MARK", "EMPTY_LIST", "LIST", "APPEND", "APPENDS", "EMPTY_DICT",
    "DICT", "SETITEM", "SETITEMS", "SHORT_BINUNICODE", "BINUNICODE", "UNICODE", "BININT",
    "BININT1", "BININT2", "INT", "LONG1", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT", "GET",
    "BINGET", "LONG_BINGET",
}  # fmt: skip


@dataclass(frozen=True)
class EncodedTexts:
    """Captions as arrays: what the text encoder takes.

    Attributes:
        words: (N, 22, dim) float32, the vectors of sos, the tokens, eos, then of unk.
        parts_of_speech: (N, 22, 15) float32, one-hot.
        lengths: (N,) int64, tokens with sos and eos, 2 to 22.
    """

    words: NDArray[np.float32]
    parts_of_speech: NDArray[np.float32]
    lengths: NDArray[np.int64]


@dataclass(frozen=True)
class WordVectors:
    """Vectors (V, dim), float32, and the row of every word; sos, eos and unk are among them."""

    vectors: NDArray[np.float32]
    rows: dict[str, int]

    def look_up(self, token: str) -> tuple[int, int]:
        """Row and part-of-speech class of a `word/POS` token.

        A known word has its own row; its class is that of the important word it is, else that of
        its tag, else OTHER. An unknown word is unk/OTHER whatever its tag says. Case matters.

        Raises:
            InputError: if the token does not have exactly one slash.
        """
        word, slash, tag = token.partition("/")
        if not slash or "/" in tag:
            raise InputError(
                f"{token[:60]!r} is not a word/POS token", fix="give tokens such as 'kick/VERB'"
            )
        if word not in self.rows:
            return self.rows["unk"], OTHER
        named = _CLASS_OF_WORD.get(word)
        return self.rows[word], _CLASS_OF_TAG.get(tag, OTHER) if named is None else named

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Texts of `word/POS word/POS ...` as arrays; tokens after the 20th are not read.

        Raises:
            InputError: for a token that is not `word/POS` (with the text's number, from 0).
        """
        numbers = np.empty((len(texts), TEXT_STEPS), np.int64)
        classes = np.full((len(texts), TEXT_STEPS), OTHER)
        lengths = np.empty(len(texts), np.int64)
        numbers[:] = self.rows["unk"]
        numbers[:, 0] = self.rows["sos"]
        for place, text in enumerate(texts):
            tokens = text.split()[:MAX_WORDS]
            for step, token in enumerate(tokens, start=1):
                try:
                    numbers[place, step], classes[place, step] = self.look_up(token)
                except InputError as error:
                    raise InputError(error.what, key=f"text {place}", fix=error.fix) from None
            numbers[place, len(tokens) + 1] = self.rows["eos"]
            lengths[place] = len(tokens) + 2
        one_hot = np.eye(len(PARTS_OF_SPEECH), dtype=np.float32)
        return EncodedTexts(self.vectors[numbers], one_hot[classes], lengths)


def read_word_vectors(folder: Path) -> WordVectors:
    """The word vectors of a folder that holds `our_vab_data.npy` and its vocabulary.

    Raises:
        InputError: if a file is missing, is not what it should be or does not fit the others.
    """
    data = folder / "our_vab_data.npy"
    vectors = read_matrix(data, VECTOR_LIMIT)
    where, rows = _read_vocabulary(folder)
    for word, row in rows.items():
        if not 0 <= row < len(vectors):
            raise InputError(
                f"the row {row} is not one of the {len(vectors)} of {data.name}",
                where=where,
                key=word[:60],
            )
    for word in ("sos", "eos", "unk"):
        if word not in rows:
            raise InputError(f"the vocabulary has no {word!r}", where=where)
    return WordVectors(vectors, rows)


def _read_vocabulary(folder: Path) -> tuple[Path, dict[str, int]]:
    joint, listed = folder / "our_vab.json", folder / "our_vab_words.json"
    words_file, rows_file = folder / "our_vab_words.pkl", folder / "our_vab_idx.pkl"
    if joint.exists():
        both = read_json(joint, VOCABULARY_LIMIT)
        if not isinstance(both, dict) or set(both) != {"words", "idx"}:
            raise InputError("the keys are not 'words' and 'idx'", where=joint)
        return joint, _rows(_words(both["words"], joint), both["idx"], joint)
    if listed.exists():
        words = _words(read_json(listed, VOCABULARY_LIMIT), listed)
        return listed, {word: row for row, word in enumerate(words)}
    words = _words(_read_plain_pickle(words_file), words_file)
    return rows_file, _rows(words, _read_plain_pickle(rows_file), rows_file)


def _words(value: Any, where: Path) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise InputError("the words are not a list of strings", where=where)
    if len(set(value)) != len(value):
        raise InputError("a word occurs twice", where=where)
    try:
        "".join(value).encode()
    except UnicodeEncodeError as error:
        raise InputError("a word is no valid Unicode (half a surrogate)", where=where) from error
    return value


def _rows(words: list[str], value: Any, where: Path) -> dict[str, int]:
    if not isinstance(value, dict):
        raise InputError("the rows are not a dictionary of word to number", where=where)
    rows = {}
    for word in words:
        row = value.get(word)
        if type(row) is not int:
            raise InputError("the word has no row number", where=where, key=word[:60])
        rows[word] = row
    return rows


class _PlainUnpickler(pickle.Unpickler):
    """Refuses whatever is looked up by name: nothing but built-in containers can come out."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}")


def _read_plain_pickle(path: Path) -> Any:
    """A pickle of strings, integers, lists and dictionaries, and of nothing else.

    The opcodes are checked before any is run, then run by an unpickler that can find no class.
    """
    data = read_bounded(path, VOCABULARY_LIMIT)
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name not in _PLAIN_OPCODES:
                raise InputError(
                    f"the pickle holds more than strings and numbers ({opcode.name})",
                    where=path,
                    fix="do not trust this file; take the official one or our_vab.json",
                )
            # A memo place far outside would make the unpickler reserve gigabytes.
            if opcode.name.endswith("PUT") and int(argument or 0) > len(data):
                raise InputError("the pickle is damaged", where=path)
        return _PlainUnpickler(io.BytesIO(data)).load()
    except InputError:
        raise
    except (pickle.UnpicklingError, ValueError, TypeError, EOFError, MemoryError, LookupError,
            AttributeError, OverflowError) as error:  # fmt: skip
        raise InputError(f"the file is not a readable pickle ({error})", where=path) from error
