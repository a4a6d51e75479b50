"""The steps of a composite action or of a job, run as GitHub's runner runs them; actions of others are only noted."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@dataclass
class Ran:
    """What a run of steps left: its log, whether it succeeded, the outputs of steps, the summary, the actions used."""

    log: str = ""
    succeeded: bool = True
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    summary: str = ""
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def run_steps(
    steps: list[dict[str, Any]],
    *,
    workspace: Path,
    temp: Path,
    inputs: Mapping[str, str],
    environment: Mapping[str, str],
    provided: Mapping[str, Mapping[str, str]],
) -> Ran:
    """Run the steps in turn, until one fails. `provided` are the outputs of steps that use others' actions."""
    ran = Ran(outputs={name: dict(values) for name, values in provided.items()})
    temp.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps):
        context = {f"inputs.{name}": value for name, value in inputs.items()}
        context |= {
            f"steps.{n}.outputs.{key}": value for n, found in ran.outputs.items() for key, value in found.items()
        }
        if "if" in step and not holds(step["if"], context):
            continue
        if "uses" in step:
            ran.used.append((step["uses"], {key: filled(str(v), context) for key, v in step.get("with", {}).items()}))
            continue
        files = {name: temp / f"{name}-{number}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.touch()
        script = temp / f"step-{number}.sh"
        assert not EXPRESSION.search(step["run"]), "an expression in a script is text that runs"
        script.write_text(step["run"], "utf-8")
        assert step["shell"] == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=workspace,
            env={
                **environment,
                "GITHUB_ACTIONS": "true",
                "GITHUB_WORKSPACE": str(workspace),
                "RUNNER_TEMP": str(temp),
                **{name: str(file) for name, file in files.items()},
                **{name: filled(str(value), context) for name, value in step.get("env", {}).items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        ran.log += done.stdout
        ran.summary += files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
        written = (line.partition("=") for line in files["GITHUB_OUTPUT"].read_text("utf-8").splitlines())
        ran.outputs.setdefault(step.get("id", str(number)), {}).update((name, value) for name, _, value in written)
        if done.returncode:
            ran.succeeded = False
            break
    return ran


def filled(text: str, context: Mapping[str, str]) -> str:
    """The text with its expressions replaced; what there is not is empty, as on GitHub."""
    return EXPRESSION.sub(lambda found: context.get(found[1], ""), text)


def holds(condition: str, context: Mapping[str, str]) -> bool:
    """Whether a condition of comparisons joined by && holds."""
    for comparison in condition.split("&&"):
        match = re.fullmatch(r"\s*([\w.-]+) (==|!=) '([^']*)'\s*", comparison)
        assert match, comparison
        if (context.get(match[1], "") == match[3]) != (match[2] == "=="):
            return False
    return True


def path_with(*folders: Path | str) -> str:
    return os.pathsep.join([*map(str, folders), os.environ["PATH"]])
