"""What the notebooks stand on: a session, recorded answers, a LangSmith on this machine, a trace view."""
