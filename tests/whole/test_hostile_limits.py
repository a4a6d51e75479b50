"""Files that would cost more than they are worth to read: each is refused by itself, in time that its size justifies."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ctlint.lint.cli import main

PLAIN = "FROM debian:12.8-slim\n"
S6 = "FROM lscr.io/linuxserver/baseimage-alpine:3.20\nCOPY run /etc/cont-init.d/10-x\n"
WEBTOP = "FROM lscr.io/linuxserver/webtop:ubuntu-xfce\nCOPY a.desktop /usr/share/applications/\n"
Files = dict[str, str]


def doubled(first: str, row: str, count: int) -> str:
    return first + "".join(row.replace("NEXT", str(n + 1)).replace("N", str(n)) for n in range(count))


def loops(body: str) -> Files:
    words = " ".join(map(str, range(60)))
    heads = "".join(f"for a{n} in {words}; do\n" for n in range(6))
    return {"Dockerfile": S6, "run": f"#!/bin/bash\n{heads}{body}\n{'done;' * 6}\n"}


def chain(path: str, row: str, count: int, last: str = "") -> Files:
    """Files each of which names the next one."""
    names = [path.replace("N", str(number)) for number in range(count)]
    return {
        **{name: row.replace("NEXT", str(number + 1)) for number, name in enumerate(names)},
        path.replace("N", str(count)): last,
    }


SEVENTEEN = ", ".join(f'"{number}"' for number in range(17))
RESOURCES = "images: [{name: a, newName: b}]\nresources: [RESOURCE]\n"


def chart(value: str) -> tuple[str, Files]:
    template = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {}\n"
    files = {"Chart.yaml": "name: x\nversion: 1.0.0\n", "values.yaml": "a: b\n"}
    return "templates/d.yaml", {**files, "templates/d.yaml": template.format(value)}


REFUSED: dict[str, tuple[str, Files]] = {
    "bake variables that double": (
        "docker-bake.hcl",
        {
            "docker-bake.hcl": doubled("", 'variable "vN" {\n default="${vNEXT}${vNEXT}"\n}\n', 50)
            + 'variable "v50" {\n default="xx"\n}\ntarget "t" {\n tags=["${v0}"]\n}\n'
        },
    ),
    "a .env that doubles": (
        "docker-compose.yml",
        {
            ".env": doubled("A0=xx\n", "ANEXT=$AN$AN\n", 40),
            "docker-compose.yml": "services:\n  a:\n    build: .\n    image: x:$A40\n",
        },
    ),
    "env of a workflow that doubles": (
        ".github/workflows/x.yml",
        {
            ".github/workflows/x.yml": doubled("env:\n  A0: xx\n", "  ANEXT: ${{ env.AN }}${{ env.AN }}\n", 40)
            + "jobs:\n  a:\n    runs-on: x\n    steps:\n    - run: docker build .\n"
        },
    ),
    "variables of a Jenkinsfile that double": (
        "Jenkinsfile",
        {"Jenkinsfile": doubled("A0 = 'xx'\n", 'ANEXT = "${AN}${AN}"\n', 40) + 'sh "docker build -t $A40 ."\n'},
    ),
    "a long list of references in a Makefile": (
        "Makefile",
        {"Makefile": f"A={'b' * 200}\nx:\n\tdocker build -t {'$(A)' * 1000} .\n"},
    ),
    "settings of an editor's container nested too deeply": (
        ".devcontainer/devcontainer.json",
        {".devcontainer/devcontainer.json": '{"dockerComposeFile": "x.yml", "service": "a", "features": ' + "[" * 600},
    ),
    "a document nested too deeply": ("compose.yml", {"compose.yml": "services:\n  a:\n    build: " + "[" * 600 + "\n"}),
    "targets that inherit too deeply": (
        "docker-bake.hcl",
        {
            "docker-bake.hcl": doubled("", 'target "tN" {\n inherits=["tNEXT"]\n}\n', 60)
            + 'target "t60" {\n dockerfile="Dockerfile"\n}\n'
        },
    ),
    "loops in loops": ("run", loops("touch /x")),
    "values of ENV that double": (
        "Dockerfile",
        {"Dockerfile": doubled(PLAIN + "ENV A0=xx\n", "ENV ANEXT=$AN$AN\n", 40) + "ENTRYPOINT /x\n"},
    ),
    "values of ARG that double before FROM": (
        "Dockerfile",
        {"Dockerfile": doubled("ARG A0=xx\n", "ARG ANEXT=$AN$AN\n", 40) + "FROM debian:$A40\nENTRYPOINT /x\n"},
    ),
    "substitutions in substitutions": (
        "Dockerfile",
        {"Dockerfile": PLAIN + "ENV A=" + "${A:-" * 10_100 + "}" * 10_100 + "\n"},
    ),
    "patterns over long values": (
        "Dockerfile",
        {"Dockerfile": PLAIN + f"ENV A={'a' * 4000}\n" + "ENV B=${A//*a*a*a*b/x}\n" * 200},
    ),
    "patterns over long values before FROM": (
        "Dockerfile",
        {"Dockerfile": f"ARG A={'a' * 4000}\n" + "ARG B=${A//*a*a*a*b/x}\n" * 200 + "FROM x:$B\n"},
    ),
    "copies of copies": (
        "Dockerfile",
        {
            "Dockerfile": PLAIN
            + "RUN touch /a\n"
            + "RUN mkdir /b && cp -r /a /b/x && cp -r /a /b/y && rm -r /a && mv /b /a\n" * 30
        },
    ),
    "changes of a whole tree": (
        "Dockerfile",
        {
            "Dockerfile": PLAIN
            + f"RUN mkdir -p {' '.join(f'/d/{n}' for n in range(900))}\n"
            + "RUN chmod -R 7 /d && chmod -R 1 /d\n" * 400
        },
    ),
    "ports without end": ("Dockerfile", {"Dockerfile": PLAIN + "EXPOSE 1-65535\n" * 10}),
    "folders in folders": ("Dockerfile", {"Dockerfile": PLAIN + "WORKDIR a\n" * 1500}),
    "a text repeated by a chart": chart('{{ "a" | indent 1000000000 }}'),
    "a text replaced by a chart": chart('{{ "' + "a" * 60000 + '" | replace "a" "' + "b" * 60000 + '" }}'),
    "loops in loops without a command": ("run", loops("x=1")),
    "a bake file with a large matrix": (
        "docker-bake.hcl",
        {
            "docker-bake.hcl": 'target "t" {\n name = "t-${a}-${b}"\n'
            f" matrix = {{ a = [{SEVENTEEN}], b = [{SEVENTEEN}] }}\n}}\n"
        },
    ),
    "a workflow with a large matrix": (
        ".github/workflows/x.yml",
        {
            ".github/workflows/x.yml": "on: push\njobs:\n a:\n  runs-on: x\n  strategy:\n   matrix:\n"
            f"    a: [{SEVENTEEN}]\n    b: [{SEVENTEEN}]\n  steps:\n  - run: docker build -t x:${{{{ matrix.a }}}} .\n"
        },
    ),
    "a Makefile of many files": (
        "Makefile",
        {"Makefile": "include m0.mk\nx:\n\tdocker build .\n", **chain("mN.mk", "include mNEXT.mk\n", 120, "A = b\n")},
    ),
    "a build script of many files": (
        "build.sh",
        {"build.sh": "#!/bin/sh\n. ./s0\ndocker build -t x .\n", **chain("sN", ". ./sNEXT\n", 120, "A=b\n")},
    ),
    "resources below resources": (
        "k0/kustomization.yaml",
        chain("kN/kustomization.yaml", RESOURCES.replace("RESOURCE", "../kNEXT"), 50, "resources: []\n"),
    ),
    "resources taken thrice": (
        "k0/kustomization.yaml",
        {
            **chain("kN/kustomization.yaml", "resources: [../kNEXT, ../kNEXT/., ./../kNEXT]\n", 12, "resources: []\n"),
            "k0/kustomization.yaml": RESOURCES.replace("RESOURCE", "../k1, ../k1/., ./../k1"),
        },
    ),
    "services that extend each other": (
        "compose.yaml",
        {"compose.yaml": doubled("services:\n", "  sN:\n    extends: sNEXT\n", 60) + "  s60:\n    image: x\n"},
    ),
    "a defect below many braces": (
        "run",
        {"Dockerfile": S6, "run": "#!/bin/bash\n" + "{\n" * 70 + "chown app: /x\n" + "}\n" * 70},
    ),
    "evals of evals": ("run", {"Dockerfile": S6, "run": "#!/bin/bash\n" + "eval " * 2000 + "touch /x\n"}),
    "a thousand conditions on each other": ("run", {"Dockerfile": S6, "run": "#!/bin/bash\na" + " || b" * 1500 + "\n"}),
}

TAKEN: dict[str, Files] = {
    "copies that follow links in a circle": {
        "Dockerfile": PLAIN
        + "RUN mkdir /a && ln -s /a /a/x && cp -rL /a /b\n"
        + "RUN mkdir -p /c/d && ln -s .. /c/d/u && cp -rL /c /e && rsync -aL /c/ /f/\n"
    },
    "targets that inherit twice": {
        "docker-bake.hcl": doubled("", 'target "tN" {\n inherits=["tNEXT","tNEXT"]\n}\n', 40)
        + 'target "t40" {\n dockerfile="Dockerfile"\n}\n'
    },
    "words of execline that double": {
        "Dockerfile": S6.replace("cont-init.d/10-x", "services.d/x/run"),
        "run": doubled("#!/command/execlineb -P\ndefine v0 xx\n", "define vNEXT ${vN}${vN}\n", 40) + "echo $v40\n",
    },
    "a long value, taken again and again": {
        "Dockerfile": PLAIN + "ENV A=" + ("a" * 60000 + "\\\n") * 2 + "a\n" + "ENV B=$A\n" * 20
    },
    "merges of merges": {
        "docker-compose.yml": "x0: &x0\n  image: a\n"
        + "".join(f"x{n + 1}: &x{n + 1}\n  <<: [{', '.join([f'*x{n}'] * 30)}]\n" for n in range(8))
        + "services:\n  a:\n    <<: *x8\n    build: .\n"
    },
    "patterns of many stars": {
        ".gitignore": "*a" * 12 + "b\n" + "**/a/" * 12 + "b\n",
        ".dockerignore": "*a" * 12 + "b\n" + "**/a/" * 12 + "*b\n",
        "ctlint.toml": f'exclude = ["{"*a" * 12}b"]\n',
        "Dockerfile": PLAIN + f"COPY {'*a' * 12}b /x\nCOPY . /y\n",
        "a" * 150: "",
        "/".join("a" * 60) + "/x": "",
    },
    "a template with a thousand blanks": {
        "templates/d.yaml": "apiVersion: v1\nkind: x\nimage: {{ " + " " * 2000 + "\n",
        "values.yaml": "image: " + "{" * 400 + "\n",
    },
    "a server's configurations that take each other in": {
        "Dockerfile": PLAIN
        + 'RUN apt-get update && apt-get install -y nginx\nCOPY a b /etc/nginx/conf/\nCMD ["nginx"]\n',
        "a": "include /etc/nginx/conf/b;\n" * 20,
        "b": "include /etc/nginx/conf/a;\n" * 20,
    },
    "numbers in base 16 that end in none": {
        "Dockerfile": S6,
        "run": "#!/bin/bash\nA=1\nB=$(( " + "+".join(["0x11"] * 40) + ' .5 ))\nmkdir "/x$B"\n',
    },
    "backslashes in a text that does not end": {
        "Jenkinsfile": 'sh "docker build ' + "\\a" * 60 + "\n",
    },
    "a tag that is nearly a version": {
        "Dockerfile": WEBTOP + f"ENV APP_VERSION=1{'_1' * 60}!\nCOPY a /opt/a-$APP_VERSION/\n",
        "a.desktop": "[Desktop Entry]\nType=Application\nName=x\nExec=/opt/a-2/a\n",
        "a": "",
    },
    "patterns in a value": {
        "Dockerfile": S6,
        "run": "#!/bin/bash\nA=" + "a" * 4000 + '\nP="*a*a*b"\n' + 'B="${A/$P/x}"\n' * 20,
    },
}


def written(folder: Path, files: Files) -> int:
    files = {"Dockerfile": PLAIN, **files}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return sum(len(path) + len(text) for path, text in files.items())


def linted(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], files: Files) -> set[str]:
    """The files that could not be read; fails where it takes thrice the time that files of that size may take."""
    size = written(folder, files)
    monkeypatch.chdir(folder)
    begin = time.process_time()
    code = main(["lint", "--format", "json"])
    spent = time.process_time() - begin
    assert spent < 3 * (1 + 0.2 * size / 1024), spent
    found = json.loads(capsys.readouterr().out)["findings"]
    assert "CT002" not in {finding["rule"] for finding in found}
    refused = {finding["path"] for finding in found if finding["rule"] == "CT001"}
    assert (code == 3) is bool(refused)
    return refused


@pytest.mark.parametrize("how", REFUSED)
def test_what_costs_too_much_is_said_not_to_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    path, files = REFUSED[how]
    assert linted(tmp_path, monkeypatch, capsys, files) == {path}


@pytest.mark.parametrize("how", TAKEN)
def test_what_only_looks_costly_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    assert linted(tmp_path, monkeypatch, capsys, TAKEN[how]) == set()


PADDING: dict[str, Callable[[str], str]] = {
    "loops": lambda script: script + loops("touch /x")["run"].partition("\n")[2],
}


@pytest.mark.parametrize("how", PADDING)
@pytest.mark.parametrize("where", ["before", "behind"])
def test_a_defect_is_not_hidden_behind_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str, where: str
) -> None:
    """A script whose defect stands in what cannot be followed to its end fails as one that could not be read."""
    defect = "export DISPLAY_X=$(undefined-command\n" if where == "behind" else ""
    script = PADDING[how]("#!/bin/bash\n") + defect
    assert linted(tmp_path, monkeypatch, capsys, {"Dockerfile": S6, "run": script}) == {"run"}
