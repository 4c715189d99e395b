import type { RunTurn } from "@/lib/protocol/turn"

/**
 * Hashes of a turn's contents, for comparing turns without their bodies. Equal hashes mean equal contents, apart from
 * thinking and times.
 */
export type TurnDigest = {
  /** Hash of the parameters. */
  readonly call: number
  /** Hash of prompt, message, output, error and `cli_outcome`. */
  readonly rest: number
}

/** Digests a turn as received over the wire, ignoring the order of keys. Linear time; the wire bounds the depth. */
export function turnDigest(turn: RunTurn): TurnDigest {
  const { parameters, prompt, message, output, error, cli_outcome } = turn
  const cuts = Object.entries(turn.truncated ?? {}).map(([at, bytes]) => [at, bytes, turn.tails?.[at]])
  const isParameter = ([at]: unknown[]) => /^\/parameters(?:\/|$)/.test(String(at))
  return {
    call: hash([parameters, cuts.filter(isParameter)]),
    rest: hash([prompt, message, output, error, cli_outcome, cuts.filter((cut) => !isParameter(cut))]),
  }
}

/** Digests a turn's tool and parameters: equal numbers mean equal calls. Undefined if the turn called no tool. */
export function callDigest(
  turn: Pick<RunTurn, "tool" | "parameters" | "truncated" | "tails">,
): number | undefined {
  const { tool, parameters } = turn
  return tool === undefined ? undefined : hash([tool, parameters, parameterCuts(turn)])
}

function parameterCuts({ truncated, tails }: Pick<RunTurn, "truncated" | "tails">): unknown[][] {
  if (truncated === undefined) return []
  const cuts = Object.entries(truncated).map(([at, bytes]) => [at, bytes, tails?.[at]])
  return cuts.filter(([at]) => /^\/parameters(?:\/|$)/.test(String(at)))
}

/** Returns a 53-bit hash of a JSON value, which doesn't depend on the order of keys. Not for secrets. */
function hash(value: unknown): number {
  const state = new HashState()
  state.add(value)
  return state.result()
}

/** Separates the values in a hash. Negative, so a separator never equals a character code. */
const SEPARATOR = { text: -2, scalar: -3, list: -4, listEnd: -5, object: -6, key: -7, objectEnd: -8 }

/** Two multiplicative hashes of the same characters. Values are added without first being joined into one string. */
class HashState {
  #high = 0xdeadbeef
  #low = 0x41c6ce57

  add(value: unknown): void {
    if (typeof value !== "object" || value === null) {
      this.#addText(typeof value === "string" ? value : String(value))
      this.#addCode(typeof value === "string" ? SEPARATOR.text : SEPARATOR.scalar)
    } else if (Array.isArray(value)) {
      this.#addCode(SEPARATOR.list)
      for (const item of value) this.add(item)
      this.#addCode(SEPARATOR.listEnd)
    } else {
      this.#addCode(SEPARATOR.object)
      const keys = Object.keys(value)
      if (keys.length > 1) keys.sort()
      for (const key of keys) {
        this.#addText(key)
        this.#addCode(SEPARATOR.key)
        this.add(value[key as keyof typeof value])
      }
      this.#addCode(SEPARATOR.objectEnd)
    }
  }

  result(): number {
    const high =
      Math.imul(this.#high ^ (this.#high >>> 16), 2_246_822_507) ^
      Math.imul(this.#low ^ (this.#low >>> 13), 3_266_489_909)
    const low =
      Math.imul(this.#low ^ (this.#low >>> 16), 2_246_822_507) ^
      Math.imul(high ^ (high >>> 13), 3_266_489_909)
    return 4_294_967_296 * (2_097_151 & low) + (high >>> 0)
  }

  #addText(text: string): void {
    let [high, low] = [this.#high, this.#low]
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      high = Math.imul(high ^ code, 2_654_435_761)
      low = Math.imul(low ^ code, 1_597_334_677)
    }
    this.#high = high
    this.#low = low
  }

  #addCode(code: number): void {
    this.#high = Math.imul(this.#high ^ code, 2_654_435_761)
    this.#low = Math.imul(this.#low ^ code, 1_597_334_677)
  }
}
