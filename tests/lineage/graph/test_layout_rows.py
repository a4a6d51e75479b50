"""Lines beside boxes that stand in rows: none runs across a box."""

from ctlint.lineage.graph.layout import HEIGHT, layout


def test_a_line_leaves_a_layer_of_rows_before_it_turns() -> None:
    leaves = [f"leaf{number:02}" for number in range(40)]
    grand = [f"grand{number}" for number in range(5)]
    edges = [("root", leaf) for leaf in leaves] + [("root", "middle")] + [("middle", each) for each in grand]
    found = layout(dict.fromkeys(("root", "middle", *leaves, *grand), 100.0), edges)
    middle = found.boxes["middle"]
    end = max(found.boxes[leaf].x + found.boxes[leaf].width for leaf in leaves)
    for each in grand:
        begin, corner, *_ = found.lines["middle", each]
        assert begin[1] == corner[1] == middle.y + HEIGHT / 2
        assert corner[0] >= end
        assert found.boxes[each].x > end
