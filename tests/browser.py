"""A headless Chromium, spoken to in its DevTools protocol through a pipe: JSON, each message ended by a zero byte.

One process shows many pages, and nothing but the standard library is needed.
"""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-debugging-pipe"
).split()
PATIENCE = 60
"""Seconds without a word, after which it is taken to hang; it takes one or two to start."""
STARTER = 'exec "$0" "$@" 3<&"$CDSL_COMMANDS" 4>&"$CDSL_ANSWERS"'
"""The shell's words for the two places where the browser looks for its pipe."""


class Browser:
    """A browser with one page; it remembers what the page asked for and complained of since it was opened."""

    def __init__(self, profile):
        commands, self._commands = os.pipe()
        answers, theirs = os.pipe()
        self._answers, self._rest, self._number, self._session = answers, b"", 0, {}
        self.events = []
        self._process = subprocess.Popen(
            ["bash", "-c", STARTER, CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(commands, theirs),
            env={**os.environ, "CDSL_COMMANDS": str(commands), "CDSL_ANSWERS": str(theirs)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(theirs)
        page = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = {"sessionId": self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]}
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Emulation.setScrollbarsHidden", hidden=True)

    def _read(self):
        while b"\0" not in self._rest:
            assert select.select([self._answers], [], [], PATIENCE)[0], "the browser says nothing"
            if not (found := os.read(self._answers, 1 << 20)):
                raise EOFError("the browser has ended")
            self._rest += found
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def ask(self, method, **parameters):
        """What the browser answers; what it says meanwhile is kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (found := self._read()).get("id") != self._number:
            self.events.append(found)
        assert "error" not in found, found
        return found["result"]

    def open(self, path, width, *, dark):
        """Show a file as it is on a screen of this width."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.events.clear()
        self.ask("Page.navigate", url=Path(path).as_uri())
        while not self.said("Page.loadEventFired"):
            self.events.append(self._read())

    def said(self, method):
        """The events of a kind since the page was opened."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def value(self, expression):
        """What JavaScript makes of an expression, on the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def screenshot(self):
        """The whole page as PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def close(self):
        """End it; it may have ended before it can say so."""
        self._session = {}
        with contextlib.suppress(EOFError, BrokenPipeError):
            self.ask("Browser.close")
        self._process.wait(30)
        os.close(self._commands)
        os.close(self._answers)
