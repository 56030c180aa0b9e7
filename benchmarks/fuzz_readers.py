"""Damaged and hostile files against every reader: `python benchmarks/fuzz_readers.py`.

Starts from right files and spoils them: bits, bytes, numbers at the edges, pieces cut out, doubled,
moved or taken from another file, words of the format anywhere, lengths in headers. Counts what is
refused (InputError, one printable line), accepted, crashed (any other exception, or a warning that
would stand beside that line; saved with its traceback), and hangs (more than five seconds of the
processor). Every reader runs in a process of its own, with 4 GiB of address space beyond what it
starts with.

    python benchmarks/fuzz_readers.py --seconds 40            # each reader 40 seconds
    python benchmarks/fuzz_readers.py --reader npy --inputs 100000 --seed 7 --save crashes/
    python benchmarks/fuzz_readers.py --atheris npy --seconds 60    # guided by coverage

The last needs atheris (not a dependency) in the Python path.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import hashlib
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.fuzz_targets import TARGETS, Target, integers, read_in  # noqa: E402
from hmu_bench.errors import InputError  # noqa: E402

HANG_SECONDS = 5
"""Of processor time; a busy machine is given four times as much on the clock."""
SLOW_SECONDS = 1
MEMORY = 4 << 30


class HangError(BaseException):
    """An input took too long. No `except Exception` of a reader may swallow it."""


@dataclass
class Result:
    """What came of the inputs of one reader.

    Attributes:
        inputs: how many were tried.
        accepted: read without complaint.
        refused: InputError.
        crashes: exception and place -> how often.
        hangs: longer than `HANG_SECONDS`.
        slowest: processor seconds of the slowest input.
        seconds: all together.
        rss: most memory in use, MiB; `rss_start` before the first spoiled input.
    """

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    crashes: dict[str, int] = field(default_factory=dict)
    hangs: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    rss_start: float = 0.0
    rss: float = 0.0


LEAVES = (
    None, True, 0, -1, 1, 0.5, -0.0, 5e-324, 1e30, -1e30, 1.7e308, -1.7e308, 2**31, 2**63, 10**25,
    "", " ", "a", "x" * 5000, "W" * 200, "<script>window.hacked = 1</script>", "</title>", "../up",
    "{{ 7 * 7 }}", "a\u202eb", "\u200b", "a\x00\x1b[31m", "line\nbreak", "javascript:alert(1)",
    "https://example.org/\"><b>", "=1+1", "\ud800", "]]>", "\\end{document}", "e\u0301" * 9,
    "2026-11-22T14:00:00Z", [], {}, ["a", "a"], {"a": None}, "scored", "reported", "reference",
    "original", "retrained", "real", "base",
)  # fmt: skip
"""What may stand at a place of a JSON file, right or wrong."""


def change_leaf(value: Any, chance: random.Random) -> Any:
    """The JSON value with one value in it replaced, taken out or put in another's place."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.05:
        return copy.deepcopy(chance.choice(LEAVES))
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    kind = chance.randrange(12)
    if kind == 0:
        del value[key]
    elif kind == 1:
        value[key] = copy.deepcopy(value[chance.choice(keys)])
    elif kind == 2 and isinstance(value, dict):
        value[str(chance.choice(LEAVES))] = value.pop(key)
    else:
        value[key] = change_leaf(value[key], chance)
    return value


def mutate(seeds: list[bytes], words: tuple[bytes, ...], chance: random.Random) -> bytes:
    """A right file, spoiled in one to six places; of JSON every other one by its values."""
    data = bytearray(chance.choice(seeds))
    if data.startswith(b"{") and chance.random() < 0.5:
        value = json.loads(data)
        for _ in range(chance.choice((1, 1, 2, 4))):
            value = change_leaf(value, chance)
        return json.dumps(value).encode()
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        place, end = sorted(chance.choices(range(len(data) + 1), k=2))
        kind = chance.randrange(11)
        if kind == 0 and data:
            data[place % len(data)] ^= 1 << chance.randrange(8)
        elif kind == 1 and data:
            data[place % len(data)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind == 2:
            del data[place:]
        elif kind == 3:
            del data[place : min(end, place + 64)]
        elif kind == 4:
            data[place:place] = data[place : min(end, place + 4096)]
        elif kind == 5:
            number = chance.choice(integers())
            data[place : place + len(number)] = number
        elif kind == 6 and words:
            data[place:place] = chance.choice(words)
        elif kind == 7 and words:
            word = chance.choice(words)
            data[place : place + len(word)] = word
        elif kind == 8:
            other = chance.choice(seeds)
            data[place:end] = other[min(place, len(other)) : end]
        elif kind == 9:  # a length at the start, as safetensors and .npy have it
            number = chance.choice(integers())
            start = chance.choice((0, 8))
            data[start : start + len(number)] = number
        else:
            data[place:place] = chance.randbytes(chance.randrange(1, 9))
    return bytes(data)


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """HangError after so many seconds (at the next step of Python)."""

    def ring(number: int, frame: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def try_input(
    target: Target, data: bytes, folder: Path, result: Result, save: Path | None = None
) -> None:
    """Read one input and note what came of it."""
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        (save / "last").write_bytes(data)  # what it was, should the process die
    begin = time.process_time()
    found = trace = ""
    told: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as told, alarm(4 * HANG_SECONDS):
            warnings.simplefilter("always")
            read_in(folder, target, data)
        result.accepted += 1
    except InputError as error:
        result.refused += 1
        if not str(error).isprintable() or len(str(error)) > 30_000:
            found = "the error is no printable line"
    except HangError:
        result.hangs += 1
        found = "hang"
    except Exception as error:
        trace = traceback.format_exc()
        last = traceback.extract_tb(error.__traceback__)[-1]
        found = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    seconds = time.process_time() - begin
    if seconds > HANG_SECONDS and not found:
        result.hangs += 1
        found = "hang"
    if told and not found:
        found = f"warning: {told[0].message}"[:200]
    if found and found != "hang":
        result.crashes[found] = result.crashes.get(found, 0) + 1
    if (found or seconds > SLOW_SECONDS) and save is not None:
        name = hashlib.sha256(data).hexdigest()[:12]
        (save / name).write_bytes(data)
        (save / f"{name}.txt").write_text(f"{found or 'slow'} ({seconds:.2f} s)\n{trace}")
    result.inputs += 1
    result.slowest = max(result.slowest, seconds)


def rss() -> float:
    """Most memory that was in use so far, MiB."""
    # Not getrusage: what that gives begins with the memory of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def fuzz(
    name: str,
    folder: Path,
    *,
    inputs: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
    save: Path | None = None,
) -> Result:
    """Try spoiled inputs on one reader, in this process.

    Raises:
        RuntimeError: if the reader refuses one of the right files.
    """
    target = TARGETS[name]
    seeds = target.seeds()
    begin = time.perf_counter()
    result = Result()
    for data in seeds:
        with contextlib.suppress(InputError):
            read_in(folder, target, data)
            result.accepted += 1
    if not result.accepted:
        raise RuntimeError(f"{name}: no right file is accepted")
    result.accepted = 0
    result.rss_start = rss()
    chance = random.Random(f"{name} {seed}")
    while (inputs is None or result.inputs < inputs) and (
        seconds is None or time.perf_counter() - begin < seconds
    ):
        try_input(target, mutate(seeds, target.words, chance), folder, result, save)
    result.rss = rss()
    result.seconds = time.perf_counter() - begin
    return result


def run_apart(name: str, arguments: argparse.Namespace) -> dict[str, object]:
    """One reader in a process of its own; a process that dies is a crash."""
    command = [sys.executable, __file__, "--reader", name, "--json", "--seed", str(arguments.seed)]
    command += ["--inputs", str(arguments.inputs)] if arguments.inputs else []
    command += ["--seconds", str(arguments.seconds)] if arguments.seconds else []
    command += ["--save", str(arguments.save)] if arguments.save else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {**asdict(Result()), "crashes": {f"exit {done.returncode}: {done.stderr[-300:]}": 1}}
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def in_this_process(name: str, arguments: argparse.Namespace) -> Result:
    """One reader, with the address space limited once its libraries are there."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "work"
        fuzz(name, work, inputs=20, seed=-1)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        return fuzz(
            name,
            work,
            inputs=arguments.inputs,
            seconds=arguments.seconds,
            seed=arguments.seed,
            save=arguments.save / name.replace(" ", "-") if arguments.save else None,
        )


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """The functions of a module, and those of its classes."""
    own = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]
    inner = [v for kind in own if isinstance(kind, type) for v in vars(kind).values()]
    yield from (v for v in (*own, *inner) if isinstance(v, FunctionType))


def guided(name: str, seconds: int) -> None:
    """One reader under atheris: what is new to the code is kept and spoiled further."""
    import atheris  # type: ignore[import-not-found]

    target = TARGETS[name]
    corpus = Path(tempfile.mkdtemp())
    for number, data in enumerate(target.seeds()):
        (corpus / str(number)).write_bytes(data)
    folder = Path(tempfile.mkdtemp()) / "work"

    def one(data: bytes) -> None:
        with contextlib.suppress(InputError):
            read_in(folder, target, data)

    read_in(folder, target, target.seeds()[0])  # imports what is to be watched
    for name, module in list(sys.modules.items()):
        if name.startswith(("hmu_bench", "yaml.", "zipfile")):
            for function in functions_of(module):
                atheris.instrument_func(function)
    options = [f"-max_total_time={seconds}", f"-timeout={HANG_SECONDS}", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], *options, "-max_len=65536", str(corpus)], one)
    atheris.Fuzz()


def main() -> None:
    """Print a line for every reader."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", choices=TARGETS, help="only this one, in this process")
    parser.add_argument("--seconds", type=float, help="for each reader [default: 30]")
    parser.add_argument("--inputs", type=int, help="for each reader")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--save", type=Path, help="folder for inputs that crash or hang")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--atheris", choices=TARGETS, help="this one, guided by coverage")
    arguments = parser.parse_args()
    if arguments.inputs is None and arguments.seconds is None:
        arguments.seconds = 30.0
    if arguments.atheris:
        guided(arguments.atheris, int(arguments.seconds or 30))
        return
    if arguments.reader:
        rows = {arguments.reader: asdict(in_this_process(arguments.reader, arguments))}
        if arguments.json:
            print(json.dumps(rows[arguments.reader]))
            return
    else:
        rows = {}
        for name in TARGETS:
            rows[name] = run_apart(name, arguments)
            print(f"{name} ...", file=sys.stderr)
    print("| reader | inputs | refused | accepted | crashes | hangs | slowest | peak RSS |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, row in rows.items():
        crashes = sum(row["crashes"].values())  # type: ignore[attr-defined]
        print(
            f"| {name} | {row['inputs']:,} | {row['refused']:,} | {row['accepted']:,} | {crashes} "
            f"| {row['hangs']} | {row['slowest']:.2f} s "
            f"| {row['rss']:.0f} MiB (start {row['rss_start']:.0f}) |"
        )
    for name, row in rows.items():
        for what, times in row["crashes"].items():  # type: ignore[attr-defined]
            print(f"crash in {name}: {what} ({times} times)")


if __name__ == "__main__":
    main()
