"""What the specifications register: types, keys, categories, environments, versions.

Sources: Desktop Entry Specification 1.0 to 1.5 with the deprecated items of its appendix; Desktop Menu Specification,
"Registered Categories" and "Registered OnlyShowIn Environments"; the proposed autostart conditions of GNOME and KDE.
Where releases of desktop-file-utils differ, what any of them registers is taken.
"""

from functools import cache
from typing import Literal, NamedTuple

ValueType = Literal["string", "localestring", "boolean", "strings", "localestrings"]

TYPES = ("Application", "Link", "Directory")
KDE_TYPES = ("Service", "ServiceType", "FSDevice")
DEPRECATED_TYPES = ("MimeType",)
VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "0.9.3", "0.9.4", "0.9.5", "0.9.6", "0.9.7", "0.9.8")
ENCODINGS = ("UTF-8", "Legacy-Mixed")


class KeyRule(NamedTuple):
    """What a registered key may be. `only_for` is the entry type that it is for, empty if it is for any."""

    value: ValueType
    only_for: str = ""
    deprecated: bool = False


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _rules(value: ValueType, names: str, only_for: str = "", deprecated: bool = False) -> dict[str, KeyRule]:
    rule = KeyRule(value, only_for, deprecated)
    return dict.fromkeys(names.split(), rule)


MAIN_KEYS: dict[str, KeyRule] = {
    **_rules("string", "Type Version"),
    **_rules("localestring", "Name GenericName Comment Icon"),
    **_rules("boolean", "NoDisplay Hidden DBusActivatable PrefersNonDefaultGPU SingleMainWindow"),
    **_rules("strings", "OnlyShowIn NotShowIn Implements"),
    **_rules("localestrings", "Keywords"),
    **_rules("string", "TryExec Exec Path StartupWMClass AutostartCondition", "Application"),
    **_rules("boolean", "Terminal StartupNotify", "Application"),
    **_rules("strings", "MimeType Categories Actions", "Application"),
    **_rules("string", "URL", "Link"),
    **_rules("string", "ServiceTypes DocPath InitialPreference"),
    **_rules("string", "Dev FSType MountPoint UnmountIcon", "FSDevice"),
    **_rules("boolean", "ReadOnly", "FSDevice"),
    **_rules("string", "Protocols Extensions BinaryPattern MapNotify MiniIcon TerminalOptions", deprecated=True),
    **_rules("string", "Encoding SwallowExec", deprecated=True),
    **_rules("localestring", "SwallowTitle", deprecated=True),
    **_rules("strings", "SortOrder FilePattern", deprecated=True),
    **_rules("strings", "Patterns", "MimeType", deprecated=True),
    **_rules("string", "DefaultApp", "MimeType", deprecated=True),
    **_rules("boolean", "X-KDE-RunOnDiscreteGpu", deprecated=True),
}
ACTION_KEYS: dict[str, KeyRule] = {
    **_rules("localestring", "Name Icon"),
    **_rules("string", "Exec"),
    **_rules("strings", "OnlyShowIn NotShowIn", deprecated=True),
}

ENVIRONMENTS = frozenset(
    _words(
        """
        Budgie Cinnamon COSMIC DDE Deepin EDE Endless Enlightenment GNOME GNOME-Classic GNOME-Flashback KDE LXDE LXQt
        MATE Old Pantheon Phosh Razor ROX TDE Unity XFCE
        """
    )
)

CONDITIONS: dict[str, tuple[tuple[str, ...], int]] = {
    "GNOME": ((), 1),
    "GNOME3": (("if-session", "unless-session"), 1),
    "GSettings": ((), 2),
}
"""Autostart conditions: the words that may come first, and how many arguments follow."""


class Category(NamedTuple):
    """A registered category. `with_any` lists the combinations of which one should stand beside it."""

    kind: Literal["main", "additional", "reserved", "deprecated"]
    with_any: tuple[tuple[str, ...], ...] = ()
    required: bool = False


_ADDITIONAL = """
AudioVideo Education: Music
Audio Video AudioVideo: AudioVideoEditing Player Recorder DiscBurning
AudioVideo+Audio: Midi Mixer Sequencer Tuner
AudioVideo+Video: TV
Development: Building Debugger IDE GUIDesigner Profiling RevisionControl Translation
Education Science: Art ArtificialIntelligence Astronomy Biology Chemistry ComputerScience Construction
Education Science: DataVisualization Economy Electricity Geography Geology Geoscience History Humanities
Education Science: ImageProcessing Languages Literature Math MedicalSoftware Physics Robotics Sports
Education Science Utility: Maps Spirituality
Education+ComputerScience Science+ComputerScience: ParallelComputing
Education+Math Science+Math: NumericalAnalysis
Game: ActionGame AdventureGame ArcadeGame BlocksGame BoardGame CardGame GameTool KidsGame LauncherStore LogicGame
Game: RolePlaying Shooter Simulation SportsGame StrategyGame
Graphics: 2DGraphics 3DGraphics Scanning
Graphics Office: Photography Publishing Viewer
Graphics+2DGraphics: RasterGraphics VectorGraphics
Graphics+Scanning: OCR
GTK: GNOME Phosh XFCE
HardwareSettings+Settings: Printing
Network: Chat Dialup Feed FileTransfer InstantMessaging IRCClient News P2P RemoteAccess Telephony VideoConference
Network: WebBrowser
Network Audio: HamRadio
Network Development: WebDevelopment
Office: Calendar Chart ContactManagement Finance FlowChart PDA Presentation Spreadsheet WordProcessor
Office Development: ProjectManagement
Office Development AudioVideo: Database
Office Network: Email
Office TextTools: Dictionary
Qt: DDE KDE LXQt
Settings: DesktopSettings HardwareSettings PackageManager
Settings System: Security
Settings Utility: Accessibility
System: Filesystem TerminalEmulator
System Game: Emulator
System Network: Monitor
System+FileTools: FileManager
Utility: Archiving Calculator Clock TelephonyTools TextEditor TextTools
Utility System: FileTools
Utility+Archiving: Compression
: Adult Amusement ConsoleOnly Core COSMIC Documentation Electronics Engineering GTK Java Motif Qt
"""
_MAIN = "AudioVideo Development Education Game Graphics Network Office Science Settings System Utility"


@cache
def categories() -> dict[str, Category]:
    """The registered categories by name."""
    table = {name: Category("main") for name in _MAIN.split()}
    for name in ("Audio", "Video"):
        table[name] = Category("main", (("AudioVideo",),), required=True)
    for line in _ADDITIONAL.strip().splitlines():
        choices, _, names = line.partition(":")
        with_any = tuple(tuple(choice.split("+")) for choice in choices.split())
        table.update((name, Category("additional", with_any)) for name in names.split())
    table.update((name, Category("reserved")) for name in _words("Applet Screensaver Shell TrayIcon"))
    table.update((name, Category("deprecated")) for name in _words("Application Applications"))
    return table
