import { describe, expect, test } from "vitest"
import type { Operation } from "@/lib/dialects/operations"
import { DIALECT_LIMITS } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import { createClaudeCodeHooksDialect } from "./claudeCodeHooksDialect"

const AT = "2026-01-01T00:00:00.000Z"
const LARGE = "x".repeat(60_000)

/** Sends events of one session and checks that its state stays within the limit. */
function send(events: object[]) {
  const dialect = createClaudeCodeHooksDialect({ digest: (text) => `${text.length} ${text.slice(0, 400)}` })
  let state = dialect.initial()
  const operations: Operation[] = []
  const reduced: string[] = []
  for (const [at, event] of events.entries()) {
    const input = { event: { session_id: "s", cwd: "/project", ...event }, at: AT }
    const reduction = dialect.reduce(state, { events: [input] }, at)
    state = reduction.state
    operations.push(...reduction.operations)
    reduced.push(...(reduction.reduced ?? []))
    for (const session of state.values())
      expect(sizeOf(session.state)).toBeLessThan(DIALECT_LIMITS.bytesPerKey * 1.3)
  }
  const turns = operations.flatMap((operation) => (operation.op === "turn" ? [operation.turn] : []))
  return { turns, reduced, operations, state, dialect }
}

describe("the state of a session with hooks", () => {
  test("drops the inputs of open calls, because their results repeat them", () => {
    const call = (n: number) => ({ tool_use_id: `c${n}`, tool_name: "Write", tool_input: { n, LARGE } })
    const events = Array.from({ length: 150 }, (_, n) => ({ hook_event_name: "PreToolUse", ...call(n) }))
    const result = { hook_event_name: "PostToolUse", ...call(0), tool_response: "ok" }
    const { turns, reduced } = send([...events, result])
    expect(turns).toMatchObject([{ tool: "Write", parameters: { n: 0, LARGE } }])
    expect(reduced).toEqual([])
  })

  test("is partly dropped if it grows for another reason; a turn records the loss, and no text is lost", () => {
    const words = (n: number) => `${n} ${"x".repeat(6_000)}`
    const delta = (n: number) => ({ hook_event_name: "MessageDisplay", message_id: "m", delta: words(n) })
    const events = Array.from({ length: 1_200 }, (_, n) => delta(n))
    const { turns, reduced } = send([...events, { ...delta(1_200), final: true }])
    expect(reduced.length).toBeGreaterThan(0)
    expect(turns.filter(({ event }) => event === "context_dropped")).toHaveLength(reduced.length)
    const said = turns.flatMap(({ event, message }) => (event === undefined ? [message] : [])).join("")
    expect(
      said
        .split(/x{6000}/)
        .slice(0, -1)
        .map(Number),
    ).toEqual(Array.from({ length: 1_201 }, (_, n) => n))
  })

  test("is forgotten to free memory; a turn records the loss, and the run ends", () => {
    const { dialect, state } = send([{ hook_event_name: "UserPromptSubmit", prompt: "Hi" }])
    expect(dialect.evict?.(state, 5)?.operations).toMatchObject([
      { op: "turn", turn: { event: "run_forgotten" } },
      { op: "end", key: "claude-code:s", status: "incomplete" },
    ])
    expect(dialect.evict?.(state, 6)).toBeUndefined()
    expect(dialect.size?.(state)).toBe(0)
  })
})
