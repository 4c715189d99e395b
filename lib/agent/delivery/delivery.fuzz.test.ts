import { expect, it } from "vitest"
import { connectAgent } from "@/lib/agent/connectAgent"
import { FakeTurnline, type Interception, refusal } from "@/lib/testing/FakeTurnline"
import { seededRandom } from "@/lib/testing/seededRandom"

const FATES: Interception[] = [
  "cut",
  "cut",
  "cut-after",
  "cut-after",
  "lose-ack",
  refusal("unavailable", "not now"),
]

it.each([1, 2, 3, 4])(
  "stores the turns of all runs once and in order whatever happens to the connection (seed %i)",
  async (seed) => {
    const random = seededRandom(seed)
    const server = await new FakeTurnline().listen()
    server.intercept = () => (random.chance(0.3) ? random.pick(FATES) : undefined)
    const agent = connectAgent({ url: server.url, reconnectDelayMs: 5, ackTimeoutMs: 40, onError: () => {} })
    const parent = agent.startRun({ intent: "run 0" })
    const runs = [parent, parent.child({ intent: "run 1" }), agent.startRun({ intent: "run 2" })]
    const recorded = runs.map(() => 0)
    for (let round = 0; round < 40; round++) {
      const which = random.below(runs.length)
      for (let i = random.below(4); i > 0; i--) {
        const message = `turn ${recorded[which]}`
        runs[which]?.turn({ message, output: "x".repeat(random.below(20_000)) })
        recorded[which] = (recorded[which] ?? 0) + 1
        if (random.chance(0.2)) runs[which]?.progress({ text: message })
      }
      if (random.chance(0.5)) await new Promise((resolve) => setTimeout(resolve, random.below(8)))
    }
    server.intercept = () => (random.chance(0.15) ? random.pick(FATES) : undefined)
    const done = await Promise.all(runs.map((run) => run.complete({ status: "done" }, 60_000)))
    expect(done).toEqual([true, true, true])
    expect(server.runs.size).toBe(3)
    for (const [i, run] of runs.entries()) {
      const stored = server.runs.get(run.runId ?? "")
      expect(stored).toMatchObject({ status: "completed", start: { intent: `run ${i}` } })
      const expected = Array.from({ length: recorded[i] ?? 0 }, (_, n) => `turn ${n}`)
      expect(stored?.turns.map((turn) => turn.message)).toEqual(expected)
    }
    await agent.close(0)
    await server.stop()
  },
  60_000,
)
