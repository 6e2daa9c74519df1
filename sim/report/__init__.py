"""Pages for a browser, each one file that needs no network: the report of a study, the replay of a
run."""

from sim.report.page import report_page
from sim.report.replay import replay_page

__all__ = ["replay_page", "report_page"]
