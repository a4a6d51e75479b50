"""What the user may not read is told, by a run as a user who may not: modes mean nothing to root."""

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from ctlint.lint.cli import main

NOBODY = 65534
S6 = "https://github.com/just-containers/s6-overlay/releases/download/v3.1.6.2/s6-overlay"
FILES = {
    "Dockerfile": "FROM debian:12.8\n"
    "RUN apt-get update && apt-get install -y xz-utils\n"
    f"ADD --checksum=sha256:{'0' * 64} {S6}-noarch.tar.xz /tmp/\n"
    f"ADD --checksum=sha256:{'1' * 64} {S6}-x86_64.tar.xz /tmp/\n"
    "RUN tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && tar -C / -Jxpf /tmp/s6-overlay-x86_64.tar.xz\n"
    "COPY root/etc/cont-init.d /etc/cont-init.d\n"
    'ENTRYPOINT ["/init"]\n',
    "root/etc/cont-init.d/50-work.sh": "#!/command/with-contenv sh\ntrue\n",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A repository that everybody may read, outside of pytest's folders, which only their owner may enter."""
    made = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="ctlint-"))
    try:
        for name, text in FILES.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_text(text)
            (made / name).chmod(0o755)
        for path in (made, *(path for path in made.rglob("*") if path.is_dir())):
            path.chmod(0o755)
        yield made
    finally:
        for path in made.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(made)


def linted(folder: Path) -> tuple[int, str]:
    """The exit code and output of `ctlint lint`, by a user who is not root."""
    if os.getuid() != 0:
        return _lint(folder)
    _lint(folder)  # root may load what the other user may not
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code, shown = 99, ""
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            code, shown = _lint(folder)
        except BaseException as error:
            shown = repr(error)
        finally:
            os.write(writing, shown.encode())
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        shown = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def _lint(folder: Path) -> tuple[int, str]:
    shown = io.StringIO()
    with redirect_stdout(shown), redirect_stderr(shown):
        code = main(["lint", str(folder), "--offline", "--format", "concise"])
    return code, shown.getvalue()


def test_what_may_be_read_has_no_findings(folder: Path) -> None:
    assert linted(folder) == (0, "")


def test_an_init_script_that_may_not_be_read(folder: Path) -> None:
    (folder / "root/etc/cont-init.d/50-work.sh").chmod(0)
    code, shown = linted(folder)
    assert code == 3
    assert "50-work.sh:1:1: error: CT001" in shown


def test_a_folder_that_may_not_be_entered(folder: Path) -> None:
    (folder / "root/etc/cont-init.d").chmod(0)
    code, shown = linted(folder)
    assert (code, "CT511" in shown) == (3, False)
    assert "error: CT001" in shown


def test_a_dockerfile_that_may_not_be_read(folder: Path) -> None:
    (folder / "Dockerfile").chmod(0)
    code, shown = linted(folder)
    assert (code, "BuildKit" in shown) == (3, False)
    assert "Dockerfile:1:1: error: CT001" in shown
