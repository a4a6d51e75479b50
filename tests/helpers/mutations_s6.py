"""Seeded defects of the s6 layout: CT101 to CT106 and CT111 to CT128."""

from seeding import (
    Chmod,
    Create,
    Delete,
    DeleteLine,
    Duplicate,
    InsertLine,
    Mutation,
    Recode,
    Rename,
    Replace,
    seed,
)

DESKTOP = "cloudtop/Dockerfile"
VIEWER = "cloudtop-viewer/Dockerfile"
AGENT = "cloudtop-agent/Dockerfile"
INIT = "cloudtop/root/etc/cont-init.d"
SERVICES = "cloudtop/root/etc/services.d"
IMAGING_INIT = "cloudtop-imaging/root/etc/cont-init.d/50-imaging.sh"
STATION = "station/Dockerfile"
STATION_INIT = "station/root/etc/cont-init.d"
STATION_SERVICES = "station/root/etc/services.d"
STATION_RC = "station/root/etc/s6-overlay/s6-rc.d"
NOTEBOOK_RC = "webtop-notebook/root/etc/s6-overlay/s6-rc.d"
LAB_RC = "station-lab/root/etc/s6-overlay/s6-rc.d"
BEACON = "station-beacon/Dockerfile"
BEACON_RC = "station-beacon/root/etc/s6-overlay/s6-rc.d"

MUTATIONS: tuple[Mutation, ...] = (
    # CT101 s6-dead-directory
    seed(
        "CT101",
        Rename(f"{INIT}/20-server.sh", "cloudtop/root/etc/cont-init/20-server.sh"),
        "cloudtop/root/etc/cont-init/20-server.sh",
    ),
    seed(
        "CT101",
        Rename(f"{INIT}/40-tigervnc.sh", f"{INIT}/account/40-tigervnc.sh"),
        f"{INIT}/account/40-tigervnc.sh",
    ),
    seed(
        "CT101",
        Rename(
            "cloudtop-agent/root/etc/services.d/heartbeat",
            "cloudtop-agent/root/etc/s6-overlay/s6-rc.d/heartbeat",
        ),
        "cloudtop-agent/root/etc/s6-overlay/s6-rc.d/heartbeat/run",
    ),
    seed(
        "CT101",
        Rename(STATION_INIT, "station/root/etc/s6-overlay/cont-init.d"),
        "station/root/etc/s6-overlay/cont-init.d/10-state",
    ),
    seed(
        "CT101",
        Rename(STATION_SERVICES, "station/root/etc/service.d"),
        "station/root/etc/service.d/heartbeat/run",
    ),
    seed(
        "CT101",
        Rename(f"{INIT}/45-desktop.sh", "cloudtop/root/etc/cont-int.d/45-desktop.sh"),
        "cloudtop/root/etc/cont-int.d/45-desktop.sh",
    ),
    seed(
        "CT101",
        Rename(IMAGING_INIT, IMAGING_INIT.replace("cont-init.d", "cont-init.d/desktop")),
        IMAGING_INIT.replace("cont-init.d", "cont-init.d/desktop"),
    ),
    # CT102 s6-overlay-not-copied
    seed("CT102", DeleteLine(AGENT, "COPY root/ /"), "cloudtop-agent/root/etc/cont-init.d/10-report"),
    seed(
        "CT102",
        Replace("cloudtop-viewer/Dockerfile", "COPY root/ /", "COPY root/etc/nginx/ /etc/nginx/"),
        "cloudtop-viewer/root/etc/cont-init.d/60-viewer.sh",
    ),
    seed(
        "CT102",
        DeleteLine("station-lab/Dockerfile", "COPY root/ /"),
        "station-lab/root/etc/s6-overlay/s6-rc.d/init-results/up",
    ),
    seed("CT102", Replace("cloudtop-imaging/Dockerfile", "COPY root/ /", "COPY root/opt/ /opt/"), IMAGING_INIT),
    seed("CT102", DeleteLine(DESKTOP, "COPY root/ /"), f"{INIT}/10-state.sh"),
    seed("CT102", DeleteLine(STATION, "COPY root/ /"), f"{STATION_INIT}/10-state"),
    seed(
        "CT102",
        DeleteLine("webtop-base/Dockerfile", "COPY root/ /"),
        "webtop-base/root/etc/s6-overlay/s6-rc.d/init-adduser/run",
    ),
    # CT103 s6-service-without-run
    seed("CT103", Rename(f"{SERVICES}/tigervnc/run", f"{SERVICES}/tigervnc/start"), f"{SERVICES}/tigervnc/start"),
    seed("CT103", Rename(f"{SERVICES}/guacd/run", f"{SERVICES}/guacd/run.sh"), f"{SERVICES}/guacd/finish"),
    seed("CT103", Delete(f"{STATION_SERVICES}/heartbeat/run"), f"{STATION_SERVICES}/heartbeat/finish"),
    # CT104 s6-not-executable
    seed("CT104", Chmod(f"{STATION_INIT}/10-state", 0o644), f"{STATION_INIT}/10-state"),
    seed("CT104", Chmod(f"{STATION_SERVICES}/heartbeat/run", 0o640), f"{STATION_SERVICES}/heartbeat/run"),
    seed(
        "CT104",
        (
            Replace(STATION, "--chmod=0755 tools/", "--chmod=0755 tools/station-healthy"),
            InsertLine(STATION, "COPY tools/heartbeat /usr/local/bin/", "COPY --chmod"),
        ),
        "station/tools/heartbeat",
        "",
        (f"{STATION_SERVICES}/heartbeat/run", "/usr/local/bin/heartbeat"),
    ),
    seed(
        "CT104",
        Chmod("webtop-base/root/etc/s6-overlay/s6-rc.d/init-adduser/run", 0o644),
        "webtop-base/root/etc/s6-overlay/s6-rc.d/init-adduser/run",
    ),
    seed(
        "CT104",
        Chmod("cloudtop-viewer/root/usr/local/lib/viewer/prepare", 0o644),
        "cloudtop-viewer/root/usr/local/lib/viewer/prepare",
        "",
        ("cloudtop-viewer/root/etc/services.d/viewer/run", "/usr/local/lib/viewer/prepare"),
    ),
    # CT105 s6-bad-shebang
    seed("CT105", Recode(f"{INIT}/45-desktop.sh", "crlf"), f"{INIT}/45-desktop.sh"),
    seed("CT105", Recode(f"{SERVICES}/guacd/run", "bom"), f"{SERVICES}/guacd/run"),
    seed(
        "CT105",
        Replace(f"{INIT}/40-tigervnc.sh", "#!/usr/bin/with-contenv sh\nset -e", "#!/usr/bin/with-contenv sh -e"),
        f"{INIT}/40-tigervnc.sh",
    ),
    seed(
        "CT105",
        Replace(f"{STATION_INIT}/20-account", "#!/command/with-contenv", "#!/usr/bin/with-contenv"),
        f"{STATION_INIT}/20-account",
    ),
    seed("CT105", DeleteLine(f"{STATION_RC}/desktop-log/run", "#!/bin/sh"), f"{STATION_RC}/desktop-log/run"),
    seed(
        "CT105",
        Replace(f"{SERVICES}/tigervnc/run", "#!/usr/bin/with-contenv", "#!/command/with-contenv"),
        f"{SERVICES}/tigervnc/run",
    ),
    seed("CT105", DeleteLine(f"{INIT}/40-tigervnc.sh", "#!"), f"{INIT}/40-tigervnc.sh"),
    seed("CT105", Recode(f"{INIT}/40-tigervnc.sh", "crlf"), f"{INIT}/40-tigervnc.sh"),
    seed("CT105", DeleteLine(f"{LAB_RC}/sampler/run", "#!"), f"{LAB_RC}/sampler/run"),
    # CT106 s6-tool-by-absolute-path
    seed(
        "CT106",
        Replace(f"{STATION_SERVICES}/heartbeat/run", "exec s6-setuidgid", "exec /bin/s6-setuidgid"),
        f"{STATION_SERVICES}/heartbeat/run",
        "/bin/s6-setuidgid",
    ),
    seed(
        "CT106",
        InsertLine(f"{STATION_INIT}/10-state", "/usr/bin/s6-hiercopy /etc/skel /srv/state", "test -d"),
        f"{STATION_INIT}/10-state",
        "/usr/bin/s6-hiercopy",
    ),
    # CT111 s6-run-without-exec
    seed(
        "CT111",
        Replace(f"{SERVICES}/guacamole/run", "exec s6-setuidgid", "s6-setuidgid"),
        f"{SERVICES}/guacamole/run",
        "catalina.sh",
    ),
    seed(
        "CT111",
        Replace(f"{LAB_RC}/sampler/run", "exec s6-setuidgid", 'echo "sampling"\ns6-setuidgid'),
        f"{LAB_RC}/sampler/run",
        "s6-setuidgid",
    ),
    # CT112 s6-run-exits
    seed(
        "CT112",
        Replace("cloudtop-viewer/root/etc/services.d/viewer/run", " -g 'daemon off;'", ""),
        "cloudtop-viewer/root/etc/services.d/viewer/run",
        "exec nginx",
    ),
    seed(
        "CT112",
        Replace(
            f"{STATION_SERVICES}/heartbeat/run",
            "exec s6-setuidgid nobody /usr/local/bin/heartbeat",
            "s6-setuidgid nobody /usr/local/bin/heartbeat &",
        ),
        f"{STATION_SERVICES}/heartbeat/run",
        "heartbeat &",
    ),
    seed(
        "CT112",
        DeleteLine(f"{SERVICES}/guacamole/run", "exec s6-setuidgid"),
        f"{SERVICES}/guacamole/run",
        "cd ",
    ),
    seed("CT112", DeleteLine(f"{BEACON_RC}/beacon/run", "exec"), f"{BEACON_RC}/beacon/run"),
    seed("CT112", DeleteLine(f"{NOTEBOOK_RC}/svc-notebook/run", "exec"), f"{NOTEBOOK_RC}/svc-notebook/run", "cd "),
    # CT113 s6-unsupervised-daemon
    seed(
        "CT113",
        InsertLine(f"{INIT}/20-server.sh", "service mariadb start", "server.xml.template"),
        f"{INIT}/20-server.sh",
        "mariadb",
    ),
    seed(
        "CT113",
        (
            InsertLine(f"{STATION_INIT}/10-state", "/usr/local/bin/heartbeat &", "test -d"),
            Delete(f"{STATION_SERVICES}/heartbeat"),
        ),
        f"{STATION_INIT}/10-state",
        "heartbeat &",
    ),
    # CT114 s6-init-blocks
    seed(
        "CT114",
        InsertLine(f"{INIT}/20-server.sh", 'tail -f "$conf/server.xml"', "grep -q"),
        f"{INIT}/20-server.sh",
        "tail -f",
    ),
    seed(
        "CT114",
        InsertLine("webtop-notebook/root/usr/local/bin/prepare-notebooks", "sleep infinity", "install -d"),
        "webtop-notebook/root/usr/local/bin/prepare-notebooks",
        "sleep infinity",
    ),
    seed(
        "CT114",
        Rename(
            "cloudtop-viewer/root/etc/services.d/viewer/run", "cloudtop-viewer/root/etc/cont-init.d/70-viewer-server.sh"
        ),
        "cloudtop-viewer/root/etc/cont-init.d/70-viewer-server.sh",
        "exec nginx",
    ),
    # CT115 s6-install-breaks-merged-usr
    seed("CT115", Replace(DESKTOP, "tar --exclude=./bin -xzf", "tar -xzf"), DESKTOP, "RUN tar -xzf"),
    seed(
        "CT115",
        (
            Replace(AGENT, "RUN tar --exclude=./bin -xzf", "RUN tar -xzf"),
            DeleteLine(AGENT, "-C /usr ./bin"),
        ),
        AGENT,
        "RUN tar -xzf",
    ),
    # CT116 s6-install-mismatch
    seed(
        "CT116",
        Replace(
            BEACON, "ADD --checksum=sha256:10638765ccde2347547858e1bbcd59a785f5145754033833501bdca3c4b657de", "ADD"
        ),
        BEACON,
        "ADD https:",
    ),
    seed(
        "CT116",
        Replace(BEACON, "v3.2.1.0/s6-overlay-x86_64", "v3.1.6.2/s6-overlay-x86_64"),
        BEACON,
        "v3.1.6.2",
        (BEACON, "v3.2.1.0"),
    ),
    seed(
        "CT116",
        (Replace(BEACON, "FROM debian", "FROM --platform=linux/arm64 debian"),),
        BEACON,
        "ADD --checksum=sha256:1063",
    ),
    seed("CT116", DeleteLine(STATION, "tar -C / -Jxpf /tmp/s6-overlay-x86_64"), STATION, "noarch.tar.xz /tmp/"),
    seed(
        "CT116",
        DeleteLine("station-job/Dockerfile", "-Jxpf s6-overlay-x86_64"),
        "station-job/Dockerfile",
        "}/s6-overlay-noarch",
    ),
    # CT117 s6-name-in-both
    seed(
        "CT117",
        Rename(f"{STATION_SERVICES}/heartbeat", f"{STATION_SERVICES}/desktop"),
        f"{STATION_SERVICES}/desktop/run",
        "",
        (f"{STATION_RC}/desktop/type", ""),
    ),
    seed(
        "CT117",
        Create(
            "station-lab/root/etc/services.d/sampler/run",
            "#!/bin/sh\nexec s6-setuidgid nobody /usr/local/bin/sampler\n",
            0o755,
        ),
        "station-lab/root/etc/services.d/sampler/run",
    ),
    # CT118 s6-root-runs-writable
    seed(
        "CT118",
        InsertLine(VIEWER, "RUN chmod 0777 /usr/local/lib/viewer/prepare", "COPY root/ /"),
        VIEWER,
        "chmod 0777",
        ("cloudtop-viewer/root/etc/services.d/viewer/run", "/usr/local/lib/viewer/prepare"),
    ),
    seed("CT118", Replace(AGENT, "COPY root/ /", "COPY --chown=nobody root/ /"), AGENT, "COPY --chown"),
    # CT119 s6-name-with-blank
    seed(
        "CT119",
        Rename(f"{STATION_INIT}/30-launchers", f"{STATION_INIT}/30 launchers"),
        f"{STATION_INIT}/30 launchers",
    ),
    seed(
        "CT119",
        Rename(f"{STATION_SERVICES}/heartbeat", f"{STATION_SERVICES}/heart beat"),
        f"{STATION_SERVICES}/heart beat/run",
    ),
    seed(
        "CT119",
        Create("station-lab/root/etc/cont-finish.d/90 results", "#!/bin/sh\nrm -rf /var/cache/station/old\n", 0o755),
        "station-lab/root/etc/cont-finish.d/90 results",
    ),
    # CT120 s6-gone-in-v3
    seed(
        "CT120",
        Replace(f"{STATION_INIT}/10-state", "test -d /srv/state ||", "s6-test -d /srv/state ||"),
        f"{STATION_INIT}/10-state",
        "s6-test",
    ),
    seed(
        "CT120",
        Replace(
            f"{STATION_SERVICES}/heartbeat/finish",
            "rm -f /run/station/alive",
            "s6-svscanctl -t /var/run/s6/services",
        ),
        f"{STATION_SERVICES}/heartbeat/finish",
        "s6-svscanctl",
    ),
    seed(
        "CT120",
        (
            Create("station/root/etc/fix-attrs.d/10-data", "/srv/data true nobody 0644 0755\n"),
            Create("station/root/srv/data/first", "1\n"),
            Create("station/root/srv/data/second", "2\n"),
        ),
        "station/root/etc/fix-attrs.d/10-data",
    ),
    # CT121 s6-user-bundle-place
    seed(
        "CT121",
        Rename(f"{BEACON_RC}/user", "station-beacon/root/etc/s6-overlay/user-bundles.d/user"),
        "station-beacon/root/etc/s6-overlay/user-bundles.d/user/contents.d/beacon",
    ),
    seed(
        "CT121",
        Duplicate(f"{STATION_RC}/user/contents.d/init-cache", f"{STATION_RC}/user/contents"),
        f"{STATION_RC}/user/contents",
    ),
    # CT122 s6-stage2-policy
    seed(
        "CT122",
        DeleteLine(DESKTOP, "S6_BEHAVIOUR_IF_STAGE2_FAILS"),
        f"{INIT}/40-tigervnc.sh",
        "useradd",
    ),
    seed("CT122", Replace(DESKTOP, "STAGE2_FAILS=2", "STAGE2_FAILS=1"), DESKTOP, "STAGE2_FAILS=1"),
    seed("CT122", Replace(STATION, "STAGE2_FAILS=2", "STAGE2_FAILS=0"), f"{STATION_INIT}/20-account", "useradd"),
    seed("CT101", Replace(AGENT, "COPY root/ /", "COPY root/ /root/"), AGENT, "COPY root/"),
    # CT126 s6-link-to-nothing
    seed(
        "CT126",
        InsertLine(AGENT, "RUN ln -s /usr/local/bin/agent-notes /etc/cont-init.d/20-notes", "COPY root/"),
        AGENT,
        "agent-notes",
    ),
    seed(
        "CT126",
        InsertLine(STATION, "RUN ln -s /srv/services/extra /etc/services.d/extra", "COPY root/"),
        STATION,
        "services/extra",
    ),
    # CT128 s6-logger-without-directory
    seed(
        "CT128",
        Create(
            "cloudtop-agent/root/etc/services.d/heartbeat/log/run", "#!/bin/sh\nexec s6-log n5 /srv/logs/heartbeat\n"
        ),
        "cloudtop-agent/root/etc/services.d/heartbeat/log/run",
        "s6-log",
    ),
    seed(
        "CT128",
        Replace(f"{STATION_RC}/init-logs/up", "/var/log/desktop", "/var/log/desktops"),
        f"{STATION_RC}/desktop-log/run",
        "s6-log",
    ),
)
