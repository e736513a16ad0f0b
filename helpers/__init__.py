"""What the notebooks stand on: a session, recorded answers, a local LangSmith, a trace view."""
