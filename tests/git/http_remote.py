"""A git remote over HTTP for tests: `git http-backend` behind a small server that wants a token."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class _Handler(BaseHTTPRequestHandler):
    """One request; subclasses say what is served, and what a caller must show."""

    protocol_version = "HTTP/1.1"
    root: Path
    wanted: str

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        if self.headers.get("Authorization") != self.wanted:
            self._send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
            return
        headers, _, content = _backend(self.root, self, body).partition(b"\r\n\r\n")
        named = dict([line.split(": ", 1) for line in headers.decode().split("\r\n")])
        status = int(named.pop("Status", "200 OK").split()[0])
        self._send(status, list(named.items()), content)

    def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def serving(root: Path, token: str) -> Iterator[str]:
    """The address below which every repository in `root` is served to who has the token."""
    shown = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
    handler = type("Handler", (_Handler,), {"root": root, "wanted": shown})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _backend(root: Path, request: BaseHTTPRequestHandler, body: bytes) -> bytes:
    address = urlsplit(request.path)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "REMOTE_USER": "x-access-token",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": request.command,
        "PATH_INFO": address.path,
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    ran = subprocess.run(
        ["git", "http-backend"], env=env, input=body, capture_output=True, check=True
    )
    return ran.stdout
