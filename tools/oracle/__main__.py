"""`python -m tools.oracle`: builds Dockerfiles for real, and holds every claim of `ctlint inspect` against what was built.

Needs root and Debian's archive; where no builder can be had it says so, and ends with 3. `--until` bounds the time: what is
not begun by then is left out, and counted. Exit 1 where a claim is wrong.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from .boots import written
from .builder import BASES, Builder, NoBuilder
from .fixtures import S6_IMAGE, FixtureImage, fixture_images
from .given import cases_of, public_cases
from .grammar import FORMS, Case, cases
from .journal import Journal
from .oracle import Oracle, Result
from .packages import package_cases
from .report import Figures, write_figures

SEED = 15
_KINDS = ("generated", "fixtures", "packages", "boots", "cases", "public")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="tools.oracle", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", help=f"what is built, of {', '.join(_KINDS)} (the first two)")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "ctlint-oracle", help="where the builder lives"
    )
    parser.add_argument("--only", default="", help="build only what has that word in its name")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of the generated cases (default {SEED})")
    parser.add_argument("--count", type=int, default=320, help="how many cases are generated (default 320)")
    parser.add_argument("--minutes", type=float, default=15, help="begin nothing new after that (default 15)")
    parser.add_argument("--workers", type=int, default=2, help="how many are built at a time (default 2)")
    parser.add_argument("--keep", action="store_true", help="leave the daemon running")
    parser.add_argument("--write", type=Path, help="a document whose figures are replaced by those of this run")
    parser.add_argument("--cases", type=Path, help="for `cases`: a JSON file of Dockerfiles with their contexts")
    parser.add_argument("--clones", type=Path, help="for `public`: a folder with OWNER+NAME/repo for each repository")
    parser.add_argument(
        "--journal", type=Path, help="a file that keeps what was judged, so that a run can be ended and taken up again"
    )
    parser.add_argument("--no-trees", action="store_true", help="for `packages`: leave umoci and its trees out")
    parser.add_argument("--record", type=Path, help="a file for what the boots showed, as JSON")
    parser.add_argument("-v", "--verbose", action="store_true", help="name what was built and not known")
    options = parser.parse_args(argv)
    options.what = options.what or _KINDS[:2]
    for one in options.what:
        if one not in _KINDS:
            parser.error(f"{one} is none of {', '.join(_KINDS)}")
    for one, given in (("cases", options.cases), ("public", options.clones)):
        if one in options.what and given is None:
            parser.error(f"{one} needs {'--cases' if one == 'cases' else '--clones'}")
    builder = Builder(options.folder.resolve())
    until = time.time() + options.minutes * 60
    try:
        builder.set_up()
    except NoBuilder as problem:
        print(f"no real builds: {problem}", file=sys.stderr)
        return 3
    try:
        figures, wrong = _run(Oracle(builder, until, Journal(options.journal), trees=not options.no_trees), options)
    finally:
        if not options.keep:
            builder.stop()
    if options.write is not None:
        write_figures(options.write, figures)
    return 1 if wrong else 0


def _run(oracle: Oracle, options: argparse.Namespace) -> tuple[list[Figures], int]:
    found: list[Figures] = []
    wrong = 0
    for tag in BASES.values():
        oracle.base(tag)
    for what in dict.fromkeys(options.what):
        with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(options.workers) as pool:
            items, do = _to_do(oracle, what, options, Path(place))
            key = f"generated {options.seed}" if what == "generated" else what
            chosen = (item for item in items if options.only in item.name)
            results = list(pool.map(partial(oracle.judged, key, do), chosen))
        if what == "boots" and options.record is not None:
            options.record.write_text(written({one.name: one.facts for one in results if one.facts is not None}))
        figures = _told(
            what, results, oracle.builder.version(), options.seed if what == "generated" else None, options.verbose
        )
        wrong += figures.wrong
        found.append(figures)
    return found, wrong


def _to_do(
    oracle: Oracle, what: str, options: argparse.Namespace, place: Path
) -> tuple[Iterable[Case | FixtureImage], Callable[[Any], Result]]:
    """What is built, and what is done with each."""
    if what == "generated":
        return cases(options.seed, options.count, tuple(BASES.values())), oracle.single
    if what == "cases":
        return cases_of(options.cases), oracle.single
    if what == "public":
        return public_cases(options.clones, place), oracle.public
    if what == "packages":
        return package_cases(), oracle.packaged
    archives = oracle.builder.archives(S6_IMAGE)
    images = fixture_images(Path("fixtures"), archives, boots=what == "boots", only=options.only)
    return images, oracle.boot if what == "boots" else oracle.fixture


def _told(what: str, results: Sequence[Result], builder: str, seed: int | None, verbose: bool) -> Figures:
    """Print what came out, and give the figures."""
    figures = Figures(what, builder, seed)
    for result in results:
        if result.verdict is None:
            figures.late += result.late
            figures.unbuilt += not result.late
            if result.problem and (verbose or what in ("generated", "cases")):
                print(f"{result.name}: {result.problem}")
            continue
        figures.take(result.verdict)
        figures.left_out += result.left_out
        figures.at |= {result.at} - {""}
        for name, text in result.verdict.wrong:
            print(f"wrong  {result.name}  {name}: {text}")
        if verbose:
            for path in result.verdict.missed:
                print(f"missed {result.name}  {path}")
    for name, text in sorted({pair for result in results if result.verdict for pair in result.verdict.base_wrong}):
        print(f"base   {name}: {text}")
    if seed is not None:
        used = Counter(form for result in results if result.verdict is not None for form in set(result.forms))
        rare = {form: used[form] for form in FORMS if used[form] < 5}
        print(
            f"seed {seed}; forms: {len(FORMS)}, the rarest built {min(used[form] for form in FORMS)} times {rare or ''}"
        )
    print(figures.sentence())
    return figures


if __name__ == "__main__":
    sys.exit(main())
