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
    ("cd /app && pip install --editable .", "/app/serve.egg-link"),
)
ELSEWHERE = (
    ("apt-get update && apt-get install -y serve", "/app/bin/serve"),
    ("apt-get update && apt-get install -y serve", "/opt/notes/bin/serve"),
    ("pip install serve", "/app/bin/serve"),
    ("pip install serve", "/opt/notes/bin/serve"),
)


def found(run: str, path: str) -> object:
    text = f"FROM debian:12.8-slim\nCOPY notes /opt/notes\nRUN useradd writer\nRUN {run}\n"
    work = workspace({"r": {"Dockerfile": text, "notes/package.json": "{}\n"}})
    return file_at(work.effective(work.images[0]), path)


@pytest.mark.parametrize(("run", "path"), INSTALLED)
def test_what_a_languages_packages_may_bring_is_not_surely_missing(run: str, path: str) -> None:
    assert isinstance(found(run, path), Unknown)


@pytest.mark.parametrize(("run", "path"), ELSEWHERE)
def test_packages_of_the_system_bring_nothing_to_a_folder_of_the_images_own(run: str, path: str) -> None:
    assert found(run, path) is None
