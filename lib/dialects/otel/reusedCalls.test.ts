import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const bash = (id: string, callId: string, command: string, from: number, parent?: string) =>
  span({
    id,
    ...(parent !== undefined && { parent }),
    from,
    to: from + 10,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "bash",
      "gen_ai.tool.call.id": callId,
      "gen_ai.tool.call.arguments": JSON.stringify({ command }),
    },
  })
const ask = (command: string) => ({
  role: "assistant",
  parts: [{ type: "tool_call", id: "call_0", name: "bash", arguments: { command } }],
})
const result = (response: string) => ({
  role: "tool",
  parts: [{ type: "tool_call_response", id: "call_0", response }],
})
const model = (id: string, from: number, input: object[], output: object) =>
  span({
    id,
    from,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "m",
      "gen_ai.input.messages": JSON.stringify(input),
      "gen_ai.output.messages": JSON.stringify([output]),
    },
  })
const user = { role: "user", parts: [{ type: "text", content: "Build it" }] }
const done = { role: "assistant", parts: [{ type: "text", content: "Done." }] }
const commands = (turns: readonly { parameters?: unknown }[]) =>
  turns.flatMap(({ parameters }) => (parameters === undefined ? [] : [parameters]))

describe("reused call ids", () => {
  test("each tool's own span is a turn", () => {
    const spans = [
      bash("a", "call_0", "ls", 0),
      bash("b", "call_0", "make", 20),
      bash("c", "call_1", "make", 30),
      bash("d", "call_0", "make", 3_600_000),
    ]
    const together = onlyRun(replay([[0, spans]]))
    const alone = onlyRun(replay(spans.map((each, index) => [index * 10, [each]] as const)))
    for (const { turns } of [together, alone])
      expect(commands(turns)).toEqual(["ls", "make", "make", "make"].map((command) => ({ command })))
  })

  test("a call reported by two instrumentations is one turn", () => {
    const outer = bash("a", "call_0", "ls", 0)
    expect(onlyRun(replay([[0, [outer, bash("b", "call_0", "ls", 1, "a")]]])).turns).toHaveLength(1)
    expect(onlyRun(replay([[0, [outer, bash("b", "call_0", "ls", 1)]]])).turns).toHaveLength(1)
  })

  test("tools without spans are each read from the history once", () => {
    const first = [user, ask("ls"), result("a.c")]
    const second = [...first, ask("make"), result("ok")]
    const calls = [
      model("m1", 0, [user], ask("ls")),
      model("m2", 100, first, ask("make")),
      model("m3", 200, second, done),
    ]
    for (const requests of [
      [[0, calls] as [number, typeof calls]],
      calls.map((call, index) => [index * 100, [call]] as [number, (typeof call)[]]),
    ]) {
      const { shape, turns } = onlyRun(replay(requests))
      expect(shape).toEqual(["model", "tool bash", "model", "tool bash", "model"])
      expect(commands(turns)).toEqual([{ command: "ls" }, { command: "make" }])
    }
  })

  test("a tool's late span doesn't repeat its turn, but the next span with that call id is a new turn", () => {
    const first = [user, ask("ls"), result("a.c")]
    const { shape } = onlyRun(
      replay([
        [0, [model("m1", 0, [user], ask("ls"))]],
        [100, [model("m2", 100, first, ask("make"))]],
        [60_000, [bash("a", "call_0", "ls", 50)]],
        [60_100, [bash("b", "call_0", "make", 150)]],
      ]),
    )
    expect(shape).toEqual(["model", "tool bash", "model", "tool bash"])
  })
})
