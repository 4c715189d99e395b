import { pino } from "pino"
import { beforeEach, describe, expect, test } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { fakeClock } from "@/lib/testing/fakeClock"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { aNewRun } from "@/server/store/testing/storeSamples"
import type { ClusterTargets } from "./Cluster"
import { RemoteChanges } from "./RemoteChanges"
import type { RemoteReader, StoredRun } from "./RemoteReader"

/** Another node's run, as it is in the database. */
let stored: StoredRun
let published: RunSummary[]
let changes: RemoteChanges

beforeEach(async () => {
  const { row } = await new MemoryRunStore().start(aNewRun({ run_id: "r" }))
  stored = { row, live: { connected: true } }
  published = []
  const clock = fakeClock()
  const reader: Partial<RemoteReader> = {
    runs: async () => [stored],
    runsInProgress: async () => [stored],
    newest: async () => 1,
  }
  const fanout: Partial<ClusterTargets["fanout"]> = {
    runChanged: (run) => void published.push(run),
    followed: () => [],
    follows: () => false,
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
