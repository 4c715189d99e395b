"""Recording of function calls and log records, and asyncio."""

from __future__ import annotations

import asyncio
import inspect
import logging
import unittest
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

import turnline
from turnline import aio
from turnline.logging import RunHandler

from .support import FakeServerTest


class ToolTest(FakeServerTest):
    def setUp(self) -> None:
        super().setUp()
        self.run_ = self.connect().start_run("tools")

    def turns(self) -> list[dict[str, Any]]:
        self.assertTrue(self.run_.flush())
        turns = self.server.run.turns
        for turn in turns:
            self.assertEqual(turn["kind"], "tool")
            self.assertIn("started_at", turn)
            self.assertGreaterEqual(turn.pop("duration_ms"), 0)
            del turn["kind"], turn["started_at"]
        return turns

    def test_functions(self) -> None:
        @self.run_.tool
        def add(left: int, right: int = 2, *more: int, note: str = "", **others: Any) -> int:
            """Adds."""
            return left + right + sum(more)

        @self.run_.tool("renamed")
        def fail(items: list[int]) -> None:
            items.append(2)
            raise ValueError("no")

        self.assertEqual(add(1), 3)
        self.assertEqual(add(1, 2, 3, note="n", other=b"x"), 6)
        with self.assertRaises(ValueError):
            fail([1])
        self.assertEqual(
            (add.__name__, add.__doc__, list(inspect.signature(add).parameters)[0]), ("add", "Adds.", "left")
        )
        first, second, third = self.turns()
        self.assertEqual(first, {"tool": "add", "parameters": {"left": 1}, "output": 3})
        self.assertEqual(
            second["parameters"], {"left": 1, "right": 2, "more": [3], "note": "n", "other": "x"}
        )
        self.assertEqual((third["tool"], third["parameters"]), ("renamed", {"items": [1]}))
        self.assertEqual((third["error"]["type"], third["error"]["message"]), ("ValueError", "no"))
        self.assertIn("in fail", third["error"]["stack"])

    def test_methods_and_static_methods(self) -> None:
        run = self.run_

        class Kit:
            @run.tool
            def method(self, x: int) -> int:
                return x

            @run.tool
            @staticmethod
            def fixed(x: int) -> int:
                return x

            @classmethod
            @run.tool(name="of_class")
            def made(cls, x: int) -> int:
                return x

        self.assertEqual((Kit().method(1), Kit.fixed(2), Kit.made(3)), (1, 2, 3))
        self.assertEqual(
            [(turn["tool"], turn["parameters"]) for turn in self.turns()],
            [("method", {"x": 1}), ("fixed", {"x": 2}), ("of_class", {"x": 3})],
        )

    def test_async_functions(self) -> None:
        @self.run_.tool
        async def fetch(url: str) -> str:
            await asyncio.sleep(0)
            return f"page of {url}"

        @self.run_.tool
        async def cancelled() -> None:
            raise asyncio.CancelledError

        later = self.run_.tool("later")(lambda x: fetch.__wrapped__(x))  # type: ignore[attr-defined]

        async def main() -> None:
            self.assertEqual(await asyncio.gather(fetch("a"), fetch("b")), ["page of a", "page of b"])
            self.assertEqual(await later("c"), "page of c")
            with self.assertRaises(asyncio.CancelledError):
                await cancelled()

        self.assertTrue(inspect.iscoroutinefunction(fetch))
        asyncio.run(main())
        turns = self.turns()
        self.assertEqual(
            [turn.get("output") for turn in turns], ["page of a", "page of b", "page of c", None]
        )
        self.assertIn("CancelledError", turns[3]["error"]["type"])

    def test_generators(self) -> None:
        @self.run_.tool
        def count(n: int) -> Iterator[int]:
            got = None
            for i in range(n):
                got = yield i if got is None else got
            return "end"

        @self.run_.tool
        async def acount(n: int) -> AsyncIterator[int]:
            for i in range(n):
                yield i

        generator: Any = count(3)
        self.assertEqual((next(generator), generator.send("sent"), next(generator)), (0, "sent", 2))
        with self.assertRaises(StopIteration) as stopped:
            next(generator)
        self.assertEqual(stopped.exception.value, "end")
        left: Any = count(3)
        next(left)
        left.close()

        async def main() -> list[int]:
            return [item async for item in acount(2)]

        self.assertEqual(asyncio.run(main()), [0, 1])
        self.assertEqual([turn["output"] for turn in self.turns()], [[0, "sent", 2], [0], [0, 1]])

    def test_forwards_values_and_exceptions_to_an_async_generator(self) -> None:
        seen: list[Any] = []

        @self.run_.tool
        async def echo() -> AsyncGenerator[Any, Any]:
            got: Any = "first"
            try:
                while got != "stop":
                    try:
                        got = yield got
                    except KeyError as error:
                        got = f"caught {error}"
            finally:
                await asyncio.sleep(0)
                seen.append("closed")

        async def main() -> None:
            ended = echo()
            self.assertEqual(await ended.__anext__(), "first")
            self.assertEqual(await ended.asend("sent"), "sent")
            self.assertEqual(await ended.athrow(KeyError("k")), "caught 'k'")
            with self.assertRaises(StopAsyncIteration):
                await ended.asend("stop")
            failed = echo()
            await failed.__anext__()
            error = ValueError("not for the tool")
            with self.assertRaises(ValueError) as raised:
                await failed.athrow(error)
            self.assertIs(raised.exception, error)
            closed = echo()
            await closed.__anext__()
            await closed.aclose()
            self.assertEqual(seen, ["closed"] * 3)
            with self.assertRaises(StopAsyncIteration):
                await closed.__anext__()

        asyncio.run(main())
        ended, failed, closed = self.turns()
        self.assertEqual(ended["output"], ["first", "sent", "caught 'k'"])
        self.assertNotIn("error", ended)
        self.assertEqual((failed["output"], failed["error"]["type"]), (["first"], "ValueError"))
        self.assertEqual(closed["output"], ["first"])
        self.assertNotIn("error", closed)

    def test_records_an_async_generator_that_is_not_consumed_once(self) -> None:
        @self.run_.tool
        async def endless() -> AsyncIterator[int]:
            for i in range(1_000_000):
                await asyncio.sleep(0)
                yield i

        @self.run_.tool
        async def broken() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                raise OSError("could not clean up")

        async def consume(seen: list[int]) -> None:
            async for item in endless():
                seen.append(item)

        async def main() -> None:
            async for item in endless():
                if item == 2:
                    break
            seen: list[int] = []
            task = asyncio.ensure_future(consume(seen))
            while len(seen) < 2:
                await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            failing: Any = broken()
            await failing.__anext__()
            with self.assertRaises(OSError):
                await failing.aclose()

        asyncio.run(main())
        turns = self.turns()
        self.assertEqual([turn["tool"] for turn in turns].count("endless"), 2)
        (left,) = [turn for turn in turns if turn["output"] == [0, 1, 2]]
        self.assertNotIn("error", left)
        (failed,) = [turn for turn in turns if turn["tool"] == "broken"]
        self.assertEqual(failed["error"]["type"], "OSError")

    def test_records_tools_in_the_current_run(self) -> None:
        @turnline.tool
        def work(x: int) -> int:
            return x

        work(1)
        with self.run_:
            self.assertIs(turnline.current_run(), self.run_)
            work(2)
        self.assertIsNone(turnline.current_run())
        work(3)
        self.assertEqual([turn["parameters"] for turn in self.turns()], [{"x": 2}])

    def test_shows_the_other_of_two_concurrent_tools_when_one_ends(self) -> None:
        self.run_.started()
        end_first = self.run_.begin(tool="first")
        end_second = self.run_.begin(tool="second")
        self.server.until(
            lambda: any(
                (p["progress"] or {}).get("tool") == "second"
                for p in self.server.commands("runs.report_progress")
            )
        )
        end_second()
        self.run_.turn(tool="second")
        shown = len(self.server.commands("runs.report_progress"))
        self.server.until(
            lambda: any(
                (p["progress"] or {}).get("tool") == "first"
                for p in self.server.commands("runs.report_progress")[shown:]
            )
        )
        end_first()

    def test_shows_waiting_until_the_block_ends(self) -> None:
        self.run_.started()
        with self.run_.waiting_for("approval of: git push", "approval"):
            self.server.until(
                lambda: any(
                    (p["progress"] or {}).get("waiting_kind") == "approval"
                    for p in self.server.commands("runs.report_progress")
                )
            )
        self.server.until(lambda: self.server.commands("runs.report_progress")[-1]["progress"] is None)


class LoggingTest(FakeServerTest):
    def test_records_become_system_turns_of_the_current_run(self) -> None:
        logger = logging.getLogger("tests.agent")
        logger.propagate = False
        logger.setLevel(logging.DEBUG)
        handler = RunHandler(level=logging.INFO)
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        with self.connect().run(intent="logged"):
            logger.debug("too low")
            logger.info("read %d files", 3, extra={"folder": "/tmp"})
            try:
                raise OSError("gone")
            except OSError:
                logger.exception("failed")
            logging.getLogger("turnline.transport").addHandler(handler)
            logging.getLogger("turnline.transport").critical("own")
            logging.getLogger("turnline.transport").removeHandler(handler)
        logger.info("outside")
        first, second = self.server.run.turns
        self.assertEqual((first["kind"], first["event"], first["message"]), ("system", "log", "read 3 files"))
        self.assertEqual((first["attributes"]["level"], first["attributes"]["folder"]), ("INFO", "/tmp"))
        self.assertEqual((second["message"], second["error"]["type"]), ("failed", "OSError"))


class AioTest(FakeServerTest):
    def connect_aio(self, **options: Any) -> aio.AsyncAgent:
        return aio.connect_agent(
            self.server.url, "t", reconnect_delay=0.02, on_error=self.errors.append, **options
        )

    def test_records_a_run_with_a_child(self) -> None:
        async def main() -> None:
            async with self.connect_aio() as agent:
                async with agent.run(intent="async") as run:
                    reply = await run.started()
                    self.assertEqual((reply or {})["run_id"], run.run_id)
                    run.turn(message="a")
                    await run.turn(message="b")
                    await run.progress(text="now")
                    self.assertTrue(await run.flush())
                    async with run.hand_off("part", agent_id="helper") as child:
                        child.turn(message="c")
                self.assertTrue(await agent.flush())

        asyncio.run(main())
        parent, child = self.server.runs.values()
        self.assertEqual([turn.get("message") for turn in parent.turns], ["a", "b", None])
        self.assertEqual(parent.turns[2]["child_run_id"], child.run_id)
        self.assertEqual((parent.outcome["status"], child.outcome["status"]), ("done", "done"))

    def test_agents_and_runs_can_be_awaited(self) -> None:
        async def main() -> None:
            agent = await self.connect_aio()
            run = await agent.start_run("awaited")
            self.assertEqual(run.run_id, "run-1")
            self.assertTrue(await run.complete("success", "ok"))
            self.assertTrue(await agent.close())

        asyncio.run(main())

    def test_exceptions_and_cancellations_end_the_block(self) -> None:
        async def failing(agent: aio.AsyncAgent) -> None:
            async with agent.run(intent="failing"):
                raise ValueError("bad")

        async def waiting(agent: aio.AsyncAgent) -> None:
            async with agent.run(intent="waiting"):
                await asyncio.sleep(30)

        async def main() -> None:
            async with self.connect_aio() as agent:
                with self.assertRaises(ValueError):
                    await failing(agent)
                task = asyncio.ensure_future(waiting(agent))
                await asyncio.sleep(0.05)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task

        asyncio.run(main())
        summaries = [run.outcome.get("summary") for run in self.server.runs.values()]
        self.assertEqual(summaries, ["ValueError: bad", "interrupted"])

    def test_calls_cancel_handlers_in_the_event_loop(self) -> None:
        async def main() -> None:
            async with self.connect_aio() as agent:
                run = agent.start_run("cancelled")
                await run.started()
                loop = asyncio.get_running_loop()
                asked: asyncio.Future[Any] = loop.create_future()

                async def handle(request: Any) -> None:
                    asked.set_result((request, asyncio.get_running_loop()))

                run.on_cancel(handle)
                request = {"run_id": run.run_id, "reason": "stop", "requested_at": "now"}
                await asyncio.to_thread(self.server.emit, "runs.cancel_requested", request)
                self.assertTrue(await run.wait_cancelled(10))
                self.assertEqual(await asked, ({"reason": "stop", "requested_at": "now"}, loop))

        asyncio.run(main())

    def test_waiting_times_out(self) -> None:
        async def main() -> None:
            self.server.stop()
            agent = self.connect_aio()
            run = agent.start_run("slow")
            self.assertIsNone(await run.started(0.05))
            self.assertFalse(await run.flush(0.05))
            self.assertFalse(await agent.close(0.05))

        asyncio.run(main())
        self.server.start()
        self.assertIn("undelivered", self.codes)


if __name__ == "__main__":
    unittest.main()
