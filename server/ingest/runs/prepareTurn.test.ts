import { expect, test } from "vitest"
import { prepareTurn } from "./prepareTurn"

test("impossible numbers are dropped, and the turn keeps the rest", () => {
  const given = {
    kind: "tool",
    tool: "bash",
    duration_ms: 1e300,
    exit_code: 1e20,
    cost_usd: 1e308,
    usage: { input_tokens: 1e300, output_tokens: 3 },
  } as const
  const { turn } = prepareTurn(given, undefined, 0, 1_000_000)
  expect(turn).toEqual({ kind: "tool", tool: "bash", usage: { output_tokens: 3 } })
})
