"""Delivery of recorded turns, for every way a process can end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import unittest
from typing import Any, Optional

from . import SOURCES
from .fake_server import FakeServer
from .support import wait_until

#: The Python that runs the test scripts. It may differ from the one that runs the tests.
PYTHON = os.environ.get("TURNLINE_TEST_PYTHON", sys.executable)
PRELUDE = """
import asyncio, atexit, faulthandler, os, signal, sys, threading, time
import turnline
from turnline import aio
agent = turnline.connect_agent(reconnect_delay=0.05, exit_timeout=float(os.environ.get("EXIT_TIMEOUT", "10")),
                               flush_on_exit="FLUSH" in os.environ)
faulthandler.dump_traceback_later(20)

def wait():
    # Short sleeps, because a signal just before a long one would only be handled after it.
    for _ in range(300): time.sleep(0.1)
"""


class ProcessTest(unittest.TestCase):
    def setUp(self) -> None:
        self.server = FakeServer()
        self.addCleanup(self.server.close)

    def spawn(self, script: str, prelude: str = PRELUDE, **env: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(SOURCES), os.environ.get("PYTHONPATH", "")]),
        }
        environment.update(TURNLINE_URL=self.server.url, TURNLINE_TOKEN="t", **env)
        command = [PYTHON, "-W", "error::ResourceWarning", "-c", prelude + textwrap.dedent(script)]
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def finish(self, process: subprocess.Popen[str], seconds: float = 30) -> tuple[int, str, str]:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"the process did not end; it wrote:\n{out}\n{err}") from None
        return process.returncode, out, err

    def execute(self, script: str, **env: str) -> tuple[int, str, str]:
        return self.finish(self.spawn(script, **env))

    def stored(self, name: Optional[str] = None) -> list[Any]:
        run = (
            self.server.run
            if name is None
            else next(r for r in self.server.runs.values() if r.start["intent"] == name)
        )
        return [turn.get("message") for turn in run.turns]

    def signal_when_ready(self, process: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
        assert process.stdout is not None
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.send_signal(number)
        return self.finish(process)

    # Normal exits.

    def test_delivers_queued_turns_at_the_end_of_a_script(self) -> None:
        code, _, err = self.execute("""
            run = agent.start_run("short")
            for i in range(300): run.turn(message=i)
        """)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored(), [str(i) for i in range(300)])
        self.assertEqual(self.server.run.status, "in_progress")

    def test_sys_exit_ends_the_block_and_delivers(self) -> None:
        code, _, err = self.execute("""
            with agent.run(intent="left") as run:
                run.turn(message="x")
                sys.exit(4)
        """)
        self.assertEqual((code, err), (4, ""))
        self.assertEqual(self.stored(), ["x"])
        self.assertEqual(self.server.run.outcome["status"], "failure")

    def test_delivers_from_a_thread_that_outlives_the_main_thread(self) -> None:
        code, _, err = self.execute("""
            run = agent.start_run("thread")
            def work():
                time.sleep(0.5)
                run.turn(message="late")
            threading.Thread(target=work).start()
        """)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored(), ["late"])

    def test_delivers_what_an_exit_handler_records(self) -> None:
        code, _, err = self.execute("""
            run = agent.start_run("handler")
            atexit.register(lambda: run.turn(message="bye"))
        """)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored(), ["bye"])

    def test_delivers_what_an_exit_handler_from_before_the_agent_records(self) -> None:
        # The first agent of the process is created after the handler is registered.
        code, _, err = self.finish(
            self.spawn(
                """
                import atexit, turnline
                runs = []
                atexit.register(lambda: runs[0].turn(message="bye"))
                agent = turnline.connect_agent(reconnect_delay=0.05)
                runs.append(agent.start_run("handler"))
                """,
                prelude="",
            )
        )
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored(), ["bye"])

    def test_delivers_a_run_started_during_exit(self) -> None:
        code, _, err = self.execute("""
            atexit.register(lambda: agent.start_run("last").turn(message="bye"))
        """)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored(), ["bye"])

    def test_reconnects_during_exit(self) -> None:
        cuts = iter(["cut", "cut-after"])
        self.server.intercept = lambda event, _payload: (
            next(cuts, None) if event == "runs.record_turns" else None
        )
        code, _, err = self.execute("""
            run = agent.start_run("exit")
            run.started()
            def bye():
                run.turn(message="bye")
            atexit.register(bye)
        """)
        self.assertEqual(code, 0)
        self.assertEqual(self.stored(), ["bye"])
        self.assertIn("was lost", err)

    def test_exits_even_if_the_server_is_down(self) -> None:
        self.server.stop()
        began = time.monotonic()
        code, _, err = self.execute("agent.start_run('lost').turn(message='x')", EXIT_TIMEOUT="0.5")
        self.assertEqual(code, 0)
        self.assertLess(time.monotonic() - began, 10)
        self.assertIn("1 turn dropped", err)
        self.server.start()

    def test_exits_after_the_server_refused_the_connection(self) -> None:
        self.server.refuse = {"code": "unauthenticated"}
        code, out, err = self.execute("""
            run = agent.start_run("refused")
            print(run.started(20), run.complete(timeout=20), agent.close())
        """)
        self.assertEqual((code, out), (0, "None False False\n"))
        self.assertEqual(err.count("refused the connection"), 1)

    # Exceptions.

    def test_an_uncaught_exception_ends_open_runs(self) -> None:
        code, _, err = self.execute("""
            run = agent.start_run("broken")
            run.turn(message="x")
            raise RuntimeError("boom")
        """)
        self.assertEqual(code, 1)
        self.assertIn("RuntimeError: boom", err)
        self.assertEqual(self.stored(), ["x"])
        outcome = self.server.run.outcome
        self.assertEqual((outcome["status"], outcome["summary"]), ("failure", "RuntimeError: boom"))
        self.assertIn("boom", outcome["error"]["stack"])

    def test_an_exception_in_a_thread_ends_only_its_own_block(self) -> None:
        code, _, _err = self.execute("""
            def work():
                with agent.run(intent="in thread") as run:
                    run.turn(message="x")
                    raise RuntimeError("boom")
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            with agent.run(intent="main") as run: run.turn(message="fine")
        """)
        self.assertEqual(code, 0)
        outcomes = {run.start["intent"]: run.outcome["status"] for run in self.server.runs.values()}
        self.assertEqual(outcomes, {"in thread": "failure", "main": "done"})

    # Signals.

    def test_control_c_ends_open_runs_as_interrupted(self) -> None:
        for script in (
            "run = agent.start_run('open'); run.turn(message='x'); print('ready', flush=True); wait()",
            "with agent.run(intent='block') as run: run.turn(message='x'); print('ready', flush=True); wait()",
        ):
            with self.subTest(script):
                self.server.runs.clear()
                _, _, err = self.signal_when_ready(self.spawn(script), signal.SIGINT)
                self.assertIn("KeyboardInterrupt", err)
                self.assertEqual(self.stored(), ["x"])
                self.assertEqual(self.server.run.outcome["status"], "failure")
                self.assertEqual(self.server.run.outcome["summary"], "interrupted")

    def test_termination_ends_open_runs_as_interrupted_with_flush_on_exit(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                self.server.runs.clear()
                script = (
                    "run = agent.start_run('x'); run.turn(message='x'); print('ready', flush=True); wait()"
                )
                code, _, _ = self.signal_when_ready(self.spawn(script, FLUSH="1"), number)
                self.assertEqual(code, -number)
                self.assertEqual(self.stored(), ["x"])
                self.assertEqual(self.server.run.outcome["summary"], "interrupted")

    def test_does_not_deadlock_on_a_signal_while_recording(self) -> None:
        script = """
            run = agent.start_run("busy")
            print("ready", flush=True)
            i = 0
            while True:
                run.turn(message=i)
                i += 1
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.server.runs.clear()
                self.signal_when_ready(self.spawn(script, FLUSH="1"), number)
                stored = self.stored()
                self.assertEqual(stored, [str(i) for i in range(len(stored))])

    def test_calls_existing_signal_handlers(self) -> None:
        code, out, _ = self.signal_when_ready(
            self.spawn("""
                def own(number, frame):
                    print("own", flush=True)
                    sys.exit(7)
                signal.signal(signal.SIGTERM, own)
                other = turnline.connect_agent(flush_on_exit=True)
                run = other.start_run("own")
                run.turn(message="x")
                print("ready", flush=True)
                wait()
            """),
            signal.SIGTERM,
        )
        self.assertEqual((code, out), (7, "own\n"))
        self.assertEqual(self.stored(), ["x"])
        self.assertEqual(self.server.run.outcome["summary"], "interrupted")

    def test_installs_no_signal_handler_without_flush_on_exit(self) -> None:
        code, out, _ = self.execute(
            "print(int(signal.getsignal(signal.SIGTERM)), signal.getsignal(signal.SIGINT).__name__)"
        )
        self.assertEqual((code, out), (0, "0 default_int_handler\n"))

    def test_an_interrupted_process_exits_within_seconds_even_if_the_server_is_down(self) -> None:
        script = """
            with agent.run(intent="x") as run:
                run.turn(message="x")
                print("ready", flush=True)
                wait()
        """
        self.server.stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                process = self.spawn(script, FLUSH="1")
                assert process.stdout is not None
                self.assertEqual(process.stdout.readline(), "ready\n")
                process.send_signal(number)
                _, err = process.communicate(timeout=8)
                self.assertIn("1 turn dropped", err)
        self.server.start()

    # Event loops.

    def test_loses_nothing_if_the_event_loop_is_closed_early(self) -> None:
        code, _, err = self.execute("""
            async def main():
                agent = aio.connect_agent()
                run = agent.start_run("early")
                run.turn(message="x")
                asyncio.ensure_future(run.complete("success"))
            asyncio.run(main())
        """)
        self.assertEqual((code, err), (0, ""))
        wait_until(lambda: self.stored() == ["x"])

    def test_delivers_while_the_event_loop_is_blocked(self) -> None:
        code, out, _ = self.execute("""
            async def main():
                async with aio.connect_agent() as agent:
                    async with agent.run(intent="blocked") as run:
                        await run.started()
                        run.turn(message="x")
                        time.sleep(0.5)
                        print(len(run._state.delivery.queue))
            asyncio.run(main())
        """)
        self.assertEqual((code, out), (0, "0\n"))

    def test_control_c_in_an_event_loop_ends_the_block_as_interrupted(self) -> None:
        script = """
            async def main():
                async with aio.connect_agent() as agent, agent.run(intent="loop") as run:
                    run.turn(message="x")
                    print("ready", flush=True)
                    await asyncio.sleep(30)
            asyncio.run(main())
        """
        self.signal_when_ready(self.spawn(script), signal.SIGINT)
        self.assertEqual(self.stored(), ["x"])
        self.assertEqual(self.server.run.outcome["summary"], "interrupted")

    # Forks.

    @unittest.skipUnless(hasattr(os, "fork"), "this system can't fork")
    def test_a_forked_process_opens_its_own_connection(self) -> None:
        code, _, err = self.execute("""
            import warnings
            warnings.simplefilter("ignore")
            parent = agent.start_run("parent")
            parent.turn(message="before")
            parent.started()
            parent.turn(message="waiting")
            if os.fork() == 0:
                with agent.run(intent="child") as run:
                    run.turn(message="from the child")
                os._exit(0)
            os.wait()
            parent.turn(message="after")
            parent.complete()
        """)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored("parent"), ["before", "waiting", "after"])
        self.assertEqual(self.stored("child"), ["from the child"])
        self.assertEqual(len(self.server.handshakes), 2)

    @unittest.skipUnless(hasattr(os, "fork"), "this system can't fork")
    def test_a_forked_process_can_write_to_a_run_of_its_parent(self) -> None:
        code, _, err = self.execute("""
            import warnings
            warnings.simplefilter("ignore")
            run = agent.start_run("shared")
            run.turn(message="1")
            run.flush()
            if os.fork() == 0:
                run.turn(message="2")
                os._exit(0 if run.flush() else 1)
            assert os.wait()[1] == 0
            run.turn(message="3")
            run.complete()
        """)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(self.stored("shared"), ["1", "2", "3"])

    @unittest.skipUnless(hasattr(os, "fork"), "this system can't fork")
    def test_a_pool_of_forked_workers_delivers(self) -> None:
        code, _, err = self.execute("""
            import multiprocessing, warnings
            warnings.simplefilter("ignore")
            def work(i):
                agent.start_run(f"worker {i}").turn(message=i)
            if __name__ == "__main__":
                context = multiprocessing.get_context("fork")
                workers = [context.Process(target=work, args=(i,)) for i in range(3)]
                for worker in workers: worker.start()
                for worker in workers: worker.join()
        """)
        self.assertEqual((code, err), (0, ""))
        for i in range(3):
            self.assertEqual(self.stored(f"worker {i}"), [str(i)])


if __name__ == "__main__":
    unittest.main()
