"""Commands about records: `compare`, `explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hmu_bench.errors import InputError
from hmu_bench.files import canonical_json
from hmu_bench.terminal import print_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hmu_bench.comparison import Difference, Explanation, Ranks
    from hmu_bench.records import Record

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def compare(
    records: Annotated[
        list[Path], typer.Argument(metavar="A.json B.json [C.json ...]", help="Record files.")
    ],
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="RECORD.json",
            help="A record of the base model, the retrained model or the real motions, which some "
            "metrics are measured against; may be given several times. Base model and real "
            "motions are also looked for beside the records.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Differences of two records on the same prompts, metric by metric, with 95 % intervals.

    The first record minus each other. Better and worse are the first one's; "different" means that
    only closeness to a target is good and the target's record is not at hand. With more than two
    records their ranks follow, each with the ranks that it may have.
    """
    from hmu_bench.comparison import compare_results, rank_results
    from hmu_bench.comparison.reading import read_references, read_results, references_beside

    if len(records) < 2:
        raise InputError("one record cannot be compared", fix="give two or more")
    results, labels = read_results(records)
    named = read_references(reference or [], results)
    others = [*results[2:], *named, *references_beside(records, results)]
    pairs = [
        (
            label,
            compare_results(
                results[0],
                result,
                [*others, *results[1:]],
                labels=(labels[0], label),
            ),
        )
        for label, result in zip(labels[1:], results[1:], strict=True)
    ]
    ranks = None
    if len(results) > 2:
        known = {result.sha256 for result in results}
        more = {r.sha256: r for r in others if r.sha256 not in known}
        names = [*labels, *(f"reference {number}" for number in range(len(more)))]
        ranks = rank_results([*results, *more.values()], labels=names)
    if as_json:
        typer.echo(canonical_json(_comparison(results[0].record, labels, pairs, ranks)), nl=False)
        return
    for label, differences in pairs:
        typer.echo(f"{labels[0]} minus {label}")
        print_table(*_differences(differences))
        typer.echo()
    if ranks and (ranks.metrics or ranks.scores):
        typer.echo("ranks (1 is best), and the ranks that each may have")
        print_table(*_ranks(ranks, labels))


def explain(
    record: Annotated[Path, typer.Argument(metavar="RECORD.json", help="A record file.")],
    metric: Annotated[str | None, typer.Option(help="One metric [default: all].")] = None,
    prompt_set: Annotated[
        str | None, typer.Option("--set", help="One prompt set [default: all].")
    ] = None,
    track: Annotated[
        str | None,
        typer.Option(
            help="The record's track, for the captions [default: by its name, if it is there]."
        ),
    ] = None,
    prompts: Annotated[
        int | None,
        typer.Option(
            "-n", metavar="N", help="Worst prompts of each metric [default: 10; 1 for all metrics]."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The prompts with the worst numbers of a record, and the mean of each category of prompts.

    Reads the .parquet file beside the record.
    """
    from hmu_bench.comparison import explain as find_worst
    from hmu_bench.scoring.results import read_result

    result = read_result(record)
    texts, missing = _texts(result.record, track)
    found = find_worst(
        result,
        metric=metric,
        prompt_set=prompt_set,
        texts=texts,
        prompts=prompts if prompts is not None else (10 if metric else 1),
    )
    if missing:
        say(missing)
    if as_json:
        typer.echo(canonical_json([one.to_dict() for one in found]), nl=False)
        return
    print_table(*_worst(found))
    typer.echo()
    print_table(*_categories(found))


def _texts(record: Record, track: str | None) -> tuple[dict[str, str], str]:
    """The captions of the record's track, if it is given or there; or none, and why."""
    from hmu_bench.tracks import known_tracks, load_track

    if track is None and record.track.name not in known_tracks():
        return {}, f"no captions: the track {record.track.name!r} is not there (--track)"
    loaded = load_track(track or record.track.name)
    if loaded.sha256 == record.track.sha256:
        return {prompt.prompt_id: prompt.text for prompt in loaded.prompts}, ""
    if track is not None:
        raise InputError(
            "not the track of the record (other sha256)",
            where=track,
            fix=f"give {record.track.name!r}, version {record.track.version!r}",
        )
    name = record.track.name
    return {}, f"no captions: the track {name!r} that is there is another version (--track)"


def _comparison(
    record: Record,
    labels: Sequence[str],
    pairs: Sequence[tuple[str, Sequence[Difference]]],
    ranks: Ranks | None,
) -> dict[str, object]:
    return {
        "track": record.track.name,
        "protocol": record.protocol,
        "records": list(labels),
        "differences": [
            {"first": labels[0], "second": label, "values": [d.to_dict() for d in differences]}
            for label, differences in pairs
        ],
        "ranks": ranks.to_dict() if ranks else None,
    }


def _differences(differences: Sequence[Difference]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for one in differences:
        gap = one.difference
        if gap.value is None:
            text = f"- ({gap.reason})"
        elif gap.low is None or gap.high is None:
            text = f"{gap.value:+.4f}"
        else:
            text = f"{gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"
        values = [_number(one.first), _number(one.second)]
        verdict = "" if one.verdict == "unknown" else one.verdict
        rows.append([one.prompt_set or "score", one.metric, one.direction, *values, text, verdict])
    headers = ["set", "metric", "better", "first", "second", "difference (95 %)", "the first is"]
    return headers, rows


def _ranks(ranks: Ranks, labels: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    tables = [("score", ranks.scores), *ranks.metrics.items()]
    rows = []
    for name, table in tables:
        for metric, ranked in table.items():
            cells = [
                f"{rank.rank} ({rank.low} to {rank.high})"
                if (rank := ranked.ranks.get(label))
                else ""
                for label in labels
            ]
            rows.append([name, metric, ranked.direction, *cells])
    return ["set", "metric", "better", *labels], rows


def _worst(found: Sequence[Explanation]) -> tuple[list[str], list[list[str]]]:
    rows = [
        [one.prompt_set, one.metric, f"{w.value:.4f}", w.category, w.prompt_id, w.text or ""]
        for one in found
        for w in one.worst
    ]
    return ["set", "metric", "value", "category", "prompt", "caption"], rows


def _categories(found: Sequence[Explanation]) -> tuple[list[str], list[list[str]]]:
    rows = []
    for one in found:
        for category in one.categories:
            text = f"{category.value:.4f}"
            if category.low is not None and category.high is not None:
                text += f" ({category.low:.4f} to {category.high:.4f})"
            rows.append(
                [one.prompt_set, one.metric, category.category, str(category.prompts), text]
            )
    return ["set", "metric", "category", "prompts", "mean"], rows


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
