"""Configuration: where it is found, how files combine, what is refused, and which rules run."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import jsonschema
import pytest

from ctlint.lineage.text.errors import UsageError
from ctlint.lint.config.effective import Config, load_config
from ctlint.lint.config.selection import SelectionLayer, nearest, select_rules
from ctlint.lint.output.json_schema import SCHEMAS, schema
from ctlint.rules.base import Severity


@dataclass(frozen=True)
class FakeRule:
    code: str
    name: str
    preview: bool = False


RULES = (
    FakeRule("CT104", "s6-not-executable"),
    FakeRule("CT202", "launcher-not-shown"),
    FakeRule("CT204", "init-not-last"),
    FakeRule("CT205", "init-before-account"),
    FakeRule("CT901", "new-idea", preview=True),
)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), "utf-8")
    return path


def codes(config: Config, **options: Any) -> list[str]:
    return [rule.code for rule in config.selected(RULES, **options).rules]


def refused(tmp_path: Path, text: str, name: str = "ctlint.toml") -> str:
    write(tmp_path / name, text)
    with pytest.raises(UsageError) as error:
        load_config(tmp_path).selected(RULES)
    return str(error.value)


def test_without_any_file_the_defaults_hold(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    assert config.root == tmp_path
    assert config.fail_on is Severity.WARNING
    assert codes(config) == ["CT104", "CT202", "CT204", "CT205"]
    assert {str(entry.origin) for entry in config.entries()} == {"default"}


@pytest.mark.parametrize("name", ["ctlint.toml", ".ctlint.toml", "pyproject.toml"])
def test_the_nearest_folder_wins(tmp_path: Path, name: str) -> None:
    header = "[tool.ctlint]\n" if name == "pyproject.toml" else ""
    write(tmp_path / "ctlint.toml", "fail-on = 'info'")
    write(tmp_path / "a" / name, f"{header}fail-on = 'error'")
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert load_config(tmp_path / "a/b/c").fail_on is Severity.ERROR
    assert load_config(tmp_path / "a/b/c").root == tmp_path / "a"
    assert load_config(tmp_path).fail_on is Severity.INFO


def test_a_pyproject_of_another_tool_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "ctlint.toml", "fail-on = 'error'")
    write(tmp_path / "a/pyproject.toml", "[project]\nname = 'x'\ndependencies = ['ctlint']\n")
    assert load_config(tmp_path / "a").root == tmp_path


def test_in_one_folder_the_hidden_file_wins_over_the_plain_one_and_that_over_pyproject(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool.ctlint]\nfail-on = 'info'")
    write(tmp_path / "ctlint.toml", "fail-on = 'warning'")
    assert load_config(tmp_path).fail_on is Severity.WARNING
    write(tmp_path / ".ctlint.toml", "fail-on = 'error'")
    assert load_config(tmp_path).fail_on is Severity.ERROR


def test_an_explicit_file_is_taken_whatever_lies_nearer(tmp_path: Path) -> None:
    write(tmp_path / "ctlint.toml", "fail-on = 'info'")
    other = write(tmp_path / "ci/strict.toml", "fail-on = 'error'")
    assert load_config(tmp_path, other).fail_on is Severity.ERROR


def test_every_key_is_understood(tmp_path: Path) -> None:
    (tmp_path / "cloudtop").mkdir()
    write(
        tmp_path / "ctlint.toml",
        """
        select = ["CT"]
        ignore = ["CT202"]
        extend-select = ["CT901"]
        fail-on = "error"
        moving-tags = ["latest", "*-dev"]
        exclude = ["vendor/"]
        baseline = "known.json"
        require-reason = true
        workspace = true
        [severity]
        CT1 = "info"
        [per-file-ignores]
        "legacy/*" = ["CT2"]
        [build-args]
        TAG = ""
        [parents]
        "acme/cloudtop" = "cloudtop"
        "acme/web*" = "github:acme/webtop@v1"
        "tomcat" = "debian:12"
        [aliases]
        "old/" = "new/"
        [names]
        "Dockerfile" = "acme/app"
        "dev/Dockerfile" = ["acme/app-dev", "acme/dev"]
        [contexts."dev/Dockerfile"]
        context = "."
        target = "run"
        build-args = {A = "1"}
        """,
    )
    config = load_config(tmp_path)
    assert codes(config, preview=True) == ["CT104", "CT204", "CT205", "CT901"]
    assert config.severities(RULES) == {"CT104": Severity.INFO}
    assert config.moving_tags == ("latest", "*-dev")
    assert config.baseline == tmp_path / "known.json"
    assert config.require_reason
    assert config.workspace
    assert config.build_args == {"TAG": ""}
    parent = config.parents["acme/cloudtop"]
    assert (parent.kind, parent.value) == ("path", str(tmp_path / "cloudtop"))
    assert {str(each) for each in config.parents.values()} >= {"github:acme/webtop@v1", "debian:12"}
    assert dict(config.aliases) == {"old/": "new/"}
    assert config.names == {"Dockerfile": ("acme/app",), "dev/Dockerfile": ("acme/app-dev", "acme/dev")}
    context = config.contexts["dev/Dockerfile"]
    assert (context.context, context.target, context.build_args) == (tmp_path, "run", {"A": "1"})


def test_extend_takes_the_rest_from_an_organisations_file_and_merges_tables(tmp_path: Path) -> None:
    write(
        tmp_path / "org/base.toml",
        """
        fail-on = "error"
        ignore = ["CT104"]
        baseline = "known.json"
        workspace = true
        [severity]
        CT2 = "info"
        CT205 = "error"
        [aliases]
        "old/a" = "new/a"
        """,
    )
    write(
        tmp_path / "repo/ctlint.toml", 'extend = "../org/base.toml"\nignore = ["CT202"]\n[severity]\nCT205 = "warning"'
    )
    config = load_config(tmp_path / "repo")
    assert config.fail_on is Severity.ERROR
    assert codes(config) == ["CT204", "CT205"]
    assert config.severities(RULES)["CT205"] is Severity.WARNING
    assert config.severities(RULES)["CT204"] is Severity.INFO
    assert config.aliases == {"old/a": "new/a"}
    assert config.baseline == tmp_path / "org/known.json", "a path is relative to the file that says it"
    assert not config.workspace, "that the organisation's folder is a workspace does not make the repository one"


def test_paths_of_dockerfiles_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    write(tmp_path / "ctlint.toml", '[names]\n"app/Dockerfile" = "acme/app"')
    write(tmp_path / "app/ctlint.toml", 'extend = "../ctlint.toml"')
    config = load_config(tmp_path / "app")
    assert config.file_of("names", "app/Dockerfile") == tmp_path / "app/Dockerfile"


def test_extend_in_a_circle_is_told_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "other.toml", 'extend = "ctlint.toml"')
    assert "in a circle" in refused(tmp_path, 'extend = "other.toml"')


def test_a_missing_extended_file_is_an_error_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(tmp_path, '\nextend = "nowhere.toml"').startswith("ctlint.toml:2: extend names nowhere.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extend_select = []", "ctlint.toml:1: the key extend_select is unknown; did you mean extend-select?"),
        ("\nselct = []", "ctlint.toml:2: the key selct is unknown; did you mean select?"),
        ('[contexts."a/Dockerfile"]\ntraget = "x"', 'did you mean contexts."a/Dockerfile".target?'),
        ("[tool.ctlint]\nselect = []", "in ctlint.toml the keys stand at the top, without [tool.ctlint]."),
        ("zzz = 1", "known are aliases, baseline"),
        ('select = "CT2"', 'ctlint.toml:1: select must be a list of strings, not "CT2".'),
        ("select = [1]", "select must be a list of strings, not a list with other things."),
        ("select = ['']", "select holds an empty string"),
        ("fail-on = 'bad'", 'fail-on must be "error", "warning" or "info", not "bad".'),
        ("fail-on = 3", 'fail-on must be "error", "warning" or "info", not the number 3.'),
        ("require-reason = 'yes'", 'require-reason must be true or false, not "yes".'),
        (
            "[build-args]\nNODE = 1.20",
            ":2: build-args.NODE must be a string (put it in quotes), not the number 1.2",
        ),
        ("severity = true", "severity must be a table, not true."),
        ("[parents]\nx = 'github:only'", "which is not github:OWNER/REPO"),
        ("[parents]\nx = 'Not An Image'", "is neither a path that exists, nor github:OWNER/REPO, nor an image"),
        ("[aliases]\n'a/' = 'b'", "must both end in"),
        ("baseline = ''", "baseline is empty"),
        ("names = 2020-01-01", "names must be a table, not the date or time 2020-01-01."),
        ("[names]\nDockerfile = 1", "names.Dockerfile must be a string or a list of strings, not the number 1."),
        ("select = ['CT999']", "select: no rule is called `CT999`"),
        ("ignore = ['init-before-acount']", "did you mean `init-before-account`"),
        ("[severity]\nCT7 = 'info'", "ctlint.toml:2: no rule is called `CT7`"),
        ("[per-file-ignores]\n'x' = ['nope']", "ctlint.toml:2: no rule is called `nope`"),
        ("select = [", "ctlint.toml: is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert expected in refused(tmp_path, text)


def test_unreadable_bytes_and_tables_of_the_wrong_kind_are_usage_errors(tmp_path: Path) -> None:
    (tmp_path / "ctlint.toml").write_bytes(b"select = ['\xff']")
    with pytest.raises(UsageError, match="is not UTF-8"):
        load_config(tmp_path)
    (tmp_path / "ctlint.toml").unlink()
    assert "tool.ctlint must be a table" in refused(tmp_path, "[tool]\nctlint = 3", "pyproject.toml")


def test_a_broken_pyproject_that_may_hold_our_table_is_told(tmp_path: Path) -> None:
    assert "is not valid TOML" in refused(tmp_path, "[tool.ctlint]\nselect = [\n", "pyproject.toml")


def test_every_value_knows_the_line_that_set_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path / "pyproject.toml",
        '''
        [project]
        description = """
        select = 1
        """
        select = "of another table"
        [tool.ctlint]
        ignore = [
          "CT202", # select = []
        ]
        select = ["CT2"]
        parents.tomcat = "debian:12"
        [tool.ctlint.severity]
        "CT205" = "info"
        ''',
    )
    config = load_config(tmp_path).with_options(fail_on=Severity.ERROR, build_args={"A": "1"})
    origins = {entry.key: str(entry.origin) for entry in config.entries()}
    assert origins[("ignore",)] == "pyproject.toml:8"
    assert origins[("select",)] == "pyproject.toml:11"
    assert origins[("parents", "tomcat")] == "pyproject.toml:12"
    assert origins[("severity", "CT205")] == "pyproject.toml:14"
    assert origins[("fail-on",)] == "command line"
    assert origins[("build-args", "A")] == "command line"
    assert origins[("exclude",)] == "default"


def test_entries_are_plain_values_that_json_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path / "ctlint.toml",
        'baseline = "b.json"\n[parents]\nx = "./y"\n[contexts.Dockerfile]\ncontext = "."\n[severity]\nCT1 = "info"',
    )
    values = {entry.key: entry.value for entry in load_config(tmp_path).entries()}
    assert json.loads(json.dumps(list(values.values()))) == list(values.values())
    assert values[("baseline",)] == "b.json"
    assert values[("parents", "x")] == "y"
    assert values[("contexts", "Dockerfile")] == {"context": "."}
    assert values[("severity", "CT1")] == "info"
    assert values[("select",)] == ["ALL"]


@pytest.mark.parametrize(
    ("file", "command_line", "expected"),
    [
        ({}, {}, ["CT104", "CT202", "CT204", "CT205"]),
        ({"select": ("CT2",)}, {}, ["CT202", "CT204", "CT205"]),
        ({"select": ("ct205",)}, {}, ["CT205"]),
        ({"select": ("init-before-account",)}, {}, ["CT205"]),
        ({"select": ("ALL",), "ignore": ("CT2",)}, {}, ["CT104"]),
        ({"select": ("CT205",), "ignore": ("CT2",)}, {}, ["CT205"]),
        ({"select": ("CT2",), "ignore": ("CT205",)}, {}, ["CT202", "CT204"]),
        ({"select": ("CT2", "CT20"), "ignore": ("CT2",)}, {}, ["CT202", "CT204", "CT205"]),
        ({"select": ("CT2",), "ignore": ("CT2",)}, {}, []),
        ({"select": ()}, {}, []),
        ({"select": (), "extend_select": ("CT1",)}, {}, ["CT104"]),
        ({"ignore": ("CT2",)}, {"select": ("CT205",)}, ["CT205"]),
        ({"select": ("CT1",), "ignore": ("CT202",)}, {"extend_select": ("CT204",)}, ["CT104", "CT204"]),
        ({"select": ("CT1",)}, {"ignore": ("CT104",)}, []),
        ({"ignore": ("CT205",)}, {"extend_select": ("CT2",)}, ["CT104", "CT202", "CT204", "CT205"]),
    ],
)
def test_the_more_specific_selector_wins_and_the_command_line_over_the_file(
    file: dict[str, tuple[str, ...]], command_line: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    layers = [SelectionLayer("ctlint.toml", **file), SelectionLayer("command line", **command_line)]
    assert [rule.code for rule in select_rules(RULES, layers).rules] == expected


def test_the_command_lines_selection_is_a_layer_above_the_files(tmp_path: Path) -> None:
    write(tmp_path / "ctlint.toml", "select = ['CT1']\nignore = ['CT205']")
    config = load_config(tmp_path).with_options(select=["CT2"], ignore=None)
    assert codes(config) == ["CT202", "CT204", "CT205"]
    with pytest.raises(UsageError, match=r"^command line: select: no rule is called `CT3`"):
        load_config(tmp_path).with_options(select=["CT3"]).selected(RULES)


def test_preview_rules_need_preview_and_say_so_when_asked_for_by_code() -> None:
    chosen = select_rules(RULES, [SelectionLayer("command line", select=("CT901", "CT104"))])
    assert [rule.code for rule in chosen.rules] == ["CT104"]
    assert chosen.notes == ("command line: CT901 is a preview rule and stays off without --preview.",)
    with_preview = select_rules(RULES, [SelectionLayer("command line", select=("CT901",))], preview=True)
    assert with_preview.codes == {"CT901"}
    assert not with_preview.notes


def test_a_renamed_code_is_accepted_with_a_word() -> None:
    chosen = select_rules(RULES, [SelectionLayer("ctlint.toml", ignore=("CT299",))], renamed={"CT299": "CT205"})
    assert "CT205" not in chosen.codes
    assert chosen.notes == ("ctlint.toml: `CT299` is called `CT205` now.",)


def test_per_file_ignores_and_exclude_take_gitignore_patterns_from_the_files_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path / "ctlint.toml",
        """
        exclude = ["vendor/", "*.bak", "!keep.bak"]
        [per-file-ignores]
        "/legacy/**/*.sh" = ["CT2"]
        "*.desktop" = ["init-before-account"]
        "!src/**" = ["CT104"]
        """,
    )
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    config = load_config(tmp_path)
    assert config.ignored_in("../legacy/a/b.sh", RULES) == {"CT202", "CT204", "CT205", "CT104"}
    assert config.ignored_in("../src/x.desktop", RULES) == {"CT205"}
    assert config.ignored_in(tmp_path / "src/legacy/b.sh", RULES) == frozenset()
    assert config.excludes("../vendor/x/Dockerfile")
    assert config.excludes("y.bak")
    assert not config.excludes("keep.bak")
    assert not config.excludes(tmp_path.parent / "vendor/Dockerfile")


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_schemas(name: str) -> None:
    document = json.loads(schema(name))
    jsonschema.Draft202012Validator.check_schema(document)
    parts = document.get("oneOf", [document["items"]] if "items" in document else ())
    shapes = [document["$defs"][one["$ref"].rpartition("/")[2]] for one in parts] or [document]
    assert all(shape["additionalProperties"] is False for shape in shapes)
    with pytest.raises(KeyError):
        schema("nothing")


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("select = ['ALL', 'CT', 'CT2', 'CT205', 'init-before-account']\n[names]\na = 'x'\nb = ['y']", True),
        ("[contexts.Dockerfile]\ncontext = '.'\nbuild-args = {A = ''}", True),
        ("[per-file-ignores]\n'a/**' = ['CT2']\n[severity]\nCT2 = 'info'\n[build-args]\nA = ''", True),
        ("fail-on = 'error'\nworkspace = true\nrequire-reason = false\nmoving-tags = ['latest']", True),
        ("selct = []", False),
        ("select = 'CT2'", False),
        ("[severity]\nCT2 = 'bad'", False),
        ("[build-args]\nA = 1", False),
        ("[contexts.Dockerfile]\ntraget = 'x'", False),
        ("baseline = ''", False),
        ("[names]\nDockerfile = 1", False),
    ],
)
def test_the_configurations_schema_accepts_what_the_loader_accepts(tmp_path: Path, text: str, valid: bool) -> None:
    validator: Any = jsonschema.Draft202012Validator(json.loads(schema()))
    found = list(validator.iter_errors(tomllib.loads(text)))
    assert (not found) is valid
    write(tmp_path / "ctlint.toml", text)
    if valid:
        assert load_config(tmp_path).files
        return
    with pytest.raises(UsageError):
        load_config(tmp_path)


def test_the_configurations_schema_knows_every_key_of_the_loader() -> None:
    from ctlint.lint.config.keys import TABLES, VALUES

    assert set(json.loads(schema())["properties"]) == {*TABLES, *VALUES}


def test_a_key_in_an_inline_table_has_the_tables_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "ctlint.toml", 'fail-on = "error"\nparents = {tomcat = "debian:12", "acme/x" = "acme/y"}')
    config = load_config(tmp_path)
    assert str(config.origin("parents", "acme/x")) == "ctlint.toml:2"


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_config(tmp_path, tmp_path / "nowhere.toml")


def test_extend_must_be_a_path(tmp_path: Path) -> None:
    assert "extend must be the path of a file" in refused(tmp_path, "extend = ['a.toml', 'b.toml']")


def test_a_far_word_proposes_nothing() -> None:
    assert nearest("completely-different", ["select"]) is None
