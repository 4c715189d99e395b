import { Connection, LOST } from "@/e2e/kit/Connection"
import { Fleet, type Target } from "@/e2e/kit/Fleet"
import { ModelView } from "@/e2e/kit/ModelView"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"

/** Subscribes again and again, at random cursors, while turns are appended; what it saw that can't be. */
export async function subscribeEdge(options: {
  target: Target
  random: SeededRandom
  subscriptions: number
}): Promise<{ subscriptions: number; violations: string[] }> {
  const { target, random, subscriptions } = options
  const fleet = new Fleet({
    target,
    random,
    agents: 1,
    viewers: 0,
    plan: { paceMs: [0, 2], batch: [1, 3], bytes: [0, 100], batchesPerRun: [3_000, 3_000] },
  })
  const connection = new Connection({ url: target.url, token: target.viewerToken })
  fleet.start()
  try {
    await fleet.until("a run", () => fleet.runs.length > 0)
    await connection.connected()
    const view = new ModelView(fleet.runs[0] ?? "")
    connection.socket.on("runs.trace.event", (event) => {
      if (event.run_id === view.run_id) view.receive(event)
    })
    const { run_id } = view
    for (let number = 0; number < subscriptions && !view.ended; number++) {
      const cursor = random.chance(0.7) ? view.cursor : random.int(0, view.cursor)
      const reply = await connection.insist("runs.subscribe", { run_id, cursor: view.subscribe(cursor) })
      if (reply === LOST || !reply.ok) throw new Error(`subscribe: ${JSON.stringify(reply)}`)
      if (random.chance(0.5)) {
        const seen = view.cursor
        if (random.chance(0.3)) await waitUntil("a live turn", () => view.cursor > seen || view.ended)
        await connection.insist("runs.unsubscribe", { run_id })
        view.lost()
      }
    }
    return { subscriptions: view.subscriptions, violations: view.violations }
  } finally {
    fleet.close()
    connection.close()
  }
}
