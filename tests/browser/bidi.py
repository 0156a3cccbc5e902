"""A very small WebDriver BiDi client for stock Firefox: no geckodriver, no Selenium."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import websocket  # PyPI: websocket-client

PREFS: dict[str, Any] = {
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "toolkit.telemetry.enabled": False,
    "extensions.update.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.trr.mode": 5,
    "security.remote_settings.crlite_filters.enabled": False,
}


class BidiError(RuntimeError):
    pass


class Firefox:
    def __init__(self, binary: str, prefs: dict[str, Any] | None = None, headless: bool = True) -> None:
        self.profile = Path(tempfile.mkdtemp(prefix="ff-profile-"))
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in {**PREFS, **(prefs or {})}.items()]
        (self.profile / "user.js").write_text("\n".join(lines) + "\n")
        self._log_path = self.profile / "stdio.log"
        self._log = self._log_path.open("wb")
        arguments = [
            binary,
            "--no-remote",
            "--profile",
            str(self.profile),
            "--remote-debugging-port=0",
            "--remote-allow-system-access",
            "about:blank",
        ]
        if headless:
            arguments.insert(1, "--headless")
        environment = {**os.environ, "HOME": str(self.profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
        self._process = subprocess.Popen(
            arguments, stdout=self._log, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )
        self._next = 0
        self.events: list[dict[str, Any]] = []
        self._socket = websocket.create_connection(self._address() + "/session", timeout=30, suppress_origin=True)
        answer = self.call("session.new", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})
        self.version = answer["capabilities"]["browserVersion"]

    def _address(self) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(r"WebDriver BiDi listening on (ws://\S+)", self._log_path.read_text(errors="replace"))
            if found:
                return found[1]
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise BidiError("Firefox did not start:\n" + self._log_path.read_text(errors="replace")[-2000:])

    def call(self, method: str, params: dict[str, Any] | None = None) -> Any:
        self._next += 1
        number = self._next
        self._socket.send(json.dumps({"id": number, "method": method, "params": params or {}}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if message["type"] == "error":
                    raise BidiError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]
            if message.get("type") == "event":
                self.events.append(message)

    def install(self, folder: Path) -> str:
        return self.call("webExtension.install", {"extensionData": {"type": "path", "path": str(folder)}})["extension"]

    def uninstall(self, extension: str) -> None:
        self.call("webExtension.uninstall", {"extension": extension})

    def new_tab(self) -> str:
        return self.call("browsingContext.create", {"type": "tab"})["context"]

    def goto(self, tab: str, url: str, wait: str = "complete") -> None:
        self.call("browsingContext.navigate", {"context": tab, "url": url, "wait": wait})

    def close_tab(self, tab: str) -> None:
        self.call("browsingContext.close", {"context": tab})

    def js(self, tab: str, expression: str) -> Any:
        """Evaluate an expression (promises are awaited) and return its JSON value."""
        answer = self.call(
            "script.evaluate",
            {
                "expression": f"(async () => JSON.stringify(await ({expression})))()",
                "target": {"context": tab},
                "awaitPromise": True,
            },
        )
        if answer["type"] != "success":
            raise BidiError(answer["exceptionDetails"]["text"])
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def wait_js(self, tab: str, expression: str, seconds: float = 10) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            value = self.js(tab, expression)
            if value:
                return value
            if time.monotonic() > deadline:
                raise BidiError(f"timed out waiting for {expression}")
            time.sleep(0.05)

    def picture(self, tab: str) -> bytes:
        """A PNG of what the tab shows."""
        return base64.b64decode(self.call("browsingContext.captureScreenshot", {"context": tab})["data"])

    def chrome(self, expression: str) -> Any:
        """Evaluate in the browser's own privileged window (--remote-allow-system-access)."""
        context = self.call("browsingContext.getTree", {"moz:scope": "chrome"})["contexts"][0]["context"]
        return self.js(context, expression)

    def script_errors(self) -> list[str]:
        """Exceptions of the extension's own pages and background; BiDi log events lack these.

        A promise cut off because the test itself ended the background is not one.
        """
        return self.chrome("""Services.console.getMessageArray().flatMap(m => {
            try { m.QueryInterface(Ci.nsIScriptError) } catch { return [] }
            const ours = m.sourceName.startsWith('moz-extension:') && !m.errorMessage.includes('after context unloaded')
            return ours ? [m.errorMessage + ' ' + m.sourceName] : [] })""")

    def close(self) -> None:
        try:
            self.call("browser.close")
            self._socket.close()
            self._process.wait(10)
        except Exception:
            pass
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
        self._log.close()
        shutil.rmtree(self.profile, ignore_errors=True)
