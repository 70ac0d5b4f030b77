#!/usr/bin/env python3
"""browser.py: drives report.html in headless Chromium, and speaks TAP.

	browser.py RICH.html EMPTY.html

RICH is the page of an export with hostile texts in it (browser.t makes both). Chromium is spoken to over pipes, so no port is opened. Pictures are
left in the folder that PICTURES names, to be looked at.
"""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ANSWER_S = 20
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
	--disable-component-update --disable-sync --remote-debugging-pipe""".split()


class Browser:
    """One tab; events are kept as they come."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="calltally-page.")
        to_read, self.to = os.pipe()
        self.of, of_write = os.pipe()
        program = os.environ.get("CHROMIUM", "chromium")

        def pipes():    # Chromium reads commands from 3 and writes answers to 4
            os.dup2(to_read, 13)
            os.dup2(of_write, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)
        self.process = subprocess.Popen([program, *FLAGS, "--user-data-dir=" + self.profile, "about:blank"],
                                        preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(of_write)
        self.bytes, self.events, self.number, self.session = b"", [], 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self.call(domain + ".enable")

    def receive(self):
        while b"\0" not in self.bytes:
            more = os.read(self.of, 1 << 16)
            if not more:
                raise EOFError("Chromium is gone")
            self.bytes += more
        message, self.bytes = self.bytes.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        rest = json.dumps(message).encode() + b"\0"
        while rest:
            rest = rest[os.write(self.to, rest):]
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def js(self, expression):
        """The value of an expression, under the page's policy; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True,
                           allowUnsafeEvalBlockedByCSP=False)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def open(self, path, width=1280, dark=False):
        self.events.clear()
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.media(dark)
        self.call("Page.navigate", url=Path(path).resolve().as_uri())
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.receive())

    def media(self, dark):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def key(self, key):
        for kind in "rawKeyDown", "char", "keyUp":
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      text="\r" if key == "Enter" and kind != "keyUp" else "",
                      windowsVirtualKeyCode={"Enter": 13, "Tab": 9}[key])

    def picture(self, name):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True,
                         clip={"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})
        keep(name + ".png", shot["data"])

    def troubles(self):
        """Errors on the console, exceptions, refusals of the policy, and what was asked of a network."""
        found = []
        for e in self.events:
            p = e.get("params", {})
            match e.get("method"):
                case "Runtime.exceptionThrown":
                    found.append(p["exceptionDetails"].get("exception", {}).get("description", "exception"))
                case "Runtime.consoleAPICalled" if p["type"] in ("error", "warning", "assert"):
                    found.append(f"console.{p['type']}: {p['args']}")
                case "Log.entryAdded" if p["entry"]["level"] in ("error", "warning"):
                    found.append(p["entry"]["text"])
                case "Network.requestWillBeSent" if not p["request"]["url"].startswith(("file:", "data:")):
                    found.append("asked for " + p["request"]["url"])
                case "Page.javascriptDialogOpening":
                    found.append("dialog: " + p["message"])
        return found

    def close(self):
        self.session = None
        try:
            self.call("Browser.close")
        except (EOFError, OSError):
            pass
        self.process.wait(ANSWER_S)
        shutil.rmtree(self.profile, ignore_errors=True)


def keep(name, data):
    folder = os.environ.get("PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_bytes(base64.b64decode(data))


class Tap:
    def __init__(self):
        self.passed = self.failed = 0

    def ok(self, good, name, *more):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print(f"{'ok' if good else 'not ok'} {self.passed + self.failed} - {name}", flush=True)
        for line in [] if good else more:
            print("#", str(line)[:600])

    def equal(self, got, want, name):
        self.ok(got == want, name, f"got:    {got!r}", f"wanted: {want!r}")

    def end(self):
        print(f"1..{self.passed + self.failed}")
        print(f"# {self.passed} passed, {self.failed} failed")
        return self.failed > 0


# A drawing is not blank when its pixels have several colours.
COLOURS = """[...document.querySelectorAll('.plot canvas')].map((c) => {
    const seen = new Set(), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    for (let i = 0; i < d.length; i += 40) seen.add(d[i] << 24 | d[i + 1] << 16 | d[i + 2] << 8 | d[i + 3]);
    return [c.closest('section').id, seen.size];
})"""
COLUMN = """((n) => [...document.querySelectorAll('#table tbody tr')].map((r) => r.cells[n].textContent))(%d)"""
HEADS = "[...document.querySelectorAll('#table thead th')].map((h) => h.textContent)"


def column(b, n):
    return b.js(COLUMN % n)


def numbers(texts):
    return [float(t.replace(",", "").rstrip("\u00a0%")) for t in texts if t]


def type_filter(b, section, text):
    b.js(f"""(() => {{ const i = document.querySelector('#{section} input[type=search]');
        i.focus(); i.value = {json.dumps(text)}; i.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()""")


def check_drawings(b, tap, name):
    drawn = dict(b.js(COLOURS))
    tap.equal(sorted(drawn), ["credits", "outcomes", "rates", "sentiment"], name + ": all is drawn")
    tap.ok(all(n > 3 for n in drawn.values()), name + ": no drawing is blank", drawn)


def check_totals(b, tap):
    data = b.js("JSON.parse(document.getElementById('data').textContent)")
    t = [dict(zip(data["totals"]["columns"], r)) for r in data["totals"]["rows"]]
    shown = {k: v for k, v in b.js("[...document.querySelectorAll('#totals data')].map((e) => [e.dataset.metric, Number(e.value)])")}
    for metric in "calls", "connected", "succeeded", "reattempts":
        tap.equal(shown[metric], sum(r[metric] for r in t), f"totals: {metric}")
    tap.ok(abs(shown["connect_rate"] - sum(r["connected"] for r in t) / sum(r["attempted"] for r in t)) < 1e-9,
           "totals: the connect rate is connected / attempted")
    tap.ok(b.js("document.querySelector('#totals .change') !== null"), "totals: the change is told")


def check_table(b, tap):
    heads = b.js(HEADS)
    calls = heads.index("Calls")
    b.js(f"document.querySelectorAll('#table thead button')[{calls}].click()")
    got = numbers(column(b, calls))
    tap.ok(len(got) > 5 and got == sorted(got, reverse=True), "table: a click sorts, the greatest first", got)
    tap.equal(b.js(f"document.querySelectorAll('#table thead th')[{calls}].getAttribute('aria-sort')"), "descending",
              "table: the order is told to screen readers")
    b.js(f"document.querySelectorAll('#table thead button')[{calls}].focus()")
    b.key("Enter")
    got = numbers(column(b, calls))
    tap.ok(got == sorted(got), "table: the Enter key turns it round", got)
    rate = heads.index("Success rate")
    b.js(f"document.querySelectorAll('#table thead button')[{rate}].click()")
    texts = column(b, rate)
    tap.ok(numbers(texts) == sorted(numbers(texts), reverse=True) and "" not in texts[:len(numbers(texts))],
           "table: empty cells come last", texts)
    everything = b.js("document.querySelector('#table .state').textContent")
    type_filter(b, "table", "cart whippy")
    names = b.js("[...document.querySelectorAll('#table tbody tr')].map((r) => r.textContent.toLowerCase())")
    tap.ok(names and all("cart" in n and "whippy" in n for n in names), "table: the filter takes all words", names)
    tap.ok(b.js("document.querySelector('#table .state').textContent") != everything, "table: and says how many are left")
    type_filter(b, "table", "nothing is called so")
    tap.equal(column(b, 0), ["Nothing has all these words."], "table: nothing may be left, and that is said")
    b.js("[...document.querySelectorAll('#table .chooser button')].find((x) => x.textContent === 'Campaigns').click()")
    tap.equal(b.js(HEADS)[0], "Campaign", "table: campaigns")
    b.js("[...document.querySelectorAll('#table .chooser button')].find((x) => x.textContent === 'Outcomes').click()")
    tap.ok("No answer" in b.js(HEADS), "table: other columns")


def check_choices(b, tap):
    before = b.js("Number(document.querySelector('#totals data').value)")
    b.js("(() => { const s = document.getElementById('provider'); s.value = 'whippy'; s.dispatchEvent(new Event('change')); })()")
    after = b.js("Number(document.querySelector('#totals data').value)")
    tap.ok(0 < after < before, "a provider alone", before, after)
    tap.ok(set(column(b, 1)) == {"whippy"}, "and its assistants alone")
    b.js("(() => { const s = document.getElementById('provider'); s.value = ''; s.dispatchEvent(new Event('change')); })()")
    b.js("(() => { const s = document.getElementById('step'); s.value = 'week'; s.dispatchEvent(new Event('change')); })()")
    tap.ok(b.js("document.querySelector('#outcomes tbody th').textContent").startswith("Week of"), "weeks instead of days")
    b.js("document.querySelector('#outcomes .legend button').click()")
    tap.equal(b.js("document.querySelector('#outcomes .legend button').getAttribute('aria-pressed')"), "false",
              "an outcome can be left out")
    text = b.js("document.querySelector('#hours tbody').textContent")
    b.js("[...document.querySelectorAll('#hours .chooser button')].find((x) => x.textContent === 'Connect rate').click()")
    tap.ok(b.js("document.querySelector('#hours tbody').textContent") != text, "the hours show another figure")


def check_injection(b, tap):
    tap.ok(b.js("document.documentElement.textContent.includes('hostile')"), "hostile texts are on the page")
    tap.equal(b.js("document.scripts.length"), 3, "no script came in by a text")
    tap.equal(b.js("document.querySelectorAll('img, iframe, object, embed, form, body a[href]:not([href^=\"#\"])').length"), 0,
              "and no other element")
    tap.equal(b.js("typeof window.hostile"), "undefined", "none was run")
    b.js("document.querySelector('#insights .more').click()")
    tap.ok("<script>window.hostile" in b.js("document.getElementById('insights').textContent"), "an insight is shown as it is")
    tap.ok("<script>" in b.js("document.getElementById('restated').textContent"), "and a summary that was restated")
    type_filter(b, "table", "<script>")
    tap.ok("<script>" in "".join(column(b, 0)), "and an assistant's name")


def check_policy(b, tap):
    """What would be run or fetched without the policy."""
    b.js("""(() => { const s = document.createElement('script'), i = document.createElement('img');
        s.textContent = 'window.hostile = 1'; i.src = 'http://127.0.0.1:9/x.png'; document.body.append(s, i); })()""")
    tap.equal(b.js("typeof window.hostile"), "undefined", "the policy lets no other script run")
    tap.ok(any("Content Security Policy" in t for t in b.troubles()), "and says so")
    b.js("new Promise((done) => setTimeout(done, 100))")
    tap.equal([e["params"].get("blockedReason") for e in b.events if e.get("method") == "Network.loadingFailed"], ["csp"],
              "nor a picture be fetched")
    try:
        b.js("new Function('return 1')()")
        tap.ok(False, "nor a text become code")
    except RuntimeError as e:
        tap.ok("EvalError" in str(e), "nor a text become code", e)


def check_access(b, tap):
    tap.equal(b.js("[...document.querySelectorAll('canvas:not(.swatch)')].filter((c) => !c.getAttribute('aria-label')).length"), 0,
              "each drawing says what it shows")
    tap.equal(b.js("[...document.querySelectorAll('input, select')].filter((i) => !i.labels.length).length"), 0,
              "each field has a label")
    tap.equal(b.js("[...document.querySelectorAll('table')].filter((t) => !t.caption).length"), 0, "each table has a caption")
    b.js("document.activeElement.blur(); scrollTo(0, 0)")
    b.key("Tab")
    tap.equal(b.js("document.activeElement.className"), "skip", "the first Tab offers the way past the head")
    tap.ok(b.js("getComputedStyle(document.querySelector('#table tbody .n')).textAlign") == "right", "numbers are on the right")


def fits(b):
    return b.js("document.documentElement.scrollWidth <= innerWidth")


def main(rich, nothing):
    tap, b = Tap(), Browser()
    try:
        b.open(rich)
        check_drawings(b, tap, "light")
        check_totals(b, tap)
        check_access(b, tap)
        tap.ok(fits(b), "nothing sticks out")
        b.picture("light")
        check_table(b, tap)
        check_choices(b, tap)
        tap.equal(b.troubles(), [], "no error, and nothing asked of a network")

        b.open(rich)
        light = b.js("document.querySelector('.plot canvas').toDataURL()")
        check_injection(b, tap)
        b.media(dark=True)
        b.js("new Promise((done) => setTimeout(done, 100))")
        tap.ok(b.js("document.querySelector('.plot canvas').toDataURL()") != light, "drawings follow the screen's colours")
        tap.ok(b.js("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 25)", "dark")
        check_drawings(b, tap, "dark")
        b.picture("dark")
        pdf = b.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
        keep("print.pdf", pdf)
        tap.ok(base64.b64decode(pdf).startswith(b"%PDF-") and len(pdf) > 40000, "it prints")
        tap.equal(b.troubles(), [], "no error on the way")
        check_policy(b, tap)

        b.open(rich, width=390)
        tap.ok(fits(b), "a narrow screen: nothing sticks out")
        b.picture("narrow")

        b.open(nothing)
        tap.ok(b.js("document.querySelectorAll('.empty:not([hidden])').length") >= 8, "no data: each part says so")
        tap.equal(b.js("document.querySelectorAll('.plot').length"), 0, "and nothing is drawn")
        tap.equal(b.troubles(), [], "without an error")
        b.picture("empty")
    finally:
        b.close()
    return tap.end()


sys.exit(main(*sys.argv[1:]))
