"""The settings that there are to see."""

from helpers.doctor import views
from helpers.doctor.seen import SETTINGS


def test_every_layer_says_something_of_every_setting_and_of_no_other():
    for seen in (views.sdk_view({}), views.callback_view({}), views.proxy_view({})):
        assert seen.settings.keys() == SETTINGS.keys()


def test_a_variable_decides_one_setting():
    names = [name for each in SETTINGS.values() for name in each if name]
    assert len(names) == len(set(names))
