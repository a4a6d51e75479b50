"""A start script is read once for the same answers, and anew where one of them is another."""

from collections.abc import Mapping, Sequence

import pytest

from ctlint.lineage.boot.readings import Readings
from ctlint.lineage.commands.model import ROOT, Environment, Glob, Load, LoadedScript, Reading
from ctlint.lineage.effects.model import Effect
from ctlint.lineage.interpreter.interpret import interpret
from ctlint.lineage.shell.parse import parse_script
from ctlint.lineage.text.places import MappedText
from ctlint.lineage.text.symbolic import Text

SCRIPT = """#!/bin/bash
. /etc/defaults
useradd "$NAME" -u "${PUID:-1000}"
touch /home/$1
for each in /opt/*.sh; do "$each"; done
"""
VALUES = {"NAME": "jo", "PUID": "7", "COLOUR": "red"}
FILES = {"/etc/defaults": "SHELL=/bin/sh\n", "/opt/a.sh": "echo a\n"}


class Read:
    """Reads the script, and counts how often that was done."""

    def __init__(self, most: int = 1000) -> None:
        self.readings = Readings(most)
        self.times = 0

    def __call__(
        self,
        script: str = SCRIPT,
        *,
        values: Mapping[str, str] = VALUES,
        runtime: frozenset[str] = frozenset(),
        files: Mapping[str, str] = FILES,
        user: Text = ROOT,
        arguments: Sequence[Text] | None = (Text.of("x"),),
    ) -> Reading:
        def interpreted(environment: Environment, load: Load, glob: Glob) -> Reading:
            self.times += 1
            parsed = parse_script(MappedText.whole(script), "10-x", "bash")
            return interpret(parsed, environment, user=user, arguments=arguments, load=load, glob=glob)

        def load(path: str) -> LoadedScript | None:
            return LoadedScript(path, MappedText.whole(files[path])) if path in files else None

        def glob(pattern: str) -> tuple[str, ...]:
            assert pattern == "/opt/*.sh"
            return tuple(sorted(path for path in files if path.startswith("/opt/")))

        environment = Environment.at_start(values, runtime)
        reading, _ = self.readings.read(script, environment, user, arguments, load, glob, interpreted, _no_effects)
        return reading


def _no_effects(reading: Reading) -> tuple[Effect, ...]:
    return ()


def test_the_same_script_is_read_once_also_beside_what_it_does_not_ask_for() -> None:
    read = Read()
    first = read()
    assert read() is first
    assert read(values={**VALUES, "COLOUR": "blue", "MORE": "1"}, runtime=frozenset(("COLOUR",))) is first
    assert read(files={**FILES, "/etc/other": "exit 1\n"}) is first
    assert read.times == 1


CHANGES = {
    "a value": {"values": {**VALUES, "NAME": "mo"}},
    "a variable is gone": {"values": {"NAME": "jo"}},
    "a variable is given at start": {"runtime": frozenset(("PUID",))},
    "a sourced script": {"files": {**FILES, "/etc/defaults": "PUID=9\n"}},
    "a sourced script is gone": {"files": {"/opt/a.sh": "echo a\n"}},
    "a file that matches": {"files": {**FILES, "/opt/b.sh": "rm -r /srv\n"}},
    "what a matching file does": {"files": {**FILES, "/opt/a.sh": "rm -r /srv\n"}},
    "a program of that name": {"files": {**FILES, "/usr/bin/touch": "#!/bin/sh\nrm -r /srv\n"}},
    "the user": {"user": Text.of("abc")},
    "the arguments": {"arguments": (Text.of("y"),)},
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_answer_is_another_reading(change: str) -> None:
    read = Read()
    first = read()
    changed = read(**CHANGES[change])
    assert changed == Read()(**CHANGES[change])
    assert changed != first
    assert read() is first, "the one before still holds"
    assert read(**CHANGES[change]) is changed
    assert read.times == 2


def test_arguments_that_nobody_knows_are_others_each_time() -> None:
    read = Read()
    first, second = (read("touch $1\n", arguments=None).commands[0].argv[1].text for _ in range(2))
    assert first != second
    assert first.literal is None


def test_what_was_asked_for_last_is_kept() -> None:
    read = Read(most=10)
    for number in range(50):
        read("touch /always\n")
        read(f"touch /{number}\n")
    assert read.times == 51
    read("touch /0\n")
    assert read.times == 52, "what is not asked for is forgotten"
