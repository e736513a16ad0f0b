"""Where the model is asked, in this order: the old machine until Friday, then the provider."""

ADDRESSES = ("http://127.0.0.1:9", None)
