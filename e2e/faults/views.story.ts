import { writeFileSync } from "node:fs"
import { expect, test } from "@/e2e/fixtures"
import { chooseSeed, seededRandom } from "@/e2e/kit/seededRandom"
import { startServer } from "@/e2e/server"
import { clockEnv, clockJumps } from "./clockJumps"
import { cutWires } from "./cuts"
import { slowReaders } from "./slowReaders"
import { stalledReaders } from "./stalledReaders"
import { subscribeEdge } from "./subscribeEdge"

const MIB = 1024 * 1024

test.setTimeout(240_000)

test("T12 I8 I12 I13 I16 I17: behind connections that are cut, delayed and split, every view is always a prefix of the store and finally equal to it", async ({
  server,
}) => {
  const report = await cutWires({
    target: server,
    random: seededRandom(chooseSeed()),
    agents: 8,
    viewers: 16,
    followChance: 0.3,
    forMs: 8_000,
    cutMs: [200, 3_000],
    plan: { paceMs: [40, 200], batch: [1, 8], bytes: [0, 600], batchesPerRun: [10, 80] },
  })
  expect(report.examples).toEqual([])
  expect(Object.values(report.faults).every((count) => count === 0)).toBe(true)
  expect(report.cuts).toBeGreaterThan(16)
  expect(report.receivedTwice).toBe(0)
})

test("T13 I14: a subscription that races an append has neither a gap nor a duplicate", async ({ server }) => {
  const random = seededRandom(chooseSeed())
  const report = await subscribeEdge({ target: server, random, subscriptions: 900, mostTurns: 9_000 })
  expect(report.violations).toEqual([])
  expect(report.subscriptions).toBeGreaterThan(300)
})

test("T14 T15 I18 I19: stopped viewers use little memory, don't affect other viewers, and catch up after they resume", async ({
  server,
}) => {
  const report = await stalledReaders({ target: server, readers: 4, turns: 350, minStallMs: 2_000 })
  expect(report.violations).toEqual([])
  expect(report).toMatchObject({ healthyComplete: true, stalledComplete: true })
  expect(report.publishedBytes).toBeGreaterThan(60 * MIB)
  // About 1 MiB for each stopped viewer, and for the viewer that reads all of their runs.
  expect(report.mostQueuedBytes).toBeLessThan(8 * MIB)
  // Less than what was published. Part of it is garbage, which an idle server may keep for minutes.
  expect(report.growthBytes).toBeLessThan(72 * MIB)
})

test("T16 I13 I18: viewers that are slower than incoming turns always see a prefix, use little memory, and catch up", async ({
  server,
}) => {
  const report = await slowReaders({
    target: server,
    random: seededRandom(chooseSeed()),
    readers: 3,
    turns: 300,
    bytesPerSecond: 256 * 1024,
    slowMs: 5_000,
  })
  expect(report).toMatchObject({ violations: [], complete: true, comebacks: 0 })
  expect(report.behind).toBeGreaterThan(50)
  // The limit allows for one frame or log page per viewer, plus whatever is sent before the server notices that a
  // viewer is slow.
  expect(report.mostQueuedBytes).toBeLessThan(3 * MIB)
})

test("T26 I26: a wall clock that jumps by hours neither ends a run, nor reorders turns, nor moves a time back", async () => {
  const offsetFile = test.info().outputPath("offset")
  writeFileSync(offsetFile, "0")
  const server = await startServer(clockEnv(offsetFile))
  try {
    const report = await clockJumps({
      target: server,
      random: seededRandom(chooseSeed()),
      offsetFile,
      jumps: 6,
    })
    expect(report.examples).toEqual([])
    expect(report).toMatchObject({ incomplete: 0, timesBack: 0 })
    expect(report.offsets.every((offset) => Math.abs(offset) > 1_800_000)).toBe(true)
  } finally {
    await server.dispose()
  }
})
