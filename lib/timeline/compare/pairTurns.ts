import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import { type AlignedTurn, alignTurns } from "./alignTurns"
import { turnKey } from "./turnKey"

/** What is left over is paired in pieces of this many turns, so that the cost stays bounded. */
const PIECE_TURNS = 1_500

type Step = Pick<TurnOutline, "kind" | "tool" | "title">

/** A run's turns as far as a comparison needs them. */
export type StepKeys = { readonly exact: readonly string[]; readonly loose: readonly string[] }

/**
 * Keys of a run's turns: the same step, and the same sort of step (its kind and its tool) whatever it was asked. With
 * digests, by index, the parameters decide; those of both runs must be keyed in the same way.
 */
export function stepKeys(steps: readonly Step[], digests: readonly TurnDigest[] = []): StepKeys {
  return {
    exact: steps.map((step, at) => turnKey(step, digests[at])),
    loose: steps.map(({ kind, tool }) => JSON.stringify([kind, tool ?? ""])),
  }
}

/**
 * Aligns two runs: first the turns that are the same step, then, in each stretch between those, the ones that are the
 * same sort of step. In order, each turn once; cost as `alignTurns`.
 */
export function pairTurns(a: StepKeys, b: StepKeys): AlignedTurn[] {
  const lines: AlignedTurn[] = []
  const rest = { a: [] as number[], b: [] as number[] }
  const pairPiece = (restA: readonly number[], restB: readonly number[]) => {
    const pairs = alignTurns(
      restA.map((index) => a.loose[index] ?? ""),
      restB.map((index) => b.loose[index] ?? ""),
    )
    for (const pair of pairs) {
      const first = pair.a === undefined ? undefined : restA[pair.a]
      const second = pair.b === undefined ? undefined : restB[pair.b]
      lines.push({ ...(first !== undefined && { a: first }), ...(second !== undefined && { b: second }) })
    }
  }
  const pairRest = () => {
    const pieces = Math.max(1, Math.ceil(Math.max(rest.a.length, rest.b.length) / PIECE_TURNS))
    for (let at = 0; at < pieces; at++) pairPiece(pieceOf(rest.a, at, pieces), pieceOf(rest.b, at, pieces))
    rest.a = []
    rest.b = []
  }
  for (const line of alignTurns(a.exact, b.exact)) {
    if (line.a !== undefined && line.b !== undefined) {
      pairRest()
      lines.push(line)
    } else if (line.a !== undefined) rest.a.push(line.a)
    else if (line.b !== undefined) rest.b.push(line.b)
  }
  pairRest()
  return lines
}

function pieceOf(indices: readonly number[], at: number, pieces: number): readonly number[] {
  const place = (part: number) => Math.floor((indices.length * part) / pieces)
  return indices.slice(place(at), place(at + 1))
}
