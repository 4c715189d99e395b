"""Parsing addresses, and connecting to wrong ones."""

from __future__ import annotations

import http.server
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
from typing import Any

import turnline
from turnline._delivery.address import AddressError, parse_address

from .real_server import CuttableProxy
from .support import FakeServerTest, wait_until


class ParseTest(unittest.TestCase):
    def test_addresses(self) -> None:
        for typed, expected in {
            "http://127.0.0.1:3000": "http://127.0.0.1:3000",
            "http://127.0.0.1:3000/": "http://127.0.0.1:3000",
            " localhost:3000 ": "http://localhost:3000",
            "localhost": "http://localhost",
            "3000": "http://127.0.0.1:3000",
            "[::1]:3000": "http://[::1]:3000",
            "https://traces.example.com": "https://traces.example.com",
            "HTTPS://Traces.Example.com/turnline/": "https://Traces.Example.com/turnline",
            "ws://host:1": "http://host:1",
            "wss://host": "https://host",
            "http://host/runs/018f?turn=3#x": "http://host",
            "http://host/?token=tl_secret": "http://host",
            "https://host/turnline/runs/1": "https://host/turnline",
            "http://host/socket.io/": "http://host",
            "https://host/turnline/v1/traces": "https://host/turnline",
            "https://host/turnline/packages/": "https://host/turnline",
            "https://host/board": "https://host/board",
            "//host:3000": "http://host:3000",
            '"http://host:3000"': "http://host:3000",
            "<https://host/turnline>": "https://host/turnline",
            "http://user:pass@host:3000": "http://host:3000",
        }.items():
            with self.subTest(typed):
                self.assertEqual(str(parse_address(typed)), expected)

    def test_rejects_other_text(self) -> None:
        for typed in (
            "",
            "  ",
            "ftp://host",
            "http://",
            "http://host:99999",
            "two words",
            "http://a b",
            "mailto:x",
        ):
            with self.subTest(typed), self.assertRaises(AddressError) as raised:
                parse_address(typed)
            self.assertNotIn("\n", str(raised.exception))

    def test_socket_path(self) -> None:
        self.assertEqual(parse_address("https://host/turnline").socket_path, "turnline/socket.io")
        self.assertEqual(parse_address("https://host").socket_path, "socket.io")


class Responder:
    """An HTTP server that gives the same answer to every request."""

    def __init__(self, status: int, body: str = "", port: int = 0, **headers: str) -> None:
        self.requests = 0
        responder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                responder.requests += 1
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class WrongAddressTest(FakeServerTest):
    def refusal(self, url: str, **options: Any) -> turnline.AgentError:
        """Connects an agent that must give up, and returns its error."""
        agent = self.connect(url=url, **options)
        run = agent.start_run("nowhere")
        run.turn(message="x")
        began = time.monotonic()
        self.assertIsNone(run.started(30))
        self.assertLess(time.monotonic() - began, 25)
        self.assertFalse(agent.close(0))
        (error,) = self.errors
        self.errors.clear()
        return error

    def mistake(self, url: str) -> str:
        """Connects an agent that must keep trying, and returns its first error message."""
        agent = self.connect(url=url)
        run = agent.start_run("nowhere")
        run.turn(message="x")
        wait_until(lambda: self.errors)
        self.assertFalse(run.ended)
        self.assertFalse(agent.close(0))
        self.assertEqual(self.codes, ["wrong_address", "undelivered"])
        error, undelivered = self.errors
        self.assertEqual((error.dropped_turns, undelivered.dropped_turns), (0, 1))
        self.errors.clear()
        return error.message

    def respond(self, status: int, body: str = "", **headers: str) -> str:
        responder = Responder(status, body, **headers)
        self.addCleanup(responder.close)
        return responder.url

    def test_reports_that_there_is_another_server(self) -> None:
        for status, body in ((404, "not found"), (200, "<html>Welcome</html>"), (405, "")):
            with self.subTest(status):
                url = self.respond(status, body)
                self.assertIn(f"{url} is not a Turnline server", self.mistake(url))

    def test_reports_the_reason_for_a_refusal(self) -> None:
        body = '{"error": {"code": "forbidden", "message": "This host is not allowed."}}'
        self.assertIn("This host is not allowed.", self.mistake(self.respond(403, body)))

    def test_does_not_follow_a_redirect_to_another_host(self) -> None:
        url = self.respond(302, location="https://login.example.com/?next=x")
        self.assertIn("redirects to https://login.example.com/", self.mistake(url))

    def test_explains_an_invalid_address(self) -> None:
        error = self.refusal("ftp://host")
        self.assertEqual(error.code, "wrong_address")
        self.assertTrue(error.message.startswith('"ftp://host" is not an http or https address'))

    def test_follows_and_reports_a_redirect_on_the_same_host(self) -> None:
        moved = Responder(
            301, location=f"http://127.0.0.1:{self.server.port}/socket.io/?EIO=4&transport=polling"
        )
        self.addCleanup(moved.close)
        agent = self.connect(url=moved.url)
        self.assertIsNotNone(agent.start_run("moved").started(20))
        self.assertEqual(
            [error.message for error in self.errors], [f"using {self.server.url} instead of {moved.url}"]
        )
        self.assertEqual(agent.url, self.server.url)

    def test_reports_an_outage_once_and_retries(self) -> None:
        for url in (
            self.respond(503, "starting"),
            f"http://127.0.0.1:{_closed_port()}",
            "http://no-such-host.invalid",
        ):
            with self.subTest(url):
                self.errors.clear()
                agent = self.connect(url=url)
                run = agent.start_run("later")
                self.assertIsNone(run.started(1))
                self.assertFalse(run.ended)
                self.assertEqual(self.codes, ["unreachable"])
                agent.close(0)

    def test_reconnects_whatever_a_load_balancer_answers_in_the_meantime(self) -> None:
        for status, body in ((502, ""), (503, "starting"), (404, "no backend"), (403, ""), (200, "<p>Soon")):
            with self.subTest(status):
                self.server.runs.clear()
                self.server.stop()
                balancer = Responder(status, body, port=self.server.port)
                agent = self.connect()
                run = agent.start_run("patient")
                run.turn(message="x")
                wait_until(lambda: balancer.requests > 8)  # noqa: B023
                balancer.close()
                self.server.start()
                self.assertTrue(run.complete(timeout=30))
                self.assertEqual(self.server.messages(), ["x"])
                self.assertTrue(agent.close())
        self.assertLessEqual(set(self.codes), {"unreachable", "wrong_address"})

    def test_finds_a_server_without_polling_once_it_accepts_web_sockets(self) -> None:
        self.server.refuses_polling = True
        self.server.upgrades_to_refuse = 6
        agent = self.connect()
        run = agent.start_run("cluster")
        run.turn(message="x")
        self.assertTrue(run.complete(timeout=30))
        self.assertEqual(self.server.messages(), ["x"])
        self.assertEqual(self.codes, ["unreachable"])
        self.assertEqual(self.server.upgrades_to_refuse, 0)

    def test_gives_up_if_the_handshake_is_refused(self) -> None:
        self.server.refuse = {"code": "unsupported_protocol", "supported": [2]}
        self.assertEqual(self.refusal(self.server.url).code, "unsupported_protocol")
        self.server.refuse = {"code": "unauthenticated"}
        self.assertEqual(self.refusal(self.server.url).code, "unauthenticated")

    def test_retries_after_a_temporary_refusal(self) -> None:
        self.server.refuse = {"code": "rate_limited", "retry_after_ms": 50}
        agent = self.connect()
        run = agent.start_run("later")
        self.server.until(lambda: len(self.server.handshakes) >= 2)
        self.server.refuse = None
        self.assertIsNotNone(run.started(20))

    def test_stops_when_the_token_is_revoked(self) -> None:
        agent = self.connect()
        run = agent.start_run("revoked")
        run.started()
        self.server.disconnect_all()
        agent._core.state.wait(lambda: run.ended, 20)
        self.assertTrue(run.ended)
        agent.close(0)
        self.assertEqual(self.codes, ["revoked"])

    @unittest.skipIf(shutil.which("openssl") is None, "openssl is not installed")
    def test_corrects_http_to_https_and_verifies_certificates(self) -> None:
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        certificate, key = f"{folder}/certificate.pem", f"{folder}/key.pem"
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        proxy = CuttableProxy(self.server.port, context)
        self.addCleanup(proxy.close)
        agent = self.connect(url=f"localhost:{proxy.port}", verify=certificate)
        self.assertIsNotNone(agent.start_run("encrypted").started(20))
        self.assertEqual(agent.url, f"https://localhost:{proxy.port}")
        unverified = self.connect(url=f"https://localhost:{proxy.port}")
        self.assertIsNone(unverified.start_run("unverified").started(1))
        self.assertIn("the certificate can't be verified", self.errors[-1].message)

    def test_strips_whitespace_from_the_token(self) -> None:
        agent = self.connect(token="tl_1\n")
        agent.start_run("x").started()
        self.assertEqual(self.server.handshakes[-1]["token"], "tl_1")


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


if __name__ == "__main__":
    unittest.main()
