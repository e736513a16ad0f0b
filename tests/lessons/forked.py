"""Run scripts many times, and import LiteLLM once."""

__all__ = ["FORKED"]

# Each script in a process of its own, which has LiteLLM from the one that it was forked from.
FORKED = """
import os, runpy, sys
import litellm
for line in sys.argv[1:]:
    child = os.fork()
    if not child:
        os.environ["LANGSMITH_BASE_URL"], *sys.argv = line.split()
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)  # what is lost by name is told there
        runpy.run_path(sys.argv[0], run_name="__main__")
        break
    os.waitpid(child, 0)
"""
