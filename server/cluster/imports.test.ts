import { request } from "node:http"
import { afterEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { ask, TestCluster, type TestNode } from "@/lib/testing/startCluster"
import { openPostgresRunStore } from "@/server/store/postgres/PostgresRunStore"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"
import { aBatch, aNewRun } from "@/server/store/testing/storeSamples"

const TURNS = 2_000

/** Returns the export of a run. */
function anExport(run_id: string): string {
  const at = "2026-01-01T00:00:00.000Z"
  const head = { run_id, agent_id: "a", client_id: "c", intent: "Moved", started_at: at, labels: {} }
  const turns = Array.from({ length: TURNS }, (_, index) => ({
    ...{ record: "turn", index, recorded_at: at, kind: "tool", verifier_verdict: "not_run" },
    output: `${index} ${"x".repeat(1_000)}`,
  }))
  const termination = { kind: "outcome", outcome: { status: "success" } }
  const records = [{ record: "started", ...head }, ...turns, { record: "ended", termination, ended_at: at }]
  return records.map((record) => `${JSON.stringify(record)}\n`).join("")
}

describeWithPostgres("imports on several nodes", (databases) => {
  let cluster: TestCluster | undefined
  afterEach(() => cluster?.close())

  function post(node: TestNode, body: string): Promise<{ status: number; body: unknown }> {
    const headers = { authorization: `Bearer ${cluster?.tokens.agent}`, "content-length": body.length }
    const options = { host: "127.0.0.1", port: node.port, path: "/api/import", method: "POST", headers }
    return new Promise((resolve, reject) => {
      const sent = request(options, (answer) => {
        let text = ""
        answer.on("data", (chunk) => {
          text += chunk
        })
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }))
      })
      sent.on("error", reject)
      sent.end(body)
    })
  }

  test("if two nodes import the same run concurrently, it is stored once", { timeout: 60_000 }, async () => {
    cluster = new TestCluster(await databases.create())
    const nodes = [await cluster.start(), await cluster.start()]
    const answers = await Promise.all(nodes.map((node) => post(node, anExport("moved"))))
    const imported = { status: 201, body: { run_id: "moved", agent_id: "a", turns: TURNS } }
    expect(answers).toEqual([imported, imported])
    const list = await ask(await nodes[0]!.connect("viewer"), "runs.list", {})
    expect(list.ok && list.runs).toMatchObject([{ run_id: "moved", cursor: TURNS, status: "completed" }])
  })

  test("an unfinished import of a lost node is deleted on every node", { timeout: 60_000 }, async () => {
    const url = await databases.create()
    const store = await openPostgresRunStore({ url })
    await store.startImport(aNewRun({ run_id: "half", imported: true, owner: "import/gone" }))
    await store.append(aBatch("half", ["one", "two"], { writer: ["*"], owner: "import/gone" }))
    await store.start(aNewRun({ run_id: "other" }))
    await store.close()
    cluster = new TestCluster(url, { TURNLINE_GRACE_MS: "1000" })
    const nodes = [await cluster.start(), await cluster.start()]
    const removed = nodes.map(() => new Set<string>())
    for (const [at, node] of nodes.entries()) {
      const viewer = await node.connect("viewer")
      viewer.on("runs.registry.event", (event) => {
        for (const run_id of event.removed) removed[at]?.add(run_id)
      })
      const list = await ask(viewer, "runs.watch", {})
      expect(list.ok && list.runs.map(({ run_id }) => run_id).sort()).toEqual(["half", "other"])
    }
    const viewer = await nodes[0]!.connect("viewer")
    await eventually(async () => {
      const list = await ask(viewer, "runs.list", {})
      expect(list.ok && list.runs).toMatchObject([{ run_id: "other", status: "incomplete" }])
      expect(removed.map((ids) => ids.has("half"))).toEqual([true, true])
    }, 100)
    expect(await post(nodes[1]!, anExport("half"))).toMatchObject({ status: 201, body: { run_id: "half" } })
  })
})
