"""Seeded defects of Desktop launchers: CT401 to CT410."""

from seeding import (
    Chmod,
    Create,
    Delete,
    DeleteLine,
    InsertLine,
    MoveLine,
    Mutation,
    Rename,
    Replace,
    seed,
)

INIT = "cloudtop/root/etc/cont-init.d"
ACCOUNT = f"{INIT}/40-tigervnc.sh"
LAUNCHERS = f"{INIT}/45-desktop.sh"
FIREFOX = "cloudtop/src/xfce/Desktop/firefox.desktop"
IMAGING = "cloudtop-imaging/Dockerfile"
IMAGING_INIT = "cloudtop-imaging/root/etc/cont-init.d/50-imaging.sh"
IMAGEJ = "cloudtop-imaging/launchers/imagej.desktop"
NAPARI = "cloudtop-imaging/launchers/napari.desktop"
VIEWER = "cloudtop-viewer/Dockerfile"
VIEWER_INIT = "cloudtop-viewer/root/etc/cont-init.d/60-viewer.sh"
VIEWER_LAUNCHER = "cloudtop-viewer/src/xfce/Desktop/viewer.desktop"
OCTAVE_INIT = "cloudtop-octave/generated/50-octave-desktop.sh"
STATION = "station/Dockerfile"
STATION_INIT = "station/root/etc/cont-init.d"
PROCESSES = "station/root/opt/station/processes.desktop"
LINKS = "webtop-octave/root/helx/octave-desktop-link.sh"
OCTAVE_LAUNCHER = "webtop-octave/root/helx/octave.desktop"

MUTATIONS: tuple[Mutation, ...] = (
    # CT401 launcher-not-staged
    seed(
        "CT401",
        (
            Replace(VIEWER, "/config/Desktop/", "/home/viewer/Desktop/"),
            Delete(VIEWER_INIT),
        ),
        VIEWER,
        "/home/viewer/Desktop/",
        (ACCOUNT, "|| useradd"),
    ),
    seed(
        "CT401",
        Create(
            "station-lab/root/home/lab/.config/autostart/lab.desktop",
            "[Desktop Entry]\nType=Application\nName=Lab\nExec=xterm\n",
            0o755,
        ),
        "station-lab/root/home/lab/.config/autostart/lab.desktop",
    ),
    # CT402 launcher-never-copied
    seed("CT402", Replace(IMAGING_INIT, "for name in imagej napari", "for name in imagej"), NAPARI),
    seed("CT402", Rename(f"{STATION_INIT}/30-launchers", f"{STATION_INIT}/.30-launchers"), PROCESSES),
    seed(
        "CT402",
        DeleteLine("cloudtop-octave/Docker.octave", "50-octave-desktop.sh"),
        "cloudtop-octave/generated/octave.desktop",
    ),
    seed("CT402", DeleteLine(VIEWER_INIT, "cp /config"), VIEWER_LAUNCHER),
    # CT403 launcher-source-missing
    seed(
        "CT403",
        Rename(FIREFOX, "cloudtop/src/xfce/Desktop/Firefox.desktop"),
        LAUNCHERS,
        "cp /headless/Desktop/firefox.desktop",
    ),
    seed(
        "CT403",
        Replace(LINKS, "ln -sfn /helx/octave.desktop", "ln -sfn /helx/Octave.desktop"),
        LINKS,
        "ln -sfn",
    ),
    seed("CT403", Delete(IMAGEJ), IMAGING_INIT, "cp "),
    seed("CT403", Rename(IMAGEJ, "cloudtop-imaging/launchers/image-j.desktop"), IMAGING_INIT, "cp "),
    seed("CT403", DeleteLine(IMAGING, "COPY launchers/"), IMAGING_INIT, "cp "),
    # CT404 launcher-before-account
    seed("CT404", Rename(LAUNCHERS, f"{INIT}/35-desktop.sh"), f"{INIT}/35-desktop.sh", "cp /headless/Desktop"),
    seed("CT404", DeleteLine(f"{STATION_INIT}/30-launchers", "mkdir -p"), f"{STATION_INIT}/30-launchers", "cp "),
    seed(
        "CT404",
        Rename(f"{STATION_INIT}/30-launchers", f"{STATION_INIT}/15-launchers"),
        f"{STATION_INIT}/15-launchers",
        "cp ",
    ),
    seed(
        "CT404",
        Rename(ACCOUNT, f"{INIT}/90-tigervnc.sh"),
        LAUNCHERS,
        "cp /headless/Desktop",
        (f"{INIT}/90-tigervnc.sh", "|| useradd"),
    ),
    # CT405 launcher-owner
    seed("CT405", DeleteLine(LAUNCHERS, 'chown -R "$USER_NAME:" "$desktop"'), LAUNCHERS, "cp /headless/Desktop"),
    seed("CT405", DeleteLine(OCTAVE_INIT, "chown"), OCTAVE_INIT, "cp "),
    seed("CT405", MoveLine(f"{STATION_INIT}/30-launchers", "chown", "desktop="), f"{STATION_INIT}/30-launchers", "cp "),
    # CT406 launcher-overwrites
    seed(
        "CT406",
        Replace(VIEWER_INIT, 'if [ ! -d "$autostart" ]; then', "if [ -d /config/Desktop ]; then"),
        VIEWER_INIT,
        "cp ",
    ),
    seed(
        "CT406",
        Replace(OCTAVE_INIT, '[ ! -f "$icons/octave.desktop" ]', '[ ! -d "$icons/octave.desktop" ]'),
        OCTAVE_INIT,
        "cp ",
    ),
    seed(
        "CT406",
        Replace(LINKS, "ln -sfn /helx/octave.desktop", "cp /helx/octave.desktop"),
        LINKS,
        "cp ",
    ),
    # CT407 launcher-dangling-link
    seed("CT407", Replace(LINKS, "ln -sfn", "ln -s"), LINKS, "ln -s"),
    seed(
        "CT407",
        Replace(LINKS, "    ln -sfn", '    [ -e "$place/octave.desktop" ] || ln -s'),
        LINKS,
        "ln -s",
    ),
    # CT408 launcher-invalid
    seed("CT408", DeleteLine(FIREFOX, "Name=Firefox"), FIREFOX, "[Desktop Entry]"),
    seed("CT408", Replace(IMAGEJ, "Exec=/usr/local/bin/imagej %f", 'Exec=/usr/local/bin/imagej "%f'), IMAGEJ, "Exec="),
    seed("CT408", Replace(OCTAVE_LAUNCHER, "Terminal=false", "Terminal=no"), OCTAVE_LAUNCHER, "Terminal"),
    seed("CT408", Replace(PROCESSES, "[Desktop Entry]", "[Desktop entry]"), PROCESSES, "[Desktop entry]"),
    # CT409 launcher-not-executable
    seed("CT409", Chmod(NAPARI, 0o644), NAPARI),
    seed("CT409", Chmod(OCTAVE_LAUNCHER, 0o644), OCTAVE_LAUNCHER),
    seed("CT409", InsertLine(STATION, "RUN chmod 0644 /opt/station/processes.desktop", "COPY --chmod"), PROCESSES),
    # CT410 launcher-target-missing
    seed("CT410", Replace(PROCESSES, "/usr/local/bin/processes", "/usr/local/bin/process"), PROCESSES, "Exec"),
    seed(
        "CT410",
        Rename("station/root/opt/station/processes.svg", "station/root/opt/station/process.svg"),
        PROCESSES,
        "Icon",
    ),
    seed("CT410", Chmod("station/root/usr/local/bin/processes", 0o644), PROCESSES, "Exec"),
    seed("CT410", Replace(IMAGEJ, "/usr/local/bin/imagej", "/opt/imagej-1.54/imagej"), IMAGEJ, "Exec"),
)
