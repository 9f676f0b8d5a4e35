"""Serve a WSGI application on loopback in a background thread, with kept connections."""

import socket
import threading
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from .tls import Certificate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

DROP_HEADER = "X-Sandbox-Drop"  # an answer carrying it is never sent: the connection closes instead


class Served:
    """Serves `app` while the `with` block runs; `port` 0 takes a free one.

    certificate: given, the server speaks TLS, and nothing else.
    Leaving the block also closes kept connections, as a server that went down would.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        certificate: Certificate | None = None,
    ) -> None:
        self._server = _Server(host, port, app, certificate)
        self.host = host
        self.port: int = self._server.server_port
        self.url = f"{'https' if certificate else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "Served":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler closes the connection after every answer; this one keeps it.

    It reads the whole request first and sends the whole answer in one write, so that nothing is left on the
    wire between two requests. Streaming is therefore not offered.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        self.environ = environ = self.make_environ()
        body = self._body(environ)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        status, headers, payload = _answer(self.server.app, environ)
        if any(name == DROP_HEADER for name, _ in headers):
            self.close_connection = True
            return
        self._send(status, headers, payload)

    def _body(self, environ: "WSGIEnvironment") -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(environ["wsgi.input"].read())
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))

    def _send(self, status: str, headers: list[tuple[str, str]], payload: bytes) -> None:
        without_body = status[:3] in {"204", "304"}
        now = self.date_time_string()
        lines = [f"HTTP/1.1 {status}", f"Date: {now}", *(f"{name}: {value}" for name, value in headers)]
        if not without_body and not any(name.lower() == "content-length" for name, _ in headers):
            lines.append(f"Content-Length: {len(payload)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.wfile.write(head if without_body or self.command == "HEAD" else head + payload)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: requests carry codes and addresses."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, app: "WSGIApplication", certificate: Certificate | None) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, app, handler=_Handler)
        if certificate:
            # The handshake comes with the first read, in the connection's own thread: somebody who connects
            # and says nothing must not keep others out.
            self.ssl_context = certificate.context()
            self.socket = self.ssl_context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def close_connections(self) -> None:
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed by the other side meanwhile


def _answer(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[str, list[tuple[str, str]], bytes]:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, headers))
        return None

    chunks = app(environ, start_response)
    try:
        payload = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = started[-1]
    return status, headers, payload
