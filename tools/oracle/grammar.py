"""Dockerfiles made at random from a grammar: every form that the model reads, with names that repeat, so that later
instructions meet what earlier ones made. The same seed gives the same Dockerfiles.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONTEXT: dict[str, Any] = {
    "one.txt": "one\n",
    "two.sh": {"text": "#!/bin/sh\necho two\n", "mode": "0755"},
    "tree/f.txt": "f\n",
    "tree/deep/g.txt": "g\n",
    "tree/deep/h.sh": {"text": "#!/bin/sh\nmkdir -p /from-script; id -u > /from-script/uid\n", "mode": "0755"},
    "tree/empty": {"dir": "0750"},
    "tree/link": {"link": "f.txt"},
    "tree/private": {"text": "p\n", "mode": "0600"},
    "bundle.bin": {
        "tar": {"in/": {"dir": "0750"}, "in/a": {"text": "a\n", "mode": "0640", "uid": 33}, "in/l": {"link": "a"}}
    },
    "bundle.tgz": {"tar": {"t/x": "x\n", "t/y": {"text": "y\n", "mode": "0755"}}, "as": "gz"},
    "fake.tar.gz": "no archive\n",
    "pw": "root:x:0:0:root:/root:/bin/sh\ngames:x:5:60::/usr/games:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n"
    "new:x:1700:1700::/home/new:/bin/sh\ndev:x:1111:1111::/home/dev:/bin/sh\n",
    "build/skip.o": "o\n",
    ".dockerignore": "build/*\n*.secret\n",
    "k.secret": "k\n",
}
"""The build context of every generated case."""

# {p} {q} {r}: paths, {d} {e}: directories, {u}: an account that is there, {n}: a new account, {c}: a file of the context,
# {m}: a mode, {w}: a word, {i}: a number, {W}: a writable place for everybody.
FORMS: dict[str, tuple[str, ...]] = {
    # Owners
    "run as a user": ("USER {u}\nRUN mkdir -p {W}/{w} && touch {W}/{w}/f && echo {w} > {W}/{w}.txt\nUSER root",),
    "run as a number": ("USER 1234\nRUN touch {W}/{w}-n; echo $HOME > {W}/{w}-h; mkdir -p {W}/{w}-d/e\nUSER 0",),
    "workdir of a user": ("USER {u}\nWORKDIR {d}/{w}/wd\nUSER root\nWORKDIR /",),
    "onbuild": ("ONBUILD RUN mkdir -p {d}/ob && touch {d}/ob/{w}\nONBUILD COPY one.txt {d}/ob/",),
    "su": ("RUN su {u} -s /bin/sh -c 'touch {W}/{w}-su; mkdir -p {W}/{w}-sd'", "RUN runuser -u {u} -- touch {W}/{w}-ru"),
    "setpriv": ("RUN setpriv --reuid={u} --clear-groups touch {W}/{w}-sp",),
    "chown a copy": ("COPY --chown={u} tree {d}/{w}/", "COPY --chown=1500:33 {c} {d}/{w}/deep/", "COPY --chown=nosuch {c} {p}"),
    "chmod a copy": ("COPY --chmod={m} tree {d}/{w}", "COPY --chmod=0{m} {c} {d}/{w}/x/", "COPY --chmod=u=rwX,go=rX tree {d}/{w}"),
    "copy a tree": ("COPY tree {d}", "COPY tree {d}/", "COPY tree/ {d}/{w}", "COPY . {d}/ctx-{w}/"),
    # Modes
    "umask": ("RUN umask 0{i}7; touch {d}/{w}-um; mkdir {d}/{w}-ud; cp /etc/skel/.profile {d}/{w}-uc",),
    "setgid": ("RUN mkdir -p {d}/{w}; chmod 2775 {d}/{w}; mkdir -p {d}/{w}/in/deep; touch {d}/{w}/f; cp -r {d}/{w} {d}/{w}-c",),
    "mkdir -m": ("RUN mkdir -m u=rwx,g=rx,o= {d}/{w}-m; mkdir -m {m} {d}/{w}-n; mkdir -p -m 1777 {d}/{w}-o/p",),
    "cp without -p": ("RUN touch {p}; chmod 4755 {p}; cp {p} {q}; cp -p {p} {r}",),
    "cp onto a file": ("RUN echo a > {p}; chmod {m} {p}; echo b > {q}; chown {u} {q}; cp {p} {q}",),
    "chown clears": ("RUN touch {p}; chmod 6755 {p}; chown {u} {p}; chmod g-x,u+s {p}",),
    "chmod": ("RUN touch {p}; chmod {m} {p}; chmod g=u,o-rwx {p}; chmod +w {p}; chmod a+X {d}",),
    "reference": ("RUN touch {p} {q}; chmod {m} {p}; chown {u} {p}; chmod --reference={p} {q}; chown --reference={p} {q}",),
    "install": ("RUN install -m {m} /etc/skel/.profile {d}/{w}-i; install -d -m 2750 -o {u} {d}/{w}-id", "RUN install -D /etc/skel/.bashrc {d}/{w}-D/a/b",),
    "recursive": ("RUN mkdir -p {d}/{w}/a/b; touch {d}/{w}/a/f; ln -s {q} {d}/{w}/l; chmod -R {m} {d}/{w}; chown -R {u} {d}/{w}",),
    # Places
    "linked places": ("RUN mkdir -p /var/run/{w} && touch /var/lock/{w}.lock && echo x > /var/run/{w}/x",),
    "through a link": ("RUN ln -sfn {q} {p}; echo {w} > {p}; touch {p}", "RUN ln -sf {q} {p}; echo a > {q}; echo n > {r}; cp {r} {p}", "RUN echo t > {q}; ln -sf {q} {p}\nCOPY one.txt {p}"),
    "cp -r": ("RUN mkdir -p {d}/{w}/s; touch {d}/{w}/s/f; cp -r {d}/{w}/ {e}/{w}-r; cp -r {d}/{w}/. {e}/{w}-dot",),
    "cp --parents": ("RUN mkdir -p {d}/{w}/s {e}; touch {d}/{w}/s/f; cp --parents {d}/{w}/s/f {e}",),
    "cp -l, -s": ("RUN echo a > {p}; cp -l {p} {d}/{w}-hard; cp -s {p} {d}/{w}-soft; echo b >> {p}",),
    "cp of links": ("RUN mkdir -p {d}/{w}; echo x > {d}/{w}/f; ln -s f {d}/{w}/l; cp -rL {d}/{w} {e}/{w}-L; cp -a {d}/{w} {e}/{w}-a; cp -P {d}/{w}/l {e}/{w}-P",),
    "ln": ("RUN mkdir -p {d}/{w} {e}; ln -s {d}/{w} {e}/{w}-l; ln -sfn {e} {e}/{w}-l; ln -sfT {d} {e}/{w}-l", "RUN mkdir -p {d}/{w}; touch {d}/{w}/f; ln -sr {d}/{w}/f {d}/{w}-rel", "RUN echo a > {p}; ln -f {p} {d}/{w}-h; chmod 640 {p}"),
    "mv": ("RUN mkdir -p {d}/{w}; touch {d}/{w}/f; mv {d}/{w} {e}/{w}-mv", "RUN echo a > {p}; chmod {m} {p}; echo b > {q}; mv {p} {q}"),
    "add an archive": ("ADD bundle.bin {d}/{w}-ar/", "ADD bundle.tgz {d}/{w}-tgz", "ADD fake.tar.gz {d}/{w}-fake/", "ADD --chown={u} bundle.bin {d}/{w}-own/"),
    "unpack": ("COPY bundle.tgz /tmp/\nRUN mkdir -p {d}/{w} && tar -xzf /tmp/bundle.tgz -C {d}/{w} --strip-components=1 && rm /tmp/bundle.tgz",),
    "tar pipe": ("RUN mkdir -p {d}/{w}/a {e}/{w}-t; touch {d}/{w}/a/f; tar -C {d}/{w} -cf - . | tar -C {e}/{w}-t -xf -",),
    "mounts": ("RUN --mount=type=cache,target={d}/{w}-cache touch {d}/{w}-cache/x && touch {d}/{w}-by-cache", "RUN --mount=type=tmpfs,target=/tmpfs touch /tmpfs/x; touch {d}/{w}-by-tmpfs", "RUN --mount=type=bind,source=tree,target=/ctx cp /ctx/f.txt {d}/{w}-from-bind; sh /ctx/deep/h.sh"),
    # What is there
    "names that are not known": ("RUN s=$(date +%s); mkdir -p {d}/{w}-at/$s; touch {d}/{w}-at/$s/f", "RUN case $(date +%u) in 9) x=no ;; *) x=yes ;; esac; mkdir -p {d}/{w}-$x", "RUN mkdir -p {d}/{w}-u; touch {d}/{w}-u/a; find {d}/{w}-u -newermt \"$(date -d yesterday +%F)\" -type f | xargs rm -f"),
    "empty directories": ("COPY tree/empty {d}/{w}-e", "COPY build {d}/{w}-ig"),
    "exclude": ("COPY --exclude=deep/* tree {d}/{w}-x", "COPY --exclude=**/*.txt --exclude=link tree {d}/{w}-y/"),
    "skel": ("RUN mkdir -p /etc/skel/{w} && echo s > /etc/skel/{w}/s && useradd -m {n}",),
    "glob loop": ("RUN mkdir -p {d}/{w}; touch {d}/{w}/a.x {d}/{w}/b.x; for f in {d}/{w}/*.x; do cp $f ${{f%.x}}.y; done", "RUN for f in /no/such/*; do echo $f > {d}/{w}-none; done; rm -f {d}/*.gone"),
    "loops": ("RUN for i in $(seq 1 3); do mkdir -p {d}/{w}-$i; done", "RUN printf 'a 1\\nb 2\\n' > {p}; while read k v; do echo $v > {d}/{w}-$k; done < {p}", "RUN i=0; for x in a b; do i=$((i+1)); echo $i > {d}/{w}$x; done"),
    "xargs": ("RUN echo a b | xargs -n1 -I@ mkdir -p {d}/{w}-@", "RUN mkdir -p {d}/{w}; touch {d}/{w}/a {d}/{w}/b; find {d}/{w} -type f | xargs chmod {m}", "RUN printf '%s\\n' {d}/{w}-1 {d}/{w}-2 | xargs touch"),
    "find": ("RUN mkdir -p {d}/{w}/s; touch {d}/{w}/a.o {d}/{w}/s/b.o {d}/{w}/c; find {d}/{w} -name '*.o' -delete", "RUN mkdir -p {d}/{w}/s; touch {d}/{w}/a; find {d}/{w} -type d -exec chmod 711 {{}} + -o -type f -exec chmod 640 {{}} +", "RUN mkdir -p {d}/{w}/s; touch {d}/{w}/s/f; find {d}/{w} -mindepth 1 -maxdepth 1 -exec cp -r {{}} {e} \\;"),
    "backups": ("RUN echo old > {p}; sed -i.bak s/old/new/ {p}; cp -b {q} {p} || true", "RUN echo a > {p}; echo b > {q}; cp --backup=simple -S .orig {p} {q}"),
    "sed": ("RUN printf 'a\\nb\\n' > {p}; sed -i -e s/a/z/ {p}; sed -i '$a last' {p}; sed -i /b/d {p}",),
    "written by filters": ("RUN printf 'b\\na\\n' > {p}; sort -o {p} {p}; sort {p} > {q}; head -n1 {p} > {r}; tr a-z A-Z < {p} > {d}/{w}-tr", "RUN printf 'a\\nb\\n' > {p}; sed -n '/b/w {d}/{w}-sw' {p}", "RUN printf 'a b\\n' > {p}; awk '{{print $2 > \"{d}/{w}-awk\"}}' {p}; cut -d' ' -f2 {p} > {q}; grep a {p} > {r}"),
    "rmdir": ("RUN mkdir -p {d}/{w}/a/b; rmdir {d}/{w}/a/b; rmdir -p {d}/{w}/a 2>/dev/null; mkdir -p {d}/{w}-k; rmdir --ignore-fail-on-non-empty {d}",),
    "rm": ("RUN mkdir -p {d}/{w}; touch {d}/{w}/a; rm {d}/{w} 2>/dev/null; rm -f {p}; rm -rf {d}/{w}/*", "RUN rm -rf {q}; touch {q}; rm {q} {r}"),
    "wrappers": ("RUN nice -n 5 touch {p}; timeout 9 mkdir -p {d}/{w}-to; env X=1 touch {d}/{w}-env; nohup touch {d}/{w}-no",),
    "tests": ("RUN if [ -e {p} ]; then touch {d}/{w}-yes; else touch {d}/{w}-not; fi; [ -d {d} ] || touch {d}/{w}-x; test -f {q} && cp {q} {d}/{w}-q || true",),
    "heredocs": ("COPY <<a.txt <<b.txt {d}/{w}/\nhello\na.txt\nthere\nb.txt", "RUN <<EOF\nset -e\nmkdir -p {d}/{w}\ncat > {d}/{w}/h <<X\ntext\nX\nEOF"),
    "groups": ("RUN {{ echo a; echo b; }} | tee {p} > {q}; ( echo c; printf d ) >> {p}", "RUN (cd {d} && touch {w}-cd && cd - > /dev/null && touch {p}); cd {d}; touch {w}-in",),
    # Accounts
    "useradd": ("RUN useradd -m -b /srv {n}", "RUN mkdir -p /opt/sk && echo k > /opt/sk/k && useradd -m -k /opt/sk -u 19{i}{i} {n}", "RUN mkdir -p /home/{n}; useradd -m {n}", "RUN useradd -r -s /usr/sbin/nologin {n}; useradd root || true"),
    "usermod": ("RUN useradd -m -u 21{i}{i} {n}; touch {d}/{w}-o; chown {n} {d}/{w}-o; usermod -d /srv/{n} -m -u 22{i}{i} {n}", "RUN useradd {n}; usermod -l {n}x {n}"),
    "adduser": ("RUN command -v adduser && adduser --disabled-password --gecos '' {n} || touch {d}/{w}-no-adduser", "RUN adduser --system --group --home /srv/{n} {n} || true"),
    "userdel": ("RUN useradd -m -u 23{i}{i} {n}; touch {d}/{w}-d; chown {n} {d}/{w}-d; userdel {n}", "RUN useradd -m {n}; userdel -r {n}"),
    "newusers": ("RUN echo '{n}:pw:24{i}{i}:24{i}{i}::/srv/{n}:/bin/sh' | newusers",),
    "passwd written": ("RUN echo '{n}:x:25{i}{i}:25{i}{i}::/srv/{n}:/bin/sh' >> /etc/passwd", "COPY pw /etc/passwd", "RUN sed -i s,/var/www,/srv/www, /etc/passwd"),
    # Settings and words
    "expose": ("EXPOSE 80{i}0-80{i}2 5{i}00/udp", "EXPOSE ${{PORT:-77{i}0}}/tcp"),
    "workdir": ("WORKDIR {d}/{w}/\nRUN touch here", "WORKDIR {w}\nWORKDIR ../{w}2\nCOPY one.txt .\nWORKDIR /"),
    "env and arg": ("ARG A={w}\nENV B=$A C=${{A}}x\nRUN echo $A $B $C > {p}", "ENV E={w}\nARG E=other\nRUN echo $E > {p}; echo ${{E:-no}} ${{F:-none}} > {q}"),
    "echo": ("RUN /bin/echo -e 'a\\tb' > {p}; echo 'c\\td' > {q}; printf '\\x41\\101%s\\n' {w} > {r}; echo -n {w} >> {r}",),
    "platform": ("ARG TARGETARCH\nRUN case $TARGETARCH in amd64) touch {d}/{w}-amd ;; arm64) touch {d}/{w}-arm ;; *) touch {d}/{w}-other ;; esac", "RUN case $(uname -m) in x86_64) touch {d}/{w}-pc ;; *) touch {d}/{w}-none ;; esac; touch {d}/$(dpkg --print-architecture)"),
    "volume and labels": ("VOLUME {d}/{w}-vol\nLABEL {w}=\"a b\" other=$NO", "STOPSIGNAL SIGQUIT\nHEALTHCHECK CMD true"),
    "stages": ("@stage\nCOPY --from=made /o {d}/{w}-st", "@stage\nCOPY --from=made --chown={u} /o/f {d}/{w}-one/"),
    # What people write beside that
    "shells that are fed": ("RUN bash -e <<'X' \nfor i in 1 2; do install -d -m 711 \"{d}/{w}-fed/$i\"; done\nX", "RUN cat <<X > {p} && sh {p} \nmkdir -p {d}/{w}-cat\nX", "RUN echo 'touch {d}/{w}-piped; exit 0; touch {d}/{w}-never' | sh"),
    "several heredocs": ("COPY <<a.conf <<\"b.conf\" <<-c.conf {d}/{w}-docs/\nx=${{NO:-dflt}}\na.conf\ny=$PATH\nb.conf\n\ttab\nc.conf", "RUN <<A cat > {p} && cat >> {p} <<'B' \none\nA\ntwo $HOME\nB"),
    "install -D": ("RUN echo x > {p}; umask 077; install -D -m 640 -o {u} {p} {d}/{w}-iD/a/b; install -Dt {d}/{w}-iT/c {p}; install -d {d}/{w}-id/x/y; install -b {p} {d}/{w}-iD/a/b",),
    "tee": ("RUN echo a | tee {p} {q} > /dev/null && echo b | tee -a {p} > {r}; tee {d}/{w}-tee < {p} > /dev/null", "RUN echo q | (umask 077; tee {d}/{w}-tm) > {p}"),
    "nested shells": ("RUN sh -c 'mkdir -p {d}/{w}-n && sh -c \"touch {d}/{w}-n/a && sh -c \\\"touch {d}/{w}-n/b\\\"\"'", "RUN D={d}/{w}-e bash -c 'mkdir -p $D; echo \"$0 $1 $#\" > $D/args' zero one", "RUN f() {{ local p=$1; shift; mkdir -p \"$p\"; for x; do touch \"$p/$x\"; done; }}; f {d}/{w}-f a b; set -- x y; for i do touch {d}/{w}-f/p-$i; done; shift; echo $1 > {d}/{w}-f/s"),
    "another SHELL": ("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN mkdir -p {d}/{w}-sh/{{a,b}} && [[ -d {d}/{w}-sh/a ]] && touch {d}/{w}-sh/yes; x=ab; echo ${{x^^}} > {d}/{w}-sh/up\nSHELL [\"/bin/sh\", \"-c\"]", "SHELL [\"/bin/sh\", \"-ec\"]\nRUN touch {d}/{w}-se; if false; then :; fi; touch {d}/{w}-sf\nSHELL [\"/bin/sh\", \"-c\"]"),
    "user by argument": ("ARG WHO={u}\nARG NUM=1234\nUSER ${{WHO}}\nRUN touch {W}/{w}-wa\nUSER $NUM:${{NOT:-games}}\nRUN touch {W}/{w}-na; mkdir -p {W}/{w}-nd\nCOPY --chown=${{NUM}}:$WHO {c} {W}/{w}-nc\nUSER root",),
    "folders renamed": ("RUN mkdir -p {d}/{w}-r/a/b {e}/{w}-c && echo 1 > {d}/{w}-r/a/b/f && chown -R {u} {d}/{w}-r/a && mv {d}/{w}-r/a {d}/{w}-r/z && mv {d}/{w}-r/z/b/f {d}/{w}-r/z/b/g && mv {d}/{w}-r/z {e}/{w}-c/ && mv -T {e}/{w}-c {e}/{w}-d", "RUN mkdir -p {d}/{w}-x/k {d}/{w}-y/{w}-x/k; touch {d}/{w}-x/k/1 {d}/{w}-y/{w}-x/k/2; mv {d}/{w}-x {d}/{w}-y; mv {d}/{w}-y/{w}-x/k {d}/{w}-y/", "RUN mkdir -p {d}/{w}-q; touch {d}/{w}-q/a.t {d}/{w}-q/b.t; find {d}/{w}-q -name '*.t' -exec sh -c 'mv \"$0\" \"${{0%.t}}.u\"' {{}} \\; ; for f in {d}/{w}-q/*.u; do mv -- \"$f\" \"$(dirname $f)/$(basename \"$f\" .u).v\"; done", "RUN mkdir -p {d}/{w}-s; touch {d}/{w}-s/c; mv {d}/{w}-s/c \"{d}/{w}-s/$(date +%Y)\""),
    "tar by other ways": ("RUN --mount=type=bind,source=bundle.tgz,target=/b.tgz umask 077; mkdir -p {d}/{w}-tb {e}/{w}-tn; tar xzf /b.tgz -C {d}/{w}-tb; tar xzf /b.tgz -C {e}/{w}-tn --no-same-permissions --strip-components=1", "RUN --mount=type=bind,target=/cx mkdir -p {d}/{w}-tc; cd /cx; tar cf - tree | tar xpf - -C {d}/{w}-tc", "RUN mkdir -p {d}/{w}-tk/a {e}/{w}-tl; touch {d}/{w}-tk/a/f; (cd {d}/{w}-tk && tar cf - .) | (cd {e}/{w}-tl && tar xf -); tar -C {d}/{w}-tk -czf {d}/{w}-tk.tgz a"),
    "accounts asked for": ("RUN id {n} >/dev/null 2>&1 || useradd -m {n}; install -d -o {n} \"$(getent passwd {n} | cut -d: -f6)/got\"; getent passwd nosuch > /dev/null || touch {d}/{w}-none; id -u {u} > {p}", "RUN getent group nosuch >/dev/null || groupadd nosuch-{w}; H=$(eval echo ~{u}); echo $H > {p}; [ \"$(id -u)\" = 0 ] && touch {d}/{w}-root"),
    "homes moved": ("RUN useradd -m {n}; mkdir -p /data; usermod -d /data/{n} -m {n}", "RUN useradd -m {n}; usermod -d /none/such/{n} -m {n}", "RUN useradd -m -K UMASK=027 {n}; useradd -M {n}b; usermod -d /nohome {n}b", "RUN useradd -m -u 26{i}{i} {n}; usermod --login {n}z --move-home --home /home/{n}z {n}"),
    "commands that fail": ("RUN mkdir {d} && touch {d}/{w}-no; cp /none {p} && touch {d}/{w}-no2; rm /none && touch {d}/{w}-no3; rm -f /none && touch {d}/{w}-yes", "RUN cd /none && touch {d}/{w}-no4; cd {d}; cd /none; touch {w}-still; if mkdir {d}; then touch {w}-no5; fi", "RUN useradd root && touch {d}/{w}-no6; ln -s x /etc/passwd && touch {d}/{w}-no7; useradd -u 5 {n} || true"),
    "wildcards and dots": ("RUN mkdir -p {d}/{w}-dots/.h && touch {d}/{w}-dots/.f {d}/{w}-dots/v && cp -r {d}/{w}-dots/* {e}/; mkdir -p {e}/{w}-all && cp -r {d}/{w}-dots/. {e}/{w}-all", "COPY tree/* {d}/{w}-star/\nCOPY tree/d*p {d}/{w}-deep/", "@stage\nCOPY --from=made /o/* {d}/{w}-sst/"),
    "symbolic chmod of a folder": ("COPY --chmod=g+w tree {d}/{w}-cw/", "COPY --chmod=u+x,go= tree/empty {d}/{w}-ce", "@stage\nCOPY --from=made --chmod=g+w /o {d}/{w}-cm/"),
    "exec form": ("RUN [\"/bin/sh\", \"-c\", \"echo $0 $1 > {p}\", \"zero\", \"one\"]", "RUN [\"mkdir\", \"-p\", \"{d}/{w} x\"]\nRUN [\"/bin/bash\", \"-ec\", \"touch {d}/{w}-ex && echo b > {q}\"]"),
}  # fmt: skip
_STAGE = (
    "FROM {base} AS made\nRUN useradd -u 1888 maker && mkdir -p /o/k && echo f > /o/f && chmod 4711 /o/f && chown -R maker /o"
    " && ln -s f /o/l\n"
)
_SHELL = re.compile(r"^RUN (?!<<|--mount|\[)", re.MULTILINE)
_ROOTS = ("/opt", "/srv", "/data", "/usr/local/share")
_WORDS = ("ab", "cd", "ef", "x.d", "n-1", "conf")


@dataclass(frozen=True)
class Case:
    """A Dockerfile to build. `files` are its context (see `context.lay_out`), `folder` one on the disk that is copied instead,
    with the path of its Dockerfile."""

    name: str
    dockerfile: str
    base: str
    forms: tuple[str, ...] = ()
    files: Mapping[str, Any] = field(default_factory=lambda: CONTEXT)
    folder: tuple[Path, str] | None = None
    args: Mapping[str, str] = field(default_factory=dict[str, str])
    network: bool = False


def cases(seed: int, count: int, bases: tuple[str, ...]) -> list[Case]:
    """`count` Dockerfiles of at least five instructions; every form comes about equally often."""
    found: list[Case] = []
    used: Counter[str] = Counter()
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        few = sorted(FORMS, key=lambda form: (used[form], chance.random()))
        forms = [*few[: chance.randint(3, 4)], *chance.sample(sorted(FORMS), chance.randint(2, 5))]
        chance.shuffle(forms)
        used.update(forms)
        found.append(_case(f"generated/{seed}/{number:03}", tuple(forms), chance, bases[number % len(bases)]))
    return found


def _case(name: str, forms: tuple[str, ...], chance: random.Random, base: str) -> Case:
    lines = ["RUN mkdir -p -m 777 /w/a && useradd -u 1111 dev && mkdir -p /opt /srv /data"]
    stage = False
    paths = [f"{root}/{word}" for root in _ROOTS for word in _WORDS[:3]]
    new = iter(f"acc{number}" for number in range(50))
    for form in forms:
        template = chance.choice(FORMS[form])
        if template.startswith("@stage\n"):
            stage, template = True, template.removeprefix("@stage\n")
        p, q, r = chance.sample(paths, 3)
        lines.append(
            template.format(
                p=p,
                q=q,
                r=r,
                d=chance.choice(_ROOTS),
                e=chance.choice(_ROOTS[:3]),
                u=chance.choice(("dev", "www-data", "games")),
                n=next(new),
                c=chance.choice(("one.txt", "two.sh")),
                m=chance.choice(("700", "750", "644", "755", "711")),
                w=chance.choice(_WORDS),
                i=chance.randint(1, 6),
                W="/w/a",
            )
        )
    body = _SHELL.sub("RUN set +e; ", "\n".join(lines))
    body = re.sub(r"(?m)^(RUN set \+e; .*)$", r"\1; true", body)
    text = (_STAGE.format(base=base) if stage else "") + f"FROM {base}\n{body}\n"
    if "ONBUILD" in body:
        text = text.replace(
            f"FROM {base}\nRUN set +e; mkdir -p -m 777", f"FROM {base} AS trigger\nRUN set +e; mkdir -p -m 777"
        )
        text += "FROM trigger\nRUN touch /after\n"
    return Case(name, text, base, forms)
