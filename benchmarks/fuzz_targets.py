"""What `fuzz_readers.py` tries: every reader of strangers' files, and right files to start from."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import fuzz_records
from hmu_bench.files import canonical_json
from hmu_bench.yaml_files import write_yaml

SAMPLE = Path(__file__).resolve().parents[1] / "hmu_bench" / "sample"
PROMPT = "0123456789abcdef"
INFO = {
    "name": "made-up",
    "track": "sample-violence-keywords",
    "method": "Made up",
    "description": "A method: of 'nothing'.",
    "base_model": "base",
    "unlearned": ["violence", "kick"],
    "authors": ["A. Author", "Bé"],
    "paper": "https://example.org/a",
    "license": "MIT",
    "representation": "humanml3d-263",
    "fps": 20.0,
    "repeats": 1,
    "seed": 3,
    "notes": "two\nlines",
}


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        seeds: right files.
        read: reads a file that it may put into the folder; anything but InputError is a crash.
        words: pieces that mean something in the format, to be put in anywhere.
    """

    seeds: Callable[[], list[bytes]]
    read: Callable[[bytes, Path], object]
    words: tuple[bytes, ...] = ()


JSON_WORDS = (
    b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"true", b"NaN", b"-Infinity", b"1e999",
    b"1e308", b"-0", b"9" * 5000, b"9" * 25, b'"\\ud800"', b'"\\u0000\\u001b[31m"', b"[" * 2000,
    b'{"a":' * 2000, b'"a":1,"a":1', b"\xff", b"\xef\xbb\xbf", b'"__proto__"', b"1.5", b"\x00",
)  # fmt: skip
YAML_WORDS = (
    b"&a ", b"*a", b"!!int ", b"!!python/object/apply:os.system [id]", b"!!timestamp x", b"! x",
    b"<<: ", b"? ", b"- ", b": ", b"\n", b"  ", b"{", b"}", b"[", b"]", b'"', b"'", b"|", b">",
    b"%", b"@", b"`",
    b"---\n", b"...\n", b"#", b"1" + b":1" * 300, b"9" * 5000, b"0x" + b"f" * 99, b".nan", b".inf",
    b"2024-99-99", b"\\ud800", b"\xc2\x85", b"\x00", b"\xff", b"\xef\xbb\xbf", b"[" * 2000,
)  # fmt: skip
TENSOR_WORDS = (
    b"F64", b"F32", b"F16", b"BF16", b"I64", b"U8", b"F8_E4M3", b"F4", b"BOOL", b"[0,0]", b"[]",
    b"-1", b"18446744073709551615", b"1" * 25, b"__metadata__", b'"a":', b"[" * 500, b"1.5",
)  # fmt: skip
NPY_WORDS = (
    b"'|O'", b"'<f8'", b"'>f4'", b"'<i4'", b"[('a','<f4')]", b"(", b")", b"-1", b"True", b"0", b",",
    b"99999999999", b"'shape'", b"'descr'", b"\x93NUMPY\x01\x00", b"\x93NUMPY\x02\x00", b"L",
)  # fmt: skip
TEXT_WORDS = (
    b"#", b"\n", b"\r\n", b"/", b"a/DET", b"nan", b"inf", b"-1", b"1e999", b"\xff", b"\x00", b" ",
    b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xc2\x85", b"\xef\xbb\xbf", b"../", b"x" * 12_000, b"##0#0",
)  # fmt: skip
PAGE_WORDS = (
    *JSON_WORDS, b"<script>", b"</title>", b"{{ x }}", b"\\u202e", b"\\u0000", b"]]>", b"&#0;",
    b"-1.7e308", b"1.7e308", b"5e-324", b"scored", b"reported", b"reference", b"real",
)  # fmt: skip
PICKLE_WORDS = (
    b"cos\nsystem\n", b"R", b"b", b"(", b"t", b"]", b"}", b".", b"\x80\x04", b"\x8c\x01a", b"h\x00",
    b"\x94", b"r\xff\xff\xff\x7f", b"X\xff\xff\xff\xff", b"I99\n", b"\x8a\xff", b"u", b"s", b"a",
)  # fmt: skip


def npy(array: np.ndarray) -> bytes:
    """A .npy file."""
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def joints() -> np.ndarray:
    """A body that stands and sways: (41, 22, 3)."""
    from hmu_bench.motion import OFFSETS, PARENTS

    rest = np.zeros((22, 3))
    for joint in range(1, 22):
        rest[joint] = rest[PARENTS[joint]] + np.asarray(OFFSETS)[joint]
    sway = 0.05 * np.sin(np.arange(41)[:, None, None] / 5 + np.arange(66).reshape(22, 3))
    return (rest + sway).astype(np.float32)


def small_motions() -> list[bytes]:
    """Features and joints in several types and orders."""
    from hmu_bench.motion import joints_to_features

    body = joints()
    features = joints_to_features(body)
    arrays = [features, features.astype(">f2"), np.asfortranarray(features), body, body[:3]]
    return [npy(array) for array in arrays]


def read_npy_file(data: bytes, folder: Path) -> None:
    """As `.npy` of either representation, read, measured, mapped and converted."""
    from hmu_bench.errors import InputError
    from hmu_bench.motion import npy_shape
    from hmu_bench.motion.reading import map_npy, read_npy
    from hmu_bench.submissions.conversion import to_features

    path = folder / "0.npy"
    path.write_bytes(data)
    array = read_npy(path)
    assert npy_shape(path) == array.shape == map_npy(path).shape
    refusals = 0
    for representation in ("humanml3d-263", "joints-22"):
        try:
            found = to_features(array, representation, 20.0, 40)
            assert np.isfinite(found).all()
        except InputError:
            refusals += 1
    if refusals == 2:
        raise InputError("neither features nor joints")


def tensor_files() -> list[bytes]:
    """Submissions in safetensors."""
    from safetensors.numpy import save

    motion = np.arange(40 * 263, dtype=np.float32).reshape(40, 263) / 1e4
    return [
        save({f"{PROMPT}/0": motion[:2, :5].copy()}),
        save({f"{PROMPT}/{n}": motion[:3, :4].astype("f2") for n in range(4)}, {"a": "b"}),
        save({"x": np.zeros((0, 3), "f4"), f"{PROMPT}/0": np.ones(3, "f8")}),
        save({}),
    ]


def read_tensor_submission(data: bytes, folder: Path) -> None:
    """List a submission's motions and read every one of them."""
    from hmu_bench.submissions.problems import raise_first
    from hmu_bench.submissions.reading import MotionReader, list_motions

    (folder / "motions.safetensors").write_bytes(data)
    listing = list_motions(folder)
    for problem in listing.problems:
        assert str(problem).isprintable()
        canonical_json(problem.to_dict()).encode()
    raise_first(listing.problems, folder)
    with MotionReader(folder) as reader:
        for entry in listing.entries.values():
            assert reader.read(entry).nbytes <= len(data)


def submission_yaml() -> list[bytes]:
    """Right files, in block and in flow style."""
    short = {key: INFO[key] for key in ("name", "track", "method", "representation")}
    return [write_yaml(INFO).encode(), json.dumps(INFO).encode(), write_yaml(short).encode()]


def read_submission_yaml(data: bytes, folder: Path) -> None:
    """`submission.yaml` with every problem it has."""
    from hmu_bench.submissions.problems import raise_first
    from hmu_bench.submissions.validation import read_info

    (folder / "submission.yaml").write_bytes(data)
    info, problems = read_info(folder)
    for problem in problems:
        assert str(problem).isprintable()
        canonical_json(problem.to_dict()).encode()
    raise_first(problems, folder)
    assert info is not None
    canonical_json(info.model_dump(mode="json")).encode()


def sample_track() -> Path:
    """The embedded track."""
    return SAMPLE / "tracks" / "sample-violence-keywords"


def read_track_yaml(data: bytes, folder: Path) -> None:
    """`track.yaml`, written again if it is right."""
    from hmu_bench.tracks.schema import TrackInfo
    from hmu_bench.yaml_files import read_yaml_model

    (folder / "track.yaml").write_bytes(data)
    info = read_yaml_model(folder / "track.yaml", TrackInfo)
    write_yaml(info.model_dump(mode="json")).encode()


def records() -> list[bytes]:
    """A scored and a reported record."""
    scored = {
        "id": "made-up",
        "kind": "scored",
        "track": {"name": "sample-violence-keywords", "version": "1", "sha256": "0" * 64},
        "protocol": "paper",
        "method": {"name": "Made up", "paper": "https://example.org/p", "authors": ["A", "B"]},
        "coverage": {"prompts": 10, "answered": 10, "repeats": 3},
        "metrics": {
            "forget": {
                "fid": {"value": 1.5, "low": 1.0, "high": 2.0, "n": 10, "interval": "mean"},
                "mm_safe": {"value": None, "reason": "nothing was masked"},
            }
        },
        "flags": [{"name": "float16", "message": "half precision", "count": 3}],
        "provenance": {"package_version": "1", "evaluator": {"id": "e", "sha256": "0" * 64}},
    }
    reported = {
        **scored,
        "kind": "reported",
        "provenance": {"package_version": "1", "citation": "Paper, table 1"},
    }
    return [canonical_json(scored).encode(), json.dumps(reported).encode()]


def read_record_file(data: bytes, folder: Path) -> None:
    """A record; written again it is the same record."""
    from hmu_bench.records import read_record, write_record

    (folder / "a.json").write_bytes(data)
    record = read_record(folder / "a.json")
    write_record(record, folder / "b.json")
    assert read_record(folder / "b.json") == record


@cache
def prompt_tables() -> tuple[bytes, ...]:
    """A dozen prompts of the embedded track, packed in three ways."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hmu_bench.tracks.table import table_schema

    rows = pq.read_table(sample_track() / "prompts.parquet").to_pylist()[:12]
    table = pa.Table.from_pylist(rows, schema=table_schema())
    found = []
    for options in ({"compression": "zstd"}, {"compression": "none"}, {"row_group_size": 5}):
        out = io.BytesIO()
        pq.write_table(table, out, **options)
        found.append(out.getvalue())
    return tuple(found)


def read_prompt_table(data: bytes, folder: Path) -> None:
    """`prompts.parquet` of a pack that claims what the right ones hold."""
    from collections import Counter

    import pyarrow.parquet as pq

    from hmu_bench.tracks.export import as_csv, as_jsonl, as_text
    from hmu_bench.tracks.table import read_prompts
    from hmu_bench.yaml_files import read_yaml

    path = folder / "prompts.parquet"
    info = read_yaml(sample_track() / "track.yaml")
    sets = pq.read_table(io.BytesIO(prompt_tables()[0]))["prompt_set"].to_pylist()
    path.write_bytes(data)
    prompts = read_prompts(path, _track_info({**info, "prompts": dict(Counter(sets))}))
    for write in (as_jsonl, as_csv, as_text):
        write(prompts).encode()


def _track_info(content: dict[str, object]) -> object:
    from hmu_bench.tracks.schema import TrackInfo

    return TrackInfo.model_validate(content)


def references() -> list[bytes]:
    """Statistics of three prompts in four dimensions; as older packs have them, and everything."""
    from safetensors.numpy import save

    from hmu_bench.tracks.reference import PHYSICS

    random = np.random.default_rng(1)
    tensors = {
        "forget/embeddings": random.normal(size=(3, 4)).astype("f4"),
        "forget/mean": random.normal(size=4),
        "forget/covariance": np.eye(4),
        "forget/paper_mean": random.normal(size=(20, 4)),
        "forget/paper_covariance": random.normal(size=(20, 10)),
        "forget/real/fid": random.normal(size=20),
    }
    detector = ("detector/bias", "detector/threshold", "detector/ridge")
    everything = {
        **tensors,
        **{f"forget/physics/{metric}": random.uniform(0, 1, 3) for metric in PHYSICS},
        **{name: np.array([0.5]) for name in ("jerk_level", "kid_frozen", *detector)},
        "detector/weights": random.normal(size=4),
        "gallery/embeddings": random.normal(size=(5, 4)).astype("f4"),
        "gallery/violent": np.array([0, 1, 0, 1, 1], np.uint8),
        "gallery/base_clip": random.integers(0, 256, (5, 8), np.uint8),
    }
    return [save(tensors), save(everything)]


def read_reference_file(data: bytes, folder: Path) -> None:
    """`reference.safetensors`."""
    from hmu_bench.tracks.reference import read_reference

    (folder / "r.safetensors").write_bytes(data)
    read_reference(folder / "r.safetensors", {"forget": 3}, 4)


LINES = (
    "a man kicks.#a/DET man/NOUN kick/VERB#0.0#0.0\n"
    "he turns#he/PRON turn/VERB#1.0#2.5\n\nshe sits.##nan#0.0\n"
)


def text_zips() -> list[bytes]:
    """Texts, stored and deflated, with folders and a link."""
    found = []
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("texts/", "")
            archive.writestr("texts/000001.txt", LINES)
            archive.writestr("texts/M000001.txt", LINES[:46])
            archive.writestr("texts/sub/b.txt", "b#b/X#0#0")
        found.append(out.getvalue())
    return found


def read_text_zip(data: bytes, folder: Path) -> None:
    """A zip of texts as both formats."""
    from hmu_bench.datasets import read_source

    (folder / "texts.zip").write_bytes(data)
    for name in ("humanml3d", "motionx"):
        _refuse_if_nothing(read_source(folder / "texts.zip", name))


def read_text_file(data: bytes, folder: Path) -> None:
    """A folder with one text file, as both formats."""
    from hmu_bench.datasets import read_source

    (folder / "texts").mkdir()
    (folder / "texts" / "000001.txt").write_bytes(data)
    for name in ("humanml3d", "motionx"):
        _refuse_if_nothing(read_source(folder, name))


def _refuse_if_nothing(source: object) -> None:
    from hmu_bench.errors import InputError

    for problem in source.problems:
        str(InputError(problem.what, where=problem.where, line=problem.line, key=problem.key))
    for clip in source.clips:
        json.dumps([caption.text for caption in clip.captions]).encode()
    if source.problems:
        raise InputError(source.problems[0].what)


def annotations() -> list[bytes]:
    """Unified annotations of two clips."""
    clips = {
        "000001": {
            "path": "kit/1",
            "duration": 4.5,
            "annotations": [
                {"seg_id": "000001_0", "text": "a man walks", "start": 0.0, "end": 4.5},
                {"seg_id": "000001_1", "text": "he kicks", "start": 1, "end": 2},
            ],
        },
        "M000001": {"annotations": [{"text": "a man walks"}]},
    }
    return [canonical_json(clips).encode(), json.dumps(clips).encode()]


def read_annotation_file(data: bytes, folder: Path) -> None:
    """`annotations.json`."""
    from hmu_bench.datasets import read_source

    (folder / "annotations.json").write_bytes(data)
    _refuse_if_nothing(read_source(folder / "annotations.json", "annotations"))


def read_split_list(data: bytes, folder: Path) -> None:
    """A split list, as train.txt and all.txt."""
    from hmu_bench.datasets import read_splits
    from hmu_bench.errors import InputError

    for name in ("train.txt", "all.txt"):
        (folder / name).write_bytes(data)
    lists = read_splits(folder)
    if lists.problems:
        raise InputError(lists.problems[0].what)


def read_index(data: bytes, folder: Path) -> None:
    """The official index.csv."""
    from hmu_bench.datasets.motion_files import frames_of_index

    (folder / "index.csv").write_bytes(data)
    frames_of_index(folder / "index.csv")


@cache
def evaluator_weights() -> dict[str, object]:
    """Weights of a tiny evaluator."""
    import torch

    from hmu_bench.evaluators.t2m import Sizes, T2MNetwork

    torch.manual_seed(1)
    return dict(T2MNetwork(Sizes(8, 6, 5, 4, 7, 15, 3, 2)).state_dict())


def evaluator_tensors() -> list[bytes]:
    """The tiny evaluator in safetensors."""
    from safetensors.torch import save

    return [save(evaluator_weights())]


def evaluator_checkpoints() -> list[bytes]:
    """The tiny evaluator as both kinds of checkpoint."""
    import torch

    from hmu_bench.evaluators.t2m import PARTS

    state = evaluator_weights()
    content = {
        part: {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(part)}
        for part in PARTS
    }
    found = []
    for zipped in (True, False):
        out = io.BytesIO()
        torch.save({**content, "epoch": 3}, out, _use_new_zipfile_serialization=zipped)
        found.append(out.getvalue())
    return found


def _read_evaluator(name: str) -> Callable[[bytes, Path], None]:
    def read(data: bytes, folder: Path) -> None:
        from hmu_bench.evaluators.t2m import network_of
        from hmu_bench.evaluators.weights import read_weights, sha256_tensors

        (folder / name).write_bytes(data)
        _, tensors = read_weights(folder)
        network_of(tensors)
        sha256_tensors(tensors)

    return read


WORDS = ["sos", "eos", "unk", "a", "man", "kick"]


def vocabularies() -> list[bytes]:
    """The words as every kind of pickle."""
    return [pickle.dumps(WORDS, protocol) for protocol in range(5)]


def json_vocabularies() -> list[bytes]:
    """Words and rows as JSON."""
    rows = {word: row for row, word in enumerate(WORDS)}
    return [json.dumps({"words": WORDS, "idx": rows}).encode()]


def _read_vocabulary(name: str) -> Callable[[bytes, Path], None]:
    def read(data: bytes, folder: Path) -> None:
        from hmu_bench.evaluators.word_vectors import read_word_vectors

        np.save(folder / "our_vab_data.npy", np.ones((len(WORDS), 3), np.float32))
        rows = {word: row for row, word in enumerate(WORDS)}
        (folder / "our_vab_idx.pkl").write_bytes(pickle.dumps(rows, 2))
        (folder / name).write_bytes(data)
        found = read_word_vectors(folder)
        "".join(found.rows).encode()

    return read


def read_statistics(data: bytes, folder: Path) -> None:
    """`stats/mean.npy` and the vectors of words."""
    from hmu_bench.errors import InputError
    from hmu_bench.evaluators.arrays import read_matrix, read_vector

    (folder / "a.npy").write_bytes(data)
    try:
        read_vector(folder / "a.npy", 263)
    except InputError:
        read_matrix(folder / "a.npy", 1 << 20)


def statistics() -> list[bytes]:
    """A vector and a matrix."""
    arrays = [np.linspace(0.5, 2, 263), np.ones((6, 3), np.float16), np.full((2, 9), -0.5)]
    return [npy(array) for array in arrays]


def previews() -> list[bytes]:
    """A preview of two motions."""
    from hmu_bench.submissions.preview import Preview, PreviewFacts, preview_bytes

    ids = ["0" * 15 + "1", "0" * 15 + "2"]
    shown = [
        {"prompt_id": name, "prompt_set": "forget", "category": "kick", "text": "a person kicks"}
        for name in ids
    ]
    facts = PreviewFacts.model_validate(
        {
            "submission": "s",
            "submission_sha256": "0" * 64,
            "track": "t",
            "track_version": "1",
            "track_sha256": "1" * 64,
            "prompts": shown,
        }
    )
    motion = np.arange(4 * 66, dtype=np.int16).reshape(4, 22, 3)
    return [preview_bytes(Preview(facts, dict.fromkeys(ids, motion)))]


def read_preview_file(data: bytes, folder: Path) -> None:
    """`<record>.preview.safetensors`, and the pictures that are drawn of it."""
    from hmu_bench.submissions import read_preview
    from leaderboard.stills import strip

    (folder / "x.preview.safetensors").write_bytes(data)
    for motion in read_preview(folder / "x.preview.safetensors").motions.values():
        strip(motion, "x")


@cache
def scored() -> object:
    """A record and the numbers of its prompts, made up."""
    from hmu_bench.records import Record
    from hmu_bench.scoring.results import Result
    from hmu_bench.scoring.terms import PromptTerms

    columns = {"mm_dist": np.arange(20.0), "mm_safe": np.where(np.arange(20) < 9, 1.0, np.nan)}
    values = {"mm_dist": {"value": 9.5}, "mm_safe": {"value": 1.0}}
    content = json.loads(records()[0]) | {"metrics": {"forget": values}, "protocol": "hmu-1"}
    terms = PromptTerms(
        [f"{place:016x}" for place in range(20)], ["forget"] * 20,
        [f"c{place // 2}" for place in range(20)], ["kick", "none"] * 10, columns,
        {"violence_floor": 0.1, "kid_frozen": 2.0},
    )  # fmt: skip
    return Result(Record.model_validate(content), terms)


def terms_files() -> list[bytes]:
    """The numbers of 20 prompts."""
    from hmu_bench.scoring.terms import terms_bytes

    result = scored()
    return [terms_bytes(result.terms, result.record)]  # type: ignore[attr-defined]


def read_terms_file(data: bytes, folder: Path) -> None:
    """`<record>.parquet`, explained and compared with the right one."""
    from hmu_bench.comparison import compare_results, explain
    from hmu_bench.records import write_record
    from hmu_bench.scoring.results import read_result

    right = scored()
    write_record(right.record, folder / "a.json")  # type: ignore[attr-defined]
    (folder / "a.parquet").write_bytes(data)
    found = read_result(folder / "a.json")
    for one in explain(found):
        canonical_json(one.to_dict())
    for difference in compare_results(found, right, labels=("a", "b"), resamples=100):  # type: ignore[arg-type]
        canonical_json(difference.to_dict())


TARGETS: dict[str, Target] = {
    "npy": Target(small_motions, read_npy_file, NPY_WORDS),
    "safetensors": Target(tensor_files, read_tensor_submission, TENSOR_WORDS + JSON_WORDS),
    "submission.yaml": Target(submission_yaml, read_submission_yaml, YAML_WORDS),
    "track.yaml": Target(
        lambda: [path.read_bytes() for path in sorted(SAMPLE.glob("tracks/*/track.yaml"))],
        read_track_yaml,
        YAML_WORDS,
    ),
    "prompts.parquet": Target(
        lambda: list(prompt_tables()), read_prompt_table, (b"PAR1", b"\x15\x00", b"\x2c", b"zstd")
    ),
    "reference.safetensors": Target(references, read_reference_file, TENSOR_WORDS),
    "preview": Target(previews, read_preview_file, TENSOR_WORDS + JSON_WORDS),
    "record": Target(
        lambda: [*records(), *fuzz_records.full_records()], read_record_file, JSON_WORDS
    ),
    "record, compared": Target(
        fuzz_records.full_records, fuzz_records.read_compared, JSON_WORDS
    ),
    "record, its pages": Target(fuzz_records.full_records, fuzz_records.pages_of, PAGE_WORDS),
    "record.run.json": Target(
        fuzz_records.run_files, fuzz_records.read_run, (*JSON_WORDS, b"0001", b"9999", b"+23:59")
    ),
    "publication.yaml": Target(
        fuzz_records.publications, fuzz_records.read_publication, YAML_WORDS
    ),
    "release": Target(fuzz_records.releases, fuzz_records.read_release, JSON_WORDS),
    "scoring checkpoint": Target(
        lambda: list(fuzz_records.scoring_parts()), fuzz_records.read_scoring_part, TENSOR_WORDS
    ),
    "training checkpoint": Target(
        lambda: list(fuzz_records.training_checkpoints()),
        fuzz_records.read_training_checkpoint,
        PICKLE_WORDS,
    ),
    "terms.parquet": Target(
        terms_files, read_terms_file, (b"PAR1", b"\x15\x00", b"\x2c", b"zstd", *JSON_WORDS[:12])
    ),
    "texts.zip": Target(
        text_zips, read_text_zip, (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06")
    ),
    "text lines": Target(lambda: [LINES.encode(), LINES[:46].encode()], read_text_file, TEXT_WORDS),
    "annotations": Target(annotations, read_annotation_file, JSON_WORDS),
    "split list": Target(lambda: [b"000001\nM000001\nkungfu/a b\n"], read_split_list, TEXT_WORDS),
    "index.csv": Target(
        lambda: [b"source_path,start_frame,end_frame,new_name\n./a/b.npy,0,116,000000.npy\n"],
        read_index,
        (*TEXT_WORDS, b",", b'"', b"-1"),
    ),
    "evaluator.safetensors": Target(
        evaluator_tensors, _read_evaluator("model.safetensors"), TENSOR_WORDS
    ),
    "evaluator.tar": Target(evaluator_checkpoints, _read_evaluator("finest.tar"), PICKLE_WORDS),
    "words.pkl": Target(vocabularies, _read_vocabulary("our_vab_words.pkl"), PICKLE_WORDS),
    "words.json": Target(json_vocabularies, _read_vocabulary("our_vab.json"), JSON_WORDS),
    "statistics": Target(statistics, read_statistics, NPY_WORDS),
}  # fmt: skip


def read_in(folder: Path, target: Target, data: bytes) -> None:
    """Read one input in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target.read(data, folder)


def integers() -> tuple[bytes, ...]:
    """Numbers at the edges, as the formats write them."""
    values = (0, 1, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)
    found = [struct.pack("<I", value) for value in values]
    found += [struct.pack("<H", value) for value in values if value < 2**16]
    found += [struct.pack("<Q", value) for value in (*values, 2**40, 2**62, 2**63, 2**64 - 1)]
    return tuple(found)
