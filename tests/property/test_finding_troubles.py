"""Looking up what a page said: any text may be pasted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from latesync.sign_in_troubles import TROUBLES, find_troubles, trouble_named, trouble_of_refusal

SIGNS = sorted({sign for trouble in TROUBLES for sign in (*trouble.codes, *trouble.shown, *trouble.errors)})
PIECES = st.one_of(st.text(max_size=40), st.sampled_from(SIGNS), st.integers(0, 10**7).map(str))


@given(st.lists(PIECES, max_size=12), st.sampled_from(["", " ", "\n", ": ", "_"]))
def test_any_text_finds_rows_of_the_table_each_once_and_never_raises(pieces: list[str], joint: str) -> None:
    found = find_troubles(joint.join(pieces))
    assert len(set(found)) == len(found)
    assert set(found) <= set(TROUBLES)


@given(st.text(alphabet=st.characters(categories=["Z", "P", "S", "C"])))
def test_text_without_a_letter_or_digit_finds_nothing(text: str) -> None:
    assert find_troubles(text) == ()


@given(st.sampled_from(TROUBLES), st.data())
def test_code_is_found_in_a_text_of_any_language(trouble: object, data: st.DataObject) -> None:
    row = next(one for one in TROUBLES if one == trouble)
    if not row.codes:
        return
    code = data.draw(st.sampled_from(row.codes))
    around = st.text(alphabet=st.characters(categories=["Lo", "Zs"]), max_size=60)
    assert row in find_troubles(f"{data.draw(around)} {code} {data.draw(around)}")


@given(st.text(), st.text())
def test_names_and_refusals_nobody_knows_have_no_row(name: str, error: str) -> None:
    assert trouble_named(name) is None or trouble_named(name) in TROUBLES
    row = trouble_of_refusal(name, error, provider="google")
    assert row is None or row in TROUBLES
