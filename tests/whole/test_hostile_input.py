"""Input that nobody writes by mistake: it is read, or refused in one sentence, and never ends a run."""

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ctlint.lineage.dockerfile.parse import parse
from ctlint.lineage.text import numbers
from ctlint.lint.cli import main
from ctlint.lint.output.report_format_names import FORMATS

INSTRUCTIONS = (
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR"
).split()
ARGUMENTS = (
    "",
    " []",
    ' [""]',
    ' ["",""]',
    ' ""',
    ' "" ""',
    " $x",
    " $x $y",
    " =",
    " a=",
    " <<E\nE",
    " --from=",
    " CMD",
)
FIVE_THOUSAND = "9" * 5000
STRANGE_NUMBERS = ("²", "٣", "¼", FIVE_THOUSAND, "0" * 5000, "-²", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dockerfile(folder: Path, text: str) -> None:
    (folder / "Dockerfile").write_text(text, "utf-8")


def crashes(capsys: pytest.CaptureFixture[str], *argv: str) -> list[str]:
    """What a run says of defects of ctlint, on whichever stream."""
    code = main(list(argv))
    assert code in (0, 1, 2, 3)
    out, err = capsys.readouterr()
    return [line for line in (out + err).splitlines() if "CT002" in line or "defect of ctlint" in line]


@pytest.mark.parametrize("keyword", [*INSTRUCTIONS, *(f"ONBUILD {each}" for each in INSTRUCTIONS)])
def test_an_instruction_without_arguments_ends_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], keyword: str
) -> None:
    """One Dockerfile for each form, all in one run, with a child that runs the triggers."""
    for number, argument in enumerate(ARGUMENTS):
        place = folder / f"i{number}"
        place.mkdir()
        dockerfile(place, f"FROM debian:12.8-slim AS a\n{keyword}{argument}\nFROM a\nRUN true\n")
    assert crashes(capsys, "lint", "--format", "concise") == []
    assert crashes(capsys, "graph", "--format", "html", "-o", "page.html") == []
    assert "i0/Dockerfile" in (folder / "page.html").read_text("utf-8")
    assert crashes(capsys, "inspect", "i0") == []


def test_the_command_line_of_an_empty_cmd_is_the_shells(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """BuildKit puts the shell before what there is, and there is nothing."""
    dockerfile(folder, "FROM debian:12.8-slim\nCMD\n")
    assert parse("FROM a\nCMD\n").error is None
    assert main(["inspect", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["cmd"]["value"]["words"] == [""]


def test_a_defect_in_one_image_leaves_the_rest_of_every_command(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "good"):
        (folder / name).mkdir()
        dockerfile(folder / name, f"FROM debian:12.8-slim\nLABEL name={name}\nUSER {name}\n")

    from ctlint.lineage.folding.fold import StageFold

    whole = StageFold.fold

    def broken(self: StageFold, name: str, shown: str, *rest: object) -> object:
        if "bad" in shown:
            raise IndexError("seeded")
        return whole(self, name, shown, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(StageFold, "fold", broken)
    for argv in (["lint", "--format", "json"], ["graph", "--lint"], ["graph", "--format", "html"]):
        assert main(argv) == 3
        out, err = capsys.readouterr()
        assert "good" in out
        assert (out + err).count("IndexError: seeded") == 1
    assert main(["inspect", "bad"]) == 3
    out, err = capsys.readouterr()
    assert "debian" not in err
    assert "bad/Dockerfile: it could not be folded: IndexError: seeded" in err
    assert main(["inspect", "good"]) == 0


@pytest.mark.parametrize("number", STRANGE_NUMBERS)
def test_a_number_that_int_does_not_take_ends_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    script = "\n".join(
        line.replace("N", number)
        for line in (
            "shift N", "exit N", "return N", "useradd -u N -g N -m nAme", "usermod -u N nAme", "groupadd -g N nAme",
            "exec N>&1", "cat N< /x", "echo $((N + 1)) $((N * N)) $((0xN))", "echo ${N} ${x:N} ${x:N:N} ${x[N]}",
            "[ N -lt N ] && touch /a", "test N -eq 1 || touch /b", "echo {1..N} {N..N..N}", "printf '%Nd' 1",
            "printf '%Ns' x > /y", "tar --strip-components=N -xf /a.tar -C /b", "chmod N /etc", "chown N:N /etc",
            "echo 'u:x:N:N::/h:/bin/sh' >> /etc/passwd", "echo 'u:x:N:' >> /etc/group", "sleep N",
        )
    )  # fmt: skip
    (folder / "s.sh").write_text(f"#!/bin/bash\nset -- a b\n{script}\n", "utf-8")
    (folder / "x").write_text(
        f"#!/bin/execlineb -P\nfdmove -c {number} 1\nredirfd -w {number} /x\nforx -p x {{ {number} }} true\n"
    )
    run = "RUN " + script.replace("\n", "; ")
    dockerfile(
        folder,
        f"FROM scratch AS a\nFROM debian:12.8-slim\nUSER {number}\nCOPY --from={number} --chmod={number} --chown={number} a b\n"
        f"{run}\nCOPY s.sh /etc/cont-init.d/{number or 0}-x\nCOPY x /etc/services.d/x/run\nEXPOSE {number}/tcp\nSTOPSIGNAL {number}\n"
        f"ADD https://github.com/just-containers/s6-overlay/releases/download/v{number}.{number}/s6-overlay-noarch.tar.xz /tmp/\n"
        f'HEALTHCHECK --retries=1 CMD sleep {number}\nCMD ["/init"]\n'.replace(
            "--retries=1", f"--retries={number[:5] or 1}"
        ),
    )
    for argv in (("lint", "--format", "concise"), ("inspect",), ("graph",)):
        assert crashes(capsys, *argv) == []


@pytest.mark.parametrize("value", [FIVE_THOUSAND, "0x" + "f" * 5000, "1e400", "2024-99-99", "nan"])
@pytest.mark.parametrize("key", ["fail-on", "select", "require-reason", "[build-args]\nA", "[parents]\nx"])
def test_a_number_in_the_configuration_is_a_wrong_value(
    folder: Path, capsys: pytest.CaptureFixture[str], key: str, value: str
) -> None:
    (folder / "ctlint.toml").write_text(f"{key} = {value}\n")
    assert main(["lint"]) == 2
    assert capsys.readouterr().err.startswith("ctlint: ctlint.toml")


def test_numbers_are_ascii_digits() -> None:
    assert [numbers.natural(text) for text in ("0", "007", "9" * 18)] == [0, 7, 10**18 - 1]
    assert [numbers.natural(text) for text in (*STRANGE_NUMBERS, " 1", "1_0", "+1", None)] == [None] * 11
    assert [numbers.integer(text) for text in ("-7", "+7", " 7\n", "--7", "+-7", "-", "²")] == [-7, 7, 7] + [None] * 4
    assert (numbers.natural("755", 8), numbers.natural("8", 8), numbers.natural("fF", 16)) == (0o755, None, 255)


def test_a_chain_of_300_stages_and_one_of_300_images(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages = ["FROM scratch AS s0\nCOPY x /x"] + [
        f"FROM scratch AS s{n}\nCOPY --from=s{n - 1} /x /x" for n in range(1, 300)
    ]
    (folder / "stages").mkdir()
    dockerfile(folder / "stages", "\n".join(stages) + "\n")
    (folder / "stages" / "x").write_text("x")
    for number in range(300):
        place = folder / f"i{number:03}"
        place.mkdir()
        dockerfile(
            place,
            f"FROM scratch\nCOPY --from=acme/i{number + 1:03} /x /x\n" if number < 299 else "FROM scratch\nCOPY x /x\n",
        )
        (place / "x").write_text("x")
    names = "".join(f'"i{n:03}/Dockerfile" = "acme/i{n:03}"\n' for n in range(300))
    (folder / "ctlint.toml").write_text(f"[names]\n{names}")
    for argv in (("lint", "--format", "concise"), ("inspect", ".", "acme/i000"), ("graph",)):
        assert crashes(capsys, *argv) == []
    assert main(["inspect", ".", "acme/i000", "--files", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["path"] == "/x"


def ctlint(folder: Path, *argv: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """ctlint as a process, with standard input closed."""
    source = Path(__file__).parents[2] / "src"
    program = (
        f"import os, sys; os.close(0); os.execv(sys.executable, [sys.executable, '-m', 'ctlint', *{list(argv)!r}])"
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(source), **environment},
        capture_output=True,
        check=False,
    )


def test_closed_standard_input(folder: Path) -> None:
    dockerfile(folder, 'FROM debian:12.8-slim\nCMD ["/bin/true"]\n')
    for command in (["lint", "-"], ["parse", "-"], ["inspect", "-"]):
        done = ctlint(folder, *command)
        assert done.returncode == 2, done.stderr
        assert done.stderr == b"ctlint: - stands for standard input, which is closed.\n"
    assert ctlint(folder, "lint").returncode == 0


EACH = """\
import json, os, sys
from ctlint.lint.cli import main, run
for words in (["lint"], ["graph"]):
    main([*words, "--format", "json", "-o", os.devnull])
for number, words in enumerate(json.loads(sys.argv[1])):
    child = os.fork()
    if not child:
        for stream in (1, 2):
            os.dup2(os.open(f"{sys.argv[2]}/{number}-{stream}", os.O_WRONLY | os.O_CREAT), stream)
        sys.argv[1:] = words
        run()
    with open(f"{sys.argv[2]}/{number}-code", "w") as file:
        file.write(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""


def each_with(encoding: str, runs: list[list[str]], folder: Path, results: Path) -> list[tuple[int, bytes, bytes]]:
    """(exit code, output, complaints) of ctlint with each of some arguments, each in a process of its own. They are forks
    of one that has loaded what lint and graph need."""
    results.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    source = Path(__file__).parents[2] / "src"
    subprocess.run(
        [sys.executable, "-c", EACH, json.dumps(runs), results],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(source), "PYTHONIOENCODING": encoding},
        check=True,
    )
    return [
        (
            int((results / f"{number}-code").read_text("utf-8")),
            *((results / f"{number}-{stream}").read_bytes() for stream in (1, 2)),
        )
        for number in range(len(runs))
    ]


def test_an_ascii_terminal(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What it cannot show is shown as an escape; documents for programs are UTF-8 all the same."""
    (folder / "é").mkdir()
    dockerfile(folder / "é", "FROM debian:12.8-slim\nENTRYPOINT /bin/true ü\n")
    plain = [
        ["lint"],
        ["lint", "--verbose"],
        ["inspect"],
        ["graph"],
        ["lint", "--diff"],
        ["config"],
    ]
    documents = [
        ["lint", "--format", name] for name in FORMATS
    ] + [["inspect", "--format", "json"], ["graph", "--format", "json"], ["parse", "é/Dockerfile"], ["rule", "CT602"]]  # fmt: skip
    results = tmp_path_factory.mktemp("results")
    wanted = each_with("utf-8", plain + documents, folder, results / "utf-8")
    shown = each_with("ascii", plain + documents, folder, results / "ascii")
    for argv, (code, output, _), (done, out, err) in zip(plain + documents, wanted, shown, strict=True):
        assert done == code, (argv, err)
        assert output or argv[-1] == "--diff", argv
        assert b"Traceback" not in err
        assert b"defect" not in err
        if argv in documents:
            assert out == output
            out.decode("utf-8")
        else:
            assert out.isascii()


def test_instructions_that_are_refused_count_for_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for first, second in itertools.permutations(("USER", "USER app", "WORKDIR /x", "WORKDIR"), 2):
        dockerfile(folder, f"FROM debian:12.8-slim\n{first}\n{second}\n")
        assert crashes(capsys, "inspect") == []


def test_nothing_takes_what_python_calls_a_digit_for_one() -> None:
    package = Path(numbers.__file__).parent.parent.parent
    for folder in ("lineage", "rules", "lint"):
        for file in (package / folder).rglob("*.py"):
            if file != package / "rules" / "discover.py":
                assert not re.search(r"\.is(digit|numeric)\(", file.read_text("utf-8")), file
