import { expect, test } from "vitest"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunTurn } from "@/lib/protocol/turn"
import { applyTraceEvent } from "@/lib/trace/view/applyTraceEvent"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import { emptyView } from "@/lib/trace/view/RunView"
import { encodeTurn } from "./encodeTurn"

const many = Array.from({ length: 4_000 }, (_, at) => ({ type: "text", text: `${at} ${"x".repeat(80)}` }))

test("a viewer gets the server's outline of a turn whose contents were omitted", () => {
  const { outline, preview = "" } = encodeTurn({
    tool: "query",
    parameters: { sql: "select 1", rows: many },
    output: { isError: true, content: [{ type: "text", text: "syntax error at 1" }, ...many] },
  })
  const turn = { ...(JSON.parse(preview) as RunTurn), index: 0, recorded_at: "2026-01-01T00:00:00.000Z" }
  expect(turn.output).toBeUndefined()
  const view = applyTraceEvent(emptyView("r"), {
    ...{ run_id: "r", agent_id: "a", cursor: 1, status: "in_progress" },
    record: { record: "turns", from: 0, turns: [turn] },
  })
  const { index, recorded_at, ...shown } = outlineAt(view.outlines, 0) ?? {}
  expect(shown).toEqual(JSON.parse(outline))
  expect(shown).toMatchObject({ title: "query select 1", error: true, error_text: "syntax error at 1" })
  expect(Buffer.byteLength(preview)).toBeLessThanOrEqual(LIMITS.wireTurnBytes)
})

test("a turn that isn't truncated has no outline in it", () => {
  const { preview, body } = encodeTurn({ tool: "query", output: "x".repeat(LIMITS.wireStringBytes - 1) })
  expect(preview).toBeUndefined()
  expect(body).not.toContain('"outline"')
})
