"""Sphinx's settings."""

from helpers.book import conf


def test_nothing_is_run():
    assert conf.nb_execution_mode == "off"


def test_a_build_for_a_repository_links_to_it_and_any_other_to_none():
    assert "repository_url" not in conf._theme({})
    options = conf._theme(
        {"GITHUB_REPOSITORY": "team/course", "GITHUB_SERVER_URL": "https://github.example"}
    )
    assert options["repository_url"] == "https://github.example/team/course"
    assert options["launch_buttons"]["binderhub_url"]
