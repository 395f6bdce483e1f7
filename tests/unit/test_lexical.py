"""Words as sparse vectors."""

from orchestrator.domain.lexical import MAX_QUERY_TERMS, MAX_TERMS, document_terms, query_terms, rarity, term


def test_a_record_has_the_words_of_its_texts() -> None:
    found = document_terms(
        {
            "caption": "A red Car",
            "labels": ["car", "Tree"],
            "display_name": "IMG_2041.jpg",
            "folder": ["street", "street/north"],
            "sha256": "abc",
            "width": 3.0,
        }
    )
    said = ["a", "red", "car", "tree", "img", "2041", "jpg", "street", "north"]
    assert found.keys() == {term(word) for word in said}
    # Said twice counts for more, and not for twice as much.
    assert found[term("red")] < found[term("car")] < 2 * found[term("red")]
    assert document_terms({}) == {}


def test_a_short_text_says_more_with_each_word() -> None:
    short, long = ({"caption": "red " + "car " * times} for times in (2, 60))
    assert document_terms(short)[term("red")] > document_terms(long)[term("red")]


def test_terms_are_bounded_and_in_order() -> None:
    many = document_terms({"caption": " ".join(f"w{number}" for number in range(2 * MAX_TERMS))})
    assert len(many) == MAX_TERMS
    assert list(many) == sorted(many)
    assert max(many) < 2**32
    query = query_terms(" ".join(f"w{number} W{number}" for number in range(500)))
    assert len(query) == MAX_QUERY_TERMS
    assert set(query.values()) == {1.0}
    assert query_terms("!?") == {}


def test_every_script_has_words() -> None:
    assert document_terms({"caption": "Красный зонт"}).keys() == query_terms("зонт красный").keys()


def test_what_few_have_is_rare() -> None:
    assert rarity(100, 1) > rarity(100, 50) > rarity(100, 100) > 0
