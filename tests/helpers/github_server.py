"""An imitation of GitHub on loopback: its API, its web host, and the host that archives come from.

Every answer of the API, and every request for it, is checked against GitHub's own description; `problems` has what
does not fit. The three are separate origins, so that what goes where can be told.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from github_openapi import description


@dataclass(frozen=True)
class Link:
    target: str


@dataclass(frozen=True)
class Submodule:
    commit: str = "5" * 40


@dataclass(frozen=True)
class Program:
    data: bytes


Content = bytes | Link | Submodule | Program


@dataclass
class Repo:
    """A repository. `refs` are branches and tags beside the default branch; `archive` overrides what is served."""

    owner: str
    name: str
    files: dict[str, Content] | None = field(default_factory=lambda: {"Dockerfile": b"FROM scratch\n"})
    branch: str = "main"
    refs: dict[str, dict[str, Content]] = field(default_factory=dict)
    ambiguous: tuple[str, ...] = ()
    not_in_archive: tuple[str, ...] = ()
    private: bool = False
    archived: bool = False
    fork: bool = False
    pushed_at: str = "2026-01-02T03:04:05Z"
    archive: bytes | None = None

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def tree(self, ref: str) -> dict[str, Content] | None:
        """The files at a branch, tag or commit, None where there is none."""
        name = self._named(ref)
        return None if name is None else self._at(name)

    def commit(self, ref: str) -> str:
        """The commit that a branch, tag or commit is."""
        files = self._at(self._named(ref) or self.branch) or {}
        return hashlib.sha1(repr((self.full_name, sorted(files.items(), key=str))).encode()).hexdigest()

    def _named(self, ref: str) -> str | None:
        if self.files is None:
            return None
        plain = self.branch if ref == "HEAD" else ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
        names = [self.branch, *self.refs]
        return (
            plain
            if plain in names
            else next((name for name in names if len(ref) == 40 and self.commit(name) == ref), None)
        )

    def _at(self, name: str) -> dict[str, Content] | None:
        return self.files if name == self.branch else self.refs.get(name)

    def push(self, files: Mapping[str, Content], at: str) -> None:
        self.files = {**(self.files or {}), **files}
        self.pushed_at = at


@dataclass(frozen=True)
class Request:
    origin: str
    path: str
    headers: Mapping[str, str]


@dataclass
class Fault:
    """What befalls the next `times` requests (-1: all) whose ORIGIN/path matches. `cut`: bytes sent before the end."""

    pattern: str
    times: int = 1
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    cut: int | None = None
    drop: bool = False


def tarball(files: Mapping[str, Content], commit: str | None, top: str = "repo-1") -> bytes:
    """An archive as `git archive` makes it of a commit."""
    out = io.BytesIO()
    comment = {"comment": commit} if commit else {}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=comment) as tar:
        folders = {top}
        for path in files:
            parts = path.split("/")
            folders.update("/".join([top, *parts[:depth]]) for depth in range(len(parts)))
        folders.update(f"{top}/{path}" for path, content in files.items() if isinstance(content, Submodule))
        for folder in sorted(folders):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o775
            tar.addfile(entry)
        for path, content in sorted(files.items()):
            if not isinstance(content, Submodule):
                _add(tar, f"{top}/{path}", content)
    return gzip.compress(out.getvalue(), 1, mtime=0)


def _add(tar: tarfile.TarFile, path: str, content: bytes | Link | Program) -> None:
    entry = tarfile.TarInfo(path)
    if isinstance(content, Link):
        entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, content.target, 0o777
        tar.addfile(entry)
        return
    data = content.data if isinstance(content, Program) else content
    entry.size, entry.mode = len(data), 0o775 if isinstance(content, Program) else 0o664
    tar.addfile(entry, io.BytesIO(data))


class GitHubServer:
    """Runs until `close`. `latency` is the seconds that an archive takes, `checked` whether
    answers are compared with the description, `prefix` what the API's paths begin with."""

    def __init__(self, prefix: str = "") -> None:
        self.repositories: list[Repo] = []
        self.organisations: set[str] = set()
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.problems: list[str] = []
        self.tokens: set[str] = set()
        self.tree_limit = 100_000
        self.latency = 0.0
        self.etags = True
        self.checked = True
        self.prefix = prefix
        self._lock = threading.Lock()
        self._servers = {origin: self._start(origin) for origin in ("api", "web", "codeload", "elsewhere")}

    def add(self, *repositories: Repo, organisation: bool = True) -> Repo:
        self.repositories.extend(repositories)
        if organisation:
            self.organisations.update(repository.owner.lower() for repository in repositories)
        return repositories[0]

    def url(self, origin: str) -> str:
        return f"http://127.0.0.1:{self._servers[origin].server_port}"

    @property
    def environment(self) -> dict[str, str]:
        return {"GITHUB_API_URL": self.url("api") + self.prefix, "GITHUB_SERVER_URL": self.url("web")}

    def fail(self, pattern: str, **options: Any) -> None:
        self.faults.append(Fault(pattern, **options))

    def asked(self, pattern: str) -> int:
        """How many requests matched ORIGIN/path."""
        return sum(1 for request in self.requests if re.search(pattern, f"{request.origin}{request.path}"))

    def forget(self) -> None:
        self.requests.clear()

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def _start(self, origin: str) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, origin))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    # What follows answers requests.

    def answer(self, origin: str, request: "_Handler") -> None:
        with self._lock:
            self.requests.append(Request(origin, request.path, dict(request.headers.items())))
            fault = next((f for f in self.faults if f.times and re.search(f.pattern, f"{origin}{request.path}")), None)
            if fault is not None:
                fault.times -= 1
        if fault is not None and (fault.drop or fault.cut is None):
            request.spoil(fault)
            return
        request.cut = fault.cut if fault is not None else None
        getattr(self, f"_{origin}")(request, urlsplit(request.path))

    def _api(self, request: "_Handler", url: Any) -> None:
        if not url.path.startswith(f"{self.prefix}/"):
            request.reply(404, b"<html>", {"Content-Type": "text/html"})
            return
        path, query = unquote(url.path.removeprefix(self.prefix)), dict(parse_qsl(url.query))
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in self.tokens:
            self._json(request, path, query, 401, {"message": "Bad credentials", "documentation_url": "https://x"})
            return
        for pattern, act in (
            (r"/(orgs|users)/([^/]+)/repos", self._list),
            (r"/repos/([^/]+)/([^/]+)", self._one),
            (r"/repos/([^/]+)/([^/]+)/tarball/(.+)", self._tarball),
            (r"/repos/([^/]+)/([^/]+)/git/trees/([^/]+)", self._tree),
        ):
            if match := re.fullmatch(pattern, path):
                status, body, headers = act(bool(token), query, *match.groups())
                self._json(request, path, query, status, body, headers)
                return
        self._json(request, path, query, 404, _NOT_FOUND)

    def _json(
        self,
        request: "_Handler",
        path: str,
        query: dict[str, str],
        status: int,
        body: Any,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if self.checked:
            with self._lock:
                self.problems += description().problems(path, query, status, body)
        data = b"" if body is None else json.dumps(body).encode()
        tag = f'W/"{hashlib.sha256(data + repr(headers).encode()).hexdigest()}"'
        all_headers = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        if self.etags and status == 200:
            all_headers["ETag"] = tag
            if request.headers.get("If-None-Match") == tag:
                request.reply(304, b"", all_headers)
                return
        request.reply(status, data, all_headers)

    def _list(self, may: bool, query: dict[str, str], kind: str, owner: str) -> tuple[int, Any, dict[str, str]]:
        is_organisation = owner.lower() in self.organisations
        known = is_organisation or any(repo.owner.lower() == owner.lower() for repo in self.repositories)
        if not known or (kind == "orgs") > is_organisation:
            return 404, _NOT_FOUND, {}
        size, page = min(int(query.get("per_page", "30")), 100), int(query.get("page", "1"))
        found = [r for r in self.repositories if r.owner.lower() == owner.lower() and (may or not r.private)]
        found.sort(key=lambda repo: repo.full_name.lower())
        more = len(found) > page * size
        link = f'<{self.url("api")}/organizations/1/repos?page={page + 1}>; rel="next"' if more else ""
        shown = [self._described(repo) for repo in found[(page - 1) * size : page * size]]
        return 200, shown, {"Link": link} if link else {}

    def _one(self, may: bool, query: dict[str, str], owner: str, name: str) -> tuple[int, Any, dict[str, str]]:
        repo = self._find(owner, name, may)
        if repo is None:
            return 404, _NOT_FOUND, {}
        return 200, {**self._described(repo), **_FULL, "owner": _user(repo.owner)}, {}

    def _tarball(
        self, may: bool, query: dict[str, str], owner: str, name: str, ref: str
    ) -> tuple[int, Any, dict[str, str]]:
        repo = self._find(owner, name, may)
        if repo is None or repo.tree(ref) is None:
            return 404, _NOT_FOUND, {}
        secret = "?token=CODELOAD" if repo.private else ""
        return 302, None, {"Location": f"{self.url('codeload')}/{repo.full_name}/legacy.tar.gz/{ref}{secret}"}

    def _tree(
        self, may: bool, query: dict[str, str], owner: str, name: str, tree: str
    ) -> tuple[int, Any, dict[str, str]]:
        repo = self._find(owner, name, may)
        folder = None if repo is None else self._folder(repo, tree)
        if repo is None or folder is None:
            return 404, _NOT_FOUND, {}
        whole = "recursive" in query
        entries = list(self._entries(repo, folder, whole))
        cut = entries[: self.tree_limit] if whole else entries
        return 200, {"sha": tree, "url": "https://x", "tree": cut, "truncated": len(cut) < len(entries)}, {}

    def _folder(self, repo: Repo, tree: str) -> str | None:
        if repo.tree(tree) is not None:
            return ""
        parts = [path.split("/") for path in repo.files or {}]
        folders = {"/".join(names[:depth]) for names in parts for depth in range(1, len(names))}
        return next((folder for folder in folders if _tree_id(folder) == tree), None)

    def _entries(self, repo: Repo, folder: str, whole: bool) -> Iterator[dict[str, Any]]:
        below = f"{folder}/" if folder else ""
        seen: set[str] = set()
        for path, content in sorted((repo.files or {}).items()):
            if not path.startswith(below):
                continue
            parts = path.removeprefix(below).split("/")
            for depth in range(1, len(parts) if whole else min(len(parts), 2)):
                above = "/".join(parts[:depth])
                if above not in seen:
                    seen.add(above)
                    yield {"path": above, "mode": "040000", "type": "tree", "sha": _tree_id(below + above)}
            if whole or len(parts) == 1:
                yield {"path": "/".join(parts), **_blob(content)}

    def _web(self, request: "_Handler", url: Any) -> None:
        match = re.fullmatch(r"/([^/]+)/([^/]+)/archive/(.+)\.tar\.gz", unquote(url.path))
        repo = self._find(match[1], match[2], False) if match else None
        if match is None or repo is None:
            request.reply(404, b"Not Found", {"Content-Type": "text/html"})
        elif match[3] in repo.ambiguous:
            request.reply(300, b"the given path has multiple possibilities", {"Content-Type": "text/plain"})
        else:
            request.reply(302, b"", {"Location": f"{self.url('codeload')}/{repo.full_name}/tar.gz/{match[3]}"})

    def _codeload(self, request: "_Handler", url: Any) -> None:
        match = re.fullmatch(r"/([^/]+)/([^/]+)/(?:legacy\.)?tar\.gz/(.+)", unquote(url.path))
        repo = self._find(match[1], match[2], "token=CODELOAD" in url.query) if match else None
        files = repo.tree(match[3]) if repo is not None and match else None
        if repo is None or files is None or match is None:
            request.reply(404, b"404: Not Found", {"Content-Type": "text/plain"})
            return
        time.sleep(self.latency)
        commit = repo.commit(match[3])
        shown = {path: content for path, content in files.items() if path not in repo.not_in_archive}
        data = repo.archive if repo.archive is not None else tarball(shown, commit, f"{repo.name}-{commit}")
        headers = {"Content-Type": "application/x-gzip"}
        if self.etags:
            headers["ETag"] = f'W/"{hashlib.sha256(data).hexdigest()}"'
        if self.etags and request.headers.get("If-None-Match") == headers["ETag"]:
            request.reply(304, b"", headers)
        else:
            request.reply(200, data, headers)

    def _elsewhere(self, request: "_Handler", url: Any) -> None:
        request.reply(200, b"[]", {"Content-Type": "application/json"})

    def _find(self, owner: str, name: str, may: bool) -> Repo | None:
        wanted = f"{owner}/{name}".lower()
        found = (repo for repo in self.repositories if repo.full_name.lower() == wanted)
        return next((repo for repo in found if may or not repo.private), None)

    def _described(self, repo: Repo) -> dict[str, Any]:
        size = sum(len(c) for c in (repo.files or {}).values() if isinstance(c, bytes)) // 1024
        return {
            **{name: f"https://x/{name}" for name in _URLS},
            "id": 1,
            "node_id": "R_1",
            "name": repo.name,
            "full_name": repo.full_name,
            "owner": _user(repo.owner),
            "private": repo.private,
            "description": None,
            "fork": repo.fork,
            "archived": repo.archived,
            "default_branch": repo.branch,
            "pushed_at": repo.pushed_at,
            "size": 0 if repo.files is None else size + 1,
        }


class _Handler(BaseHTTPRequestHandler):
    cut: int | None

    def reply(self, status: int, data: bytes, headers: Mapping[str, str]) -> None: ...

    def spoil(self, fault: Fault) -> None: ...


def _handler(server: GitHubServer, origin: str) -> type[_Handler]:
    class Handler(_Handler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            self.cut = None
            server.answer(origin, self)

        def reply(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data if self.cut is None else data[: self.cut])
            if self.cut is not None:
                self.close_connection = True

        def spoil(self, fault: Fault) -> None:
            self.close_connection = True
            if fault.drop:
                return
            body = b"" if fault.body is None else json.dumps(fault.body).encode()
            headers = {"Content-Type": "application/json", "Connection": "close", **fault.headers}
            self.reply(fault.status, body, headers)

        def log_message(self, format: str, *args: object) -> None: ...

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(timestamp, usegmt=True)

    return Handler


def _blob(content: Content) -> dict[str, Any]:
    if isinstance(content, Submodule):
        return {"mode": "160000", "type": "commit", "sha": content.commit}
    data = content.target.encode() if isinstance(content, Link) else content
    mode = "120000" if isinstance(content, Link) else "100644"
    if isinstance(data, Program):
        data, mode = data.data, "100755"
    return {"mode": mode, "type": "blob", "sha": blob_id(data), "size": len(data)}


def blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _tree_id(folder: str) -> str:
    return hashlib.sha1(f"tree {folder}".encode()).hexdigest()


def _user(login: str) -> dict[str, Any]:
    addresses = (
        "avatar_url events_url followers_url following_url gists_url html_url organizations_url received_events_url"
        " repos_url starred_url subscriptions_url url"
    )
    named = {name: f"https://x/{name}" for name in _words(addresses)}
    return {**named, "login": login, "id": 2, "node_id": "U_2", "gravatar_id": "", "type": "User", "site_admin": False}


def _words(text: str) -> list[str]:
    return text.split()


_NOT_FOUND = {"message": "Not Found", "documentation_url": "https://x/rest", "status": "404"}
_URLS = _words(
    "archive_url assignees_url blobs_url branches_url collaborators_url comments_url commits_url compare_url"
    " contents_url contributors_url deployments_url downloads_url events_url forks_url git_commits_url git_refs_url"
    " git_tags_url hooks_url html_url issue_comment_url issue_events_url issues_url keys_url labels_url languages_url"
    " merges_url milestones_url notifications_url pulls_url releases_url stargazers_url statuses_url subscribers_url"
    " subscription_url tags_url teams_url trees_url url clone_url git_url ssh_url svn_url"
)
_FULL: dict[str, Any] = {
    **dict.fromkeys(_words("forks forks_count open_issues open_issues_count stargazers_count watchers"), 0),
    **dict.fromkeys(_words("watchers_count network_count subscribers_count"), 0),
    **dict.fromkeys(_words("has_issues has_projects has_wiki has_pages has_discussions disabled"), False),
    **dict.fromkeys(_words("homepage language mirror_url license"), None),
    **dict.fromkeys(_words("created_at updated_at"), "2026-01-01T00:00:00Z"),
}
