"""What an lru_cache holds is read without asking it."""

import functools

from helpers.doctor import cached


def test_a_cache_is_read_without_a_call():
    @functools.lru_cache(maxsize=3)
    def double(value, *, times=2):
        return None if value == 0 else value * times

    for value in (9, 0, "a", "b"):
        double(value)
    double("a", times=1)
    before = double.cache_info()
    found = {str(cached.arguments(key)): value for key, value in cached.contents(double).items()}
    assert found == {"(('a',), {})": "aa", "(('b',), {})": "bb", "(('a',), {'times': 1})": "a"}
    assert double.cache_info() == before


def test_an_empty_cache_is_empty_and_a_plain_function_has_none():
    assert cached.contents(functools.lru_cache(len)) == {}
    assert cached.contents(len) is None
