import { describe, expect, test } from "vitest"
import { log, onlyRun, replay, type SpanInput, span } from "@/lib/dialects/testing/buildSpan"

const exception = (at: number, spanId: string | undefined, more: Partial<Parameters<typeof log>[0]> = {}) =>
  log({
    name: "",
    at,
    trace: "t1",
    ...(spanId !== undefined && { span: spanId }),
    severity: 17,
    body: "The lookup failed",
    attributes: {
      "exception.type": "KeyError",
      "exception.message": "'berlin'",
      "exception.stacktrace": "Traceback …",
    },
    ...more,
  })
const agent = span({ id: "a", to: 20_000, attributes: { "gen_ai.operation.name": "invoke_agent" } })
const model = (id: string, from: number) =>
  span({ id, parent: "a", from, attributes: { "gen_ai.operation.name": "chat" } })
const tool = (more: Partial<SpanInput> = {}) =>
  span({
    ...{ id: "t", parent: "a", name: "weather", from: 20, to: 40 },
    attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather" },
    ...more,
  })
const failed: Partial<SpanInput> = {
  status: 2,
  events: [
    { name: "exception", attributes: { "exception.type": "KeyError", "exception.message": "'berlin'" } },
  ],
}

describe("a logged exception", () => {
  test("becomes a turn with its text, type, stack and logger", () => {
    const run = onlyRun(
      replay([
        [100, [model("m", 0), tool(), exception(30, "t")]],
        [200, [agent]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "system exception!"])
    expect(run.turns[2]).toMatchObject({
      ...{ kind: "system", event: "exception", message: "The lookup failed" },
      error: { type: "KeyError", message: "'berlin'", stack: "Traceback …" },
      started_at: "2026-01-01T00:00:00.030Z",
      attributes: { span_id: "t", logger: "test" },
    })
    expect(run.ends).toMatchObject([{ status: "success" }])
  })

  test("isn't repeated if the span reports the same exception, in any order and sent twice", () => {
    const logged = exception(30, "t")
    for (const requests of [
      [
        [100, [model("m", 0), logged]],
        [5_000, [tool(failed)]],
        [6_000, [logged, agent]],
      ],
      [
        [100, [model("m", 0), tool(failed)]],
        [5_000, [logged, logged]],
        [6_000, [agent]],
      ],
      [
        [100, [logged]],
        [200, [tool({ status: 2, message: "KeyError: 'berlin'" })]],
        [6_000, [agent]],
      ],
      [
        [100, [model("m", 0), tool(failed), agent]],
        [60_000, [logged]],
      ],
    ] as const) {
      const run = onlyRun(replay(requests.map(([at, records]) => [at, [...records]] as const)))
      expect(run.shape.filter((shape) => shape.endsWith("!"))).toEqual(["tool weather!"])
      expect(run.turns.find((turn) => turn.tool === "weather")?.error?.message).toContain("'berlin'")
    }
  })

  test("becomes no turn if a step around or inside its span reports it, and only one turn if it was logged twice", () => {
    const http = span({ id: "h", parent: "t", name: "GET", from: 21, to: 30 })
    const inside = onlyRun(replay([[100, [model("m", 0), http, exception(25, "h"), tool(failed), agent]]]))
    expect(inside.shape).toEqual(["model", "tool weather!"])
    const around = onlyRun(
      replay([
        [100, [model("m", 0), tool(failed), exception(50, "a")]],
        [200, [agent]],
      ]),
    )
    expect(around.shape).toEqual(["model", "tool weather!"])
    const twice = onlyRun(
      replay([[100, [model("m", 0), tool(), http, exception(25, "h"), exception(30, "t"), agent]]]),
    )
    expect(twice.shape.filter((shape) => shape === "system exception!")).toHaveLength(1)
  })

  test("is shown while the agent around it is still running", () => {
    const run = onlyRun(
      replay([
        [100, [model("m", 0), exception(50, "a")]],
        [20_000, [model("n", 19_000)]],
        [21_000, [agent]],
      ]),
    )
    expect(run.shape).toEqual(["model", "system exception!", "model"])
  })

  test("without a span, belongs to the trace's run, even if it arrives before the run's first step", () => {
    const run = onlyRun(
      replay([
        [0, [exception(5, undefined)]],
        [3_000, [model("m", 0)]],
        [4_000, [agent]],
      ]),
    )
    expect(run.shape).toEqual(["model", "system exception!"])
  })

  test("reopens an ended run once", () => {
    const run = onlyRun(
      replay([
        [100, [model("m", 0), tool(), agent]],
        [60_000, [exception(30, "t")]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "system exception!"])
    expect(run.ends).toHaveLength(2)
  })

  test("becomes a turn at the end of the run if its span never arrives", () => {
    const run = onlyRun(
      replay([
        [100, [model("m", 0), exception(30, "x")]],
        [200, [agent]],
      ]),
    )
    expect(run.shape).toEqual(["model", "system exception!"])
  })

  test("doesn't replace another exception of the same span", () => {
    const other = exception(31, "t", { attributes: { "exception.type": "ValueError" } })
    const run = onlyRun(replay([[100, [model("m", 0), tool(), exception(30, "t"), other, agent]]]))
    expect(run.turns.slice(2)).toMatchObject([
      { error: { type: "KeyError" } },
      { error: { message: "ValueError" } },
    ])
  })

  test("isn't read from a warning, a record without an exception, or a trace without a run", () => {
    const warning = exception(30, "t", { severity: 13 })
    const plain = exception(30, "t", { attributes: {} })
    const elsewhere = exception(30, "t", { trace: "t2" })
    const run = onlyRun(replay([[100, [model("m", 0), tool(), warning, plain, elsewhere, agent]]]))
    expect(run.shape).toEqual(["model", "tool weather"])
    expect(replay([[0, [elsewhere]]])).toEqual([])
  })
})
