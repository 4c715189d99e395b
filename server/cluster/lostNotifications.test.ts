import { afterEach, expect, test } from "vitest"
import { DatabaseWire } from "@/e2e/cluster/fuzz/DatabaseWire"
import { eventually } from "@/lib/testing/eventually"
import { ask, TestCluster } from "@/lib/testing/startCluster"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

describeWithPostgres("a node whose listening connection breaks", (databases) => {
  let cluster: TestCluster | undefined
  let wire: DatabaseWire | undefined
  afterEach(async () => {
    await cluster?.close()
    await wire?.close()
  })

  test("I24: lists a run that started and ended on another node in the meantime", async () => {
    const url = await databases.create()
    wire = await DatabaseWire.open(url)
    cluster = new TestCluster(url)
    const one = await cluster.start()
    const other = await cluster.start({ TURNLINE_LISTEN_URL: wire.url })
    const viewer = await other.connect("viewer")
    const listed = new Map<string, string>()
    viewer.on("runs.registry.event", ({ upserts }) => {
      for (const run of upserts) listed.set(run.run_id, run.status)
    })
    expect((await ask(viewer, "runs.watch", {})).ok).toBe(true)
    wire.hold()
    const agent = await one.connect("agent")
    const started = await ask(agent, "runs.start", { agent_id: "short", intent: "ends soon" })
    if (!started.ok) throw new Error(started.error.message)
    const { run_id } = started
    expect((await ask(agent, "runs.complete", { run_id, outcome: { status: "success" } })).ok).toBe(true)
    wire.cut()
    wire.release()
    await eventually(() => expect(listed.get(run_id)).toBe("completed"))
  })

  test("I24: removes an ended run from lists that was deleted on another node in the meantime", async () => {
    const url = await databases.create()
    wire = await DatabaseWire.open(url)
    cluster = new TestCluster(url)
    const one = await cluster.start()
    const other = await cluster.start({ TURNLINE_LISTEN_URL: wire.url })
    const agent = await one.connect("agent")
    const started = await ask(agent, "runs.start", { agent_id: "short", intent: "ends soon" })
    if (!started.ok) throw new Error(started.error.message)
    const { run_id } = started
    expect((await ask(agent, "runs.complete", { run_id, outcome: { status: "success" } })).ok).toBe(true)
    const viewer = await other.connect("viewer")
    const removed: string[] = []
    viewer.on("runs.registry.event", (event) => void removed.push(...event.removed))
    const watched = await ask(viewer, "runs.watch", {})
    expect(watched.ok && watched.runs).toHaveLength(1)
    wire.hold()
    expect((await ask(await one.connect("viewer"), "runs.delete", { run_id })).ok).toBe(true)
    wire.cut()
    wire.release()
    await eventually(() => expect(removed).toEqual([run_id]))
  })
})
