import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { AgentError } from "@/lib/agent/AgentError"
import { type Agent, type AgentOptions, connectAgent, type RedactHook } from "@/lib/agent/connectAgent"
import { eventually } from "@/lib/testing/eventually"
import { FakeTurnline } from "@/lib/testing/FakeTurnline"
import { handOff } from "./handOff"
import { prepareTurn } from "./prepareTurn"
import { REDACTION_FAILED, Redaction } from "./Redaction"

const SECRET = "hunter2-hunter2"
let server: FakeTurnline
let agents: Agent[] = []
let errors: AgentError[] = []

beforeEach(async () => {
  server = await new FakeTurnline().listen()
  errors = []
})
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close(0)))
  agents = []
  await server.stop()
})

function connect(redact: RedactHook, more: Partial<AgentOptions> = {}): Agent {
  const agent = connectAgent({
    url: server.url,
    token: "t",
    reconnectDelayMs: 10,
    onError: (error) => errors.push(error),
    redact,
    ...more,
  })
  agents.push(agent)
  return agent
}

/** Replaces the secret wherever it occurs. */
const hide: RedactHook = (turn) => JSON.parse(JSON.stringify(turn).replaceAll(SECRET, "[gone]"))
const first = () => {
  const [run] = server.runs.values()
  if (run === undefined) throw new Error("no run")
  return run
}
const sent = () => JSON.stringify(server.received)

/** Puts the secret into every field that an agent can set. */
async function recordSecretEverywhere(agent: Agent): Promise<void> {
  const run = agent.startRun({
    intent: `use ${SECRET}`,
    outcomeDescription: `with ${SECRET}`,
    labels: { key: SECRET, [SECRET]: "key" },
  })
  await run.started()
  run.progress({ tool: "bash", parameters: { command: SECRET }, prompt: SECRET, waiting_for: SECRET })
  run.stream(SECRET.slice(0, 8))
  run.stream(SECRET.slice(8))
  await eventually(() => expect(server.received.map(({ event }) => event)).toContain("runs.report_progress"))
  run.turn({
    tool: SECRET,
    message: SECRET,
    parameters: { deep: [SECRET] },
    output: { [SECRET]: 1 },
    duration_ms: 7,
  })
  run.turn({ error: new Error(SECRET), attributes: { note: SECRET } })
  await handOff(run, { intent: SECRET }, async (child) => child.turn({ message: SECRET }))
  await run.complete({ status: "success", summary: SECRET, evidence: { log: SECRET } })
}

describe("S18: a redact hook", () => {
  it("S18: sees all content before it leaves the process: start, progress, turns, children and outcome", async () => {
    const parts = new Set<string>()
    await recordSecretEverywhere(
      connect((turn, part) => {
        parts.add(part)
        return hide(turn, part)
      }),
    )
    expect([...parts].sort()).toEqual(["outcome", "progress", "start", "turn"])
    expect(sent()).not.toContain(SECRET)
    expect(sent()).not.toContain(SECRET.slice(8))
    expect(first().start).toMatchObject({
      intent: "use [gone]",
      labels: { key: "[gone]", "[gone]": "key" },
    })
    expect(first().turns[0]).toMatchObject({
      tool: "[gone]",
      message: "[gone]",
      parameters: { deep: ["[gone]"] },
      output: { "[gone]": 1 },
      duration_ms: 7,
    })
    expect(first().outcome).toMatchObject({
      status: "success",
      summary: "[gone]",
      evidence: { log: "[gone]" },
    })
    expect(errors).toEqual([])
  })

  const failing: [string, RedactHook][] = [
    [
      "throws",
      () => {
        throw new Error("broken")
      },
    ],
    ["returns nothing", () => undefined as unknown as ReturnType<RedactHook>],
    ["returns a promise", (async (turn: object) => turn) as unknown as RedactHook],
    ["returns a string", () => SECRET as unknown as ReturnType<RedactHook>],
  ]
  it.each(failing)(
    "S18: that %s sends a marker in place of the content, and is reported once",
    async (_, hook) => {
      await recordSecretEverywhere(connect(hook))
      expect(sent()).not.toContain(SECRET)
      expect(sent()).not.toContain(SECRET.slice(8))
      expect(first().start).toMatchObject({ intent: REDACTION_FAILED })
      expect(first().turns[0]).toMatchObject({ message: REDACTION_FAILED, duration_ms: 7 })
      expect(first().turns[1]).toMatchObject({ error: { message: REDACTION_FAILED } })
      expect(first().outcome).toMatchObject({ status: "success", summary: REDACTION_FAILED })
      expect(errors.map(({ code }) => code)).toEqual(["callback_failed"])
    },
  )

  it("that throws removes text from every field, even from those for numbers, times and ids", () => {
    const redaction = new Redaction(
      () => {
        throw new Error("broken")
      },
      () => undefined,
    )
    const { turn } = prepareTurn({
      kind: "model",
      usage: { output_tokens: 5, details: { reasoning_tokens: 3, note: SECRET, tiers: [SECRET] } },
      cost_usd: 0.5,
      child_run_id: SECRET.repeat(20),
      path: [SECRET],
      cli_outcome: SECRET,
      started_at: SECRET,
      ...({ exit_code: SECRET, duration_ms: [SECRET] } as object),
    })
    expect(redaction.turn({ turn, bytes: 0 }).turn).toEqual({
      message: REDACTION_FAILED,
      kind: "model",
      usage: { output_tokens: 5, details: { reasoning_tokens: 3 } },
      cost_usd: 0.5,
    })
  })

  it("may modify its argument without affecting the agent's own values", () => {
    const parameters = { password: SECRET }
    const redaction = new Redaction(
      (turn) => {
        turn.parameters = "gone"
        return turn
      },
      () => undefined,
    )
    const prepared = { turn: { parameters }, bytes: 0 }
    expect(redaction.turn(prepared).turn).toEqual({ parameters: "gone" })
    expect(parameters).toEqual({ password: SECRET })
    expect(prepared.turn.parameters).toBe(parameters)
  })

  it("is applied before the size limit: a turn that it makes small enough stays complete", async () => {
    const run = connect((turn) => ({ ...turn, output: "small" })).startRun({ intent: "x" })
    run.turn({ message: "kept", output: "x".repeat(5 * 1024 * 1024) })
    expect(await run.flush()).toBe(true)
    expect(first().turns[0]).toMatchObject({ message: "kept", output: "small" })
    expect(errors).toEqual([])
  })
})
