"""Adding a hook to pre-commit's configuration, with every other byte of it kept."""

import textwrap
from typing import Any, cast

from .init_files import HOOK_ID

_IDS = (HOOK_ID, f"{HOOK_ID}-fix")


def with_hook(content: bytes, hook: str, *, anew: bool = False) -> bytes | None:
    """The file with ctlint's hook behind the last of its `repos`; as it was where it has one, or, if `anew` says so, with the
    new one in the place of the entry that holds it; None where that is not possible: the file is no YAML, its `repos` is not
    a block list, or the old hook shares its entry with others.
    """
    import yaml

    try:
        text = content.decode("utf-8")
        before: Any = yaml.safe_load(text)
        found = yaml.compose(text, Loader=yaml.SafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError):
        return None
    has = isinstance(before, dict) and _has_hook(cast("dict[str, Any]", before))
    if has and not anew:
        return content
    if not isinstance(found, yaml.MappingNode):
        return None
    repos = next((value for key, value in found.value if key.value == "repos"), None)
    if not isinstance(repos, yaml.SequenceNode) or repos.flow_style or not repos.value:
        return None
    told: list[Any] = cast("dict[str, Any]", before)["repos"]
    if has:
        at = [index for index, repo in enumerate(told) if _is_ours(repo)]
        if len(at) != 1:
            return None
        old = repos.value[at[0]]
        after = _inserted(text, hook, old.start_mark.line, repos.start_mark.column, until=_end(old, yaml))
        wanted = [*told[: at[0]], *yaml.safe_load(hook), *told[at[0] + 1 :]]
    else:
        after = _inserted(text, hook, _end(repos, yaml), repos.start_mark.column)
        wanted = [*told, *yaml.safe_load(hook)]
    if yaml.safe_load(after) != {**cast("dict[str, Any]", before), "repos": wanted}:
        return None
    return after.encode("utf-8")


def _has_hook(document: dict[str, Any]) -> bool:
    hooks = (hook for repo in _mappings(document.get("repos")) for hook in _mappings(repo.get("hooks")))
    return any(hook.get("id") in _IDS for hook in hooks)


def _is_ours(repo: object) -> bool:
    """Whether an entry of `repos` holds ctlint's hooks and no others."""
    hooks = [hook for one in _mappings([repo]) for hook in _mappings(one.get("hooks"))]
    return bool(hooks) and all(hook.get("id") in _IDS for hook in hooks)


def _mappings(value: object) -> list[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _end(node: Any, yaml: Any) -> int:
    """The index of the line after the last one of a node's content (comments behind it not counted)."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    mark = node.end_mark
    return int(mark.line) + (1 if mark.column else 0)


def _inserted(text: str, hook: str, line: int, indentation: int, *, until: int | None = None) -> str:
    """The text with the hook's lines before that line (from 0), or in the place of those up to `until`, with the line ends
    that the text has."""
    rows = text.splitlines(keepends=True)
    end = "\r\n" if rows and rows[0].endswith("\r\n") else "\n"
    if line >= len(rows) and rows and not rows[-1].endswith(("\n", "\r")):
        rows[-1] += end
    added = textwrap.indent(hook, " " * indentation).replace("\n", end)
    return "".join([*rows[:line], added, *rows[line if until is None else until :]])
