"""A derived image's repository that lints clean, under git, and a change that breaks it with a safe cure."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

SCRIPT = "root/etc/cont-init.d/60-launchers.sh"
FILES = {
    "Dockerfile": """\
FROM helxplatform/cloudtop:develop-latest
COPY --chmod=755 launchers/ /headless/Desktop/
COPY --chmod=755 root/ /
""",
    "launchers/gimp.desktop": """\
[Desktop Entry]
Type=Application
Name=Gimp
Exec=gimp
""",
    SCRIPT: """\
#!/usr/bin/with-contenv bash
desktop="/home/$USER_NAME/Desktop"
mkdir -p "$desktop"
for launcher in /headless/Desktop/*.desktop; do
    [ -e "$desktop/${launcher##*/}" ] || cp "$launcher" "$desktop/"
done
chown -R "$USER_NAME:" "$desktop"
""",
    "ctlint.toml": 'ignore = ["CT501"]\n',
    "notes/meeting.txt": "Nothing of this is in an image.\n",
}
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("GIT_", "GITHUB_", "CI_", "PRE_COMMIT")) and name not in ("CI", "PYTHONPATH", "VIRTUAL_ENV")
}
"""The environment less what a CI host, a hook or the test run would add."""
GIT = {
    **PLAIN,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(folder: Path, *arguments: str) -> str:
    """What git prints. Raises CalledProcessError where it fails."""
    done = subprocess.run(["git", "-C", folder, *arguments], env=GIT, check=True, capture_output=True, text=True)
    return done.stdout


def derived_repository(folder: Path) -> Path:
    """A new repository with everything committed."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message=change")


def break_it(folder: Path) -> None:
    """Stage the change of a shebang that loses the container's environment: CT205, which has a safe fix."""
    script = folder / SCRIPT
    script.write_text(script.read_text("utf-8").replace("#!/usr/bin/with-contenv bash", "#!/bin/bash"), "utf-8")
    git(folder, "add", "--all")


def published(folder: Path, root: Path) -> Path:
    """A checkout with one commit of a working tree's files, as somebody who publishes them would push them."""
    checkout = folder / root.name
    inside = [f":(exclude){folder.relative_to(root).parts[0]}"] if folder.is_relative_to(root) else []
    git(folder, "init", "--quiet", checkout.name)
    there = ["git", "--git-dir", checkout / ".git", "--work-tree", root]
    subprocess.run([*there, "add", "--all", "--", ".", *inside], env=GIT, cwd=root, check=True)
    git(checkout, "commit", "--quiet", "--message=all")
    git(checkout, "checkout", "--quiet", "--force", "HEAD", "--", ".")
    return checkout


def launcher_in(folder: Path, root: Path) -> Path:
    """A program `ctlint` in a new folder, which runs the ctlint of a source tree."""
    folder.mkdir()
    program = folder / "ctlint"
    called = f"PYTHONPATH={shlex.quote(str(root / 'src'))} exec {shlex.quote(sys.executable)} -m ctlint"
    program.write_text(f'#!/bin/sh\n{called} "$@"\n', "utf-8")
    program.chmod(0o755)
    return program
