"""What a proxy's config says about logging."""

import pytest

from helpers.doctor import proxies


def test_a_config_tells_what_the_proxy_logs():
    text = "litellm_settings:\n  success_callback: [langsmith]\n  langsmith_batch_size: 1\n"
    assert proxies.parse(text) == proxies.Config(frozenset({"success"}), 1)


def test_our_config_logs_both():
    assert proxies.settings().events == {"success", "failure"}


@pytest.mark.parametrize("text", ["", "[", "- a", "litellm_settings: 3"])
def test_a_config_that_says_nothing_does_no_harm(tmp_path, text):
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    assert proxies.settings(tmp_path / "c.yaml") == proxies.Config()
