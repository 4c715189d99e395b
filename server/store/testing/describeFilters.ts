import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { RunFilter } from "@/lib/protocol/commands"
import { OUTCOME_STATUSES, RUN_STATUSES } from "@/lib/protocol/enums"
import { admitsRun } from "@/server/store/admitsRun"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import type { NewRun, RunRow, RunStore } from "@/server/store/RunStore"
import { aNewRun, aQuery } from "./storeSamples"

const AGENTS = ["a", "a/1", "a/2", "ab", "b"]
const WORDS = ["fix", "FIX it", "über", "50%", "under_score", "nul\0"]
const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString()

const pick = <T>(values: readonly T[], at: number): T => values[at % values.length] as T

/** Adds eighty runs of all kinds, the same to each store. */
async function fill(store: RunStore): Promise<void> {
  for (let at = 0; at < 80; at++) {
    const run: NewRun = aNewRun({
      run_id: `run-${at}`,
      agent_id: pick(AGENTS, at),
      intent: `${pick(WORDS, at * 7)} ${at}`,
      started_at: minute(Math.floor(at / 3)),
      labels: at % 4 === 0 ? { repo: pick(["x", "y"], at / 4) } : {},
      ...(at % 5 === 0 && { parent: { run_id: "run-1" } }),
    })
    await store.start(run)
    const end = { run_id: run.run_id, owner: run.owner, ended_at: minute(Math.floor(at / 3) + (at % 11)) }
    if (at % 7 === 0) await store.abandon(end)
    else if (at % 7 < 5) {
      const outcome = { status: pick(OUTCOME_STATUSES, at), summary: pick(WORDS, at * 5) }
      await store.complete({ ...end, writer: ["*"], outcome })
    }
  }
}

const time = fc.integer({ min: -2, max: 40 }).map(minute)
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined, freq: 2 })
const filters: fc.Arbitrary<RunFilter> = fc
  .record({
    agent_id: maybe(fc.constantFrom(...AGENTS, "none")),
    status: maybe(fc.subarray([...RUN_STATUSES])),
    outcome: maybe(fc.subarray([...OUTCOME_STATUSES])),
    q: maybe(fc.constantFrom("fix", "it 1", "ÜBER", "%", "_", "7", "\0")),
    labels: maybe(fc.constantFrom({}, { repo: "x" }, { repo: "z" }, { other: "x" })),
    parent_run_id: maybe(fc.constantFrom("run-1", "run-2")),
    started_after: maybe(time),
    started_before: maybe(time),
    overlaps: maybe(fc.record({ from: time, to: time })),
    failed: maybe(fc.constant(true as const)),
  })
  .map((given) => JSON.parse(JSON.stringify(given)))
const readers: fc.Arbitrary<string[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<string[]>(["*"]) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom<string[]>("a", "a/*", "a*", "b", "c", "*"), { maxLength: 3 }),
  },
)

async function everyPage(
  store: RunStore,
  filter: RunFilter,
  patterns: string[],
  limit: number,
): Promise<RunRow[]> {
  const rows: RunRow[] = []
  let before: string | undefined
  do {
    const page = await store.list(
      aQuery({ filter, readers: patterns, limit, ...(before !== undefined && { before }) }),
    )
    rows.push(...page.rows)
    before = page.next
  } while (before !== undefined)
  return rows
}

/** Compares the store's filters with those of the memory store. `open` returns an empty store; the suite closes it. */
export function describeFilters(name: string, open: () => Promise<RunStore>): void {
  describe(`T11: ${name}`, () => {
    const memory = new MemoryRunStore()
    let store: RunStore
    beforeAll(async () => {
      store = await open()
      for (const each of [memory, store]) await fill(each)
    })
    afterAll(() => store.close())

    test("every filter finds the same runs and counts as in memory", async () => {
      await fc.assert(
        fc.asyncProperty(
          filters,
          readers,
          fc.constantFrom(3, 50),
          maybe(time),
          async (filter, patterns, limit, since) => {
            const expected = await everyPage(memory, filter, patterns, limit)
            expect(expected.every((row) => admitsRun(row, filter, patterns))).toBe(true)
            expect(await everyPage(store, filter, patterns, limit)).toEqual(expected)
            const query = { filter, readers: patterns, ...(since !== undefined && { failedSince: since }) }
            expect(await store.count(query)).toEqual(await memory.count(query))
          },
        ),
        { numRuns: 300 },
      )
    })
  })
}
