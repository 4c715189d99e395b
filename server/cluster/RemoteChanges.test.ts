import { pino } from "pino"
import { beforeEach, describe, expect, test } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { type FakeClock, fakeClock } from "@/lib/testing/fakeClock"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { aNewRun } from "@/server/store/testing/storeSamples"
import type { ClusterTargets } from "./Cluster"
import { RemoteChanges } from "./RemoteChanges"
import type { RemoteReader, StoredRun } from "./RemoteReader"

/** Another node's run, as it is in the database. */
let stored: StoredRun
let published: RunSummary[]
let changes: RemoteChanges
let clock: FakeClock
/** How many of the next reads fail. */
let failures: number

async function read<T>(value: T): Promise<T> {
  if (failures-- > 0) throw new StoreUnavailableError("The database is away")
  return value
}

beforeEach(async () => {
  const { row } = await new MemoryRunStore().start(aNewRun({ run_id: "r" }))
  stored = { row, live: { connected: true } }
  published = []
  failures = 0
  clock = fakeClock()
  const reader: Partial<RemoteReader> = {
    runs: () => read([stored]),
    runsInProgress: () => read([stored]),
    newest: () => read(1),
    marksOfCurrent: () => read(new Map([["r", JSON.stringify(stored.live)]])),
  }
  const fanout: Partial<ClusterTargets["fanout"]> = {
    runChanged: (run) => void published.push(run),
    followed: () => [],
    follows: () => false,
    isWatched: () => true,
    onGap: () => {},
  }
  changes = new RemoteChanges({
    reader: reader as RemoteReader,
    live: new LiveRuns(clock),
    clock,
    logger: pino({ level: "silent" }),
    areNotificationsHealthy: () => true,
  })
  changes.open({
    fanout: fanout as ClusterTargets["fanout"],
    onStoredChange: () => {},
  } as Partial<ClusterTargets> as ClusterTargets)
})

describe("a run of another node that is read for one viewer", () => {
  test("is published to viewers with older data, although its notification has yet to arrive", async () => {
    await changes.refresh()
    stored = { ...stored, live: { connected: false } }
    await changes.load("r")
    expect(published).toMatchObject([{ run_id: "r", connected: false }])
  })

  test("is published to viewers of lists if it is new to them", async () => {
    const { row } = stored
    await changes.refresh()
    stored = { ...stored, row: { ...row, run_id: "new" } }
    await changes.load("new")
    expect(published).toMatchObject([{ run_id: "new" }])
  })

  test("isn't published while nobody has older data", async () => {
    await changes.load("r")
    await changes.refresh()
    expect(published).toEqual([])
  })
})

describe("a read that fails because the database is unavailable", () => {
  beforeEach(async () => {
    await changes.refresh()
    stored = { ...stored, live: { connected: false } }
    failures = 1
  })

  test("I24: is repeated soon after a notification", async () => {
    changes.onNotification({ turns: [], changed: ["r"], deleted: [], sessions: [], isNew: false })
    await clock.advanceAsync(1_000)
    expect(published).toMatchObject([{ run_id: "r", connected: false }])
  })

  test("I24: is repeated soon after a gap in the notifications", async () => {
    changes.onGap()
    await clock.advanceAsync(1_500)
    expect(published).toMatchObject([{ run_id: "r", connected: false }])
  })
})
