"""families: the ways to attack, each a list of points and what is done there.

A point is a command of a scenario and a word that tells what befalls it. What
is done returns whether it befell, and raises Wrong for a broken promise.
"""
import re
import resource

from world import AGAIN, FAILED, SANITIZED, Wrong

# How a call of each kind is attacked.
KILL = {
    "open": ["kill"], "read": ["kill"], "get": ["kill"], "put": ["kill"],
    "write": ["kill", "half", "after"], "sync": ["kill"],
    "rename": ["kill", "after"], "remove": ["kill"], "mkdir": ["kill"],
    "truncate": ["kill", "after"], "connect": ["kill"],
    "send": ["kill", "half", "after"], "recv": ["kill"],
    "commit": ["kill", "after"], "copied": ["kill", "after"],
    "thread": ["kill"],
}
FAIL = {
    "open": ["EMFILE", "EACCES"], "read": ["EIO", "EINTR", "short"],
    "get": ["EIO"], "put": ["ENOSPC"], "write": ["ENOSPC", "EINTR", "short"],
    "sync": ["EIO"], "rename": ["EACCES"], "remove": ["EACCES"],
    "mkdir": ["ENOSPC"], "truncate": ["EIO"], "connect": ["ECONNREFUSED"],
    "send": ["ECONNRESET", "short"], "recv": ["ECONNRESET", "short"],
    "commit": ["ECONNRESET"], "copied": ["ECONNRESET"], "thread": ["EAGAIN"],
}
HARMLESS = ("EINTR", "short")	# these are no failures
FEW = {"get": 12, "put": 12}	# of streams, which are temporary files or read whole


def spread(n, few):
    """1 to n, or a few of them."""
    return range(1, n + 1) if n <= few else sorted(
        {1 + i * (n - 1) // (few - 1) for i in range(few)})


def points(scenario, ways, few=None):
    """All (command, fault) of a scenario; of each kind a few, where that is given."""
    return [(c, f"{kind}:{n}:{way}")
        for c, counts in enumerate(scenario.counts)
        for kind, actions in ways.items()
        for n in spread(counts[kind], few or FEW.get(kind, 10**9))
        for way in actions]


def impatient(command):
    """A command that does not wait long for a server to come back."""
    waits = command[0] in ("ingest", "pull", "export", "run", "map", "refold") or (
        command[:2] == ["rejects", "replay"])
    return [*command, "--reconnect", "1"] if waits else command


def go(case, command, fault):
    """Runs the commands up to that one, which meets the fault."""
    for c in case.s.commands[:command]:
        case.run(c)
    return case.run(case.s.commands[command], {"FAULT": fault})


def mend(case):
    """The next run brings what the first should have."""
    case.again()
    case.books(stale=True)
    case.strays()
    case.compare()


def kill(case, command, fault, _random):
    r = go(case, command, fault)
    if r.status != -9 and r.status != case.s.statuses[command]:
        raise Wrong(f"exit {r.status}: {r.err.strip()}")
    case.books()
    case.whole_files()
    mend(case)
    return r.status == -9


def twice(case, command, fault, rng):
    r = go(case, command, fault)
    second = rng.choice(points(case.s, KILL))
    go(case, *second)
    case.books()
    mend(case)
    return r.status == -9


def told(text):
    """Whether a failure says what failed and why."""
    return re.search(r"^calltally: (.*\S: \S|out of memory$)", text, re.MULTILINE) is not None


def judge(case, command, r):
    """It failed, with a clear word, and is mended by the next run; or all is done."""
    good = r.status == case.s.statuses[command]
    if not good and r.status not in (FAILED, AGAIN):
        raise Wrong(f"exit {r.status}: {r.err.strip()}")
    if not good and not told(r.err):
        raise Wrong(f"exit {r.status}, and no clear message: {r.err.strip()!r}")
    case.books()
    case.whole_files()
    if not good:
        mend(case)
        return True
    for c in case.s.commands[command + 1:]:
        case.run(c)
    case.strays()
    case.compare()
    return False


def fail(case, command, fault, _random):
    r = go(case, command, fault)
    if fault.endswith(HARMLESS) and r.status != case.s.statuses[command]:
        raise Wrong(f"exit {r.status}: {r.err.strip()}")
    return judge(case, command, r)


# Enough files to begin with, up to those that all commands can do with.
FILES = range(3, 48)
MEMORY_MB = (16, 24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 160, 192, 224, 256,
    320, 384, 512)
NOT_STARTED = (126, 127)	# the system could not even load the program


def limit_points(scenario):
    memory = () if SANITIZED else MEMORY_MB    # a sanitizer maps terabytes
    return [(c, f"{what}:{n}") for c in range(len(scenario.commands))
        for what, ns in (("files", FILES), ("memory", memory)) for n in ns]


def limited(case, command, fault, _random):
    what, n = fault.split(":")
    kind, n = (resource.RLIMIT_NOFILE, int(n)) if what == "files" else (
        resource.RLIMIT_AS, int(n) << 20)
    for c in case.s.commands[:command]:
        case.run(c)
    r = case.run(impatient(case.s.commands[command]), preload=None,
        limit=lambda: resource.setrlimit(kind, (n, n)))
    if r.status in NOT_STARTED:
        return False
    return judge(case, command, r)


def kill_points(scenario):
    return points(scenario, KILL)


def fail_points(scenario):
    return points(scenario, FAIL)


FAMILIES = {
    "kill": (kill, kill_points), "twice": (twice, kill_points),
    "fail": (fail, fail_points), "limits": (limited, limit_points),
}
