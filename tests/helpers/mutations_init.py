"""Seeded defects of init scripts, their place and order: CT201 to CT220."""

from seeding import (
    Create,
    DeleteLine,
    InsertLine,
    Mutation,
    Rename,
    Replace,
    seed,
)

INIT = "cloudtop/root/etc/cont-init.d"
ACCOUNT = f"{INIT}/40-tigervnc.sh"
SERVER = f"{INIT}/20-server.sh"
IMAGING = "cloudtop-imaging/root/etc/cont-init.d/50-imaging.sh"
REPORT = "cloudtop-agent/root/etc/cont-init.d/10-report"
STATION_INIT = "station/root/etc/cont-init.d"
STATION_RC = "station/root/etc/s6-overlay/s6-rc.d"
LAB_RC = "station-lab/root/etc/s6-overlay/s6-rc.d"
RESULTS = "station-lab/root/usr/local/lib/lab/results"
BASE_RC = "webtop-base/root/etc/s6-overlay/s6-rc.d"
NOTEBOOK_RC = "webtop-notebook/root/etc/s6-overlay/s6-rc.d"
PREPARE = "webtop-notebook/root/usr/local/bin/prepare-notebooks"

MUTATIONS: tuple[Mutation, ...] = (
    # CT201 init-misplaced
    seed(
        "CT201",
        Rename(ACCOUNT, "cloudtop/root/opt/start/account.sh"),
        "cloudtop/root/opt/start/account.sh",
        "",
        ("cloudtop/root/opt/start/account.sh", "|| useradd"),
    ),
    seed(
        "CT201",
        Replace(
            "cloudtop-octave/Docker.octave",
            "COPY generated/50-octave-desktop.sh /etc/cont-init.d/",
            "COPY generated/50-octave-desktop.sh /opt/octave/desktop.sh",
        ),
        "cloudtop-octave/Docker.octave",
        "50-octave-desktop.sh",
    ),
    # CT202 init-before-account
    seed(
        "CT202",
        InsertLine(SERVER, 'chown "$USER_NAME" "$conf/server.xml"', "envsubst"),
        SERVER,
        "chown",
        (ACCOUNT, "|| useradd"),
    ),
    seed(
        "CT202",
        Rename(
            f"{NOTEBOOK_RC}/init-notebooks/dependencies.d/init-adduser",
            f"{NOTEBOOK_RC}/init-notebooks/dependencies.d/base",
        ),
        PREPARE,
        "install -d",
        (f"{BASE_RC}/init-adduser/run", "|| useradd"),
    ),
    seed(
        "CT202",
        Rename(f"{LAB_RC}/init-results/dependencies.d/base", f"{LAB_RC}/init-results/dependencies.d/.gitkeep"),
        RESULTS,
        "mkdir -p",
        (f"{STATION_INIT}/20-account", "|| useradd"),
    ),
    seed(
        "CT202",
        Create(
            "webtop-notebook/root/etc/cont-init.d/60-shared",
            '#!/usr/bin/with-contenv bash\nset -e\n: "${USER:?}"\nmkdir -p /srv/shared\nchown "$USER" /srv/shared\n',
            0o755,
        ),
        "webtop-notebook/root/etc/cont-init.d/60-shared",
        "chown",
        (f"{BASE_RC}/init-adduser/run", "|| useradd"),
    ),
    # CT203 init-order-is-lexical
    seed("CT203", Rename(SERVER, f"{INIT}/9-server.sh"), f"{INIT}/9-server.sh"),
    seed("CT203", Rename(f"{STATION_INIT}/10-state", f"{STATION_INIT}/100-state"), f"{STATION_INIT}/100-state"),
    seed(
        "CT203",
        Create("station-lab/root/etc/cont-init.d/5-lab", "#!/bin/sh\nmkdir -p /srv/lab\n", 0o755),
        "station-lab/root/etc/cont-init.d/5-lab",
    ),
    # CT204 init-replaces-parent
    seed(
        "CT204",
        (
            Rename(
                "cloudtop-octave-plots/generated/50-plots-desktop.sh",
                "cloudtop-octave-plots/generated/50-octave-desktop.sh",
            ),
            Replace("cloudtop-octave-plots/Docker.plots", "50-plots-desktop.sh", "50-octave-desktop.sh"),
        ),
        "cloudtop-octave-plots/generated/50-octave-desktop.sh",
        "",
        ("cloudtop-octave/generated/50-octave-desktop.sh", ""),
    ),
    seed(
        "CT204",
        Create("station-lab/root/etc/cont-init.d/10-state", "#!/bin/sh\nmkdir -p /srv/lab\n", 0o755),
        "station-lab/root/etc/cont-init.d/10-state",
        "",
        (f"{STATION_INIT}/10-state", ""),
    ),
    # CT205 init-environment-missing
    seed(
        "CT205",
        Replace(REPORT, "#!/usr/bin/with-contenv sh", "#!/bin/sh"),
        REPORT,
        "mkdir -p",
        ("cloudtop-agent/Dockerfile", "ENV REPORT_FILE"),
    ),
    seed(
        "CT205",
        Replace(f"{STATION_RC}/desktop/run", "#!/command/with-contenv sh", "#!/bin/sh"),
        f"{STATION_RC}/desktop/run",
        ":?",
    ),
    seed(
        "CT205",
        (
            Replace(RESULTS, "#!/command/with-contenv bash", "#!/bin/bash"),
            DeleteLine(RESULTS, ":?"),
        ),
        RESULTS,
        "results=(",
    ),
    seed(
        "CT205",
        Replace(ACCOUNT, "#!/usr/bin/with-contenv sh", "#!/bin/sh"),
        ACCOUNT,
        ":?",
        (ACCOUNT, "VNC_PW"),
        (ACCOUNT, "|| useradd"),
    ),
    # CT206 init-not-repeatable
    seed(
        "CT206",
        Replace(f"{INIT}/10-state.sh", "mkdir -p /config/guacamole /run/guacd", "mkdir /config/sessions"),
        f"{INIT}/10-state.sh",
        "mkdir",
    ),
    seed(
        "CT206",
        Replace(SERVER, "grep -q '^umask 027$' /etc/profile || echo", "echo"),
        SERVER,
        "umask",
    ),
    seed(
        "CT206",
        Replace(f"{STATION_INIT}/20-account", 'id -u "$USER_NAME" >/dev/null 2>&1 || useradd', "useradd"),
        f"{STATION_INIT}/20-account",
        "useradd",
    ),
    seed(
        "CT206",
        Replace(IMAGING, 'if [ ! -L "$samples" ]; then\n    ln -sfn', "if true; then\n    ln -s"),
        IMAGING,
        "ln -s",
    ),
    seed(
        "CT206",
        InsertLine(f"{STATION_INIT}/10-state", "ln -s /srv/state /opt/state", "test -d"),
        f"{STATION_INIT}/10-state",
        "ln -s",
    ),
    # CT207 init-bashism-under-dash
    seed("CT207", Replace(SERVER, "with-contenv bash\nset -euo pipefail", "with-contenv sh\nset -eu"), SERVER, "if [["),
    seed(
        "CT207",
        Replace(f"{INIT}/10-state.sh", "chmod 0640", "source /etc/default/locale\nchmod 0640"),
        f"{INIT}/10-state.sh",
        "source",
    ),
    seed(
        "CT207",
        Replace(RESULTS, "with-contenv bash\nset -euo pipefail", "with-contenv sh\nset -eu"),
        RESULTS,
        "results=(",
    ),
    seed(
        "CT207",
        Create(
            "cloudtop-agent/root/etc/cont-init.d/20-hosts",
            "#!/bin/sh\nset -o pipefail\nsort /etc/hosts | uniq > /run/hosts\n",
            0o755,
        ),
        "cloudtop-agent/root/etc/cont-init.d/20-hosts",
        "pipefail",
    ),
    # CT208 init-unguarded-failure
    seed(
        "CT208",
        (DeleteLine(REPORT, "set -e"), Replace(REPORT, "cd /srv/state || exit 1", "cd /srv/spool")),
        REPORT,
        "cd /srv/spool",
    ),
    seed("CT208", DeleteLine(ACCOUNT, "set -e"), ACCOUNT, "|| useradd", (ACCOUNT, "chown -R")),
    # CT209 init-installs-packages
    seed(
        "CT209", InsertLine(f"{INIT}/10-state.sh", "apt-get install -y xclip", "mkdir"), f"{INIT}/10-state.sh", "xclip"
    ),
    seed(
        "CT209",
        Replace(PREPARE, "install -d", "pip3 install --no-cache-dir nbconvert==7.16.4\ninstall -d"),
        PREPARE,
        "pip3",
    ),
    # CT210 guard-tests-wrong-kind
    seed(
        "CT210",
        Replace(f"{BASE_RC}/init-rdesktop/run", "[ ! -f", "[ ! -d"),
        f"{BASE_RC}/init-rdesktop/run",
        "[ ! -d",
    ),
    seed(
        "CT210",
        Replace(f"{STATION_INIT}/10-state", "test -d /srv/state", "test -f /srv/state"),
        f"{STATION_INIT}/10-state",
        "test -f",
    ),
    # CT211 init-refused-by-shell
    seed("CT211", InsertLine(f"{INIT}/10-state.sh", "fi # end", "mkdir"), f"{INIT}/10-state.sh", "fi # end"),
    seed(
        "CT211",
        InsertLine("station-lab/Dockerfile", "RUN mkdir -p /srv/lab/shelf && && touch /srv/lab/shelf/index", "WORKDIR"),
        "station-lab/Dockerfile",
        "&& &&",
    ),
    # CT212 init-command-malformed
    seed(
        "CT212",
        InsertLine(f"{INIT}/10-state.sh", "chown -R /config/guacamole", "mkdir"),
        f"{INIT}/10-state.sh",
        "chown -R",
    ),
    seed(
        "CT212",
        Replace(f"{STATION_INIT}/10-state", "test -d /srv/state", "[ -d /srv/state]"),
        f"{STATION_INIT}/10-state",
        "[ -d",
    ),
    seed(
        "CT212",
        InsertLine(f"{INIT}/10-state.sh", "local shade=dark", "mkdir"),
        f"{INIT}/10-state.sh",
        "local",
    ),
    seed(
        "CT212",
        InsertLine("station-lab/Dockerfile", "RUN mkdir -f /srv/lab/shelf", "WORKDIR"),
        "station-lab/Dockerfile",
        "mkdir -f",
    ),
    # CT213 init-stale-pid-file
    seed(
        "CT213",
        InsertLine("station-job/root/usr/local/bin/work", "dbus-daemon --system", "#!"),
        "station-job/root/usr/local/bin/work",
        "dbus-daemon",
    ),
    seed(
        "CT213",
        InsertLine("station-job/root/usr/local/bin/work", "/usr/sbin/xrdp-sesman", "#!"),
        "station-job/root/usr/local/bin/work",
        "xrdp-sesman",
    ),
    # CT214 init-ended-by-test
    seed(
        "CT214",
        InsertLine(PREPARE, "[ -e /run/notebooks.stale ] && rm -f /run/notebooks.stale", "install -d"),
        PREPARE,
        "[ -e",
    ),
    seed(
        "CT214",
        InsertLine(RESULTS, 'echo "$USER_NAME" | while read -r one; do [ -z "$one" ] && echo nobody; done', "done"),
        RESULTS,
        "[ -z",
    ),
    # CT215 init-variable-unset
    seed(
        "CT215",
        InsertLine(RESULTS, 'if [ -z "$QUIET" ]; then echo "$USER_NAME"; fi', ': "${USER_NAME:?}"'),
        RESULTS,
        "$QUIET",
    ),
    seed(
        "CT215",
        Replace("station-job/root/usr/local/bin/work", "$JOB_DIRECTORY", "$JOBDIRECTORY"),
        "station-job/root/usr/local/bin/work",
        "$JOBDIRECTORY",
    ),
    # CT216 init-file-missing
    seed(
        "CT216",
        InsertLine("station-job/root/usr/local/bin/work", "/srv/job/prepare --once", "#!"),
        "station-job/root/usr/local/bin/work",
        "/srv/job/prepare",
    ),
    seed(
        "CT216",
        Replace(
            "cloudtop-agent/root/etc/services.d/heartbeat/run", "/usr/local/bin/heartbeat", "/usr/local/sbin/heartbeat"
        ),
        "cloudtop-agent/root/etc/services.d/heartbeat/run",
        "/usr/local/sbin/heartbeat",
    ),
    seed("CT216", Replace(SERVER, "/server.xml.template", "/sevrer.xml.template"), SERVER, "envsubst"),
    # CT217 init-command-misspelt
    seed("CT217", InsertLine(SERVER, "getennt passwd root", "umask"), SERVER, "getennt"),
    seed(
        "CT217",
        InsertLine(f"{STATION_INIT}/10-state", "hotsname > /srv/state/name", "test -d"),
        f"{STATION_INIT}/10-state",
        "hotsname",
    ),
    # CT218 init-path-below-file
    seed(
        "CT218",
        InsertLine(SERVER, 'chmod 640 "$conf/server.xml/template"', "envsubst"),
        SERVER,
        "chmod 640",
        (SERVER, "envsubst"),
    ),
    seed(
        "CT218",
        InsertLine(f"{STATION_INIT}/10-state", "date > /srv/state/begun\nmkdir -p /srv/state/begun/today", "test -d"),
        f"{STATION_INIT}/10-state",
        "begun/today",
    ),
    # CT219 start-folder-missing
    seed(
        "CT219",
        InsertLine("station-job/root/usr/local/bin/work", "set -e\ndate > /srv/letters/last", "#!"),
        "station-job/root/usr/local/bin/work",
        "/srv/letters",
    ),
    seed(
        "CT219",
        InsertLine("station-job/root/usr/local/bin/work", "set -e\ncd /srv/drawings", "#!"),
        "station-job/root/usr/local/bin/work",
        "cd /srv/drawings",
    ),
    # CT220 init-value-lost
    seed(
        "CT220",
        InsertLine(
            "station-job/root/usr/local/bin/work",
            'found=0\nls /usr | while read -r one; do\n    found=1\ndone\ntest "$found" = 0 || exit 1',
            "#!",
        ),
        "station-job/root/usr/local/bin/work",
        "found=1",
    ),
    seed(
        "CT220",
        InsertLine(
            f"{STATION_INIT}/10-state",
            'left=0\nprintf "%s\\n" /srv/* | {\n    while read -r one; do left="$one"; done\n}\ntest "$left" = 0 || exit 1',
            "#!",
        ),
        f"{STATION_INIT}/10-state",
        'left="$one"',
    ),
    seed(
        "CT212",
        InsertLine("station-job/root/usr/local/bin/work", 'if [ ! "/srv/$1" ]; then exit 1; fi', "#!"),
        "station-job/root/usr/local/bin/work",
        "/srv/$1",
    ),
)
