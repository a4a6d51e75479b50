"""Seeded defects of s6-rc definitions: CT107 to CT110, CT123 to CT125."""

from seeding import (
    Create,
    Delete,
    DeleteLine,
    InsertLine,
    Mutation,
    Recode,
    Rename,
    Replace,
    seed,
)

STATION_RC = "station/root/etc/s6-overlay/s6-rc.d"
NOTEBOOK_RC = "webtop-notebook/root/etc/s6-overlay/s6-rc.d"
LAB_RC = "station-lab/root/etc/s6-overlay/s6-rc.d"
JOB_RC = "station-job/root/etc/s6-overlay/s6-rc.d"
BEACON_RC = "station-beacon/root/etc/s6-overlay/s6-rc.d"

MUTATIONS: tuple[Mutation, ...] = (
    # CT107 s6-rc-invalid-definition
    seed("CT107", Delete(f"{STATION_RC}/desktop/type"), f"{STATION_RC}/desktop/run"),
    seed("CT107", Delete(f"{LAB_RC}/sampler/run"), f"{LAB_RC}/sampler/type"),
    seed(
        "CT107",
        Rename(f"{STATION_RC}/desktop/dependencies.d/init-cache", f"{STATION_RC}/desktop/dependencies.d/init-cahce"),
        f"{STATION_RC}/desktop/dependencies.d/init-cahce",
    ),
    seed("CT107", Replace(f"{BEACON_RC}/beacon/type", "longrun", "long-run"), f"{BEACON_RC}/beacon/type"),
    seed(
        "CT107",
        Replace(f"{STATION_RC}/desktop-log/notification-fd", "3", "three"),
        f"{STATION_RC}/desktop-log/notification-fd",
    ),
    seed(
        "CT107",
        Create(f"{STATION_RC}/init-cache/dependencies.d/desktop"),
        f"{STATION_RC}/desktop/dependencies.d/init-cache",
    ),
    seed(
        "CT107",
        Rename(f"{NOTEBOOK_RC}/init-notebooks/up", f"{NOTEBOOK_RC}/init-notebooks/run"),
        f"{NOTEBOOK_RC}/init-notebooks/type",
    ),
    seed("CT107", Delete(f"{STATION_RC}/desktop-log/run"), f"{STATION_RC}/desktop-log/type"),
    seed("CT107", Delete(f"{STATION_RC}/desktop-log/consumer-for"), f"{STATION_RC}/desktop/producer-for"),
    seed("CT107", Recode(f"{STATION_RC}/desktop-log/type", "crlf"), f"{STATION_RC}/desktop-log/type"),
    seed(
        "CT107", DeleteLine(f"{STATION_RC}/desktop/producer-for", "desktop-log"), f"{STATION_RC}/desktop/producer-for"
    ),
    seed(
        "CT107",
        Rename(f"{LAB_RC}/init-results/dependencies.d/base", f"{LAB_RC}/init-results/dependencies.d/basis"),
        f"{LAB_RC}/init-results/dependencies.d/basis",
    ),
    seed("CT107", Delete(f"{LAB_RC}/init-results/up"), f"{LAB_RC}/init-results/type"),
    seed(
        "CT107",
        DeleteLine(f"{STATION_RC}/desktop-log/pipeline-name", "desktop-pipeline"),
        f"{STATION_RC}/desktop-log/pipeline-name",
    ),
    # CT108 s6-rc-up-is-a-script
    seed(
        "CT108",
        Replace(f"{JOB_RC}/init-jobs/up", "if { mkdir -p /srv/jobs }\nchown", "mkdir -p /srv/jobs && chown"),
        f"{JOB_RC}/init-jobs/up",
        "&&",
    ),
    seed(
        "CT108",
        InsertLine(f"{STATION_RC}/init-logs/up", "chmod 0750 /var/log/desktop", "install"),
        f"{STATION_RC}/init-logs/up",
        "chmod",
    ),
    # CT109 s6-rc-never-started
    seed("CT109", Delete(f"{LAB_RC}/user/contents.d/sampler"), f"{LAB_RC}/sampler/type"),
    seed(
        "CT109",
        Delete(f"{BEACON_RC}/user"),
        f"{BEACON_RC}/beacon/type",
    ),
    seed(
        "CT109",
        (
            Create(f"{LAB_RC}/sweeper/type", "oneshot\n"),
            Create(f"{LAB_RC}/sweeper/up", "rm -rf /var/cache/station/old\n"),
            Create(f"{LAB_RC}/sweeper/dependencies.d/base"),
        ),
        f"{LAB_RC}/sweeper/type",
    ),
    # CT110 s6-rc-no-base-dependency
    seed("CT110", Delete(f"{STATION_RC}/init-logs/dependencies.d/base"), f"{STATION_RC}/init-logs/type"),
    seed(
        "CT110",
        (
            Create("station-job/root/etc/cont-init.d/10-jobs", "#!/bin/sh\nmkdir -p /srv/jobs\n", 0o755),
            Rename(f"{JOB_RC}/init-jobs/dependencies.d/base", f"{JOB_RC}/init-jobs/dependencies.d/.gitkeep"),
        ),
        f"{JOB_RC}/init-jobs/type",
        "",
        ("station-job/root/etc/cont-init.d/10-jobs", ""),
    ),
    # CT123 s6-rc-up-names-another
    seed(
        "CT123",
        (
            Create(f"{LAB_RC}/init-shelf/type", "oneshot\n"),
            Create(f"{LAB_RC}/init-shelf/up", "/etc/s6-overlay/s6-rc.d/init-shelve/run\n"),
            Create(f"{LAB_RC}/init-shelf/run", "#!/bin/sh\nmkdir -p /srv/shelf\n", 0o755),
            Create(f"{LAB_RC}/init-shelf/dependencies.d/base"),
            Create(f"{LAB_RC}/user/contents.d/init-shelf"),
        ),
        f"{LAB_RC}/init-shelf/up",
        "",
        (f"{LAB_RC}/init-shelf/run", ""),
    ),
    seed(
        "CT123",
        (
            Create(f"{JOB_RC}/init-shelf/type", "oneshot\n"),
            Create(f"{JOB_RC}/init-shelf/up", "/etc/s6-overlay/scripts/shelf\n"),
            Create(f"{JOB_RC}/init-shelf/dependencies.d/base"),
            Create(f"{JOB_RC}/user/contents.d/init-shelf"),
        ),
        f"{JOB_RC}/init-shelf/up",
    ),
    # CT124 s6-rc-not-waited-for
    seed(
        "CT124",
        (
            Create(f"{LAB_RC}/init-sampler/type", "oneshot\n"),
            Create(f"{LAB_RC}/init-sampler/up", "/etc/s6-overlay/s6-rc.d/init-sampler/run\n"),
            Create(f"{LAB_RC}/init-sampler/run", "#!/bin/sh\nmkdir -p /srv/samples\n", 0o755),
            Create(f"{LAB_RC}/init-sampler/dependencies.d/base"),
            Create(f"{LAB_RC}/user/contents.d/init-sampler"),
            Replace(f"{LAB_RC}/sampler/run", "/usr/local/bin/sampler", "/usr/local/bin/sampler --into /srv/samples"),
        ),
        f"{LAB_RC}/init-sampler/type",
        "",
        (f"{LAB_RC}/sampler/type", ""),
    ),
    seed(
        "CT124",
        (
            Create(f"{STATION_RC}/desktop-setup/type", "oneshot\n"),
            Create(f"{STATION_RC}/desktop-setup/up", "/etc/s6-overlay/s6-rc.d/desktop-setup/run\n"),
            Create(f"{STATION_RC}/desktop-setup/run", "#!/bin/sh\ninstall -d /srv/desktop\n", 0o755),
            Create(f"{STATION_RC}/desktop-setup/dependencies.d/base"),
            Create(f"{STATION_RC}/user/contents.d/desktop-setup"),
        ),
        f"{STATION_RC}/desktop-setup/type",
    ),
    # CT125 s6-rc-file-ignored
    seed("CT125", Create(f"{LAB_RC}/sampler/down"), f"{LAB_RC}/sampler/down"),
    seed("CT125", Create(f"{STATION_RC}/desktop/depends.d/base"), f"{STATION_RC}/desktop/depends.d/base"),
    seed(
        "CT125",
        (
            Create(f"{LAB_RC}/sampler/settings.sh", "#!/bin/sh\nunits=kelvin\n", 0o755),
            InsertLine(f"{LAB_RC}/sampler/run", ". ./settings.sh", "/usr/local/bin/sampler"),
        ),
        f"{LAB_RC}/sampler/run",
        "./settings.sh",
    ),
    # CT127 s6-rc-never-ready
    seed(
        "CT127",
        Replace(f"{STATION_RC}/desktop-log/run", "s6-log -b -d3 n20", "s6-log -b n20"),
        f"{STATION_RC}/desktop-log/notification-fd",
    ),
    seed(
        "CT127",
        Create(f"{STATION_RC}/desktop/notification-fd", "3\n"),
        f"{STATION_RC}/desktop/notification-fd",
    ),
)
