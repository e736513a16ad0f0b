"""Who may answer a request; ``helpers.replay.order`` says who is asked, and in which order.

Each is an ``Answerer``: ``answer`` returns a response, or None to leave the request to the next.
Another one, such as another local model, is a module here and a line in ``order``.
"""

from __future__ import annotations

from helpers.replay.answerers.local_model import LocalModel
from helpers.replay.answerers.provider import Recorder
from helpers.replay.answerers.recordings import Recordings
from helpers.replay.answerers.standin import StandIn
from helpers.replay.answerers.translated import Translated

__all__ = ["LocalModel", "Recorder", "Recordings", "StandIn", "Translated"]
