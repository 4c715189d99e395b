import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { TurnInput } from "@/lib/protocol/turn"

const TOOLS = ["bash", "read", "edit", "grep", "web_search", "apply_patch"]
const LINES = [
  "  ✓ src/checkout/cart.test.ts (42 tests) 318ms",
  'warning: "exactOptionalPropertyTypes" narrows \\ what follows',
  "diff --git a/src/checkout/cart.ts b/src/checkout/cart.ts",
  "+    this.total = lines.reduce((sum, line) => sum + line.price * line.count, 0)",
  "Error: expected 3 to be 4 — während des Laufs",
  "The failure comes from the second retry, which is counted twice.",
]

function text(random: SeededRandom, chars: number): string {
  let made = ""
  while (made.length < chars) made += `${random.pick(LINES)}\n`
  return made.slice(0, chars)
}

/** Returns a realistic turn of about `bytes` as JSON. `startedMs`: its start time in milliseconds since 1970. */
export function madeTurn(random: SeededRandom, bytes: number, startedMs: number): TurnInput {
  const chars = Math.max(20, Math.round((bytes - 330) * random.next() * 2))
  const took = Math.round(20 + 6_000 * random.next() ** 4)
  const common = {
    started_at: new Date(startedMs).toISOString(),
    duration_ms: took,
    usage: { input_tokens: random.int(400, 90_000), output_tokens: random.int(10, 2_000) },
    cost_usd: random.int(1, 400) / 10_000,
  }
  if (random.chance(0.4)) return { ...common, model: "made-up-1", message: text(random, chars) }
  const tool = random.pick(TOOLS)
  const argument = `step ${random.int(1, 9_999)} --in src/checkout/part-${random.int(1, 400)}.ts`
  return {
    ...common,
    tool,
    parameters: { command: argument, timeout: 120 },
    output: text(random, chars),
    ...(random.chance(0.03) && { error: { message: "exit code 1", type: "exit" } }),
  }
}

/** Returns a small turn whose title contains the current time, in milliseconds since 1970 with microseconds. */
export function stampedTurn(): string {
  const sent = performance.timeOrigin + performance.now()
  const parameters = { command: `sent ${sent.toFixed(3)}` }
  const turn: TurnInput = { tool: "bash", parameters, output: LINES.join("\n"), duration_ms: 180 }
  return JSON.stringify(turn)
}
