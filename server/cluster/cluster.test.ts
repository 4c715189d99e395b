import { request as httpRequest, type IncomingHttpHeaders } from "node:http"
import { afterEach, describe, expect, test } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { aTurn } from "@/lib/testing/builders"
import { eventually } from "@/lib/testing/eventually"
import { ask, type NodeClient, TestCluster, type TestNode } from "@/lib/testing/startCluster"
import { openPostgresAccessStore } from "@/server/store/postgres/openPostgresAccessStore"
import { describeWithPostgres } from "@/server/store/postgres/testing/describeWithPostgres"

describeWithPostgres("nodes on one database", (databases) => {
  let cluster: TestCluster | undefined
  afterEach(() => cluster?.close())

  const startNodes = async (settings: Record<string, string> = {}): Promise<[TestNode, TestNode]> => {
    cluster = new TestCluster(await databases.create(), settings)
    return [await cluster.start(), await cluster.start()]
  }

  /** Subscribes to a run and returns a view that is kept up to date: turns by index, progress and ends. */
  async function follow(viewer: NodeClient, run_id: string) {
    const view = {
      turns: new Map<number, unknown>(),
      ended: 0,
      progress: undefined as unknown,
      duplicates: 0,
    }
    viewer.on("runs.trace.event", ({ record, run_id: of }) => {
      if (of !== run_id) return
      if (record.record === "snapshot" || record.record === "turns")
        for (const turn of record.turns) {
          if (view.turns.has(turn.index)) view.duplicates += 1
          view.turns.set(turn.index, turn)
        }
      if (record.record === "snapshot" && "progress" in record) view.progress = record.progress
      if (record.record === "progress") view.progress = record.progress
      if (record.record === "ended") view.ended += 1
    })
    const reply = await ask(viewer, "runs.subscribe", { run_id })
    expect(reply.ok).toBe(true)
    return view
  }
  async function watch(viewer: NodeClient, filter: object = {}) {
    const runs = new Map<string, RunSummary>()
    const state = { runs, counts: {} as Record<string, number> }
    viewer.on("runs.registry.event", ({ upserts, removed, counts }) => {
      for (const run of upserts) runs.set(run.run_id, run)
      for (const run_id of removed) runs.delete(run_id)
      state.counts = counts
    })
    const reply = await ask(viewer, "runs.watch", filter)
    if (!reply.ok) throw new Error(reply.error.code)
    for (const run of reply.runs) runs.set(run.run_id, run)
    state.counts = reply.counts
    return state
  }
  const startRun = async (agent: NodeClient, more: object = {}) => {
    const reply = await ask(agent, "runs.start", { intent: "work", agent_id: "robot", ...more })
    if (!reply.ok) throw new Error(reply.error.code)
    return reply.run_id
  }
  const record = async (agent: NodeClient, run_id: string, ...messages: string[]) => {
    const turns = messages.map((message) => aTurn({ message }))
    return ask(agent, "runs.record_turns", { run_id, turns })
  }

  describe("viewers", () => {
    test("I12 I16: a viewer on another node sees every turn once, and then the end", async () => {
      const [one, two] = await startNodes()
      const agent = await one.connect("agent")
      const viewer = await two.connect("viewer")
      const run_id = await startRun(agent)
      const view = await follow(viewer, run_id)
      for (let at = 0; at < 20; at++) await record(agent, run_id, `${at}`)
      await eventually(() => expect(view.turns.size).toBe(20))
      await ask(agent, "runs.complete", { run_id, outcome: { status: "success" } })
      await eventually(() => expect(view.ended).toBe(1))
      expect([...view.turns.keys()]).toEqual(Array.from({ length: 20 }, (_, at) => at))
      expect(view.duplicates).toBe(0)
    })

    test("progress, waiting and the connection state show on the other node", async () => {
      const [one, two] = await startNodes()
      const agent = await one.connect("agent")
      const viewer = await two.connect("viewer")
      const list = await watch(await two.connect("viewer"))
      const run_id = await startRun(agent)
      const view = await follow(viewer, run_id)
      await ask(agent, "runs.report_progress", {
        run_id,
        progress: { tool: "Bash", waiting_for: "approval" },
      })
      await eventually(() => expect(view.progress).toMatchObject({ tool: "Bash", waiting_for: "approval" }))
      await eventually(() =>
        expect(list.runs.get(run_id)).toMatchObject({
          connected: true,
          activity: { waiting_for: "approval" },
        }),
      )
      await eventually(() => expect(list.counts.waiting).toBe(1))
      const waiting = await ask(viewer, "runs.list", { waiting: true })
      expect(waiting.ok && waiting.runs.map((run) => run.run_id)).toEqual([run_id])
      await ask(agent, "runs.report_progress", { run_id, progress: null })
      await eventually(() => expect(view.progress).toBeNull())
      await eventually(() => expect(list.counts.waiting).toBe(0))
    })

    test("lists, counters and search are the same on every node", async () => {
      const [one, two] = await startNodes()
      const agents = [await one.connect("agent"), await two.connect("agent")]
      const runs = [
        await startRun(agents[0]!, { intent: "alpha" }),
        await startRun(agents[1]!, { intent: "beta" }),
      ]
      await record(agents[0]!, runs[0]!, "needle in one")
      await ask(agents[1]!, "runs.complete", { run_id: runs[1]!, outcome: { status: "failure" } })
      const viewers = [await one.connect("viewer"), await two.connect("viewer")]
      const lists = await Promise.all(viewers.map((viewer) => ask(viewer, "runs.list", {})))
      const shown = lists.map(
        (list) => list.ok && list.runs.map(({ run_id, status, connected }) => [run_id, status, connected]),
      )
      expect(shown[0]).toEqual([
        [runs[1], "completed", false],
        [runs[0], "in_progress", true],
      ])
      expect(shown[1]).toEqual(shown[0])
      expect(lists[1]!.ok && lists[1]!.counts).toEqual(lists[0]!.ok && lists[0]!.counts)
      await eventually(async () => {
        for (const viewer of viewers) {
          const found = await ask(viewer, "runs.list", { q: "needle" })
          expect(found.ok && found.runs.map((run) => run.run_id)).toEqual([runs[0]])
        }
      })
    })

    test("a cancellation request reaches the owner on another node, and a deletion reaches every viewer", async () => {
      const [one, two] = await startNodes()
      const agent = await one.connect("agent")
      const viewer = await two.connect("viewer")
      const errors: string[] = []
      const watcher = await one.connect("viewer")
      watcher.on("runs.error", ({ error }) => errors.push(error.code))
      const run_id = await startRun(agent)
      await follow(watcher, run_id)
      const requests: (string | undefined)[] = []
      agent.on("runs.cancel_requested", ({ reason }) => requests.push(reason))
      const cancel = await ask(viewer, "runs.cancel", { run_id, reason: "enough" })
      expect(cancel).toMatchObject({ ok: true, delivered: true })
      await eventually(() => expect(requests).toEqual(["enough"]))
      await ask(agent, "runs.complete", { run_id, outcome: { status: "done" } })
      expect(await ask(viewer, "runs.delete", { run_id })).toMatchObject({ ok: true })
      await eventually(() => expect(errors).toEqual(["not_found"]))
    })
  })

  describe("agents", () => {
    test("I25: an agent continues its run on another node, and viewers of both see one trace", async () => {
      const [one, two] = await startNodes()
      const first = await one.connect("agent")
      const run_id = await startRun(first)
      const views = [
        await follow(await one.connect("viewer"), run_id),
        await follow(await two.connect("viewer"), run_id),
      ]
      await record(first, run_id, "a", "b")
      first.disconnect()
      const second = await two.connect("agent")
      expect(await ask(second, "runs.start", { run_id })).toMatchObject({ ok: true, cursor: 2 })
      await record(second, run_id, "c")
      await eventually(() => expect(views.map((view) => view.turns.size)).toEqual([3, 3]))
      await ask(second, "runs.complete", { run_id, outcome: { status: "success" } })
      await eventually(() => expect(views.map((view) => view.ended)).toEqual([1, 1]))
      expect(views.map((view) => view.duplicates)).toEqual([0, 0])
    })

    test("I27 T21: a connection that lost its run to another node is closed when it writes, and writes nothing", async () => {
      const [one, two] = await startNodes()
      const late = await one.connect("agent")
      const run_id = await startRun(late)
      await record(late, run_id, "mine")
      const taker = await two.connect("agent")
      await ask(taker, "runs.start", { run_id })
      const closed = new Promise((resolve) => late.once("disconnect", resolve))
      late.emit("runs.record_turns", { run_id, turns: [aTurn({ message: "late" })] }, () => {})
      await closed
      await record(taker, run_id, "next")
      const viewer = await one.connect("viewer")
      const trace = await ask(viewer, "runs.get_trace", { run_id })
      const messages = trace.ok && trace.records.flatMap((it) => (it.record === "turn" ? [it.message] : []))
      expect(messages).toEqual(["mine", "next"])
    })

    test("a run whose agent doesn't return ends after its grace period, and every node shows it", async () => {
      const [one, two] = await startNodes({ TURNLINE_GRACE_MS: "1000" })
      const agent = await one.connect("agent")
      const run_id = await startRun(agent)
      const view = await follow(await two.connect("viewer"), run_id)
      const list = await watch(await two.connect("viewer"))
      agent.disconnect()
      await eventually(() =>
        expect(list.runs.get(run_id)).toMatchObject({ connected: false, status: "in_progress" }),
      )
      await eventually(() => expect(view.ended).toBe(1))
      await eventually(() => expect(list.runs.get(run_id)).toMatchObject({ status: "incomplete" }))
    })

    test("an agent that returns to another node within the grace period keeps its run", async () => {
      const [one, two] = await startNodes({ TURNLINE_GRACE_MS: "2000" })
      const first = await one.connect("agent")
      const run_id = await startRun(first)
      first.disconnect()
      const second = await two.connect("agent")
      await ask(second, "runs.start", { run_id })
      const list = await watch(await one.connect("viewer"))
      await new Promise((resolve) => setTimeout(resolve, 3_500))
      expect(await record(second, run_id, "still here")).toMatchObject({ ok: true })
      await eventually(() =>
        expect(list.runs.get(run_id)).toMatchObject({ status: "in_progress", connected: true }),
      )
    })
  })

  describe("access", () => {
    test("S8: a revoked token's connections are closed on every node", async () => {
      const url = await databases.create()
      cluster = new TestCluster(url)
      const nodes = [await cluster.start(), await cluster.start()]
      const agents = await Promise.all(nodes.map((node) => node.connect("agent")))
      const closed = Promise.all(
        agents.map((agent) => new Promise((resolve) => agent.once("disconnect", resolve))),
      )
      const access = await openPostgresAccessStore(url)
      expect(await access.revokeTokens("agent", new Date().toISOString())).toBe(1)
      await access.close()
      expect(await closed).toEqual(["io server disconnect", "io server disconnect"])
    })

    test("S8: a session that was signed out on one node ends on the other", async () => {
      const [one, two] = await startNodes({ TURNLINE_PUBLIC_URL: "http://turnline.test:8080" })
      const host = { host: "turnline.test:8080", origin: "http://turnline.test:8080" }
      const send = (node: TestNode, path: string, headers: Record<string, string>, body = "") =>
        request(node, path, { ...host, ...headers }, body)
      const form = { "content-type": "application/x-www-form-urlencoded" }
      const signedIn = await send(one, "/api/sign-in", form, `token=${cluster?.tokens.viewer}`)
      const cookie = String(signedIn.headers["set-cookie"]?.[0]).split(";")[0] ?? ""
      expect(cookie).toMatch(/^turnline_session_8080=/)
      expect((await send(two, "/api/session", { cookie })).status).toBe(200)
      await send(one, "/api/sign-out", { ...form, cookie }, "x=1")
      await eventually(async () => expect((await send(two, "/api/session", { cookie })).status).toBe(401))
    })
  })

  test("polling is refused with a message that names the setting", async () => {
    const [one] = await startNodes()
    const answer = await request(
      one,
      "/socket.io/?EIO=4&transport=polling",
      { host: `127.0.0.1:${one.port}` },
      "",
    )
    expect(answer.status).toBe(400)
    expect(answer.body).toContain("TURNLINE_TRANSPORTS=websocket,polling")
  })
})

type Answer = { status: number; headers: IncomingHttpHeaders; body: string }

/** Sends an HTTP request: a POST if there is a body. */
function request(
  node: TestNode,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<Answer> {
  const options = { host: "127.0.0.1", port: node.port, path, headers, method: body === "" ? "GET" : "POST" }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(options, (answer) => {
      let text = ""
      answer.on("data", (chunk) => {
        text += chunk
      })
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
    })
    sent.on("error", reject)
    sent.end(body)
  })
}
