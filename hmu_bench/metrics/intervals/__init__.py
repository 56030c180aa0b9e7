"""How sure we are of a number: 95 % intervals whose unit is the base clip.

Captions, sub-clips and repeats of one base clip are alike; taken as independent they would make
every interval too narrow. Each kind of metric has its method: means the cluster bootstrap, means
over pairs (diversity, KID) a jackknife, rates Wilson with the design effect, FID the infinitesimal
jackknife. Each estimate holds `terms`, one number a prompt, from which differences between methods
and ranks are made.
"""

from __future__ import annotations

from hmu_bench.metrics.intervals.bootstrap import (
    RESAMPLES,
    SEED,
    cluster_bootstrap_mean,
    cluster_bootstrap_means,
)
from hmu_bench.metrics.intervals.estimate import FEWEST_CLUSTERS, Estimate, undefined
from hmu_bench.metrics.intervals.frechet import fid_interval
from hmu_bench.metrics.intervals.jackknife import diversity_interval, kid_interval
from hmu_bench.metrics.intervals.paired import (
    RankInterval,
    paired_difference,
    rank_intervals,
    ranks_of_draws,
)
from hmu_bench.metrics.intervals.prompts import (
    mm_dist_interval,
    multimodality_interval,
    r_precision_intervals,
)
from hmu_bench.metrics.intervals.wilson import wilson_with_design_effect

__all__ = [
    "FEWEST_CLUSTERS",
    "RESAMPLES",
    "SEED",
    "Estimate",
    "RankInterval",
    "cluster_bootstrap_mean",
    "cluster_bootstrap_means",
    "diversity_interval",
    "fid_interval",
    "kid_interval",
    "mm_dist_interval",
    "multimodality_interval",
    "paired_difference",
    "r_precision_intervals",
    "rank_intervals",
    "ranks_of_draws",
    "undefined",
    "wilson_with_design_effect",
]
