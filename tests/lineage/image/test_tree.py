"""The file tree of an image: known nodes under clouds."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctlint.lineage.image.tree import Blob, Cloud, Node, NodesByPath, Tree, TreeBuilder
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.text.paths import normal
from ctlint.lineage.text.places import Place, Span

HERE = Place("Dockerfile", Span(1))


def file(data: str = "", mode: int = 0o644, *, sure: bool = True) -> Node:
    return Node("file", HERE, "image", mode=mode, blob=Blob.of(data.encode()), sure=sure)


def directory() -> Node:
    return Node("directory", HERE, "image", mode=0o755)


def link(target: str) -> Node:
    return Node("link", HERE, "image", mode=0o777, target=target)


def tree(nodes: dict[str, Node], *clouds: Cloud) -> Tree:
    builder = Tree({}, clouds).edit()
    for path, node in nodes.items():
        builder.put(path, node)
    return builder.build()


MERGED = {
    "/bin": link("usr/bin"),
    "/usr/bin/sh": file(),
    "/loop": link("loop"),
    "/a": link("/b/c"),
    "/b": link("d"),
}


class TestLinks:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/bin/sh", "/usr/bin/sh"),
            ("/bin/../etc", "/etc"),
            ("/a/x", "/d/c/x"),
            ("/bin", "/usr/bin"),
            ("//usr/./bin/sh/", "/usr/bin/sh"),
            ("/", "/"),
            ("/none/x", "/none/x"),
        ],
    )
    def test_a_path_is_resolved_through_linked_directories(self, path: str, expected: str) -> None:
        assert tree(MERGED).resolve(path) == expected

    def test_a_link_at_the_end_may_stay(self) -> None:
        assert tree(MERGED).resolve("/bin", last=False) == "/bin"

    def test_a_loop_ends(self) -> None:
        assert tree(MERGED).find("/loop/x") is None

    def test_a_relative_link_goes_on_from_where_it_really_is(self) -> None:
        assert tree({"/x": link("/r/d"), "/r/d/l": link("../f"), "/r/f": file()}).resolve("/x/l") == "/r/f"

    def test_removing_a_link_leaves_what_it_points_to(self) -> None:
        builder = tree(MERGED).edit()
        builder.remove("/bin")
        assert builder.build().find("/usr/bin/sh") is not None
        assert builder.build().find("/bin/sh") is None

    def test_a_dangling_link_is_not_there(self) -> None:
        assert tree({"/l": link("gone")}).get("/l") is None


class TestClouds:
    def test_what_no_cloud_covers_is_surely_absent(self) -> None:
        known = tree({"/etc/a": file()}, Cloud("packages", ("/usr",), ("/usr/local",)))
        assert known.get("/etc/b") is None
        assert isinstance(known.get("/usr/b"), Unknown)
        assert known.get("/usr/local/b") is None
        assert (known.closed("/etc"), known.closed("/usr/local")) == (True, True)
        assert isinstance(known.closed("/usr/share"), Unknown)
        assert known.get("/usrx") is None

    def test_what_may_be_there_under_a_condition_is_unknown(self) -> None:
        assert isinstance(tree({"/a": file(sure=False)}).get("/a"), Unknown)

    def test_a_tested_cloud_covers_only_what_the_test_allows(self) -> None:
        known = tree({}, Cloud("git ignores it", ("/app",), test=lambda path: path.endswith(".o")))
        assert known.get("/app/x.c") is None
        assert isinstance(known.get("/app/x.o"), Unknown)

    @pytest.mark.parametrize("removed", ["/x", "/x/y"])
    def test_removing_closes_also_what_was_open_further_down(self, removed: str) -> None:
        builder = tree({"/x/y/z": file()}, Cloud("one", ("/x/y",)), Cloud("all", ("/",))).edit()
        builder.remove(removed)
        done = builder.build()
        assert done.get("/x/y/z") is None
        assert done.closed("/x/y") is True
        assert isinstance(done.closed("/w"), Unknown)
        later = done.edit()
        later.open(Cloud("all", ("/",)))
        assert isinstance(later.build().get("/x/y/z"), Unknown)

    def test_a_removed_folder_is_open_again_after_a_later_writer(self) -> None:
        builder = Tree({}).edit()
        builder.remove("/x")
        builder.open(Cloud("later", ("/x",)))
        assert isinstance(builder.build().get("/x/y"), Unknown)


class TestWriting:
    def test_a_parent_tree_is_not_changed_by_its_child(self) -> None:
        parent = tree({"/a": file("1")})
        child = parent.edit()
        child.put("/a", file("2"))
        child.put("/b", file())
        assert [parent.nodes["/a"].blob.data, "/b" in parent.nodes] == [b"1", False]

    def test_a_file_put_over_a_link_replaces_the_link(self) -> None:
        known = tree({"/t": file("t"), "/l": link("t"), "/d/x": file()})
        builder = known.edit()
        builder.put("/l", file("new"))
        builder.put("/d", file())
        assert [builder.nodes["/l"].kind, builder.nodes["/t"].blob.data] == ["file", b"t"]
        assert "/d/x" not in builder.nodes

    def test_children_are_in_byte_order_and_only_direct_ones(self) -> None:
        names = ["10-b", "100-c", "9-a", "A", "_u", "é", "a"]
        known = tree({f"/d/{name}": file() for name in names} | {"/d/sub/x": file()})
        assert known.children("/d") == ["10-b", "100-c", "9-a", "A", "_u", "a", "sub", "é"]

    @pytest.mark.parametrize(
        ("pattern", "expected"),
        [
            ("/d/*", ["/d/a.sh", "/d/b.sh"]),
            ("/d/.*", ["/d/.h"]),
            ("/*/a.sh", ["/d/a.sh"]),
            ("/d/[!a]*", ["/d/b.sh"]),
            ("/l/*", ["/d/a.sh", "/d/b.sh"]),
            ("/d/*/x", []),
        ],
    )
    def test_a_shells_pattern(self, pattern: str, expected: list[str]) -> None:
        known = tree({"/d/a.sh": file(), "/d/b.sh": file(), "/d/.h": file(), "/l": link("d")})
        assert known.glob(pattern) == expected


class TestContent:
    def test_a_blob_is_named_as_git_names_it_and_loaded_once(self) -> None:
        asked: list[int] = []

        def load() -> bytes:
            asked.append(1)
            return b"hello\n"

        blob = Blob(load)
        assert blob.digest == "ce013625030ba8dba906f756967f9e9ca394464a"
        assert (blob.data, len(asked)) == (b"hello\n", 1)
        assert blob.same_as(Blob(digest="ce013625030ba8dba906f756967f9e9ca394464a")) is True
        assert blob.same_as(Blob.of(b"")) is False
        assert isinstance(blob.same_as(Blob()), Unknown)

    def test_whether_a_file_runs(self) -> None:
        assert file(mode=0o755).executable is True
        assert file().executable is False
        assert isinstance(Node("file", HERE, "image").executable, Unknown)


@given(
    st.lists(st.tuples(st.sampled_from(["put", "link", "remove", "empty"]), st.text("ab/", max_size=6)), max_size=12)
)
def test_every_node_stands_in_a_directory_at_its_real_path(steps: list[tuple[str, str]]) -> None:
    builder = TreeBuilder(NodesByPath({}), [])
    for index, (what, written) in enumerate(steps):
        path = normal(written)
        if path == "/":
            continue
        match what:
            case "put":
                builder.put(path, file(str(index)))
            case "link":
                builder.put(path, link(string.ascii_lowercase[index % 2]))
            case "remove":
                builder.remove(path)
            case _:
                builder.empty(path)
    for path in builder.nodes:
        parent = path.rpartition("/")[0]
        assert not parent or builder.nodes[parent].kind == "directory"
    assert directory().kind == "directory"


@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "link", "unread", "remove", "edit"]), st.text("ab/", max_size=6)), max_size=14
    )
)
def test_which_nodes_are_links_and_unread_is_known_after_any_change(steps: list[tuple[str, str]]) -> None:
    builder = Tree({"/a": link("b"), "/b/c": file()}).edit()
    for index, (what, written) in enumerate(steps):
        path = normal(written)
        if path == "/":
            continue
        match what:
            case "put":
                builder.put(path, file(str(index)))
            case "link":
                builder.put(path, link(string.ascii_lowercase[index % 2]))
            case "unread":
                builder.put(path, Node("file", HERE, "image", blob=Blob(unread="is too large")))
            case "remove":
                builder.remove(path)
            case _:
                builder = builder.build().edit()
    nodes = builder.nodes
    assert nodes.unread == {path: node for path, node in nodes.items() if node.blob.unread is not None}
    for path in (*nodes, "/a/b/c", "/b/a", "/c/b/a"):
        above = ["/".join(path.split("/")[:end]) for end in range(2, path.count("/") + 1)]
        assert nodes.crosses_link(path) is any(one in nodes and nodes[one].kind == "link" for one in above)


def test_many_links_are_followed_as_few_are() -> None:
    builder = tree({f"/l{number}": link("/real") for number in range(100)} | {"/real/x": file("x")}).edit()
    assert builder.resolve("/l70/x") == "/real/x"
    assert builder.get("/l99/x") is builder.nodes["/real/x"]
