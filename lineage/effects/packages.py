"""Effects of package managers and build tools: what they install cannot be listed, but they leave some places alone."""

from collections.abc import Callable, Iterator, Sequence

from ..commands.model import Word
from ..late.patterns import pattern
from ..text.spelling import words_of
from ..text.symbolic import Text
from ..text.symbolic_paths import join
from .model import Effect, InstallPackages, Link, Unpack, Write
from .operation import Operation, SplitOptions
from .places import IMAGE_PLACES, S6_PLACES

_APT_SHORT = "ctoqa"
_APT_LONG = ("--target-release", "--option", "--config-file", "--default-release", "--host-architecture")
_DISTRIBUTION = (
    *IMAGE_PLACES,
    *(f"/usr/local/{name}" for name in ("bin", "sbin", "etc", "games", "include", "src", "share/applications")),
    "/srv",
)
"""Distribution packages do not put files here either (Debian policy 9.1.2, FHS); below /usr/local/lib and /usr/local/share
they make empty directories (fonts, ca-certificates, python3)."""
_PACKAGED = ("/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/run", "/sbin", "/usr", "/var")
"""Where distribution packages put files (FHS 3.0; those of other vendors below /opt)."""
MAKES_ACCOUNTS = pattern(r"useradd|adduser|newusers|sysusers|/etc/passwd")
"""What a text says that makes accounts."""
_FOR_ACCOUNTS = pattern(r"(?i)user|account|setup|provision|group")
_BEFORE_VERSION = pattern(r"([^=<>~!@\[]+)[=<>~!@\[]")
_LANGUAGE = (*IMAGE_PLACES, "/etc", "/srv")
_PIP_SHORT, _PIP_LONG = (
    "rctief",
    tuple(
        words_of("""--requirement --constraint --target --index-url --extra-index-url --find-links --prefix --root
            --src --trusted-host --platform --python-version --timeout --retries --no-binary
            --only-binary --upgrade-strategy --global-option --install-option --config-settings
            --proxy --cache-dir --editable --progress-bar --log --python""")
    ),
)


def _installed(
    operation: Operation,
    packages: Sequence[Word],
    spares: tuple[str, ...],
    *,
    removes: bool = False,
    below: Sequence[Text | str] = ("/",),
    touches: Sequence[Text] = (),
    manager: str = "",
    system: bool = False,
) -> Iterator[Effect]:
    """What an installation does; `system`: a language's packages go where those of the distribution do, and nowhere else."""
    manager = manager or operation.does
    of_system = (spares is _DISTRIBUTION and tuple(below) == ("/",)) or system
    names = tuple(word.text for word in packages)
    word = packages[0] if packages else None
    yield operation.make(InstallPackages, word, manager=manager, packages=names, removes=removes)
    if any("s6" in (package_name(name) or "s6") for name in names) and not removes:
        spares = tuple(spare for spare in spares if spare not in S6_PLACES)
    elif spares is _DISTRIBUTION and tuple(below) == ("/",):
        below = _PACKAGED
    does = f"removes packages with {manager}" if removes else f"installs packages with {manager}"
    by = "packages" if of_system and not removes else None
    yield operation.opens(does, below, spares, touches=touches, may_remove=removes, by=by)


def package_name(word: Text) -> str | None:
    """The name in a package's word (`deluge==$VERSION` is deluge); None where it hangs on a variable."""
    if word.literal is not None:
        return word.literal
    name = _BEFORE_VERSION.match(word.prefix)
    return name[1] if name else None


def _apt(operation: Operation) -> Iterator[Effect]:
    options = operation.options(_APT_SHORT, _APT_LONG)
    if not options.operands or options.has("-s", "--simulate", "--dry-run", "--print-uris", "--download-only", "-d"):
        return
    action, *packages = options.operands
    name = action.literal
    if name in ("install", "build-dep", "upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade", "reinstall"):
        kept = [word for word in packages if not (word.literal or "").endswith("-")]
        yield from _installed(operation, kept, _DISTRIBUTION)
    elif name in ("remove", "purge", "autoremove", "autopurge"):
        yield from _installed(operation, packages, _DISTRIBUTION, removes=True)
    elif name in ("source", "download"):
        yield operation.opens("fetches packages there", (operation.command.directory,))
    elif name is None:
        yield from _installed(operation, packages, _DISTRIBUTION)


def _dpkg(operation: Operation) -> Iterator[Effect]:
    options = operation.options("", ("--instdir", "--root", "--admindir"))
    if options.has("-x", "-X", "--extract", "--vextract", "-R") and not options.has("-i", "--install"):
        if len(options.operands) == 2:
            archive, into = options.operands
            path = operation.path(archive)
            url = operation.downloads.get(path.literal or "")
            yield operation.make(Unpack, archive, archive=path, into=operation.path(into), url=url)
        return
    root = options.text("--root", "--instdir")
    below: Sequence[Text | str] = (root,) if root is not None else ("/",)
    if options.has("-i", "--install", "--unpack"):
        yield from _installed(operation, options.operands, _DISTRIBUTION, below=below)
    elif options.has("--configure"):
        yield from _installed(operation, (), _DISTRIBUTION)
    elif options.has("-r", "-P", "--remove", "--purge"):
        yield from _installed(operation, options.operands, _DISTRIBUTION, removes=True)


def _apk(operation: Operation) -> Iterator[Effect]:
    options = operation.options(
        "tXp", ("--virtual", "--repository", "--root", "--repositories-file", "--arch", "--keys-dir")
    )
    if not options.operands:
        return
    action, *packages = options.operands
    root = options.text("-p", "--root")
    below: Sequence[Text | str] = (root,) if root is not None else ("/",)
    if action.literal in ("add", "upgrade", "fix"):
        yield from _installed(operation, packages, _DISTRIBUTION, below=below)
    elif action.literal == "del":
        yield from _installed(operation, packages, _DISTRIBUTION, removes=True, below=below)
    elif action.literal == "fetch":
        yield operation.opens("fetches packages there", (operation.command.directory,))


def _dnf(operation: Operation) -> Iterator[Effect]:
    long = (
        "--enablerepo",
        "--disablerepo",
        "--setopt",
        "--installroot",
        "--root",
        "--releasever",
        "--repo",
        "--from",
        "--exclude",
    )
    options = operation.options("cRdexp" if operation.does != "zypper" else "prtR", long)
    if not options.operands:
        return
    action, *packages = options.operands
    root = options.text("--installroot", "--root", "-R")
    below: Sequence[Text | str] = (root,) if root is not None else ("/",)
    name = action.literal or ""
    if name in ("remove", "erase", "autoremove", "rm"):
        yield from _installed(operation, packages, _DISTRIBUTION, removes=True, below=below)
    elif name in (
        "install",
        "in",
        "update",
        "upgrade",
        "up",
        "dup",
        "reinstall",
        "swap",
        "distro-sync",
        "builddep",
    ) or (name.startswith(("local", "group")) and name.endswith(("install", "update"))):
        yield from _installed(operation, packages, _DISTRIBUTION, below=below)
    elif name in ("group", "module") and any(word.literal in ("install", "enable") for word in packages):
        yield from _installed(operation, packages[1:], _DISTRIBUTION, below=below)


def _rpm(operation: Operation) -> Iterator[Effect]:
    options = operation.options("", ("--root", "--prefix", "--dbpath"))
    if options.has("-q", "--query", "-V", "--import", "-K", "--checksig"):
        return
    root = options.text("--root", "--prefix")
    below: Sequence[Text | str] = (root,) if root is not None else ("/",)
    if any((word.text.canonical).endswith((".src.rpm", ".nosrc.rpm")) for word in options.operands):
        yield operation.opens("unpacks a source package there", (operation.home() + "/rpmbuild", "/usr/src"))
    elif options.has("-i", "-U", "-F", "--install", "--upgrade", "--freshen"):
        yield from _installed(operation, options.operands, _DISTRIBUTION, below=below)
    elif options.has("-e", "--erase"):
        yield from _installed(operation, options.operands, _DISTRIBUTION, removes=True)


def _pacman(operation: Operation) -> Iterator[Effect]:
    options = operation.options("br", ("--root", "--dbpath"))
    root = options.text("-r", "--root")
    below: Sequence[Text | str] = (root,) if root is not None else ("/",)
    if options.has("-S", "-U") and options.operands:
        yield from _installed(operation, options.operands, _DISTRIBUTION, below=below)
    elif options.has("-R"):
        yield from _installed(operation, options.operands, _DISTRIBUTION, removes=True)


def _brew(operation: Operation) -> Iterator[Effect]:
    operands = operation.options().operands
    if operands and operands[0].literal in ("install", "add", "update", "upgrade"):
        yield from _installed(operation, operands[1:], IMAGE_PLACES)


def _program_place(operation: Operation) -> list[Text]:
    """The directory of a program that is run by its path: a virtual environment's pip writes beside itself."""
    program = operation.command.argv[0].text
    if "/" not in program.canonical:
        return []
    return [operation.path(Text.of(operation.path(program), "/../.."))]


def _own_places(operation: Operation) -> Sequence[Text]:
    """Where a user's own programs are put: below the home, whichever that is."""
    home = operation.home()
    return (home + "/.local",) if home.prefix.startswith("/") else (Text.of("/root"), Text.of("/home"))


def _is_sent_elsewhere(operation: Operation) -> bool:
    """Whether what pip or its like installs goes to a place of its own: pipx makes an environment for each program."""
    given = [name for name, _ in operation.command.assignments]
    return operation.does == "pipx" or any(name.startswith(("PIP_", "PIPX_")) for name in given)


def _uv(operation: Operation) -> Iterator[Effect]:
    """uv installs into an environment below the working directory, or the one that a variable or option names."""
    options = operation.options(
        _PIP_SHORT + "p", (*_PIP_LONG, "--project", "--directory", "--install-dir", "--group", "--extra")
    )
    action, *operands = (word.literal or "" for word in options.operands) if options.operands else ("",)
    told = (options.text(name) for name in ("--target", "--prefix", "--project", "--directory", "--install-dir"))
    touches = [operation.command.directory, *(text for text in told if text is not None)]
    if action == "venv":
        places = [word.text for word in options.operands[1:]]
        yield operation.opens("makes a virtual environment there", places or touches)
    elif action in ("sync", "add", "remove", "run", "build", "init") or operands[:1] in (["install"], ["sync"]):
        packages = options.operands[1:] if action in ("add", "remove") else options.operands[2:]
        yield from _installed(operation, packages, _LANGUAGE, touches=[*touches, *_own_places(operation)])


def pip_install(operation: Operation, words: Sequence[Word] | None = None) -> Iterator[Effect]:
    """pip and its like; `words` are those behind `python -m pip`."""
    options = SplitOptions(operation.words if words is None else words, _PIP_SHORT, _PIP_LONG)
    if not options.operands:
        return
    action, *packages = options.operands
    if action.literal in ("install", "uninstall", "sync"):
        packages = [*packages, *options.values.get("-e", ()), *options.values.get("--editable", ())]
        touches = _program_place(operation)
        given = [options.text(name) for name in ("-t", "--target", "--prefix", "--root", "--src")]
        touches.extend(text for text in given if text is not None)
        if any((word.literal or "").startswith(".") or "/" in (word.literal or "") for word in packages):
            touches.append(operation.command.directory)
        if options.has("--user") or operation.does == "pipx":
            touches.extend(_own_places(operation))
        removes = action.literal == "uninstall"
        system = action.literal == "install" and not touches and not _is_sent_elsewhere(operation)
        yield from _installed(
            operation, packages, _LANGUAGE, removes=removes, touches=touches, manager="pip", system=system
        )
    elif action.literal in ("download", "wheel"):
        yield operation.opens("fetches packages there", (operation.command.directory,))


def _conda(operation: Operation) -> Iterator[Effect]:
    options = operation.options("npcf", ("--name", "--prefix", "--channel", "--file"))
    if not options.operands:
        return
    action, *packages = options.operands
    if action.literal == "init":
        yield operation.make(Write, action, path=operation.home() + "/.bashrc", keeps=True)
        return
    if action.literal in ("clean", "list", "info", "search", "activate", "deactivate", "run", "shell"):
        return
    if action.literal == "config":
        yield operation.make(Write, action, path=operation.home() + "/.condarc", keeps=True)
        return
    if action.literal == "env" and packages:
        packages = packages[1:]
    touches = _program_place(operation)
    prefix = options.text("-p", "--prefix")
    if prefix is not None:
        touches.append(prefix)
    removes = action.literal in ("remove", "uninstall")
    yield from _installed(operation, packages, _LANGUAGE, removes=removes, touches=touches)


def _npm(operation: Operation) -> Iterator[Effect]:
    options = operation.options("C", ("--prefix", "--cwd", "--registry", "--loglevel", "--cache", "--omit"))
    operands = options.operands
    action = operands[0].literal if operands else "install"
    if action in ("config", "cache", "set", "get", "view", "ls", "list", "version", "audit", "login", "whoami"):
        return
    prefix = options.text("--prefix", "--cwd", "-C")
    touches = [prefix if prefix is not None else operation.command.directory]
    if action in ("install", "i", "ci", "add", "update", "uninstall", "remove", "global", "link", "rebuild"):
        packages = operands[2:] if action == "global" else operands[1:]
        everywhere = options.has("-g", "--global") or action == "global"
        removes = action in ("uninstall", "remove")
        yield from _installed(operation, packages, _LANGUAGE, removes=removes, touches=[] if everywhere else touches)
        return
    yield operation.opens(f"runs {operation.name} {action}", ("/",), _LANGUAGE, touches=touches, may_remove=True)


def _caches(operation: Operation) -> Sequence[Text | str]:
    """Where CPAN's clients keep what they fetch and how they are set up: in their user's home, and /tmp."""
    return (*(operation.home() + f"/{name}" for name in (".cpan", ".cpanm")), "/tmp")


def _language(*actions: str, quiet: Sequence[str] = ()) -> Callable[[Operation], Iterator[Effect]]:
    """A language's package manager: installs on some of its actions, else builds in the working directory."""

    def read(operation: Operation) -> Iterator[Effect]:
        operands = operation.options("ivgpC", ("--version", "--git", "--root", "--prefix", "--path")).operands
        action = operands[0].literal if operands else ""
        if action in quiet or (not operands and operation.words):
            return
        touches = [operation.command.directory, *_program_place(operation)]
        if action in actions:
            yield from _installed(operation, operands[1:], _LANGUAGE, touches=touches)
        elif operation.does in ("cpan", "cpanm"):
            yield operation.opens(f"runs {operation.name}", ("/",), _LANGUAGE, touches=touches, may_remove=True)
            yield operation.opens(f"keeps what {operation.name} fetched there", _caches(operation))
        else:
            yield operation.opens(f"runs {operation.name}", ("/",), _LANGUAGE, touches=touches, may_remove=True)

    return read


def _build(operation: Operation) -> Iterator[Effect]:
    """make, ninja, cmake and other build tools: they write where they stand, and where they install to."""
    touches = [operation.command.directory]
    options = operation.options("CfjlBSDG", ("--directory", "--file", "--build", "--prefix", "--install"))
    for name in ("-C", "--directory", "-B", "--build", "--prefix", "--install"):
        text = options.text(name)
        if text is not None:
            touches.append(text)
    for word in operation.words:
        name, equals, _ = word.text.prefix.partition("=")
        if equals and name.lstrip("-").lower() in ("destdir", "prefix", "dcmake_install_prefix", "prefix_dir"):
            touches.append(Text.of(word.text.prefix[len(name) + 1 :], *word.text.pieces[1:]))
    yield operation.opens(
        f"runs {operation.name}",
        ("/",),
        (*IMAGE_PLACES,),
        touches=touches,
        may_remove=True,
        accounts=_makes_accounts(operation, options),
    )


def _makes_accounts(operation: Operation, options: SplitOptions) -> bool:
    """Whether a target is called for accounts, or the Makefile at hand makes some."""
    if any(_FOR_ACCOUNTS.search(word.text.prefix) for word in options.operands):
        return True
    folder = options.text("-C", "--directory")
    base = operation.path(folder) if folder is not None else operation.command.directory
    given = options.value("-f", "--file")
    names = (given.text,) if given is not None else tuple(map(Text.of, ("Makefile", "makefile", "GNUmakefile")))
    for name in names if operation.sight is not None else ():
        path = join(base, name).literal
        text = operation.sight.text(path) if operation.sight is not None and path is not None else None
        if text is not None and MAKES_ACCOUNTS.search(text):
            return True
    return False


def configure(operation: Operation) -> Iterator[Effect]:
    """./configure and its like write below the working directory."""
    yield operation.opens(f"runs {operation.name}", (operation.command.directory,))


def _compile(operation: Operation) -> Iterator[Effect]:
    output = operation.options("oIDLlWOfmg", ("--output",)).value("-o", "--output")
    if output is not None:
        yield operation.make(Write, output, path=operation.one_path(output))
    else:
        yield operation.opens(f"runs {operation.name}", (operation.command.directory,))


def _update_alternatives(operation: Operation) -> Iterator[Effect]:
    words = operation.words
    for index, word in enumerate(words):
        if word.literal in ("--install", "--slave") and index + 3 < len(words):
            link, name = words[index + 1], words[index + 2]
            target = Text.of("/etc/alternatives/", name.text)
            yield operation.make(Link, link, target=target, path=operation.path(link), force=True)
            path = operation.path(target)
            yield operation.make(Link, name, target=words[index + 3].text, path=path, force=True)
        elif word.literal == "--set" and index + 2 < len(words):
            path = Text.of("/etc/alternatives/", words[index + 1].text)
            yield operation.make(Link, word, target=words[index + 2].text, path=path, force=True)


PACKAGE_COMMANDS: dict[str, Callable[[Operation], Iterator[Effect]]] = {
    **dict.fromkeys(("apt-get", "apt", "aptitude", "apt-fast", "nala"), _apt),
    "dpkg": _dpkg,
    "dpkg-deb": _dpkg,
    "gdebi": lambda operation: _installed(operation, operation.options().operands, _DISTRIBUTION),
    "apk": _apk,
    "xx-apk": _apk,
    "xx-apt": _apt,
    "xx-apt-get": _apt,
    "xx-cargo": _language("install"),
    "xx-go": _language("install", "get"),
    "tlmgr": _language("install", "update", quiet=("option", "conf", "path", "info", "repository")),
    "quarto": _language("install", "add", "update"),
    **dict.fromkeys(("dnf", "yum", "microdnf", "zypper", "tdnf"), _dnf),
    "rpm": _rpm,
    "pacman": _pacman,
    "brew": _brew,
    **dict.fromkeys(("pip", "pip2", "pip3", "pipx", "easy_install", "easy_install3"), pip_install),
    "uv": _uv,
    **dict.fromkeys(("conda", "mamba", "micromamba"), _conda),
    **dict.fromkeys(("npm", "yarn", "pnpm", "npx", "corepack", "bun"), _npm),
    "gem": _language("install", quiet=("list", "sources", "cleanup", "environment")),
    "bundle": _language("install", quiet=("config",)),
    "cargo": _language("install", quiet=("--version",)),
    "rustup": _language("component", "target", "toolchain", "default"),
    "go": _language("install", "get", quiet=("version", "env", "clean")),
    "cabal": _language("install", quiet=("update",)),
    "stack": _language("install", quiet=("update",)),
    "composer.phar": _language("install", "require", "global"),
    "alien": lambda operation: _installed(operation, operation.options().operands, _DISTRIBUTION),
    "composer": _language("install", "require", "global"),
    "luarocks": _language("install"),
    "cpan": _language(),
    "cpanm": _language(),
    "poetry": _language("install", "add", quiet=("config",)),
    "pipenv": _language("install"),
    "julia": _language(),
    "Rscript": _language(),
    "R": _language(),
    "install2.r": _language(),
    "jupyter": _language("labextension"),
    "dotnet": _language("tool", "restore"),
    "mix": _language(),
    **dict.fromkeys(
        words_of("""make gmake ninja cmake meson mvn mvnw gradle gradlew ant sbt bazel scons qmake gulp grunt webpack tsc ng
            checkinstall dpkg-buildpackage
            debuild equivs-build abuild abuild-meson"""),
        _build,
    ),
    **dict.fromkeys(
        ["gcc", "g++", "cc", "c++", "clang", "clang++", "javac", "ld", "as", "rustc", "xx-clang"], _compile
    ),
    **dict.fromkeys(
        words_of("""autoconf autoreconf automake aclocal libtoolize autogen.sh bootstrap.sh phpize"""), configure
    ),
    "update-alternatives": _update_alternatives,
    "alternatives": _update_alternatives,
}
