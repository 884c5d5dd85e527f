"""How dates read for people: one way, in letters, in the Temporal UI and on the command line."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

WEEKDAYS_ZH = "一二三四五六日"


def people_day(due: datetime, zone: tzinfo) -> str:
    """
    Return the first instant that is too late as people say it, such as ``2026-03-17 (周二) 24:00`` for 00:00 of the 18th.

    *zone* is the time zone of the rule that set it.
    """
    local = due.astimezone(zone)
    if local.time() == time():
        day = local.date() - timedelta(days=1)
        return f"{day} (周{WEEKDAYS_ZH[day.weekday()]}) 24:00"
    return f"{local.date()} (周{WEEKDAYS_ZH[local.weekday()]}) {local:%H:%M}"
