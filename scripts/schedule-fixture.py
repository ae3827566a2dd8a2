#!/usr/bin/env python3
"""Writes crates/domain/src/schedule/tests/cronsim.tsv: what cronsim, a Python port of Debian cron's rules, says about
expressions around changes of the clocks.

To run it again (Linux, Python 3.11 or later; tzdata is pinned because the rules of zones change):

    python3 -m venv /tmp/cronsim
    /tmp/cronsim/bin/pip install cronsim==2.8 tzdata==2026.1
    PYTHONTZPATH= /tmp/cronsim/bin/python scripts/schedule-fixture.py > crates/domain/src/schedule/tests/cronsim.tsv

Each line: expression, zone, the instant to start after, the next five instants, all in seconds since 1970 UTC,
separated by tabs.
"""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from cronsim import CronSim

EXPRESSIONS = [
    "* * * * *",
    "*/15 * * * *",
    "0 * * * *",
    "30 * * * *",
    "15 */2 * * *",
    "*/20 0-3 * * *",
    "30 0 * * *",
    "0 0 * * *",
    "45 1 * * *",
    "30 2 * * *",
    "0 2 * * *",
    "0 3 * * *",
    "15,45 1,2 * * *",
    "10 0-3/2 * * *",
    "0 0 * * SUN",
    "30 1 L * *",
    "15 2 * * SUN#1",
    "15 1 LW * *",
    "0 0 1,15 * MON",
    "0 2 */2 * FRI",
    "59 23 29 2 *",
    "0 12 * 11 0L",
    "*/20 30 1 * * *",
    "0,30 * * * * *",
]

# Zone, and a little before its clocks change (UTC).
STARTS = {
    "UTC": ["2024-03-31T00:40", "2024-10-27T00:10"],
    "Europe/Berlin": ["2024-03-30T22:50", "2024-03-31T00:40", "2024-10-26T22:10", "2024-10-27T00:10"],
    "America/New_York": ["2024-03-10T04:50", "2024-03-10T06:50", "2024-11-03T03:50", "2024-11-03T05:10"],
    "Australia/Lord_Howe": ["2024-04-06T12:50", "2024-04-06T14:20", "2024-10-05T14:20", "2024-10-05T15:20"],
    "America/Sao_Paulo": ["2018-02-17T23:40", "2018-02-18T01:30", "2018-11-03T22:00", "2018-11-04T02:40"],
    "Africa/Cairo": ["2024-04-25T20:20", "2024-04-25T21:50", "2024-10-31T18:40", "2024-10-31T20:10"],
    "Asia/Beirut": ["2024-03-30T20:20", "2024-03-30T21:50", "2024-10-26T19:20", "2024-10-26T20:50"],
    "America/Havana": ["2024-03-10T03:20", "2024-03-10T04:50", "2024-11-03T03:20", "2024-11-03T04:40"],
    "Atlantic/Azores": ["2024-03-30T23:10", "2024-03-31T00:50", "2024-10-26T22:50", "2024-10-27T00:20"],
}


def main():
    for zone, starts in STARTS.items():
        for start in starts:
            begin = datetime.fromisoformat(start).replace(tzinfo=timezone.utc)
            for expression in EXPRESSIONS:
                iterator = CronSim(expression, begin.astimezone(ZoneInfo(zone)))
                instants = [str(int(next(iterator).timestamp())) for _ in range(5)]
                print(expression, zone, int(begin.timestamp()), *instants, sep="\t")


if __name__ == "__main__":
    main()
