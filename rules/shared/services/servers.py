"""Servers: whether a command line runs one in the foreground, leaves it in the background, or ends at once.

Taken from the manual pages of the programs; a program that is not in the tables is not known.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from posixpath import basename
from typing import Literal
from weakref import WeakKeyDictionary

from ....lineage.boot.plan import BootPlan
from ....lineage.commands.model import Command
from ....lineage.effects.model import Copy, Effect, Link, Unpack, Write
from ....lineage.image.image import EffectiveImage
from ....lineage.image.tree import Tree, only_packages
from ....lineage.late.dataclasses import dataclass
from ....lineage.late.patterns import pattern
from ....lineage.text.errors import Unknown
from .included import taken_in

Way = Literal["foreground", "background", "ends"]

_APACHE_ENDS = "-t -v -V -l -L -S -M -h stop graceful graceful-stop configtest -k"
_APACHE = f"FOREGROUND -DFOREGROUND NO_DETACH -DNO_DETACH -X | {_APACHE_ENDS}"
_APACHE_OR_BUSYBOX = f"-f {_APACHE}"
# Program | words that keep it in the foreground | words with which it does something else and ends.
# Without any of them it goes into the background.
_DETACHING = f"""
    apache2 | {_APACHE}
    apache2ctl | {_APACHE}
    apachectl | {_APACHE}
    atd | -f -d |
    chronyd | -d -n | -p -q -Q -v
    cron | -f |
    crond | -f -n -d -x | -V
    cupsd | -f -F | -t -h
    dovecot | -F | -n -a stop reload --version
    fail2ban-server | -f --foreground | -t -V stop status
    guacd | -f | -v
    httpd | {_APACHE_OR_BUSYBOX}
    in.tftpd | -L --foreground | -V
    lighttpd | -D | -t -p -v -V -tt
    named | -f -g | -v -V
    nmbd | -F --foreground -i --interactive | -h -V
    ntpd | -n -d | -q -p
    privoxy | --no-daemon | --help --version --config-test
    rpcbind | -f -d |
    rsyslogd | -n | -v -N
    slapd | -d | -T -V
    smbd | -F --foreground -i --interactive | -h -V -b
    squid | -N --foreground | -k -z -v -h
    sshd | -D -d -i | -t -T -V
    syslog-ng | -F --foreground | -s -V
    syslogd | -n |
    tigervncserver | -fg -foreground --foreground | -list -kill -version -help
    tinyproxy | -d | -v -h
    varnishd | -F | -C -V
    vncserver | -fg -foreground --foreground | -list -kill -version -help
    winbindd | -F --foreground -i --interactive | -V
    xinetd | -dontfork -d | -version
    xrdp | -n -nd -nodaemon --nodaemon -ns | -k --kill -h --help -v
    xrdp-sesman | -n -nd -nodaemon --nodaemon -ns | -k --kill -h --help -v
"""
# Program | words with which it goes into the background | words with which it does something else and ends.
# Without any of them it stays in the foreground.
_STAYING = """
    Xorg | | -version -configure
    Xtigervnc | | -version
    Xvfb | |
    Xvnc | | -version
    avahi-daemon | -D --daemonize | -k --kill -r --reload -c --check -V
    catalina.sh | start | stop version configtest
    code-server | | --install-extension --list-extensions --uninstall-extension --version --help
    dbus-daemon | --fork --system | --version
    gunicorn | -D --daemon | --version --check-config
    mariadbd | --daemonize | --version --help --bootstrap --initialize --initialize-insecure -V
    memcached | -d | -h -V
    mosquitto | -d --daemon | -h
    mysqld | --daemonize -D | --version --help --bootstrap --initialize --initialize-insecure -V
    mysqld_safe | | --help
    mariadbd-safe | | --help
    novnc_proxy | |
    openvpn | --daemon | --genkey --mktun --rmtun --show-ciphers --show-digests --show-tls --show-engines --version --help
    postgres | | --version -C --single --describe-config -V
    pulseaudio | -D --start --daemonize --daemonize=yes --daemonize=true | -k --kill --check --version --dump-conf
    pure-ftpd | -B --daemonize | -h
    redis-server | --daemonize | --version -v --help
    ttyd | | --version
    uvicorn | | --version
    websockify | -D --daemon |
    x11vnc | -bg | -storepasswd -version -help -remote -R
"""
# Programs whose configuration may keep them in the foreground: what to look for in it, and where it lies.
_CONFIGURED = {
    "nginx": (
        pattern(rb"(?:^|[;{])[ \t]*daemon\s{1,20}off", re.M),
        ("/etc/nginx", "/usr/local/nginx", "/config/nginx", "/opt"),
    ),
    "supervisord": (
        pattern(rb"^[ \t]*nodaemon[ \t]*[=:][ \t]*(?:true|1|yes|on|t|y)\b", re.M | re.I),
        (
            "/etc/supervisor",
            "/etc/supervisord.conf",
            "/etc/supervisord.d",
            "/etc/supervisor.d",
            "/usr/etc/supervisord.conf",
            "/usr/local/etc/supervisord.conf",
        ),
    ),
    "dnsmasq": (pattern(rb"^[ \t]*(?:keep-in-foreground|no-daemon)", re.M), ("/etc/dnsmasq.conf", "/etc/dnsmasq.d")),
}
_KEPT = {
    "nginx": (("daemon off",), ("-t", "-T", "-s", "-v", "-V", "-h", "-q")),
    "supervisord": (("-n", "--nodaemon"), ("-v", "--version", "-h", "--help")),
    "dnsmasq": (("-k", "-d", "--keep-in-foreground", "--no-daemon"), ("--test", "--version", "-v", "--help", "-w")),
}
_MAIN = {"nginx": "nginx.conf", "supervisord": "supervisord.conf", "dnsmasq": "dnsmasq.conf"}
"""The file of theirs that may hold that setting, where another is not named."""
_CLUSTER = pattern(r"-([A-Za-z0-9]{1,40})")
_SINGLE = pattern(r"-[A-Za-z]\Z")
LONG_SLEEP = 600.0
"""Seconds from which a sleep counts as one that does not end."""


@dataclass(frozen=True, slots=True)
class ServerProgram:
    """A server that a command starts (or, `ends`, addresses): `name` is the program, or the name given to `service`."""

    way: Way
    name: str


def _configured_at_start(name: str, boot: BootPlan) -> Unknown | None:
    """Why how a program is started may hang on a configuration that a start script writes or copies; else None."""
    main = _MAIN.get(name)
    if main is None:
        return None
    folders = _CONFIGURED[name][1]
    for step in boot.of_kind("entrypoint", "cont-init", "oneshot"):
        if step.script is None or (step.script.reading is None and step.script.node.facts is None):
            return Unknown(f"what {step.label} does at start is not known")
    for step in boot.steps:
        for effect in step.effects:
            path = _written(effect)
            if path is None:
                continue
            included = name != "nginx" and any(
                path.startswith(f"{folder}/") for folder in folders
            )  # in nginx it is none of theirs
            if included or path.rpartition("/")[2] == main or path.rstrip("/") in folders:
                return Unknown(f"{effect.place} puts the configuration of {name} there when the container starts")
    return None


def _written(effect: Effect) -> str | None:
    match effect:
        case Write() | Link():
            return effect.path.literal
        case Copy():
            return effect.target.literal
        case Unpack():
            return effect.into.literal
        case _:
            return None


def server_at_start(command: Command, image: EffectiveImage, boot: BootPlan) -> ServerProgram | Unknown | None:
    """The server that a command of the start starts; an Unknown, too, where a start script may bring its configuration."""
    server = server_of(command, image)
    if isinstance(server, ServerProgram) and server.way == "background":
        changed = _configured_at_start(server.name, boot)
        return server if changed is None else changed
    return server


def server_of(command: Command, image: EffectiveImage) -> ServerProgram | Unknown | None:
    """The server that a command line starts; None where it is none that is known."""
    name = command.name
    if not _of_a_system(command.argv[0].literal or ""):
        return None
    words = [word.literal for word in command.arguments]
    known = [word for word in words if word is not None]
    if name in ("service", "invoke-rc.d", "rc-service", "pg_ctl", "pg_ctlcluster", "postfix", "start-stop-daemon"):
        return _controlled(name, known)
    if command.argv[0].text.prefix.startswith("/etc/init.d/") and name:
        return ServerProgram("background" if _starts(known) else "ends", name)
    if name == "php-fpm" or re.fullmatch(r"php-fpm\d[\d.]*", name):
        return _php_fpm(name, known)
    if name in _CONFIGURED:
        return _configured(name, words, known, image)
    detaching, staying = _table(_DETACHING).get(name), _table(_STAYING).get(name)
    if detaching is None and staying is None:
        return None
    if any(word.literal is None and "/" not in word.raw for word in command.arguments):  # a path is no option
        return Unknown(f"{command.place}: how {name} is started depends on a variable")
    found: Way
    if detaching is not None:
        found = "foreground" if _has(known, detaching[0]) else "ends" if _has(known, detaching[1]) else "background"
    else:
        assert staying is not None
        found = "ends" if _has(known, staying[1]) else "background" if _has(known, staying[0]) else "foreground"
        if name == "dbus-daemon" and "--nofork" in known:
            found = "foreground"
        if name == "redis-server" and found == "background" and "no" in known:
            found = "foreground"
    return ServerProgram(found, name)


def _of_a_system(program: str) -> bool:
    """Whether a program that is named by a path lies where programs and scripts of a system lie: `/srv/app/cron` is another."""
    folder, _, _ = program.rpartition("/")
    return not program.startswith("/") or folder.startswith(("/usr/", "/etc/", "/opt/")) or folder.endswith("bin")


@cache
def _table(text: str) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    rows: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for line in text.strip().splitlines():
        name, first, second = (part.split() for part in line.split("|"))
        rows[name[0]] = (tuple(first), tuple(second))
    return rows


def _has(words: list[str], wanted: tuple[str, ...]) -> bool:
    letters = {word[1] for word in wanted if _SINGLE.match(word)}
    return any(word in wanted or bool(letters & set(_letters_of(word))) for word in words)


def _letters_of(word: str) -> str:
    """The options that one word may hold, with what is glued to the last of them: `-Dep2222`."""
    match = _CLUSTER.match(word) if not word.startswith("--") else None
    return match[1] if match is not None and len(word) > 2 else ""


def _starts(words: list[str]) -> bool:
    return any(word in ("start", "restart", "force-reload", "--start", "-S") for word in words)


def _controlled(name: str, words: list[str]) -> ServerProgram | None:
    if name == "postfix":
        return ServerProgram(
            "foreground" if "start-fg" in words else "background" if "start" in words else "ends", name
        )
    if name == "start-stop-daemon":
        detached = any(word in ("-b", "--background") for word in words)
        return ServerProgram("background", name) if detached and _starts(words) else None
    if name in ("pg_ctl", "pg_ctlcluster"):
        if "--foreground" in words:
            return ServerProgram("foreground", "postgres")
        return ServerProgram("background" if _starts(words) else "ends", "postgres")
    named = [word for word in words if not word.startswith("-")]
    return ServerProgram("background" if _starts(named[1:]) else "ends", named[0]) if named else None


def _php_fpm(name: str, words: list[str]) -> ServerProgram | None:
    if _has(words, ("-F", "--nodaemonize")):
        return ServerProgram("foreground", name)
    if _has(words, ("-t", "-v", "-m", "-i", "-h")):
        return ServerProgram("ends", name)
    return ServerProgram("background", name) if _has(words, ("-D", "--daemonize")) else None


def _configured(name: str, words: list[str | None], known: list[str], image: EffectiveImage) -> ServerProgram | Unknown:
    keeps, ends = _KEPT[name]
    if _has(known, tuple(word for word in keeps if word.startswith("-"))):
        return ServerProgram("foreground", name)
    if any(keep in " ".join(word.split()) for word in known for keep in keeps if " " in keep):
        return ServerProgram("foreground", name)
    if len(known) < len(words):
        return Unknown(f"how {name} is started depends on a variable")
    if _has(known, ends):
        return ServerProgram("ends", name)
    pattern, places = _CONFIGURED[name]
    if name == "nginx" and (alone := _whole_configuration(image, known)) is not None:
        return ServerProgram("foreground" if pattern.search(alone) else "background", name)
    known = [part for word in known for part in _option_and_value(word)]
    if any(option in _READS and not file.startswith(("/", "-")) for option, file in pairwise(known)) or "-p" in known:
        return Unknown(f"{name} reads a configuration that is named from the folder that it is started in")
    folder = image.workdir.value if image.workdir is not None else "/"
    beside = (f"{folder}/{place}" for place in ("supervisord.conf", "etc/supervisord.conf") if name == "supervisord")
    if any(image.tree.find(place) is not None for place in beside):
        return Unknown(f"{name} may read the configuration in {folder}")
    given = [word for word in known if word.startswith("/")]
    read = (file for option, file in pairwise(known) if option in _READS and file.startswith("/"))
    absent = next((file for file in read if image.tree.find(file) is None and not _is_packaged(image, file)), None)
    if absent is not None:
        return Unknown(f"{absent}, which {name} reads, is made when the container starts")
    said = _said_once(image, name, (*places, *given))
    return ServerProgram(said, name) if isinstance(said, str) else said


_said: WeakKeyDictionary[Tree, dict[tuple[str, ...], Way | Unknown]] = WeakKeyDictionary()


def _said_once(image: EffectiveImage, name: str, places: tuple[str, ...]) -> Way | Unknown:
    """What the configurations at or below the places say; a script of a thousand such commands asks once."""
    known = _said.setdefault(image.tree, {})
    found = known.get((name, *places))
    if found is None:
        found = known[name, *places] = _said_there(image, name, places)
    return found


def _said_there(image: EffectiveImage, name: str, places: tuple[str, ...]) -> Way | Unknown:
    wanted = _CONFIGURED[name][0]
    for data in _configuration(image, places):
        if isinstance(data, Unknown):
            return data
        if wanted.search(data):
            return "foreground"
    doubt: Unknown | None = None
    for data in _configuration(image, places):
        for more in taken_in(name, data, image) if not isinstance(data, Unknown) else ():
            if isinstance(more, Unknown):
                doubt = more if doubt is None else doubt
            elif wanted.search(more):
                return "foreground"
    return "background" if doubt is None else doubt


_DEFAULTS = ("/etc/nginx/nginx.conf", "/etc/supervisor/supervisord.conf", "/etc/supervisord.conf", "/etc/dnsmasq.conf")
"""The configurations of the programs' own packages, which set none of what is looked for."""


def _is_packaged(image: EffectiveImage, file: str) -> bool:
    """Whether a configuration that is not known is the one that a package of the distribution brings."""
    return file in _DEFAULTS and isinstance(image.tree.get(file), Unknown)


def _option_and_value(word: str) -> tuple[str, ...]:
    """`--conf-file=/x` and `-C/x` as two words."""
    option, equals, value = word.partition("=")
    if word.startswith("--") and equals:
        return option, value
    return (word[:2], word[2:]) if word[:1] == "-" and word[2:3] == "/" else (word,)


_READS = ("-c", "-f", "-C", "--config", "--conf", "--conf-file", "--configuration")
"""Options that name the configuration."""


def _whole_configuration(image: EffectiveImage, words: list[str]) -> bytes | None:
    """The file that `nginx -c FILE` reads, where it takes in no other."""
    named = next((words[index + 1] for index, word in enumerate(words[:-1]) if word == "-c"), "")
    node = image.tree.find(named) if named.startswith("/") else None
    data = node.blob.data if node is not None and node.kind == "file" else None
    return None if data is None or re.search(rb"^[ \t]*include\b", data, re.M) else data


def _configuration(image: EffectiveImage, places: tuple[str, ...]) -> Iterator[bytes | Unknown]:
    """The content of each file at or below the places, and Unknown where another than a package may have put more there."""
    for place in places:
        node = image.tree.find(place)
        nodes = [node] if node is not None and node.kind == "file" else [inner for _, inner in image.tree.below(place)]
        if any(inner.kind == "link" for inner in nodes):
            yield Unknown(f"a link in {place} leads to a configuration")
        for found in nodes:
            if found.kind == "file":
                data = found.blob.data
                yield data if data is not None else Unknown(f"the content of a file in {place} is not known")
        real = image.tree.resolve(place)
        for cloud in image.tree.clouds:
            if cloud.covers(real + "/\0") and not only_packages(cloud) and cloud.by != "distribution":
                yield cloud.unknown


def never_ends(command: Command) -> bool:
    """Whether it is a plain command that does not end by itself: `tail -f`, `sleep infinity`, `s6-pause`."""
    words = [word.literal or "" for word in command.arguments]
    if command.name == "tail":
        return any(
            word in ("-f", "-F") or word.startswith("--follow") or re.fullmatch(r"-[a-zA-Z0-9]*[fF]", word)
            for word in words
        )
    if command.name == "sleep":
        return any(_seconds(word) >= LONG_SLEEP for word in words)
    return command.name == "s6-pause"


def _seconds(text: str) -> float:
    if text in ("infinity", "inf"):
        return float("inf")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]] if match else 0.0


ANY_SERVER = "\n"
"""Stands among the servers that a command stops for all of them."""


def servers_stopped(command: Command) -> set[str]:
    """The names of the servers that a command may stop: `service NAME stop`, kill, its own stop option."""
    if command.name in ("kill", "killall", "pkill", "killall5", "mysqladmin", "mariadb-admin", "redis-cli", "wait"):
        return {ANY_SERVER}
    words = [word.literal or "" for word in command.arguments]
    if not any(word in ("stop", "quit", "shutdown", "-kill", "--kill", "-k", "--stop", "-K") for word in words):
        return set()
    if command.name in ("pg_ctl", "pg_ctlcluster", "start-stop-daemon", "catalina.sh"):
        return {ANY_SERVER}
    return {command.name, basename(command.argv[0].text.canonical) if command.argv else "", *words}
