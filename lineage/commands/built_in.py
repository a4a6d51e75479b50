"""The commands that shells have built in."""

BUILT_IN = frozenset(
    """. : [ [[ alias bg bind break builtin caller cd command compgen complete continue declare dirs disown echo enable eval exec
    exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray
    readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait""".split()
)
"""What shells do themselves: no program of the image is needed."""
OF_BASH = frozenset(
    "builtin caller compgen complete declare dirs disown enable let mapfile popd pushd readarray shopt source typeset".split()
)
"""What dash does not know."""
SPECIAL = frozenset(": . break continue eval exec exit export readonly return set shift times trap unset".split())
"""Whose failing to be started ends a shell that goes by POSIX (2.14, "Special Built-In Utilities")."""
