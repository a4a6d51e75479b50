"""Whether a file that a command names surely is not in the image, by what the build installs."""

import pytest

from ctlint.lineage.image.program_lookup import file_at
from ctlint.lineage.text.errors import Unknown
from folding import workspace

INSTALLED = (
    ("cd /app && npm ci", "/app/node_modules/.bin/serve"),
    ('su writer -c "cd /opt/notes && npm install"', "/opt/notes/node_modules/.bin/serve"),
    ("npm install --prefix /opt/notes", "/opt/notes/node_modules/.bin/serve"),
    ("cd /app && yarn", "/app/node_modules/.bin/serve"),
    ("cd /app && composer install", "/app/vendor/bin/serve"),
    ("cd /app && uv sync", "/app/.venv/bin/serve"),
    ("cd /app && poetry install", "/app/.venv/bin/serve"),
    ("go install example.org/serve@v1", "/go/bin/serve"),
    ("cargo install --root /out serve", "/out/bin/serve"),
    ("conda create -n notes serve", "/miniconda/envs/notes/bin/serve"),
    ("pip install --target /libs serve", "/libs/bin/serve"),
    ("PIP_TARGET=/libs pip install serve", "/libs/bin/serve"),
    ("pip install --user serve", "/root/.local/bin/serve"),
    ("pipx install serve", "/root/.local/bin/serve"),
    ("PIPX_BIN_DIR=/tools pipx install serve", "/tools/serve"),
    ("cd /app && uv add serve", "/app/.venv/bin/serve"),
    ("cd /app && uv pip install -r needed.txt", "/app/.venv/bin/serve"),
    ("uv pip install --target /libs serve", "/libs/bin/serve"),
    ("uv venv /env && VIRTUAL_ENV=/env uv pip install serve", "/env/bin/serve"),
    ("uv venv /env", "/env/bin/python"),
    ("cd /app && uv venv", "/app/.venv/bin/python"),
    ("uv tool install serve", "/root/.local/bin/serve"),
    ("uv python install 3.12 --install-dir /pythons", "/pythons/bin/python"),
    ("mkdir /system && dnf install -y --installroot=/system bash", "/system/bin/bash"),
    ("mkdir /system && microdnf install -y --installroot /system bash", "/system/bin/bash"),
    ("mkdir /system && zypper --root /system in -y bash", "/system/bin/bash"),
    ("mkdir /system && apk add --root /system --initdb bash", "/system/bin/bash"),
    ("mkdir /system && rpm -i --root /system bash.rpm", "/system/bin/bash"),
    ("mkdir /system && dpkg --root=/system -i bash.deb", "/system/bin/bash"),
    ("mkdir /system && pacman -r /system -S bash", "/system/bin/bash"),
    ("cd /app && pip install --editable .", "/app/serve.egg-link"),
)
ELSEWHERE = (
    ("dnf install -y serve", "/app/bin/serve"),
    ("apk add serve", "/app/bin/serve"),
    ("uv lock", "/app/.venv/bin/serve"),
    ("apt-get update && apt-get install -y serve", "/app/bin/serve"),
    ("apt-get update && apt-get install -y serve", "/opt/notes/bin/serve"),
    ("pip install serve", "/app/bin/serve"),
    ("pip install serve", "/opt/notes/bin/serve"),
)


def found(run: str, path: str, base: str = "debian:12.8-slim") -> object:
    text = f"FROM {base}\nRUN apt-get update && apt-get install -y tools\nCOPY notes /opt/notes\nRUN useradd writer\nRUN {run}\n"
    work = workspace({"r": {"Dockerfile": text, "notes/package.json": "{}\n"}})
    return file_at(work.effective(work.images[0]), path)


@pytest.mark.parametrize("base", ["debian:12.8-slim", "python:3.12-slim-bookworm"])
@pytest.mark.parametrize(("run", "path"), INSTALLED)
def test_what_goes_elsewhere_than_the_systems_packages_is_not_surely_missing(run: str, path: str, base: str) -> None:
    assert isinstance(found(run, path, base), Unknown)


@pytest.mark.parametrize(("run", "path"), ELSEWHERE)
def test_packages_of_the_system_bring_nothing_to_a_folder_of_the_images_own(run: str, path: str) -> None:
    assert found(run, path) is None
