import { describe, expect, test } from "vitest"
import type { Operation } from "@/lib/dialects/operations"
import { DIALECT_LIMITS } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import { DEFAULT_TRACE_SETTINGS } from "@/lib/dialects/TraceSettings"
import type { Sender, Step } from "@/lib/dialects/traces/Step"
import type { TraceBatch } from "@/lib/dialects/traces/TraceBatch"
import type { TraceState } from "@/lib/dialects/traces/TraceState"
import { createTraceReducer } from "@/lib/dialects/traces/traceReducer"

const SENDER: Sender = { agentId: "a", source: { name: "test" }, instance: "i" }
const LARGE = "x".repeat(50_000)
const at = (n: number) => BigInt(n + 1) * 1_000_000_000n
const ROOT: Step = { trace: "t", id: "root", role: "agent", name: "agent", start: at(0) }

const call = (n: number): Step => ({
  ...{ trace: "t", id: `m${n}`, parent: "root", role: "model", name: "m", start: at(n), end: at(n) + 1n },
  model: {
    output: [
      { role: "assistant", parts: [{ type: "call", id: `c${n}`, name: "write", arguments: { n, LARGE } }] },
    ],
  },
})
const tool = (n: number): Step => ({
  ...{
    trace: "t",
    id: `t${n}`,
    parent: "root",
    role: "tool",
    name: "write",
    start: at(n) + 2n,
    end: at(n) + 3n,
  },
  tool: { callId: `c${n}`, arguments: { n, LARGE }, result: "ok" },
})

/** Reduces batches one after the other and checks that the state stays within the limit. */
function replay(batches: Partial<TraceBatch>[]): {
  turns: string[]
  operations: Operation[]
  state: TraceState
} {
  const reducer = createTraceReducer("test", DEFAULT_TRACE_SETTINGS)
  let state = reducer.initial()
  const operations: Operation[] = []
  for (const [index, batch] of batches.entries()) {
    const reduction = reducer.reduce(state, { steps: [], ...batch }, index * 10)
    state = reduction.state
    operations.push(...reduction.operations)
    for (const run of state.runs.values()) expect(sizeOf(run)).toBeLessThan(DIALECT_LIMITS.bytesPerKey * 1.3)
  }
  const turns = operations.flatMap((operation) =>
    operation.op === "turn" ? [operation.turn.event ?? operation.turn.tool ?? "model"] : [],
  )
  return { turns, operations, state }
}

const sent = (...steps: Step[]): TraceBatch => ({
  steps: steps.map((step) => ({ step, sender: { ...SENDER } })),
})

describe("the state of a run", () => {
  test("doesn't grow with calls that have turns, and nothing is missing", () => {
    const batches = Array.from({ length: 300 }, (_, n) => sent(call(n + 1), tool(n + 1)))
    const { turns } = replay([sent(ROOT), ...batches])
    expect(turns.filter((turn) => turn === "model")).toHaveLength(300)
    expect(turns.filter((turn) => turn === "write")).toHaveLength(300)
    expect(turns).not.toContain("context_dropped")
  })

  test("is partly dropped if calls wait for their tools indefinitely; a turn records the loss", () => {
    const batches = Array.from({ length: 400 }, (_, n) => sent(call(n + 1)))
    const { turns, operations } = replay([sent(ROOT), ...batches])
    expect(turns.filter((turn) => turn === "model")).toHaveLength(400)
    const dropped = turns.filter((turn) => turn === "context_dropped").length
    expect(dropped).toBeGreaterThan(0)
    expect(dropped).toBeLessThan(20)
    const ids = operations.flatMap((operation) => (operation.op === "turn" ? [operation.id] : []))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test("is the same after a replay of the same records", () => {
    const batches = () => [sent(ROOT), ...Array.from({ length: 200 }, (_, n) => sent(call(n + 1)))]
    expect(replay(batches()).operations).toEqual(replay(batches()).operations)
  })

  test.each<[string, (n: number) => Partial<TraceBatch>]>([
    ["steps that never end", (n) => sent({ ...ROOT, id: `open ${n}`, input: LARGE, start: at(n) })],
    [
      "agents whose place is unknown",
      (n) => sent({ ...ROOT, id: `a${n}`, parent: `p${n}`, end: at(n), input: LARGE }),
    ],
    ["prompts", (n) => ({ prompts: [{ sender: SENDER, trace: "t", text: `${n} ${LARGE}`, at: at(n) }] })],
    [
      "parts without their steps",
      (n) => ({
        parts: [{ sender: SENDER, trace: "t", key: `k${n}`, at: at(n), tool: { result: LARGE } }],
      }),
    ],
    ["names", (n) => sent({ ...ROOT, id: `n${n}`, role: "chain", name: `${n} ${LARGE}`, parent: "root" })],
    ["ids", (n) => sent({ ...ROOT, id: `${n} ${LARGE}`, role: "chain", parent: `${n} p ${LARGE}` })],
    [
      "one step alone",
      () =>
        sent({
          ...call(1),
          model: { output: [{ role: "assistant", parts: [{ type: "text", text: LARGE.repeat(200) }] }] },
        }),
    ],
  ])("is limited, whatever it consists of: %s", (_, batch) => {
    replay([sent(ROOT), ...Array.from({ length: 150 }, (_unused, n) => batch(n + 1))])
  })
})

test("stores steps without a run as outlines, and forgets those that have been silent longest", () => {
  const reducer = createTraceReducer("test", DEFAULT_TRACE_SETTINGS)
  let state = reducer.initial()
  for (let n = 0; n < 3_000; n++) {
    const steps = Array.from(
      { length: 10 },
      (_, k): Step => ({
        ...{ trace: `trace ${n}`, id: `s${k}`, role: "context", name: LARGE, start: at(k) },
        attributes: { LARGE },
      }),
    )
    state = reducer.reduce(state, sent(...steps), n).state
  }
  expect(state.contextSteps).toBeLessThanOrEqual(20_000)
  expect(sizeOf(state)).toBeLessThan(12_000_000)
  const { operations } = reducer.reduce(state, sent({ ...call(1), trace: "trace 2999" }), 3_000)
  expect(operations).toContainEqual(expect.objectContaining({ op: "start" }))
})

test("forgets the longest silent run to free memory; a turn records the loss, and later records continue the run", () => {
  const reducer = createTraceReducer("test", DEFAULT_TRACE_SETTINGS)
  let { state } = reducer.reduce(reducer.initial(), sent(ROOT, call(1)), 0)
  state = reducer.reduce(state, sent({ ...ROOT, trace: "u" }, { ...call(2), trace: "u" }), 1).state
  const before = reducer.size?.(state) ?? 0
  const evicted = reducer.evict?.(state, 2)
  expect(evicted?.forgotten).toEqual(["test:t"])
  expect(evicted?.operations).toMatchObject([
    { op: "turn", turn: { event: "run_forgotten" } },
    { op: "end", key: "test:t", status: "incomplete", inferred: true },
  ])
  expect(reducer.size?.(state)).toBeLessThan(before)
  expect(reducer.reduce(state, sent(call(3)), 3).keys).toEqual(["test:t"])
  reducer.evict?.(state, 4)
  reducer.evict?.(state, 5)
  expect(reducer.evict?.(state, 6)).toBeUndefined()
})
