"""What is said of each kind of complaint about a desktop entry: the sentence and the cure.

In the texts `{key}`, `{value}` and `{group}` are those of the entry, `{item}` the part of the value that is meant,
`{sign}` the same as a character to be shown, `{other}` what belongs to it.
"""

from typing import NamedTuple

from ....lineage.desktop.validate import Complaint

_LONGEST = 60


class Wording(NamedTuple):
    message: str
    cure: str


_OF_FILES = {
    "file-empty": Wording(
        "The launcher is an empty file: desktops refuse it.",
        "Give it a group `[Desktop Entry]` with Type, Name and Exec, or remove the file.",
    ),
    "group-missing": Wording(
        "The launcher has no group `[Desktop Entry]`: desktops refuse the file.",
        "Put the line `[Desktop Entry]` above the first key.",
    ),
    "first-group": Wording(
        "The first group is `[{group}]`: desktops refuse a launcher that does not begin with `[Desktop Entry]`.",
        "Move the group `[Desktop Entry]` to the top of the file.",
    ),
    "entry-before-group": Wording(
        "This key stands before any group: desktops refuse the whole file.",
        "Move it below the line `[Desktop Entry]`.",
    ),
    "not-an-entry": Wording(
        "This line is neither a comment, a group nor `Key=value`: desktops refuse the whole file.",
        "Complete it, remove it, or put `#` in front of it.",
    ),
    "not-utf8": Wording(
        "The file is not UTF-8 from here on: a desktop shows this text wrongly, or not at all.",
        "Save the file as UTF-8.",
    ),
    "carriage-return": Wording(
        "The line ends with a carriage return: readers that are not lenient take it for a part of the value.",
        "Save the file with line feeds alone (`sed -i 's/\\r$//'`).",
    ),
    "leading-space": Wording(
        "The line begins with a blank, which the format does not allow.",
        "Remove the blanks at the beginning of the line.",
    ),
    "group-trailing-space": Wording(
        "Blanks follow the group's closing bracket, which the format does not allow.",
        "Remove the blanks at the end of the line.",
    ),
    "filename-suffix": Wording(
        "The file's name does not end in `.desktop`: no desktop takes it for a launcher.",
        "Rename it to end in `.desktop`.",
    ),
    "filename-kdelnk": Wording(
        "The suffix `.kdelnk` is one of KDE's past: no desktop of today takes the file for a launcher.",
        "Rename it to end in `.desktop`.",
    ),
    "filename-directory": Wording(
        "An entry of Type `Directory` is read from a file whose name ends in `.directory` only.",
        "Rename the file, or set another Type.",
    ),
    "filename-dbus": Wording(
        "DBusActivatable is set, and the file's name is no bus name: the desktop cannot activate the program.",
        "Name the file after the bus name, like `org.example.Viewer.desktop`, or remove DBusActivatable.",
    ),
}

_OF_GROUPS = {
    "group-name": Wording(
        "The group's name `{group}` has a bracket or a control character: desktops refuse the whole file.",
        "Remove that character.",
    ),
    "group-repeated": Wording(
        "The group `[{group}]` is in the file twice: which of its keys count depends on the reader.",
        "Put all its keys into one group.",
    ),
    "group-unknown": Wording(
        "The group `[{group}]` is none that the specification knows: desktops ignore it.",
        "Correct its name, or begin the name of an own group with `X-`.",
    ),
    "group-kde": Wording(
        "The group `[KDE Desktop Entry]` is deprecated.",
        "Name it `[Desktop Entry]`.",
    ),
    "group-role-twice": Wording(
        "The file has both `[Desktop Entry]` and `[KDE Desktop Entry]`, which are for the same.",
        "Keep `[Desktop Entry]` alone.",
    ),
    "group-action-name": Wording(
        "The action in `[{group}]` has a name with other characters than letters, digits and `-`.",
        "Rename the action, here and in Actions.",
    ),
    "group-without-action": Wording(
        "Actions does not name the action `{item}`: desktops never offer it.",
        "Add `{item};` to Actions, or remove the group.",
    ),
    "action-without-group": Wording(
        "There is no group `[Desktop Action {item}]`: desktops have nothing to offer for this action.",
        "Add the group with Name and Exec, or remove `{item}` from Actions.",
    ),
    "action-empty": Wording("Actions has an empty item.", "Remove the superfluous semicolon."),
    "action-name": Wording(
        "The action `{item}` has other characters than letters, digits and `-`.",
        "Rename the action, here and in its group.",
    ),
    "interface-invalid": Wording(
        "`{item}` in Implements is not the name of a D-Bus interface.",
        "Write it like `org.example.Viewer1`: two parts or more, none beginning with a digit.",
    ),
}

_OF_KEYS = {
    "key-required": Wording(
        "The group `[{group}]` has no {item}, which it must have.",
        "Add a line `{item}=…`.",
    ),
    "exec-missing": Wording(
        "The application has no command: nothing starts when the launcher is opened.",
        "Add a line `Exec=` with the program and its arguments.",
    ),
    "key-name": Wording(
        "`{key}` is no name for a key: it may have letters, digits and `-`, and a locale in brackets.",
        "Correct the name.",
    ),
    "key-repeated": Wording(
        "The key {key} is in the group twice: which one counts depends on the reader.",
        "Keep the line that is meant.",
    ),
    "key-unknown": Wording(
        "The key {item} is none that the specification knows: desktops ignore it.",
        "Correct its name, or begin the name of an own key with `X-`.",
    ),
    "key-not-localizable": Wording(
        "The key {item} cannot be translated: desktops ignore `{key}`.",
        "Remove the locale, or the line.",
    ),
    "key-deprecated": Wording(
        "The key {key} is deprecated in this group: desktops ignore it or will.", "Remove the line."
    ),
    "key-without-base": Wording(
        "There is `{key}` and no {item}: with another locale there is nothing to show.",
        "Add a line `{item}=…` without locale.",
    ),
    "key-wrong-type": Wording(
        "The key {key} is for entries of Type `{item}` only: here it has no effect.",
        "Remove the line, or correct Type.",
    ),
    "show-in-both": Wording(
        "The group has more than one line of OnlyShowIn and NotShowIn, of which only one may be there.",
        "Keep one of them.",
    ),
}

_OF_VALUES = {
    "value-utf8": Wording("The text of {key} is not UTF-8.", "Save the file as UTF-8."),
    "value-control": Wording("The value of {key} has a control character.", "Remove it (a tab is written `\\t`)."),
    "boolean-invalid": Wording(
        "`{value}` is not a boolean value: desktops take it for false or leave {key} out of account.",
        "Write `true` or `false`.",
    ),
    "boolean-deprecated": Wording("`{value}` for a boolean value is deprecated.", "Write `true` or `false`."),
    "type-unknown": Wording(
        "`{value}` is not a type of entry: desktops ignore the file.",
        "Write `Application`, or `Link` for a URL.",
    ),
    "type-deprecated": Wording("The Type `{value}` is deprecated.", "Remove the file."),
    "version-unknown": Wording(
        "`{value}` is no version of the Desktop Entry Specification, which is what Version stands for.",
        "Write `1.0`, or remove the line; a program's own version goes into a key such as `X-AppVersion`.",
    ),
    "encoding-unknown": Wording(
        "`{value}` is no encoding of a desktop entry: Xfce, MATE and GNOME refuse the file.",
        "Save the file as UTF-8 and remove the line.",
    ),
    "encoding-legacy": Wording(
        "Xfce, MATE and GNOME refuse an entry whose Encoding is not UTF-8.",
        "Save the file as UTF-8 and remove the line.",
    ),
    "comment-redundant": Wording(
        "Comment says the same as {item}.",
        "Say in Comment what the program is good for, or remove the line.",
    ),
    "icon-directory": Wording(
        "`{value}` is a directory, so no icon is shown.", "Name an image file, or an icon of the theme."
    ),
    "icon-relative": Wording(
        "`{value}` is a relative path, so no icon is found.",
        "Write the absolute path of the image, or the name of an icon of the theme.",
    ),
    "icon-extension": Wording(
        "`{value}` is the name of an icon with a suffix: icons of a theme are named without, and are not found so.",
        "Remove the suffix, or write the absolute path of the image.",
    ),
    "path-relative": Wording(
        "{key} is not an absolute path.", "Write the path from `/` on; variables and `~` do not count."
    ),
    "list-repeated": Wording("{key} names `{item}` more than once.", "Keep it once."),
    "show-in-unknown": Wording(
        "`{item}` in {key} is not a registered desktop environment: no desktop takes it for its name.",
        "Write the registered name (`XFCE`, `MATE`, `GNOME`, `KDE` …), or begin an own one with `X-`.",
    ),
    "mime-discouraged": Wording("`{item}` should not be used in MimeType: {other}.", "Replace it, or remove it."),
    "mime-invalid": Wording("`{item}` is not a valid media type: {other}.", "Correct it, or remove it."),
    "category-unknown": Wording(
        "`{item}` is not a registered category: menus ignore it.",
        "Take one of the Desktop Menu Specification's, or begin an own one with `X-`.",
    ),
    "category-deprecated": Wording("The category `{item}` is deprecated.", "Remove it."),
    "category-reserved": Wording(
        "The category `{item}` is reserved: it may only be used together with OnlyShowIn.",
        "Add OnlyShowIn, or remove the category.",
    ),
    "category-required": Wording("The category `{item}` must not stand without {other}.", "Add {other} to Categories."),
    "category-suggested": Wording("The category `{item}` usually stands beside {other}.", "Add {other} to Categories."),
    "category-main-many": Wording(
        "More than one main category: menus may show the launcher more than once.", "Keep one of them."
    ),
    "category-main-none": Wording(
        "No main category: menus may put the launcher under `Other`.", "Add one, such as `Utility`."
    ),
    "condition-path-missing": Wording(
        "The condition names no file to test.", "Add a path relative to `$XDG_CONFIG_HOME`."
    ),
    "condition-path-absolute": Wording(
        "`{item}` is an absolute path, where one relative to `$XDG_CONFIG_HOME` is wanted.",
        "Make it relative.",
    ),
    "condition-path-parent": Wording("`{item}` leads out of `$XDG_CONFIG_HOME`.", "Name a file below that directory."),
    "condition-trailing-space": Wording("The condition ends with a blank.", "Remove it."),
    "condition-first-argument": Wording(
        "The condition {item} wants `if-session` or `unless-session` next.", "Write one of them."
    ),
    "condition-arguments": Wording(
        "The condition {item} has another number of arguments than it takes.", "Correct the arguments."
    ),
    "condition-unknown": Wording(
        "`{item}` is not a condition that is known: it is not tested.",
        "Write `if-exists`, `unless-exists` or a registered desktop environment, or begin an own one with `X-`.",
    ),
}

_RULES = (
    "Within the quotes two backslashes go before a quote, a `$` or a backquote, and a backslash is four: the file takes "
    'one of two, the command line the next (`sh -c "echo \\\\$HOME"` prints the home).'
)
_QUOTE = f"Put the whole argument in double quotes. {_RULES}"
_OF_EXEC = {
    "exec-broken": Wording("The command line cannot be split into arguments: nothing starts.", _QUOTE),
    "exec-unclosed": Wording("A double quote of the command line is not closed.", f"Close it. {_RULES}"),
    "exec-reserved": Wording(
        "The command line has {sign} outside of double quotes, and Exec is not read by a shell.",
        f'Put the whole argument in double quotes; where a shell is meant, run one: `sh -c "…"`. {_RULES}',
    ),
    "exec-unescaped": Wording(
        "{sign} stands within double quotes without two backslashes before it.",
        "Put two backslashes before it.",
    ),
    "exec-escape-incomplete": Wording("The command line ends with a lone backslash.", "Remove it."),
    "exec-field-code": Wording(
        "`%{item}` is not a field code: a desktop need not start such a command.",
        "Write `%%` for a percent sign.",
    ),
    "exec-field-code-incomplete": Wording("The command line ends with a lone `%`.", "Write `%%` for a percent sign."),
    "exec-field-code-repeated": Wording(
        "The command line has more than one of `%f`, `%F`, `%u` and `%U`.", "Keep one of them."
    ),
    "exec-field-code-deprecated": Wording("The field code `%{item}` is deprecated: desktops drop it.", "Remove it."),
}

WORDINGS: dict[str, Wording] = {**_OF_FILES, **_OF_GROUPS, **_OF_KEYS, **_OF_VALUES, **_OF_EXEC}


_EMPTY_PATH = Wording(
    "{key} is there and empty.", "Remove the line, or name the folder that the program is started in."
)


def worded(complaint: Complaint) -> Wording:
    """The sentence about a complaint, and its cure, with the texts of the entry put in."""
    empty = complaint.code == "path-relative" and not complaint.value.strip()
    wording = _EMPTY_PATH if empty else WORDINGS[complaint.code]
    parts = {name: _shown(getattr(complaint, name)) for name in ("key", "group", "value", "item")}
    parts["sign"] = "a backquote" if complaint.item == "`" else f"`{parts['item']}`"
    message = wording.message.format(**parts, other=complaint.other)
    return Wording(message[0].upper() + message[1:], wording.cure.format(**parts, other=complaint.other))


def _shown(text: str) -> str:
    """The text as it can be printed: control characters and bytes that are no UTF-8 replaced, long text cut."""
    clean = "".join("�" if "\ud800" <= char <= "\udfff" or char < " " or char == "\x7f" else char for char in text)
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"
