"""Record files -> results to compare, and the references that lie beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from hmu_bench.comparison.alike import check_alike
from hmu_bench.errors import InputError
from hmu_bench.models import SLUG_PATTERN
from hmu_bench.scoring.results import Result, read_result


def read_results(paths: Sequence[Path]) -> tuple[list[Result], list[str]]:
    """The results of some record files, and what each is called.

    Called by the ids of the records; by the files' names where two ids are the same.

    Raises:
        InputError: for a bad file, or results that cannot be compared.
    """
    results = [read_result(path) for path in paths]
    labels = [result.record.id for result in results]
    if len(set(labels)) < len(labels):
        labels = [path.stem for path in paths]
    if len(set(labels)) < len(labels):
        labels = [str(path) for path in paths]
    return results, check_alike(results, labels)


def references_beside(paths: Sequence[Path], results: Sequence[Result]) -> list[Result]:
    """The base models' records and that of the real motions, where they lie beside the given ones.

    Looked for are `<base_model>.<protocol>.json`, `<base_model>.json`, and likewise for
    `<track>-real`. What is there but does not belong to the same track, protocol and evaluator, or
    is damaged, is passed over: nobody asked for it.
    """
    found: dict[str, Result] = {}
    for path, result in zip(paths, results, strict=True):
        record = result.record
        for name in (record.method.base_model, f"{record.track.name[:75].rstrip('._-')}-real"):
            if name is None or not re.fullmatch(SLUG_PATTERN, name):
                continue
            for candidate in (f"{name}.{record.protocol}.json", f"{name}.json"):
                place = path.parent / candidate
                if not place.exists():
                    continue
                try:
                    other = read_result(place)
                    check_alike([result, other], ["the record", "the one beside it"])
                except InputError:
                    continue
                if other.record.kind == "reference":
                    found.setdefault(other.sha256, other)
                    break
    given = {result.sha256 for result in results}
    return [result for sha256, result in found.items() if sha256 not in given]


def read_references(paths: Sequence[Path], results: Sequence[Result]) -> list[Result]:
    """References that were named by hand.

    Raises:
        InputError: for a bad file, one that is no reference, or of another track.
    """
    found = []
    for path in paths:
        result = read_result(path)
        if result.record.kind != "reference":
            raise InputError(
                f"the record is {result.record.kind}, not a reference", where=path,
                fix="give records of the original, the retrained model or the real motions",
            )  # fmt: skip
        check_alike([results[0], result], ["the first record", str(path)])
        found.append(result)
    return found
