import { beforeAll, describe, expect, test } from "vitest"
import { BrokenGuaranteeError, type GuaranteeId, Guarantees } from "@/lib/testing/fuzz/Guarantees"
import { runSeed } from "@/lib/testing/fuzz/runSeed"

// `npm test` always runs the same seeds. `npm run fuzz -- --seeds 5000` runs others.
const SEEDS = Number(process.env.FUZZ_SEEDS ?? 500)
const FIRST_SEED = Number(process.env.FUZZ_FIRST_SEED ?? 1)
/** Seeds that have found a defect. */
const PINNED_SEEDS: readonly number[] = [2, 2_134]
/** With at least this many seeds, the tests also expect that every guarantee was checked and that runs were reopened. */
const MANY_SEEDS = 100
const MAX_FAILURES = 10

type Failure = { seed: number; id: GuaranteeId; reason: string | undefined }

const guarantees = new Guarantees()
const failures: Failure[] = []
let reopenings = 0

beforeAll(async () => {
  const seeds = [...PINNED_SEEDS, ...Array.from({ length: SEEDS }, (_, at) => FIRST_SEED + at)]
  for (const seed of seeds) {
    if (failures.length >= MAX_FAILURES) return
    await runSeed(seed, guarantees).then(
      (count) => {
        reopenings += count
      },
      (error: Error) =>
        failures.push({
          seed,
          id: error instanceof BrokenGuaranteeError ? error.id : "T10",
          reason: error.stack,
        }),
    )
  }
}, 0)

/**
 * Returns a test that checks that no seed has broken a guarantee and, with many seeds, that the guarantee was tested at
 * all.
 */
function held(id: GuaranteeId): () => void {
  return () => {
    expect(failures.filter((failure) => failure.id === id)).toEqual([])
    if (SEEDS >= MANY_SEEDS) expect(guarantees.checksOf(id)).toBeGreaterThan(0)
  }
}

describe("with any behavior of agents, viewers and the store, and kills at any time", () => {
  test("T10: nothing unexpected happens", held("T10"))
  test("I3: a batch is stored completely or not at all", held("I3"))
  test("I4: an acknowledged end is stored, and no run without an agent stays in progress", held("I4"))
  test("I6: indices have no gaps", held("I6"))
  test("I7: a stored turn never changes", held("I7"))
  test("I8: turns of one connection are stored in the order in which they were sent", held("I8"))
  test("I9: a batch that is sent again is stored once and gets the first reply", held("I9"))
  test("I10: starts with the same key get the same run, and another agent gets another", held("I10"))
  test("I11: a run ends once, and accepts nothing after its final end", held("I11"))
  test("I12: once everything is delivered, every view matches the store", held("I12"))
  test("I13: a view is never ahead of the log", held("I13"))
  test("I14: events continue exactly where the previous one ended", held("I14"))
  test("I15: turns have the same bytes live, in pages and in the store", held("I15"))
  test("I16: a view gets the end after the last turn, and only changes of the run after it", held("I16"))
  test("I17: a subscription with a cursor gets only later turns", held("I17"))
  test("I18: a viewer that doesn't read has a bounded queue", held("I18"))
  test("I22: nothing is held for viewers that have left", held("I22"))
  test("no seed fails", () => expect(failures).toEqual([]))
  test("runs were reopened", () => {
    if (SEEDS >= MANY_SEEDS) expect(reopenings).toBeGreaterThan(0)
  })
})
