"""Programs that write nowhere that matters, and those of which it is known where they write."""

from ..families.read import families
from ..text.spelling import words_of

_BUILTIN = """: . [ [[ (( alias bg break builtin caller cd command continue declare dirs echo enable eval exec
    exit export
    false fc fg getopts hash history jobs let local logout mapfile popd printf pushd pwd read readarray readonly
    return set shift shopt source test times trap true type typeset ulimit umask unalias unset wait time"""
_READING = """cat tac nl head tail more less grep egrep fgrep zgrep rg ag awk gawk mawk nawk cut tr paste join comm uniq
    wc fold fmt column rev expand unexpand od hexdump xxd strings diff cmp file stat ls dir vdir readlink
    realpath basename dirname which whereis md5sum shasum sha1sum sha224sum sha256sum sha384sum sha512sum sum cksum
    b2sum base64 base32 jq yq xmlstarlet xmllint envsubst gettext seq shuf factor bc dc expr date cal sleep
    usleep yes zcat xzcat bzcat zstdcat gpgv gpgconf iconv pr tsort numfmt tput stty tty clear
    reset resize locate tree du df pv zipinfo lsb_release"""
_ASKING = """id whoami who w groups users getent logname hostname hostid uname arch nproc lscpu lsmod lspci lsusb lsof
    fuser ps top pgrep pidof pkill kill killall pstree free uptime dmesg env printenv locale getconf ldd nm
    objdump readelf scanelf xx-info xx-verify lsns mount umount mountpoint findmnt swapon sysctl modprobe
    losetup blkid renice chrt sync"""
_NETWORK = """ping ping6 nc ncat netcat nslookup dig host ip ifconfig route netstat ss iptables ip6tables nft arp telnet
    traceroute ssh-keyscan wait-for-it wait-for-it.sh wait-for socat"""
_PACKAGES = """dpkg-query dpkg-architecture apt-cache apt-mark apt-config apt-list dpkg-divert dpkg-statoverride rpmkeys
    apt-show-versions update-rc.d invoke-rc.d chkconfig systemd-tmpfiles policy-rc.d debconf-set-selections
    debconf"""
_S6 = """s6-svc s6-svwait s6-svok s6-svstat s6-rc s6-rc-db s6-echo s6-true s6-false s6-test s6-sleep s6-pause s6-log
    s6-ls s6-cat s6-hiercopy s6-notifywhenup s6-svscanctl s6-ps logutil-service printcontenv eltest exitcode
    heredoc wait"""
_DESKTOP = """xset xrandr xdpyinfo xrdb xhost xwininfo xprop xdotool wmctrl xsetroot setxkbmap xmodmap
    notify-send zenity
    glxinfo pactl pacmd amixer desktop-file-validate dbus-send gdbus busctl xdg-open"""
_SERVICES = """sv rc-service rc-status crontab at batch logger mysql mysqladmin mysqldump mariadb psql createdb
    createuser
    dropdb pg_isready redis-cli mongo mongosh sqlplus isql ssh-add ssh-agent setcap getcap setfattr getfattr
    getfacl chattr lsattr selinuxenabled restorecon apparmor_parser mktemp flock nohup tini dumb-init
    docker vncpasswd pwgen openssl-version mkpasswd htpasswd uuidgen mcookie sg newgrp stdbuf script
    screen tmux exit-code tzselect javap nvidia-smi ffmpeg-version"""
HARMLESS = frozenset(
    (
        *" ".join((_BUILTIN, _READING, _ASKING, _NETWORK, _PACKAGES, _S6, _DESKTOP, _SERVICES)).split(),
        *families().harmless,
    )
)
"""What these print may still go into a file through a redirection."""

WRITES_BELOW: dict[str, tuple[str, ...]] = {
    "ldconfig": ("/etc/ld.so.cache", "/var/cache/ldconfig"),
    "locale-gen": ("/usr/lib/locale", "/etc/locale.gen"),
    "localedef": ("/usr/lib/locale",),
    "update-locale": ("/etc/default/locale", "/etc/locale.conf"),
    "update-ca-certificates": (
        "/etc/ssl",
        "/etc/ca-certificates",
        "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
    ),
    "update-ca-trust": ("/etc/pki", "/etc/ssl"),
    "c_rehash": ("/etc/ssl", "/usr/lib/ssl"),
    "fc-cache": ("/var/cache/fontconfig", "/usr/share/fonts", "/usr/local/share/fonts"),
    "mkfontscale": ("/usr/share/fonts", "/usr/local/share/fonts"),
    "mkfontdir": ("/usr/share/fonts", "/usr/local/share/fonts"),
    "gtk-update-icon-cache": ("/usr/share/icons", "/usr/local/share/icons"),
    "update-icon-caches": ("/usr/share/icons",),
    "update-desktop-database": ("/usr/share/applications", "/usr/local/share/applications"),
    "update-mime-database": ("/usr/share/mime", "/usr/local/share/mime"),
    "glib-compile-schemas": ("/usr/share/glib-2.0", "/usr/local/share/glib-2.0"),
    "gdk-pixbuf-query-loaders": ("/usr/lib",),
    "add-apt-repository": ("/etc/apt", "/var/lib/apt", "/usr/share/keyrings"),
    "apt-add-repository": ("/etc/apt", "/var/lib/apt", "/usr/share/keyrings"),
    "apt-key": ("/etc/apt", "/usr/share/keyrings"),
    "apt-file": ("/var/cache", "/var/lib"),
    "dpkg-reconfigure": ("/etc", "/var", "/usr"),
    "mandb": ("/var/cache/man",),
    "updatedb": ("/var/lib/mlocate", "/var/lib/plocate"),
    "service": ("/var", "/run"),
    "systemctl": ("/etc/systemd", "/run", "/var"),
    "supervisord": ("/var", "/run", "/tmp"),
    "supervisorctl": ("/var", "/run"),
    "a2enmod": ("/etc/apache2", "/var/lib/apache2"),
    "a2dismod": ("/etc/apache2", "/var/lib/apache2"),
    "a2ensite": ("/etc/apache2", "/var/lib/apache2"),
    "a2dissite": ("/etc/apache2", "/var/lib/apache2"),
    "a2enconf": ("/etc/apache2", "/var/lib/apache2"),
    "a2disconf": ("/etc/apache2", "/var/lib/apache2"),
    "docker-php-ext-install": ("/usr/local", "/usr/src", "/tmp"),
    "docker-php-ext-configure": ("/usr/local", "/usr/src", "/tmp"),
    "docker-php-ext-enable": ("/usr/local",),
    "pecl": ("/usr", "/tmp", "/etc/php"),
    "pear": ("/usr", "/tmp", "/etc/php"),
    "phpenmod": ("/etc/php", "/var/lib/php"),
    "texhash": ("/usr/share", "/var/lib/texmf", "/usr/local"),
    "mktexlsr": ("/usr/share", "/var/lib/texmf", "/usr/local"),
    "fmtutil-sys": ("/var/lib/texmf", "/usr/local"),
    "busybox": ("/bin", "/sbin", "/usr/bin", "/usr/sbin"),
    "mysqld": ("/var", "/run", "/tmp"),
    "mysqld_safe": ("/var", "/run", "/tmp"),
    "mariadbd": ("/var", "/run", "/tmp"),
    "mysql_install_db": ("/var", "/run", "/tmp"),
    "mariadb-install-db": ("/var", "/run", "/tmp"),
    "postgres": ("/var", "/run", "/tmp"),
    "pg_ctl": ("/var", "/run", "/tmp"),
    "pg_ctlcluster": ("/var", "/run", "/tmp", "/etc/postgresql"),
    "nginx": ("/var", "/run", "/tmp"),
    "apache2": ("/var", "/run", "/tmp"),
    "apachectl": ("/var", "/run", "/tmp"),
    "apache2ctl": ("/var", "/run", "/tmp"),
    "httpd": ("/var", "/run", "/tmp"),
    "sshd": ("/var", "/run", "/tmp"),
    "cron": ("/var", "/run", "/tmp"),
    "crond": ("/var", "/run", "/tmp"),
    "rsyslogd": ("/var", "/run", "/tmp"),
    "dbus-daemon": ("/var", "/run", "/tmp"),
    "dbus-uuidgen": ("/var/lib/dbus", "/etc/machine-id"),
    "systemd-machine-id-setup": ("/etc/machine-id",),
    "Xvfb": ("/tmp", "/run", "/var"),
    "Xvnc": ("/tmp", "/run", "/var"),
    "guacd": ("/var", "/run", "/tmp"),
    "haveged": ("/run",),
    "fix-attrs": (),
    "rstudio-server": ("/var", "/run", "/tmp", "/etc/rstudio"),
}
"""Program → the places below which it writes."""

SESSION_PROGRAMS = frozenset(
    words_of("""vncserver tigervncserver Xtigervnc x11vnc startxfce4 xfce4-session startplasma-x11 mate-session
    gnome-session openbox openbox-session fluxbox i3 icewm xfconf-query gsettings dconf dbus-launch
    gconftool-2 kwriteconfig5 xdg-user-dirs-update xdg-mime xdg-settings xdg-desktop-menu xdg-icon-resource
    pulseaudio pipewire firefox chromium google-chrome code gio""")
)
"""Desktop programs: they write below the HOME they run with, and temporary files."""
