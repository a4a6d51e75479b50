"""What GitHub's API says of an owner's repositories, asked with as few requests as can be."""

from collections.abc import Callable, Mapping
from typing import Any

from .address import is_owner, is_ref, is_repository
from .cached_snapshot import ListPage, RepositoryFacts, StoredOwner
from .transport import RefusedError
from .untrusted import as_list, as_object

_PER_PAGE = 100
_MOST_PAGES = 1000

GetJson = Callable[[str, Mapping[str, str]], tuple[int, Mapping[str, str], Any]]
"""Status, headers and value of the API's answer for a path with query, and request headers."""


def list_owner(get: GetJson, owner: str, before: StoredOwner | None, now: float) -> StoredOwner:
    """An owner's repositories: one request for every hundred, and one more where it is not known to be a user.

    With the list `before`, every request is conditional. Raises RefusedError with status 404 where there is no such
    owner, and whatever `get` raises.
    """
    kinds = ["orgs", "users"]
    if before is not None:
        kinds.sort(key=lambda kind: kind != before.kind)
    for kind in kinds:
        pages_before = before.pages if before is not None and before.kind == kind else ()
        try:
            return StoredOwner(kind, now, _pages(get, f"/{kind}/{owner}/repos", pages_before))
        except RefusedError as error:
            if error.status != 404 or kind == kinds[-1]:
                raise
    raise AssertionError("one of the kinds returns or raises")


def read_facts(description: Any) -> RepositoryFacts | None:
    """A repository as the API describes it; None where the description is not usable."""
    value = as_object(description) or {}
    name = value.get("full_name")
    owner, _, repository = name.partition("/") if isinstance(name, str) else ("", "", "")
    if not is_owner(owner) or not is_repository(repository):
        return None
    branch, pushed, size = value.get("default_branch"), value.get("pushed_at"), value.get("size")
    return RepositoryFacts(
        f"{owner}/{repository}",
        branch if isinstance(branch, str) and is_ref(branch) else None,
        pushed if isinstance(pushed, str) and pushed.isascii() else None,
        value.get("private") is True,
        value.get("archived") is True,
        value.get("fork") is True,
        size if isinstance(size, int) else None,
    )


def _pages(get: GetJson, path: str, before: tuple[ListPage, ...]) -> tuple[ListPage, ...]:
    pages: list[ListPage] = []
    more = True
    while more and len(pages) < _MOST_PAGES:
        known = before[len(pages)] if len(pages) < len(before) else None
        page = _page(get, f"{path}?per_page={_PER_PAGE}&sort=full_name&page={len(pages) + 1}", known)
        pages.append(page)
        more = page.more
    return tuple(pages)


def _page(get: GetJson, path: str, known: ListPage | None) -> ListPage:
    status, headers, value = get(path, {"If-None-Match": known.tag} if known and known.tag else {})
    if status == 304 and known is not None:
        return known
    descriptions = as_list(value)
    if descriptions is None:
        raise RefusedError("GitHub's answer is no list of repositories", status)
    facts = tuple(found for found in map(read_facts, descriptions) if found is not None)
    return ListPage(headers.get("ETag"), 'rel="next"' in headers.get("Link", ""), facts)
