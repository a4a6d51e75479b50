"""What a RUN leaves that goes on where a command fails, row by row; what was built for real is written so.

An entry is a path that is surely there, `- path` for one that surely is not, `? path` where it cannot be known.
"""

import pytest

from ctlint.lineage.image.accounts import Accounts
from ctlint.lineage.text.errors import Unknown
from folding import image_of, program

BASE = "FROM debian:12\n"
FILES = {
    "e.sh": program("#!/bin/sh -e\ntouch /e1\nfalse\ntouch /e2\n"),
    "s.sh": program("#!/bin/sh\nset -e\nfalse || touch /s1\n[ -d /nope ] && touch /s2\ntouch /s3\nfalse\ntouch /s4\n"),
    "group": "root:x:0:\nonly:x:900:\n",
}


def entry(lines: str, path: str) -> str:
    node = image_of(BASE + lines + "\n", FILES).tree.get(path, follow=False)
    return f"? {path}" if isinstance(node, Unknown) else path if node is not None else f"- {path}"


ENDS: list[tuple[str, list[str]]] = [
    # A shell with -e ends where a command fails, though whoever started it goes on
    ("sh -ec 'touch /a; false; touch /b' || touch /c", ["/a", "- /b", "/c"]),
    ("sh -ec 'touch /a; false; touch /b'; touch /c", ["/a", "- /b", "/c"]),
    ("sh -c 'touch /a; false; touch /b' || touch /c", ["/a", "/b", "? /c"]),
    ("sh -c 'set -e; false; touch /b' || touch /c", ["- /b", "/c"]),
    ("bash -eo pipefail -c 'false | true; touch /b' || touch /c", ["- /b", "/c"]),
    ("bash -ec 'false | true; touch /b' || touch /c", ["/b", "? /c"]),
    ("if sh -ec 'false; touch /a'; then touch /b; else touch /c; fi", ["- /a", "- /b", "/c"]),
    ("sh -e <<X || touch /c\ntouch /a\nfalse\ntouch /b\nX", ["/a", "- /b", "/c"]),
    # but not where its failing is looked at, within it or around a subshell
    ("sh -ec 'false || true; ! true; false && true; touch /b'; true", ["/b"]),
    ("sh -ec 'if false; then :; fi; while false; do :; done; touch /b'; true", ["/b"]),
    ("sh -ec '[ -d /nope ] && touch /a; touch /b' || touch /c", ["- /a", "/b", "? /c"]),
    ("(set -e; false; touch /a) || touch /b", ["/a", "? /b"]),
    ("(set -e; false; touch /a); touch /b", ["- /a", "/b"]),
    ("set -e; (false; touch /a) || touch /b", ["/a", "? /b"]),
    ("sh -ec 'f() { false; touch /a; }; f || true; touch /b' || touch /c", ["/a", "/b", "? /c"]),
    # wherever in it that is
    ("sh -ec 'f() { false; touch /a; }; f; touch /b' || touch /c", ["- /a", "- /b", "/c"]),
    ("sh -ec '{ touch /a; false; touch /b; }; touch /d' || touch /c", ["/a", "- /b", "- /d", "/c"]),
    ("sh -ec 'for i in 1 2; do touch /a$i; false; done; touch /b' || touch /c", ["/a1", "- /a2", "- /b", "/c"]),
    ("sh -ec 'case x in x) false;; esac; touch /b' || touch /c", ["- /b", "/c"]),
    ("sh -ec 'x=$(false); touch /b' || touch /c", ["- /b", "/c"]),
    ("sh -ec 'sh -c false; touch /b' || touch /c", ["- /b", "/c"]),
    ("sh -ec 'cp /srv/nothing /a; touch /b' || touch /c", ["- /a", "? /b", "? /c"]),
    # Scripts: the options of the shell that is given one count, and those of its first line where the kernel starts it
    ("/e.sh || touch /c", ["/e1", "- /e2", "/c"]),
    ("sh /e.sh && touch /c", ["/e1", "/e2", "/c"]),
    ("/s.sh || touch /c", ["/s1", "- /s2", "/s3", "- /s4", "/c"]),
    ("sh -e /e.sh || touch /c", ["- /e2", "/c"]),
    # A pipeline's status is its last command's, unless a shell is told otherwise
    ("if false | true; then touch /a; else touch /b; fi", ["/a", "- /b"]),
    # What cannot be opened is not run
    ("echo > /no/f && touch /a; true", ["- /a"]),
    ("echo > /no/f || touch /a", ["/a"]),
    ("touch /a > /no/f || touch /b", ["- /a", "/b"]),
    ("touch /a < /no; touch /b", ["- /a", "/b"]),
    ("{ touch /a; } > /no/f || touch /b", ["- /a", "/b"]),
    ("for i in 1; do touch /a; done > /no/f || touch /b", ["- /a", "/b"]),
    ("sh -c 'touch /a' > /no/f || touch /b", ["- /a", "/b"]),
    ("echo > /srv && touch /a || touch /b", ["- /a", "/b"]),
    ("echo > /etc/hostname/f || touch /b", ["/b"]),
    ("d=/no; echo > $d/f || mkdir $d; echo > $d/f && touch /b", ["/no/f", "/b"]),
    # and ends a shell other than bash where it is a special command
    ("sh -c ': > /no/f; touch /a'; sh -c 'command : > /no/f; touch /b'; sh -c 'true > /no/f; touch /c'", ["- /a", "/b", "/c"]),
    ("bash -c ': > /no/f; touch /a'; sh -c '. /no/f; touch /b'; bash -c '. /no/f; touch /c'", ["/a", "- /b", "/c"]),
    ("sh -c 'shift 3; touch /a'; bash -c 'shift 3; touch /b'; true", ["- /a", "/b"]),
    ("sh -c 'eval : > /no/f; touch /a'; sh -c 'exec > /no/f; touch /b'; bash -c 'exec > /no/f; touch /c'", ["- /a", "- /b", "/c"]),
    ("f() { touch /a; }; f > /no/f || touch /b", ["- /a", "/b"]),
    # What bash alone has built in
    ("builtin echo && touch /a || touch /b; [[ -d /srv ]] && touch /c; shopt -s nullglob || touch /d", ["- /a", "/b", "- /c", "/d"]),
    ("bash -c 'builtin echo && touch /a; builtin touch /b || touch /c; [[ -d /srv ]] && touch /d'", ["/a", "- /b", "/c", "/d"]),
    # Files that are not there, or may not be
    ("cp /etc/nothing /a; ln /etc/nothing /b; cp /srv/nothing /c; true", ["? /a", "? /b", "- /c"]),
    ("cp /etc/nothing /a", ["/a"]),
    ("tee /a < /etc/nothing; cat < /etc/nothing && touch /b; cat /etc/nothing && touch /c; true", ["? /a", "? /b", "? /c"]),
    ("chmod 600 /etc/nothing && touch /a; chown games /etc/nothing && touch /b; rm /etc/nothing && touch /c; true", ["? /a", "? /b", "? /c"]),
    ("sed -i s/a/b/ /etc/nothing && touch /a; chmod 600 /etc/nothing && touch /b; true", ["? /etc/nothing", "? /a", "? /b"]),
    ("chmod 600 /etc/issue && touch /a; chown games /etc/issue && touch /b; rm /etc/issue && touch /c; true", ["/a", "/b", "/c"]),
    ("touch /a/; touch /srv && touch /b; touch /srv/ && touch /c; true", ["- /a", "/b", "/c"]),
    ("ln -s /x /no/such/ || touch /a; ln -s /x /no/such/y && touch /b; true", ["- /no", "? /a", "? /b"]),
    ("su games -s /bin/sh -c 'touch /a && touch /tmp/b'; true", ["? /a", "? /tmp/b"]),
    # What an account may not do, and accounts that are not there
    ("mkdir -m 777 /w; su games -s /bin/sh -c 'rm /etc/issue && touch /w/a; cat /etc/shadow > /w/n && touch /w/b; touch /w/c'; true", ["? /w/a", "? /w/b", "/w/c"]),
    ("mkdir -m 777 /w; su games -s /bin/sh -c 'cd /root && touch /w/a; cd /srv && touch /w/b; cd /root; touch c'; true", ["? /w/a", "/w/b", "? /srv/c"]),
    ("su nosuch -c true || touch /a; su games -c true || touch /b; su nosuch -c 'touch /c'; true", ["/a", "? /b", "- /c"]),
    # Groups
    ("useradd -g nosuch u && touch /a; useradd -G games,nosuch v && touch /b; useradd -g games w && touch /c; true", ["? /a", "? /b", "/c"]),
    ("useradd -m u; usermod -d /srv/u -m -aG nosuch u; usermod -aG games u && touch /a; true", ["/home/u", "- /srv/u", "/a"]),
    ("install -d -g nosuch /a; install -g nosuch /etc/issue /b; install -d -g games /c; true", ["- /a", "- /b", "/c"]),
    ("useradd -g 4321 u && touch /a; groupadd -g 4321 g; useradd -g 4321 v && touch /b; useradd -g 60 w && touch /c; true", ["? /a", "/b", "/c"]),
    ("groupadd games && touch /a; groupadd -f games && touch /b; true", ["? /a", "/b"]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), ENDS)
def test_what_fails_leaves_what_it_leaves(line: str, expected: list[str]) -> None:
    copied = "COPY e.sh s.sh /\n" if ".sh" in line else ""
    assert [entry(f"{copied}RUN {line}", one.lstrip("-? ")) for one in expected] == expected


MADE: list[tuple[str, str, str]] = [
    ("RUN useradd -g nosuch u || true", "u", "no"),
    ("RUN useradd -g nosuch u", "u", "yes"),
    ("RUN groupadd nosuch; useradd -g nosuch u; true", "u", "yes"),
    ("RUN echo hand:x:777: >> /etc/group; useradd -g hand u; true", "u", "yes"),
    ("RUN useradd one; useradd -g one u; true", "u", "yes"),
    ("RUN useradd -N one; useradd -g one u; true", "u", "no"),
    ("RUN groupadd one; useradd one; true", "one", "no"),
    ("RUN groupadd one; useradd -N one; true", "one", "yes"),
    ("RUN useradd one; userdel one; useradd -g one u; true", "u", "perhaps"),
    ("RUN groupadd one; groupdel one; useradd -g one u; true", "u", "no"),
    ("RUN groupadd one; groupmod -n two one; useradd -g one u; useradd -g two v; true", "u", "no"),
    ("RUN groupadd one; groupmod -n two one; useradd -g one u; useradd -g two v; true", "v", "yes"),
    ("COPY group /etc/group\nRUN useradd -g games u; useradd -g only v; true", "u", "no"),
    ("COPY group /etc/group\nRUN useradd -g games u; useradd -g only v; true", "v", "yes"),
    ("RUN groupdel games; useradd -g games u; true", "u", "perhaps"),
    ("RUN groupadd -g 500 one; groupmod -g 700 one; useradd -g 500 u; useradd -g 700 v; true", "u", "no"),
    ("RUN groupadd -g 500 one; groupmod -g 700 one; useradd -g 500 u; useradd -g 700 v; true", "v", "yes"),
    ("RUN getent group > /g; cat /g > /etc/group; useradd -g nosuch u; true", "u", "yes"),
    ("RUN adduser --ingroup nosuch --disabled-password u; true", "u", "no"),
    # Packages bring groups: those that are known, and those that are called like them
    ("RUN apt-get install -y udev; useradd -g input u; true", "u", "perhaps"),
    ("RUN apt-get install -y docker.io; useradd -g docker u; true", "u", "perhaps"),
    ("RUN apt-get install -y less; useradd -g nosuch u; true", "u", "no"),
]


@pytest.mark.parametrize(("lines", "name", "made"), MADE)
def test_an_account_is_made_where_its_group_is_there(lines: str, name: str, made: str) -> None:
    accounts: Accounts = image_of(f"{BASE}{lines}\n", FILES).accounts
    found = accounts.known.get(name)
    assert ("no" if found is None else "yes" if found.sure else "perhaps") == made


def test_the_options_of_shell_hold_for_its_commands() -> None:
    lines = 'SHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN if false | true; then touch /a; else touch /b; fi'
    assert [entry(lines, path) for path in ("/a", "/b")] == ["- /a", "/b"]


def test_groups_of_an_image_that_is_not_known_are_not_missing() -> None:
    for base in ("acme/none", "alpine:3.20"):
        accounts = image_of(f"FROM {base}\nRUN useradd -g nosuch u || true\n").accounts
        assert accounts.known["u"].sure


def test_chown_to_a_group_that_is_not_there_changes_no_owner() -> None:
    image = image_of(BASE + "RUN touch /a /b; chown games:nosuch /a; chown games:games /b; true\n")
    assert [image.tree.nodes[path].owner for path in ("/a", "/b")] == ["root", "games"]
