"""`python -m tools.oracle`: builds Dockerfiles for real, and holds every claim of `ctlint inspect` against what was built.

Needs root and Debian's archive; where no builder can be had it says so, and ends with 3. `--until` bounds the time: what is
not begun by then is left out, and counted. Exit 1 where a claim is wrong.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from ctlint.lineage.desktop.launchers import Launchers

from .boots import Facts, Plan, booted, written, wrong_of
from .builder import BASES, Builder, NoBuilder
from .built import Base, Built, accounts_of, entries_of
from .claims import Verdict, compared
from .context import lay_out
from .fixtures import S6_IMAGE, FixtureImage, built_so, fixture_images, opened
from .given import cases_of, public_cases
from .grammar import FORMS, Case, cases
from .journal import Journal
from .packages import package_cases
from .predicted import InspectFailed, inspected
from .report import Figures, write_figures
from .saved import same_tree, verified

SEED = 15
_KINDS = ("generated", "fixtures", "packages", "boots", "cases", "public")


@dataclass
class Result:
    """`problem` says why there is no verdict; `late` that there was no time."""

    name: str
    verdict: Verdict | None = None
    problem: str = ""
    late: bool = False
    forms: tuple[str, ...] = ()
    facts: Facts | None = None
    """What a boot showed."""


class Oracle:
    """Builds and compares; `until` is the time after which nothing new is begun, `journal` what was judged before."""

    def __init__(self, builder: Builder, until: float, journal: Journal) -> None:
        self.builder = builder
        self.until = until
        self.journal = journal
        self.bases: dict[str, Base] = {}
        self.lock = Lock()

    def judged(self, what: str, do: Callable[[Any], Result], item: Case | FixtureImage) -> Result:
        """What `do` says of a case, or what it said in an earlier run; nothing where the time is over."""
        forms = item.forms if isinstance(item, Case) else ()
        key = f"{what} {item.name}"
        kept = self.journal.verdict(key)
        if kept is not None:
            verdict, problem, facts = kept
            return Result(item.name, verdict, problem, forms=forms, facts=facts)
        if time.time() > self.until:
            return Result(item.name, late=True)
        try:
            result = do(item)
        except (OSError, ValueError) as problem:
            result = Result(item.name, problem=f"harness: {problem}")
        with self.lock:
            self.journal.keep(key, result.verdict, result.problem, result.facts)
        return result

    def base(self, tag: str) -> Base:
        if tag == "scratch":
            return Base({}, {})
        with self.lock:
            if tag not in self.bases:
                with self.builder.mounted(tag) as root:
                    self.bases[tag] = Base(entries_of(root), accounts_of(root))
            return self.bases[tag]

    def single(self, case: Case) -> Result:
        result = Result(case.name, forms=case.forms)
        folder, tag = self.laid_out(case)
        target, context, args = folder.name, folder, case.args
        if case.folder is not None:
            target = f"{folder.name}/{case.folder[1]}"
            context, args = built_so(folder, case.folder[1])
        problem = self.builder.build(
            context, tag, dockerfile=self.dockerfile(case, folder), args=args, network=case.network, timeout=600
        )
        if problem is not None:
            result.problem = f"does not build: {problem}"
        else:
            more = [f"--build-arg={name}={value}" for name, value in case.args.items()]
            self.judge(result, tag, case.base, folder.parent, target, *more, packages=case.network)
            self.builder.remove(tag)
        shutil.rmtree(folder, ignore_errors=True)
        return result

    def laid_out(self, case: Case) -> tuple[Path, str]:
        """Put a case's context below the builder's folder; the folder, and the tag of what is built of it."""
        name = re.sub(r"[^\w.-]+", "-", case.name)
        folder = self.builder.folder / "work" / name
        if case.folder is None:
            lay_out(folder, {**case.files, "Dockerfile": case.dockerfile})
        else:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(case.folder[0], folder, symlinks=True)
            self.dockerfile(case, folder).write_text(case.dockerfile, "utf-8")
        return folder, "oracle/" + name.strip("-.").lower()

    def dockerfile(self, case: Case, folder: Path) -> Path:
        return folder / ("Dockerfile" if case.folder is None else case.folder[1])

    def packaged(self, case: Case) -> Result:
        """Build with packages from Debian's archive, save the image, and ask `ctlint verify`."""
        result = Result(case.name)
        folder, tag = self.laid_out(case)
        archive = folder.with_suffix(".saved.tar")
        problem = self.builder.build(folder, tag, network=True, timeout=600) or self.builder.save(tag, archive)
        if problem is not None:
            result.problem = f"does not build: {problem}"
        else:
            try:
                result.verdict = verified(archive, folder)
            except InspectFailed as failed:
                result.problem = f"ctlint: {failed}"
            if result.verdict is not None:
                for difference in same_tree(archive):
                    result.verdict.say("tree", not difference, difference)
        self.builder.remove(tag)
        archive.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        return result

    def fixture(self, image: FixtureImage) -> Result:
        result = Result(image.name)
        problem, tag = self.built(image)
        if problem is not None:
            result.problem = problem
            return result
        work = self.builder.folder / "work" / "fixtures" / image.name.replace("/", "-")
        self.judge(result, tag, image.base, work, "context", packages=True)
        self.builder.remove(tag)
        shutil.rmtree(work, ignore_errors=True)
        return result

    def boot(self, image: FixtureImage) -> Result:
        """Build a fixture and start it."""
        result = Result(image.name)
        problem, tag = self.built(image)
        if problem is None:
            workspace, _ = opened(image.folder)
            source = next(iter(workspace.images))
            effective, start = workspace.effective(source), workspace.boot(source)
            plan = Plan(effective, start, Launchers.of(effective, start))
            seen = booted(self.builder, tag, plan.given())
            if isinstance(seen, str):
                problem = seen
            else:
                result.facts = seen
                count, wrong = wrong_of(plan, seen)
                result.verdict = Verdict(claims=Counter({"boot": count}), wrong=[("boot", text) for text in wrong])
            self.builder.remove(tag)
        result.problem = problem or ""
        return result

    def built(self, image: FixtureImage) -> tuple[str | None, str]:
        """Build a fixture's image; why it does not build, and its tag."""
        work = self.builder.folder / "work" / "fixtures" / image.name.replace("/", "-")
        context = work / "context"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(image.folder, context, symlinks=True)
        dockerfile = work / "Dockerfile.built"
        dockerfile.write_text(image.text)
        for reference in image.references:
            self.builder.tag(image.base, reference)
        tag = "oracle/" + image.name.replace("/", "-").replace(" ", "-").lower()
        problem = self.builder.build(
            context / image.context,
            tag,
            dockerfile=dockerfile,
            args=image.args,
            target=image.target,
            network=True,
            timeout=600,
        )
        return (f"does not build: {problem}" if problem is not None else None), tag

    def judge(
        self,
        result: Result,
        tag: str,
        base: str,
        folder: Path,
        target: str,
        *more: str,
        packages: bool = False,
    ) -> None:
        settings = self.builder.settings(tag)
        with self.builder.mounted(tag, settings) as root:
            built = Built(root, settings, self.base(base))
            try:
                predicted = inspected(folder, target, *more)
            except InspectFailed as failed:
                result.problem = f"ctlint: {failed}"
                return
            result.verdict = compared(predicted, built, packages=packages)


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
        figures, wrong = _run(Oracle(builder, until, Journal(options.journal)), options)
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
        return public_cases(options.clones, place), oracle.single
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
