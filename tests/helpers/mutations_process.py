"""Seeded defects of entrypoints, processes and build commands: CT601 to CT614."""

from seeding import (
    Chmod,
    Create,
    Delete,
    DeleteLine,
    InsertLine,
    Mutation,
    Replace,
    seed,
)

DESKTOP = "cloudtop/Dockerfile"
VIEWER = "cloudtop-viewer/Dockerfile"
IMAGING = "cloudtop-imaging/Dockerfile"
OCTAVE = "cloudtop-octave/Docker.octave"
PLOTS = "cloudtop-octave-plots/Docker.plots"
AGENT = "cloudtop-agent/Dockerfile"
STATION = "station/Dockerfile"
LAB = "station-lab/Dockerfile"
JOB = "station-job/Dockerfile"
BEACON = "station-beacon/Dockerfile"
NOTEBOOK = "webtop-notebook/Dockerfile"

MUTATIONS: tuple[Mutation, ...] = (
    # CT601 entrypoint-replaced
    seed(
        "CT601",
        Replace(PLOTS, 'ENTRYPOINT [ "/init" ]', 'ENTRYPOINT ["/bin/bash", "-l"]'),
        PLOTS,
        "ENTRYPOINT",
        (DESKTOP, "RUN tar --exclude"),
    ),
    seed("CT601", Replace(BEACON, 'ENTRYPOINT ["/init"]', 'CMD ["/usr/local/bin/beacon"]'), BEACON, "CMD"),
    seed("CT601", DeleteLine(DESKTOP, "ENTRYPOINT"), DESKTOP, "", (DESKTOP, "RUN tar --exclude")),
    seed("CT601", DeleteLine(STATION, "ENTRYPOINT"), STATION, "FROM"),
    # CT602 entrypoint-shell-form
    seed("CT602", Replace(AGENT, 'ENTRYPOINT ["/init"]', "ENTRYPOINT /init"), AGENT, "ENTRYPOINT"),
    seed("CT602", Replace(BEACON, 'ENTRYPOINT ["/init"]', "ENTRYPOINT ['/init']"), BEACON, "ENTRYPOINT"),
    seed("CT602", Replace(STATION, '["/init"]', "/init"), STATION, "ENTRYPOINT"),
    # CT603 exec-array-with-tail
    seed("CT603", Replace(OCTAVE, 'ENTRYPOINT [ "/init" ]', 'ENTRYPOINT [ "/init" ]\''), OCTAVE, "ENTRYPOINT"),
    seed("CT603", Replace(JOB, 'CMD ["/usr/local/bin/work"]', 'CMD ["/usr/local/bin/work"],'), JOB, "CMD"),
    # CT604 cmd-ends-container
    seed("CT604", InsertLine(AGENT, 'CMD ["echo", "ready"]', "ENTRYPOINT"), AGENT, "CMD"),
    seed("CT604", Replace(JOB, 'CMD ["/usr/local/bin/work"]', "CMD service cron start"), JOB, "CMD"),
    # CT605 port-not-served
    seed("CT605", InsertLine(AGENT, "EXPOSE 8080", "VOLUME"), AGENT, "EXPOSE"),
    seed("CT605", Replace(BEACON, "COPY root/ /", "COPY root/ /\nEXPOSE 9100/udp"), BEACON, "EXPOSE"),
    # CT606 cmd-environment-missing
    seed(
        "CT606",
        Replace("station-job/root/usr/local/bin/work", "#!/command/with-contenv sh", "#!/bin/sh"),
        JOB,
        "CMD",
        ("station-job/root/usr/local/bin/work", "$JOB_DIRECTORY"),
    ),
    seed(
        "CT606", Replace(JOB, 'CMD ["/usr/local/bin/work"]', 'CMD exec find "$JOB_DIRECTORY" -name "*.job"'), JOB, "CMD"
    ),
    # CT607 init-not-pid-1
    seed("CT607", Replace(LAB, "WORKDIR /srv/lab", 'ENTRYPOINT ["sh", "-c", "/init; exit 0"]'), LAB, "ENTRYPOINT"),
    seed(
        "CT607",
        (
            Create("cloudtop-agent/root/usr/local/bin/start", '#!/bin/sh\numask 027\n/init "$@"\n', 0o755),
            Replace(AGENT, 'ENTRYPOINT ["/init"]', 'ENTRYPOINT ["/usr/local/bin/start"]'),
        ),
        "cloudtop-agent/root/usr/local/bin/start",
        "/init",
    ),
    seed("CT607", Replace(AGENT, 'ENTRYPOINT ["/init"]', "CMD /init"), AGENT, "CMD /init"),
    # CT608 state-lost-after-run
    seed("CT608", InsertLine(IMAGING, "RUN alias ij=/usr/local/bin/imagej", "RUN ln -s"), IMAGING, "alias"),
    seed("CT608", Replace(LAB, "WORKDIR /srv/lab", "RUN cd /srv"), LAB, "RUN cd"),
    seed("CT608", InsertLine(VIEWER, "RUN service nginx start", "COPY root/"), VIEWER, "RUN service"),
    # CT609 specifier-as-redirection
    seed("CT609", Replace(IMAGING, "'numpy>=1.26'", "numpy>=1.26"), IMAGING, "numpy>="),
    seed("CT609", Replace(NOTEBOOK, "'jupyterlab>=4.2,<5'", "jupyterlab<5"), NOTEBOOK, "jupyterlab"),
    # CT610 healthcheck-broken
    seed(
        "CT610",
        Replace(AGENT, "VOLUME /srv/state", 'HEALTHCHECK CMD ["/usr/local/bin/healthy"]\nVOLUME /srv/state'),
        AGENT,
        "HEALTHCHECK",
    ),
    seed("CT610", Chmod("cloudtop/root/usr/local/bin/desktop-healthy", 0o644), DESKTOP, "HEALTHCHECK"),
    seed("CT610", Delete("station/tools/station-healthy"), STATION, "HEALTHCHECK"),
    # CT611 main-command-cannot-start
    seed("CT611", Replace(JOB, 'CMD ["/usr/local/bin/work"]', 'CMD ["/usr/local/bin/works"]'), JOB, "CMD"),
    seed("CT611", Chmod("station-job/root/usr/local/bin/work", 0o644), JOB, "CMD"),
    seed(
        "CT611",
        Create(
            "station-job/page/Dockerfile",
            'FROM alpine:3.20.3\nRUN printf "#!/bin/bash\\nexec sleep 1d\\n" > /srv/page && chmod 755 /srv/page\nCMD ["/srv/page"]\n',
        ),
        "station-job/page/Dockerfile",
        "CMD",
    ),
    # CT612 program-not-executable
    seed(
        "CT612",
        Create("station-job/root/usr/local/bin/about", "#!/bin/sh\nuname -a\n"),
        "station-job/root/usr/local/bin/about",
    ),
    seed(
        "CT612",
        (
            Create("cloudtop-agent/root/usr/local/sbin/agent-about", "#!/bin/sh\nuname -a\n", 0o755),
            InsertLine(AGENT, "RUN chmod 0644 /usr/local/sbin/agent-about", "COPY root/"),
        ),
        "cloudtop-agent/root/usr/local/sbin/agent-about",
    ),
    # CT613 cron-job-not-run
    seed(
        "CT613",
        Create("station-job/root/etc/cron.daily/about.sh", "#!/bin/sh\nuname -a\n", 0o755),
        "station-job/root/etc/cron.daily/about.sh",
    ),
    seed(
        "CT613",
        Create("station-job/root/etc/cron.d/about", "0 4 * * * /usr/bin/uname -a\n"),
        "station-job/root/etc/cron.d/about",
    ),
    seed(
        "CT613",
        Create("station-job/root/etc/cron.weekly/about", "uname -a > /dev/null\n", 0o755),
        "station-job/root/etc/cron.weekly/about",
    ),
    # CT614 main-command-ends
    seed(
        "CT614",
        Create(
            "station-job/page/Dockerfile",
            "FROM debian:12.8-slim\nRUN apt-get update && apt-get install -y nginx\nCMD service nginx start\n",
        ),
        "station-job/page/Dockerfile",
        "CMD",
    ),
    seed(
        "CT614",
        Create("station-job/clock/Dockerfile", 'FROM alpine:3.20.3\nENTRYPOINT ["crond"]\n'),
        "station-job/clock/Dockerfile",
        "ENTRYPOINT",
    ),
)
