"""Fixtures started by the real `/init` of s6-overlay: what ran in which order, which accounts, services and launchers came.

The archives of s6-overlay lie below the builder's folder as `s6/vVERSION/NAME`, built from their sources elsewhere; a fixture
of a release without them is left out. What a boot showed is kept as data (`tests/lineage/boot/boots.json`), which the boot
plan is held against without a builder.
"""

import contextlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .builder import Builder, run
from .built import accounts_of

SECONDS = 120
"""How long a container is given at most to say that it is up."""
_SILENCE = 40
"""Seconds after which a container that says nothing is taken to be up."""
_SETTLES = 3
"""Seconds that services are given once the start is over."""
_UP = re.compile(r"service legacy-services successfully started|\[services\.d\] done")
_S6_OWN = re.compile(r"s6rc-|fix-attrs|legacy-|user2?$|top$|base$")
_LAUNCHERS = ("/home", "/config", "/headless", "/srv", "/opt", "/usr/share/applications", "/defaults")
_NEXT = "@@ next @@"

Facts = dict[str, Any]
"""`given` variables, `alive`, `ran` (init scripts in order; what is tried and is no file is not run),
`accounts` ({name: [uid, home]} that the start made),
`database` and `up` (services of s6-rc), `supervised` (of services.d), `launchers` (paths of .desktop files)."""


def booted(builder: Builder, tag: str, given: Mapping[str, str]) -> Facts | str:
    """What a boot of that image shows; or why it does not start."""
    name = "boot-" + re.sub(r"\W", "-", tag)
    _remove(builder, name)
    words = [word for key, value in given.items() for word in ("-e", f"{key}={value}")]
    started = run(*builder.client("run", "-d", "--network", "none", "--name", name, *words, tag))
    if started.returncode:
        return f"does not start: {started.stderr.strip()[-200:]}"
    try:
        log = _quiet(builder, name)
        facts: Facts = {"given": dict(given), "ran": _ran(log), "alive": _running(builder, name)}
        if facts["alive"]:
            inside, folder = _inside(builder, name, tag)
            # It may have ended while it was asked, or have removed all that could answer.
            facts["alive"] = bool(inside) and _running(builder, name)
        if facts["alive"]:
            facts.update(inside)
            facts["ran"] = [one for one in facts["ran"] if one in folder]
        return facts
    finally:
        _remove(builder, name)


def _remove(builder: Builder, name: str) -> None:
    with contextlib.suppress(OSError):
        builder.asked("DELETE", f"/containers/{name}?force=1")


def _quiet(builder: Builder, name: str) -> str:
    """The log, once the start is told to be over, the container has ended, or nothing more is said in it."""
    began = since = time.time()
    text = last = ""
    while time.time() - began < SECONDS and time.time() - since < _SILENCE:
        time.sleep(1)
        running = _running(builder, name)
        text = _log(builder.asked("GET", f"/containers/{name}/logs?stdout=1&stderr=1"))
        if not running:
            return text
        if _UP.search(text):
            time.sleep(_SETTLES)
            return _log(builder.asked("GET", f"/containers/{name}/logs?stdout=1&stderr=1"))
        if text != last:
            last, since = text, time.time()
    return text


def _running(builder: Builder, name: str) -> bool:
    return bool(json.loads(builder.asked("GET", f"/containers/{name}/json"))["State"]["Running"])


def _log(stream: bytes) -> str:
    """The text of the daemon's log: pieces of both outputs, each behind its kind and its length."""
    pieces: dict[int, bytes] = {}
    at = 0
    while at + 8 <= len(stream):
        size = int.from_bytes(stream[at + 4 : at + 8], "big")
        pieces[stream[at]] = pieces.get(stream[at], b"") + stream[at + 8 : at + 8 + size]
        at += 8 + size
    return b"".join(pieces[kind] for kind in sorted(pieces)).decode("utf-8", "replace")


def _ran(log: str) -> list[str]:
    told = re.findall(r"(?m)^\[cont-init\.d\] (.+?): executing", log)
    return told or re.findall(r"(?m)running /etc/cont-init\.d/(.+)$", log)


def _inside(builder: Builder, name: str, tag: str) -> tuple[Facts, list[str]]:
    """What is there in a container that runs, and what its folder of init scripts lists; nothing where nothing answers."""
    with builder.mounted(tag) as root:
        known = accounts_of(root)
    questions = (
        "cat /etc/passwd",
        f"find {' '.join(_LAUNCHERS)} -name '*.desktop'",
        "/command/s6-rc-db list services",
        "/command/s6-rc -a list",
        "ls /run/service /var/run/s6/services",
        'cd /etc/cont-init.d && for file in * .*; do [ -f "$file" ] && echo "$file"; done',
    )
    script = f"; echo {_NEXT}; ".join(f"{one} 2>/dev/null" for one in questions)
    answers = run(*builder.client("exec", name, "sh", "-c", script)).stdout.split(f"{_NEXT}\n")
    if len(answers) < len(questions):
        return {}, []
    passwd, launchers, database, up, listing, folder = answers[: len(questions)]
    rows = [line.split(":") for line in passwd.splitlines() if line.count(":") >= 6]
    return {
        "accounts": {row[0]: [row[2], row[5]] for row in rows if row[0] not in known},
        "launchers": sorted(launchers.splitlines()),
        "database": _own(database),
        "up": _own(up),
        "supervised": sorted({one for one in listing.splitlines() if re.fullmatch(r"[\w.@+ -]+", one)}),
    }, folder.splitlines()


def _own(listing: str) -> list[str]:
    return sorted(name for name in listing.split() if not _S6_OWN.match(name))


def written(facts: Mapping[str, Facts]) -> str:
    """What boots showed as JSON, a line for each."""
    lines = (f"{json.dumps(name)}: {json.dumps(facts[name])}" for name in sorted(facts))
    return "{\n" + ",\n".join(lines) + "\n}\n"


# The boot plan held against it


def _below(way: Any, path: str) -> list[str]:
    """Where a launcher comes to that is taken by a pattern, or with the folder that is copied into or as the target."""
    target, source = way.target.canonical.rstrip("/"), way.source.canonical.rstrip("/").removesuffix("/.")
    inside = path.removeprefix(source + "/") if path.startswith(source + "/") else path.rsplit("/", 1)[1]
    return list(dict.fromkeys((f"{target}/{inside}", f"{target}/{source.rsplit('/', 1)[1]}/{inside}")))


class Plan:
    """What ctlint says of a boot, with the variables that are given at start filled in."""

    def __init__(self, image: Any, plan: Any, launchers: Any) -> None:
        self.env = {name: one.value for name, one in image.env.items()}
        self.steps = [(step.kind, step.name) for step in plan.steps]
        self.accounts = [
            (made.name.canonical, made.uid.canonical if made.uid is not None else "", made.home.canonical)
            for made in plan.accounts
        ]
        self.open = plan.open is not None
        self.more = plan.more is not None
        self.refused = plan.database is not None and bool(plan.database.refused)
        self.staged = [one.path for one in launchers.staged]
        self.delivered = [
            (one.path, list(way.destinations) or _below(way, one.path))
            for one in launchers.staged
            for way in launchers.deliveries
            if way.takes(one) and way.effect.sure
        ]
        self.untaken = [
            one.path
            for one in launchers.staged
            if not one.shown_by_itself and not any(way.takes(one) for way in launchers.deliveries)
        ]

    def given(self) -> dict[str, str]:
        """A value for each variable that accounts are made from and that the image leaves empty."""
        text = " ".join(part for row in self.accounts for part in row)
        asked = sorted(set(re.findall(r"\$\{(\w+)\}", text)))
        return {name: "4242" if name.endswith("ID") else "alice" for name in asked if not self.env.get(name)}

    def filled(self, text: str, given: Mapping[str, str]) -> str:
        return re.sub(r"\$\{(\w+)\}", lambda match: given.get(match[1]) or self.env.get(match[1], match[0]), text)


def wrong_of(plan: Plan, facts: Facts) -> tuple[int, list[str]]:
    """How many claims the plan makes of that boot, and those that are wrong."""
    verdicts = list(_judged(plan, facts))
    return len(verdicts), [text for right, text in verdicts if not right]


def _judged(plan: Plan, facts: Facts) -> Iterator[tuple[bool, str]]:
    said = [name for kind, name in plan.steps if kind == "cont-init"]
    ran: Sequence[str] = facts["ran"]
    if ran or facts["alive"]:
        right = said == ran or (not facts["alive"] and said[: len(ran)] == ran)
        yield right, f"init scripts: said {said}, ran {ran}"
    if not facts["alive"]:
        return
    yield from _accounts(plan, facts)
    yield from _services(plan, facts)
    yield from _launchers(plan, facts)


def _accounts(plan: Plan, facts: Facts) -> Iterator[tuple[bool, str]]:
    made: dict[str, tuple[str, str]] = {}
    for name, uid, home in plan.accounts:
        made.setdefault(*(plan.filled(name, facts["given"]), (uid, home)))
    for name, (uid, home) in made.items():
        real = facts["accounts"].get(name)
        yield real is not None, f"account {name}: said to be made, is not there"
        if real is not None:
            uid, home = plan.filled(uid, facts["given"]), plan.filled(home, facts["given"])
            yield uid in ("", real[0]), f"account {name}: uid said {uid}, is {real[0]}"
            yield home == real[1], f"account {name}: home said {home}, is {real[1]}"
    for name in facts["accounts"].keys() - made.keys():
        yield plan.open, f"account {name} is made, not said"


def _services(plan: Plan, facts: Facts) -> Iterator[tuple[bool, str]]:
    said = {name for kind, name in plan.steps if kind in ("oneshot", "longrun")}
    if not plan.refused:
        for name in sorted(said):
            yield name in facts["database"], f"service {name}: said to start, is not in the database"
        for name in sorted(set(facts["up"]) - said):
            yield plan.more, f"service {name} is up, not said"
    for kind, name in plan.steps:
        if kind == "services.d":
            yield name in facts["supervised"], f"service {name} of services.d: said to start, is not supervised"


def _launchers(plan: Plan, facts: Facts) -> Iterator[tuple[bool, str]]:
    found: Sequence[str] = facts["launchers"]
    for path, destinations in plan.delivered:
        places = [plan.filled(one, facts["given"]) for one in destinations]
        yield any(one in found for one in places), f"{path}: said to come to {places}, is not there"
    on_desktops = {one.rsplit("/", 1)[1] for one in found if one.startswith("/home/") and "/Desktop/" in one}
    for path in plan.untaken:
        if path in found and "/Desktop/" in path:
            continue  # it lies where the build has put it
        yield path.rsplit("/", 1)[1] not in on_desktops, f"{path}: said that nothing takes it, is on a Desktop"
