"""What `ctlint init` writes: the configuration, the pre-commit hook, and the gates of the CI systems."""

import json
import shlex

_CONFIGURATION = """\
# ctlint: what will go wrong when the images of this repository start.
# `ctlint config` shows what is in force, `ctlint rule` lists the rules.

# The lowest severity that fails: error, warning or info.
fail-on = "warning"

# Rules that do not run: codes, families (CT2) or names.
# ignore = ["CT501"]

# Findings that were there before: `ctlint lint --write-baseline ctlint-baseline.json`
{baseline}

# Another severity for a rule.
# [severity]
# CT113 = "info"

# Rules that do not run on some files.
# [per-file-ignores]
# "root/etc/services.d/legacy-*/run" = ["CT111"]

# Where parent images are read from.
# [parents]
# "acme/base" = "github:acme/base-image"
"""

BASELINE = "ctlint-baseline.json"
HOOK_ID = "ctlint"


def configuration(*, baseline: bool) -> str:
    """The configuration to begin with; `baseline`: whether the file of findings that were there before is there already."""
    return _CONFIGURATION.replace("{baseline}", f'{"" if baseline else "# "}baseline = "{BASELINE}"')


def hook(requirement: str) -> str:
    """An item of pre-commit's `repos`. Any file can be one that an image takes in, so none is passed."""
    return f"""\
- repo: local
  hooks:
    - id: {HOOK_ID}
      name: ctlint
      entry: ctlint lint --skip-unaffected
      language: python
      additional_dependencies: [{json.dumps(requirement)}]
      always_run: true
      pass_filenames: false
      require_serial: true
"""


def github(requirement: str) -> str:
    """A workflow. pipx is on GitHub's runners; in GitHub Actions the findings are annotations on the lines."""
    return f"""\
name: ctlint

on:
  push:
    branches: [main, master, develop]
  pull_request:

permissions: {{}}

jobs:
  ctlint:
    name: Lint the images
    runs-on: ubuntu-latest
    permissions:
      contents: read # to check out the repository
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - name: ctlint
        run: pipx run --spec {shlex.quote(requirement)} ctlint lint
"""


def gitlab(requirement: str) -> str:
    """A job that gives a code quality report, and fails by its last line, whose output is the log."""
    return f"""\
ctlint:
  image: python:3.13
  script:
    - pip install --quiet {shlex.quote(requirement)}
    - ctlint lint --format gitlab -o gl-code-quality-report.json || true
    - ctlint lint
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""


def jenkins(requirement: str) -> str:
    """A stage of a declarative pipeline."""
    return f"""\
stage('ctlint') {{
    steps {{
        sh 'python3 -m venv "$WORKSPACE_TMP/ctlint"'
        sh '"$WORKSPACE_TMP/ctlint/bin/pip" install --quiet {_in_single_quotes(requirement)}'
        sh '"$WORKSPACE_TMP/ctlint/bin/ctlint" lint --format junit -o ctlint.xml'
    }}
    post {{
        always {{ junit 'ctlint.xml' }}
    }}
}}
"""


def _in_single_quotes(requirement: str) -> str:
    """The requirement for a shell within a string of Groovy."""
    quoted = shlex.quote(requirement)
    return quoted.replace("\\", "\\\\").replace("'", "\\'")
