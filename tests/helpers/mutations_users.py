"""Seeded defects about the desktop user, its account and secrets: CT301 to CT321."""

from seeding import (
    Create,
    DeleteLine,
    InsertLine,
    MoveLine,
    Mutation,
    Replace,
    seed,
)

DESKTOP = "cloudtop/Dockerfile"
INIT = "cloudtop/root/etc/cont-init.d"
ACCOUNT = f"{INIT}/40-tigervnc.sh"
LAUNCHERS = f"{INIT}/45-desktop.sh"
SERVICES = "cloudtop/root/etc/services.d"
IMAGING = "cloudtop-imaging/Dockerfile"
IMAGING_INIT = "cloudtop-imaging/root/etc/cont-init.d/50-imaging.sh"
AGENT = "cloudtop-agent/Dockerfile"
STATION = "station/Dockerfile"
STATION_ACCOUNT = "station/root/etc/cont-init.d/20-account"
STATION_RC = "station/root/etc/s6-overlay/s6-rc.d"
LAB_RC = "station-lab/root/etc/s6-overlay/s6-rc.d"
RESULTS = "station-lab/root/usr/local/lib/lab/results"
BASE_ACCOUNT = "webtop-base/root/etc/s6-overlay/s6-rc.d/init-adduser/run"
NOTEBOOK = "webtop-notebook/Dockerfile"
NOTEBOOK_RC = "webtop-notebook/root/etc/s6-overlay/s6-rc.d"

MUTATIONS: tuple[Mutation, ...] = (
    # CT301 user-named-at-build
    seed(
        "CT301",
        Replace("station-lab/Dockerfile", "COPY root/ /", "COPY --chown=lab:lab root/ /"),
        "station-lab/Dockerfile",
        "COPY --chown",
    ),
    seed("CT301", InsertLine(AGENT, "RUN install -d -o agent /srv/reports", "COPY root/"), AGENT, "-o agent"),
    seed(
        "CT301",
        InsertLine("station-job/Dockerfile", "USER worker", "COPY root/"),
        "station-job/Dockerfile",
        "USER worker",
    ),
    # CT302 user-home-at-build
    seed("CT302", InsertLine(DESKTOP, "RUN echo 'set -o vi' >> ~/.bashrc", "COPY root/"), DESKTOP, "set -o vi"),
    seed(
        "CT302",
        Replace(IMAGING, "COPY root/ /", "COPY root/ /\nCOPY imagej/ij.svg /home/ada/.icons/ij.svg"),
        IMAGING,
        "/home/ada",
    ),
    seed("CT302", InsertLine(STATION, "RUN pip3 install --user glances==4.2.1", "COPY root/"), STATION, "glances"),
    # CT303 user-expanded-at-build
    seed("CT303", InsertLine(DESKTOP, "ENV USER_HOME=/home/$USER_NAME", "TOMCAT_PORT=8080"), DESKTOP, "USER_HOME"),
    seed(
        "CT303",
        Replace("station-lab/Dockerfile", "WORKDIR /srv/lab", "WORKDIR /home/${USER_NAME}/lab"),
        "station-lab/Dockerfile",
        "WORKDIR",
    ),
    seed("CT303", InsertLine(IMAGING, 'RUN mkdir -p "/srv/$USER_NAME"', "COPY root/"), IMAGING, "/srv/$USER_NAME"),
    # CT304 undefined-variable
    seed(
        "CT304", Replace("station-lab/Dockerfile", "/srv/lab", "/srv/${LAB_NAME}"), "station-lab/Dockerfile", "LAB_NAME"
    ),
    seed("CT304", Replace(IMAGING, "ENV IMAGEJ_VERSION", "ENV IMAGE_VERSION"), IMAGING, "COPY imagej/"),
    seed("CT304", DeleteLine(DESKTOP, "ENV HOME=/headless"), DESKTOP, "STAGING_DIR=$HOME"),
    seed("CT304", Replace(DESKTOP, "/Desktop/ $STAGING_DIR/", "/Desktop/ $STAGE_DIR/"), DESKTOP, "$STAGE_DIR"),
    # CT305 user-baked-in
    seed("CT305", DeleteLine(STATION, "userdel -r ubuntu"), STATION, "FROM ubuntu", (STATION_ACCOUNT, "|| useradd")),
    seed(
        "CT305",
        InsertLine("cloudtop-viewer/Dockerfile", "RUN useradd -u 1000 viewer", "EXPOSE"),
        "cloudtop-viewer/Dockerfile",
        "useradd",
        (ACCOUNT, "|| useradd"),
    ),
    # CT306 user-not-root-at-start
    seed("CT306", InsertLine(DESKTOP, "USER 1000", "WORKDIR"), DESKTOP, "USER 1000", (ACCOUNT, "|| useradd")),
    seed(
        "CT306",
        InsertLine("station-lab/Dockerfile", "USER nobody", "WORKDIR"),
        "station-lab/Dockerfile",
        "USER nobody",
        (STATION_ACCOUNT, "|| useradd"),
    ),
    seed(
        "CT306",
        Replace("webtop-octave/Dockerfile", "COPY root/ /", "COPY root/ /\nUSER 1000:1000"),
        "webtop-octave/Dockerfile",
        "USER",
    ),
    # CT307 user-hard-coded
    seed(
        "CT307",
        Replace(IMAGING_INIT, 'samples="/home/$USER_NAME/samples"', "samples=/home/ada/samples"),
        IMAGING_INIT,
        "ln -sfn",
    ),
    seed("CT307", Replace(RESULTS, 'chown "$USER_NAME:"', "chown lab:"), RESULTS, "chown lab:"),
    seed(
        "CT307",
        Replace(LAUNCHERS, 'chown -R "$USER_NAME:" "$desktop"', 'chown -R 1000 "$desktop"'),
        LAUNCHERS,
        "chown -R 1000",
    ),
    # CT308 home-not-switched
    seed(
        "CT308",
        DeleteLine(f"{SERVICES}/windowmanager/run", "export HOME"),
        f"{SERVICES}/windowmanager/run",
        "startxfce4",
    ),
    seed(
        "CT308",
        Replace(
            f"{NOTEBOOK_RC}/svc-notebook/run",
            'export HOME="/home/$USER"\ncd "$HOME/notebooks"',
            'cd "/home/$USER/notebooks"',
        ),
        f"{NOTEBOOK_RC}/svc-notebook/run",
        "jupyter-lab",
    ),
    # CT309 service-runs-as-root
    seed(
        "CT309", Replace(f"{LAB_RC}/sampler/run", 's6-setuidgid "$USER_NAME" ', ""), f"{LAB_RC}/sampler/run", "sampler"
    ),
    seed(
        "CT309",
        Create(
            "cloudtop-imaging/root/etc/services.d/preview/run",
            "#!/usr/bin/with-contenv sh\nexec s6-setuidgid root python3 -m http.server 8000\n",
            0o755,
        ),
        "cloudtop-imaging/root/etc/services.d/preview/run",
        "exec",
    ),
    # CT310 home-left-root-owned
    seed("CT310", DeleteLine(ACCOUNT, 'chown -R "$USER_NAME:" "$home/.vnc"'), ACCOUNT, 'mkdir -p "$home/.vnc"'),
    seed("CT310", DeleteLine(RESULTS, "chown"), RESULTS, "mkdir -p"),
    seed("CT310", MoveLine(RESULTS, "chown", "for place"), RESULTS, "mkdir -p"),
    # CT311 user-name-unchecked
    seed(
        "CT311",
        InsertLine("cloudtop-agent/root/etc/cont-init.d/10-report", 'rm -rf "/srv/state/$AGENT_NAME"', "rm -rf ./old"),
        "cloudtop-agent/root/etc/cont-init.d/10-report",
        "$AGENT_NAME",
    ),
    seed(
        "CT311",
        InsertLine(f"{INIT}/10-state.sh", 'chown -R daemon "/config/guacamole/$USER_NAME"', "mkdir"),
        f"{INIT}/10-state.sh",
        "chown -R",
    ),
    # CT312 group-ignored
    seed("CT312", Replace(ACCOUNT, '-g "$GROUP_ID" "$USER_NAME"\n\n', '-U "$USER_NAME"\n\n'), ACCOUNT, "|| useradd"),
    seed(
        "CT312",
        (DeleteLine(BASE_ACCOUNT, "getent"), Replace(BASE_ACCOUNT, '-g "$PGID"', "-g users")),
        BASE_ACCOUNT,
        "|| useradd",
    ),
    # CT313 secret-in-image
    seed("CT313", Replace(DESKTOP, 'VNC_PW=""', "VNC_PW=headless"), DESKTOP, "VNC_PW"),
    seed(
        "CT313",
        Replace("cloudtop/src/guacamole/guacamole.properties", "${GUACAMOLE_DB_PASSWORD}", "guac4ever"),
        "cloudtop/src/guacamole/guacamole.properties",
        "mysql-password",
    ),
    seed("CT313", InsertLine(NOTEBOOK, "ARG JUPYTER_TOKEN=s3cr3t-9f2b", "FROM"), NOTEBOOK, "JUPYTER_TOKEN"),
    # CT314 passwd-writable
    seed("CT314", InsertLine(STATION, "RUN chmod g+w /etc/passwd /etc/group", "userdel"), STATION, "g+w"),
    seed(
        "CT314",
        InsertLine(f"{INIT}/20-server.sh", "chmod 0666 /etc/passwd", "server.xml.template"),
        f"{INIT}/20-server.sh",
        "0666",
    ),
    # CT315 empty-user-is-root
    seed(
        "CT315",
        (
            Replace(STATION, "STAGE2_FAILS=2", "STAGE2_FAILS=1"),
            DeleteLine(f"{STATION_RC}/desktop/run", ":?"),
        ),
        f"{STATION_RC}/desktop/run",
        "s6-setuidgid",
    ),
    seed(
        "CT315",
        Replace(f"{LAB_RC}/sampler/run", '"$USER_NAME" /usr', '"$SAMPLER_USER" /usr'),
        f"{LAB_RC}/sampler/run",
        "s6-setuidgid",
    ),
    # CT316 runtime-secret-mishandled
    seed("CT316", InsertLine(ACCOUNT, 'echo "VNC password: $VNC_PW"', "mkdir -p /tmp"), ACCOUNT, "VNC password"),
    seed(
        "CT316",
        Replace(ACCOUNT, "printf '%s\\n' \"$VNC_PW\" |", "VNC_PW=changeme\nprintf '%s\\n' \"$VNC_PW\" |"),
        ACCOUNT,
        "VNC_PW=changeme",
    ),
    # CT317 build-needs-root
    seed(
        "CT317",
        InsertLine(STATION, "USER 65534\nRUN groupadd --system station-logs\nUSER root", "COPY root/"),
        STATION,
        "station-logs",
    ),
    seed(
        "CT317",
        InsertLine(
            AGENT,
            "USER nobody\nRUN apt-get update && apt-get install -y --no-install-recommends tzdata\nUSER root",
            "COPY root/",
        ),
        AGENT,
        "tzdata",
    ),
    # CT318 home-copy-left-root-owned
    seed(
        "CT318",
        InsertLine(
            AGENT,
            "RUN useradd --create-home --uid 1500 ada\nUSER ada\n"
            "COPY --chown=ada README.md /home/ada/.config/agent/about\n"
            "COPY README.md /home/ada/.config/editor/about\nUSER root",
            "COPY root/",
        ),
        AGENT,
        "editor/about",
        (AGENT, "agent/about"),
    ),
    seed(
        "CT318",
        InsertLine(
            STATION,
            "RUN useradd -m -u 1500 curator\nCOPY --chown=1500 README.md /home/curator/README\nUSER curator\n"
            "ADD README.md /home/curator/.local/share/\nUSER root",
            "COPY root/",
        ),
        STATION,
        ".local/share",
    ),
    # CT319 private-file-refused
    seed(
        "CT319",
        InsertLine(
            "cloudtop-agent/root/etc/cont-init.d/10-report",
            'echo "db:5432:*:agent:$AGENT_NAME" > /root/.pgpass',
            "rm -rf ./old",
        ),
        "cloudtop-agent/root/etc/cont-init.d/10-report",
        ".pgpass",
    ),
    seed(
        "CT319",
        InsertLine(
            "cloudtop-agent/root/etc/cont-init.d/10-report",
            'mkdir -p /root/.ssh\nprintf "%s\\n" "$AGENT_NAME" > /root/.ssh/id_rsa',
            "rm -rf ./old",
        ),
        "cloudtop-agent/root/etc/cont-init.d/10-report",
        "/.ssh/id_rsa",
    ),
    # CT320 start-user-missing
    seed(
        "CT320",
        (
            Create("station-job/owner/start", "#!/bin/sh\nset -e\nchown -R agentt /srv\nexec sleep 1d\n", 0o755),
            Create(
                "station-job/owner/Dockerfile",
                'FROM debian:12.8-slim\nRUN useradd -r agent\nCOPY owner/start /start\nENTRYPOINT ["/start"]\n',
            ),
        ),
        "station-job/owner/start",
        "agentt",
    ),
    seed(
        "CT320",
        (
            Create("station-job/owner/start", "#!/bin/sh\nset -e\nexec setpriv --reuid keeper sleep 1d\n", 0o755),
            Create(
                "station-job/owner/Dockerfile",
                'FROM debian:12.8-slim\nCOPY owner/start /usr/local/bin/start\nCMD ["start"]\n',
            ),
        ),
        "station-job/owner/start",
        "keeper",
    ),
    # CT321 start-write-refused
    seed(
        "CT321",
        (
            Create("station-job/page/start", "#!/bin/sh\nset -e\nmkdir -p /srv/page/sheets\nexec sleep 1d\n", 0o755),
            Create(
                "station-job/page/Dockerfile",
                'FROM debian:12.8-slim\nRUN useradd ada\nWORKDIR /srv/page\nCOPY page/start /start\nUSER ada\nENTRYPOINT ["/start"]\n',
            ),
        ),
        "station-job/page/start",
        "/srv/page/sheets",
        ("station-job/page/Dockerfile", "USER"),
    ),
    seed(
        "CT321",
        (
            Create("station-job/page/start", "#!/bin/bash\nset -eu\ndate > /opt/page/last\nexec sleep 1d\n", 0o755),
            Create(
                "station-job/page/Dockerfile",
                'FROM debian:12.8-slim\nRUN mkdir /opt/page\nCOPY page/start /start\nUSER 1500\nCMD ["/start"]\n',
            ),
        ),
        "station-job/page/start",
        "/opt/page/last",
        ("station-job/page/Dockerfile", "USER"),
    ),
)
