import { io, type Socket } from "socket.io-client"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { CommandInput, CommandName, Reply } from "@/lib/protocol/catalog"
import { aTurn } from "@/lib/testing/builders"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import { liveBadge } from "@/lib/trace/state/liveBadge"
import { outlineSlice } from "@/lib/trace/view/OutlineList"
import { shownProgress, wholeCursor } from "@/lib/trace/view/RunView"
import type { LiveSocket } from "./connection/LiveSocket"
import { createLive } from "./createLive"
import type { Live } from "./Live"
import type { RunSectionsState } from "./lists/RunListState"

let server: StartedTurnline
let agent: Socket
let viewerSocket: Socket | undefined
let live: Live | undefined

beforeEach(async () => {
  server = await startTurnline()
  agent = io(server.url, { auth: { token: server.agentToken }, reconnectionDelay: 20, forceNew: true })
})
afterEach(async () => {
  live?.close()
  agent.disconnect()
  await server.stop()
})

async function send<N extends CommandName>(name: N, payload: CommandInput<N>) {
  const reply = (await agent.timeout(10_000).emitWithAck(name, payload)) as Reply<N>
  if (!reply.ok) throw new Error(`${name}: ${reply.error.code}`)
  return reply as Extract<Reply<N>, { ok: true }>
}
const start = async (intent = "try") =>
  (await send("runs.start", { intent, agent_id: "agent/a" } as CommandInput<"runs.start">)).run_id
async function record(run_id: string, count: number, more = {}) {
  for (let left = count; left > 0; left -= 200) {
    await send("runs.record_turns", {
      run_id,
      turns: Array.from({ length: Math.min(200, left) }, () => aTurn(more)),
    })
  }
}

function openLive(): Live {
  live = createLive({
    makeSocket: () => {
      viewerSocket = io(server.url, {
        auth: { token: server.viewerToken },
        autoConnect: false,
        reconnectionDelay: 20,
        forceNew: true,
      })
      return viewerSocket as unknown as LiveSocket
    },
    readSession: async () => undefined,
  })
  live.open()
  return live
}

/** Resolves when a store's state matches. */
function until<S>(
  store: { getState(): S; subscribe(listener: () => void): () => void },
  fits: (state: S) => boolean,
) {
  return new Promise<void>((resolve) => {
    const look = () => {
      if (!fits(store.getState())) return
      off()
      resolve()
    }
    const off = store.subscribe(look)
    look()
  })
}

describe("the live client against a real server", () => {
  it("follows a run from its first turn to its end and shows exactly the stored trace", async () => {
    const run_id = await start()
    await record(run_id, 3)
    const followed = openLive().followRun(run_id)
    followed.retain()
    await until(followed.store, ({ view }) => wholeCursor(view) === 3)
    await send("runs.report_progress", { run_id, progress: { tool: "Bash", text: "running" } })
    await until(followed.store, ({ view }) => shownProgress(view)?.progress.tool === "Bash")
    await record(run_id, 40)
    await send("runs.complete", { run_id, outcome: { status: "success" } })
    await until(followed.store, ({ view }) => view.ended !== undefined)
    const { view, subscribed } = followed.store.getState()
    expect(wholeCursor(view)).toBe(43)
    expect(shownProgress(view)).toBeUndefined()
    expect(liveBadge({ view, connected: subscribed })).toEqual({ kind: "live", behind: 0, ended: true })
    const { runs } = await server.ask("runs.list", {})
    expect(view.run?.totals).toEqual(runs[0]?.totals)
    for (const line of await server.trace(run_id)) {
      if (line.record !== "turn") continue
      const { record: _, ...turn } = line
      expect(followed.body(turn.index)).toMatchObject({ state: "turn", turn })
    }
  })

  it("opens a long run from its outlines, catches up after disconnects and a restart, and fetches bodies on demand", async () => {
    const run_id = await start()
    await record(run_id, 2_500)
    const page = openLive()
    const followed = page.followRun(run_id)
    followed.retain()
    await until(followed.store, ({ view }) => wholeCursor(view) === 2_500)
    for (let round = 0; round < 3; round++) {
      await until(page.connection, ({ phase }) => phase === "live")
      viewerSocket?.io.engine.close()
      await record(run_id, 150)
    }
    await until(followed.store, ({ view }) => wholeCursor(view) === 2_950)
    await server.restart()
    await send("runs.start", { run_id })
    await record(run_id, 50)
    await until(followed.store, ({ view, subscribed }) => subscribed && wholeCursor(view) === 3_000)
    const outlines = outlineSlice(followed.store.getState().view.outlines, 0, 1e9)
    expect(outlines.map(({ index }) => index)).toEqual(Array.from({ length: 3_000 }, (_, index) => index))
    expect((await server.ask("runs.get_outline", { run_id, from: 0, limit: 5_000 })).outline).toEqual(
      outlines,
    )
    const onBody = new Promise<void>((resolve) => followed.onBody(1_234, resolve))
    followed.requestBody(1_234)
    await onBody
    expect(followed.body(1_234)).toMatchObject({ state: "turn", turn: { index: 1_234, output: "README.md" } })
  })

  it("loads the full value of a turn that was cut for the wire", async () => {
    const run_id = await start()
    await record(run_id, 1, { output: "x".repeat(50_000) })
    const followed = openLive().followRun(run_id)
    followed.retain()
    await until(followed.store, ({ view }) => wholeCursor(view) === 1)
    expect(followed.body(0)).toMatchObject({ whole: false, turn: { truncated: { "/output": 50_000 } } })
    await followed.loadWhole(0)
    expect(followed.body(0)).toMatchObject({ whole: true, turn: { output: "x".repeat(50_000) } })
  })

  it("keeps list, sections, counts and children up to date", async () => {
    const parent = await start("parent")
    const page = openLive()
    const list = page.listRuns({})
    const children = page.childRuns(parent)
    const sections = page.runSections({})
    for (const kept of [list, children, sections, page.recentRuns(3_600_000, {})]) kept.retain()
    await until(list.store, ({ ids }) => ids.length === 1)
    const child = await send("runs.start", {
      intent: "child",
      agent_id: "agent/b",
      parent: { run_id: parent },
    })
    await until(list.store, ({ ids }) => ids[0] === child.run_id)
    await until(children.store, ({ ids }) => ids[0] === child.run_id)
    await record(child.run_id, 2)
    await until(page.runs, ({ byId }) => byId.get(child.run_id)?.cursor === 2)
    await send("runs.report_progress", { run_id: parent, progress: { waiting_for: "a person" } })
    const shown = (state: RunSectionsState) =>
      state.sections.map(({ section, ids }) => `${section} ${ids.join()}`).join(" | ")
    await until(sections.store, (state) => shown(state) === `needs-you ${parent} | working ${child.run_id}`)
    await send("runs.complete", { run_id: child.run_id, outcome: { status: "failure" } })
    await until(sections.store, (state) => shown(state) === `needs-you ${parent} | ended ${child.run_id}`)
    await until(page.runs, ({ counts }) => counts?.failed === 1 && counts.in_progress === 1)
    await until(page.recentRuns(3_600_000, {}).store, ({ runs }) => runs.length === 2)
    expect((await page.searchRuns("child")).ok).toBe(true)
    const answer = await page.deleteRun(child.run_id)
    expect(answer.ok).toBe(true)
    await until(list.store, ({ ids }) => ids.length === 1)
  })

  it("reports the deletion of a watched run, a missing run, and a delivered cancellation request", async () => {
    const run_id = await start()
    const page = openLive()
    const followed = page.followRun(run_id)
    followed.retain()
    await until(followed.store, ({ phase }) => phase === "following")
    const asked = new Promise((resolve) => agent.once("runs.cancel_requested", resolve))
    expect(await page.cancelRun(run_id, "enough")).toMatchObject({ ok: true, delivered: true })
    expect(await asked).toMatchObject({ run_id, reason: "enough" })
    await until(followed.store, ({ view }) => view.run?.cancel_requested_at !== undefined)
    await send("runs.complete", { run_id, outcome: { status: "give_up" } })
    await page.deleteRun(run_id)
    await until(followed.store, ({ phase, error }) => phase === "error" && error?.code === "not_found")
    const none = page.followRun("no-such-run")
    none.retain()
    await until(none.store, ({ phase, error }) => phase === "error" && error?.code === "not_found")
  })

  it("shows requests that arrive at the server", async () => {
    const page = openLive()
    page.ingest.retain()
    await until(page.ingest.store, ({ phase }) => phase === "watching")
    const run_id = await start()
    await until(page.ingest.store, ({ notes }) => notes.some((note) => note.run_id === run_id && note.ok))
  })
})
