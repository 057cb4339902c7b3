"""Executed notebook to one HTML file that opens offline, with charts that respond.

The page carries everything: text, tables, chart specifications and the chart library. Its
content security policy forbids every request, and every script but the two it was written
with, so that nothing a customer named their project can run or phone home.
"""

from audit.report.bundle import Bundle, chart_library
from audit.report.page import html, write

__all__ = ["Bundle", "chart_library", "html", "write"]
