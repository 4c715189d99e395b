import type { RunTurn } from "@/lib/protocol/turn"

/** Numbers that identify the contents of a turn without its bodies: if they are equal, so are the contents. */
export type TurnDigest = {
  /** Digest of the parameters of a tool call. */
  readonly call: number
  /** Digest of everything else: prompt, message, output, error, exit. Excludes thinking and times. */
  readonly rest: number
}

/** Digests a turn as received over the wire, ignoring the order of keys. Linear time; the wire bounds the depth. */
export function turnDigest(turn: RunTurn): TurnDigest {
  const { parameters, prompt, message, output, error, cli_outcome } = turn
  const cuts = Object.entries(turn.truncated ?? {}).map(([at, bytes]) => [at, bytes, turn.tails?.[at]])
  const isParameter = ([at]: unknown[]) => /^\/parameters(?:\/|$)/.test(String(at))
  return {
    call: hash(canonical([parameters, cuts.filter(isParameter)])),
    rest: hash(
      canonical([prompt, message, output, error, cli_outcome, cuts.filter((cut) => !isParameter(cut))]),
    ),
  }
}

/** Digests a turn's tool and parameters: equal numbers mean equal calls. Undefined if it called no tool. */
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

/** Returns JSON text with the keys of every object sorted. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "_"
  const keys = Object.keys(value).sort()
  const fields = keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key as keyof typeof value])}`)
  return `{${fields.join(",")}}`
}

/** Returns a 53-bit hash of a text: two multiplicative hashes combined. Not for secrets. */
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
