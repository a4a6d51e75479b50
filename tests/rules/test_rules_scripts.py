"""What the rules about start scripts and the desktop user say of single lines, and what they let pass.

Each script is laid into an image of Debian with s6-overlay whose account is made by `40-account.sh`.
"""

from collections.abc import Mapping

import pytest

from ctlint.lineage.repository.snapshot import FileSpec, Snapshot
from ctlint.lineage.workspace.workspace import Workspace
from ctlint.lint.judging.engine import run_rules
from ctlint.lint.judging.run import Run
from ctlint.rules.base import Severity
from ctlint.rules.discover import all_rules
from ctlint.rules.shared.users.secrets import is_secret_name, is_secret_value
from folding import program, workspace

RELEASE = "https://github.com/just-containers/s6-overlay/releases/download"
OF_SCRIPTS = tuple(rule for rule in all_rules() if rule.code.startswith(("CT2", "CT3")))
ACCOUNT = """#!/usr/bin/with-contenv sh
set -e
[ -n "$USER_NAME" ] || exit 0
getent group "$GROUP_ID" >/dev/null || groupadd -g "$GROUP_ID" "$USER_NAME"
id -u "$USER_NAME" >/dev/null 2>&1 || useradd -m -d "/home/$USER_NAME" -u "$USER_ID" -g "$GROUP_ID" "$USER_NAME"
"""
VARIABLES = 'ENV USER_NAME="" USER_ID=1000 GROUP_ID=1000 VNC_PW=""'
HERE = "root/etc/cont-init.d/50-here.sh"


def dockerfile(release: str, parent: str, extra: str) -> str:
    lines = [f"FROM {parent}"]
    if release.startswith("3"):
        lines += [f"ADD {RELEASE}/v{release}/s6-overlay-{part}.tar.xz /tmp/" for part in ("noarch", "x86_64")]
        lines += [f"RUN tar -C / -Jxpf /tmp/s6-overlay-{part}.tar.xz" for part in ("noarch", "x86_64")]
    else:
        lines += [f"ADD {RELEASE}/v{release}/s6-overlay-amd64.tar.gz /tmp/"]
        lines += ["RUN tar -xzf /tmp/s6-overlay-amd64.tar.gz -C / --exclude=./bin"]
        lines += ["RUN tar -xzf /tmp/s6-overlay-amd64.tar.gz -C /usr ./bin"]
    return "\n".join((*lines, VARIABLES, "COPY root/ /", *extra.splitlines(), 'ENTRYPOINT ["/init"]', ""))


def run(
    files: Mapping[str, str], *, release: str = "2.2.0.3", parent: str = "debian:12.8-slim", extra: str = ""
) -> Run:
    everything: dict[str, bytes | str | FileSpec] = {
        "Dockerfile": dockerfile(release, parent, extra),
        "root/etc/cont-init.d/40-account.sh": FileSpec(ACCOUNT.encode(), 0o755),
    }
    everything |= {path: FileSpec(text.encode(), 0o755) for path, text in files.items()}
    workspace = Workspace([(Snapshot.from_mapping("made", everything), ["Dockerfile"])])
    done = run_rules(workspace, OF_SCRIPTS)
    assert done.failed == 0
    return done


def told(
    script: str,
    *,
    shell: str = "sh",
    options: str = "",
    release: str = "2.2.0.3",
    files: Mapping[str, str] | None = None,
) -> list[str]:
    """The codes told of a script that is started with the container's environment, in order of lines."""
    text = f"#!/usr/bin/with-contenv {shell}\n{options}{script}\n"
    done = run({HERE: text, **(files or {})}, release=release)
    return [finding.rule for finding in done.findings() if finding.place.path == f"made/{HERE}"]


@pytest.mark.parametrize(
    "script",
    [
        "mkdir /srv/state && touch /srv/state/x",
        "ln -s /srv/a /srv/b && touch /srv/c",
        "echo 'a = b' >> /etc/site.conf",
        "cat >> /etc/site.conf <<EOF\na = b\nEOF",
        "set -e\ngroupadd staff2\ndate > /srv/x",
        "set -e\nuseradd -r helper\ndate > /srv/x",
        "set -e\nmysql -e 'CREATE DATABASE site'\ndate > /srv/x",
        "set -e\nrm /etc/motd.site\ndate > /srv/x",
        'if [ -n "$USER_ID" ]; then echo x >> /etc/site.conf; fi',
        "mkdir -p /srv/state\nln -s /srv/state /srv/link\ndate > /srv/x",
    ],
)
def test_what_fails_or_piles_up_at_the_second_start_is_told(script: str) -> None:
    assert told(script, files={"root/etc/motd.site": "hello\n"}) == ["CT206"]


@pytest.mark.parametrize(
    "script",
    [
        "mkdir /srv/state || true",
        "mkdir /srv/state 2>/dev/null",
        "mkdir /srv/state\ndate > /srv/x",
        "[ -e /srv/done ] || { mkdir /srv/state && date > /srv/done; }",
        "mkdir /run/state && touch /run/state/x",
        "rm -rf /srv/state; mkdir /srv/state && date > /srv/x",
        "mkdir /srv/state && date > /srv/x; rm -rf /srv/state",
        "grep -q a /etc/site.conf || echo 'a = b' >> /etc/site.conf",
        "sed -i '/^a/d' /etc/site.conf; echo 'a = b' >> /etc/site.conf",
        ": > /etc/site.conf; echo 'a = b' >> /etc/site.conf",
        "cp /usr/share/site.conf /etc/site.conf; echo 'a = b' >> /etc/site.conf",
        "date >> /var/log/starts.log",
        'echo "$(date) started" >> /srv/history',
        "set -e\nmysql -e 'CREATE DATABASE IF NOT EXISTS site'\ndate > /srv/x",
        "set -e\nrm -f /etc/motd.site",
        "d=$(mktemp -d) && mkdir $d/x && touch $d/x/y",
        "if some-program ready; then mkdir /srv/state && touch /srv/state/x; fi",
    ],
)
def test_what_bears_a_second_start_is_not(script: str) -> None:
    assert told(script, files={"root/etc/motd.site": "hello\n"}) == []


def test_an_add_on_is_made_anew_at_each_start() -> None:
    assert told("echo 'a = b' >> /etc/site.conf", shell="bashio") == []


@pytest.mark.parametrize(
    "script",
    [
        "a=(one two)",
        "cat <<< text",
        "set -o pipefail",
        "for ((i = 0; i < 3; i++)); do date; done",
        'if [ "$USER_ID" == 1000 ]; then date; fi',
        "function f { date; }",
        'echo "${USER_ID//0/1}"',
    ],
)
def test_bash_is_told_where_dash_reads(script: str) -> None:
    assert told(script) == ["CT207"]
    assert told(script, shell="bash") == []


def test_a_script_has_one_finding_for_all_its_bash() -> None:
    done = run({HERE: "#!/bin/sh\n[[ a = a ]]\nset -o pipefail\nb=(1)\n"})
    [finding] = [one for one in done.findings() if one.rule == "CT207"]
    assert finding.place.line == 2
    assert [related.place.line for related in finding.related] == [3, 4]


def test_echo_with_escapes_is_an_info() -> None:
    done = run({HERE: "#!/bin/sh\necho -e 'a\\tb'\n"})
    assert [(one.rule, one.severity) for one in done.findings()] == [("CT207", Severity.INFO)]


@pytest.mark.parametrize(
    "script",
    [
        'rm -rf "/srv/scratch/$USER_NAME"',
        "rm -rf /home/$USER_NAME/*",
        'chown -R 1500 "/srv/homes/$USER_NAME/"',
        'name=$USER_NAME\nchmod -R o-rwx "/srv/homes/$name"',
        '[ -d "/srv/homes/$USER_NAME" ] && rm -r "/srv/homes/$USER_NAME"',
    ],
)
def test_a_name_that_may_be_empty_is_told_where_it_widens_a_command(script: str) -> None:
    assert told(script) == ["CT311"]


@pytest.mark.parametrize(
    "script",
    [
        ': "${USER_NAME:?}"\nrm -rf "/srv/scratch/$USER_NAME"',
        'set -u\nrm -rf "/srv/scratch/${USER_NAME:-nobody}"',
        '[ -z "$USER_NAME" ] && exit 0\nrm -rf "/srv/scratch/$USER_NAME"',
        'if id -u "$USER_NAME" >/dev/null; then rm -rf "/srv/scratch/$USER_NAME"; fi',
        'set -e\n[ -n "$USER_NAME" ]\nrm -rf "/srv/scratch/$USER_NAME"',
        'rm -f "/srv/scratch/$USER_NAME"',
        'rm -rf "/srv/scratch/$USER_NAME.old"',
        'rm -rf "/srv/homes/$USER_NAME/cache"',
        'rm -rf "/srv/scratch/$USER_ID"',
        'rm -rf "$USER_NAME"',
        'rm -rf "/srv/scratch/$(id -un)"',
    ],
)
def test_a_name_that_is_sure_or_harmless_is_not(script: str) -> None:
    assert told(script) == []


RUN_AS_USER = '#!/command/with-contenv sh\nexec s6-setuidgid "$USER_NAME" heartbeat\n'


def empty_user(release: str, *, run_file: str = RUN_AS_USER, account: str | None = None, extra: str = "") -> bool:
    service = "root/etc/s6-overlay/s6-rc.d/heartbeat"
    files = {
        f"{service}/type": "longrun\n",
        f"{service}/run": run_file,
        f"{service}/dependencies.d/base": "",
        "root/etc/s6-overlay/s6-rc.d/user/contents.d/heartbeat": "",
    }
    if account is not None:
        files["root/etc/cont-init.d/40-account.sh"] = account
    return "CT315" in [finding.rule for finding in run(files, release=release, extra=extra).findings()]


def test_an_empty_user_becomes_root_from_3_1_3_0_on() -> None:
    assert empty_user("3.1.3.0")
    assert not empty_user("3.1.2.1")


def test_an_unquoted_empty_user_is_no_word_at_all() -> None:
    assert not empty_user("3.2.1.0", run_file=RUN_AS_USER.replace('"', ""))


@pytest.mark.parametrize(("policy", "expected"), [("0", True), ("1", True), ("2", False)])
def test_a_service_is_safe_where_the_start_ends_without_a_name(policy: str, expected: bool) -> None:
    account = ACCOUNT.replace('[ -n "$USER_NAME" ] || exit 0', ': "${USER_NAME:?}"').replace("/usr/bin", "/command")
    assert empty_user("3.2.1.0", account=account, extra=f"ENV S6_BEHAVIOUR_IF_STAGE2_FAILS={policy}") is expected


@pytest.mark.parametrize(
    "script",
    [
        'mkdir "/home/$USER_NAME/inbox"',
        'cp -r /usr/share/site "/home/$USER_NAME/site"',
        'echo x > "/home/$USER_NAME/settings"',
        'mkdir -p "/home/$USER_NAME/a/b"\nchown "$USER_NAME" "/home/$USER_NAME/a"',
    ],
)
def test_what_root_leaves_in_a_home_is_told(script: str) -> None:
    guard = '[ -n "$USER_NAME" ] || exit 0\n[ ! -e "/home/$USER_NAME/inbox" ] || exit 0\n'
    assert told(guard + script) == ["CT310"]


@pytest.mark.parametrize(
    "script",
    [
        'mkdir -p "/home/$USER_NAME/inbox"\nchown -R "$USER_NAME:" "/home/$USER_NAME"',
        'mkdir -p "/home/$USER_NAME/inbox"\nchmod 777 "/home/$USER_NAME/inbox"',
        'install -d -o "$USER_NAME" "/home/$USER_NAME/inbox"',
        'su "$USER_NAME" -c "mkdir -p /home/$USER_NAME/inbox"',
        'mkdir -p "/home/$USER_NAME/inbox"\nfind "/home/$USER_NAME" -exec chown "$USER_NAME" {} +',
        'mkdir -p "/home/$USER_NAME/inbox"\nsome-program-that-may-chown',
    ],
)
def test_what_root_gives_to_the_user_is_not(script: str) -> None:
    assert told('[ -n "$USER_NAME" ] || exit 0\n' + script) == []


def test_a_later_script_may_give_the_files_to_the_user() -> None:
    later = '#!/usr/bin/with-contenv sh\n[ -n "$USER_NAME" ] || exit 0\nchown -R "$USER_NAME" "/home/$USER_NAME"\n'
    script = 'mkdir -p "/home/$USER_NAME/inbox"'
    assert told(script, files={"root/etc/cont-init.d/90-give": later}) == []


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("VNC_PW", True),
        ("DB_PASSWORD", True),
        ("mysql-password", True),
        ("apiKey", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("GITHUB_TOKEN", True),
        ("PASS", False),
        ("PWD", False),
        ("OLDPWD", False),
        ("GPG_KEY", False),
        ("PUBLIC_KEY", False),
        ("DB_PASSWORD_FILE", False),
        ("TOKEN_URL", False),
        ("PASSWORD_LENGTH", False),
        ("REQUIRE_PASSWORD", False),
        ("BYPASS", False),
        ("TOKENIZER", False),
    ],
)
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


@pytest.mark.parametrize("value", ["rookery-42", "vncpassword", "admin", "SW2YcwTIb9zpOOhoPsMm"])
def test_values_that_are_secrets(value: str) -> None:
    assert is_secret_value(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "true",
        "12345",
        "30s",
        "/run/secrets/x",
        "https://x/y",
        "$X",
        "{{ x }}",
        "<set me>",
        "changeme",
        "changemehome",
        "change-this-in-production",
        "bogus",
        "your_token",
        "***",
    ],
)
def test_values_that_are_none(value: str) -> None:
    assert not is_secret_value(value)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('echo "password: $VNC_PW"', ["CT316"]),
        ('printf "%s\\n" "$VNC_PW" >&2', ["CT316"]),
        ("cat <<EOF\npassword: $VNC_PW\nEOF", ["CT316"]),
        ('echo "$VNC_PW" > /run/password', []),
        ('echo "$VNC_PW" | vncpasswd -f > /run/password', []),
        ('{\n  echo "user: x"\n  echo "password: $VNC_PW"\n} > /run/settings', []),
        ("cat > /run/settings <<EOF\npassword: $VNC_PW\nEOF", []),
        ("echo 'set $VNC_PW'", []),
        ('echo "${VNC_PW:+a password is set}"', []),
        ('hash=$(echo "$VNC_PW" | sha256sum)', []),
        ("VNC_PW=$(pwgen 16 1)", ["CT316"]),
        ('[ -n "$VNC_PW" ] || VNC_PW=$(pwgen 16 1)', []),
        ('VNC_PW=$(printf %s "$VNC_PW" | tr -d x)', []),
        ("OTHER_PW=$(pwgen 16 1)", []),
    ],
)
def test_secrets_in_start_scripts(script: str, expected: list[str]) -> None:
    assert told(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("apt-get update && apt-get install -y tree", ["CT209"]),
        ("pip install -r /srv/requirements.txt", ["CT209"]),
        ("curl -fsSL https://example.net/install.sh | sh", ["CT209"]),
        ("for each in tree less; do apt-get install -y $each; done", ["CT209"]),
        ('if [ -n "$EXTRA" ]; then apt-get install -y $EXTRA; fi', []),
        ("apt-get install -y $USER_NAME", []),
        ("command -v tree || apt-get install -y tree", []),
        ("pip install /srv/wheels/site.whl", []),
        ("apt-get remove -y tree", []),
        ("npm start", []),
    ],
)
def test_installations_at_start(script: str, expected: list[str]) -> None:
    assert [code for code in told(script) if code == "CT209"] == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cd /srv/none\nrm -rf cache", ["CT208"]),
        ('cd "/home/$USER_NAME"\nchown -R 1500 ./x', ["CT208"]),
        ("cd /srv/none && rm -rf cache", []),
        ("mkdir -p /srv/none\ncd /srv/none\nrm -rf cache", []),
        ("cd /srv/none\nrm -rf /srv/cache", []),
        ("cd /etc\nrm -rf ./cache", []),
        ("useradd -o -u 1500 guest\nchown guest /srv", ["CT208"]),
        ("useradd -o -u 1500 guest || exit 1\nchown guest /srv", ["CT206"]),
        ("set -e\nid guest || useradd guest\nchown guest /srv", []),
    ],
)
def test_failures_that_nobody_looks_at(script: str, expected: list[str]) -> None:
    assert told(script) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("9-a", "10-b"), ["9-a"]),
        (("100-a", "50-here2"), ["100-a"]),
        (("09-a", "10-b", "39-c"), []),
        (("a", "10-b", "z"), []),
    ],
)
def test_order_of_numbered_scripts(names: tuple[str, ...], expected: list[str]) -> None:
    done = run({f"root/etc/cont-init.d/{name}": "#!/bin/sh\ndate\n" for name in names})
    found = [finding for finding in done.findings() if finding.rule == "CT203"]
    assert [finding.place.path.rpartition("/")[2] for finding in found] == expected


def test_the_proposed_name_sorts_where_the_number_says() -> None:
    done = run({"root/etc/cont-init.d/9-a": "#!/bin/sh\ndate\n"})
    [finding] = [one for one in done.findings() if one.rule == "CT203"]
    assert finding.fix is not None
    assert finding.fix.applicability == "unsafe"
    assert [edit.to for edit in finding.fix.edits] == ["made/root/etc/cont-init.d/09-a"]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("RUN useradd -u 1000 builder", ["CT305"]),
        ("RUN useradd -u 1001 builder", []),
        ("RUN useradd -u 1000 builder && userdel -r builder", []),
        ("USER nobody", ["CT306"]),
        ("USER nobody\nUSER root", []),
        ("USER 0:0", []),
        ("RUN chmod 666 /etc/passwd", ["CT314"]),
        ("RUN chmod -R g+w /etc", ["CT314"]),
        ("RUN chmod 666 /etc/passwd\nRUN chmod 644 /etc/passwd", []),
        ("RUN chmod 755 /etc/passwd-tool", []),
        ("ENV ADMIN_TOKEN=rookery-42", ["CT313"]),
        ("ARG ADMIN_TOKEN", []),
        ("ENV ADMIN_TOKEN=changeme", []),
        ("RUN chsh -s /bin/zsh || true", []),
        ("RUN chown 33.33 /srv", []),
        ("RUN chown nobodyhere /srv", ["CT301"]),
        ("ENV LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+${LD_LIBRARY_PATH}:}/usr/local/lib", []),
    ],
)
def test_build_instructions(extra: str, expected: list[str]) -> None:
    assert [finding.rule for finding in run({}, extra=extra).findings()] == expected


def test_a_replaced_script_that_did_nothing_is_no_loss() -> None:
    said = "#!/bin/sh\necho 'this release is old'\n"
    parent: dict[str, bytes | str | FileSpec] = {
        "Dockerfile": dockerfile("2.2.0.3", "debian:12.8-slim", ""),
        "Makefile": "build:\n\tdocker build -t acme/old:1.0.0 .\n",
        "root/etc/cont-init.d/99-notice": FileSpec(said.encode(), 0o755),
        "root/etc/cont-init.d/20-state": FileSpec(b"#!/bin/sh\nmkdir -p /srv/state\n", 0o755),
    }
    child: dict[str, bytes | str | FileSpec] = {
        "Dockerfile": "FROM acme/old:1.0.0\nCOPY root/ /\n",
        "root/etc/cont-init.d/99-notice": FileSpec(b"#!/bin/sh\necho 'this one too'\n", 0o755),
        "root/etc/cont-init.d/20-state": FileSpec(b"#!/bin/sh\nmkdir -p /srv/other\n", 0o755),
    }
    names = [(Snapshot.from_mapping(name, files), ["Dockerfile"]) for name, files in (("old", parent), ("new", child))]
    found = run_rules(Workspace(names), OF_SCRIPTS).findings()
    assert [(one.place.path, one.rule) for one in found] == [("new/root/etc/cont-init.d/20-state", "CT204")]


@pytest.mark.parametrize(
    ("policy", "release", "told"),
    [("", "2.2.0.3", True), ("0", "2.2.0.3", True), ("2", "2.2.0.3", False), ("2", "3.1.6.2", True)],
)
def test_a_check_in_an_earlier_script_protects_only_where_its_failure_ends_the_start(
    policy: str, release: str, told: bool
) -> None:
    """A failing init script is passed over unless the policy says otherwise; on release 3 init scripts run on even then."""
    files = {
        "root/etc/cont-init.d/10-check.sh": '#!/usr/bin/with-contenv sh\n[ -n "$USER_NAME" ] || exit 1\n',
        HERE: '#!/usr/bin/with-contenv sh\nrm -rf "/home/$USER_NAME"\n',
    }
    extra = f"ENV S6_BEHAVIOUR_IF_STAGE2_FAILS={policy}" if policy else ""
    found = [finding for finding in run(files, release=release, extra=extra).findings() if finding.rule == "CT311"]
    assert bool(found) is told


def test_an_init_script_that_copy_renames_is_mended_where_it_gets_its_name() -> None:
    early = program('#!/usr/bin/with-contenv sh\nchown "$USER_NAME" /srv\n')
    text = "FROM helxplatform/cloudtop:develop-latest\nCOPY root/50-own.sh /etc/cont-init.d/30-own.sh\n"
    found = run_rules(workspace({"desk": {"Dockerfile": text, "root/50-own.sh": early}}), all_rules()).findings()
    told = next(finding for finding in found if finding.rule == "CT202")
    assert told.help == "Give the script a name that sorts after 40-tigervnc.sh, at desk/Dockerfile:2."
    assert [str(one.place) for one in told.related if "30-own.sh" in one.message] == ["desk/Dockerfile:2"]
