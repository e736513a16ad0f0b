"""A tool that takes its time, and two terms looked up side by side."""

import time
from concurrent.futures import ThreadPoolExecutor

from langsmith import traceable
from tools.glossary import GLOSSARY


@traceable(run_type="tool")
def look_up(term):
    time.sleep(0.3)
    return GLOSSARY[term]


@traceable
def answer(*terms):
    with ThreadPoolExecutor() as threads:
        return list(threads.map(look_up, terms))
