"""What instructions and commands leave in an image, row by row: small builds whose whole effect is plain.

An entry is `mode owner path`, with ` -> target` for a link and ` = content` for a file whose content is known; a path that
is surely not there is `- path`, one that cannot be known `? path`.
"""

import pytest

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.text.errors import Unknown
from folding import Files, image_of, tarball

CONTEXT: Files = {
    "passwd": "root:x:0:0::/root:/bin/sh\ngames:x:5:60::/usr/games:/bin/sh\n",
    "a": "a",
    "b": "b",
    "d/x.c": "x",
    "d/y.h": "y",
    "d/sub/z.c": "z",
    "e/x.c": "other",
    "t.tar": tarball({"in/m": "m", "n": "n"}, ""),
    ".dockerignore": "skip\n",
    "skip/s": "s",
}


def entry(image: EffectiveImage, path: str) -> str:
    node = image.tree.get(path, follow=False)
    if node is None:
        return f"- {path}"
    if isinstance(node, Unknown):
        return f"? {path}"
    mode = "????" if node.mode is None else f"{node.mode:04o}"
    data = node.blob.data if node.kind == "file" else None
    shown = f" -> {node.target}" if node.kind == "link" else f" = {data.decode()}" if data is not None else ""
    return f"{mode} {node.owner or '????'} {path}{shown}"


ROWS: list[tuple[str, list[str]]] = [
    # Where COPY puts what it takes
    ("COPY a /x", ["0644 root /x = a"]),
    ("COPY a /x/", ["0755 root /x", "0644 root /x/a = a"]),
    ("COPY a /x/.", ["0644 root /x/a = a"]),
    ("WORKDIR /w\nCOPY a .", ["0644 root /w/a = a"]),
    ("WORKDIR /w\nCOPY a x", ["0644 root /w/x = a"]),
    ("COPY a b /x", ["0644 root /x/a = a", "0644 root /x/b = b"]),
    ("RUN mkdir /x\nCOPY a /x", ["0644 root /x/a = a"]),
    ("COPY d /x", ["0644 root /x/x.c = x", "0644 root /x/sub/z.c = z", "- /x/d"]),
    ("COPY d e /x/", ["0644 root /x/x.c = other", "0644 root /x/y.h = y"]),
    ("COPY d/*.c /x/", ["0644 root /x/x.c = x", "- /x/y.h", "- /x/z.c"]),
    ("COPY d/* /x/", ["0644 root /x/x.c = x", "0644 root /x/z.c = z", "- /x/sub"]),
    ("COPY --parents d/sub/z.c /x/", ["0644 root /x/d/sub/z.c = z", "0755 root /x/d/sub"]),
    ("COPY --parents ./d/./sub/z.c /x/", ["0644 root /x/sub/z.c = z", "- /x/d"]),
    ("COPY --parents d/sub /x/", ["0644 root /x/d/sub/z.c = z"]),
    ("COPY --exclude=*.h d /x", ["0644 root /x/x.c = x", "- /x/y.h", "0644 root /x/sub/z.c = z"]),
    ("COPY --exclude=sub d /x", ["0644 root /x/x.c = x", "- /x/sub"]),
    ("COPY --exclude=**/*.c --exclude=!sub/z.c d /x", ["- /x/x.c", "0644 root /x/sub/z.c = z"]),
    ("COPY skip /x", ["- /x/s"]),
    ("COPY <<X /x\n$PATH_NOT\nX", ["0644 root /x = \n"]),
    ("ARG V=1\nCOPY <<X /x\n$V\nX", ["0644 root /x = 1\n"]),
    ("ARG V=1\nCOPY <<'X' /x\n$V\nX", ["0644 root /x = $V\n"]),
    ("COPY <<X <<Y /x/\n1\nX\n2\nY", ["0644 root /x/X = 1\n", "0644 root /x/Y = 2\n"]),
    # Whose it is, and with which mode
    ("COPY --chown=7:8 a /x", ["0644 7 /x = a"]),
    ("COPY --chown=0 a /x", ["0644 root /x = a"]),
    ("COPY --chown=:8 a /x", ["0644 root /x = a"]),
    ("USER games\nCOPY a /x", ["0644 root /x = a"]),
    ("COPY --chmod=0711 a /y/x", ["0711 root /y/x = a", "0711 root /y"]),
    ("COPY --chmod=u+x,g-r a /x", ["0704 root /x = a"]),
    ("RUN mkdir -m 700 /x\nCOPY d /x", ["0700 root /x"]),
    ("RUN mkdir -p /x/sub && chmod 700 /x/sub\nCOPY d /x", ["0755 root /x/sub"]),
    # What stands in the way
    ("RUN touch /x\nCOPY d /x", ["0644 root /x = "]),
    ("RUN mkdir -p /x/x.c\nCOPY d /x", ["0755 root /x/x.c"]),
    ("RUN mkdir /r && ln -s /r /l\nCOPY d /l", ["0777 root /l -> /r", "0644 root /r/x.c = x"]),
    ("RUN mkdir /r && ln -s /r /l\nCOPY --link d /l/", ["? /l/x.c", "? /r/x.c"]),
    ("RUN touch /x\nCOPY --link d /x", ["0644 root /x/x.c = x"]),
    # ADD
    ("ADD t.tar /x/", ["0644 root /x/in/m = m", "0644 root /x/n = n", "- /x/t.tar"]),
    ("ADD --unpack=false t.tar /x/", ["- /x/n", "- /x/in/m"]),
    ("COPY t.tar /x/", ["- /x/n"]),
    ("ADD a /x", ["0644 root /x = a"]),
    ("ADD https://example.org/f.txt?q=1 /x/", ["0600 root /x/f.txt"]),
    ("ADD https://example.org/f.txt /x", ["0600 root /x"]),
    ("ADD https://example.org/f.tar.gz /x/", ["0600 root /x/f.tar.gz"]),
    ("ADD --unpack=true https://example.org/f.tar.gz /x/", ["? /x/any", "- /y"]),
    ("ADD https://github.com/acme/x.git /x", ["? /x/any", "- /y"]),
    # Other stages
    ("COPY --from=debian:12 /etc/passwd /x", ["0644 root /x"]),
    ("COPY --from=acme/none /opt/tool.bin /x/", ["???? root /x/tool.bin"]),
    ("COPY --from=acme/none /opt/dir /x", ["? /x/any", "- /y"]),
    # cp, mv
    ("COPY a b /\nRUN cp /a /b", ["0644 root /b = a"]),
    ("COPY a /\nRUN mkdir /x && cp /a /x", ["0644 root /x/a = a"]),
    ("COPY a b /\nRUN mkdir /x && mv /a /b /x", ["0644 root /x/a = a", "0644 root /x/b = b", "- /a"]),
    ("COPY a b /\nRUN cp /a /b /x || true", ["- /x/a"]),
    ("COPY d /d\nRUN cp /d /x || true", ["- /x"]),
    ("COPY d /d\nRUN cp -r /d /x", ["0644 root /x/x.c = x", "0644 root /x/sub/z.c = z"]),
    ("COPY d /d\nRUN mkdir /x && cp -r /d /x", ["0644 root /x/d/x.c = x", "- /x/x.c"]),
    ("COPY d /d\nRUN mkdir /x && cp -r /d/. /x", ["0644 root /x/x.c = x", "- /x/d"]),
    ("COPY d /d\nRUN mkdir /x && cp -rT /d /x", ["0644 root /x/x.c = x", "- /x/d"]),
    ("COPY d /d\nRUN mv /d /x", ["0644 root /x/sub/z.c = z", "- /d", "- /d/x.c"]),
    ("COPY d /d\nRUN mkdir /x && cp /d/*.c /x", ["0644 root /x/x.c = x", "- /x/y.h"]),
    ("COPY a /\nRUN ln -s /a /l && cp /l /x", ["0644 root /x = a"]),
    ("COPY a /\nRUN ln -s /a /l && cp -P /l /x", ["0777 root /x -> /a"]),
    ("COPY a /\nRUN ln -s /a /l && mv /l /x", ["0777 root /x -> /a", "- /l", "0644 root /a = a"]),
    ("COPY d /d\nRUN ln -s /d /l && cp -r /l /x", ["0777 root /x -> /d"]),
    ("COPY d /d\nRUN ln -s /d /l && cp -rL /l /x", ["0644 root /x/x.c = x"]),
    ("COPY a b /\nRUN ln -s /b /l && cp /a /l", ["0777 root /l -> /b", "0644 root /b = a"]),
    ("COPY a b /\nRUN ln -s /b /l && mv /a /l", ["0644 root /l = a", "0644 root /b = b"]),
    ("COPY a b /\nRUN ln -s /b /l && cp --remove-destination /a /l", ["0644 root /l = a", "0644 root /b = b"]),
    ("COPY a /\nRUN chmod 711 /a && cp /a /x && cp -p /a /y", ["0711 root /x = a", "0711 root /y = a"]),
    ("COPY a b /\nRUN chmod 700 /b && cp /a /b", ["0700 root /b = a"]),
    ("COPY a b /\nRUN chmod 711 /a && cp -a /a /b", ["0711 root /b = a"]),
    ("COPY --chown=7 a /\nRUN cp /a /x && cp -a /a /y && mv /a /z", ["0644 root /x = a", "0644 7 /y = a", "0644 7 /z = a"]),
    ("COPY a /\nRUN install -m 700 -o games /a /x && install -D /a /n/m", ["0700 games /x = a", "0755 root /n/m = a", "0755 root /n"]),
    ("COPY a b /\nRUN cp /none /x || true; mv /none /y || true", ["- /x", "- /y"]),
    ("COPY a b /\nRUN if [ -e $(date) ]; then cp /a /b; fi", ["0644 root /b"]),
    # Files and folders
    ("RUN echo x > /f && echo y > /f", ["0644 root /f = y\n"]),
    ("RUN echo x > /f && echo y >> /f", ["0644 root /f = x\ny\n"]),
    ("RUN echo x > /d/f || true", ["- /d/f"]),
    ("RUN echo x > /dev/null && echo x > /proc/f", ["- /proc/f"]),
    ("RUN mkdir /d && echo x > /d || true", ["0755 root /d"]),
    ("RUN mkdir /a/b || true; mkdir -p /c/d", ["- /a/b", "0755 root /c", "0755 root /c/d"]),
    ("RUN mkdir -p -m 700 /c/d", ["0755 root /c", "0700 root /c/d"]),
    ("RUN mkdir /c && chmod 700 /c && mkdir -p /c", ["0700 root /c"]),
    ("COPY a /\nRUN ln -s /a /l && ln -s /b /l || true", ["0777 root /l -> /a"]),
    ("COPY a b /\nRUN ln /a /l && echo z > /l", ["0644 root /a = z\n"]),
    ("COPY a b /\nRUN ln /a /l && rm /a", ["0644 root /l = a", "- /a"]),
    ("RUN mkdir /d && ln -s /x/y /d", ["0777 root /d/y -> /x/y"]),
    ("RUN ln -s rel/y /l", ["0777 root /l -> rel/y"]),
    ("COPY d /d\nRUN rm /d || true; rm /d/x.c", ["0755 root /d", "- /d/x.c"]),
    ("COPY d /d\nRUN rm -r /d", ["- /d", "- /d/sub/z.c"]),
    ("COPY d /d\nRUN rm /d/*.c", ["- /d/x.c", "0644 root /d/y.h = y", "0644 root /d/sub/z.c = z"]),
    ("COPY d /d\nRUN rmdir /d || true", ["0644 root /d/x.c = x"]),
    ("COPY d /d\nRUN ln -s /d/x.c /l && rm /l", ["- /l", "0644 root /d/x.c = x"]),
    ("COPY d /d\nRUN find /d -name '*.c' -exec rm {} +", ["- /d/x.c", "- /d/sub/z.c", "0644 root /d/y.h = y"]),
    ("COPY d /d\nRUN find /d -maxdepth 1 -type f -delete", ["- /d/x.c", "- /d/y.h", "0644 root /d/sub/z.c = z"]),
    ("COPY d /d\nRUN find /d -mindepth 2 -type f -delete", ["0644 root /d/x.c = x", "- /d/sub/z.c"]),
    ("COPY d /d\nRUN find /d -type d -exec chmod 711 {} \\;", ["0711 root /d", "0711 root /d/sub", "0644 root /d/x.c = x"]),
    ("COPY d /d\nRUN chmod -R 700 /d", ["0700 root /d", "0700 root /d/sub/z.c = z"]),
    ("COPY d /d\nRUN chmod 700 /d", ["0700 root /d", "0644 root /d/x.c = x"]),
    ("COPY d /d\nRUN chmod -R a+rX,go-w /d", ["0755 root /d/sub", "0644 root /d/x.c = x"]),
    ("COPY d /d\nRUN chmod 600 /d/*.c", ["0600 root /d/x.c = x", "0644 root /d/y.h = y"]),
    ("COPY d /d\nRUN chown -R games:games /d", ["0755 games /d", "0644 games /d/sub/z.c = z"]),
    ("COPY d /d\nRUN chown games.games /d", ["0755 games /d", "0644 root /d/x.c = x"]),
    ("COPY d /d\nRUN chown :games /d", ["0755 root /d"]),
    ("COPY a /\nRUN ln -s /a /l && chown games /l", ["0777 root /l -> /a", "0644 games /a = a"]),
    ("COPY a /\nRUN ln -s /a /l && chown -h games /l", ["0777 games /l -> /a", "0644 root /a = a"]),
    ("COPY a /\nRUN chown nobody-here /a || true", ["0644 root /a = a"]),
    ("COPY a /\nRUN sed -i s/a/z/ /a", ["0644 root /a"]),
    ("COPY a /\nRUN sed -i s/a/z/ /none || true", ["- /none"]),
    ("COPY a b /\nRUN sed -n p /a > /x; cat /a /b > /y", ["0644 root /y = ab"]),
    ("COPY t.tar /\nRUN tar -xf /t.tar -C /srv", ["0644 root /srv/n = n", "0644 root /srv/in/m = m"]),
    ("COPY t.tar /\nRUN tar -xf /t.tar -C /srv n", ["? /srv/n"]),
    ("COPY t.tar /\nRUN mkdir /o && cd /o && tar xf /t.tar", ["0644 root /o/n = n"]),
    ("COPY a /\nRUN chmod 711 /a; if [ -e $(date) ]; then chown games /a; fi", ["0711 ???? /a = a"]),
    ("COPY a /\nRUN if [ -e $(date) ]; then chmod 711 /a; fi", ["???? root /a = a"]),
    # What lasts only while a RUN runs
    ("RUN --mount=type=tmpfs,target=/m touch /m/x", ["- /m"]),
    ("RUN mkdir /m && touch /m/k\nRUN --mount=type=cache,target=/m touch /m/x", ["0755 root /m", "0644 root /m/k = ", "- /m/x"]),
    ("RUN --mount=type=secret,id=s cp /run/secrets/s /x || true", ["- /run/secrets/s"]),
    ("RUN --mount=target=/m cp /m/a /x", ["0644 root /x = a", "- /m/a"]),
    ("RUN --mount=source=a,target=/m cp /m /x", ["0644 root /x = a", "- /m"]),
    ("RUN --mount=from=acme/none,target=/m cp /m/a /x", ["???? root /x", "- /m"]),
    ("RUN --mount=target=/m/n/o true", ["- /m"]),
    # Who reads a RUN
    ('RUN ["mkdir", "/x y"]', ["0755 root /x y"]),
    ('RUN ["/bin/sh", "-c", "mkdir /x && mkdir /y"]', ["0755 root /x", "0755 root /y"]),
    ("RUN mkdir /x; false; mkdir /y", ["0755 root /y"]),
    ('SHELL ["pwsh"]\nRUN mkdir /x', ["? /x"]),
    ("RUN <<E\nmkdir /x\nmkdir /y\nE", ["0755 root /x", "0755 root /y"]),
    ("RUN <<E\n#!/usr/bin/env python3\nimport os\nE", ["? /x"]),
    ("RUN python3 <<E\nimport os\nE", ["? /x"]),
    # Folders that are made on the way
    ("USER games\nWORKDIR /w", ["0755 games /w"]),
    ("WORKDIR /w\nWORKDIR v", ["0755 root /w/v"]),
    ("COPY a /p/q/r", ["0755 root /p", "0755 root /p/q"]),
    ("COPY --chown=games a /p/q/r", ["0755 games /p", "0644 games /p/q/r = a"]),
]  # fmt: skip


def path_of(expected: str) -> str:
    words = expected.split(" -> ")[0].split(" = ")[0].split(" ", 1 if expected[0] in "-?" and expected[1] == " " else 2)
    return words[-1]


@pytest.mark.parametrize(("lines", "expected"), ROWS, ids=[lines for lines, _ in ROWS])
def test_what_is_left(lines: str, expected: list[str]) -> None:
    image = image_of(f"FROM scratch\nCOPY passwd /etc/passwd\n{lines}\n", CONTEXT)
    assert [entry(image, path_of(one)) for one in expected] == expected


@pytest.mark.parametrize(("line", "source"), [("echo x >> /a", "desk/a"), ("echo x > /a", None)])
def test_a_file_is_still_that_of_the_repository_where_something_is_added_to_it(line: str, source: str | None) -> None:
    node = image_of(f"FROM scratch\nCOPY a /\nRUN {line}\n", CONTEXT).tree.find("/a")
    assert node is not None
    assert node.source == source


@pytest.mark.parametrize(
    ("line", "there"), [("apk add s6-overlay", True), ("apk add s6", False), ("apt-get install -y s6-overlay", False)]
)
def test_alpines_package_brings_s6_overlay(line: str, there: bool) -> None:
    node = image_of(f"FROM acme/none\nRUN {line}\n").tree.find("/init")
    assert (node is not None) is there
