"""The architecture holds: every room is described, packaged and in order, and no import walks around the contracts."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[2]
TOPS = ("lineage", "rules", "lint")
ROOMS = sorted(
    {path.parent.relative_to(ROOT).as_posix() for top in TOPS for path in (ROOT / top).glob("*/**/__init__.py")}
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All of a module, walked through once for all tests."""
    return tuple(ast.walk(parsed(path)))


@cache
def modules() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*.py")):
            found[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


def imports(module: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of ctlint that one imports: at its top, in functions, and for types alone."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".")
            base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
            inside = {f"{base}.{alias.name}".lstrip("."): base for alias in node.names}
            found |= {name if name in known else base for name, base in inside.items()}
    return found


def test_no_modules_import_each_other_in_a_circle_wherever_the_import_stands() -> None:
    known = modules()
    graph = nx.DiGraph((name, other) for name, path in known.items() for other in imports(name, path, known))
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


def test_one_class_name_is_one_class() -> None:
    places: dict[str, list[str]] = {}
    for name, path in modules().items():
        for node in nodes_of(path):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def compiled_while_loading(node: ast.AST) -> Iterator[ast.Call]:
    """The calls of `re.compile` outside of all functions: they run whenever the module is loaded."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call) and ast.unparse(child.func) == "re.compile":
            yield child
        if not isinstance(child, (ast.FunctionDef, ast.Lambda)):
            yield from compiled_while_loading(child)


def test_no_pattern_is_compiled_while_a_module_is_loaded() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}: write pattern(…) of lineage/late/patterns.py"
        for path in modules().values()
        for call in compiled_while_loading(parsed(path))
    ]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_for_what_it_stands_on_and_where_to_begin(room: str) -> None:
    tree = ast.parse((ROOT / room / "__init__.py").read_text("utf-8"))
    assert len(tree.body) == 1, "a room's __init__.py holds its description and imports nothing"
    said = ast.get_docstring(tree)
    assert said is not None
    assert "Stands on" in said
    begin = said.partition("Begin reading at ")[2]
    named = re.findall(r"`([a-z0-9_]+\.py)`", begin)
    assert named, "the file to begin with is named"
    assert [name for name in named if not (ROOT / room / name).is_file()] == []


def test_every_room_is_packaged() -> None:
    packages = set(PROJECT["tool"]["setuptools"]["packages"])
    folders = PROJECT["tool"]["setuptools"]["package-dir"]
    wanted = {f"ctlint.{room.replace('/', '.')}": room for room in ROOMS}
    assert set(wanted) <= packages
    assert {package: folders.get(package) for package in wanted} == wanted


def test_the_page_on_architecture_walks_through_every_room_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert [room for room in ROOMS if room not in links] == []
    for document in ("README.md", "CONTRIBUTING.md"):
        assert "(ARCHITECTURE.md)" in (ROOT / document).read_text("utf-8"), document


SEEDED = {
    "lineage/builds/published_names.py": ("networkx", "requests", "yaml", "rich", "subprocess", "tree_sitter", "pygls"),
    "lineage/text/symbolic.py": ("dockerfile_parse", "ctlint.lineage.shell.parse"),
    "lineage/commands/model.py": ("ctlint.lineage.interpreter.interpret",),
    "rules/shared/users/secrets.py": ("ctlint.rules.shared.scripts.bashisms",),
    "rules/base.py": (
        "pathlib",
        "os",
        "ctlint.lineage.graph.graph",
        "ctlint.lineage.repository.disk",
        "ctlint.lint.cli",
    ),
    "lint/config/effective.py": ("ctlint.lint.judging.engine",),
}
"""Imports that would walk around the order or a library's contract, by the file that would make them."""


def test_imports_against_the_order_are_refused(tmp_path: Path) -> None:
    """Each seeded import is named in what import-linter says, and so is a room without a place in the order."""
    package = tmp_path / "ctlint"
    package.mkdir()
    (package / "__init__.py").touch()
    known = modules()
    for name, path in known.items():
        target = package / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"import ctlint.{other}" for other in sorted(imports(name, path, known))]
        outside = re.findall(r"^\s*(?:from|import) ([a-z_0-9]+)", path.read_text("utf-8"), re.MULTILINE)
        lines += [f"import {library}" for library in sorted(set(outside)) if library != "ctlint"]
        lines += [f"import {seed}" for seed in SEEDED.get(path.relative_to(ROOT).as_posix(), ())]
        target.write_text("\n".join(lines) + "\n", "utf-8")
    (package / "__main__.py").write_text("import ctlint.lint.cli\n", "utf-8")
    room = package / "lineage" / "newroom"
    room.mkdir()
    (room / "__init__.py").touch()
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(text[text.index("[tool.importlinter]") :], "utf-8")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "300"},
    )
    said = " ".join(done.stdout.split())
    assert done.returncode == 1, done.stdout
    for path, seeds in SEEDED.items():
        module = "ctlint." + path.removesuffix(".py").replace("/", ".")
        assert [seed for seed in seeds if f"{module} -> {seed}" not in said] == [], done.stdout
    assert "newroom" in said


FAMILIES = re.compile(
    r"heliumdatastage|helxplatform|\bhelx\b|linuxserver|\blscr\b|lsiobase|hassio|jlesage|accetto|jovyan|cloudtop|webtop|crazy-?max"
    r"|binhex|serversideup|bashio|lsiown|\brenci\b|/headless|/custom-|tiredofit|sdr-enthusiasts|organizr"
    r"|_add_?ons?(?![a-z])|docker_mods",
    re.IGNORECASE,
)
"""Names of organisations and families of images, and of what they alone have: these are data."""
FAMILY_FILES = sorted((ROOT / "lineage" / "families").glob("*.json"))
ANYBODYS = {"TZ", "UMASK", "config.yaml", "config.yml", "config.json", "config.env", "release_tag"}
"""What the data of a family names and others have, too."""
READERS_OF_A_PLATFORM = {"lineage/consumers/files.py", "lineage/consumers/home_assistant.py"}
"""Files that read how a platform runs images, as others read Kubernetes' manifests: its word for that is no family's."""
EXAMPLES_OF_USE = {"lint/arguments/parser.py", "lint/arguments/lint.py", "lint/arguments/graph.py"}
"""Files whose help texts show how the commands are typed."""


def families_named(nodes: Iterable[ast.AST]) -> list[tuple[int, str]]:
    """The lines of a module that name a family, in a string or as a name; not in what documents it."""
    found = list[tuple[int, str]]()
    nodes = tuple(nodes)
    texts = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        word = node.value if isinstance(node, ast.Constant) and id(node) not in texts else None
        word = getattr(node, {ast.Name: "id", ast.arg: "arg", ast.Attribute: "attr"}.get(type(node), "name"), word)
        if isinstance(word, str) and FAMILIES.search(word):
            found.append((node.lineno, word[:80]))
    return found


def test_no_organisation_or_family_of_images_is_named_in_code() -> None:
    found: list[str] = []
    for path in modules().values():
        name = path.relative_to(ROOT).as_posix()
        if name not in EXAMPLES_OF_USE | READERS_OF_A_PLATFORM:
            found += [f"{name}:{line}: {word}" for line, word in families_named(nodes_of(path))]
    assert found == []


@pytest.mark.parametrize(
    ("line", "named"),
    [
        *((f"{name} = frozenset()", True) for name in ("_ADD_ON", "_ADDONS", "_ADD_ONS_FILES", "DOCKER_MODS")),
        *((f'_A = "{text}"', True) for text in ("lscr.io/x", "/custom-cont-init.d", "with bashio", "tiredofit/alpine")),
        ("def is_cloudtop() -> bool: ...", True),
        ("def _add_on(text: str) -> str: ...", True),
        ('"""Read by linuxserver images."""', False),
        ("_ADDED = 1", False),
        ("class Jovyan: ...", True),
        ("def start(linuxserver: bool) -> None: ...", True),
        ("x = one.is_webtop", True),
        ('_A = "/customs"', False),
    ],
)
def test_a_family_that_is_named_is_seen(line: str, named: bool) -> None:
    assert bool(families_named(ast.walk(ast.parse(line)))) is named


def marks_of_families() -> re.Pattern[str]:
    """What the data files of the families name: their commands, files, variables, hooks and folders of start scripts."""
    keys = ("extending-variables", "given-variables", "named-in-pipelines", "start-hooks", "harmless", "asking")
    said: set[str] = set()
    for path in FAMILY_FILES:
        data = json.loads(path.read_text("utf-8"))
        said.update(name for each in data.get("start-variables", ()) for name in each["names"])
        said.update(word for key in keys for word in data.get(key, ()))
        said.update(word for key in ("commands", "interpreters", "start-directories") for word in data.get(key, {}))
        said.update(data.get("branch-tags", {}).get(key, "TZ") for key in ("file", "key"))
        said.update(each["file"] for each in data.get("named-by-variables", ()))
        said.update(name for each in data.get("named-in-documents", ()) for name in each["files"])
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(said - ANYBODYS)))


def test_what_the_data_of_a_family_names_is_named_there_alone() -> None:
    marks, found = marks_of_families(), list[str]()
    for path in modules().values():
        texts = {id(node.value) for node in nodes_of(path) if isinstance(node, ast.Expr)}
        for node in nodes_of(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
                found += [f"{path.name}:{node.lineno}: {word}" for word in marks.findall(node.value)]
    assert found == []


def test_the_tests_mirror_the_rooms() -> None:
    """A folder of tests is a room, a subject of `rules`, `whole` (of all together) or `helpers`."""
    known = {*ROOMS, "rules"}
    folders = {path.parent.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders - known == {"whole"}
    without = {path.name for path in (ROOT / "tests").glob("*.py")} - {"conftest.py"}
    assert without == set(), "a test or helper without a room"
