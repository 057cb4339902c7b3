"""Writing to other systems: plan, preview, confirm, apply. Nothing is sent to a customer."""

from audit.push.apply import Applied, apply
from audit.push.change import Change, html_of, linted
from audit.push.plan import Wanted, planned, suggested_channel
from audit.push.sinks import Sink, SlackSink, VitallySink, sinks

__all__ = [
    "Applied",
    "Change",
    "Sink",
    "SlackSink",
    "VitallySink",
    "Wanted",
    "apply",
    "html_of",
    "linted",
    "planned",
    "sinks",
    "suggested_channel",
]
