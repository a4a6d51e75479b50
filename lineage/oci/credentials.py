"""The user's own credentials for registries, where docker and podman keep them, read when a registry asks for them.

Sources: docs.docker.com, "docker login" (config.json: auths, credHelpers, credsStore; the helper protocol);
containers-auth.json(5). Nothing is stored or shown, and a secret goes to nobody but the registry that it is for.
"""

import base64
import binascii
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..remote.registry_auth import Login
from ..remote.untrusted import as_object
from ..repository.git_run import program
from ..repository.plain_file import read_plain

_DOCKER_HUB = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")
_HELPER_SECONDS = 20
_LARGEST_FILE = 1 << 20
_IDENTITY_TOKEN = "<token>"


class Credentials:
    """What the files of a user hold. `environment` names them as docker's and podman's own variables do."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def login(self, host: str) -> Login | None:
        """The user's name and password for a registry's host; None where there are none that can be used."""
        names = _DOCKER_HUB if host in _DOCKER_HUB else (host, f"https://{host}", f"https://{host}/", f"http://{host}")
        for path in self._files():
            settings = _object(path)
            found = _of_helper(settings, names, self._environment) or _stored(settings, names)
            if found is not None:
                return found
        return None

    def _files(self) -> Iterator[Path]:
        home = Path(self._environment.get("HOME") or "/nonexistent")
        if self._environment.get("REGISTRY_AUTH_FILE"):
            yield Path(self._environment["REGISTRY_AUTH_FILE"])
        yield Path(self._environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
        if self._environment.get("XDG_RUNTIME_DIR"):
            yield Path(self._environment["XDG_RUNTIME_DIR"]) / "containers" / "auth.json"
        yield home / ".config" / "containers" / "auth.json"


def _object(path: Path) -> dict[str, Any]:
    try:
        value: Any = json.loads(read_plain(path, _LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return {}
    return as_object(value) or {}


def _of_helper(settings: dict[str, Any], names: tuple[str, ...], environment: Mapping[str, str]) -> Login | None:
    helpers = as_object(settings.get("credHelpers")) or {}
    for name in names:
        helper = helpers.get(name)
        if isinstance(helper, str):
            return _asked(helper, name, environment)
    store = settings.get("credsStore")
    if not isinstance(store, str):
        return None
    return next((found for name in names if (found := _asked(store, name, environment)) is not None), None)


def _asked(helper: str, server: str, environment: Mapping[str, str]) -> Login | None:
    """What `docker-credential-HELPER get` says."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", helper):
        return None
    try:
        done = subprocess.run(
            [program(f"docker-credential-{helper}", environment.get("PATH", os.defpath)), "get"],
            input=server.encode(),
            capture_output=True,
            timeout=_HELPER_SECONDS,
            env=dict(environment),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    try:
        value = as_object(json.loads(done.stdout)) if done.returncode == 0 else None
    except (ValueError, RecursionError):
        value = None
    user, secret = (value or {}).get("Username"), (value or {}).get("Secret")
    return _login(user, secret)


def _stored(settings: dict[str, Any], names: tuple[str, ...]) -> Login | None:
    entries = as_object(settings.get("auths")) or {}
    for name in names:
        entry = as_object(entries.get(name)) or {}
        auth = entry.get("auth")
        if isinstance(auth, str) and auth:
            try:
                user, colon, secret = base64.b64decode(auth).decode().partition(":")
            except (binascii.Error, ValueError):
                continue
            if colon:
                return _login(user, secret.rstrip("\0"))
        found = _login(entry.get("username"), entry.get("password"))
        if found is not None:
            return found
    return None


def _login(user: object, secret: object) -> Login | None:
    if not isinstance(user, str) or not isinstance(secret, str) or not user or not secret or user == _IDENTITY_TOKEN:
        return None
    return Login(user, secret)
