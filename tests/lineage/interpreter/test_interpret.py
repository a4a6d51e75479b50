"""Scripts → the commands that run: expansion, conditions, users, what is sourced and called."""

from pathlib import Path

import pytest

from ctlint.lineage.commands.model import Command, Environment, LoadedScript, Reading
from ctlint.lineage.interpreter.interpret import interpret
from ctlint.lineage.interpreter.interpret_execline import interpret_execline
from ctlint.lineage.shell import execline
from ctlint.lineage.shell.parse import parse_script
from ctlint.lineage.text.places import MappedText, Span
from ctlint.lineage.text.symbolic import Text, Var
from shell_oracle import Scripts, read, really

IMAGE = {"HOME": "/headless", "PATH": "/usr/bin:/bin", "USER_NAME": "", "USER_ID": "1000", "VNC_PORT": "5901"}
START = Environment.at_start(IMAGE, frozenset({"USER_ID"}))


def reading(text: str, environment: Environment = START, dialect: str = "bash", **more: object) -> Reading:
    script = parse_script(MappedText.whole(text), "x.sh", dialect)  # type: ignore[arg-type]
    return interpret(script, environment, **more)  # type: ignore[arg-type]


def commands(text: str, *args: object, **more: object) -> list[Command]:
    found = reading(text, *args, **more).commands  # type: ignore[arg-type]
    return [command for command in found if command.argv and command.name not in ("[", "[[", "test", "set")]


def lines(text: str, *args: object, **more: object) -> list[str]:
    return [str(command) for command in commands(text, *args, **more)]


def only(text: str, *args: object, **more: object) -> Command:
    found = commands(text, *args, **more)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def guards(command: Command) -> list[str]:
    return [
        f"{guard.kind}: {guard.holds}" if guard.holds else f"{guard.kind}{'~' if guard.presumed else ''}"
        for guard in command.guards
    ]


# Against real shells


@pytest.mark.parametrize(("shell", "dialect"), [("dash", "sh"), ("bash", "bash")])
def test_expansion_and_control_flow_agree_with_a_real_shell(shell: str, dialect: str, tmp_path: Path) -> None:
    scripts = [Scripts(seed, dialect).script() for seed in range(250)]  # type: ignore[arg-type]
    shown = really(scripts, shell, tmp_path)
    compared = 0
    for text, real in zip(scripts, shown, strict=True):
        got = read(text, dialect)  # type: ignore[arg-type]
        if got is not None:
            assert got == real, text
            compared += 1
    assert compared > 200


# Variables that are given when the container starts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H=/home/${USER_NAME}\ncp a $H/Desktop", "cp a /home/${USER_NAME}/Desktop"),
        ("x $VNC_PORT $HOME", "x 5901 /headless"),
        ("x $USER_ID", "x ${USER_ID}"),
        ("x $UNHEARD_OF", "x ${UNHEARD_OF}"),
        ('x "$USER_NAME:$USER_NAME"', "x ${USER_NAME}:${USER_NAME}"),
        ("U=${USER-helx}\nx $U", "x ${USER}"),
        ("x ~/a ~root/b ~joe/c '~'/d", "x /headless/a /root/b /home/joe/c ~/d"),
        ("d=/home/$USER_NAME/x\ny ${d%/*} ${d##*/} ${d%/x}", "y /home/${USER_NAME} x /home/${USER_NAME}"),
        ("x $(basename /a/$USER_NAME/b.desktop .desktop)", "x b"),
        ('for f in a "b c"; do x "/$f" $f; done', "x /a a"),
        ("x $(date)", "x ${?}"),
        ("x $((1 + 2 * 3)) $((UNHEARD + 1))", "x 7 ${?}"),
        ("read a\nx $a", "x ${?}"),
        ("x=(a 'b c')\ny ${x[1]} \"${x[@]}\"", "y b c a b c"),
        ("cd /a/b\ncd ../c\nx", "x"),
    ],
)
def test_expansion_at_start(text: str, expected: str) -> None:
    assert expected in lines(text)


def test_a_default_stays_with_the_variable() -> None:
    for text in (
        "USER=${USER-helx}\nx $USER",
        "D=${D:-helx}\nUSER=${USER:=$D}\nx $USER",
        ": ${USER:=helx}\nx $USER",
        'if [ -z "$USER" ]; then USER=helx; fi\nx $USER',
        '[ -z "$USER" ] && USER=helx\nx $USER',
        '[ -n "$USER" ] || export USER=helx\nx $USER',
    ):
        assert commands(text)[-1].argv[1].text == Text((Var("USER"),)), text
        piece = commands(text)[-1].argv[1].text.pieces[0]
        assert isinstance(piece, Var)
        assert piece.default == "helx", text


def test_values_that_differ_by_the_path_are_unknown_afterwards() -> None:
    text = "if [ -f /x ]; then A=1; B=2; else A=1; B=3; fi\nx $A $B"
    assert lines(text) == ["x 1 ${?}"]
    assert lines("A=1\nwhile read l; do x $A; A=2; done\ny $A")[-2:] == ["x ${?}", "y ${?}"]
    assert lines("A=1\n(A=2; x $A)\ny $A") == ["x 2", "y 1"]
    assert lines("A=1\necho a | read A\ny $A")[-1] == "y 1"


def test_environments_of_builds_and_of_scripts_without_one() -> None:
    assert lines("mkdir /home/$USER_NAME", Environment.at_build(IMAGE)) == ["mkdir /home/"]
    assert lines("mkdir /home/$U", Environment.at_build({}, open=True)) == ["mkdir /home/${?}"]
    assert lines("x $USER_NAME y", Environment.cleared()) == ["x y"]
    word = only("x /home/$USER_NAME", Environment.at_build(IMAGE)).argv[1]
    assert word.variables == ("USER_NAME",)


def test_mentions_of_variables_that_the_script_has_not_set() -> None:
    found = reading(
        'A=1\nx $A $USER_NAME\n[ -z "$T" ] && y\nz ${D:-1}\ncat <<E\n$DOC\nE\nfor i in $L; do :; done\n'
    ).mentions
    assert [(one.name, one.place.line, one.defaulted, one.tested) for one in found] == [
        ("USER_NAME", 2, False, False),
        ("T", 3, False, False),
        ("D", 4, True, False),
        ("DOC", 6, False, False),
        ("L", 8, False, False),
    ]
    assert [one.tested for one in reading('if [ -z "$T" ]; then x; fi').mentions] == [True]


def test_globs_are_marked_and_expanded_where_the_files_are_known() -> None:
    command = only("cp /x/*.desktop '/y/*'")
    assert [word.globs for word in command.argv] == [False, True, False]
    command = only("for f in /x/*.desktop; do cp $f /home/$USER_NAME/Desktop; done")
    assert (str(command), command.argv[1].globs, command.loop) == (
        "cp /x/*.desktop /home/${USER_NAME}/Desktop",
        True,
        "glob",
    )
    base = 'for f in /x/*.desktop; do b=$(basename "$f"); cp "$f" "/d/$b"; done'
    assert lines(base)[-1] == "cp /x/*.desktop /d/*.desktop"
    script = "cd /helx\nfor s in *.sh; do ./$s; done\nfor s in $(ls -1 /helx/*.sh); do $s; done"
    known = {"/helx/*.sh": ("/helx/a.sh", "/helx/b.sh")}
    assert lines(script, glob=known.get)[1:] == [
        "./a.sh",
        "./b.sh",
        "ls -1 /helx/a.sh /helx/b.sh",
        "/helx/a.sh",
        "/helx/b.sh",
    ]
    assert lines("for s in $(ls -1 /helx/*.sh); do $s; done")[-1] == "/helx/*.sh"


# Conditions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if [ ! -f $HOME/x ]; then a; fi", ["if: ! -f /headless/x"]),
        ('if [ -d /x ] && [ -z "$U" ]; then a; fi', ["if: -d /x", "if: -z ${U}"]),
        ("if [ -d /x -o -d /y ]; then :; else a; fi", ["if: ! -d /x", "if: ! -d /y"]),
        ("[[ -n $U && -e /x ]] && a", ["&&: ! -z ${U}", "&&: -e /x"]),
        ("test -L /x || a", ["||: ! -L /x"]),
        ('[ "$U" != joe ] && a', ["&&: ! = ${U} joe"]),
        ('[ "x$U" = x ] && a', ["&&: -z ${U}"]),
        ("id -u $U >/dev/null 2>&1 || a", ["||: ! user ${U}"]),
        ("if ! getent passwd $U; then a; fi", ["if: ! user ${U}"]),
        ('grep -q "^$U:" /etc/passwd || a', ["||: ! user ${U}"]),
        ("if grep -q foo /etc/x; then a; fi", ["if: grep foo /etc/x"]),
        ("command -v git >/dev/null && a", ["&&: command git"]),
        ("[ -f /x ] && exit 0\na", ["exit: ! -f /x"]),
        ("[ -f /x ] || { echo no; exit 1; }\na", ["exit: -f /x"]),
        ("if [ -f /x ]; then exit; fi\na", ["exit: ! -f /x"]),
        ("for i in 1 2; do [ -f /x ] && continue; a; break; done", ["exit: ! -f /x"]),
        ("f() { [ -f /x ] && return; a; }\nf", ["exit: ! -f /x"]),
        ("case $U in joe) a;; esac", ["case: = ${U} joe"]),
        ("case $U in joe) ;; *) a;; esac", ["case: ! = ${U} joe"]),
        ("case $U in j*|k) a;; esac", ["case"]),
        ("mkdir /x && a", ["&&~"]),
        ("mkdir /x || exit 1\na", ["exit~"]),
        ("while ! b; do a; done", ["while"]),
        ("until [ -S /x ]; do a; done", ["until: ! -S /x"]),
        ("for f in $U; do a; done", ["for"]),
        ("[ -f /x ] || [ -f /y ] && a", ["&&"]),
    ],
)
def test_guards(text: str, expected: list[str]) -> None:
    command = next(one for one in commands(text) if one.name == "a")
    assert guards(command) == expected
    assert command.sure == (expected in (["&&~"], ["exit~"]))


def test_alternatives_of_which_one_holds() -> None:
    command = only("if [ -f /x ] || [ ! -d /y ]; then a; fi")
    assert [str(test) for test in command.guards[0].alternatives] == ["-f /x", "! -d /y"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if [ "a" = "a" ]; then a; else b; fi', ["a"]),
        ('[ "$VNC_PORT" = 5901 ] && : || b', [":"]),
        ('[ "$VNC_PORT" -gt 6000 ] && a; b', ["b"]),
        ("false && a; true || b; c", ["false", "true", "c"]),
        ("exit\na", ["exit"]),
        ("exec a\nb", ["a"]),
        ("(exit 1); a", ["exit 1", "a"]),
        ("while true; do a; done\nb", ["true", "a"]),
        ("while true; do a; break; done\nb", ["true", "a", "break", "b"]),
        ("if [ -f /x ]; then exit 1; else exit 2; fi\na", ["exit 1", "exit 2"]),
        ("case 5901 in 59*) a;; *) b;; esac", ["a"]),
        ("f() { a; }", []),
        ("[[ $VNC_PORT == 59* ]] && a", ["a"]),
        ('[ -n "" ] && a; [ ] && b; [ x ] && c', ["c"]),
        ("! true && a", ["true"]),
    ],
)
def test_what_is_decided_leaves_the_dead_branch_out(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


def test_a_run_that_must_succeed_presumes_its_tests() -> None:
    build = Environment.at_build({})
    text = "test -f /x && a && b"
    assert [one.sure for one in commands(text, build, must_succeed=True)] == [True, True]
    assert [one.sure for one in commands(text, build)] == [False, False]
    assert not commands("test -f /x && a || true", build, must_succeed=True)[0].sure
    first, last = commands("a; b", build, must_succeed=True)
    assert (first.ignores_failure, last.ignores_failure) == (True, False)


def test_how_a_script_ends() -> None:
    assert reading("a").ends is None
    assert reading("exec a").ends == "exec"
    assert reading("exit 0").ends == "exit"
    assert reading("while :; do sleep 1; done").ends == "loop"


def test_failures_that_are_ignored() -> None:
    found = {one.name: one.ignores_failure for one in commands("set -e\na\nb || true\nif c; then d; fi\nset +e\ne")}
    assert found == {"a": False, "b": True, "true": False, "c": True, "d": False, "e": True}
    shebang = parse_script(MappedText.whole("#!/bin/sh -e\na\n"), "x")
    assert interpret(shebang, START).commands[0].errexit


# Structure around a command


def test_pipelines_redirections_background_and_substitutions() -> None:
    first, second, third = commands("a 2>/dev/null | b >> /x/$USER_NAME & c < in")
    assert first.pipe is not None
    assert second.pipe is not None
    assert (first.pipe.index, second.pipe.index, second.pipe.length) == (0, 1, 2)
    assert (second.background, third.background) == (True, False)
    redirect = second.redirects[0]
    assert (redirect.operator, redirect.fd, str(redirect.target), redirect.writes) == (">>", 1, "/x/${USER_NAME}", True)
    assert [one.substitution for one in commands("a $(b)")] == [True, False]
    document = only("cat > f <<E\nx $USER_NAME\nE").redirects[1]
    assert (document.document, document.quoted) == (Text.of("x ", Var("USER_NAME"), "\n"), False)
    assert only("cat <<'E'\n$x\nE").redirects[0].document == Text.of("$x\n")
    grouped = reading("{ a; b; } > f").commands
    assert [(str(one), one.compound, len(one.redirects)) for one in grouped] == [
        ("", True, 1),
        ("a", False, 0),
        ("b", False, 0),
    ]


def test_working_directories() -> None:
    text = "cd /a\nx\n(cd b; y)\nz\ncd ../c/.\nx\ncd /home/$USER_NAME\ny\ncd ..\nz\ncd\nx"
    found = [str(one.directory) for one in commands(text) if one.name in "xyz"]
    assert found == ["/a", "/a/b", "/a", "/c", "/home/${USER_NAME}", "/home/${USER_NAME}/..", "/headless"]


def test_loops_over_known_words_are_unrolled() -> None:
    found = commands("for i in a b; do x $i; done")
    assert [(str(one), one.loop, one.sure) for one in found] == [("x a", "literal", True), ("x b", "literal", True)]
    assert len(commands("for i in {1..65}; do x; done")) == 1
    assert commands("while read l; do x; done < f")[-1].loop == "unbounded"
    assert [one.loop for one in commands("for i in $(ls); do x; done")][-1] == "unbounded"


def test_functions_are_inlined_where_they_are_called() -> None:
    text = 'mk() { local d=$1; mkdir -p "$d/$2"; }\nd=keep\nmk /a b\nmk "$HOME" c\nx $d'
    assert lines(text) == [
        "mk /a b",
        "local d=/a",
        "mkdir -p /a/b",
        "mk /headless c",
        "local d=/headless",
        "mkdir -p /headless/c",
        "x keep",
    ]
    assert commands(text)[0].function
    assert reading("f() { f; }\nf").unread[0].reason == "f calls itself"


def test_too_much_work_ends_with_a_note() -> None:
    digits = " ".join("0123456789")
    text = "".join(f"for {name} in {digits}; do " for name in "abcdef") + "x;" + " done;" * 6
    assert [one.reason for one in reading(text).unread] == ["the script is too long to be followed"]
    assert reading(text).unread[0].limit
    helper = LoadedScript("root/helper", MappedText.whole(text))
    assert [one.limit for one in reading("/helper\n", load=lambda path: helper).unread] == [False]
    unpacked = LoadedScript("x.sh", MappedText.whole(text))  # a script out of an archive lies where that is unpacked
    assert [one.limit for one in reading("/configure\n", load=lambda path: unpacked).unread] == [False]


# Programs that run others


@pytest.mark.parametrize(
    ("text", "expected", "user", "wrappers"),
    [
        ("sudo -u $USER_NAME -E cp a b", "cp a b", "${USER_NAME}", ["sudo"]),
        ("sudo cp a b", "cp a b", "root", ["sudo"]),
        ("sudo -nu joe A=b cp a b", "cp a b", "joe", ["sudo"]),
        ("su joe -c 'cp a b'", "cp a b", "joe", ["su"]),
        ("su - joe -c 'cp ~/a .'", "cp /home/joe/a .", "joe", ["su"]),
        ("su -s /bin/sh -c \"cp $VNC_PORT b\" joe", "cp 5901 b", "joe", ["su"]),
        ("gosu $USER_NAME:users cp a b", "cp a b", "${USER_NAME}", ["gosu"]),
        ("exec su-exec joe cp a b", "cp a b", "joe", ["exec", "su-exec"]),
        ("runuser -u joe -- cp a b", "cp a b", "joe", ["runuser"]),
        ("setpriv --reuid=joe --clear-groups cp a b", "cp a b", "joe", ["setpriv"]),
        ("s6-setuidgid $USER_NAME cp a b", "cp a b", "${USER_NAME}", ["s6-setuidgid"]),
        ("exec 2>&1 s6-applyuidgid -u 1000 -g 100 -G '' cp a b", "cp a b", "1000", ["exec", "s6-applyuidgid"]),
        ("env -i A=b LANG=C cp a b", "cp a b", "root", ["env"]),
        ("nice -n 5 nohup timeout -k 1 5 cp a b", "cp a b", "root", ["nice", "nohup", "timeout"]),
        ("time command cp a b", "cp a b", "root", ["time", "command"]),
        ("xvfb-run -a -s '-screen 0' dbus-run-session -- cp a b", "cp a b", "root", ["xvfb-run", "dbus-run-session"]),
        ("with-contenv cp a b", "cp a b", "root", ["with-contenv"]),
        ("bash -exc 'cp a b'", "cp a b", "root", ["bash"]),
        ("sh -c 'cp $0 $1' a b", "cp a b", "root", ["sh"]),
        ("eval 'cp a' b", "cp a b", "root", ["eval"]),
        ("s6-notifyoncheck -d -n 3 cd /g s6-setuidgid joe cp a b", "cp a b", "joe", ["s6-notifyoncheck", "cd", "s6-setuidgid"]),
        ("chroot /mnt cp a b", "cp a b", "root", ["chroot"]),
        ("echo a b | xargs cp", "cp a b", "root", ["xargs"]),
        ("ls | xargs -I{} cp {} /b", "cp ${?} /b", "root", ["xargs"]),
        ("find /a -name '*.sh' -exec cp {} b \\;", "cp {} b", "root", ["find"]),
    ],
)  # fmt: skip
def test_wrappers_are_peeled(text: str, expected: str, user: str, wrappers: list[str]) -> None:
    command = commands(text)[-1]
    assert str(command) == expected
    assert command.user.canonical == user
    assert [one.name for one in command.wrappers] == wrappers


def test_wrappers_that_run_nothing_are_commands() -> None:
    text = "sudo -i\nenv\ncommand -v git\nexec\nsu - joe\nbusybox"
    assert lines(text) == text.split("\n")
    unknown = commands('su joe -c "$(cat /x)"')[-1]
    assert (unknown.name, unknown.user.canonical) == ("sh", "joe")


def test_inner_scripts_see_what_is_exported_and_keep_their_places() -> None:
    text = "A=1\nexport B=2\nsh -c 'x $A $B $VNC_PORT'\n"
    assert lines(text, Environment.at_build({"VNC_PORT": "1"}))[-1] == "x 2 1"
    text = 'su joe -c "\n  mkdir /a &&\n  cp b \\"$HOME\\"/c"\n'
    copy = commands(text)[-1]
    assert (str(copy), copy.place.span) == ("cp b /headless/c", Span(3, 3, 3, 19))


def test_home_of_a_switched_user() -> None:
    assert str(only("sudo -u $USER_NAME sh -c 'x $HOME'")) == "x /home/${USER_NAME}"
    assert str(only("s6-setuidgid $USER_NAME sh -c 'x $HOME'")) == "x /headless"
    assert only("s6-setuidgid joe x").home == Text.of("/headless")
    assert only("gosu joe x").home == Text.of("/home/joe")


# Files that are sourced and run


def test_scripts_of_the_image_are_followed() -> None:
    files = {
        "/lib/vars.sh": "APP=/opt/app\nreturn 0\nnever",
        "/usr/local/bin/setup": "#!/bin/bash -e\nmkdir $1 $APP\nexit 3\n",
        "/a/plain": "x $0\n",
        "/py": "#!/usr/bin/python3\nimport os\n",
        "/loop": "/loop\n",
    }

    def load(path: str) -> LoadedScript | None:
        text = files.get(path)
        return None if text is None else LoadedScript(f"root{path}", MappedText.whole(text))

    environment = Environment.at_build({"PATH": "/usr/local/bin:/bin"})
    found = commands(
        ". /lib/vars.sh\nsetup $APP\ncd /a\n./plain\nbash plain\nsource nowhere\n/py\n", environment, load=load
    )
    assert [str(one) for one in found if one.name not in ("return", "exit", "cd")] == [
        ". /lib/vars.sh", "setup /opt/app", "mkdir /opt/app", "./plain", "x ./plain", "plain", "x plain", "source nowhere", "/py",
    ]  # fmt: skip
    assert [one.loaded for one in found if one.name in ("setup", "plain", "py", "source", ".")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    inner = next(one for one in found if one.name == "mkdir")
    assert (inner.place.path, inner.callers[0].path, inner.errexit) == ("root/usr/local/bin/setup", "x.sh", True)
    assert len(commands("/loop", environment, load=load)) == 2


def test_after_an_unknown_file_is_sourced_other_names_may_be_set() -> None:
    build = Environment.at_build({})
    assert lines("x /a/$V", build) == ["x /a/"]
    assert lines(". /opt/vars\nx /a/$V", build)[-1] == "x /a/${?}"


def test_traps_run_at_the_end() -> None:
    assert lines("trap 'rm -rf /t' EXIT\na")[-1] == "rm -rf /t"


# execline


def chain(text: str, environment: Environment = START) -> list[Command]:
    line = execline.parse(text.encode())
    assert isinstance(line, execline.ExeclineScript)
    return list(interpret_execline(line, "up", environment).commands)


def test_execline_chains() -> None:
    text = """#!/command/execlineb -P
    with-contenv
    importas -D joe user USER_NAME
    define dir /run/x
    if { test -d /data }
    foreground { mkdir -p ${dir}/$user }
    background { s6-setuidgid $user touch ${dir}/y }
    cd /srv
    redirfd -w 1 /log
    s6-setuidgid ${user} prog --flag "a b"
    """
    test, mkdir, touch, prog = chain(text)
    assert (str(test), str(mkdir), str(touch)) == ("test -d /data", "mkdir -p /run/x/${USER_NAME}", "touch /run/x/y")
    assert touch.background
    assert guards(prog) == ["if: -d /data"]
    assert (str(prog), prog.user.canonical, str(prog.directory)) == ("prog --flag a b", "${USER_NAME}", "/srv")
    assert (str(prog.redirects[0].target), prog.place.line) == ("/log", 10)


def test_execline_branches_and_shells() -> None:
    found = chain("ifelse { test -f /x } { a } ifelse -n { test -f /y } { b } c")
    assert [(one.name, guards(one)) for one in found if one.name in "abc"] == [
        ("a", ["if: -f /x"]),
        ("b", ["if: ! -f /x", "if: -f /y"]),
        ("c", ["if: ! -f /x", "if: ! -f /y"]),
    ]
    assert [str(one) for one in chain('/bin/sh -c "mkdir $HOME && cp a b"')] == ["mkdir /headless", "cp a b"]
    assert [str(one) for one in chain("/etc/s6-overlay/scripts/init-x")] == ["/etc/s6-overlay/scripts/init-x"]
