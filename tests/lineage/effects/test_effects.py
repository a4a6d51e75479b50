"""Commands → effects: files, modes, accounts, and what programs that cannot be read may touch."""

from collections.abc import Mapping
from dataclasses import fields

import pytest

from ctlint.lineage.commands.model import Environment
from ctlint.lineage.effects.model import Effect, MakeAccount, Opens, Write
from ctlint.lineage.effects.packages import package_name
from ctlint.lineage.effects.read import effects_of
from ctlint.lineage.interpreter.interpret import interpret
from ctlint.lineage.shell.parse import parse_script
from ctlint.lineage.text.places import MappedText
from ctlint.lineage.text.symbolic import Text, Var

START = Environment.at_start({"HOME": "/headless", "PATH": "/usr/bin:/bin"}, frozenset({"USER_NAME", "USER_ID"}))
_ASIDE = ("place", "user", "sure", "command")


def effects(text: str, dialect: str = "sh", environment: Environment = START) -> tuple[Effect, ...]:
    script = parse_script(MappedText.whole(text), "x", dialect)  # type: ignore[arg-type]
    reading = interpret(script, environment, directory=Text.of("/w"))
    return effects_of(reading.commands, reading.unread)


def plain(value: object) -> object:
    if isinstance(value, Text):
        return value.canonical
    return tuple(plain(one) for one in value) if isinstance(value, tuple) else value


def told(effect: Effect) -> Mapping[str, object]:
    """What an effect says beyond its defaults."""
    said = {field.name: plain(getattr(effect, field.name)) for field in fields(effect) if field.name not in _ASIDE}
    usual = {field.name: field.default for field in fields(effect) if isinstance(field.default, str)}
    return {
        "": type(effect).__name__,
        **{
            name: value
            for name, value in said.items()
            if value not in (None, False, (), 0) and not (name in usual and value == usual[name])
        },
    }


def brief(effect: Effect) -> str:
    """An effect in one line: `Kind name=value flag`."""
    words: list[str] = []
    for name, value in told(effect).items():
        if name == "":
            words.append(str(value))
        elif value is True:
            words.append(name)
        elif isinstance(value, tuple):
            words.append(f"{name}={'|'.join(value)}")
        elif name in ("content", "reason"):
            words.append(f"{name}={value!r}")
        else:
            words.append(
                f"{name}={oct(value)}"
                if isinstance(value, int) and name in ("mode", "home_mode", "parents_mode")
                else f"{name}={value}"
            )
    return " ".join(words)


def shown(text: str, dialect: str = "sh") -> list[Mapping[str, object]]:
    return [told(effect) for effect in effects(text, dialect)]


def row(kind: str, **said: object) -> dict[str, object]:
    return {"": kind, **said}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Ownership and modes
        (
            "chown -R joe:users a /b",
            [
                "NeedAccount name=joe by=chown",
                "ChangeOwner groups=users path=/w/a owner=joe group=users recursive",
                "ChangeOwner groups=users path=/b owner=joe group=users recursive",
            ],
        ),
        (
            "chown 1000:1000 /b",
            ["ChangeOwner path=/b owner=1000 group=1000"],
        ),
        (
            "chown $USER_ID:0 /b",
            ["ChangeOwner path=/b owner=${USER_ID} group=0"],
        ),
        (
            "chown :users /b",
            ["ChangeOwner groups=users path=/b group=users"],
        ),
        (
            "chown root: /b",
            ["ChangeOwner path=/b owner=root"],
        ),
        (
            "chgrp -R 0 /b/*",
            ["ChangeOwner path=/b/* group=0 recursive globs"],
        ),
        (
            "chown --reference=/a /b",
            ["ChangeOwner path=/b reference=/a"],
        ),
        (
            "chmod -R 755 /b",
            ["ChangeMode path=/b mode=755 recursive"],
        ),
        (
            "chmod -v -x,u+w b",
            ["ChangeMode path=/w/b mode=-x,u+w"],
        ),
        (
            "chmod a+rX,go-w /b /c",
            [
                "ChangeMode path=/b mode=a+rX,go-w",
                "ChangeMode path=/c mode=a+rX,go-w",
            ],
        ),
        (
            "find /b /c -name '*.sh' -type f -exec chmod a+x {} +",
            [
                "ChangeMode path=/b mode=a+x recursive names=*.sh types=f",
                "ChangeMode path=/c mode=a+x recursive names=*.sh types=f",
            ],
        ),
        # Files and directories
        (
            "mkdir -p -m 750 a/b /c/../d",
            [
                "MakeDirectory path=/w/a/b mode=0o750 parents",
                "MakeDirectory path=/d mode=0o750 parents",
            ],
        ),
        (
            "cp a /b",
            ["Copy sources=/w/a target=/b"],
        ),
        (
            "cp -rn a b /c/",
            ["Copy sources=/w/a|/w/b target=/c into recursive no_clobber follows=none"],
        ),
        (
            "cp -a /x/. /y",
            ["Copy sources=/x/. target=/y recursive keeps_owner keeps_mode follows=none"],
        ),
        (
            "cp -t /y *.jar",
            ["Copy sources=/w/*.jar target=/y globs into"],
        ),
        (
            "mv -T a b",
            ["Copy sources=/w/a target=/w/b onto_file recursive moves keeps_owner keeps_mode follows=none"],
        ),
        (
            "install -Dm755 -o joe a /b/c",
            [
                "NeedAccount name=joe by=install",
                "MakeDirectory path=/b mode=0o755 parents parents_mode=0o755",
                "Copy sources=/w/a target=/b/c mode=0o755 owner=joe fresh",
            ],
        ),
        (
            "install -d -m 1777 /b",
            ["MakeDirectory path=/b mode=0o1777 parents parents_mode=0o755", "ChangeMode path=/b mode=01777"],
        ),
        (
            "ln -sf ../a /b/c",
            ["Link target=../a path=/b/c symbolic force"],
        ),
        (
            "ln -s /a",
            ["Link target=/a path=/w symbolic into"],
        ),
        (
            "ln -s /a /d/",
            ["Link target=/a path=/d symbolic into"],
        ),
        (
            "rm -rf /a/* b",
            [
                "Remove path=/a/* recursive globs force",
                "Remove path=/w/b recursive force",
            ],
        ),
        (
            "find /a -name '*.pyc' -delete",
            ["Remove path=/a recursive force names=*.pyc"],
        ),
        (
            "find /a -type d -name .git -exec rm -rf {} +",
            ["Remove path=/a recursive force names=.git types=d"],
        ),
        (
            "touch a",
            ["Write path=/w/a content='' append keeps"],
        ),
        (
            "sed -i -e s/a/b/ /c",
            ["Write path=/c keeps replaces"],
        ),
        (
            "sed -ri 's/a/b/' /c /d",
            [
                "Write path=/c keeps replaces",
                "Write path=/d keeps replaces",
            ],
        ),
        (
            "sed -n 's/-i/x/p' /c",
            [],
        ),
        (
            "dd if=/dev/zero of=/swap bs=1M",
            ["Write path=/swap"],
        ),
        # What is written
        (
            "echo a 'b  c' > /f",
            ["Write path=/f content='a b  c\\n'"],
        ),
        (
            "echo -n a >> /f",
            ["Write path=/f content='a' append"],
        ),
        (
            "echo 'a\\nb' > /f",
            ["Write path=/f content='a\\nb\\n'"],
        ),
        (
            "printf '%s=%s\\n' a 1 b 2 > /f",
            ["Write path=/f content='a=1\\nb=2\\n'"],
        ),
        (
            "printf '%d items' $(ls) > /f",
            ["Write path=/f content='${?} items'"],
        ),
        (
            "cat > /f <<EOF\nu=$USER_NAME\nEOF",
            ["Write path=/f content='u=${USER_NAME}\\n'"],
        ),
        (
            "echo x | tee -a /f /g >/dev/null",
            [
                "Write path=/f content='x\\n' append",
                "Write path=/g content='x\\n' append",
            ],
        ),
        (
            "echo x | cat > /f",
            ["Write path=/f content='x\\n'"],
        ),
        (
            "date > /f 2>/dev/null",
            ["Write path=/f"],
        ),
        (
            "a=1 > /f; : > /g; > /h",
            [
                "Write path=/f content=''",
                "Write path=/g content=''",
                "Write path=/h content=''",
            ],
        ),
        (
            "{ echo a; echo b; } > /f",
            ["Write path=/f content='a\\nb\\n'"],
        ),
        (
            "echo x > /dev/stderr; cat /f > /proc/1/fd/1",
            [],
        ),
        # Accounts
        (
            "useradd -m -d /home/$USER_NAME -s /bin/bash -u $USER_ID -U $USER_NAME",
            [
                "MakeAccount name=${USER_NAME} uid=${USER_ID} home=/home/${USER_NAME} makes_home new_group",
                "MakeGroup name=${USER_NAME}",
            ],
        ),
        (
            "useradd -r -o -u 5 -g users joe",
            ["MakeAccount groups=users name=joe uid=5 gid=users allows_same_uid system"],
        ),
        (
            "adduser --disabled-password --gecos '' --uid 7 joe",
            [
                "MakeAccount name=joe uid=7 makes_home home_mode=0o700",
                "MakeGroup name=joe",
            ],
        ),
        (
            "adduser -D -u 7 -h /data -G users joe",
            ["MakeAccount groups=users name=joe uid=7 gid=users home=/data makes_home"],
        ),
        (
            "adduser joe users; addgroup joe users; usermod -aG a joe",
            [
                "NeedAccount name=joe by=adduser",
                "ChangeAccountFiles groups=users",
                "NeedAccount name=joe by=addgroup",
                "ChangeAccountFiles groups=users",
                "NeedAccount name=joe by=usermod",
                "ChangeAccountFiles groups=a",
            ],
        ),
        (
            "groupadd -g 9 g; addgroup -S h",
            [
                "MakeGroup name=g gid=9 fails_if_there",
                "MakeGroup name=h",
            ],
        ),
        (
            "userdel -r joe",
            [
                "NeedAccount name=joe by=userdel",
                "RemoveAccount name=joe removes_home",
            ],
        ),
        (
            "usermod -l new -d /home/new -m joe",
            [
                "NeedAccount name=joe by=usermod",
                "ChangeAccountFiles",
                "ChangeAccount name=joe home=/home/new moves_home",
                "RenameAccount name=joe new_name=new",
            ],
        ),
        (
            'echo "$USER_NAME:$PW" | chpasswd',
            ["ChangeAccountFiles", "NeedAccount name=${USER_NAME} by=chpasswd"],
        ),
        (
            "passwd -d joe; chsh -s /bin/sh joe",
            [
                "ChangeAccountFiles",
                "NeedAccount name=joe by=passwd",
                "ChangeAccountFiles",
                "NeedAccount name=joe by=chsh",
            ],
        ),
        (
            'echo "joe:x:1000:1000::/home/joe:/bin/sh" >> /etc/passwd',
            [
                "Write path=/etc/passwd content='joe:x:1000:1000::/home/joe:/bin/sh\\n' append",
                "MakeAccount name=joe uid=1000 gid=1000 home=/home/joe allows_same_uid",
            ],
        ),
        (
            "sudo -u $USER_NAME touch a",
            [
                "NeedAccount name=${USER_NAME} by=sudo",
                "Write path=/w/a content='' append keeps",
            ],
        ),
        (
            "s6-setuidgid 1000:1000 touch a; gosu root touch b",
            [
                "Write path=/w/a content='' append keeps",
                "Write path=/w/b content='' append keeps",
            ],
        ),
        # Fetching and unpacking
        (
            "curl -SLo x.zip http://h/a.zip && unzip -q x.zip -d /opt",
            [
                "Write path=/w/x.zip",
                "Unpack archive=/w/x.zip into=/opt url=http://h/a.zip",
            ],
        ),
        (
            "curl -sSLO http://h/d/a.tgz?x=1; tar -xzf a.tgz -C / ./bin --exclude=./lib",
            [
                "Write path=/w/a.tgz",
                "Unpack archive=/w/a.tgz into=/ members=./bin excludes=./lib url=http://h/d/a.tgz?x=1",
            ],
        ),
        (
            "wget -qO- http://h/a.txz | tar xJ --strip 1 -C /opt",
            ["Unpack archive=- into=/opt url=http://h/a.txz strip=1"],
        ),
        (
            "wget -q http://h/a http://h/b -P /t",
            [
                "Write path=/t/a",
                "Write path=/t/b",
            ],
        ),
        (
            "curl http://h/a > /f",
            ["Write path=/f"],
        ),
        (
            "curl -o /a http://h/1 -o /b http://h/2 -H 'x: y'",
            [
                "Write path=/a",
                "Write path=/b",
            ],
        ),
        (
            "curl -J -L -o /a http://h/1",
            ["Write path=/a"],
        ),
        (
            "curl -JO http://h/1",
            ["Write path=/w/1", "Opens reason='x:1 fetches a file under a name that the server gives' below=/w"],
        ),
        (
            "tar czf /b.tgz a; tar tf x.tgz",
            ["Write path=/b.tgz"],
        ),
        (
            "bsdtar -hxf a -C /",
            ["Unpack archive=/w/a into=/ follows_links"],
        ),
        (
            "gunzip a.gz",
            [
                "Write path=/w/a",
                "Remove path=/w/a.gz",
            ],
        ),
        # Running
        (
            "./x.sh a $USER_NAME --version",
            [
                "Execute path=/w/x.sh arguments=a|${USER_NAME}|--version",
                "Opens reason='x:1 runs /w/x.sh, which may write anywhere' below=/ may_remove handles=/w/a",
            ],
        ),
        (
            "bash M.sh -b -p /opt/conda",
            [
                "Execute path=/w/M.sh arguments=-b|-p|/opt/conda interpreter=bash",
                "Opens reason='x:1 installs into /opt/conda' below=/opt/conda|/headless/.conda|/headless/.cache",
            ],
        ),
        (
            "update-alternatives --install /usr/bin/x x /opt/x 10",
            [
                "Link target=/etc/alternatives/x path=/usr/bin/x symbolic force",
                "Link target=/opt/x path=/etc/alternatives/x symbolic force",
            ],
        ),
        (
            "git clone --depth 1 https://h/o/r.git",
            ["Opens reason='x:1 clones a repository there' below=/w/r"],
        ),
        (
            "ldconfig",
            ["Opens reason='x:1 runs ldconfig' below=/etc/ld.so.cache|/var/cache/ldconfig"],
        ),
    ],
)
def test_effects(text: str, expected: list[str]) -> None:
    assert [brief(effect) for effect in effects(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "echo useradd joe",
        "# chown joe /x",
        "printf '%s' 'rm -rf /' | grep -q rm",
        "cat <<EOF\nuseradd joe\nEOF",
        "f() { rm -rf /; }",
        "apt-get update && apt-get clean",
        "python3 --version; pip --version; java -version",
        "id; getent passwd; ls -la; env; test -d /x; sleep 5; true",
        "A=$(date); export A; cd /x; set -e; ulimit -n 5",
        "sed -e 's/a/b/' f; awk '{print > 1}' f; tar --version",
        "if false; then rm -rf /; fi",
        "chmod --help; git status; dpkg -l; apt list; npm config set x y",
    ],
)
def test_commands_that_write_nowhere_that_matters(text: str) -> None:
    assert shown(text) == []


def opens(text: str, dialect: str = "sh") -> Opens:
    found = [effect for effect in effects(text, dialect) if isinstance(effect, Opens)]
    assert len(found) == 1, text
    return found[0]


@pytest.mark.parametrize(
    "text",
    [
        "apt-get install -y --no-install-recommends xfce4",
        "apk add --no-cache bash",
        "dnf -y install httpd",
        "npm install -g yarn",
        "make -j4 install",
        "pip3 install numpy",
        "python3 -m pip install -U numpy",
        "cargo build --release",
        "conda install -y -c x y",
    ],
)
def test_package_managers_and_compilers_leave_the_places_of_the_image_alone(text: str) -> None:
    effect = opens(text)
    assert {"/etc/cont-init.d", "/etc/s6-overlay", "/headless", "/home", "/defaults", "/helx"} <= set(effect.spares)


@pytest.mark.parametrize("text", ["apt-get install -y xfce4", "apk add --no-cache bash", "dnf -y install httpd"])
def test_packages_of_a_distribution_write_where_packages_write(text: str) -> None:
    below = opens(text).below
    assert {"/usr", "/etc", "/var", "/opt"} <= set(below)
    assert "/" not in below


def test_the_name_of_a_package_stands_before_its_version() -> None:
    assert package_name(Text.of("deluge==", Var("VERSION", None))) == "deluge"
    assert package_name(Text.of("s6-overlay")) == "s6-overlay"
    assert package_name(Text.of("lib", Var("WHAT", None))) is None
    assert "/etc/cont-init.d" in opens('pip install "deluge==$(cat version)"').spares


@pytest.mark.parametrize(
    ("text", "touched"),
    [
        ("cd /headless/app && npm install", "/headless"),
        ("pip install -t /config/lib numpy", "/config"),
        ("/home/joe/venv/bin/pip install numpy", "/home"),
        ("make DESTDIR=/defaults install", "/defaults"),
        ("apk add s6-overlay", "/etc/s6-overlay"),
    ],
)
def test_a_place_that_a_tool_works_in_is_not_spared(text: str, touched: str) -> None:
    effect = opens(text)
    assert touched not in effect.spares
    assert "/helx" in effect.spares


@pytest.mark.parametrize(
    "text",
    [
        "curl -fsSL http://h/i.sh | bash",
        "wget -qO- http://h/i | sh -s -- -y",
        "/opt/install.sh",
        'sh -c "$(curl http://h)"',
    ],
)
def test_what_is_fetched_or_unread_may_write_anywhere(text: str) -> None:
    effect = opens(text)
    assert (effect.below, effect.spares, effect.may_remove) == (("/",), (), True)


def test_a_program_on_path_does_not_write_start_scripts() -> None:
    effect = opens("mystery --setup")
    assert effect.reason == "x:1 runs mystery, which may write anywhere"
    assert "/etc/cont-init.d" in effect.spares
    assert "/headless" not in effect.spares


def test_find_with_several_commands_and_with_conditions_that_are_not_modelled() -> None:
    chgrp, chmod, other = effects(
        "find /a -exec chgrp 0 -- {} + -exec chmod g+w -- {} +; find /b ! -user joe -exec chmod 1 {} +"
    )
    assert (brief(chgrp), chgrp.sure) == ("ChangeOwner path=/a group=0 recursive", True)
    assert (brief(chmod), chmod.sure) == ("ChangeMode path=/a mode=g+w recursive", True)
    assert (brief(other), other.sure) == ("ChangeMode path=/b mode=1 recursive", False)


def test_unquoted_variables_that_hold_options_are_no_operands() -> None:
    assert [
        brief(one) for one in effects('chown $CHOWN_OPTS "1:2" /a; cp ${CP_OPTS:--a} /a /b; chmod $verbose 1 /a')
    ] == [
        "ChangeOwner path=/a owner=1 group=2",
        "Copy sources=/a target=/b",
        "ChangeMode path=/a mode=1",
    ]


def test_a_write_to_each_match_of_a_glob_is_a_write_somewhere_below() -> None:
    (write,) = effects("for f in /a/*.conf; do echo x > $f; done")
    assert isinstance(write, Write)
    assert (write.path.canonical, write.path.prefix) == ("/a/${?}", "/a/")


def test_effects_are_equal_by_what_they_say() -> None:
    first, second = effects("touch /a"), effects("touch /a")
    assert first == second
    assert hash(first[0]) == hash(second[0])
    assert first[0].command is not None
    assert effects("touch /b") != first
    assert "path=" in repr(first[0])
    assert "command" not in repr(first[0])


def test_installed_packages_are_listed() -> None:
    found = shown('apt-get -qq install -y -t stable vim=2:8 "$USER_NAME" git- && apt-get purge -y nano')
    assert found[0] == row("InstallPackages", manager="apt-get", packages=("vim=2:8", "${USER_NAME}"))
    assert found[2] == row("InstallPackages", manager="apt-get", packages=("nano",), removes=True)
    assert shown("pip install -r requirements.txt -e .")[0] == row("InstallPackages", manager="pip", packages=(".",))
    assert shown("apk add --virtual .build gcc musl-dev")[0]["packages"] == ("gcc", "musl-dev")


def test_sureness_user_and_link_to_the_command() -> None:
    sure, unsure = effects("mkdir /a && touch /b\n[ -f /x ] && s6-setuidgid 1000:1000 rm /c\n")[1:3]
    assert (sure.sure, unsure.sure) == (True, False)
    assert unsure.user.canonical == "1000"
    assert unsure.command is not None
    assert unsure.command.name == "rm"
    assert unsure.place.span.column == 40


def test_the_dialect_decides_what_echo_and_redirections_write() -> None:
    assert [effect.content for effect in effects("echo 'a\\tb' > /f", "sh") if isinstance(effect, Write)] == [
        Text.of("a\tb\n")
    ]
    assert [effect.content for effect in effects("echo 'a\\tb' > /f", "bash") if isinstance(effect, Write)] == [
        Text.of("a\\tb\n")
    ]
    assert [effect.content for effect in effects("echo -e 'a\\tb' > /f", "bash") if isinstance(effect, Write)] == [
        Text.of("a\tb\n")
    ]
    assert [effect.content for effect in effects("echo -e a > /f", "sh") if isinstance(effect, Write)] == [
        Text.of("-e a\n")
    ]


def test_an_account_made_under_a_test_is_not_sure() -> None:
    found = effects('if ! id -u "$USER_NAME" >/dev/null 2>&1; then useradd -m "$USER_NAME"; fi')
    account = next(effect for effect in found if isinstance(effect, MakeAccount))
    assert not account.sure
    assert account.command is not None
    assert [str(guard.holds) for guard in account.command.guards] == ["! user ${USER_NAME}"]


def test_parts_that_were_not_read_may_do_anything() -> None:
    found = effects("touch /a\nif then\n")
    assert [told(effect)[""] for effect in found] == ["Write", "Opens"]
    assert isinstance(found[1], Opens)
    assert "syntax error" in found[1].reason
