"""`ctlint --print-completion SHELL`: the completion script. The only user of shtab, which is loaded only here."""

import argparse
from collections.abc import Iterator
from typing import Any

from ...lineage.text.errors import UsageError
from ..installed_from import beside

SHELLS = ("bash", "zsh", "fish")
_CODES = ("rule", "select", "ignore", "extend_select")
"""Arguments that name rules."""
_FOLDERS = ("DIR",)
_FILES = ("FILE", "PATH", "TARGET", "TARGET [IMAGE]")


class PrintCompletion(argparse.Action):
    """Prints the completion script of a shell and ends, like --version."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        import sys

        sys.stdout.write(completion(parser, rest[1]))
        parser.exit(0)


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script that makes a shell complete commands, options, their values, rules and files.

    Raises UsageError where shtab is not installed, or is too old for the shell.
    """
    try:
        import shtab
    except ImportError:
        raise UsageError(f"--print-completion needs shtab, which is not here: `{beside('shtab')}` brings it.") from None
    if shell not in shtab.SUPPORTED_SHELLS:
        raise UsageError(f"this release of shtab knows no {shell}; `{beside('--upgrade shtab')}` brings one that does.")
    for action in _actions(parser):
        _describe(action, shtab.FILE, shtab.DIRECTORY)
    return shtab.complete(parser, shell=shell) + "\n"


def _describe(action: Any, files: object, folders: object) -> None:
    """Say of an argument what can be completed: the codes of rules, files, folders."""
    if action.dest in _CODES and action.choices is None:
        from ...rules.discover import all_rules

        action.choices = [rule.code for rule in all_rules()]
    elif action.metavar in _FILES:
        action.complete = files
    elif action.metavar in _FOLDERS:
        action.complete = folders


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        yield action
        if isinstance(action, argparse._SubParsersAction):  # pyright: ignore[reportPrivateUsage]
            commands: dict[str, argparse.ArgumentParser] = vars(action)["choices"]
            for command in commands.values():
                yield from _actions(command)
