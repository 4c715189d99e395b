import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Agent, connectAgent, type Run } from "@/lib/agent/connectAgent"
import { FakeTurnline } from "@/lib/testing/FakeTurnline"

let server: FakeTurnline
let agent: Agent
let run: Run

beforeEach(async () => {
  server = await new FakeTurnline().listen()
  agent = connectAgent({ url: server.url, agentId: "parent" })
  run = agent.startRun({ intent: "tools" })
  await run.started()
})

afterEach(async () => {
  await agent.close(0)
  await server.stop()
})

const progress = () =>
  server.received
    .filter(({ event }) => event === "runs.report_progress")
    .map(({ payload }) => payload.progress)

describe("wrapTool", () => {
  it("returns what the tool returns and records the call with its times", async () => {
    const add = run.wrapTool("add", (a: number, b: number) => a + b)
    const greet = run.wrapTool("greet", async ({ name }: { name: string }) => `hello ${name}`)
    const sum: number = add(2, 3)
    expect(sum).toBe(5)
    expect(await greet({ name: "Ada" })).toBe("hello Ada")
    await run.flush()
    expect(server.run.turns).toMatchObject([
      { kind: "tool", tool: "add", parameters: [2, 3], output: 5 },
      { kind: "tool", tool: "greet", parameters: { name: "Ada" }, output: "hello Ada" },
    ])
    for (const turn of server.run.turns) {
      expect(turn.duration_ms).toBeGreaterThanOrEqual(0)
      expect(turn.started_at).toMatch(/^\d{4}-/)
    }
  })

  it("throws what the tool throws, synchronously or later, and records it as the turn's error", async () => {
    const error = new RangeError("too far")
    const now = run.wrapTool("now", () => {
      throw error
    })
    const later = run.wrapTool("later", () => Promise.reject(error))
    expect(() => now()).toThrow(error)
    await expect(later()).rejects.toBe(error)
    await run.flush()
    const recorded = { error: { message: "too far", type: "RangeError" } }
    expect(server.run.turns).toMatchObject([recorded, recorded])
  })

  it("records the arguments as they were before the tool changed them", async () => {
    const list = [1]
    run.wrapTool("grow", (items: number[]) => items.push(2))(list)
    await run.flush()
    expect(server.run.turns[0]).toMatchObject({ parameters: [1], output: 2 })
  })

  it("shows each tool while it runs, and then the one that is still running", async () => {
    let finishSlow = () => {}
    const slow = run.wrapTool("slow", () => new Promise<void>((resolve) => (finishSlow = resolve)))
    let finishQuick = () => {}
    const quick = run.wrapTool("quick", () => new Promise<void>((resolve) => (finishQuick = resolve)))
    const both = [slow()]
    await server.until(() => progress().length === 1)
    both.push(quick())
    await server.until(() => progress().length === 2)
    finishQuick()
    await server.until(() => progress().length === 3)
    finishSlow()
    await Promise.all(both)
    await run.flush()
    expect(progress()).toMatchObject([{ tool: "slow" }, { tool: "quick" }, { tool: "slow" }])
    expect(server.run.turns.map((turn) => turn.tool)).toEqual(["quick", "slow"])
  })
})

describe("handOff", () => {
  it("starts a child run with its own agent id and links to it from the parent's turn", async () => {
    const answer = await run.handOff({ intent: "look it up", agentId: "child" }, async (child) => {
      child.turn({ message: "found" })
      await child.complete({ status: "success" })
      return 42
    })
    expect(answer).toBe(42)
    await agent.flush()
    const child = [...server.runs.values()].find(({ agent_id }) => agent_id === "child")
    expect(child).toMatchObject({ status: "completed", start: { parent: { run_id: run.runId } } })
    const parent = server.runs.get(run.runId ?? "")
    expect(parent?.turns).toMatchObject([
      { kind: "agent", tool: "child", output: 42, child_run_id: child?.run_id },
    ])
  })

  it("starts children in order after a parent whose id is not known yet", async () => {
    const parent = agent.startRun({ intent: "not started" })
    const child = parent.child({ intent: "child" })
    const grandchild = child.child({ intent: "grandchild" })
    parent.turn({ kind: "agent", child })
    parent.turn({ message: "after the hand-off" })
    await grandchild.started()
    await agent.flush()
    expect(server.runs.get(child.runId ?? "")?.start).toMatchObject({ parent: { run_id: parent.runId } })
    expect(server.runs.get(grandchild.runId ?? "")?.start).toMatchObject({ parent: { run_id: child.runId } })
    const turns = server.runs.get(parent.runId ?? "")?.turns
    expect(turns).toMatchObject([{ child_run_id: child.runId }, { message: "after the hand-off" }])
  })

  it("ends the child as failed and the parent's turn with the error when the work throws", async () => {
    const work = run.handOff({ intent: "break" }, () => Promise.reject(new Error("broken")))
    await expect(work).rejects.toThrow("broken")
    await agent.flush()
    const [parent, child] = [...server.runs.values()]
    expect(child).toMatchObject({ status: "completed", outcome: { status: "failure", summary: "broken" } })
    expect(parent?.turns[0]).toMatchObject({ error: { message: "broken" }, child_run_id: child?.run_id })
  })
})
