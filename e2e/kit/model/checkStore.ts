import type { JournalEntry } from "./journal"
import type { ModelView } from "./ModelView"
import type { StoredRun } from "./StoredRun"

/** The result of checking acknowledgements and views against the store. The guarantees hold if all faults are zero. */
export type CheckReport = {
  runs: number
  storedTurns: number
  ackedTurns: number
  /** Turns that were stored even though their acknowledgement was lost, which is allowed. */
  unackedTurns: number
  /** Batches whose first acknowledgement was lost and whose retry found them stored. */
  foundStored: number
  faults: {
    ackedLost: number
    duplicated: number
    gaps: number
    orderBreaks: number
    brokenBatches: number
    changedContent: number
    endLost: number
    viewMismatches: number
    violations: number
  }
  /** Descriptions of the first few faults. */
  examples: string[]
}

type Faults = CheckReport["faults"]

const noFaults = (): Faults => ({
  ackedLost: 0,
  duplicated: 0,
  gaps: 0,
  orderBreaks: 0,
  brokenBatches: 0,
  changedContent: 0,
  endLost: 0,
  viewMismatches: 0,
  violations: 0,
})

/** Counts faults and keeps the first examples. */
class Finding {
  readonly faults = noFaults()
  readonly examples: string[] = []
  add(fault: keyof Faults, what: string, by = 1): void {
    this.faults[fault] += by
    if (this.examples.length < 30) this.examples.push(`${fault}: ${what}`)
  }
}

/** Checks agents' acknowledgements and viewers' views against the store. */
export function checkStore(input: {
  journal: readonly JournalEntry[]
  stored: ReadonlyMap<string, StoredRun>
  views?: readonly ModelView[]
  violations?: readonly string[]
}): CheckReport {
  const finding = new Finding()
  const promised = readPromises(input.journal, finding)
  let storedTurns = 0
  for (const run of input.stored.values()) {
    storedTurns += run.turns.length
    checkRun(run, finding)
  }
  for (const promise of promised.values()) checkPromise(promise, input.stored.get(promise.run_id), finding)
  for (const view of input.views ?? []) checkView(view, input.stored.get(view.run_id), finding)
  for (const violation of input.violations ?? []) finding.add("violations", violation)
  const ackedTurns = [...promised.values()].reduce((sum, promise) => sum + promise.turns, 0)
  return {
    runs: input.stored.size,
    storedTurns,
    ackedTurns,
    unackedTurns: Math.max(0, storedTurns - ackedTurns),
    foundStored: input.journal.filter((entry) => entry.what === "acked" && entry.duplicate).length,
    faults: finding.faults,
    examples: finding.examples,
  }
}

/** Whether a report is free of faults. */
export const isClean = (report: CheckReport) => Object.values(report.faults).every((count) => count === 0)

type RunPromise = {
  run_id: string
  turns: number
  batches: Map<number, { base_index: number; count: number }>
  end?: string
}

function readPromises(journal: readonly JournalEntry[], finding: Finding): Map<string, RunPromise> {
  const promised = new Map<string, RunPromise>()
  const of = (run_id: string) => {
    const known: RunPromise = promised.get(run_id) ?? { run_id, turns: 0, batches: new Map() }
    promised.set(run_id, known)
    return known
  }
  const ending = new Map<string, string>()
  for (const entry of journal) {
    if (entry.what === "started") of(entry.run_id)
    else if (entry.what === "ending") ending.set(entry.run_id, entry.status)
    else if (entry.what === "ended") {
      const status = ending.get(entry.run_id)
      if (status !== undefined) of(entry.run_id).end = status
    } else if (entry.what === "acked") {
      const run = of(entry.run_id)
      const before = run.batches.get(entry.batch)
      if (before && before.base_index !== entry.base_index)
        finding.add(
          "duplicated",
          `${entry.run_id} batch ${entry.batch} acknowledged at ${before.base_index} and ${entry.base_index}`,
        )
      if (!before) run.turns += entry.count
      run.batches.set(entry.batch, { base_index: entry.base_index, count: entry.count })
    }
  }
  return promised
}

/** Checks indices, complete batches, send order and content of one stored run, using only the marks in its turns. */
function checkRun(run: StoredRun, finding: Finding): void {
  let expected: { batch: number; place: number; of: number } = { batch: -1, place: 0, of: 0 }
  run.turns.forEach((turn, at) => {
    if (turn.index !== at) finding.add("gaps", `${run.run_id}: turn ${turn.index} at position ${at}`)
    if (!turn.holds) finding.add("changedContent", `${run.run_id}: turn ${turn.index}`)
    const { mark } = turn
    if (!mark) return
    if (expected.place < expected.of) {
      if (mark.b !== expected.batch || mark.k !== expected.place)
        finding.add("brokenBatches", `${run.run_id}: turn ${at} is ${mark.b}.${mark.k}`)
    } else if (mark.k !== 0) finding.add("brokenBatches", `${run.run_id}: turn ${at} is ${mark.b}.${mark.k}`)
    else if (mark.b <= expected.batch)
      finding.add("duplicated", `${run.run_id}: batch ${mark.b} again at ${at}`)
    else if (mark.b !== expected.batch + 1)
      finding.add("orderBreaks", `${run.run_id}: batch ${mark.b} after ${expected.batch}`)
    expected = { batch: mark.b, place: mark.k + 1, of: mark.n }
  })
  if (expected.place < expected.of) finding.add("brokenBatches", `${run.run_id}: its last batch is cut`)
}

function checkPromise(promise: RunPromise, run: StoredRun | undefined, finding: Finding): void {
  if (!run) {
    finding.add("ackedLost", `run ${promise.run_id} itself`, Math.max(1, promise.turns))
    return
  }
  for (const [batch, { base_index, count }] of promise.batches)
    for (let k = 0; k < count; k++) {
      const mark = run.turns[base_index + k]?.mark
      if (mark?.b !== batch || mark.k !== k)
        finding.add("ackedLost", `${promise.run_id} batch ${batch}.${k} is not at ${base_index + k}`)
    }
  if (promise.end !== undefined && (run.status !== "completed" || run.outcome !== promise.end))
    finding.add("endLost", `${promise.run_id} was completed as ${promise.end}: ${run.status} ${run.outcome}`)
}

function checkView(view: ModelView, run: StoredRun | undefined, finding: Finding): void {
  for (const violation of view.violations) finding.add("violations", violation)
  if (!run) {
    finding.add("viewMismatches", `${view.run_id} was seen but is not stored`)
    return
  }
  if (view.cursor !== run.turns.length)
    finding.add("viewMismatches", `${view.run_id}: ${view.cursor} seen of ${run.turns.length}`)
  const differs = view.digests.findIndex((digest, index) => run.turns[index]?.digest !== digest)
  if (differs >= 0 && run.turns[differs]?.digest !== undefined)
    finding.add("viewMismatches", `${view.run_id}: turn ${differs} differs`)
  if (view.ended !== (run.status !== "in_progress"))
    finding.add("viewMismatches", `${view.run_id}: ended ${view.ended} but ${run.status}`)
}
