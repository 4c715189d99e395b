import type { RunTurn } from "@/lib/protocol/turn"

/** What tells whether two turns asked and gave the same, without their bodies: equal numbers, equal contents. */
export type TurnDigest = {
  /** Of what a tool was asked for: the parameters. */
  readonly asked: number
  /** Of what was said and what came of it: prompt, message, output, error, exit. Not of thoughts and times. */
  readonly gave: number
}

/** Digests a turn as it came over the wire. The order of an object's keys says nothing. Linear; the wire bounds the depth. */
export function turnDigest(turn: RunTurn): TurnDigest {
  const { parameters, prompt, message, output, error, cli_outcome } = turn
  const cuts = Object.entries(turn.truncated ?? {}).map(([at, bytes]) => [at, bytes, turn.tails?.[at]])
  const isParameter = ([at]: unknown[]) => /^\/parameters(?:\/|$)/.test(String(at))
  return {
    asked: hash(canonical([parameters, cuts.filter(isParameter)])),
    gave: hash(
      canonical([prompt, message, output, error, cli_outcome, cuts.filter((cut) => !isParameter(cut))]),
    ),
  }
}

/** Digests what a turn asked of which tool: equal numbers, equal calls. Undefined if it called none. */
export function callDigest(
  turn: Pick<RunTurn, "tool" | "parameters" | "truncated" | "tails">,
): number | undefined {
  const { tool, parameters } = turn
  return tool === undefined ? undefined : hash(canonical([tool, parameters, parameterCuts(turn)]))
}

function parameterCuts({ truncated, tails }: Pick<RunTurn, "truncated" | "tails">): unknown[][] {
  if (truncated === undefined) return []
  const cuts = Object.entries(truncated).map(([at, bytes]) => [at, bytes, tails?.[at]])
  return cuts.filter(([at]) => /^\/parameters(?:\/|$)/.test(String(at)))
}

/** JSON text with the keys of every object in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "_"
  const keys = Object.keys(value).sort()
  const fields = keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key as keyof typeof value])}`)
  return `{${fields.join(",")}}`
}

/** 53 bits of a text: two multiplicative hashes side by side. Not for secrets. */
function hash(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return 4_294_967_296 * (2_097_151 & low) + (high >>> 0)
}
