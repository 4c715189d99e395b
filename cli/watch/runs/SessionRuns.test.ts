import { beforeEach, describe, expect, it } from "vitest"
import { FakeRunServer } from "@/cli/watch/testing/FakeRunServer"
import type { DialectTurn, Operation, StartOperation } from "@/lib/dialects/operations"
import { SessionRuns, type SessionRunsOptions } from "./SessionRuns"

const KEY = "tool:s1"
let server: FakeRunServer
let lost: number

beforeEach(() => {
  server = new FakeRunServer()
  lost = 0
})

const START: StartOperation = {
  op: "start",
  key: KEY,
  agent_id: "tool/p",
  intent: "first",
  source: { name: "tool", session: "s1" },
  labels: { session: "s1" },
}
const turn = (text: string, kind: DialectTurn["kind"] = "model"): Operation => ({
  op: "turn",
  key: KEY,
  turn: { kind, ...(kind === "human" ? { prompt: text } : { message: text }) } as DialectTurn,
})
const END: Operation = { op: "end", key: KEY, status: "done", summary: "ok" }

function sessionRuns(options: Partial<SessionRunsOptions> = {}): SessionRuns {
  return new SessionRuns({
    key: KEY,
    server,
    content: true,
    admit: () => true,
    resolve: async () => undefined,
    onLost: () => lost++,
    onRun: () => {},
    onProblem: () => {},
    ...options,
  })
}

async function send(operations: Operation[], target = sessionRuns()): Promise<SessionRuns> {
  target.push(operations)
  await target.until(() => target.idle)
  return target
}

const texts = (run: number) => server.runs[run]?.turns.map(({ message, prompt }) => message ?? prompt)

describe("SessionRuns", () => {
  it("writes a session's process as one run", async () => {
    await send([START, turn("a", "human"), turn("b"), END])
    expect(server.list).toEqual([{ key: KEY, status: "completed", turns: 2, outcome: "done" }])
  })

  it("writes the next process as the next run, which continues the first", async () => {
    await send([START, turn("a", "human"), END, turn("event", "system"), turn("again", "human"), turn("c")])
    expect(server.list.map(({ key }) => key)).toEqual([KEY, `${KEY}.2`])
    expect(texts(1)).toEqual(["event", "again", "c"])
    expect(server.runs[1]?.start).toMatchObject({ continues: { run_id: "run-1" }, intent: "again" })
  })

  it("waits for the run of the session that it was forked from", async () => {
    const resolve: SessionRunsOptions["resolve"] = async (key, waitMs) =>
      key === "tool:s0" && waitMs > 0 ? "origin" : undefined
    await send([{ ...START, continues: "tool:s0" }, turn("a", "human")], sessionRuns({ resolve }))
    expect(server.runs[0]?.start).toMatchObject({ continues: { run_id: "origin" } })
  })

  it("doesn't start a run for system events alone", async () => {
    await send([START, turn("a", "human"), END, turn("event", "system")])
    expect(server.runs).toHaveLength(1)
  })

  it("writes the system events of a process without other turns into the run of the next process", async () => {
    const next = [turn("event", "system"), END, turn("again", "human"), END]
    await send([START, turn("a", "human"), END, ...next])
    expect(texts(1)).toEqual(["event", "again"])
    expect(server.list.map(({ status }) => status)).toEqual(["completed", "completed"])
  })

  it("skips the turns of existing runs and appends the rest", async () => {
    await send([START, turn("a", "human"), turn("b"), END, turn("c", "human")])
    await send([START, turn("a", "human"), turn("b"), turn("c", "human"), turn("d")])
    expect(server.list).toEqual([
      { key: KEY, status: "completed", turns: 2, outcome: "done" },
      { key: `${KEY}.2`, status: "in_progress", turns: 2, outcome: undefined },
    ])
    expect(texts(1)).toEqual(["c", "d"])
  })

  it("stores nothing twice when two chains write the same session", async () => {
    const [one, two] = [sessionRuns(), sessionRuns()]
    const operations = [START, ...Array.from({ length: 500 }, (_, n) => turn(`t${n}`)), END]
    one.push(operations)
    two.push(operations)
    await one.until(() => one.idle)
    await two.until(() => two.idle)
    expect(server.list).toEqual([{ key: KEY, status: "completed", turns: 500, outcome: "done" }])
    expect(texts(0)).toEqual(operations.slice(1, -1).map((_, n) => `t${n}`))
  })

  it("takes its run over after a reconnect and continues", async () => {
    const target = await send([START, turn("a", "human")])
    server.reconnect()
    await send([turn("b")], target)
    expect(texts(0)).toEqual(["a", "b"])
    expect(server.runs).toHaveLength(1)
  })

  it("leaves no listener on the connection when it is stopped", async () => {
    const target = await send([START, turn("a", "human"), END])
    expect(server.listeners.size).toBe(1)
    target.stop()
    expect(server.listeners.size).toBe(0)
  })

  it("reports an unexpected error and stops, without an unhandled rejection", async () => {
    const problems: string[] = []
    server.call = () => Promise.reject(new Error("a mistake"))
    const target = sessionRuns({ onProblem: (message) => problems.push(message) })
    await send([START, turn("a", "human")], target)
    expect(problems).toEqual([`${KEY}: Error: a mistake`])
  })

  it("continues in the next run when one is full", async () => {
    server.maxTurns = 5
    await send([START, ...Array.from({ length: 12 }, (_, n) => turn(`t${n}`))])
    expect(server.list.map(({ turns }) => turns)).toEqual([5, 5, 2])
    expect(server.runs[2]?.start).toMatchObject({ continues: { run_id: "run-2" } })
  })

  it("replaces a refused turn with a note", async () => {
    server.refuses = ({ message }) => message === "bad"
    await send([START, turn("a"), turn("bad"), turn("c")])
    expect(server.runs[0]?.turns.map(({ message, event }) => event ?? message)).toEqual([
      "a",
      "turn_refused",
      "c",
    ])
  })

  it("asks for the session to be read again if the server has lost turns, and starts a lost run again", async () => {
    const target = await send([START, turn("a"), turn("b")])
    server.runs[0]?.turns.pop()
    target.push([turn("c")])
    await target.until(() => lost > 0)
    server.runs.length = 0
    const other = await send([])
    other.push([START, turn("a")])
    await other.until(() => other.idle)
    expect(server.list).toMatchObject([{ turns: 1 }])
  })

  it("shows progress and waiting once the turns are stored", async () => {
    await send([
      START,
      turn("a", "human"),
      { op: "progress", key: KEY, progress: { kind: "tool", tool: "Bash" } },
      { op: "wait", key: KEY, waiting: { for: "approval of: Bash", kind: "approval" } },
    ])
    expect(server.runs[0]?.progress).toEqual({
      kind: "tool",
      tool: "Bash",
      waiting_for: "approval of: Bash",
      waiting_kind: "approval",
    })
  })

  it("sends title and labels that become known later", async () => {
    const target = await send([START, turn("a", "human")])
    await send([{ op: "update", key: KEY, intent: "Title", labels: { model: "m" } }], target)
    expect(server.runs[0]?.start).toMatchObject({ intent: "Title", labels: { session: "s1", model: "m" } })
    await send([END, turn("b", "human")], target)
    expect(server.runs[1]?.start).toMatchObject({ intent: "Title", labels: { model: "m" } })
  })

  it("refers to the runs of other sessions", async () => {
    const resolve = async (key: string) => (key === "tool:s1/a" ? "child-run" : "parent-run")
    await send(
      [
        { ...START, parent: { key: "tool:s0" } },
        { op: "turn", key: KEY, turn: { kind: "agent", child: "tool:s1/a" } },
      ],
      sessionRuns({ resolve }),
    )
    expect(server.runs[0]?.start.parent).toEqual({ run_id: "parent-run" })
    expect(server.runs[0]?.turns[0]?.child_run_id).toBe("child-run")
  })

  it("sends no content if content is turned off", async () => {
    const secret = "secret words"
    await send(
      [
        { ...START, intent: secret },
        turn(secret, "human"),
        {
          op: "turn",
          key: KEY,
          turn: {
            kind: "tool",
            tool: "Bash",
            parameters: { secret },
            output: secret,
            error: { message: secret },
          },
        },
        { op: "progress", key: KEY, progress: { kind: "tool", tool: "Bash", parameters: { secret } } },
        { op: "wait", key: KEY, waiting: { for: `approval of: ${secret}`, kind: "approval" } },
        { op: "end", key: KEY, status: "done", summary: secret },
      ],
      sessionRuns({ content: false }),
    )
    expect(JSON.stringify(server.runs)).not.toContain(secret)
    expect(server.runs[0]?.turns[1]).toMatchObject({ kind: "tool", tool: "Bash" })
  })

  it("sends nothing of a session that isn't admitted", async () => {
    await send([START, turn("a")], sessionRuns({ admit: () => false }))
    expect(server.runs).toEqual([])
  })
})

describe("SessionRuns of a session that hooks record", () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000).toISOString()
  const turnAt = (text: string, seconds: number): Operation => ({
    op: "turn",
    key: KEY,
    turn: { kind: "human", prompt: text, started_at: at(seconds) },
  })

  const HOOKED = { agent_id: "tool/p", intent: "a session", idempotency_key: KEY }

  /** The session's run, as hooks have written it so far. */
  async function hooked(turns: number): Promise<NonNullable<(typeof server.runs)[number]>> {
    await server.call("runs.start", { ...HOOKED, labels: { recorded_by: "hooks" } })
    const [run] = server.runs
    if (run === undefined) throw new Error("no run")
    run.turns = Array.from({ length: turns }, () => ({ kind: "human", prompt: "hooked" }))
    return run
  }

  it("adds no turns, only labels that hooks don't know", async () => {
    const run = await hooked(1)
    await send([
      START,
      turn("a", "human"),
      { op: "update", key: KEY, labels: { model: "claude-x" } },
      turn("b"),
    ])
    expect(run.turns).toHaveLength(1)
    expect(run.start.labels).toMatchObject({ session: "s1", model: "claude-x", recorded_by: "hooks" })
  })

  it("ends the run if hooks didn't, and writes the next process", async () => {
    const run = await hooked(1)
    await send([START, turn("a", "human"), END, turn("b", "human")])
    expect(run).toMatchObject({ status: "completed", outcome: { status: "done" } })
    expect(texts(1)).toEqual(["b"])
  })

  it("writes turns from after the end of a run that hooks recorded", async () => {
    const run = await hooked(1)
    Object.assign(run, { status: "completed", endedAt: at(10) })
    await send([START, turnAt("a", 1), turnAt("b", 9), turnAt("c", 11)])
    expect(run.turns).toHaveLength(1)
    expect(texts(1)).toEqual(["c"])
  })

  it("leaves the run to hooks that were faster with the first turn", async () => {
    const target = await send([START])
    const [run] = server.runs
    if (run === undefined) throw new Error("no run")
    run.turns = [{ kind: "human", prompt: "hooked" }]
    run.start.labels = { recorded_by: "hooks" }
    await send([turn("a", "human"), turn("b")], target)
    expect(texts(0)).toEqual(["hooked"])
  })

  it("describes and writes a run that hooks have only started", async () => {
    await server.call("runs.start", HOOKED)
    await send([START, turn("a", "human")])
    expect(server.runs[0]?.start).toMatchObject({ intent: "first", labels: { session: "s1" } })
    expect(texts(0)).toEqual(["a"])
  })
})
