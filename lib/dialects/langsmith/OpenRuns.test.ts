import { expect, test } from "vitest"
import { DEFAULT_TRACE_SETTINGS } from "@/lib/dialects/TraceSettings"
import type { LangSmithRun } from "./LangSmithRun"
import { createLangSmithDialect } from "./langSmithDialect"
import { OpenRuns } from "./OpenRuns"

const MIB = 1024 * 1024

test("drops the content of the runs that have been silent longest if all runs together are too large", () => {
  const open = new OpenRuns()
  for (let n = 0; n < 100; n++) {
    const run = open.get(`r${n}`)
    Object.assign(run.fields, { name: `run ${n}`, inputs: { text: "x".repeat(MIB) } })
    open.keep(`r${n}`, run)
    expect(open.size).toBeLessThanOrEqual(32 * MIB)
  }
  expect(open.get("r0")).toMatchObject({ fields: { name: "run 0" }, leftOut: { inputs: expect.any(Number) } })
  expect(open.get("r99")).toMatchObject({ fields: { inputs: {} }, leftOut: {} })
})

test("forgets runs that are too large even without content", () => {
  const open = new OpenRuns()
  for (let n = 0; n < 100; n++) {
    const run = open.get(`r${n}`)
    run.fields.name = "x".repeat(MIB)
    open.keep(`r${n}`, run)
  }
  expect(open.size).toBeLessThanOrEqual(32 * MIB)
  expect(open.get("r0").fields).toEqual({})
})

test("lists the dropped fields of a step in its turn", () => {
  const dialect = createLangSmithDialect(DEFAULT_TRACE_SETTINGS)
  let state = dialect.initial()
  const send = (runs: LangSmithRun[]) => {
    const reduction = dialect.reduce(state, { runs, bytes: 1 }, 0)
    state = reduction.state
    return reduction.operations
  }
  const post = (id: string, more: object = {}): LangSmithRun => ({
    ...{ id, operation: "post", trace_id: "r", name: id, run_type: "tool", parent_run_id: "r" },
    ...{ start_time: "2026-01-01T00:00:00Z", inputs: { text: "x".repeat(MIB) } },
    ...more,
  })
  send([post("r", { run_type: "chain", parent_run_id: undefined })])
  for (let n = 0; n < 40; n++) send([post(`s${n}`)])
  const ended = send([
    {
      id: "s0",
      operation: "patch",
      trace_id: "r",
      end_time: "2026-01-01T00:00:01Z",
      outputs: { output: "done" },
    },
  ])
  const operations = [...ended, ...(dialect.advance?.(state, 10_000).operations ?? [])]
  expect(operations).toContainEqual(
    expect.objectContaining({
      op: "turn",
      turn: expect.objectContaining({
        output: "done",
        attributes: expect.objectContaining({ left_out: { inputs: expect.any(Number) } }),
      }),
    }),
  )
})
