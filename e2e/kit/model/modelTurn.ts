import { createHash } from "node:crypto"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { TurnInput } from "@/lib/protocol/turn"

/** Identifies a model agent's turn: batch `b` of agent `a`, position `k` of `n`. `h` is the digest of its message. */
export type TurnMark = { a: string; b: number; k: number; n: number; h: string }

const digest = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16)
const ODD = ["\u0000", "\u2028", "\ud800", "é", "\u202e", '"', "\\", "</script>", "\n", "𝒳"]

function randomText(random: SeededRandom, bytes: number): string {
  const odd = random.chance(0.1) ? random.pick(ODD) : ""
  const words = Array.from({ length: 1 + (bytes >> 3) }, () => random.int(1e7, 9e7).toString(36)).join(" ")
  return (words.length > bytes ? words.slice(0, bytes) : words) + odd
}

/** A batch whose turns identify themselves, so that a store or view can be checked without the sender. */
export function markedBatch(
  random: SeededRandom,
  batch: { agent: string; number: number; count: number; bytes: [number, number] },
): TurnInput[] {
  return Array.from({ length: batch.count }, (_, k) => {
    const message = randomText(random, random.int(...batch.bytes))
    const mark: TurnMark = { a: batch.agent, b: batch.number, k, n: batch.count, h: digest(message) }
    return random.chance(0.5)
      ? { kind: "model" as const, message, attributes: { mark } }
      : { tool: "bash", parameters: { command: `step ${k}` }, message, attributes: { mark } }
  })
}

/** Returns the mark of a turn that was read, or undefined. */
export function readMark(turn: unknown): TurnMark | undefined {
  const mark = (turn as { attributes?: { mark?: TurnMark } }).attributes?.mark
  return mark && typeof mark.b === "number" ? mark : undefined
}

/** Whether a turn's message is what its sender wrote. Also true if it was cut, because it then can't be checked. */
export function messageHolds(turn: unknown): boolean {
  const { message, truncated } = turn as { message?: string; truncated?: Record<string, number> }
  return truncated?.["/message"] !== undefined || digest(message ?? "") === readMark(turn)?.h
}

/** Returns a short digest of a turn's JSON text. */
export const turnDigest = (turn: unknown) => digest(JSON.stringify(turn))
