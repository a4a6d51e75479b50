"""Adding a hook to pre-commit's configuration, with every other byte of it kept."""

import textwrap
from typing import Any, cast

from ...lineage.builds.yaml_nodes import document
from ...lineage.late.patterns import pattern
from ...lineage.text.budget import LimitError
from .init_files import HOOK_ID

_ALIAS = pattern(r"\*\S")
_IDS = (HOOK_ID, f"{HOOK_ID}-fix")


def with_hook(content: bytes, hook: str, *, anew: bool = False) -> bytes | None:
    """The file with ctlint's hook behind the last of its `repos`; as it was where it has one, or, if `anew` says so, with the
    new one in the place of the entry that holds it; None where that is not possible: the file is no YAML or has aliases, its
    `repos` is not a block list, or the old hook shares its entry with others.
    """
    text = content.decode("utf-8", "surrogateescape")
    found = _root(text)
    before = _plain(found)
    if found is None or not isinstance(before, dict):
        return None
    has = _has_hook(cast("dict[str, Any]", before))
    if has and not anew:
        return content
    lists = [value for key, value in found.value if key.value == "repos"]
    if len(lists) != 1 or lists[0].id != "sequence" or lists[0].flow_style or not lists[0].value:
        return None
    repos = lists[0]
    told: list[Any] = cast("dict[str, Any]", before)["repos"]
    item = _plain(_root(hook))
    if has:
        at = [index for index, repo in enumerate(told) if _is_ours(repo)]
        if len(at) != 1:
            return None
        old = repos.value[at[0]]
        after = _inserted(text, hook, old.start_mark.line, repos.start_mark.column, until=_end(old))
        wanted = [*told[: at[0]], *item, *told[at[0] + 1 :]]
    else:
        after = _inserted(text, hook, _end(repos), repos.start_mark.column)
        wanted = [*told, *item]
    if _plain(_root(after)) != {**cast("dict[str, Any]", before), "repos": wanted}:
        return None
    return after.encode("utf-8", "surrogateescape")


def _root(text: str) -> Any:
    """The root node of a text; None for what is no YAML, is more than one document, is nested too deeply, or has aliases, of
    which a small text can make a large tree, or one without end."""
    import yaml

    try:
        if _ALIAS.search(text) and any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text, yaml.SafeLoader)):
            return None
        return yaml.compose(text, yaml.SafeLoader) if document(text) is not None else None
    except (LimitError, RecursionError, ValueError, yaml.YAMLError):
        return None


def _plain(node: Any) -> Any:
    """A node as dictionaries, lists and the texts of its scalars: what these mean is nothing to the place of a hook."""
    if node is None or node.id == "scalar":
        return node and node.value
    if node.id == "sequence":
        return [_plain(each) for each in node.value]
    return {key.value if key.id == "scalar" else key.start_mark.index: _plain(value) for key, value in node.value}


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


def _end(node: Any) -> int:
    """The index of the line after the last one of a node's content (comments behind it not counted)."""
    while node.id != "scalar" and node.value and not node.flow_style:
        node = node.value[-1][1] if node.id == "mapping" else node.value[-1]
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
