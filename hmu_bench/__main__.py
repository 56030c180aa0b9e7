"""`python -m hmu_bench` is the `hmu-bench` command."""

from hmu_bench.cli import main

main()
