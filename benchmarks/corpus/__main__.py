"""The command: ``python -m corpus`` with ``benchmarks`` on the path; see ``make corpus``."""

import argparse
import sys
from pathlib import Path

from corpus.runner import PUBLISHED_SEEDS, SMALL, TUNING_SEEDS, Sizes, measured
from corpus.table import as_text, write_markdown

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="corpus", description="Measure every check.")
    parser.add_argument("--seeds", type=int, nargs="+", help="default: the published ones")
    parser.add_argument("--tuning", action="store_true", help="the tuning seeds instead")
    parser.add_argument("--checks", nargs="+", default=[], help="only these")
    parser.add_argument("--small", action="store_true", help="few cases of each kind")
    parser.add_argument("--markdown", action="store_true", help="write the block of the docs")
    parser.add_argument("--strays", action="store_true", help="list what nobody planted")
    options = parser.parse_args()
    seeds = options.seeds or (TUNING_SEEDS if options.tuning else PUBLISHED_SEEDS)
    result = measured(seeds, SMALL if options.small else Sizes(), options.checks)
    sys.stdout.write(as_text(result, wrong=options.strays))
    if options.markdown:
        write_markdown(PAGE, result, seeds)


if __name__ == "__main__":
    main()
