"""Effects of the commands that make, change and remove accounts.

useradd and its kin are shadow's; adduser is Debian's Perl script, busybox's, or (Fedora) useradd by another name.
"""

import re
from collections.abc import Callable, Iterator

from ..commands.model import Word
from ..text.numbers import natural
from ..text.spelling import words_of
from ..text.symbolic import Opaque, Piece, Text
from .model import ChangeAccount, ChangeAccountFiles, Effect, MakeAccount, MakeGroup, RemoveAccount, RenameAccount
from .operation import Operation, SplitOptions

_USERADD_LONG = words_of("""--base-dir --comment --home-dir --home --expiredate --inactive --gid --groups
    --skel --key --password
    --selinux-user --shell --uid --prefix --root --badname""")
_ADDUSER_LONG = words_of("""--home --shell --uid --firstuid --lastuid --firstgid --lastgid --gid --ingroup
    --gecos --comment --conf
    --groups""")
"""Of Debian's program; where `adduser` is useradd by another name (Fedora, CentOS), it takes that one's, too."""


_DEFAULTS = ("/etc/default/useradd", "/etc/default/useradd-")


def _useradd(operation: Operation) -> Iterator[Effect]:
    options = operation.options("bcdefgGkKpsuRPZ", _USERADD_LONG)
    if options.has("-D", "--defaults"):
        if options.values:
            yield operation.opens("changes what useradd gives", _DEFAULTS, handles=_DEFAULTS[:1])
        return
    if not options.operands:
        return
    name = options.operands[-1]
    gid = options.text("-g", "--gid")
    yield operation.make(
        MakeAccount,
        name,
        name=name.text,
        uid=options.text("-u", "--uid"),
        gid=gid,
        home=options.text("-d", "--home-dir", "--home"),
        makes_home=options.has("-m", "--create-home") and not options.has("-M", "--no-create-home"),
        home_mode=_key(options, "HOME_MODE"),
        home_umask=_key(options, "UMASK"),
        base=options.text("-b", "--base-dir"),
        skeleton=_path_or_none(operation, options.text("-k", "--skel")),
        allows_same_uid=options.has("-o", "--non-unique"),
        system=options.has("-r", "--system"),
        groups=_groups_of(options),
        new_group=gid is None and not options.has("-N", "--no-user-group"),
    )
    if gid is None and not options.has("-N", "--no-user-group"):
        yield operation.make(MakeGroup, name, name=name.text, groups=_groups_of(options))


def _groups_of(options: SplitOptions) -> tuple[Text, ...]:
    """The groups that useradd's and usermod's options name."""
    main, others = options.text("-g", "--gid"), options.text("-G", "--groups")
    return (*([main] if main is not None else []), *(split_text(others, ",") if others is not None else []))


def _key(options: SplitOptions, name: str) -> int | None:
    """What `-K NAME=VALUE` gives in the place of login.defs, as an octal number."""
    found: int | None = None
    for word in (*options.values.get("-K", ()), *options.values.get("--key", ())):
        key, _, value = (word.literal or "").partition("=")
        found = natural(value, 8) if key == name else found
    return found


def _adduser(operation: Operation) -> Iterator[Effect]:
    options = operation.options("hgsGukdcpb", (*_ADDUSER_LONG, *_USERADD_LONG))
    operands = options.operands
    busybox = operation.command.dialect == "busybox" or options.has("-D", "-S", "-H")
    if len(operands) == 2 and not (busybox and options.flags):  # with an option, busybox makes the first all the same
        yield from operation.need(operands[0], operands[0].text)
        yield operation.make(ChangeAccountFiles, groups=(operands[1].text,))
        return
    if not operands or options.has("--version", "--help"):
        return
    name = operands[0]
    system = options.has("--system", "-S", "-r")
    no_home = options.has("-H", "-M", "--no-create-home")
    perl_system = options.has("--system") and "--home" not in options.values
    perl = operation.command.dialect != "busybox" and not options.has("-m", "-M", "-r", "-N", "-o", "-D", "-S")
    home = options.text("--home", "--home-dir", "-h", "-d")
    home_mode: int | None = None
    skeleton: Text | None = None
    if perl:
        # Debian's adduser: DIR_MODE and SYS_DIR_MODE of adduser.conf; a system account's home gets no files
        home_mode = 0o755 if system else 0o700
        skeleton = Text() if system else None
        if system and home is None:
            home = Text.of("/nonexistent")
    elif operation.command.dialect == "busybox":
        home_mode, skeleton = 0o2755, Text()
    gid = options.text("--gid", "--ingroup", "-G")
    if gid is None and options.has("-m", "-M", "-r", "-N", "-o"):
        gid = options.text("-g")
    yield operation.make(
        MakeAccount,
        name,
        name=name.text,
        uid=options.text("-u", "--uid"),
        gid=gid,
        home=home,
        makes_home=not (no_home or perl_system),
        home_mode=home_mode,
        skeleton=skeleton,
        allows_same_uid=options.has("-o"),
        system=system,
        groups=(gid,) if gid is not None else (),
    )
    if gid is None and (not options.has("--system", "-S") or options.has("--group")):
        yield operation.make(MakeGroup, name, name=name.text)


def _path_or_none(operation: Operation, text: Text | None) -> Text | None:
    return None if text is None else operation.path(text)


def _newusers(operation: Operation) -> Iterator[Effect]:
    """newusers: a line of passwd for each account, whose home is made without files (newusers(8))."""
    operands = operation.options("cs", ()).operands
    text = operation.input
    if operands:
        held = operation.sight.text(operation.path(operands[0]).literal or "") if operation.sight is not None else None
        text = Text.of(held) if held is not None else None
    if text is None:
        yield operation.opens("makes accounts that cannot be read off it", ("/home",))
        yield operation.make(MakeAccount, name=Text.of(Opaque("an account that newusers makes")))
        return
    for line in split_text(text, "\n"):
        fields = split_text(line, ":")
        if len(fields) == 7 and fields[0].pieces:
            yield operation.make(
                MakeAccount,
                name=fields[0],
                uid=fields[2] if fields[2].pieces else None,
                gid=fields[3] if fields[3].pieces else None,
                home=fields[5] if fields[5].pieces else None,
                makes_home=bool(fields[5].pieces),
                skeleton=Text(),
            )


def _groupadd(operation: Operation) -> Iterator[Effect]:
    options = operation.options("gKpRPU", ("--gid", "--key", "--password", "--root", "--prefix", "--users"))
    operands = options.operands
    if operation.does == "addgroup" and len(operands) == 2:
        yield from operation.need(operands[0], operands[0].text)
        yield operation.make(ChangeAccountFiles, groups=(operands[1].text,))
    elif operands:
        gid = options.text("-g", "--gid")
        anew = not options.has("-f", "--force", "--system", "-S", "-r")
        yield operation.make(MakeGroup, operands[-1], name=operands[-1].text, gid=gid, fails_if_there=anew)


def _userdel(operation: Operation) -> Iterator[Effect]:
    options = operation.options("RP", ("--root", "--prefix", "--conf"))
    operands = options.operands
    if not operands or len(operands) > 1:
        return
    name = operands[0]
    removes_home = options.has("-r", "--remove", "--remove-home", "--remove-all-files")
    yield from operation.need(name, name.text)
    yield operation.make(RemoveAccount, name, name=name.text, removes_home=removes_home)


def _usermod(operation: Operation) -> Iterator[Effect]:
    long = words_of("""--comment --home --expiredate --inactive --gid --groups --login --password --root
        --prefix --shell
        --uid""")
    options = operation.options("cdefgGlpRPsuvVwWZ", long)
    if not options.operands:
        return
    name = options.operands[-1]
    yield from operation.need(name, name.text)
    uid, gid, home = options.text("-u", "--uid"), options.text("-g", "--gid"), options.text("-d", "--home")
    groups = _groups_of(options)
    yield operation.make(ChangeAccountFiles, groups=groups)
    if uid is not None or gid is not None or home is not None:
        moves = options.has("-m", "--move-home")
        yield operation.make(
            ChangeAccount,
            name,
            name=name.text,
            uid=uid,
            gid=gid,
            home=home,
            moves_home=moves,
            allows_same_uid=options.has("-o", "--non-unique"),
            groups=groups,
        )
    new = options.value("-l", "--login")
    if new is not None:
        yield operation.make(RenameAccount, name, name=name.text, new_name=new.text, groups=groups)


def _passwd(operation: Operation) -> Iterator[Effect]:
    options = operation.options("inwxRq", ())
    yield operation.make(ChangeAccountFiles)
    for word in options.operands[-1:]:
        yield from operation.need(word, word.text)


def _chpasswd(operation: Operation) -> Iterator[Effect]:
    text = operation.input
    yield operation.make(ChangeAccountFiles)
    if text is None:
        return
    for line in split_text(text, "\n"):
        account = split_text(line, ":")[0]
        if line.pieces and len(split_text(line, ":")) > 1:
            by = operation.command
            word = by.argv[0]
            yield from operation.need(word, account)


def _gpasswd(operation: Operation) -> Iterator[Effect]:
    options = operation.options("adAM", ("--add", "--delete"))
    yield operation.make(ChangeAccountFiles, groups=tuple(word.text for word in options.operands[-1:]))
    word = options.value("-a", "--add")
    if word is not None:
        yield from operation.need(word, word.text)


def _chage(operation: Operation) -> Iterator[Effect]:
    options = operation.options("dEImMWR", ())
    yield operation.make(ChangeAccountFiles)
    for word in options.operands[-1:]:
        yield from operation.need(word, word.text)


def _groupmod(operation: Operation) -> Iterator[Effect]:
    """groupmod, groupdel, delgroup, chgpasswd, chfn."""
    options = operation.options("gnpRPU", ("--gid", "--new-name", "--password", "--root", "--prefix", "--users"))
    name = options.operands[-1].text if options.operands else None
    new, gid = options.text("-n", "--new-name"), options.text("-g", "--gid")
    of_groups = operation.does in ("groupmod", "groupdel", "delgroup") and len(options.operands) == 1
    if not of_groups or name is None:
        yield operation.make(ChangeAccountFiles)
        return
    if operation.does == "groupmod":
        new = new if new is not None else name
    yield operation.make(ChangeAccountFiles, old_group=name, new_group=new, new_gid=gid, groups=(name,))


def split_text(text: Text, separator: str) -> list[Text]:
    """A text cut at each separator in its literal pieces."""
    parts: list[list[Piece]] = [[]]
    for piece in text.pieces:
        if not isinstance(piece, str):
            parts[-1].append(piece)
            continue
        first, *rest = piece.split(separator)
        parts[-1].append(first)
        parts.extend([one] for one in rest)
    return [Text.of(*part) for part in parts]


def written_accounts(operation: Operation, word: Word, path: str, content: Text) -> Iterator[Effect]:
    """The accounts or groups in lines written to /etc/passwd or /etc/group."""
    for line in split_text(content, "\n"):
        fields = split_text(line, ":")
        if not fields[0].pieces or not re.match(r"[A-Za-z_$]|\Z", fields[0].prefix):
            continue
        if path == "/etc/passwd" and len(fields) == 7:
            yield operation.make(
                MakeAccount,
                word,
                name=fields[0],
                uid=fields[2],
                gid=fields[3],
                home=fields[5],
                allows_same_uid=True,
                system=(uid := natural(fields[2].literal)) is not None and uid < 1000,
            )
        elif path == "/etc/group" and len(fields) == 4:
            yield operation.make(MakeGroup, word, name=fields[0], gid=fields[2])


def _declared(operation: Operation) -> Iterator[Effect]:
    """Programs that make the accounts which their configuration declares (systemd-sysusers(8), ansible-playbook(1))."""
    yield operation.opens("makes what its configuration says", ("/",))
    yield operation.make(MakeAccount, name=Text.of(Opaque(f"an account that {operation.name} makes")))


_Reader = Callable[[Operation], Iterator[Effect]]


def _of_another_root(read: _Reader) -> _Reader:
    """A command of shadow's that works on the files below another folder where `--root` or `--prefix` names one."""

    def read_where_it_works(operation: Operation) -> Iterator[Effect]:
        options = operation.options("RPbcdefgGkKpsuZIEmMWi", (*_USERADD_LONG, "--login"))
        root = options.text("-R", "--root", "-P", "--prefix")
        if root is None or root.literal == "/":
            yield from read(operation)
        else:
            yield operation.opens("changes accounts there", (root,), handles=_folder_of(operation, root))

    return read_where_it_works


def _folder_of(operation: Operation, root: Text) -> tuple[str, ...]:
    literal = operation.path(root + "/etc").literal
    return (literal,) if literal is not None else ()


_OF_THE_IMAGE: dict[str, _Reader] = {
    "useradd": _useradd,
    "adduser": _adduser,
    "newusers": _newusers,
    **dict.fromkeys(
        ("systemd-sysusers", "ansible-playbook", "ansible-pull", "chef-client", "chef-solo", "puppet", "salt-call"),
        _declared,
    ),
    "groupadd": _groupadd,
    "addgroup": _groupadd,
    "userdel": _userdel,
    "deluser": _userdel,
    "usermod": _usermod,
    "passwd": _passwd,
    "chpasswd": _chpasswd,
    "gpasswd": _gpasswd,
    "chgpasswd": _groupmod,
    "chfn": _groupmod,
    "chage": _chage,
    "chsh": _chage,
    "groupmod": _groupmod,
    "groupdel": _groupmod,
    "delgroup": _groupmod,
}
_WITH_ROOT = frozenset(
    words_of("useradd userdel usermod groupadd groupdel groupmod passwd chpasswd chgpasswd chage chsh chfn newusers")
)
"""Those that take `--root` (shadow 4.1.5)."""
ACCOUNT_COMMANDS: dict[str, _Reader] = {
    name: _of_another_root(read) if name in _WITH_ROOT else read for name, read in _OF_THE_IMAGE.items()
}
