"""Builds one case after another, and holds what ctlint says of each against what was built."""

import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from ctlint.lineage.desktop.launchers import Launchers

from .boots import Facts, Plan, booted, wrong_of
from .builder import Builder, Refusal, run
from .built import Base, Built, accounts_of, entries_of
from .claims import Verdict, compared
from .context import lay_out
from .fixtures import FixtureImage, built_so, opened, prepare
from .given import without_instruction
from .grammar import Case
from .journal import Journal
from .predicted import InspectFailed, inspected
from .saved import same_tree, verified

_TRIED_AT_MOST = 25
"""How often a public Dockerfile is built, each time without the instruction that failed before."""


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
    left_out: int = 0
    """Instructions of a public Dockerfile that failed."""
    at: str = ""
    """When, and by which commit it was judged."""


class Oracle:
    """Builds and compares; `until` is the time after which nothing new is begun, `journal` what was judged before,
    `trees` whether what umoci unpacks is compared, too."""

    def __init__(self, builder: Builder, until: float, journal: Journal, *, trees: bool = True) -> None:
        self.builder = builder
        self.until = until
        self.journal = journal
        self.trees = trees
        self.bases: dict[str, Base] = {}
        self.lock = Lock()
        commit = run("git", "rev-parse", "--short=10", "HEAD").stdout.strip()
        self.now = f"{time.strftime('%Y-%m-%d', time.gmtime())}, commit {commit or 'unknown'}"

    def judged(self, what: str, do: Callable[[Any], Result], item: Case | FixtureImage) -> Result:
        """What `do` says of a case, or what it said in an earlier run; nothing where the time is over."""
        forms = item.forms if isinstance(item, Case) else ()
        key = f"{what} {item.name}"
        kept = self.journal.row(key)
        if kept is not None:
            problem, facts, at = kept["problem"], kept["facts"], kept["at"]
            return Result(item.name, kept["verdict"], problem, False, forms, facts, kept["left_out"], at)
        if time.time() > self.until:
            return Result(item.name, late=True)
        try:
            result = do(item)
        except (OSError, ValueError) as error:
            result = Result(item.name, problem=f"harness: {error}")
        result.at = self.now
        with self.lock:
            self.journal.keep(key, result.verdict, result.problem, result.facts, result.left_out, result.at)
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
        problem = self.builder.build(folder, tag, args=case.args, network=case.network, timeout=600)
        if problem is not None:
            result.problem = f"does not build: {problem}"
        else:
            more = [f"--build-arg={name}={value}" for name, value in case.args.items()]
            self.judge(result, tag, case.base, folder.parent, folder.name, *more, packages=case.network)
            self.builder.remove(tag)
        shutil.rmtree(folder, ignore_errors=True)
        return result

    def public(self, case: Case) -> Result:
        """A Dockerfile of a repository that is copied from the disk. An instruction that fails is left out."""
        assert case.folder is not None
        result = Result(case.name)
        folder, tag = self.laid_out(case)
        dockerfile = folder / case.folder[1]
        how = built_so(folder, case.folder[1])
        for _ in range(_TRIED_AT_MOST):
            problem = self.builder.build(
                how.context, tag, dockerfile=dockerfile, args=how.args, target=how.target, timeout=120
            )
            if problem is None or not self.left_out(dockerfile, problem):
                break
            result.left_out += 1
        if problem is not None:
            result.problem = f"does not build: {problem}"
        else:
            target = str(dockerfile.relative_to(folder.parent))
            self.judge(result, tag, case.base, folder.parent, target, image=how.image)
            self.builder.remove(tag)
        shutil.rmtree(folder, ignore_errors=True)
        return result

    def left_out(self, dockerfile: Path, problem: Refusal) -> bool:
        """Take the instruction that fails out of a public Dockerfile, as it may need what a package would have brought."""
        if problem.lines is None:
            return False
        text = dockerfile.read_text("utf-8")
        less = without_instruction(text, problem.lines)
        dockerfile.write_text(less, "utf-8")
        return less != text

    def laid_out(self, case: Case) -> tuple[Path, str]:
        """Put a case's context below the builder's folder; the folder, and the tag of what is built of it."""
        name = re.sub(r"[^\w.-]+", "-", case.name)
        if case.folder is None:
            folder = self.builder.folder / "work" / name
            lay_out(folder, {**case.files, "Dockerfile": case.dockerfile})
        else:
            folder = self.builder.folder / "work" / "public" / name
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(case.folder[0], folder, symlinks=True)
            (folder.parent / "ctlint.toml").write_text("workspace = true\n")
            (folder / case.folder[1]).write_text(case.dockerfile, "utf-8")
        return folder, "oracle/" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")

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
            if result.verdict is not None and self.trees:
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
        prepare(context)
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
        image: str | None = None,
    ) -> None:
        settings = self.builder.settings(tag)
        with self.builder.mounted(tag, settings) as root:
            built = Built(root, settings, self.base(base))
            try:
                predicted = inspected(folder, target, *more, image=image)
            except InspectFailed as failed:
                result.problem = f"ctlint: {failed}"
                return
            result.verdict = compared(predicted, built, packages=packages)
