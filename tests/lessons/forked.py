"""Run scripts many times, and import LiteLLM once."""

__all__ = ["FORKED", "LOADED"]

# Each script in a process of its own, which has LiteLLM from the one that it was forked from. A
# line has variables first, NAME=value, and then the script with its arguments.
FORKED = """
import gc, os, runpy, sys
import litellm
gc.freeze()  # else each child searches what LiteLLM has made, at its end
for line in sys.argv[1:]:
    child = os.fork()
    if not child:
        words = line.split()
        while "=" in words[0]:
            name, _, os.environ[name] = words.pop(0).partition("=")
        sys.argv = words
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 2)  # what is lost by name is told there
        runpy.run_path(sys.argv[0], run_name="__main__")
        break
    os.waitpid(child, 0)
"""
# The same with what LiteLLM loads in its first call and at its end, for claims that do not hang
# on the second or two which that takes.
_LATE = ("openai.resources", "litellm.litellm_core_utils.custom_logger_registry")
LOADED = FORKED.replace("import litellm\n", f"import litellm, {', '.join(_LATE)}\n")
