"""Ignore comments: what they cover in each kind of file, what is said of useless ones, and adding them."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctlint.lineage.text.places import Place, Span
from ctlint.lint.fixing.edits import changed, changes
from ctlint.lint.judging.add_ignores import add_ignores
from ctlint.lint.judging.comments import Unit, kind_of
from ctlint.lint.judging.ignores import Ignored, apply_ignores
from ctlint.rules.base import Finding, Severity

RULES = {
    "CT001": "unreadable-input",
    "CT104": "s6-not-executable",
    "CT205": "init-environment-missing",
    "CT303": "account-variable-at-build",
    "CT408": "launcher-not-repeatable",
}


def finding(line: int, rule: str = "CT205", path: str = "Dockerfile") -> Finding:
    return Finding(rule, RULES[rule], Severity.ERROR, "m", "h", Place(path, Span(line)), "acme/x", f"{rule}{line}")


def units(*spans: tuple[int, int]) -> Unit:
    return lambda line: next((span for span in spans if span[0] <= line <= span[1]), None)


def outcome(text: str, path: str, *findings: Finding, unit: Unit | None = None, **options: object) -> Ignored:
    return apply_ignores(dedent(text), path, findings, RULES, unit=unit, **options)  # type: ignore[arg-type]


def suppressed_lines(ignored: Ignored) -> list[int]:
    return [each.place.line for each in ignored.suppressed]


DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM acme/base
# hadolint ignore=DL3008
# ctlint: ignore[CT205] the base makes it
# why: see the base
RUN a && \\
    b && \\
    c
RUN d
"""


def test_above_an_instruction_it_covers_the_whole_of_it_and_no_more() -> None:
    ignored = outcome(DOCKERFILE, "Dockerfile", *(finding(line) for line in (2, 6, 7, 8, 9)))
    assert suppressed_lines(ignored) == [6, 7, 8]
    assert [each.place.line for each in ignored.kept] == [2, 9]
    assert not ignored.messages


def test_only_the_named_rules_are_ignored() -> None:
    ignored = outcome(DOCKERFILE, "Dockerfile", finding(6, "CT303"), finding(6))
    assert [each.rule for each in ignored.kept] == ["CT303"]
    assert [each.rule for each in ignored.suppressed] == ["CT205"]


def test_several_codes_names_and_comments_add_up() -> None:
    text = """\
        # ctlint: ignore[CT104, init-environment-missing] one
        #ctlint:ignore[ct303]
        RUN a
        """
    ignored = outcome(text, "Dockerfile", finding(3), finding(3, "CT104"), finding(3, "CT303"), finding(3, "CT408"))
    assert [each.rule for each in ignored.kept] == ["CT408"]
    assert not ignored.messages


def test_a_hash_behind_an_instruction_is_no_comment() -> None:
    ignored = outcome("RUN a # ctlint: ignore[CT205] no\nENV A=1\n", "Dockerfile", finding(1), finding(2))
    assert not ignored.suppressed
    assert [each.subject for each in ignored.messages] == ["behind"]


def test_a_comment_within_an_instruction_covers_its_next_line() -> None:
    text = "RUN a && \\\n# ctlint: ignore[CT205] this one\n    b && \\\n    c\n"
    ignored = outcome(text, "Dockerfile", *(finding(line) for line in (1, 3, 4)), unit=units((1, 4)))
    assert suppressed_lines(ignored) == [3]


def test_above_a_shell_command_it_covers_the_commands_lines() -> None:
    text = "#!/bin/sh\necho\n# ctlint: ignore[CT205] known\nuseradd \\\n  -m \\\n  x\nuseradd y\n"
    ignored = outcome(text, "60-x.sh", *(finding(line, path="60-x.sh") for line in (2, 4, 5, 6, 7)))
    assert suppressed_lines(ignored) == [4, 5, 6]


def test_in_a_script_here_documents_and_strings_are_no_comments() -> None:
    text = "#!/bin/sh\ncat <<X\n# ctlint: ignore[CT205]\nX\nuseradd y\n"
    ignored = outcome(text, "x.sh", finding(5, path="x.sh"), unit=units((2, 4), (5, 5)))
    assert not ignored.suppressed
    assert not ignored.messages


def test_on_line_two_it_covers_the_shebang() -> None:
    text = (
        "#!/bin/sh\n# ctlint: ignore[CT205] one\n# ctlint: ignore[CT104] two\n\necho a\n# ctlint: ignore[CT303] x\nb\n"
    )
    found = [finding(1, path="x"), finding(1, "CT104", "x"), finding(1, "CT303", "x"), finding(5, path="x")]
    ignored = outcome(text, "x", *found)
    assert [(each.rule, each.place.line) for each in ignored.kept] == [("CT303", 1)]
    assert [message.subject for message in ignored.unused] == ["unused CT303"]


def test_at_the_top_of_a_script_without_shebang_it_covers_the_files_first_line() -> None:
    text = "# ctlint: ignore[CT104] run by sh\nexec foo\n"
    assert suppressed_lines(outcome(text, "a/run", finding(1, "CT104", "a/run"))) == [1]


def test_in_a_desktop_entry_it_covers_the_key_below() -> None:
    text = (
        "# ctlint: ignore[CT408] x\n[Desktop Entry]\nName=a # ctlint: ignore[CT205]\n"
        "# ctlint: ignore[CT205] y\nExec=x\\\nIcon=z\n"
    )
    found = [finding(line, path="a.desktop") for line in (3, 5, 6)]
    ignored = outcome(text, "a.desktop", finding(2, "CT408", "a.desktop"), *found)
    assert suppressed_lines(ignored) == [2, 5], "a backslash at the end of a value takes in no line"


def test_ignore_file_counts_among_the_leading_comments_only() -> None:
    good = "#!/bin/sh\n# about\n\n# ctlint: ignore-file[CT408] generated\nset -e\ncp a b\n"
    assert suppressed_lines(outcome(good, "x.sh", finding(1, "CT408", "x.sh"), finding(6, "CT408", "x.sh"))) == [1, 6]
    late = "#!/bin/sh\nset -e\n# ctlint: ignore-file[CT408] late\ncp a b\n"
    ignored = outcome(late, "x.sh", finding(4, "CT408", "x.sh"))
    assert not ignored.suppressed
    assert "below the file's leading comments" in ignored.unused[0].message


def test_what_suppresses_nothing_is_reported_with_a_fix() -> None:
    text = "FROM a\n# ctlint: ignore[CT104, CT205] both\nRUN b\n# ctlint: ignore[CT303] gone\nRUN c\n"
    ignored = outcome(text, "Dockerfile", finding(3))
    first, second = ignored.unused
    assert "ignores CT104, but there is no such finding here" in first.message
    assert first.place == Place("Dockerfile", Span(2, 1, 2, 36))
    assert first.fix is not None
    assert second.fix is not None
    edits = [*first.fix.edits, *second.fix.edits]
    result = changes(text, edits)
    assert not isinstance(result, str)
    assert changed(text, result) == "FROM a\n# ctlint: ignore[CT205] both\nRUN b\nRUN c\n"


def test_a_rule_that_did_not_decide_makes_no_comment_unused() -> None:
    text = "# ctlint: ignore[CT104, CT205] both\nRUN b\n"
    assert not outcome(text, "Dockerfile", decided={"CT303"}).unused
    assert [each.subject for each in outcome(text, "Dockerfile", decided={"CT104"}).unused] == ["unused CT104"]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# ctlint: ignore[CT250]", "`CT250` is no rule of ctlint."),
        ("# ctlint: ignore[init-enviroment-missing]", "did you mean `init-environment-missing`?"),
        ("# ctlint: ignore[zzzzzzz]", "`zzzzzzz` is no rule of ctlint."),
        ("# ctlint: ignore[CT001] x", "CT001 cannot be ignored."),
        ("# ctlint: ignore", "names no rule, so nothing is ignored"),
        ("# ctlint: ignore[] x", "names no rule, so nothing is ignored"),
        ("# ctlint: ignore CT205", "names no rule, so nothing is ignored"),
        ("# ctlint: disable[CT205]", "`ctlint: disable` means nothing"),
        ("# ctlint: ignore-line[CT205]", "`ctlint: ignore-line` means nothing"),
    ],
)
def test_what_cannot_be_understood_is_reported(comment: str, expected: str) -> None:
    ignored = outcome(f"{comment}\nRUN a\n", "Dockerfile", finding(2))
    assert [each.rule for each in ignored.kept] == ["CT205"]
    assert expected in ignored.unknown[0].message


@pytest.mark.parametrize(
    "comment", ["# ctlint: see the docs", "# hadolint ignore=DL3008", "# check=skip=all", "# about ctlint"]
)
def test_prose_and_others_comments_are_left_alone(comment: str) -> None:
    assert not outcome(f"FROM a\n{comment}\nRUN a\n", "Dockerfile").messages


def test_failures_of_the_run_are_never_hidden() -> None:
    ignored = outcome("# ctlint: ignore-file[CT001] x\nRUN a\n", "Dockerfile", finding(2, "CT001"))
    assert len(ignored.kept) == 1


@pytest.mark.parametrize("reason", ["", " ", " - "])
def test_a_reason_may_be_required(reason: str) -> None:
    text = f"# ctlint: ignore[CT205]{reason}\nRUN a\n"
    assert not outcome(text, "Dockerfile", finding(2)).messages
    ignored = outcome(text, "Dockerfile", finding(2), require_reason=True)
    assert suppressed_lines(ignored) == [2]
    assert "gives no reason" in ignored.missing_reason[0].message
    assert not outcome(
        "# ctlint: ignore[CT205] -- since\nRUN a\n", "Dockerfile", finding(2), require_reason=True
    ).messages


def test_a_comment_that_disables_a_parser_directive_is_reported() -> None:
    above = outcome("# ctlint: ignore[CT205] x\n# escape=`\nFROM a\n", "Dockerfile", finding(3))
    assert "parser directive stands below" in above.messages[0].message
    below = outcome("# syntax=x\n# escape=`\n# ctlint: ignore[CT205] x\nFROM a\n", "Dockerfile", finding(4))
    assert not below.messages


def test_crlf_and_byte_order_mark_do_not_matter() -> None:
    text = "\ufeff# ctlint: ignore[CT205] x\r\nRUN a \\\r\n  b\r\nRUN c\r\n"
    ignored = apply_ignores(text, "Dockerfile", [finding(3), finding(4)], RULES)
    assert suppressed_lines(ignored) == [3]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("a/Dockerfile.dev", "FROM a", "dockerfile"),
        ("a/app.Dockerfile", "FROM a", "dockerfile"),
        ("x.desktop", "", "desktop"),
        ("bin/x", "#!/usr/bin/env -S python3 -u\n", "script"),
        ("bin/x", "#!/usr/bin/python3.11\n", "script"),
        ("bin/x", "#!/usr/bin/with-contenv bash\n", "script"),
        ("bin/x", "#!/usr/bin/env node\n", "other"),
        ("etc/s6-overlay/s6-rc.d/x/up", "/etc/x\n", "script"),
        ("etc/s6-overlay/s6-rc.d/x/type", "longrun\n", "other"),
        ("etc/s6-overlay/s6-rc.d/user/contents.d/x", "", "none"),
        ("etc/cont-init.d/60-x", "echo", "script"),
        ("compose.yaml", "a: 1", "data"),
        ("package.json", "{}", "other"),
        ("x.sh", "a\0b", "none"),
    ],
)
def test_kinds_of_file(path: str, text: str, kind: str) -> None:
    assert kind_of(path, text) == kind


def added(text: str, path: str, *found: Finding, unit: Unit | None = None) -> str:
    return add_ignores(text, path, found, "known  since\nlong", unit=unit).text


def test_comments_are_added_above_the_instruction_below_the_directives() -> None:
    text = "# syntax=x\n# escape=\\\nFROM a\nRUN b && \\\n    c\n"
    assert added(text, "Dockerfile", finding(5), finding(4, "CT104"), finding(3)) == (
        "# syntax=x\n# escape=\\\n# ctlint: ignore[CT205] known since long\nFROM a\n"
        "# ctlint: ignore[CT104, CT205] known since long\nRUN b && \\\n    c\n"
    )


def test_comments_are_added_below_the_shebang_and_with_the_commands_indentation_and_line_end() -> None:
    text = "#!/bin/sh\r\nif a; then\r\n\tfoo \\\r\n\t  b\r\nfi\r\n"
    assert added(text, "x.sh", finding(1, "CT104", "x.sh"), finding(4, path="x.sh")) == (
        "#!/bin/sh\r\n# ctlint: ignore[CT104] known since long\r\nif a; then\r\n"
        "\t# ctlint: ignore[CT205] known since long\r\n\tfoo \\\r\n\t  b\r\nfi\r\n"
    )


def test_codes_join_a_comment_that_is_there() -> None:
    text = "FROM a\n# ctlint: ignore[CT104] first\n# more\nRUN b\n"
    assert added(text, "Dockerfile", finding(4)) == "FROM a\n# ctlint: ignore[CT104, CT205] first\n# more\nRUN b\n"


def test_a_finding_on_a_comment_is_ignored_for_the_file() -> None:
    assert added("# syntax=x\nFROM a\n", "Dockerfile", finding(1)) == (
        "# syntax=x\n# ctlint: ignore-file[CT205] known since long\nFROM a\n"
    )


def test_a_file_that_ends_at_its_shebang_and_one_with_byte_order_mark() -> None:
    assert added("#!/bin/sh", "x", finding(1, path="x")) == "#!/bin/sh\n# ctlint: ignore[CT205] known since long"
    assert added("\ufeffFROM a\n", "Dockerfile", finding(1)).startswith("\ufeff# ctlint: ignore[CT205]")


@pytest.mark.parametrize(
    ("path", "text"), [("s6-rc.d/x/type", "longrun\n"), ("a.json", "{}"), ("a", ""), ("x", "#!/usr/bin/env node\n")]
)
def test_files_that_may_hold_no_comment_stay_as_they_are(path: str, text: str) -> None:
    result = add_ignores(text, path, [finding(1, path=path)], "x")
    assert result.text == text
    assert len(result.left) == 1


def test_failures_of_the_run_get_no_comment() -> None:
    result = add_ignores("FROM a\n", "Dockerfile", [finding(1, "CT001")], "x")
    assert (result.text, len(result.left)) == ("FROM a\n", 1)


ROWS = {
    "Dockerfile": [
        "FROM a",
        "RUN b \\",
        "  c",
        "",
        "# note",
        "# ctlint: ignore[CT303] old",
        "# syntax=x",
        "ENV A=b",
        "COPY x \\",
    ],
    "x.sh": ["#!/bin/sh", "foo", "foo \\", "  bar", "", "# note", "\tif a; then", "# ctlint: ignore[CT303] old"],
    "x.desktop": ["[Desktop Entry]", "Name=a", "", "# note", "Exec=b\\"],
}


@settings(deadline=None)
@given(
    path=st.sampled_from(sorted(ROWS)),
    picks=st.lists(st.integers(0, 8), min_size=1, max_size=12),
    where=st.lists(st.tuples(st.integers(1, 12), st.sampled_from(["CT104", "CT205", "CT303"])), min_size=1, max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    newline=st.booleans(),
)
def test_what_add_ignores_writes_covers_the_findings_and_changes_nothing_else(
    path: str, picks: list[int], where: list[tuple[int, str]], end: str, newline: bool
) -> None:
    rows = [ROWS[path][pick % len(ROWS[path])] for pick in picks]
    rows = [row for number, row in enumerate(rows) if number == 0 or not row.startswith("#!")]
    text = end.join(rows) + (end if newline else "")
    found = [finding(min(line, len(rows)), rule, path) for line, rule in where]
    result = add_ignores(text, path, found, "reason")
    if result.left:
        assert result.text == text
        return
    assert without_comments(result.text) == without_comments(text)
    moved = [shifted(text, result.text, each) for each in found]
    assert not apply_ignores(result.text, path, moved, RULES).kept
    again = add_ignores(result.text, path, moved, "reason")
    assert again.text == result.text, "a second time there is nothing to add"


def without_comments(text: str) -> list[str]:
    return [row.rstrip("\r") for row in text.split("\n") if "# ctlint: ignore" not in row]


def shifted(before: str, after: str, found: Finding) -> Finding:
    """The finding at its line in the new text: the one with as many lines that are not new before it."""
    old, new = before.split("\n"), after.split("\n")
    line, position = 0, 0
    for number, row in enumerate(new, 1):
        known = position < len(old) and (
            row.rstrip("\r") == old[position].rstrip("\r") or is_joined(old[position], row)
        )
        if known:
            position += 1
            if position == found.place.line:
                line = number
                break
    return finding(line, found.rule, found.place.path)


def is_joined(old: str, new: str) -> bool:
    return old.startswith("# ctlint") and new.startswith("# ctlint: ignore[CT303") and new.rstrip("\r").endswith("old")


BEHIND = """\
#!/bin/sh
chown "$USER" /srv # ctlint: ignore[CT205] the image sets it
mkdir -p \\
    /srv/a # ctlint: ignore[CT205]
echo "# ctlint: ignore[CT205]" # no comment of ctlint
cat <<EOF
$USER # ctlint: ignore[CT205]
EOF
"""


def test_behind_a_command_it_covers_what_it_stands_behind_and_is_removed_alone() -> None:
    unit = units((2, 2), (3, 4), (5, 5), (6, 8))
    ignored = outcome(BEHIND, "run.sh", *(finding(line, path="run.sh") for line in range(1, 8)), unit=unit)
    assert suppressed_lines(ignored) == [2, 3, 4]
    assert not ignored.messages
    unused = outcome(BEHIND, "run.sh", finding(2, path="run.sh"), unit=unit)
    (message,) = unused.messages
    assert message.place.line == 4
    assert message.fix is not None
    edited = changes(BEHIND, list(message.fix.edits))
    assert not isinstance(edited, str)
    assert changed(BEHIND, edited) == BEHIND.replace("/srv/a # ctlint: ignore[CT205]", "/srv/a")


def test_behind_a_value_of_yaml_it_is_a_comment() -> None:
    text = "services:\n  a:\n    image: acme/x # ctlint: ignore[CT205] not ours\n    name: '# ctlint: ignore[CT104]'\n"
    ignored = outcome(text, "compose.yaml", finding(3, path="compose.yaml"), finding(2, path="compose.yaml"))
    assert suppressed_lines(ignored) == [3]
    assert not ignored.messages


@pytest.mark.parametrize(
    ("path", "text", "above"),
    [
        ("Dockerfile", "FROM acme/base # ctlint: ignore[CT205] ours\n", 1),
        ("Dockerfile", "FROM acme/base\nRUN a && \\\n    b # ctlint: ignore[CT205]\n", 2),
        ("a.desktop", "[Desktop Entry]\nName=A # ctlint: ignore[CT408]\n", 2),
    ],
)
def test_where_no_comment_can_stand_behind_it_says_where_to_put_it(path: str, text: str, above: int) -> None:
    line = text.count("\n")
    ignored = outcome(text, path, finding(line, path=path), finding(line, "CT408", path=path))
    assert not ignored.suppressed
    (message,) = ignored.messages
    assert message.place.line == line
    assert f"above line {above}." in message.help
