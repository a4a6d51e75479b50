"""Seeded defects of the lineage and of what the build takes in: CT501 to CT514, and input that cannot be read."""

from seeding import (
    Create,
    Delete,
    InsertLine,
    MoveLine,
    Mutation,
    Rename,
    Replace,
    seed,
)

DESKTOP = "cloudtop/Dockerfile"
VIEWER = "cloudtop-viewer/Dockerfile"
IMAGING = "cloudtop-imaging/Dockerfile"
OCTAVE = "cloudtop-octave/Docker.octave"
PLOTS = "cloudtop-octave-plots/Docker.plots"
AGENT = "cloudtop-agent/Dockerfile"
SERVICES = "cloudtop/root/etc/services.d"
STATION = "station/Dockerfile"
LAB = "station-lab/Dockerfile"
WEBTOP_OCTAVE = "webtop-octave/Dockerfile"
NOTEBOOK = "webtop-notebook/Dockerfile"

MUTATIONS: tuple[Mutation, ...] = (
    # CT501 base-floating
    seed("CT501", Replace(AGENT, "debian:12.8-slim", "debian"), AGENT, "FROM debian"),
    seed("CT501", Replace(VIEWER, "node:20.18.0-bookworm-slim", "node:latest"), VIEWER, "FROM node:latest"),
    seed("CT501", Replace(LAB, "station:2.1.0", "station:develop-latest"), LAB, "FROM"),
    # CT502 base-renamed
    seed("CT502", Replace(IMAGING, "helxplatform/cloudtop", "heliumdatastage/cloudtop"), IMAGING, "FROM"),
    seed("CT502", Replace(NOTEBOOK, "helxplatform/", "docker.io/heliumdatastage/"), NOTEBOOK, "FROM"),
    # CT503 base-unresolved
    seed("CT503", Replace(VIEWER, "ARG CLOUDTOP_TAG=2.1.0", "ARG CLOUDTOP_TAG"), VIEWER, "FROM helxplatform"),
    seed("CT503", Replace(LAB, "helxplatform/station:2.1.0", "helxplatform/Station:2.1.0"), LAB, "FROM"),
    seed("CT503", Replace(VIEWER, "slim AS builder", "slim AS 1builder"), VIEWER, "AS 1builder"),
    # CT504 base-drift
    seed(
        "CT504",
        Replace("cloudtop/Makefile", "TOMCAT_TAG=9.0.97-", "TOMCAT_TAG=9.0.98-"),
        DESKTOP,
        "ARG TOMCAT_TAG",
        ("cloudtop/Makefile", "TOMCAT_TAG"),
    ),
    seed(
        "CT504",
        Replace(WEBTOP_OCTAVE, "ARG BASE_TAG=1.0.0", "ARG BASE_TAG=0.9.0"),
        WEBTOP_OCTAVE,
        "ARG BASE_TAG",
        ("webtop-octave/Makefile", "BASE_TAG"),
    ),
    # CT505 base-cycle
    seed(
        "CT505",
        Replace(OCTAVE, "helxplatform/cloudtop:2.1.0", "helxplatform/cloudtop-octave-plots:6.4.0"),
        OCTAVE,
        "FROM",
        (PLOTS, "FROM"),
    ),
    seed("CT505", Replace(LAB, "station:2.1.0", "station-lab:2.1.0"), LAB, "FROM"),
    # CT506 arg-out-of-scope
    seed("CT506", Replace(DESKTOP, "\nARG GUACAMOLE_VERSION\n", "\n"), DESKTOP, "guacamole-${"),
    seed("CT506", MoveLine(STATION, "ARG S6_OVERLAY_VERSION", "HEALTHCHECK"), STATION, "noarch.tar.xz /tmp/"),
    seed("CT506", MoveLine(WEBTOP_OCTAVE, "ARG BASE_TAG", "FROM"), WEBTOP_OCTAVE, "FROM"),
    # CT507 copy-from-unknown
    seed("CT507", Replace(VIEWER, "--from=builder", "--from=bulider"), VIEWER, "--from=bulider"),
    seed("CT507", Replace(VIEWER, "--from=builder", "--from=2"), VIEWER, "--from=2"),
    # CT508 override-without-base-file
    seed("CT508", Rename(f"{SERVICES}/tigervnc", f"{SERVICES}/vnc"), VIEWER, "RUN sed -i"),
    seed("CT508", Replace(LAB, "s6-rc.d/desktop-log/run", "s6-rc.d/desktop-logger/run"), LAB, "RUN sed -i"),
    seed("CT508", InsertLine(IMAGING, "RUN rm /etc/cont-init.d/30-defaults.sh", "FROM"), IMAGING, "RUN rm"),
    # CT509 image-published-twice
    seed(
        "CT509",
        Create("station-lab/Makefile", "build:\n\tdocker build -t helxplatform/webtop-octave:6.4.0 .\n"),
        "webtop-octave/Makefile",
        "docker build",
    ),
    seed(
        "CT509",
        Create("webtop-notebook/Makefile", "build:\n\tdocker build -t helxplatform/webtop-octave:6.4.0 .\n"),
        "webtop-octave/Makefile",
        "docker build",
    ),
    # CT510 consumer-unknown-image
    seed(
        "CT510",
        Replace("app-specs/viewer/docker-compose.yaml", "cloudtop-viewer", "cloudtop-veiwer"),
        "app-specs/viewer/docker-compose.yaml",
        "veiwer",
    ),
    seed(
        "CT510",
        Replace("deployments/notebook.yaml", "helxplatform/", "helxplatfrom/"),
        "deployments/notebook.yaml",
        "image:",
    ),
    seed(
        "CT510",
        Replace("deployments/compose.yaml", "helxplatform/station-lab", "docker.io/quay.io/helxplatform/station-lab"),
        "deployments/compose.yaml",
        "station-lab",
    ),
    # CT511 copy-source-missing
    seed("CT511", Rename("cloudtop-octave/octave.sh", "cloudtop-octave/install.sh"), OCTAVE, "COPY octave.sh"),
    seed("CT511", Delete("station-job/checksums.txt"), "station-job/Dockerfile", "COPY checksums.txt"),
    seed("CT511", InsertLine("cloudtop/.dockerignore", "src/xfce/terminalrc", ".git"), DESKTOP, "terminalrc"),
    seed("CT511", Delete("cloudtop-octave/generated/50-octave-desktop.sh"), OCTAVE, "50-octave-desktop.sh"),
    seed("CT511", Delete("cloudtop-viewer/src/xfce/Desktop/viewer.desktop"), VIEWER, "src/xfce/Desktop/"),
    seed("CT511", Replace(VIEWER, "COPY src/xfce/Desktop/ ", "COPY src/xfce/*.desktop "), VIEWER, "*.desktop"),
    # CT512 copy-onto-another-kind
    seed("CT512", Create("cloudtop-agent/root/sbin/agent-report", "#!/bin/sh\ndate\n", 0o755), AGENT, "COPY root/"),
    seed(
        "CT512", InsertLine(AGENT, "RUN mkdir -p /usr/local/bin/heartbeat", "ENV REPORT_SECONDS"), AGENT, "COPY root/"
    ),
    # CT514 build-argument-misspelt
    seed(
        "CT514",
        Replace("cloudtop/Makefile", "TOMCAT_TAG=", "TOMCAT_TGA="),
        "cloudtop/Makefile",
        "TOMCAT_TGA",
    ),
    seed(
        "CT514",
        Replace("webtop-octave/Makefile", "BASE_TAG=", "BASETAG="),
        "webtop-octave/Makefile",
        "BASETAG",
    ),
    # CT513 copy-of-another-file
    seed(
        "CT513",
        (
            InsertLine(
                DESKTOP,
                "COPY src/xfce/terminalrc.in /srv/terminal.rc\nCOPY src/xfce/terminalrc.in /srv/roles.txt",
                "WORKDIR /headless",
            ),
            Create("cloudtop/src/xfce/terminalrc.in", "[Configuration]\n"),
            Create("cloudtop/src/xfce/roles.txt", "guest\n"),
        ),
        DESKTOP,
        "/srv/roles.txt",
        (DESKTOP, "/srv/terminal.rc"),
    ),
    seed(
        "CT513",
        (
            Create("cloudtop-agent/notes/first.csv", "a;b\n"),
            Create("cloudtop-agent/notes/second.tsv", "a b\n"),
            InsertLine(
                AGENT,
                "FROM scratch AS notes\nCOPY notes /notes\n",
            ),
            InsertLine(
                AGENT,
                "COPY --from=notes /notes/first.csv /srv/notes/all.csv\n"
                "COPY --from=notes /notes/first.csv /srv/notes/second.tsv",
                "ENV REPORT_SECONDS",
            ),
        ),
        AGENT,
        "/srv/notes/second.tsv",
    ),
    # CT001: input that cannot be read
    seed("CT001", Replace(AGENT, "VOLUME /srv/state", "VOLUM /srv/state"), AGENT, "VOLUM"),
    seed("CT001", Replace(LAB, "station:2.1.0\n", "station:2.1.0 lab\n"), LAB, "FROM"),
    # CT003: ignore comments that hide nothing
    seed(
        "CT003",
        InsertLine(AGENT, "# ctlint: ignore[CT118] nobody else is in there", "ENV REPORT_SECONDS"),
        AGENT,
        "ignore",
    ),
    seed(
        "CT003",
        InsertLine("station/root/etc/cont-init.d/10-state", "# ctlint: ignore[CT206] made once", "set -e"),
        "station/root/etc/cont-init.d/10-state",
        "ignore",
    ),
)
