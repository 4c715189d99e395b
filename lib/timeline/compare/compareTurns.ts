import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import type { AlignedTurn } from "./alignTurns"

/**
 * How the two turns of a line differ. `parameters`: same tool, different parameters. `error`: only one of them failed.
 * `text`: different text. `output`: same call, different result.
 */
export type TurnDifference = "only_a" | "only_b" | "parameters" | "error" | "text" | "output"

/** `steps`: compares which steps were taken and whether they failed. `contents`: compares text and results, too. */
export type DifferenceGrade = "steps" | "contents"

/** A line of a comparison and its differences; an empty list means equal. */
export type ComparedTurn = AlignedTurn & { readonly differences: readonly TurnDifference[] }

/** Outlines and digests of one run by index; undefined if they haven't been loaded. */
export type ComparedRun = {
  outline(index: number): TurnOutline | undefined
  digest(index: number): TurnDigest | undefined
}

/** Adds the differences to each line. A turn without an outline counts as equal. */
export function compareTurns(
  lines: readonly AlignedTurn[],
  runA: ComparedRun,
  runB: ComparedRun,
): ComparedTurn[] {
  return lines.map((line) => {
    if (line.a === undefined) return { ...line, differences: ["only_b"] }
    if (line.b === undefined) return { ...line, differences: ["only_a"] }
    const [a, b] = [runA.outline(line.a), runB.outline(line.b)]
    if (a === undefined || b === undefined) return { ...line, differences: [] }
    return { ...line, differences: differencesOf(a, b, runA.digest(line.a), runB.digest(line.b)) }
  })
}

function differencesOf(
  a: TurnOutline,
  b: TurnOutline,
  digestA: TurnDigest | undefined,
  digestB: TurnDigest | undefined,
): TurnDifference[] {
  const known = digestA !== undefined && digestB !== undefined
  const call = known && digestA.call !== digestB.call
  const rest = known && digestA.rest !== digestB.rest
  const titled = a.title !== b.title
  const failed = (a.error === true) !== (b.error === true)
  const found: TurnDifference[] = []
  if (a.tool !== undefined && (titled || call)) found.push("parameters")
  if (failed) found.push("error")
  if (a.tool === undefined && (titled || rest || call)) found.push("text")
  if (a.tool !== undefined && rest && !failed) found.push("output")
  return found
}

/** Returns true if a line has a difference that counts at this grade. */
export function differs({ differences }: ComparedTurn, grade: DifferenceGrade): boolean {
  return differences.some((one) => grade === "contents" || (one !== "text" && one !== "output"))
}

/** Counts lines by kind of difference. A line with two kinds counts for both. */
export function countDifferences(lines: readonly ComparedTurn[]): Record<TurnDifference, number> {
  const counts = { only_a: 0, only_b: 0, parameters: 0, error: 0, text: 0, output: 0 }
  for (const { differences } of lines) for (const one of differences) counts[one] += 1
  return counts
}

/** Returns the next (`step` 1) or previous (-1) differing line, wrapping around once. Undefined without differences. */
export function nextDifference(
  lines: readonly ComparedTurn[],
  from: number | undefined,
  step: 1 | -1,
  grade: DifferenceGrade,
): number | undefined {
  const { length } = lines
  const start = from ?? (step === 1 ? -1 : length)
  for (let distance = 1; distance <= length; distance++) {
    const place = (((start + step * distance) % length) + length) % length
    const line = lines[place]
    if (line !== undefined && differs(line, grade)) return place
  }
  return undefined
}
