"""What a pull could not read: its rows are not there, and the coverage says why."""

from corpus.customer import Customer

REASON = "The key lacks a scope."


def unread(one: Customer, subject: str, project: str = "") -> None:
    """The pull could not read this; its rows are not there either."""
    for at in [at for at in one.coverage if at[1] == subject]:
        if not project or at[0] in ("", project):
            del one.coverage[at]
    if project:
        for other in one.projects:
            one.coverage[other, subject] = (
                other != project,
                "" if other != project else REASON,
            )
    else:
        one.coverage["", subject] = (False, REASON)
    table, _, part = subject.partition(".")
    where = {project} if project else set(one.projects) | {""}
    if table == "usage_rows":
        one.rows = {
            r: q for r, q in one.rows.items() if not (r.meter == part and r.project in where)
        }
    elif table == "activity":
        for at in [at for at in one.activity if at[1] == part and at[0] in where]:
            del one.activity[at]
    elif table == "resources":
        one.lists["resources"] = [
            r
            for r in one.lists["resources"]
            if not (r["kind"] == part and r["project_id"] in where)
        ]
    elif table == "projects" and part:
        _settings_unread(one, part, where)
    elif table == "usage_daily":
        one.daily = {at: s for at, s in one.daily.items() if at[0] not in where}
    elif table == "lifecycle":
        one.crm = {}
    elif table in one.lists:
        one.lists[table] = [r for r in one.lists[table] if r.get("project_id", "") not in where]


def _settings_unread(one: Customer, part: str, where: set[str]) -> None:
    for key, row in one.projects.items():
        if key not in where:
            continue
        for name in row:
            replay = name.startswith("session_recording")
            trigger = "trigger" in name
            mine = {
                "replay_controls": replay and not trigger,
                "replay_triggers": replay and trigger,
                "settings": not replay
                and name not in ("organization_id", "project_id", "name", "created_at"),
            }[part]
            if mine:
                row[name] = None
