"""Less knowledge never makes more findings, and what goes for want of it is listed.

One thing is hidden from a run (a parent, a build file, a script's content, …): what is found then is among what was found
before, and every rule that lost a finding stands among those that were not decided. `make less-knowledge` hides every single
thing of every fixture, and of the ecosystem list; here a part is hidden, the same in every run.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch
from zlib import crc32

import pytest

from ctlint.lineage.boot.plan import BootPlan
from ctlint.lineage.desktop.launchers import Launcher, Launchers
from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.tree import Node, Tree
from ctlint.lineage.repository.snapshot import Snapshot
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace import workspace as workspace_module
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.rules import ct402_launcher_never_copied
from expectations import FIXTURES, FLEET, INCIDENTS, ORGANISATIONS, PAIRS, expected_in, named
from hiding import KINDS, Case, Hiding, Outcome, added, case_of, hidings, lint, unlisted, whole

CHUNKS = 12
ONE_IN = {"parent": 1, "grade": 2}
"""Which part of the things of a kind is hidden; of every other kind one in sixteen."""
CASES = [*PAIRS, *INCIDENTS, *ORGANISATIONS]
NOTHING = Outcome({}, frozenset(), {}, frozenset(), ())
"""What is said of a fixture that expects nothing: that it is so, test_rules sees, and it need not be judged here again."""
MOST_LOST = {
    "parent": 0.75,
    "grade": 0.75,
    "build file": 0.25,
    "directory": 0.15,
    "content": 0.15,
    "repository": 0.5,
    "Dockerfile": 0.5,
}
"""The share of a large organisation's findings that one hiding of a kind may take away on the average: silence is no way out."""


def chosen(case: Case, folded: Workspace) -> Iterator[Hiding]:
    for hiding in hidings(case, folded):
        if crc32(f"{case.name} {hiding}".encode()) % ONE_IN.get(hiding.kind, 16) == 0:
            yield hiding


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_less_knowledge_makes_no_finding_and_what_goes_is_listed(chunk: int) -> None:
    more: list[str] = []
    silent: list[str] = []
    for folder in CASES[chunk::CHUNKS]:
        case = case_of(folder, named(folder))
        clean = not any(expected_in(folder))
        before, folded = (NOTHING, Workspace(case.repositories, case.settings)) if clean else whole(case)
        for hiding in chosen(case, folded):
            after = lint(case, hiding)
            if after.findings and before is NOTHING:
                before = lint(case)
            more += [f"{case.name}, without {hiding}: {found}" for found in added(before, after, hiding)]
            silent += [f"{case.name}, without {hiding}: {found}" for found in unlisted(before, after, hiding)]
            assert after.crashes == ()
    assert more == [], "less knowledge made findings"
    assert silent == [], "findings went without a word"


def test_most_findings_stay_whatever_is_hidden(record_property: Any) -> None:
    """Of the example organisation, which gives many; what goes is listed there, too, and nothing new is found."""
    case = case_of(FLEET, "fleet")
    before, folded = whole(case)
    lost: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for hiding in chosen(case, folded):
        after = lint(case, hiding)
        assert added(before, after, hiding) == [], hiding
        assert unlisted(before, after, hiding) == [], hiding
        assert after.crashes == ()
        lost[hiding.kind] += sum(1 for found in before.findings if found not in after.findings)
        asked[hiding.kind] += len(before.findings)
    shares = {kind: lost[kind] / asked[kind] for kind in KINDS if asked[kind]}
    for kind, share in shares.items():
        record_property(kind, f"{share:.3f}")
    assert {kind for kind, share in shares.items() if share > MOST_LOST[kind]} == set()


# Seeded unsoundnesses: each is what a model that guesses would do, and each is caught.


def _nothing_is_there(name: str, reason: str, reference: str | None = None, tag: str | None = None) -> EffectiveImage:
    """An unknown parent taken for an empty image."""
    image = UNKNOWN_IMAGE(name, reason, reference, tag)
    from dataclasses import replace

    from ctlint.lineage.image.accounts import Accounts

    return replace(image, env_open=None, config_open=None, tree=Tree({}), accounts=Accounts())


def _clouds_hide_nothing(self: Tree, path: str, *, follow: bool = True) -> Node | Unknown | None:
    """What no node names is told absent, whoever may have written there."""
    return self.nodes.get(self.resolve(path, last=follow))


def _empty(self: Snapshot, path: str) -> bytes | Unknown:
    """A file that cannot be read is taken for an empty one."""
    content = CONTENT(self, path)
    return b"" if isinstance(content, Unknown) and self.unreadable(path) is not None else content


def _readable(self: Snapshot, path: str) -> str | None:
    return None


def _whole(self: BootPlan) -> None:
    """Whatever may start besides, it is taken for whole."""


def _surely_missed(launchers: Launchers, launcher: Launcher) -> bool:
    return MISSED(launchers, launcher) is True


UNKNOWN_IMAGE = workspace_module.unknown_image
CONTENT = Snapshot.content
MISSED = ct402_launcher_never_copied._replaced_by_miss  # pyright: ignore[reportPrivateUsage]

SEEDED: dict[str, tuple[str, tuple[tuple[Any, str, Any], ...]]] = {
    "an unknown parent is an empty image": (
        "ct401/bad ct505/bad ct304/good ct301/good ct602/good-busybox ct302/good incidents/child-sets-user/bad",
        ((workspace_module, "unknown_image", _nothing_is_there),),
    ),
    "what no file names is not there, whoever may have written it": (
        "ct105/good",
        ((Tree, "get", _clouds_hide_nothing),),
    ),
    "a file that cannot be read is empty": (
        "ct101/good ct109/good ct201/good ct204/good ct405/good",
        ((Snapshot, "content", _empty), (Snapshot, "unreadable", _readable)),
    ),
    "nothing starts but what is known to start": (
        "ct101/good ct405/good ct109/good",
        ((BootPlan, "require_whole", _whole),),
    ),
    "a rule does not yield to one that is not decided": (
        "ct403/bad incidents/launcher-in-another-case/bad",
        ((ct402_launcher_never_copied, "_replaced_by_miss", _surely_missed),),
    ),
}


@contextmanager
def seeded(changes: tuple[tuple[Any, str, Any], ...]) -> Generator[None]:
    with ExitStack() as stack:
        for holder, name, replacement in changes:
            stack.enter_context(patch.object(holder, name, replacement))
        yield


def caught(names: str) -> list[str]:
    found: list[str] = []
    for name in names.split():
        case = case_of(FIXTURES / name, name)
        before = lint(case)
        for hiding in hidings(case):
            found += [f"{name} without {hiding}: {one}" for one in added(before, lint(case, hiding), hiding)]
            if found:
                return found
    return found


@pytest.mark.parametrize("unsoundness", SEEDED)
def test_a_seeded_unsoundness_is_caught(unsoundness: str) -> None:
    names, changes = SEEDED[unsoundness]
    with seeded(changes):
        assert caught(names) != [], "it went unseen"


def test_a_run_that_does_not_list_what_it_left_open_is_caught() -> None:
    case = case_of(FIXTURES / "ct205" / "bad-cloudtop", "bad-cloudtop")
    before = lint(case)
    hiding = Hiding("parent", "helxplatform/cloudtop")
    after: Outcome = lint(case, hiding)
    assert unlisted(before, after, hiding) == []
    from dataclasses import replace

    assert [found[0] for found, _ in unlisted(before, replace(after, skipped=frozenset()), hiding)] == ["CT205"]
