"""Every rule keeps the form that the others have."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.text.places import Place, Span
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.base import Check, Message, Rule, Severity, Undecided
from ctlint.rules.discover import all_rules

ROOT = Path(__file__).parents[2]
RULES = all_rules()
HEADINGS = ["What it does", "Why it matters at run time", "When to ignore it", "References"]


def named(rule: Rule) -> str:
    return rule.code


def test_codes_and_names_are_unique_and_codes_are_those_of_the_files() -> None:
    files = sorted(path.stem for path in (ROOT / "rules").glob("ct[0-9]*.py"))
    assert [f"{rule.code.lower()}_{rule.name.replace('-', '_')}" for rule in RULES] == files
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_rule_has_a_name_that_can_be_typed_a_manual_and_two_fixtures(rule: Rule) -> None:
    assert re.fullmatch(r"CT[1-9]\d\d", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    folder = ROOT / "fixtures" / rule.code.lower()
    assert {"bad", "good"} <= {path.name for path in folder.iterdir()}
    assert re.findall(r"^## (.+)$", rule.manual, re.MULTILINE) == HEADINGS
    assert rule.summary.endswith(".")
    assert len(rule.summary) <= 120
    for section in re.split(r"^## .+$", rule.manual, flags=re.MULTILINE)[1:]:
        assert section.strip(), f"{rule.code} has an empty section"


def test_the_reference_is_that_of_the_modules(capsys: pytest.CaptureFixture[str]) -> None:
    from ctlint.lint.cli import main

    assert main(["rule", "--all", "--format", "markdown"]) == 0
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == capsys.readouterr().out, "run `make docs`"


def test_a_rule_yields_to_rules_that_there_are_and_that_say_what_they_speak_of() -> None:
    rules = {rule.code: rule for rule in all_rules()}
    yielding = {rule.code: rule.yields_to for rule in rules.values() if rule.yields_to}
    assert yielding, "some rules tell consequences"
    for code, causes in yielding.items():
        for each in (code, *causes):
            assert each in rules
            module = inspect.getsource(inspect.getmodule(rules[each].check))  # type: ignore[arg-type]
            assert "about=" in module, f"{each} never says what it speaks of"


LOST = {
    "Dockerfile": "FROM alpine:3.20\n"
    "ADD https://github.com/just-containers/s6-overlay/releases/download/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/\n"
    "RUN tar xzf /tmp/s6-overlay-amd64.tar.gz -C /\n"
    'ENV USER_NAME=""\n'
    "COPY root/ /\n"
    'ENTRYPOINT ["/init"]\n',
    "root/etc/cont-init.d/10-account.sh": FileSpec(
        b'#!/usr/bin/with-contenv sh\nid "$USER_NAME" || useradd -m "$USER_NAME"\n', 0o755
    ),
    "root/etc/cont-inits.d/50-launcher.sh": FileSpec(
        b'#!/usr/bin/with-contenv sh\ncp -n /headless/Desktop/tool.desktop "/home/$USER_NAME/Desktop/"\n', 0o755
    ),
    "root/headless/Desktop/tool.desktop": "[Desktop Entry]\nType=Application\nName=Tool\nExec=/bin/sh\n",
}


@pytest.mark.parametrize("selected", [None, ("CT402",)])
def test_a_consequence_is_silent_beside_its_cause_also_when_the_cause_is_not_selected(
    selected: tuple[str, ...] | None,
) -> None:
    """The launcher reaches no Desktop because the script that copies it lies where s6 does not read (CT101)."""
    rules = [rule for rule in all_rules() if selected is None or rule.code in selected]
    run = run_rules(Workspace([(Snapshot.from_mapping("app", LOST), ["Dockerfile"])]), rules)
    codes = {finding.rule for finding in run.findings()}
    assert "CT402" not in codes
    assert ("CT101" in codes) is (selected is None)
    right = {**LOST, "root/etc/cont-init.d/60-other.sh": "#!/bin/sh\ntrue\n"}
    del right["root/etc/cont-inits.d/50-launcher.sh"]
    run = run_rules(Workspace([(Snapshot.from_mapping("app", right), ["Dockerfile"])]), rules)
    assert "CT402" in {finding.rule for finding in run.findings()}


PLAIN = Workspace([(Snapshot.from_mapping("app", {"Dockerfile": "FROM scratch\n"}), ["Dockerfile"])])
PLACE = Place("Dockerfile", Span(1))


def _tells_cause_of_a() -> Iterator[Message | Undecided]:
    yield Undecided(Unknown("nothing tells what a is"), ("a",))


def _cannot_go_on() -> Iterator[Message | Undecided]:
    raise Unknown("nothing tells anything")
    yield  # a generator, as rules are


def _tells_consequences() -> Iterator[Message | Undecided]:
    for thing in "ab":
        yield Message(PLACE, f"{thing} is wrong.", "Mend it.", subject=thing, about=(thing,))
    yield Message(PLACE, "The rest is wrong.", "Mend it.", subject="rest")


@pytest.mark.parametrize(
    ("cause", "said", "reason"),
    [
        (_tells_cause_of_a, ["The rest is wrong.", "b is wrong."], "nothing tells what a is"),
        (_cannot_go_on, ["The rest is wrong."], "nothing tells anything"),
    ],
)
@pytest.mark.parametrize("selected", [True, False])
def test_a_consequence_is_silent_and_listed_where_its_cause_cannot_be_told(
    cause: Check, said: list[str], reason: str, selected: bool
) -> None:
    told = Rule("CT998", "cause", Severity.ERROR, "Tells a cause.", cause)
    consequence = Rule("CT999", "consequence", Severity.ERROR, "Tells it.", _tells_consequences, yields_to=("CT998",))
    run = Run((told, consequence) if selected else (consequence,), PLAIN)
    run.known = {"CT998": told, "CT999": consequence}
    run.image(PLAIN.images[0])
    assert sorted(finding.message for finding in run.findings()) == said
    assert ("CT999", reason) in {(skip.rule, skip.reason) for skip in run.skipped}


def test_whether_a_test_works_in_the_shell_is_not_guessed_of_an_unknown_parent() -> None:
    """Dash does not wait for `id … &>/dev/null` (CT207); bash does, and then the account is made once."""
    script = FileSpec(b"#!/bin/sh\nid app &>/dev/null || useradd app\n", 0o755)
    found: dict[str, set[str]] = {}
    for parent in ("debian:12", "nobody/knows:1"):
        text = f'FROM {parent}\nCOPY start.sh /start.sh\nENTRYPOINT ["/start.sh"]\n'
        files = {"Dockerfile": text, "start.sh": script}
        run = run_rules(Workspace([(Snapshot.from_mapping("app", files), ["Dockerfile"])]), all_rules())
        found[parent] = {finding.rule for finding in run.findings()} & {"CT206", "CT207", "CT208"}
        skipped = {skip.rule for skip in run.skipped}
    assert found == {"debian:12": {"CT207"}, "nobody/knows:1": set()}
    assert {"CT206", "CT207"} <= skipped


def test_a_source_that_a_makefile_fetches_is_not_decided() -> None:
    files = {
        "Dockerfile": "FROM debian:12\nCOPY app/ /app/\n",
        "Makefile": "app:\n\tgit clone https://git.example.org/app.git app\n\tdocker build -t app .\n",
    }
    run = run_rules(Workspace([(Snapshot.from_mapping("app", files), ["Dockerfile"])]), all_rules())
    assert "CT511" not in {finding.rule for finding in run.findings()}
    assert [skip.reason for skip in run.skipped if skip.rule == "CT511"] == [
        "app is not in the repository, and app/Makefile may make it"
    ]
    files["Makefile"] = "build:\n\tdocker build -t app .\n"
    run = run_rules(Workspace([(Snapshot.from_mapping("app", files), ["Dockerfile"])]), all_rules())
    assert "CT511" in {finding.rule for finding in run.findings()}


def test_a_source_below_the_repositorys_own_name_may_be_there_in_the_folder_above() -> None:
    """`docker build -f app/Dockerfile .` in the folder that the repository is checked out in."""
    files: dict[str, str | FileSpec] = {
        "Dockerfile": "FROM debian:12\nCOPY app/root/ /\nCOPY app/gone /\n",
        "root/etc/x": "x\n",
    }
    run = run_rules(Workspace([(Snapshot.from_mapping("app", files), ["Dockerfile"])]), all_rules())
    assert [finding.place.line for finding in run.findings() if finding.rule == "CT511"] == [3]
    assert "CT511" in {skip.rule for skip in run.skipped}
