"""Build contexts of the cases on the disk."""

import io
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def lay_out(folder: Path, files: Mapping[str, Any]) -> None:
    """Write a context. A value is a text, or {"text", "mode"}, {"link": target}, {"dir": mode}, {"tar": members, "as": "gz"}."""
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
        else:
            path.write_text(spec["text"])
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
