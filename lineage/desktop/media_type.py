"""Whether a media type in a launcher's `MimeType` can be one.

Sources: RFC 2045 section 5.1 (the characters of a token), RFC 2046 and the IANA registry (top-level types), and the
types that free desktops use besides: the shared-mime-info and media type specifications of freedesktop.org.
"""

from typing import Literal

_DESKTOP = ("inode", "x-content", "x-scheme-handler", "chemical")
_DISCRETE = ("application", "audio", "font", "image", "model", "text", "video")
_COMPOSITE = ("message", "multipart")
_ACCEPTED = ("message/rfc822", "multipart/related", "misc/ultravox")
_REPLACEMENTS = {
    "flv-application/octet-stream": "video/x-flv",
    "zz-application/zz-winassoc-123": "application/vnd.lotus-1-2-3",
    "zz-application/zz-winassoc-cab": "application/vnd.ms-cab-compressed",
    "zz-application/zz-winassoc-cdr": "application/vnd.corel-draw",
    "zz-application/zz-winassoc-doc": "application/msword",
    "zz-application/zz-winassoc-hlp": "application/winhlp",
    "zz-application/zz-winassoc-ini": "text/plain",
    "zz-application/zz-winassoc-lwp": "application/vnd.lotus-wordpro",
    "zz-application/zz-winassoc-lzh": "application/x-lha",
    "zz-application/zz-winassoc-mdb": "application/vnd.ms-access",
    "zz-application/zz-winassoc-uu": "text/x-uuencode",
    "zz-application/zz-winassoc-xls": "application/vnd.ms-excel",
}


def judge_media_type(text: str) -> tuple[Literal["discouraged", "invalid"], str] | None:
    """None for a type that is fine; else how bad it is, and the reason as the end of a sentence about "it"."""
    top, slash, subtype = text.partition("/")
    if not slash:
        return "invalid", "it has no subtype"
    if not subtype:
        return "invalid", "its subtype is empty"
    if not _is_token(subtype):
        return "invalid", "its subtype has a character that no media type may have"
    if top in _DESKTOP or top in _DISCRETE or text in _ACCEPTED:
        return None
    if text in _REPLACEMENTS:
        return "discouraged", f"the name for it is `{_REPLACEMENTS[text]}`"
    if top == "x-directory":
        return "discouraged", "`inode/directory` took its place"
    if top[:2].lower() == "x-":
        if not _is_token(top[2:]):
            return "invalid", "its first part has a character that no media type may have"
        return "discouraged", "own types belong below `application/`"
    if top in _COMPOSITE:
        return "discouraged", "it stands for messages and not for files"
    if top == "example":
        return "invalid", "it is reserved for examples"
    return "invalid", f"`{top}` is not a registered top-level type"


def _is_token(text: str) -> bool:
    return all(char > " " and char != "\x7f" and char not in '()<>@,;:\\"/[]?=' for char in text)
