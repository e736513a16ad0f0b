"""The options that are ours are options of this run."""


def test_the_file_for_outputs_is_an_option_and_not_set(pytestconfig):
    assert pytestconfig.getoption("--outputs-to") is None


def test_the_lag_is_an_option_and_not_set(pytestconfig):
    assert pytestconfig.getoption("--lag") is None
