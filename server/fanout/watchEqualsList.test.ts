import { expect, test } from "vitest"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RegistryEvent } from "@/lib/protocol/events"
import { relativeTimeMs } from "@/lib/protocol/relativeTime"
import { anOwner, aPrincipal } from "@/lib/testing/builders"
import { fanoutWorld } from "@/lib/testing/fanoutWorld"
import type { MemorySubscriber } from "@/lib/testing/memorySubscriber"
import { seededRandom } from "@/lib/testing/seededRandom"
import { DEFAULT_TROUBLE } from "@/server/platform/TroubleSettings"

const everyone = aPrincipal()
type World = ReturnType<typeof fanoutWorld>

/** Returns the runs that a watch shows, according to the events that it has sent so far. */
function idsShown(first: readonly { run_id: string }[], viewer: MemorySubscriber): string[] {
  const ids = new Set(first.map(({ run_id }) => run_id))
  for (const { name, payload } of viewer.received) {
    if (name !== "runs.registry.event") continue
    const { upserts, removed } = payload as RegistryEvent
    for (const { run_id } of upserts) ids.add(run_id)
    for (const run_id of removed) ids.delete(run_id)
  }
  return [...ids].sort()
}

async function watch(w: World, id: string, payload: ListRuns) {
  const viewer = w.subscriber(id)
  const { reply, begin } = await w.fanout.watch(viewer, everyone, payload)
  begin?.()
  if (!reply.ok) throw new Error(reply.error.message)
  return { payload, shown: () => idsShown(reply.runs, viewer) }
}

/** Returns the runs that became too old for a relative time within the last 3 s. */
async function agedRecently(w: World, { since }: ListRuns): Promise<Set<string>> {
  const limitMs = w.clock.now() - (since === undefined ? 0 : (relativeTimeMs(since) ?? 0))
  const page = await w.queries.list(everyone, {
    started_after: new Date(limitMs - 3_000).toISOString(),
    started_before: new Date(limitMs).toISOString(),
    limit: 200,
  })
  return new Set(page.ok && since !== undefined ? page.runs.map(({ run_id }) => run_id) : [])
}

const FILTERS: ListRuns[] = [
  {},
  { trouble: true },
  { waiting: true },
  { status: ["in_progress"] },
  { failed: true },
  { agent: "Ada Seven" },
  { agent_id: "Ada Seven" },
  { agent: "b" },
  { since: "10m" },
  { since: "2m", trouble: true },
  { labels: { env: "prod" } },
  { q: "ship" },
]

test.each([1, 2, 3, 4])(
  "after any sequence of changes, a watch shows the runs that a list has (seed %i)",
  async (seed) => {
    const random = seededRandom(seed)
    const pick = <T>(all: readonly T[]): T => random.pick(all)
    const w = fanoutWorld({ trouble: { ...DEFAULT_TROUBLE, silentMs: 60_000, looping: 3 } })
    const owners = [anOwner("o1"), anOwner("o2"), anOwner("o3")]
    const runs: string[] = []
    const start = async () => {
      const reply = await w.registry.start(pick(owners), everyone, {
        intent: pick(["ship it", "rest"]),
        agent_id: pick(["a", "b"]),
        ...(random.chance(0.5) && { agent_name: pick(["Ada Seven", "ada seven", "Bo"]) }),
        labels: random.chance(0.5) ? { env: "prod" } : {},
      })
      if (reply.ok) runs.push(reply.run_id)
    }
    const turn = () =>
      random.chance(0.4) ? { tool: "bash", error: { message: "no" } } : { tool: pick(["a", "b"]) }
    await start()
    await w.registry.start(owners[0] ?? anOwner(), everyone, {
      intent: "x",
      agent_id: "b",
      agent_name: "Ada Seven",
    })
    const watches = await Promise.all(FILTERS.map((payload, at) => watch(w, `v${at}`, payload)))
    const steps: (() => unknown)[] = [
      start,
      () => w.registry.recordTurns(pick(owners), everyone, { run_id: pick(runs), turns: [turn()] }),
      () =>
        w.registry.recordTurns(pick(owners), everyone, {
          run_id: pick(runs),
          turns: [turn(), turn(), turn()],
        }),
      () =>
        w.registry.reportProgress(pick(owners), everyone, {
          run_id: pick(runs),
          progress: pick([null, { waiting_for: "you" }, { tool: "bash" }]),
        }),
      () =>
        w.registry.complete(pick(owners), everyone, {
          run_id: pick(runs),
          outcome: { status: pick(["success", "failure"]) },
        }),
      () =>
        w.registry.update(pick(owners), everyone, {
          run_id: pick(runs),
          agent_name: pick(["Ada Seven", "Bo"]),
        }),
      () => w.clock.advanceAsync(pick([1_000, 40_000, 100_000])),
      () => {
        const gone = owners.shift()
        if (gone !== undefined) w.registry.ownerClosed(gone)
        owners.push(anOwner(`o${random.next()}`))
      },
      () => w.registry.delete(everyone, { run_id: pick(runs) }),
    ]
    for (let round = 0; round < 12; round++) {
      for (let step = 0; step < 10; step++) await pick(steps)()
      // Long enough to send every event and to remove runs that have become too old.
      await w.clock.advanceAsync(5_000)
      for (const { payload, shown } of watches) {
        const list = await w.queries.list(everyone, { ...payload, limit: 200 })
        if (!list.ok) throw new Error(list.error.message)
        // A run that has just become too old for a relative time may still be shown for a moment.
        const justAged = await agedRecently(w, payload)
        expect(
          shown().filter((id) => !justAged.has(id)),
          `${JSON.stringify(payload)} in round ${round}`,
        ).toEqual(list.runs.map(({ run_id }) => run_id).sort())
        if (payload.trouble) expect(list.counts.trouble).toBe(list.runs.length)
      }
    }
  },
)
