"""What instructions and commands leave in an image, row by row: small builds whose whole effect is plain.

An entry is `mode owner path`, with ` -> target` for a link and ` = content` for a file whose content is known; a path that
is surely not there is `- path`, one that cannot be known `? path`.
"""

import pytest

from ctlint.lineage.image.image import EffectiveImage
from ctlint.lineage.repository.snapshot import FileSpec
from ctlint.lineage.text.errors import Unknown
from folding import Files, image_of, tarball

BASE = "FROM debian:12\n"
S6 = "https://github.com/just-containers/s6-overlay/releases/download"
BARE = "FROM scratch\nCOPY passwd /etc/passwd\n"
CONTEXT: Files = {
    "one.txt": "one\n",
    "tree/f": "f\n",
    "tree/deep/g": "g\n",
    "build/x.o": "o",
    "passwd": "root:x:0:0::/root:/bin/sh\ngames:x:5:60::/usr/games:/bin/sh\n",
    "a": "a",
    "b": "b",
    "d/x.c": "x",
    "d/y.h": "y",
    "d/sub/z.c": "z",
    "e/x.c": "other",
    "t.tar": tarball({"in/m": "m", "n": "n"}, ""),
    "skip/s": "s",
    ".dockerignore": "build/*\nskip\n",
    "bundle.bin": tarball({"in/a": "a\n"}, ""),
    "bundle.tgz": tarball({"in/a": "a\n"}),
    "fake.tar.gz": "no archive",
    "pw": "root:x:0:0::/root:/bin/sh\nnew:x:1700:1700::/home/new:/bin/sh\n",
}


def entry(image: EffectiveImage, path: str) -> str:
    node = image.tree.get(path, follow=False)
    if node is None:
        return f"- {path}"
    if isinstance(node, Unknown):
        return f"? {path}"
    mode = "????" if node.mode is None else f"{node.mode:04o}"
    data = node.blob.data if node.kind == "file" else None
    shown = f" -> {node.target}" if node.kind == "link" else f" = {data.decode()!r}" if data is not None else ""
    return f"{mode} {node.owner or '????'} {path}{shown}"


def path_of(expected: str) -> str:
    words = expected.split(" -> ")[0].split(" = ")[0].split(" ", 1 if expected[0] in "-?" and expected[1] == " " else 2)
    return words[-1]


BUILT: list[tuple[str, list[str]]] = [
    # Owners
    ("RUN mkdir -m 777 /w\nUSER www-data\nRUN mkdir /w/d; echo x > /w/f", ["0755 www-data /w/d", "0644 www-data /w/f = 'x\\n'"]),
    ("USER 1234\nRUN echo $HOME > /tmp/h", ["0644 1234 /tmp/h = '/\\n'"]),
    ("USER www-data\nWORKDIR /a/b/", ["0755 www-data /a", "0755 www-data /a/b"]),
    ("RUN mkdir -m 777 /w && useradd -m dev && su dev -c 'touch /w/s' && runuser -u dev -- touch /w/r", ["???? dev /w/s = ''", "0644 dev /w/r = ''"]),
    ("COPY --chown=www-data tree /x/y/", ["0755 www-data /x", "0755 www-data /x/y/deep", "0644 www-data /x/y/deep/g = 'g\\n'"]),
    ("COPY --chown=nosuch one.txt /x", ["0644 root /x = 'one\\n'"]),
    ("COPY --chmod=700 tree /x", ["0700 root /x", "0700 root /x/deep", "0700 root /x/f = 'f\\n'"]),
    # s6-overlay's archives, as their sources build them
    (f"ADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/a\nRUN tar xzf /tmp/a -C /opt", ["0777 root /opt/bin/cd -> execline-cd", "0777 root /opt/bin/umask -> execline-umask", "0755 root /opt/bin/execline-umask", "0700 root /opt/bin/s6-setuidgid", "4755 root /opt/bin/s6-overlay-preinit", "0755 root /opt/bin/s6-test", "- /opt/usr/bin/s6-test", "0777 root /opt/usr/bin/execlineb -> /bin/execlineb", "0755 root /opt/usr/bin/with-contenv-legacy", "0755 root /opt/usr/bin/with-retries"]),
    (f"ADD {S6}/v1.22.1.0/s6-overlay-amd64.tar.gz /tmp/a\nRUN tar xzf /tmp/a -C /opt", ["0755 root /opt/bin/cd", "- /opt/bin/execline-cd", "- /opt/bin/s6-overlay-preinit", "- /opt/usr/bin/with-contenv-legacy", "0700 root /opt/bin/s6-applyuidgid"]),
    (f"ADD {S6}/v3.0.0.2/s6-overlay-x86_64.tar.xz /tmp/a\nRUN tar xJf /tmp/a -C /opt", ["0700 root /opt/package/admin/s6-2.11.0.1/command/s6-setuidgid", "0777 root /opt/package/admin/execline-2.8.2.0/command/cd -> execline-cd"]),
    (f"ADD {S6}/v3.2.1.0/s6-overlay-x86_64.tar.xz /tmp/a\nRUN tar xJf /tmp/a -C /opt", ["0755 root /opt/package/admin/s6-2.13.2.0/command/s6-setuidgid", "0777 root /opt/package/admin/execline-2.9.7.0/command/cd -> execline"]),
    # tar puts the archive's /bin in place of the link, or follows it, and then two members come to one place
    (f"ADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/a\nRUN tar xzf /tmp/a -C /", ["? /usr/bin/s6-cat", "0755 root /init", "0755 root /usr/bin/with-contenv"]),
    (f"ADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/a\nRUN tar -h -xzf /tmp/a -C /", ["? /usr/bin/execlineb", "0755 root /usr/bin/s6-cat"]),
    (f"ADD {S6}/v2.2.0.3/s6-overlay-amd64.tar.gz /tmp/a\nRUN tar xzf /tmp/a -C / --exclude=./bin && tar xzf /tmp/a -C /usr ./bin", ["0755 root /usr/bin/execlineb", "0755 root /usr/bin/s6-cat"]),
    # Commands that are not listed may be there, others are not; the bundles of the release are
    (f"ADD {S6}/v3.2.1.0/s6-overlay-x86_64.tar.xz /tmp/a\nRUN tar xJf /tmp/a -C /", ["? /command/s6-clock", "? /command/forstdin", "- /command/desk", "0777 root /command/s6-svc -> ../package/admin/s6/command/s6-svc"]),
    (f"ADD {S6}/v3.2.1.0/s6-overlay-noarch.tar.xz /tmp/a\nRUN tar xJf /tmp/a -C /", ["0644 root /etc/s6-overlay/s6-rc.d/user2/type", "0755 root /etc/s6-overlay/s6-rc.d/user/contents.d", "- /etc/s6-overlay/user-bundles.d/user"]),
    (f"ADD {S6}/v3.1.0.0/s6-overlay-noarch.tar.xz /tmp/a\nRUN tar xJf /tmp/a -C /", ["0644 root /etc/s6-overlay/s6-rc.d/user/type", "- /etc/s6-overlay/s6-rc.d/user2"]),
    (f"ADD {S6}/v3.2.3.1/s6-overlay-noarch.tar.xz /tmp/a\nRUN tar xJf /tmp/a -C /", ["0644 root /etc/s6-overlay/user-bundles.d/user2/type", "- /etc/s6-overlay/s6-rc.d/user"]),
    # Links: a builder that cannot merge layers follows them also with --link, another puts a folder or file in their place
    ("RUN mkdir /real && ln -s /real /alias\nCOPY --link one.txt /alias/", ["? /real/one.txt", "? /alias/one.txt", "- /real/other"]),
    ("RUN echo old > /real && ln -s real /alias\nCOPY --link one.txt /alias", ["0644 root /real", "? /alias"]),
    # A folder that may be missing, where nobody notices that; where a package may bring it, or the build would end, it is there
    ("COPY one.txt /o\nRUN cp /o /etc/nginx/x; true", ["? /etc/nginx/x"]),
    ("COPY one.txt /o\nRUN cp /o /etc/nginx/x", ["???? root /etc/nginx/x = 'one\\n'"]),
    ("COPY one.txt /o\nRUN apt-get install -y nginx; cp /o /etc/nginx/x; true", ["???? root /etc/nginx/x = 'one\\n'"]),
    ("COPY one.txt /o\nRUN mkdir -p /etc/nginx; cp /o /etc/nginx/x; true", ["???? root /etc/nginx/x = 'one\\n'"]),
    ("RUN ln -s /bin/more /etc/alternatives/pager\nRUN apt-get install -y less || true", ["? /etc/alternatives/pager"]),
    ("RUN apt-get install -y logrotate", ["? /root/.ssh", "- /root/.config"]),
    # What the tools keep of accounts: the files and their copies are written anew, by groups and passwords, too
    ("COPY one.txt /etc/passwd-\nCOPY one.txt /etc/subuid\nCOPY one.txt /etc/x\nRUN useradd dev", ["0644 root /etc/passwd-", "0644 root /etc/subuid", "0644 root /etc/x = 'one\\n'"]),
    ("COPY one.txt /etc/group-\nRUN groupadd x", ["0644 root /etc/group-"]),
    ("COPY one.txt /etc/group-\nRUN groupmod -n y games", ["0644 root /etc/group-"]),
    ("COPY one.txt /etc/shadow-\nRUN echo games:x | chpasswd", ["???? root /etc/shadow-"]),
    ("COPY one.txt /etc/gshadow-\nRUN usermod -aG users games", ["???? root /etc/gshadow-"]),
    ("COPY --chmod=600 one.txt /etc/passwd-\nRUN useradd dev", ["???? root /etc/passwd-"]),
    ("COPY one.txt /etc/passwd-\nCOPY one.txt /etc/shells\nCOPY one.txt /etc/x\nRUN apt-get install -y zsh", ["0644 root /etc/passwd-", "0644 root /etc/shells", "0644 root /etc/x = 'one\\n'"]),
    ("RUN ln -s /usr/bin/mawk /etc/alternatives/nawk; ln -s /bin/more /etc/alternatives/pager\nRUN apt-get install -y gawk", ["0777 root /etc/alternatives/nawk -> /usr/bin/gawk", "? /etc/alternatives/pager"]),
    ("RUN ln -s /usr/bin/mawk /etc/alternatives/nawk\nRUN apt-get install -y mariadb-server", ["? /etc/alternatives/nawk"]),
    ("RUN ln -s /usr/bin/mawk /etc/alternatives/nawk\nRUN pip install gawk", ["0777 root /etc/alternatives/nawk -> /usr/bin/mawk"]),
    ("RUN ln -s /bin/more /etc/alternatives/pager\nRUN apt-get install -y less=590-2", ["0777 root /etc/alternatives/pager -> /usr/bin/less"]),
    ("COPY one.txt /etc/ld.so.cache\nCOPY one.txt /etc/ld.so.conf\nRUN ldconfig", ["0644 root /etc/ld.so.cache", "0644 root /etc/ld.so.conf = 'one\\n'"]),
    ("COPY one.txt /etc/group-\nRUN getent group users && id games", ["0644 root /etc/group- = 'one\\n'"]),
    # Modes
    ("RUN umask 027; touch /f; mkdir /d", ["0640 root /f = ''", "0750 root /d"]),
    ("RUN mkdir -m 2775 /g && mkdir /g/in && touch /g/f", ["2755 root /g/in", "0644 root /g/f = ''"]),
    ("RUN mkdir -m u=rwx,go= /a && mkdir -m a+rwx,o+t /b", ["0700 root /a", "1777 root /b"]),
    ("RUN touch /s && chmod 4777 /s && cp /s /t && cp -p /s /u", ["0755 root /t = ''", "4777 root /u = ''"]),
    ("RUN echo a > /a; echo b > /b; chmod 755 /a; chmod 600 /b; chown 33 /b; cp /a /b", ["0600 33 /b = 'a\\n'"]),
    ("RUN touch /s && chmod 6755 /s && chown 33 /s", ["0755 33 /s = ''"]),
    ("RUN touch /a /b && chmod 711 /a && chmod --reference=/a /b && chown --reference=/tmp /a", ["0711 root /b = ''", "0711 root /a = ''"]),
    ("RUN touch /f && chmod 640 /f && chmod o=g /f && chmod g=u /f", ["0664 root /f = ''"]),
    ("RUN echo t > /t && ln -s /t /l && mkdir /d && ln -s /t /d/l && chmod 600 /l && chmod -R 700 /d", ["0600 root /t = 't\\n'", "0700 root /d"]),
    ("RUN mkdir /d /out && ln -s /out /d/l && chown -R 33 /d", ["0777 33 /d/l -> /out", "0755 root /out"]),
    # Places
    ("RUN ln -s /target /alias && echo x > /alias\nCOPY one.txt /alias", ["0777 root /alias -> /target", "0644 root /target = 'one\\n'"]),
    ("RUN mkdir -p /s/d && touch /s/d/f && cp --parents /s/d/f /srv && cp -r /s/. /t", ["0644 root /srv/s/d/f = ''", "0644 root /t/d/f = ''"]),
    ("RUN echo a > /a && cp -s /a /soft && cp -l /a /hard && echo b >> /a", ["0777 root /soft -> /a", "0644 root /hard = 'a\\nb\\n'"]),
    ("RUN mkdir /one /two && ln -s /one /cur && ln -sfn /two /cur && ln -sf /one /cur", ["0777 root /cur -> /two", "0777 root /two/one -> /one"]),
    ("RUN mkdir /d /e && ln -sfn /x/y /d && { ln -sfT /x/y /e || true; }", ["0777 root /d/y -> /x/y", "- /e/y", "0755 root /e"]),
    ("RUN ln -sfn /opt/x /usr/local/bin && ln -sfT /opt/x /srv/x", ["0777 root /usr/local/bin/x -> /opt/x", "0777 root /srv/x -> /opt/x"]),
    ("RUN mkdir -p /a/b && touch /a/b/f && ln -sr /a/b/f /a/l", ["0777 root /a/l -> b/f"]),
    ("ADD bundle.bin /x/\nADD fake.tar.gz /y/", ["0755 root /x", "0644 root /x/in/a = 'a\\n'", "0644 root /y/fake.tar.gz = 'no archive'"]),
    ("COPY bundle.tgz /tmp/\nRUN mkdir /u && tar -xzf /tmp/bundle.tgz -C /u --strip-components=1", ["0644 root /u/a = 'a\\n'"]),
    ("RUN mkdir -p /s/d /o && touch /s/d/f && tar -C /s -cf - . | tar -C /o -xf -", ["0644 root /o/d/f = ''"]),
    ("RUN --mount=type=cache,target=/cache touch /cache/x && touch /y", ["- /cache", "0644 root /y = ''"]),
    ("RUN --mount=type=bind,source=tree,target=/ctx cp /ctx/f /copied", ["- /ctx", "0644 root /copied = 'f\\n'"]),
    # What is there
    ("COPY . /c/", ["0755 root /c/build", "- /c/build/x.o"]),
    ("RUN mkdir /d && touch /d/a.x /d/b.x && for f in /d/*.x; do mv $f ${f%.x}.y; done", ["0644 root /d/a.y = ''", "- /d/a.x"]),
    ("RUN for f in /opt/*.none; do touch /loop; done; ls /opt/*.none || touch /fallback", ["0644 root /loop = ''", "0644 root /fallback = ''"]),
    ("RUN for i in $(seq 2); do mkdir /s$i; done; printf 'a 1\\n' > /l; while read k v; do echo $v > /$k; done < /l", ["0755 root /s2", "0644 root /a = '1\\n'"]),
    ("SHELL [\"/bin/bash\", \"-c\"]\nRUN for ((i=0;i<2;i++)); do touch /f$i; done", ["0644 root /f1 = ''", "- /f2"]),
    ("RUN mkdir /d && touch /d/a /d/b && find /d -type f | xargs chmod 600 && printf 'p\\nq\\n' | xargs -I{} mkdir /x{}", ["0600 root /d/b = ''", "0755 root /xq"]),
    ("RUN mkdir -p /d/s && touch /d/a.o /d/s/b.o /d/c && find /d -name '*.o' -delete", ["- /d/a.o", "- /d/s/b.o", "0644 root /d/c = ''"]),
    ("RUN mkdir -p /d/s && touch /d/s/f && find /d -mindepth 1 -maxdepth 1 -exec cp -r {} /srv \\;", ["0644 root /srv/s/f = ''"]),
    ("RUN echo x > /f && sed -i.bak s/x/y/ /f && cp -b /f.bak /f", ["0644 root /f.bak = 'x\\n'", "0644 root /f~ = 'y\\n'", "0644 root /f = 'x\\n'"]),
    ("RUN printf 'b\\na\\n' > /f && sort -o /f /f && awk 'BEGIN{print \"x\" > \"/made\"}' && head -n1 /f > /h", ["0644 root /f = 'a\\nb\\n'", "0644 root /made", "0644 root /h = 'a\\n'"]),
    ("RUN mkdir -p /a/b/c /k/l && rmdir /a/b/c && rmdir --ignore-fail-on-non-empty /k", ["- /a/b/c", "0755 root /a/b", "0755 root /k"]),
    ("RUN { echo a; echo b; } | tee /f; (echo c; printf d) >> /f", ["0644 root /f = 'a\\nb\\nc\\nd'"]),
    ("RUN cd /opt && touch a && cd /srv && cd - && touch b; [ -e /opt/a ] && touch /yes || touch /no", ["0644 root /opt/b = ''", "0644 root /yes = ''"]),
    ("RUN d=$(date); mkdir -p /opt/$d; touch /srv/f; rm -rf /srv/$d", ["? /opt/x", "? /srv/f"]),
    ("ARG TARGETARCH\nRUN case $TARGETARCH in amd64) touch /amd;; *) touch /other;; esac", ["0644 root /amd = ''", "- /other"]),
    ("RUN echo a > /f; mkdir -p /f/d && touch /made; mkdir -p /f && rm /f; true", ["- /made", "0644 root /f = 'a\\n'"]),
    ("RUN install -d -o nobodyhere /d; install -o nobodyhere /etc/skel/.profile /f; true", ["- /d", "- /f"]),
    ("RUN sed -i s,/var/www,/srv, /etc/passwd\nUSER 1234\nRUN echo $HOME > /tmp/h", ["0644 1234 /tmp/h"]),
    ("RUN mkdir /d; printf 'a b\\n' > /d; awk '{print $2 > \"/made\"}' /d; printf 'a b\\n' > /f; awk '{print $2 > \"/w\"}' /f; awk '/z/ {print > \"/q\"}' /f; true", ["- /made", "0644 root /w", "? /q"]),
    ("RUN case $(date +%u) in 9) x=no;; *) x=yes;; esac; mkdir -p /s/c-$x; mkdir -p /s/ab; chmod 2775 /s/ab; mkdir -p /s/ab/in/deep", ["2775 root /s/ab", "? /s/ab/in", "???? root /s/ab/in/deep"]),
    ("RUN mkdir /d; echo a > /f; ln -f /d /h; ln -f /f /g; ln -f /f /d; true", ["- /h", "0644 root /g = 'a\\n'", "0644 root /d/f = 'a\\n'"]),
    ("RUN mkdir -p /data/at/$(date +%s); rmdir /data; rmdir /data/at; true", ["? /data/at", "0755 root /data"]),
    ("RUN mkdir -p /data/at/$(date +%s)", ["0755 root /data/at", "0755 root /data"]),
    ("RUN echo x | awk '{print > \"/one\"}' - ; : > /e; awk 'BEGIN{print 1 > \"/two\"}' /e; awk '{print > \"/three\"}' /e; true", ["0644 root /one", "0644 root /two", "- /three"]),
    ("RUN mkdir -p /s/d /t && chmod 2775 /s && chmod 1777 /s/d && touch /s/d/f && cp --parents /s/d/f /t", ["0755 root /t/s", "1755 root /t/s/d"]),
    ("COPY --chown=nobodyhere one.txt /f", ["0644 root /f = 'one\\n'"]),
    ("RUN case $(uname -m) in x86_64) touch /pc;; *) touch /other;; esac; touch /$(dpkg --print-architecture)", ["0644 root /pc = ''", "- /other", "0644 root /amd64 = ''"]),
    ("RUN busybox --install && touch /after; true", ["? /after"]),
    ("RUN curl -o /a http://x && echo b > /b || true", ["? /b"]),
    ("RUN apt-get install -y curl && curl -o /a http://x && echo b > /b || true", ["0644 root /b = 'b\\n'"]),
    ("RUN mytool --install && touch /after", ["???? root /after"]),
    ("RUN printf 'a\\nb\\n' > /f; sed -n '/b/w /w1' /f; sed 's/a/z/w /w2' /f; sed 's/w x/y/' /f", ["0644 root /w1", "0644 root /w2"]),
    ("RUN touch /f; cp -r /f/ /to; cp -r /f/. /into; true", ["- /to", "- /into"]),
    ("RUN mkdir /d; echo b > /f; mv /d /f; true", ["0755 root /d", "0644 root /f = 'b\\n'"]),
    # Accounts
    ("RUN mkdir -p /etc/skel/D && echo s > /etc/skel/D/s && useradd -m a", ["0755 a /home/a", "0644 a /home/a/D/s = 's\\n'", "0644 a /home/a/.profile"]),
    ("RUN useradd -m -b /people a; useradd -m -k /opt b", ["0755 a /people/a", "0755 b /home/b", "- /home/a"]),
    ("RUN mkdir -p /home/a && useradd -m a", ["0755 root /home/a", "- /home/a/.profile"]),
    ("RUN adduser --disabled-password --gecos '' a; adduser --system b", ["0700 a /home/a", "- /home/b"]),
    ("RUN useradd -m -u 1500 a; touch /f; chown a /f; usermod -d /srv/a -m -u 1600 a", ["0755 a /srv/a", "- /home/a", "0644 1500 /f = ''"]),
    ("RUN useradd -u 1500 a; touch /f; chown a /f; userdel a", ["0644 1500 /f = ''"]),
    ("RUN echo 'n:p:1700:1700::/srv/n:/bin/sh' | newusers", ["0755 n /srv/n"]),
    # What install, useradd and COPY make beside what they are asked for
    ("RUN umask 077; touch /t; install -Dm644 /t /i/a/b; install -dm 700 /j/k", ["0755 root /i", "0755 root /i/a", "0755 root /j", "0700 root /j/k"]),
    ("RUN useradd -m -K UMASK=027 u", ["0750 u /home/u"]),
    ("RUN useradd -D -s /bin/bash", ["???? root /etc/default/useradd"]),
    ("COPY --chmod=g+w tree /x/y/", ["0755 root /x", "0755 root /x/y", "0775 root /x/y/deep", "0664 root /x/y/f = 'f\\n'"]),
    ("RUN mkdir /o && touch /o/.h /o/v\nFROM debian:12\nCOPY --from=0 /o/* /c/", ["0644 root /c/.h = ''", "0644 root /c/v = ''"]),
    ("RUN install -m 711 /dev/null /a && cp --no-preserve=mode /a /b && cp /a /c", ["0644 root /b", "0711 root /c"]),
    ("COPY t.tar /\nRUN umask 077; tar -xf /t.tar -C /opt --no-same-permissions; tar -xf /t.tar -C /srv", ["0600 root /opt/n = 'n'", "0644 root /srv/n = 'n'"]),
    ("RUN mkdir /proc/x; true", ["? /proc/x"]),
    # What is moved
    ("RUN mkdir -p /r/x /r/y/x; touch /r/x/1 /r/y/x/2; mv /r/x /r/y; true", ["0644 root /r/x/1 = ''", "- /r/y/x/1", "0644 root /r/y/x/2 = ''"]),
    ("RUN mkdir -p /r/x /r/y/x; touch /r/x/1; mv /r/x /r/y", ["- /r/x", "0644 root /r/y/x/1 = ''"]),
    ("RUN mkdir /q && touch /q/c /q/k && mv /q/c /q/$(date)", ["- /q/c", "0644 root /q/k = ''"]),
    ("RUN mkdir /q && touch /q/a /q/$(date) && find /q -name a -exec sh -c 'mv \"$0\" \"${0%a}b\"' {} \\;", ["? /q/a"]),
    ("RUN mkdir /q && touch /q/a /q/$(date) && find /q -name a -exec sh -c 'mv \"$1\" \"${1%a}b\"' _ {} \\;", ["? /q/a"]),
    ("RUN mkdir /q && touch /q/a && find /q -type f -exec sh -c 'mv \"$0\" \"$0.b\"' {} \\;", ["- /q/a", "0644 root /q/a.b = ''"]),
    ("RUN useradd -m u; usermod -d /data/u -m u; true", ["0755 u /home/u", "- /data/u"]),
    # What comes of a command that fails, where nobody minds
    ("RUN mkdir /tmp && touch /x; cp /none /x && touch /y; rm /none && touch /z; rm -f /none && touch /w; true", ["? /x", "? /y", "? /z", "0644 root /w = ''"]),
    ("RUN ln -s x /etc/passwd && touch /x; chown nobodyhere /etc && touch /y; useradd root && touch /z; mkdir /a/b && touch /w; true", ["? /x", "? /y", "? /z", "? /w"]),
    ("RUN cd /none && touch /x; cd /none; touch here; true", ["? /x", "0644 root /here = ''"]),
    ("RUN mkdir /d; echo a | tee /f /d && touch /x; true", ["0644 root /f = 'a\\n'", "? /x"]),
    ("RUN if mkdir /opt; then touch /x; else touch /y; fi", ["? /x", "? /y"]),
    # Who reads what
    ("RUN bash -e <<'E'\nmkdir -p /b/{1,2}\nE\nRUN bash -s a <<'E'\ntouch /c-$1\nE", ["0755 root /b/1", "0755 root /b/2", "0644 root /c-a = ''"]),
    ("RUN echo 'touch /p; exit; touch /q' | sh", ["0644 root /p = ''", "- /q"]),
    ('RUN ["/bin/sh", "-c", "echo $0 $1 > /x", "zero", "one"]', ["0644 root /x = 'zero one\\n'"]),
    ("RUN umask -S > /x; umask > /y", ["0644 root /x", "0644 root /y"]),
    ("RUN mkdir -p $(getent passwd games | cut -d: -f6)/x", ["0755 root /usr/games/x"]),
    ("RUN set -- x y; for i do touch /p-$i; done; for i\\\n do touch /q-$i; done", ["0644 root /p-x = ''", "0644 root /q-y = ''"]),
    ("COPY pw /etc/passwd\nRUN sed -i \"s,/new:,/$(date):,\" /etc/passwd; mkdir -p $(getent passwd new | cut -d: -f6)/x", ["? /home/new/x"]),
    # What is root's alone, asked for by others where nobody minds
    ("RUN mkdir -m 777 /w\nUSER games\nRUN su -c 'touch /w/a' || touch /w/b; runuser -u www-data -- touch /w/d; setpriv --reuid=0 touch /w/e; touch /w/g; true", ["? /w/a", "? /w/b", "? /w/d", "? /w/e", "0644 games /w/g = ''"]),
    ("RUN mkdir -m 777 /w\nUSER games\nRUN touch /w/g; chown www-data /w/g; chmod 600 /w/g; cp /etc/shadow /w/s; true", ["???? ???? /w/g = ''", "? /w/s"]),
    ("RUN mkdir -m 777 /w\nUSER games\nRUN sudo touch /w/k; true", ["? /w/k"]),
    # What a shell hands on
    ("RUN export X=1; unset X; X=5; sh -c 'echo ${X:-none} > /x'", ["0644 root /x = 'none\\n'"]),
    ("RUN export X=1; env -u X sh -c 'echo ${X:-none} > /x'; env --unset=X sh -c 'echo ${X:-none} > /y'; sh -c 'echo $X > /z'", ["0644 root /x = 'none\\n'", "0644 root /y = 'none\\n'", "0644 root /z = '1\\n'"]),
    ("RUN X=0; set -a; X=1; set +a; sh -c 'echo $X > /x'", ["0644 root /x = '1\\n'"]),
    ("RUN set -f; for x in *; do touch \"/o-$x\"; done", ["0644 root /o-* = ''", "- /o-etc"]),
    # Wrappers, questions and links of the base
    ("RUN nice -n 5 touch /a; timeout 9 mkdir /b; env X=1 touch /c; nohup touch /d", ["0644 root /a = ''", "0755 root /b", "0644 root /c = ''", "0644 root /d = ''"]),
    ("RUN command -v useradd && touch /y || touch /n; mkdir -p /var/run/x; touch /var/lock/l", ["0644 root /y = ''", "? /n", "0755 root /run/x", "???? root /run/lock/l"]),
    ("RUN mkdir /u; touch /u/a; find /u -newer /etc/passwd -type f | xargs rm -f", ["0755 root /u", "? /u/a"]),
    ("RUN mkdir /u; touch /u/a; find /u -name \"$(curl -s https://x)\" | xargs rm -f", ["? /u/a"]),
    ("RUN mkdir /u; touch /u/a.c /u/b.h; find /u -name \"$(curl -s https://x).c\" -delete", ["? /u/a.c", "0644 root /u/b.h = ''"]),
    ("RUN mkdir /u; touch /u/a; find /u -name \"$(curl -s https://x)\" -exec rm {} +", ["? /u/a"]),
    ("RUN mkdir /u; touch /u/a; find /u -maxdepth \"$(curl -s https://x)\" -type f -delete", ["? /u/a"]),
    ("RUN mkdir /u; touch /u/a; find /u -type \"$(curl -s https://x)\" -delete", ["? /u", "? /u/a"]),
    ("RUN mkdir /u; touch /u/a.o /u/b /u/$(date +%s); find /u -iname '*.O' -delete", ["- /u/a.o", "0644 root /u/b"]),
    ("RUN mkdir /u; touch /u/a.o /u/b; find /u -iname '*.O' -newer /etc/passwd -delete", ["? /u/a.o", "0644 root /u/b = ''"]),
    ("RUN mkdir /u; touch /u/a.o /u/b /u/$(date +%s); find /u -iname '*.[O]' -delete", ["? /u/a.o"]),
    ("RUN mkdir /u; touch /u/a; find /u -name \"$(curl -s https://x)\" -exec chmod 700 {} +", ["???? root /u/a = ''"]),
    ("RUN apt-get install -y fonts-x python3-y", ["? /usr/local/share/fonts/z", "? /usr/local/lib/python3.11/z"]),
    # Accounts whose file is edited
    ("RUN echo 'a:x:990:990::/a:/bin/sh' >> /etc/passwd; touch /f; chown a /f; sed -i s/990/991/ /etc/passwd", ["0644 990 /f = ''"]),
    # Words
    ("RUN /bin/echo -e 'a\\tb' > /c; echo 'a\\tb' > /d; printf '\\x41\\101' > /p", ["0644 root /c = 'a\\tb\\n'", "0644 root /d = 'a\\tb\\n'", "0644 root /p = '\\\\x41A'"]),
]  # fmt: skip
"""What real builds left, of which each row is one."""
DOCUMENTED: list[tuple[str, list[str]]] = [
    # Where COPY puts what it takes
    ("COPY a /x", ["0644 root /x = 'a'"]),
    ("COPY a /x/", ["0755 root /x", "0644 root /x/a = 'a'"]),
    ("COPY a /x/.", ["0644 root /x/a = 'a'"]),
    ("WORKDIR /w\nCOPY a .", ["0644 root /w/a = 'a'"]),
    ("WORKDIR /w\nCOPY a x", ["0644 root /w/x = 'a'"]),
    ("COPY a b /x", ["0644 root /x/a = 'a'", "0644 root /x/b = 'b'"]),
    ("RUN mkdir /x\nCOPY a /x", ["0644 root /x/a = 'a'"]),
    ("COPY d /x", ["0644 root /x/x.c = 'x'", "0644 root /x/sub/z.c = 'z'", "- /x/d"]),
    ("COPY d e /x/", ["0644 root /x/x.c = 'other'", "0644 root /x/y.h = 'y'"]),
    ("COPY d/*.c /x/", ["0644 root /x/x.c = 'x'", "- /x/y.h", "- /x/z.c"]),
    ("COPY d/* /x/", ["0644 root /x/x.c = 'x'", "0644 root /x/z.c = 'z'", "- /x/sub"]),
    ("COPY --parents d/sub/z.c /x/", ["0644 root /x/d/sub/z.c = 'z'", "0755 root /x/d/sub"]),
    ("COPY --parents ./d/./sub/z.c /x/", ["0644 root /x/sub/z.c = 'z'", "- /x/d"]),
    ("COPY --parents d/sub /x/", ["0644 root /x/d/sub/z.c = 'z'"]),
    ("COPY --exclude=*.h d /x", ["0644 root /x/x.c = 'x'", "- /x/y.h", "0644 root /x/sub/z.c = 'z'"]),
    ("COPY --exclude=sub d /x", ["0644 root /x/x.c = 'x'", "- /x/sub"]),
    ("COPY --exclude=**/*.c --exclude=!sub/z.c d /x", ["- /x/x.c", "0644 root /x/sub/z.c = 'z'"]),
    ("COPY skip /x", ["- /x/s"]),
    ("COPY <<X /x\n$PATH_NOT\nX", ["0644 root /x = '\\n'"]),
    ("ARG V=1\nCOPY <<X /x\n$V\nX", ["0644 root /x = '1\\n'"]),
    ("ARG V=1\nCOPY <<'X' /x\n$V\nX", ["0644 root /x = '$V\\n'"]),
    ("COPY <<X <<Y /x/\n1\nX\n2\nY", ["0644 root /x/X = '1\\n'", "0644 root /x/Y = '2\\n'"]),
    # Whose it is, and with which mode
    ("COPY --chown=7:8 a /x", ["0644 7 /x = 'a'"]),
    ("COPY --chown=0 a /x", ["0644 root /x = 'a'"]),
    ("COPY --chown=:8 a /x", ["0644 root /x = 'a'"]),
    ("USER games\nCOPY a /x", ["0644 root /x = 'a'"]),
    ("COPY --chmod=0711 a /y/x", ["0711 root /y/x = 'a'", "0711 root /y"]),
    ("COPY --chmod=u+x,g-r a /x", ["0704 root /x = 'a'"]),
    ("RUN mkdir -m 700 /x\nCOPY d /x", ["0700 root /x"]),
    ("RUN mkdir -p /x/sub && chmod 700 /x/sub\nCOPY d /x", ["0755 root /x/sub"]),
    # What stands in the way
    ("RUN touch /x\nCOPY d /x", ["0644 root /x = ''"]),
    ("RUN mkdir -p /x/x.c\nCOPY d /x", ["0755 root /x/x.c"]),
    ("RUN mkdir /r && ln -s /r /l\nCOPY d /l", ["0777 root /l -> /r", "0644 root /r/x.c = 'x'"]),
    ("RUN mkdir /r && ln -s /r /l\nCOPY --link d /l/", ["? /l/x.c", "? /r/x.c"]),
    ("RUN touch /x\nCOPY --link d /x", ["0644 root /x/x.c = 'x'"]),
    # ADD
    ("ADD t.tar /x/", ["0644 root /x/in/m = 'm'", "0644 root /x/n = 'n'", "- /x/t.tar"]),
    ("ADD --unpack=false t.tar /x/", ["- /x/n", "- /x/in/m"]),
    ("COPY t.tar /x/", ["- /x/n"]),
    ("ADD a /x", ["0644 root /x = 'a'"]),
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
    ("COPY a b /\nRUN cp /a /b", ["0644 root /b = 'a'"]),
    ("COPY a /\nRUN mkdir /x && cp /a /x", ["0644 root /x/a = 'a'"]),
    ("COPY a b /\nRUN mkdir /x && mv /a /b /x", ["0644 root /x/a = 'a'", "0644 root /x/b = 'b'", "- /a"]),
    ("COPY a b /\nRUN cp /a /b /x || true", ["- /x/a"]),
    ("COPY d /d\nRUN cp /d /x || true", ["- /x"]),
    ("COPY d /d\nRUN cp -r /d /x", ["0644 root /x/x.c = 'x'", "0644 root /x/sub/z.c = 'z'"]),
    ("COPY d /d\nRUN mkdir /x && cp -r /d /x", ["0644 root /x/d/x.c = 'x'", "- /x/x.c"]),
    ("COPY d /d\nRUN mkdir /x && cp -r /d/. /x", ["0644 root /x/x.c = 'x'", "- /x/d"]),
    ("COPY d /d\nRUN mkdir /x && cp -rT /d /x", ["0644 root /x/x.c = 'x'", "- /x/d"]),
    ("COPY d /d\nRUN mv /d /x", ["0644 root /x/sub/z.c = 'z'", "- /d", "- /d/x.c"]),
    ("COPY d /d\nRUN mkdir /x && cp /d/*.c /x", ["0644 root /x/x.c = 'x'", "- /x/y.h"]),
    ("COPY a /\nRUN ln -s /a /l && cp /l /x", ["0644 root /x = 'a'"]),
    ("COPY a /\nRUN ln -s /a /l && cp -P /l /x", ["0777 root /x -> /a"]),
    ("COPY a /\nRUN ln -s /a /l && mv /l /x", ["0777 root /x -> /a", "- /l", "0644 root /a = 'a'"]),
    ("COPY d /d\nRUN ln -s /d /l && cp -r /l /x", ["0777 root /x -> /d"]),
    ("COPY d /d\nRUN ln -s /d /l && cp -rL /l /x", ["0644 root /x/x.c = 'x'"]),
    ("COPY a b /\nRUN ln -s /b /l && cp /a /l", ["0777 root /l -> /b", "0644 root /b = 'a'"]),
    ("COPY a b /\nRUN ln -s /b /l && mv /a /l", ["0644 root /l = 'a'", "0644 root /b = 'b'"]),
    ("COPY a b /\nRUN ln -s /b /l && cp --remove-destination /a /l", ["0644 root /l = 'a'", "0644 root /b = 'b'"]),
    ("COPY a /\nRUN chmod 711 /a && cp /a /x && cp -p /a /y", ["0711 root /x = 'a'", "0711 root /y = 'a'"]),
    ("COPY a b /\nRUN chmod 700 /b && cp /a /b", ["0700 root /b = 'a'"]),
    ("COPY a b /\nRUN chmod 711 /a && cp -a /a /b", ["0711 root /b = 'a'"]),
    ("COPY --chown=7 a /\nRUN cp /a /x && cp -a /a /y && mv /a /z", ["0644 root /x = 'a'", "0644 7 /y = 'a'", "0644 7 /z = 'a'"]),
    ("COPY a /\nRUN install -m 700 -o games /a /x && install -D /a /n/m", ["0700 games /x = 'a'", "0755 root /n/m = 'a'", "0755 root /n"]),
    ("COPY a b /\nRUN cp /none /x || true; mv /none /y || true", ["- /x", "- /y"]),
    ("COPY a b /\nRUN if [ -e $(date) ]; then cp /a /b; fi", ["0644 root /b"]),
    # Files and folders
    ("RUN echo x > /f && echo y > /f", ["0644 root /f = 'y\\n'"]),
    ("RUN echo x > /f && echo y >> /f", ["0644 root /f = 'x\\ny\\n'"]),
    ("RUN echo x > /d/f || true", ["- /d/f"]),
    ("RUN echo x > /dev/null && echo x > /proc/f", ["- /proc/f"]),
    ("RUN mkdir /d && echo x > /d || true", ["0755 root /d"]),
    ("RUN mkdir /a/b || true; mkdir -p /c/d", ["- /a/b", "0755 root /c", "0755 root /c/d"]),
    ("RUN mkdir -p -m 700 /c/d", ["0755 root /c", "0700 root /c/d"]),
    ("RUN mkdir /c && chmod 700 /c && mkdir -p /c", ["0700 root /c"]),
    ("COPY a b /s/\nRUN settle --mode x /s/a", ["???? root /s/a", "0644 root /s/b = 'b'"]),
    ("COPY a b /s/\nRUN python3 -c \"import os; os.chmod('/s/a', 0o755)\"", ["???? root /s/a", "0644 root /s/b = 'b'"]),
    ("COPY a b /s/\nRUN bash <<E\nchmod +x /s/a\nE", ["0755 root /s/a = 'a'", "0644 root /s/b = 'b'"]),
    ("COPY a b /s/\nRUN settle /s", ["???? root /s/a", "???? root /s/b"]),
    ("COPY a b /s/\nRUN settle /usr/local --prefix=/s", ["???? root /s/a"]),
    ("COPY a b /s/\nRUN settle --help && settle /opt", ["0644 root /s/a = 'a'"]),
    ("COPY a b /s/\nRUN perl -e 'chmod 0755, glob(\"/s/a*\")'", ["???? root /s/a"]),
    ("COPY a b /s/\nRUN awk 'BEGIN { system(\"chmod +x /s/a\") }'", ["???? root /s/a", "0644 root /s/b = 'b'"]),
    ("COPY a b /s/\nRUN list | while read f; do chmod +x $f; done", ["???? root /s/a = 'a'", "???? root /s/b = 'b'"]),
    ("COPY a b /s/\nRUN list | while read f; do chmod +x $f/a; done", ["???? root /s/a = 'a'", "0644 root /s/b = 'b'"]),
    ("COPY a b /s/\nRUN rsync -a --chmod=F755 /s/ /t/", ["???? root /t/a = 'a'", "0644 root /s/a = 'a'"]),
    ("COPY a /\nRUN ln -s /a /l && ln -s /b /l || true", ["0777 root /l -> /a"]),
    ("COPY a b /\nRUN ln /a /l && echo z > /l", ["0644 root /a = 'z\\n'"]),
    ("COPY a b /\nRUN ln /a /l && rm /a", ["0644 root /l = 'a'", "- /a"]),
    ("RUN mkdir /d && ln -s /x/y /d", ["0777 root /d/y -> /x/y"]),
    ("RUN ln -s rel/y /l", ["0777 root /l -> rel/y"]),
    ("COPY d /d\nRUN rm /d || true; rm /d/x.c", ["0755 root /d", "- /d/x.c"]),
    ("COPY d /d\nRUN rm -r /d", ["- /d", "- /d/sub/z.c"]),
    ("COPY d /d\nRUN rm /d/*.c", ["- /d/x.c", "0644 root /d/y.h = 'y'", "0644 root /d/sub/z.c = 'z'"]),
    ("COPY d /d\nRUN rmdir /d || true", ["0644 root /d/x.c = 'x'"]),
    ("COPY d /d\nRUN ln -s /d/x.c /l && rm /l", ["- /l", "0644 root /d/x.c = 'x'"]),
    ("COPY d /d\nRUN find /d -name '*.c' -exec rm {} +", ["- /d/x.c", "- /d/sub/z.c", "0644 root /d/y.h = 'y'"]),
    ("COPY d /d\nRUN find /d -maxdepth 1 -type f -delete", ["- /d/x.c", "- /d/y.h", "0644 root /d/sub/z.c = 'z'"]),
    ("COPY d /d\nRUN find /d -mindepth 2 -type f -delete", ["0644 root /d/x.c = 'x'", "- /d/sub/z.c"]),
    ("COPY d /d\nRUN find /d -type d -exec chmod 711 {} \\;", ["0711 root /d", "0711 root /d/sub", "0644 root /d/x.c = 'x'"]),
    ("COPY d /d\nRUN chmod -R 700 /d", ["0700 root /d", "0700 root /d/sub/z.c = 'z'"]),
    ("COPY d /d\nRUN chmod 700 /d", ["0700 root /d", "0644 root /d/x.c = 'x'"]),
    ("COPY d /d\nRUN chmod -R a+rX,go-w /d", ["0755 root /d/sub", "0644 root /d/x.c = 'x'"]),
    ("COPY d /d\nRUN chmod 600 /d/*.c", ["0600 root /d/x.c = 'x'", "0644 root /d/y.h = 'y'"]),
    ("COPY d /d\nRUN chown -R games:games /d", ["0755 games /d", "0644 games /d/sub/z.c = 'z'"]),
    ("COPY d /d\nRUN chown games.games /d", ["0755 games /d", "0644 root /d/x.c = 'x'"]),
    ("COPY d /d\nRUN chown :games /d", ["0755 root /d"]),
    ("COPY a /\nRUN ln -s /a /l && chown games /l", ["0777 root /l -> /a", "0644 games /a = 'a'"]),
    ("COPY a /\nRUN ln -s /a /l && chown -h games /l", ["0777 games /l -> /a", "0644 root /a = 'a'"]),
    ("COPY a /\nRUN chown nobody-here /a || true", ["0644 root /a = 'a'"]),
    ("COPY a /\nRUN sed -i s/a/z/ /a", ["0644 root /a"]),
    ("COPY a /\nRUN sed -i s/a/z/ /none || true", ["- /none"]),
    ("COPY a b /\nRUN sed -n p /a > /x; cat /a /b > /y", ["0644 root /y = 'ab'"]),
    ("COPY t.tar /\nRUN tar -xf /t.tar -C /srv", ["0644 root /srv/n = 'n'", "0644 root /srv/in/m = 'm'"]),
    ("COPY t.tar /\nRUN tar -xf /t.tar -C /srv n", ["? /srv/n"]),
    ("COPY t.tar /\nRUN mkdir /o && cd /o && tar xf /t.tar", ["0644 root /o/n = 'n'"]),
    ("COPY a /\nRUN chmod 711 /a; if [ -e $(date) ]; then chown games /a; fi", ["0711 ???? /a = 'a'"]),
    ("COPY a /\nRUN if [ -e $(date) ]; then chmod 711 /a; fi", ["???? root /a = 'a'"]),
    # What lasts only while a RUN runs
    ("RUN --mount=type=tmpfs,target=/m touch /m/x", ["- /m"]),
    ("RUN mkdir /m && touch /m/k\nRUN --mount=type=cache,target=/m touch /m/x", ["0755 root /m", "0644 root /m/k = ''", "- /m/x"]),
    ("RUN --mount=type=secret,id=s cp /run/secrets/s /x || true", ["- /run/secrets/s"]),
    ("RUN --mount=target=/m cp /m/a /x", ["0644 root /x = 'a'", "- /m/a"]),
    ("RUN --mount=source=a,target=/m cp /m /x", ["0644 root /x = 'a'", "- /m"]),
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
    ("COPY --chown=games a /p/q/r", ["0755 games /p", "0644 games /p/q/r = 'a'"]),
    ("COPY a /\nRUN chmod 4711 /a && cp --preserve=mode /a /x && cp -p /a /y && cp /a /z", ["4711 root /x = 'a'", "4711 root /y = 'a'", "0711 root /z = 'a'"]),
    ("COPY --chown=7 a /\nRUN chmod 2711 /a && cp --preserve=mode /a /x", ["2711 root /x = 'a'"]),
    # What a copy that overwrites nothing leaves
    ("COPY a b /\nRUN cp -n /a /b", ["0644 root /b = 'b'"]),
    ("COPY a b /\nRUN cp --no-clobber /a /b", ["0644 root /b = 'b'"]),
    ("COPY a b /\nRUN cp /a /b", ["0644 root /b = 'a'"]),
    ("COPY a b /\nRUN mv -n /a /b", ["0644 root /b = 'b'"]),
    ("COPY a b /\nRUN mkdir /d && cp /a /d/b && cp -rn /d/. /", ["0644 root /b = 'b'"]),
    ("COPY a b /\nRUN mkdir /d && cp /a /d/b && cp -r /d/. /", ["0644 root /b = 'a'"]),
    ("COPY a b /\nRUN cp -n /a /x && cp /x /b", ["0644 root /b = 'a'"]),
]  # fmt: skip
"""What the documentation of the programs and of BuildKit says, on an image that holds nothing but its accounts."""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(base + lines, expected) for base, rows in ((BASE, BUILT), (BARE, DOCUMENTED)) for lines, expected in rows],
)
def test_what_is_left(lines: str, expected: list[str]) -> None:
    image = image_of(lines + "\n", CONTEXT)
    assert [entry(image, path_of(one)) for one in expected] == expected


def test_files_of_another_stage_keep_the_number_of_their_owner() -> None:
    image = image_of(
        "FROM debian:12 AS a\nRUN useradd -u 1888 maker && touch /f && chown maker /f\n"
        + BASE
        + "COPY --from=a /f /f\n"
    )
    assert entry(image, "/f") == "0644 1888 /f = ''"


@pytest.mark.parametrize(("base", "expected"), [("debian:12", "0755 a /home/a"), ("debian:13", "0700 a /home/a")])
def test_a_home_has_the_mode_that_the_distribution_gives_it(base: str, expected: str) -> None:
    assert entry(image_of(f"FROM {base}\nRUN useradd -m a\n"), "/home/a") == expected


def test_a_passwd_that_is_copied_holds_all_accounts() -> None:
    image = image_of(BASE + "COPY pw /etc/passwd\n", CONTEXT)
    account = image.accounts.get("new")
    assert account is not None
    assert not isinstance(account, Unknown)
    assert (account.uid, account.home) == (1700, "/home/new")
    assert image.accounts.get("games") is None


def test_what_a_trigger_makes_is_that_of_its_user() -> None:
    lines = "FROM debian:12 AS t\nRUN mkdir -m 777 /w\nONBUILD USER games\nONBUILD RUN mkdir /w/d\nONBUILD WORKDIR /w/e\nFROM t\n"
    image = image_of(lines + "RUN touch /w/f\n")
    assert [entry(image, path) for path in ("/w/d", "/w/e", "/w/f")] == [
        "0755 games /w/d",
        "0755 games /w/e",
        "0644 games /w/f = ''",
    ]


def test_a_range_of_ports_is_each_of_them() -> None:
    image = image_of(BASE + "EXPOSE 8000-8002 53/UDP\n")
    assert sorted(port.value for port in image.exposed) == ["53/UDP", "8000", "8001", "8002"]


def test_a_working_directory_that_was_moved_away_is_made_anew_by_the_next_run() -> None:
    image = image_of(BASE + "WORKDIR /w\nRUN mv /w /moved\nRUN touch /after\n")
    assert entry(image, "/w") == "0755 root /w"


def test_a_workdir_of_nothing_stays_where_it_was() -> None:
    image = image_of(BASE + "WORKDIR /w/\nWORKDIR ${NOTHING}\n")
    assert image.workdir is not None
    assert image.workdir.value == "/w/"


@pytest.mark.parametrize(
    "line",
    [
        "grep -v ^games: /etc/passwd > /p; cat /p > /etc/passwd",
        "awk -F: '$3 != 5' /etc/passwd > /p; cp /p /etc/passwd",
        "grep -v ^games: /etc/passwd > /p; mv /p /etc/passwd",
    ],
)
def test_accounts_of_a_passwd_whose_text_is_not_known_may_be_gone(line: str) -> None:
    accounts = image_of(BASE + f"RUN {line}\n").accounts
    assert isinstance(accounts.get("games"), Unknown)
    assert accounts.get("root") is not None


@pytest.mark.parametrize(
    ("line", "expected"), [("useradd -u 5 five || true", False), ("useradd -o -u 5 five || true", True)]
)
def test_no_account_gets_the_number_of_another_where_nobody_minds(line: str, expected: bool) -> None:
    assert (image_of(BASE + f"RUN {line}\n").accounts.get("five") is not None) == expected


def test_what_a_user_may_not_write_is_not_claimed() -> None:
    image = image_of(BASE + "USER www-data\nRUN touch /f || true\n")
    assert entry(image, "/f") == "? /f"


def test_a_zip_archive_is_read() -> None:
    import io
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        info = zipfile.ZipInfo("d/a")
        info.create_system, info.external_attr = 3, 0o100755 << 16
        archive.writestr(info, "a\n")
    image = image_of(BASE + "COPY z.zip /tmp/\nRUN unzip /tmp/z.zip -d /z\n", {"z.zip": FileSpec(held.getvalue())})
    assert entry(image, "/z/d/a") == "0755 root /z/d/a = 'a\\n'"


def test_an_account_that_is_removed_is_gone_though_it_is_not_known_what_packages_brought() -> None:
    installs = BASE + "RUN apt-get install -y $(uname -r)"
    assert isinstance(image_of(installs + "\n", CONTEXT).accounts.get("desk"), Unknown)
    assert image_of(installs + " && userdel desk\n", CONTEXT).accounts.get("desk") is None


def test_what_a_file_holds_that_may_be_overwritten_is_not_known() -> None:
    lines = "FROM scratch\nCOPY one.txt two.txt /\nRUN if uname | grep -q x; then cp /one.txt /two.txt; fi\n"
    node = image_of(lines, {"one.txt": "1", "two.txt": "2"}).tree.find("/two.txt")
    assert node is not None
    assert node.sure
    assert node.blob.data is None


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
