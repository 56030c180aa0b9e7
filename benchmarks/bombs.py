"""The largest harm within the limits: `python benchmarks/bombs.py`.

For the readers of strangers' files: the file that costs most time or memory and is still looked at,
with as many names, tensors, captions, keys or bytes as the limits allow. Each is made in a
temporary folder (the largest are sparse; for two of them a million empty files are made) and read
in a process of its own that may take 4 GiB of address space beyond what it starts with. Printed:
what was said, seconds, and how much memory was in use at most.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks import fuzz_targets  # noqa: E402
from benchmarks.fuzz_readers import rss  # noqa: E402
from hmu_bench.errors import InputError  # noqa: E402

MEMORY = 4 << 30
Step = Callable[[Path], object]


def motions(folder: Path) -> None:
    """A million empty files under right names."""
    for prompt in range(1000):
        inner = folder / "motions" / f"{prompt:016x}"
        inner.mkdir(parents=True)
        for repeat in range(1000):
            (inner / f"{repeat}.npy").touch()


def other_files(folder: Path) -> None:
    """A million empty files under wrong names."""
    (folder / "motions").mkdir()
    for number in range(1_000_000):
        (folder / "motions" / f"n{number}").touch()


def list_submission(folder: Path) -> object:
    """What is said of a submission's files."""
    from hmu_bench.submissions.problems import raise_first
    from hmu_bench.submissions.reading import list_motions

    listing = list_motions(folder)
    raise_first(listing.problems[-1:], folder)
    return f"{len(listing.entries):,} motions"


def tensors(folder: Path, text: str, size: int, name: str = "motions.safetensors") -> None:
    """A safetensors file with any header and so many bytes of zeros, which take no room."""
    with (folder / name).open("wb") as handle:
        handle.write(struct.pack("<Q", len(text)) + text.encode())
        handle.truncate(handle.tell() + size)


def many_tensors(folder: Path) -> None:
    """A header of 32 MiB, full of tensors of no bytes."""
    one = '"{:016x}/{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    text = "{" + ",".join(one.format(n // 3, n % 3) for n in range(460_000)) + "}"
    tensors(folder, text, 0)


def much_metadata(folder: Path) -> None:
    """A header of 32 MiB, full of metadata."""
    text = '{"__metadata__":{' + ",".join(f'"{n:x}":""' for n in range(2_700_000)) + "}}"
    tensors(folder, text, 0)


def one_tensor(folder: Path, key: str, shape: tuple[int, ...], name: str) -> None:
    """A file of one tensor of zeros."""
    size = 4 * int(np.prod(shape, dtype=np.int64))
    entry = {"dtype": "F32", "shape": shape, "data_offsets": (0, size)}
    tensors(folder, json.dumps({key: entry}), size, name)


def long_yaml(folder: Path, size: int) -> None:
    """A YAML file that is one long list."""
    (folder / "a.yaml").write_text("a: [" + "1," * (size // 2 - 4) + "1]")


def read_yaml_file(folder: Path) -> object:
    """Read it as plain data."""
    from hmu_bench.yaml_files import read_yaml

    return f"{len(read_yaml(folder / 'a.yaml')['a']):,} numbers"


def flags(folder: Path) -> None:
    """A record of 1 MiB, all of it flags that are none."""
    from hmu_bench.records import MAX_RECORD_BYTES

    text = fuzz_targets.records()[1].decode()
    begin = text.index('"flags": [') + len('"flags": [')
    many = "1," * ((MAX_RECORD_BYTES - len(text)) // 2 - 2)
    (folder / "a.json").write_text(text[:begin] + many + text[begin:])


def read_record_file(folder: Path) -> object:
    """Read it."""
    from hmu_bench.records import read_record

    return read_record(folder / "a.json").id


def texts(folder: Path, count: int, content: str) -> None:
    """A zip of equal texts."""
    with zipfile.ZipFile(folder / "texts.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"texts/{number:x}.txt", content)


def read_texts(folder: Path) -> object:
    """Read it as HumanML3D."""
    from hmu_bench.datasets import read_source

    source = read_source(folder / "texts.zip", "humanml3d")
    return f"{len(source.clips):,} clips, {len(source.problems):,} problems"


def objects(folder: Path) -> None:
    """64 MiB of JSON that takes the most memory: empty objects."""
    from hmu_bench.datasets.readers.annotations import MAX_BYTES

    (folder / "a.json").write_text('{"1":[' + "{}," * (MAX_BYTES // 3 - 4) + "{}]}")


def read_annotations(folder: Path) -> object:
    """Read it."""
    from hmu_bench.datasets import read_source

    return f"{len(read_source(folder / 'a.json', 'annotations').problems):,} problems"


def ids(folder: Path) -> None:
    """16 MiB of ids."""
    (folder / "train.txt").write_text("".join(f"{number:x}\n" for number in range(2_400_000)))


def read_split_list(folder: Path) -> object:
    """Read them."""
    from hmu_bench.datasets import read_splits

    return f"{len(read_splits(folder).all_ids):,} ids"


def prompts(folder: Path) -> None:
    """As many prompts with as long texts as are read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hmu_bench.tracks.table import MAX_PROMPTS, table_schema

    columns = {name: pa.array([None] * MAX_PROMPTS, pa.string()) for name in table_schema().names}
    columns |= {
        "prompt_id": pa.array([f"{number:016x}" for number in range(MAX_PROMPTS)]),
        "prompt_set": pa.array(["forget"] * MAX_PROMPTS),
        "text": pa.array(["x" * 1250] * MAX_PROMPTS),
        "tokens": pa.array(["a/DET"] * MAX_PROMPTS),
        "category": pa.array(["none"] * MAX_PROMPTS),
        "num_frames": pa.array(np.full(MAX_PROMPTS, 40, np.int32)),
        "multimodality": pa.array(np.zeros(MAX_PROMPTS, bool)),
    }
    pq.write_table(pa.table(columns, schema=table_schema()), folder / "p.parquet")


def read_prompts(folder: Path) -> object:
    """Read them."""
    from hmu_bench.tracks.table import _rows

    return f"{len(_rows(folder / 'p.parquet')):,} prompts"


def prompt_numbers(folder: Path) -> None:
    """A record's numbers of as many prompts with as long texts as are read, in every metric."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hmu_bench.metrics.table import METRICS
    from hmu_bench.records import Record, write_record
    from hmu_bench.scoring.terms import MAX_NAMES, record_sha256
    from hmu_bench.tracks.table import MAX_PROMPTS

    content = json.loads(fuzz_targets.records()[0])
    content["metrics"] = {"forget": {name: {"value": 1.0} for name in METRICS}}
    record = Record.model_validate(content)
    write_record(record, folder / "r.json")
    columns = {
        "prompt_id": [f"{number:016x}" for number in range(MAX_PROMPTS)],
        "prompt_set": ["forget"] * MAX_PROMPTS,
        "base_clip": [f"{n:x}".ljust(MAX_NAMES // MAX_PROMPTS, "x") for n in range(MAX_PROMPTS)],
        "category": ["none"] * MAX_PROMPTS,
        **{name: np.ones(MAX_PROMPTS) for name in METRICS},
    }
    facts = {"record_sha256": record_sha256(record), "constants": "{}"}
    table = pa.table(columns).replace_schema_metadata(facts)
    pq.write_table(table, folder / "r.parquet", compression="zstd")


def explain(folder: Path) -> object:
    """Read them, and find the worst prompts."""
    from hmu_bench.comparison import explain as worst
    from hmu_bench.scoring.results import read_result

    return f"{len(worst(read_result(folder / 'r.json')))} metrics explained"


def read_reference(folder: Path) -> object:
    """Read embeddings of 500,000 prompts in 512 dimensions."""
    from hmu_bench.tracks.reference import read_reference as read

    return read(folder / "r.safetensors", {"forget": 500_000}, 512)


def read_weights(folder: Path) -> object:
    """Read an evaluator's weights."""
    from hmu_bench.evaluators.t2m import network_of
    from hmu_bench.evaluators.weights import read_weights as read

    return network_of(read(folder)[1])


def vectors(folder: Path, rows: int) -> None:
    """Word vectors (rows, 300) of zeros in half precision, which take no room."""
    text = f"{{'descr': '<f2', 'fortran_order': False, 'shape': ({rows}, 300), }}\n"
    with (folder / "our_vab_data.npy").open("wb") as handle:
        handle.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode())
        handle.truncate(handle.tell() + rows * 600)


def vocabulary(folder: Path) -> None:
    """A vocabulary of 8 MiB."""
    vectors(folder, 10)
    (folder / "our_vab_words.json").write_text(json.dumps([f"{n:x}" for n in range(850_000)]))


def read_words(folder: Path) -> object:
    """Read vectors and vocabulary."""
    from hmu_bench.evaluators.word_vectors import read_word_vectors

    return read_word_vectors(folder)


CAPTIONS = "a#a/X#0#0\n" * 10_000
BOMBS: dict[str, tuple[Step, Step]] = {
    "submission: 1,000,000 empty motions": (motions, list_submission),
    "submission: 1,000,000 other files": (other_files, list_submission),
    "safetensors: 32 MiB of tensor names": (many_tensors, list_submission),
    "safetensors: 32 MiB of metadata": (much_metadata, list_submission),
    "submission.yaml: 64 KiB": (lambda folder: long_yaml(folder, 64 << 10), read_yaml_file),
    "track.yaml: 256 KiB": (lambda folder: long_yaml(folder, 256 << 10), read_yaml_file),
    "record: 1 MiB of flags": (flags, read_record_file),
    "texts.zip: 1,000,000 captions": (lambda folder: texts(folder, 100, CAPTIONS), read_texts),
    "texts.zip: 100,000 bad lines": (lambda f: texts(f, 10, "x\n" * 10_000), read_texts),
    "texts.zip: 256 MiB of zeros": (lambda f: texts(f, 63, "\0" * (4 << 20)), read_texts),
    "texts.zip: 500,000 files": (lambda f: texts(f, 500_000, "x"), read_texts),
    "annotations.json: 64 MiB of {}": (objects, read_annotations),
    "train.txt: 16 MiB": (ids, read_split_list),
    "prompts.parquet: 200,000 long prompts": (prompts, read_prompts),
    "record.parquet: 200,000 prompts": (prompt_numbers, explain),
    "reference.safetensors: 1 GB": (
        lambda f: one_tensor(f, "forget/embeddings", (500_000, 512), "r.safetensors"),
        read_reference,
    ),
    "evaluator: 134 million numbers": (
        lambda f: one_tensor(f, "a", (1 << 27,), "model.safetensors"),
        read_weights,
    ),
    "evaluator: word vectors of 512 MiB": (lambda f: vectors(f, 894_000), read_words),
    "evaluator: vocabulary of 8 MiB": (vocabulary, read_words),
}  # fmt: skip


def read_here(name: str, folder: Path) -> dict[str, object]:
    """Read one bomb in this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    begin = time.perf_counter()
    try:
        said = f"read: {BOMBS[name][1](folder)}"
    except InputError as error:
        said = f"refused: {error.what}"
    return {
        "said": said[:100],
        "seconds": time.perf_counter() - begin,
        "rss": rss(),
    }


def read_apart(name: str) -> dict[str, object]:
    """Make one bomb and read it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        BOMBS[name][0](Path(folder))
        command = [sys.executable, __file__, name, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"said": f"CRASH {done.returncode}: {done.stderr[-200:]}", "seconds": 0, "rss": 0}
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print a line for every bomb."""
    if len(sys.argv) == 3:
        print(json.dumps(read_here(sys.argv[1], Path(sys.argv[2]))))
        return
    print("| bomb | what was said | seconds | peak RSS |")
    print("| --- | --- | ---: | ---: |")
    for name in BOMBS:
        found = read_apart(name)
        print(
            f"| {name} | {found['said']} | {found['seconds']:.1f} | {found['rss']:.0f} MiB |",
            flush=True,
        )


if __name__ == "__main__":
    main()
