"""Claim by claim: what ctlint says of an image against what was built. A claim is right, wrong, or not made."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .built import FROM_THE_RUNTIME, Built
from .predicted import Predicted

_BOOKKEEPING = re.compile(
    r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|/etc/\.pwd\.lock|/etc/ld\.so\.cache|/run/adduser"
    r"|/var/(cache|log|lib/(dpkg|apt|pam|systemd))(/.*)?|/var/lib/(ucf|update-notifier)(/.*)?|/tmp/hsperfdata.*"
)
"""What account tools and package managers keep for themselves; no coverage is asked of it."""
_PACKAGED = re.compile(r"/(usr|etc|var|lib\w*|s?bin|run|boot|package|command)(/|\Z)")


@dataclass
class Verdict:
    """`claims` counts by field; `base` those that state the base's facts; `coverage` is (known, all) of what was built."""

    claims: Counter[str] = field(default_factory=Counter[str])
    wrong: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    base: Counter[str] = field(default_factory=Counter[str])
    base_wrong: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    unknown: Counter[str] = field(default_factory=Counter[str])
    known: int = 0
    built: int = 0
    missed: list[str] = field(default_factory=list[str])

    def say(self, name: str, right: bool, text: str, *, own: bool = True) -> None:
        (self.claims if own else self.base)[name] += 1
        if not right:
            (self.wrong if own else self.base_wrong).append((name, text))


def compared(predicted: Predicted, built: Built, *, packages: bool = False) -> Verdict:
    """Every claim of a predicted image. `packages`: packages were installed, so their files are asked of nobody."""
    verdict = Verdict()
    for path, node in predicted.files.items():
        if path != "/" and path not in FROM_THE_RUNTIME:
            _file(verdict, predicted, built, path, node)
    _built(verdict, predicted, built, packages)
    _settings(verdict, predicted, built.settings["Config"])
    if built.accounts:
        _accounts(verdict, predicted, built)
    return verdict


def _file(verdict: Verdict, predicted: Predicted, built: Built, path: str, node: Mapping[str, Any]) -> None:
    entry = built.entries.get(path)
    own = node["image"] in predicted.own
    where = f"{node['source']['path']}:{node['source']['line']}"
    if not node["sure"]:
        if path in predicted.above:
            verdict.say(
                "exists", entry is not None, f"{path}: said to lead to what is there ({where}), is not", own=own
            )
        else:
            verdict.unknown["exists"] += own
        return
    verdict.say("exists", entry is not None, f"{path}: said to be there ({node['kind']}, {where}), is not", own=own)
    if entry is None:
        return
    verdict.say("kind", entry.kind == node["kind"], f"{path}: said {node['kind']}, is {entry.kind} ({where})", own=own)
    if entry.kind != node["kind"]:
        return
    if entry.kind == "link":
        verdict.say(
            "link", entry.target == node["link"], f"{path}: said -> {node['link']}, is -> {entry.target}", own=own
        )
    elif node["mode"] is None:
        verdict.unknown["mode"] += own
    else:
        verdict.say(
            "mode",
            node["mode"] == f"{entry.mode:04o}",
            f"{path}: said {node['mode']}, is {entry.mode:04o} ({where})",
            own=own,
        )
    uid = _uid(node["owner"], built)
    if uid is None:
        verdict.unknown["owner"] += own
    else:
        verdict.say(
            "owner",
            uid == entry.owner,
            f"{path}: said {node['owner']}, is {built.name_of(entry.owner)} ({where})",
            own=own,
        )
    if entry.kind == "file":
        _content(verdict, built, path, node, own)


def _uid(owner: str | None, built: Built) -> int | None:
    if not owner or "${" in owner:
        return None
    if owner.isdigit():
        return int(owner)
    account = built.accounts.get(owner)
    return int(account.uid) if account is not None else 0 if owner == "root" else None


def _content(verdict: Verdict, built: Built, path: str, node: Mapping[str, Any], own: bool) -> None:
    if node["blob"] is None:
        verdict.unknown["content"] += own
    else:
        right = built.blob(path) == node["blob"]
        verdict.say(
            "content", right, f"{path}: another content, is {built.text(path)[:60]!r}" if not right else "", own=own
        )
    for line in node["lines"]:
        verdict.say("content", line in built.text(path), f"{path}: said to have the line {line[:60]!r}", own=own)


def _built(verdict: Verdict, predicted: Predicted, built: Built, packages: bool) -> None:
    for path in [*built.added, *built.changed]:
        answer = predicted.answer(path)
        if answer == "no":
            verdict.say("absent", False, f"{path}: said surely not to be there, is ({built.entries[path].kind})")
        if _BOOKKEEPING.fullmatch(path) or (packages and answer != "yes" and _PACKAGED.match(path)):
            continue
        verdict.built += 1
        verdict.known += answer == "yes"
        if answer != "yes":
            verdict.missed.append(path)
    for path in built.removed:
        answer = predicted.answer(path)
        if answer == "no":
            verdict.say("absent", True, "")
        verdict.unknown["absent"] += answer == "unknown"


def _started_with(entrypoint: list[str] | None) -> list[str] | None:
    """What ENTRYPOINT starts; the engine takes `[""]` for none (moby, daemon/create.go, `mergeAndVerifyConfig`)."""
    return None if entrypoint in (None, [], [""]) else entrypoint


def _settings(verdict: Verdict, predicted: Predicted, real: Mapping[str, Any]) -> None:
    data = predicted.data
    env = dict(pair.split("=", 1) for pair in real.get("Env") or [])
    for name, said in data["env"].items():
        verdict.say(
            "settings", env.get(name) == said["value"], f"ENV {name}: said {said['value']!r}, is {env.get(name)!r}"
        )
    for name in env.keys() - data["env"].keys():
        if data["env_open"] is None:
            verdict.say("settings", False, f"ENV {name}: said to be unset, is {env[name]!r}")
    line = {name: predicted.value(name) for name in ("entrypoint", "cmd")}
    pairs: list[tuple[str, Any, Any]] = [
        ("USER", predicted.value("user") or None, real.get("User") or None),
        ("WORKDIR", predicted.value("workdir") or "/", real.get("WorkingDir") or "/"),
        ("ENTRYPOINT", line["entrypoint"] and line["entrypoint"]["argv"], _started_with(real.get("Entrypoint"))),
        ("CMD", line["cmd"] and line["cmd"]["argv"], real.get("Cmd") or None),
        ("SHELL", predicted.value("shell"), real.get("Shell") or None),
        ("STOPSIGNAL", predicted.value("stopsignal"), real.get("StopSignal") or None),
        ("LABEL", {name: one["value"] for name, one in data["labels"].items()}, real.get("Labels") or {}),
        ("EXPOSE", sorted({_port(one["value"]) for one in data["exposed"]}), sorted(real.get("ExposedPorts") or {})),
        ("VOLUME", sorted({one["value"] for one in data["volumes"]}), sorted(real.get("Volumes") or {})),
        (
            "ONBUILD",
            [_trigger(one["value"]) for one in data["onbuild"]],
            [_trigger(one) for one in real.get("OnBuild") or []],
        ),
    ]
    for name, said, really in pairs:
        if said or really:
            verdict.say("settings", said == really, f"{name}: said {said!r}, is {really!r}")


def _port(written: str) -> str:
    return written.lower() if "/" in written else f"{written}/tcp"


def _trigger(written: str) -> str:
    return " ".join(written.replace("\\\n", "").split()).removeprefix("ONBUILD ")


def _accounts(verdict: Verdict, predicted: Predicted, built: Built) -> None:
    for one in predicted.data["accounts"]:
        if one["made"] != "build":
            continue
        if not one["sure"]:
            verdict.unknown["accounts"] += 1
            continue
        name, real = one["name"], built.accounts.get(one["name"])
        own = "path" in one
        verdict.say("accounts", real is not None, f"account {name}: said to exist, does not", own=own)
        if real is None:
            continue
        if one["uid"] is not None:
            verdict.say(
                "accounts",
                str(one["uid"]) == real.uid,
                f"account {name}: uid said {one['uid']}, is {real.uid}",
                own=own,
            )
        if one["home"] is not None and "${" not in one["home"]:
            verdict.say(
                "accounts",
                one["home"] == real.home,
                f"account {name}: home said {one['home']}, is {real.home}",
                own=own,
            )
    if predicted.data["accounts_open"] is None:
        for name in built.accounts.keys() - built.base.accounts.keys():
            verdict.say("accounts", predicted.account(name) is not None, f"account {name}: is there, not said")
