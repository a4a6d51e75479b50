"""A stage's instructions applied to its parent: what BuildKit makes of them."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.image.tree import Node
from ctlint.lineage.repository.snapshot import FileSpec
from ctlint.lineage.text.errors import Unknown
from ctlint.lineage.workspace.workspace import Settings
from folding import Files, image_of, mode, paths, program, source_of, tarball, text, workspace

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def env(image: EffectiveImage, name: str) -> str | None:
    value = image.variable(name)
    assert not isinstance(value, Unknown)
    return value


CONTEXT: Files = {
    "root/etc/a.conf": "a",
    "root/etc/deep/b.conf": "b",
    "root/usr/bin/tool": program(),
    "one.txt": "1",
    "two.txt": "2",
    ".hidden.txt": "h",
}


class TestCopy:
    @pytest.mark.parametrize(
        ("instruction", "expected"),
        [
            ("COPY one.txt /x", ["/x"]),
            ("COPY one.txt /x/", ["/x/one.txt"]),
            ("COPY one.txt two.txt /x/", ["/x/one.txt", "/x/two.txt"]),
            ("COPY root/etc /x", ["/x/a.conf", "/x/deep/b.conf"]),
            ("COPY root/etc/ /x/", ["/x/a.conf", "/x/deep/b.conf"]),
            ("COPY root/ /", ["/etc/a.conf", "/etc/deep/b.conf", "/usr/bin/tool"]),
            ("COPY *.txt /x/", ["/x/.hidden.txt", "/x/one.txt", "/x/two.txt"]),
            ("COPY t?o.txt /x/", ["/x/two.txt"]),
            ("COPY [^t]*.txt /x/", ["/x/.hidden.txt", "/x/one.txt"]),
            ("COPY root/* /x/", ["/x/a.conf", "/x/deep/b.conf", "/x/bin/tool"]),
            ("COPY root/*/*.conf /x/", ["/x/a.conf"]),
            ('COPY ["one.txt", "/a b/"]', ["/a b/one.txt"]),
            ("COPY ./root/../one.txt /x/", ["/x/one.txt"]),
            ("COPY ../one.txt /x/", ["/x/one.txt"]),
            ("COPY /one.txt /x/", ["/x/one.txt"]),
            ("WORKDIR /w\nCOPY one.txt .", ["/w/one.txt"]),
            ("WORKDIR /w\nCOPY one.txt ./", ["/w/one.txt"]),
            ("WORKDIR /w\nCOPY one.txt sub/", ["/w/sub/one.txt"]),
            ("WORKDIR /w\nCOPY one.txt /w", ["/w/one.txt"]),
            ("COPY --parents root/etc/deep/b.conf one.txt /x/", ["/x/one.txt", "/x/root/etc/deep/b.conf"]),
            ("COPY --parents root/./etc/deep/b.conf /x/", ["/x/etc/deep/b.conf"]),
            ("COPY --parents root/*/*.conf /x/", ["/x/root/etc/a.conf"]),
            ("COPY --parents ./root/./*/*.conf /x/", ["/x/etc/a.conf"]),
            ("COPY --parents root/etc /x/", ["/x/root/etc/a.conf", "/x/root/etc/deep/b.conf"]),
            ("ARG N=two\nCOPY $N.txt /x/", ["/x/two.txt"]),
            ("COPY missing.txt /x/", ["/x/missing.txt"]),  # no build ends without it
        ],
    )
    def test_what_lands_where(self, instruction: str, expected: list[str]) -> None:
        assert paths(image_of(f"FROM scratch\n{instruction}\n", CONTEXT)) == sorted(expected)

    def test_a_folder_brings_its_modes_and_chmod_sets_those_of_files(self) -> None:
        image = image_of("FROM scratch\nCOPY root/ /\nCOPY --chmod=750 root/ /x/\n", CONTEXT)
        assert [mode(image, p) for p in ("/etc/a.conf", "/usr/bin/tool", "/x/etc/a.conf")] == ["644", "755", "750"]

    @pytest.mark.parametrize(("chmod", "expected"), [("+x", "755"), ("u=rw,go=", "600"), ("0600", "600")])
    def test_chmod_by_symbols_is_applied_to_the_files_own_mode(self, chmod: str, expected: str) -> None:
        assert mode(image_of(f"FROM scratch\nCOPY --chmod={chmod} one.txt /x\n", CONTEXT), "/x") == expected

    def test_chown_names_the_owner_and_the_default_is_root(self) -> None:
        image = image_of("FROM scratch\nUSER abc\nCOPY one.txt /a\nCOPY --chown=1000:100 one.txt /b\n", CONTEXT)
        assert [node.owner for p in "ab" if isinstance(node := image.tree.get(f"/{p}"), Node)] == ["root", "1000"]

    def test_a_copy_knows_the_repository_file_and_the_instruction(self) -> None:
        node = image_of("FROM scratch\nCOPY root/ /\n", CONTEXT).tree.find("/etc/a.conf")
        assert node is not None
        assert (node.source, node.place.line, node.home.path) == ("desk/root/etc/a.conf", 2, "desk/root/etc/a.conf")

    def test_what_dockerignore_leaves_out_does_not_come(self) -> None:
        files: Files = {**CONTEXT, ".dockerignore": "**/deep\n*.txt\n!two.txt\n"}
        assert paths(image_of("FROM scratch\nCOPY . /x/\n", files), "/x") == [
            "/x/.dockerignore",
            "/x/Dockerfile",
            "/x/root/etc/a.conf",
            "/x/root/usr/bin/tool",
            "/x/two.txt",
        ]

    def test_excluded_files_are_left_out_and_their_folders_are_not(self) -> None:
        image = image_of("FROM scratch\nCOPY --exclude=**/a.conf root /x/\nCOPY --exclude=*.txt one.txt /y\n", CONTEXT)
        assert paths(image) == ["/x/etc/deep/b.conf", "/x/usr/bin/tool", "/y"]
        emptied = image_of("FROM scratch\nCOPY --exclude=etc/deep/* root /x/\n", CONTEXT)
        assert isinstance(emptied.tree.get("/x/etc/deep"), Node)
        assert emptied.tree.get("/x/etc/deep/b.conf") is None

    def test_a_later_copy_wins_and_a_folder_is_merged(self) -> None:
        image = image_of("FROM scratch\nCOPY root/etc /etc\nCOPY one.txt /etc/a.conf\n", CONTEXT)
        assert text(image, "/etc/a.conf") == "1"
        assert text(image, "/etc/deep/b.conf") == "b"

    def test_a_copy_goes_through_a_linked_directory(self) -> None:
        files: Files = {**CONTEXT, "links/bin": FileSpec(kind="link", target="usr/bin", mode=0o777)}
        image = image_of("FROM scratch\nCOPY root/ /\nCOPY links/ /\nCOPY one.txt /bin/one\n", files)
        assert "/usr/bin/one" in image.tree.nodes
        assert image.tree.find("/bin/tool") is not None
        assert image.tree.children("/bin") == ["one", "tool"]

    def test_a_heredoc_is_a_file_with_its_lines_and_variables(self) -> None:
        image = image_of(
            'FROM scratch\nENV WHO=you\nCOPY <<one <<"two" /x/\nhi "$WHO"\none\nhi $WHO\ntwo\nCOPY <<-t /y\n\tz\nt\n'
        )
        assert [text(image, p) for p in ("/x/one", "/x/two", "/y")] == ['hi "you"\n', "hi $WHO\n", "z\n"]
        assert mode(image, "/x/one") == "644"

    def test_add_fetches_a_file_and_unpacks_only_archives_of_the_context(self) -> None:
        image = image_of(
            "FROM scratch\nADD https://example.org/a/tool.tar.gz?x=1 /opt/\nADD https://example.org/b /opt/c\n"
            "ADD --unpack=false local.tar.gz /raw/\nADD local.tar.gz /data/\nADD .git /src/.git\n",
            {"local.tar.gz": tarball({"a": "1"}), ".git/HEAD": "ref"},
        )
        assert paths(image) == ["/data/a", "/opt/c", "/opt/tool.tar.gz", "/raw/local.tar.gz", "/src/.git/HEAD"]
        assert mode(image, "/opt/c") == "600"
        assert image.tree.closed("/opt") is True
        assert image.tree.closed("/data") is True

    @pytest.mark.parametrize("url", ["https://example.org/x/y.git#v1", "git@example.org:x/y.git", "ssh://git@h/x.git"])
    def test_add_of_a_git_repository_opens_its_folder(self, url: str) -> None:
        image = image_of(f"FROM scratch\nADD {url} /src\n")
        assert isinstance(image.tree.closed("/src"), Unknown)
        assert image.tree.closed("/etc") is True

    def test_what_is_not_known_from_a_stage_opens_where_it_is_put(self) -> None:
        image = image_of("FROM private/tools:1 AS t\nFROM scratch\nCOPY --from=t /opt/tools /opt/tools\n")
        assert isinstance(image.tree.get("/opt/tools/x"), Unknown)
        assert image.tree.get("/etc/passwd") is None


class TestStages:
    def test_what_lies_in_a_folder_that_the_base_may_have_already_comes_with_it(self) -> None:
        image = image_of(
            "FROM private/base:1 AS base\nFROM base AS made\nCOPY --from=private/tools:1 /s6/ /out/\nCOPY root/ /out/\n"
            "FROM base\nCOPY --from=made /out/ /\n",
            {"root/etc/a.conf": "a"},
        )
        assert text(image, "/etc/a.conf") == "a"
        assert isinstance(image.tree.closed("/etc"), Unknown)

    @pytest.mark.parametrize(
        ("archive", "spared"),
        [
            ("ubuntu-noble-core-cloudimg-amd64-root.tar.gz", True),
            ("alpine-minirootfs-3.22.1-x86_64.tar.gz", True),
            ("rootfs.tar.gz", False),
            ("desktop-overlay.tar.gz", False),
        ],
    )
    def test_the_root_file_system_of_a_distribution_brings_no_service(self, archive: str, spared: bool) -> None:
        image = image_of(
            f"FROM alpine:3.20 AS made\nRUN mkdir /root-out && wget https://example.org/{archive} -O /r.tgz \\\n"
            " && tar xf /r.tgz -C /root-out\nFROM scratch\nCOPY --from=made /root-out/ /\n"
        )
        assert isinstance(image.tree.closed("/usr/bin"), Unknown)
        assert (image.tree.closed("/etc/s6-overlay/s6-rc.d") is True) == spared

    def test_copy_from_a_stage_by_name_and_by_number(self) -> None:
        image = image_of(
            "FROM scratch AS Build\nCOPY a /out/a\nRUN chmod 755 /out/a\nFROM scratch\nCOPY --from=build /out/ /x/\n"
            "COPY --from=0 /out/a /y\nCOPY --from=build /out/* /z/\n",
            {"a": "A"},
        )
        assert paths(image) == ["/x/a", "/y", "/z/a"]
        assert mode(image, "/y") == "755"

    def test_a_stage_goes_on_from_an_earlier_one_with_its_arguments(self) -> None:
        image = image_of(
            "FROM scratch AS base\nARG V=1\nARG W=2\nENV W=3 HOME=/h\nUSER abc\nWORKDIR /w\n"
            "FROM base\nENV A=$V B=$W\nWORKDIR sub\nFROM scratch AS other\n",
            settings=Settings(),
        )
        assert image.chain[0].origin == "target"
        work = workspace(
            {"desk": {"Dockerfile": "FROM scratch AS base\nARG V=1\nARG W=2\nENV W=3\nFROM base\nENV A=$V B=$W\n"}}
        )
        image = work.effective(work.images[0])
        assert (env(image, "A"), env(image, "B")) == ("1", "3")

    def test_arguments_of_an_unrelated_stage_are_not_seen(self) -> None:
        image = image_of("FROM scratch AS a\nARG V=1\nFROM scratch\nENV A=x$V\n")
        assert env(image, "A") == "x"

    def test_the_target_is_the_image(self) -> None:
        dockerfile = "FROM scratch AS one\nENV A=1\nFROM scratch AS two\nENV A=2\n"
        assert env(image_of(dockerfile, settings=Settings(target="one")), "A") == "1"


class TestEnvironment:
    def test_env_is_positional(self) -> None:
        image = image_of("FROM scratch\nENV A=1\nENV A=2 B=$A\nENV C=$A\n")
        assert [env(image, name) for name in "ABC"] == ["2", "1", "2"]

    def test_a_child_sees_what_its_parent_ends_with(self) -> None:
        work = workspace(
            {
                "base": {"Dockerfile": "FROM scratch\nENV A=1\nENV A=2\n"},
                "child": {"Dockerfile": "FROM acme/base\nENV B=$A\n"},
            },
            Settings(names={"base/Dockerfile": ("acme/base",)}),
        )
        assert env(work.effective(source_of(work, "child")), "B") == "2"

    def test_path_is_always_set(self) -> None:
        image = image_of("FROM scratch\nENV PATH=/opt/bin:$PATH\n")
        assert env(image, "PATH") == f"/opt/bin:{DEFAULT_PATH}"

    def test_path_of_an_unknown_parent_is_unknown(self) -> None:
        assert isinstance(image_of("FROM private/thing:1\n").variable("PATH"), Unknown)

    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            ("ARG V=1\nENV A=$V", "1"),
            ("ARG V\nENV A=$V", ""),
            ("ARG V=1\nENV V=2\nENV A=$V", "2"),
            ("ENV V=2\nARG V=1\nENV A=$V", "1"),
            ("ARG G\nENV A=$G", "global"),
            ("ENV A=$G", ""),
            ("ARG V=1\nARG V\nENV A=$V", "1"),
        ],
    )
    def test_arg_and_env(self, lines: str, expected: str) -> None:
        assert env(image_of(f"ARG G=global\nFROM scratch\n{lines}\n"), "A") == expected

    def test_build_arguments_stand_for_defaults(self) -> None:
        image = image_of("FROM scratch\nARG V=1\nENV A=$V\n", settings=Settings(build_args={"V": "9"}))
        assert env(image, "A") == "9"


class TestConfiguration:
    @pytest.mark.parametrize(
        ("lines", "entrypoint", "cmd"),
        [
            ('CMD ["b"]\nENTRYPOINT ["a"]', ("a",), ("b",)),
            ('ENTRYPOINT ["a"]\nCMD ["b"]', ("a",), ("b",)),
            ('ENTRYPOINT ["a"]', ("a",), None),
            ('CMD ["b"]', ("p",), ("b",)),
            ("ENTRYPOINT []", None, None),
            ("ENTRYPOINT a b", ("/bin/sh", "-c", "a b"), None),
            ('SHELL ["/bin/bash", "-c"]\nCMD a', ("p",), ("/bin/bash", "-c", "a")),
        ],
    )
    def test_an_entrypoint_resets_the_parents_cmd(
        self, lines: str, entrypoint: tuple[str, ...] | None, cmd: tuple[str, ...] | None
    ) -> None:
        image = image_of(f'FROM scratch AS base\nENTRYPOINT ["p"]\nCMD ["q"]\nFROM base\n{lines}\n')
        assert (image.entrypoint.value.argv if image.entrypoint else None) == entrypoint
        assert (image.cmd.value.argv if image.cmd else None) == cmd

    @pytest.mark.parametrize(
        ("lines", "expected"),
        [("WORKDIR /a\nWORKDIR b\nWORKDIR ../c", "/a/c"), ("WORKDIR x", "/x"), ("ENV D=/d\nWORKDIR $D/e", "/d/e")],
    )
    def test_a_relative_workdir_goes_on_from_the_one_before(self, lines: str, expected: str) -> None:
        image = image_of(f"FROM scratch\n{lines}\n")
        assert image.workdir is not None
        assert image.workdir.value == expected
        assert image.tree.find(expected) is not None

    def test_a_workdir_is_made_for_the_user_in_force(self) -> None:
        node = image_of("FROM scratch\nUSER abc:users\nWORKDIR /w\n").tree.find("/w")
        assert node is not None
        assert node.owner == "abc"

    def test_other_settings(self) -> None:
        image = image_of(
            "FROM scratch\nENV P=80\nEXPOSE $P 443/tcp\nVOLUME /a /b\nLABEL a=$P\nSTOPSIGNAL 9\n"
            "HEALTHCHECK CMD true\nUSER ${NOBODY:-me}\n"
        )
        assert [port.value for port in image.exposed] == ["80", "443/tcp"]
        assert [volume.value for volume in image.volumes] == ["/a", "/b"]
        assert image.labels["a"].value == "80"
        assert image.stopsignal is not None
        assert image.stopsignal.value == "9"
        assert image.user is not None
        assert image.user.value == "me"


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ("9000-9002/udp", ["9000/udp", "9001/udp", "9002/udp"]),
        ("5-5", ["5"]),
        ("65534-65535", ["65534", "65535"]),
        ("9-8", ["9-8"]),
        ("65535-65536", ["65535-65536"]),
        ("a-2", ["a-2"]),
        ("2-a/tcp", ["2-a/tcp"]),
        ("80", ["80"]),
    ],
)
def test_a_range_of_ports_is_each_of_them_and_what_is_none_stays_as_written(written: str, ports: list[str]) -> None:
    assert [port.value for port in image_of(f"FROM scratch\nEXPOSE {written}\n").exposed] == ports


class TestOnbuild:
    def test_it_fires_in_the_child_with_the_childs_context_and_only_there(self) -> None:
        work = workspace(
            {
                "base": {"Dockerfile": "FROM scratch\nONBUILD COPY app /app/\nONBUILD ENV A=1\n", "app/base": "x"},
                "child": {"Dockerfile": "FROM acme/base\nENV B=$A\n", "app/child": "y"},
                "grand": {"Dockerfile": "FROM acme/child\n", "app/grand": "z"},
            },
            Settings(names={"base/Dockerfile": ("acme/base",), "child/Dockerfile": ("acme/child",)}),
        )
        base, child, grand = (work.effective(source_of(work, name)) for name in ("base", "child", "grand"))
        assert (paths(base), len(base.onbuild)) == ([], 2)
        assert (paths(child), env(child, "B"), child.onbuild) == (["/app/child"], "1", ())
        assert paths(grand) == ["/app/child"]
        assert child.steps[0].from_parent == base.id


class TestRun:
    def test_removing_closes_what_was_open(self) -> None:
        image = image_of("FROM private/thing:1\nRUN rm -rf /etc/cont-init.d /opt\nRUN rm -f /etc/a\n")
        assert image.tree.get("/etc/cont-init.d/10-x") is None
        assert image.tree.closed("/etc/cont-init.d") is True
        assert image.tree.get("/etc/a") is None
        assert isinstance(image.tree.get("/etc/b"), Unknown)

    def test_packages_open_neither_s6_folders_nor_homes(self) -> None:
        image = image_of("FROM debian:12\nRUN apt-get update && apt-get install -y firefox-esr\n")
        assert isinstance(image.tree.closed("/usr/bin"), Unknown)
        for directory in ("/etc/cont-init.d", "/etc/services.d", "/etc/s6-overlay/s6-rc.d", "/headless", "/home"):
            assert image.tree.closed(directory) is True, directory

    def test_an_unread_installer_opens_everything(self) -> None:
        image = image_of("FROM debian:12\nADD https://example.org/install.py /x.py\nRUN python3 /x.py\n")
        assert isinstance(image.tree.closed("/etc/cont-init.d"), Unknown)

    def test_a_script_of_the_image_is_read(self) -> None:
        image = image_of(
            "FROM scratch\nCOPY s.sh /s.sh\nRUN /s.sh one && rm /s.sh\n",
            {"s.sh": program("#!/bin/sh\nmkdir -p /made\ntouch /made/$1\n")},
        )
        assert paths(image) == ["/made/one"]

    def test_find_changes_only_what_it_finds(self) -> None:
        files: Files = {"d/run": "r", "d/type": "t", "d/sub/run": "r"}
        image = image_of(
            "FROM scratch\nCOPY d /d\nRUN find /d -name run -type f -exec chmod 755 {} +\nRUN find /d -name type -delete\n",
            files,
        )
        assert paths(image) == ["/d/run", "/d/sub/run"]
        assert [mode(image, p) for p in ("/d/run", "/d/sub/run", "/d/sub")] == ["755", "755", "755"]

    def test_accounts(self) -> None:
        image = image_of(
            "FROM scratch\nRUN useradd -m -u 1001 -d /data me && userdel -r gone || true\nRUN useradd abc\n"
            "RUN usermod -d /config -u 911 abc\nRUN id me || useradd -u 2000 me\nRUN usermod -l you me\n"
        )
        known = image.accounts.known
        assert sorted(known) == ["abc", "you"]
        assert (known["abc"].home, known["abc"].uid) == ("/config", 911)
        assert (known["you"].uid, known["you"].sure) == (1001, True)
        assert image.tree.find("/data") is not None

    @pytest.mark.parametrize(("guard", "old", "new"), [("", None, True), ("[ $RANDOM -gt 9 ] && ", False, False)])
    def test_a_renamed_account_is_gone_only_where_it_was_surely_renamed(
        self, guard: str, old: bool | None, new: bool
    ) -> None:
        image = image_of(f"FROM scratch\nRUN useradd -u 1001 me\nRUN {guard}usermod -l you me || true\n")
        known = image.accounts.known
        assert (known["me"].sure if "me" in known else None, known["you"].sure) == (old, new)
        assert ("me" in image.accounts.removed) is (old is None)

    @pytest.mark.parametrize(
        "script",
        [
            "mkdir -p a/b && cp one a/b && cp -r a c && mv a/b/one a/two",
            "mkdir a && cp one two a && rm a/one",
            "mkdir -m 700 a && touch a/f && chmod -R go+rX a && chmod u+x,g-w a/f",
            "mkdir -p a/b c && cp -r a/b/. c && cp -r a c",
            "mkdir -p real && ln -s real alias && cp one alias/x && echo hi > alias/y",
            "ln -s one link && cp link file && cp -a link other; mkdir d && ln -s ../one d/l && ln -sf two link",
            "echo a > f && echo b >> f && printf 'c\\n' >> f && cat one two > g",
            "mkdir d && cp one two d/ && rm d/*o && mv d e",
            "install -D -m 750 one deep/er/tool && install -d -m 711 x/y",
            "mkdir d e && touch d/1 d/2 e/1 && for n in d e; do rm -f $n/1; done",
            "if [ -f one ]; then cp one yes; else cp one no; fi",
            "mkdir -p t/s && touch t/a.pyc t/s/b.pyc t/k && find t -name '*.pyc' -delete",
            "mkdir d && cd d && touch x && cd .. && mv d/x . && rmdir d",
            "cat > s.sh <<'EOF'\n#!/bin/sh\necho $HOME\nEOF\nchmod +x s.sh",
            "mkdir d && mv one d/renamed && cp -a d d2 && rm -r d",
            "mkdir d && ln -s d l && mv l m && cp -r m n && ln -s one k && mv k kk && mv two l",
        ],
    )
    def test_the_tree_is_what_a_real_shell_leaves(self, script: str, tmp_path: Path) -> None:
        place = tmp_path / "r"
        place.mkdir()
        for name in ("one", "two"):
            (place / name).write_text(f"{name}\n")
            (place / name).chmod(0o644)
        body = f"cd {place}\n{script}\n"
        dockerfile = f"FROM scratch\nWORKDIR {place}\nCOPY one two ./\nRUN <<RUNEND\n{body}RUNEND\n"
        image = image_of(dockerfile, {"one": "one\n", "two": "two\n"})
        shell = shutil.which("dash") or "/bin/sh"
        subprocess.run([shell, "-ec", body], check=True, umask=0o022, env={"PATH": os.environ["PATH"], "HOME": "/root"})
        real = _real_listing(place)
        known = _listing(image, str(place))
        assert {path: what for path, what in real.items() if what != known.get(path)} == {
            path: real[path] for path in _in_doubt(image, known) if path in real
        }
        assert set(known) <= set(real)


def _listing(image: EffectiveImage, below: str) -> dict[str, tuple[str, str]]:
    """What is surely there: kind and mode, link target or content."""
    found: dict[str, tuple[str, str]] = {}
    for path, node in image.tree.below(below):
        shown = "" if node.mode is None else f"{node.mode:o}"
        if not node.sure:
            continue
        if node.kind == "link":
            found[path] = ("link", node.target)
        elif node.kind == "directory":
            found[path] = ("directory", shown)
        else:
            found[path] = (f"file {shown}", "?" if node.blob.data is None else node.blob.data.decode())
    return found


def _in_doubt(image: EffectiveImage, known: dict[str, tuple[str, str]]) -> set[str]:
    """The paths of which the tree says that it does not know whether they are there, or what they hold."""
    unsure = {path for path, node in image.tree.nodes.items() if not node.sure}
    return unsure | {path for path, what in known.items() if what[1] == "?"}


def _real_listing(place: Path) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for path in place.rglob("*"):
        if path.is_symlink():
            found[str(path)] = ("link", os.readlink(path))
        elif path.is_dir():
            found[str(path)] = ("directory", f"{stat.S_IMODE(path.stat().st_mode):o}")
        else:
            found[str(path)] = (f"file {stat.S_IMODE(path.stat().st_mode):o}", path.read_text())
    return found
