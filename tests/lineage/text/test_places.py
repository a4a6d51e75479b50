"""From a place in a file back to the text that stands there."""

from ctlint.lineage.text.places import MappedText, Span


def test_each_character_is_found_again_where_it_stands() -> None:
    text = MappedText("one\ntwo three\n", ((0, 7, 3), (4, 8, 3), (8, 9, 5)))
    for offset in range(len(text.text)):
        assert text.offset(*text.position(offset)) == offset


def test_what_stands_elsewhere_in_the_file_is_not_in_the_text() -> None:
    text = MappedText.whole("one\ntwo", line=7)
    assert text.offset(6, 1) is None
    assert text.offset(9, 1) is None
    assert text.lines(Span(9, 1)) == (0, 0)


def test_whole_lines_of_a_span() -> None:
    text = MappedText.whole("one\ntwo three\nfour", line=7)
    assert text.text[slice(*text.lines(Span(8, 5, 8, 10)))] == "two three"
    assert text.text[slice(*text.lines(Span(8, 5, 9, 3)))] == "two three\nfour"
    assert text.text[slice(*text.lines(Span(7, 1)))] == "one"
