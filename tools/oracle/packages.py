"""Dockerfiles that really install packages, and do around them what images do: accounts, services, configuration, cleaning."""

from .builder import BASES
from .grammar import Case

PACKAGES: tuple[tuple[str, ...], ...] = (
    ("curl",), ("git",), ("nginx-light",), ("redis-server",), ("openssh-server",), ("sudo",), ("python3",), ("gosu",),
    ("cron",), ("rsyslog",), ("tini",), ("xz-utils",), ("unzip", "zip"), ("vim-tiny",), ("less", "procps"),
    ("ca-certificates",), ("locales",), ("tzdata",), ("fontconfig",), ("logrotate",), ("nullmailer",), ("dnsmasq-base",),
    ("rsync",), ("socat",), ("supervisor",), ("jq",), ("lighttpd",), ("memcached",), ("mosquitto",), ("tmux",),
)  # fmt: skip
"""What the thirty images install."""

_AFTER = (
    "RUN useradd -m -u 1500 -s /bin/bash app && install -d -o app -m 0750 /srv/app\nCOPY --chown=app tree/ /srv/app/\nUSER app",
    "RUN groupadd -g 2000 site && useradd -r -u 2000 -g site -d /srv/site site && mkdir -p /srv/site && chown site: /srv/site\n"
    "WORKDIR /srv/site\nCOPY one.txt ./",
    "COPY two.sh /usr/local/bin/two\nRUN ln -s two /usr/local/bin/zwei && sed -i 's/two/zwei/' /usr/local/bin/two",
    "RUN mkdir -p /etc/app.d && printf 'a=1\\nb=2\\n' > /etc/app.d/main.conf && chmod 0640 /etc/app.d/main.conf\n"
    "VOLUME /srv/data",
    "ADD bundle.tgz /opt/\nRUN chmod -R g=u /opt/t && rm -rf /tmp/* && echo 'export A=1' >> /etc/profile.d/app.sh",
    'ENV APP_HOME=/opt/app\nRUN set -eux; mkdir -p "$APP_HOME/bin"; cp /etc/skel/.profile "$APP_HOME/"; touch "$APP_HOME/bin/x"\n'
    "EXPOSE 8080\nHEALTHCHECK CMD true",
)


def package_cases() -> list[Case]:
    """The thirty cases; each is another set of packages."""
    found: list[Case] = []
    bases = tuple(BASES.values())
    for number, packages in enumerate(PACKAGES):
        base = bases[number % len(bases)]
        text = (
            f"FROM {base}\nRUN apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)} "
            f'&& rm -rf /var/lib/apt/lists/*\n{_AFTER[number % len(_AFTER)]}\nCMD ["sleep", "infinity"]\n'
        )
        found.append(Case(f"packages/{number:02}-{packages[0]}", text, base, ()))
    return found
