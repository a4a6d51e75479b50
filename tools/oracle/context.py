"""Build contexts of the cases on the disk."""

import base64
import io
import shutil
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def lay_out(folder: Path, files: Mapping[str, Any]) -> None:
    """Write a context. A value is a text, or {"text"|"base64", "mode"}, {"link": target}, {"dir": mode},
    {"tar": members, "as": "gz"}, {"zip": members}.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        spec: Mapping[str, Any] = {"text": value} if isinstance(value, str) else value
        if "link" in spec:
            path.symlink_to(spec["link"])
        elif "dir" in spec:
            path.mkdir(exist_ok=True)
        elif "tar" in spec:
            _archive(path, spec)
        elif "zip" in spec:
            _zip(path, spec["zip"])
        else:
            path.write_bytes(base64.b64decode(spec["base64"]) if "base64" in spec else spec["text"].encode())
            path.chmod(int(spec.get("mode", "0644"), 8))
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            spec = files.get(str(path.relative_to(folder)), {})
            path.chmod(int(spec.get("dir", "0755"), 8) if isinstance(spec, Mapping) else 0o755)


def _archive(path: Path, spec: Mapping[str, Any]) -> None:
    with tarfile.open(path, "w:" + spec.get("as", "")) as archive:  # type: ignore[call-overload]
        for name, value in spec["tar"].items():
            one: Mapping[str, Any] = {"text": value} if isinstance(value, str) else value
            info = tarfile.TarInfo(name)
            info.mtime = 1_700_000_000
            info.uid = info.gid = one.get("uid", 0)
            data = b""
            if "link" in one:
                info.type, info.linkname, info.mode = tarfile.SYMTYPE, one["link"], 0o777
            elif "dir" in one:
                info.type, info.mode = tarfile.DIRTYPE, int(one["dir"], 8)
            else:
                data = one["text"].encode()
                info.mode, info.size = int(one.get("mode", "0644"), 8), len(data)
            archive.addfile(info, io.BytesIO(data))


def _zip(path: Path, members: Mapping[str, Any]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in members.items():
            one: Mapping[str, Any] = {"text": value} if isinstance(value, str) else value
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, (0o100000 | int(one.get("mode", "0644"), 8)) << 16
            archive.writestr(info, one["text"])
