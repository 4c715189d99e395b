import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import { type AlignedTurn, alignTurns } from "./alignTurns"

/** Unmatched turns are paired in chunks of this size, to bound the cost. */
const CHUNK_TURNS = 1_500

type Step = Pick<TurnOutline, "kind" | "tool" | "title">

/** Comparison keys of a run's turns; see `stepKeys`. */
export type StepKeys = { readonly exact: readonly string[]; readonly loose: readonly string[] }

/**
 * Computes keys of a run's turns. `exact`: same step, including parameters. `loose`: same kind and tool. `digests` are
 * by index; pass them for both runs or for neither.
 */
export function stepKeys(steps: readonly Step[], digests: readonly TurnDigest[] = []): StepKeys {
  return {
    exact: steps.map((step, at) => turnKey(step, digests[at])),
    loose: steps.map(({ kind, tool }) => JSON.stringify([kind, tool ?? ""])),
  }
}

/**
 * Aligns two runs: first turns that are the same step, then, between those, turns of the same kind and tool. Turns stay
 * in order, and each turn occurs once. Takes about as long as `alignTurns`.
 */
export function pairTurns(a: StepKeys, b: StepKeys): AlignedTurn[] {
  const lines: AlignedTurn[] = []
  const unmatched = { a: [] as number[], b: [] as number[] }
  const pairChunk = (chunkA: readonly number[], chunkB: readonly number[]) => {
    const pairs = alignTurns(
      chunkA.map((index) => a.loose[index] ?? ""),
      chunkB.map((index) => b.loose[index] ?? ""),
    )
    for (const pair of pairs) {
      const first = pair.a === undefined ? undefined : chunkA[pair.a]
      const second = pair.b === undefined ? undefined : chunkB[pair.b]
      lines.push({ ...(first !== undefined && { a: first }), ...(second !== undefined && { b: second }) })
    }
  }
  const pairUnmatched = () => {
    const chunks = Math.max(1, Math.ceil(Math.max(unmatched.a.length, unmatched.b.length) / CHUNK_TURNS))
    for (let at = 0; at < chunks; at++)
      pairChunk(chunkOf(unmatched.a, at, chunks), chunkOf(unmatched.b, at, chunks))
    unmatched.a = []
    unmatched.b = []
  }
  for (const line of alignTurns(a.exact, b.exact)) {
    if (line.a !== undefined && line.b !== undefined) {
      pairUnmatched()
      lines.push(line)
    } else if (line.a !== undefined) unmatched.a.push(line.a)
    else if (line.b !== undefined) unmatched.b.push(line.b)
  }
  pairUnmatched()
  return lines
}

function chunkOf(indices: readonly number[], at: number, chunks: number): readonly number[] {
  const boundary = (chunk: number) => Math.floor((indices.length * chunk) / chunks)
  return indices.slice(boundary(at), boundary(at + 1))
}

/**
 * Returns a key that is equal for turns that are the same step: same kind, same tool, same parameters. Without a digest
 * or a tool, the title is used instead of the parameters: it contains the first argument or the first line of text.
 */
function turnKey(outline: Pick<TurnOutline, "kind" | "tool" | "title">, digest?: TurnDigest): string {
  const { kind, tool, title } = outline
  return JSON.stringify([kind, tool ?? "", tool === undefined || digest === undefined ? title : digest.call])
}
