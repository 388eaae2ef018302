"""Children of the tests find Daybook's packages, also when pytest was not started by `./daybook test`."""

import os

from app.setup.environment import search_path

os.environ["PYTHONPATH"] = search_path()
os.environ["DAYBOOK_LOG_FORMAT"] = "text"  # for the people who read what a failed test printed
