import { expect, test } from "@/e2e/fixtures"
import { checkStore } from "@/e2e/kit/model/checkStore"
import { findDatabase, readSqlite } from "@/e2e/kit/readSqlite"
import { chooseSeed, seededRandom } from "@/e2e/kit/seededRandom"
import { startServer } from "@/e2e/server"
import { copyAtInstants } from "./copyAtInstant"
import { crashLoop } from "./crashLoop"
import { canMount, diskFull, mountSmallDisk } from "./diskFull"
import { canTrace, fsyncBeforeAck } from "./fsyncBeforeAck"
import { restartStorm } from "./restartStorm"

const NOTHING = {
  ackedLost: 0,
  duplicated: 0,
  gaps: 0,
  orderBreaks: 0,
  brokenBatches: 0,
  changedContent: 0,
  endLost: 0,
  viewMismatches: 0,
  violations: 0,
}

test.setTimeout(240_000)

test("T1 I1 I3 I6 I9 I12: five rounds of kill -9 lose nothing, repeat nothing, and every view ends up equal to the store", async ({
  server,
}) => {
  const report = await crashLoop({
    target: server,
    random: seededRandom(chooseSeed()),
    rounds: 5,
    agents: 20,
    viewers: 3,
    followChance: 0.4,
    upMs: [200, 700],
    inspectEvery: 2,
    plan: { paceMs: [10, 80], bytes: [0, 800], batchesPerRun: [10, 60] },
  })
  expect(report.examples).toEqual([])
  expect(report.faults).toEqual(NOTHING)
  expect(new Set(report.integrity)).toEqual(new Set(["ok"]))
  expect(report.ackedTurns).toBeGreaterThan(500)
  expect(report.viewerConnects).toBeGreaterThanOrEqual(3 * 6)

  await server.stop()
  const { integrity, runs } = readSqlite(findDatabase(server.dataDir))
  expect(integrity).toBe("ok")
  expect(checkStore({ journal: [], stored: runs }).examples).toEqual([])
})

test("T2 I2: between any two acknowledgements the log is flushed to the disk", async ({ server }) => {
  test.skip(!canTrace(), "strace and root are required")
  const report = await fsyncBeforeAck({ target: server, appends: 60 })
  expect(report).toMatchObject({ acks: 60, unflushed: 0 })
})

test("T3 I1 I3: a copy taken at any instant opens, contains everything acknowledged, and is a prefix of complete batches even if its tail is damaged", async ({
  server,
}) => {
  const random = seededRandom(chooseSeed())
  const report = await copyAtInstants({ target: server, random, copies: 12, agents: 5 })
  expect(report.faults).toEqual([])
  expect(report.copies).toBe(12)
  expect(report.damaged).toBeGreaterThan(0)
})

test("T4 I5: on a full disk only stored turns are acknowledged or shown, reads continue, and writes recover", async () => {
  test.skip(!canMount(), "root is required to mount a small disk")
  const disk = mountSmallDisk(24)
  const before = process.env.TMPDIR
  process.env.TMPDIR = disk.path
  const starting = startServer()
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  const server = await starting
  try {
    const report = await diskFull({ target: server, disk, random: seededRandom(chooseSeed()) })
    expect(report.examples).toEqual([])
    expect(report.faults).toEqual(NOTHING)
    expect(report).toMatchObject({ readable: true, alive: true, ready: 503 })
    expect(report.unavailable).toBeGreaterThan(0)
  } finally {
    await server.dispose()
    disk.unmount()
  }
})

test("T33 I4 I12 I23: all viewers and agents reconnect after a crash and after a graceful stop, and no run is marked incomplete", async ({
  server,
}) => {
  const random = seededRandom(chooseSeed())
  for (const politely of [false, true]) {
    const fork = random.fork(`politely ${politely}`)
    const report = await restartStorm({ target: server, random: fork, agents: 8, viewers: 60, politely })
    expect(report.examples).toEqual([])
    expect(report.faults).toEqual(NOTHING)
    expect(report.incomplete).toBe(0)
  }
})
