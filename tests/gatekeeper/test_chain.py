"""I-43: the audit trail shows any change of what was decided."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from services.gatekeeper.chain import START, link, verify

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda v: st.lists(v, max_size=3),
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), min_size=1, max_size=6)


def chained(records: list[dict[str, JsonValue]]) -> list[tuple[str, dict[str, JsonValue]]]:
    rows, previous = [], START
    for record in records:
        previous = link(previous, record)
        rows.append((previous, record))
    return rows


@given(RECORDS, st.data())
def test_i43_a_chain_verifies_and_any_change_breaks_it_at_its_place(
    records: list[dict[str, JsonValue]], data: st.DataObject
) -> None:
    rows = chained(records)
    at = data.draw(st.integers(0, len(rows) - 1))
    assert verify(rows) is None

    changed = list(rows)
    changed[at] = (rows[at][0], {**rows[at][1], "added": 1})
    assert verify(changed) == (None if rows[at][1] == changed[at][1] else at)
    cut = rows[:at] + rows[at + 1 :]
    assert verify(cut) == (None if at == len(rows) - 1 else at)


def test_i43_the_order_of_keys_changes_nothing() -> None:
    assert link(START, {"a": 1, "b": 2}) == link(START, {"b": 2, "a": 1})
    assert link(START, {"a": 1}) != link("1" * 64, {"a": 1})
