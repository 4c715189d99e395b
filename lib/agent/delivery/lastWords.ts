import type { AgentOutcome } from "@/lib/agent/AgentTurn"
import type { RunDelivery, StartPayload } from "./RunDelivery"

/** What a process hasn't delivered when it exits, with everything another process needs to deliver it. */
export type LastWords = {
  /** The server's address, including the base path. */
  url: string
  auth: object
  runs: LastRun[]
}

type LastRun = {
  start: StartPayload | { run_id: string }
  batches: { turns: object[]; idempotency_key: string }[]
  outcome: AgentOutcome
}

/** Collects what a run hasn't delivered. Its keys stay the same, so that nothing is stored twice. */
export function lastRun(delivery: RunDelivery, outcome: AgentOutcome): LastRun {
  const { start, queue, parent } = delivery.options
  const { runId } = delivery
  return {
    start: runId !== undefined ? { run_id: runId } : withParent(start, parent?.runId),
    batches: [...queue.batches()].map(({ turns, key }) => ({ turns, idempotency_key: key })),
    outcome: delivery.outcome ?? outcome,
  }
}

function withParent(start: LastRun["start"], run_id: string | undefined): LastRun["start"] {
  return run_id === undefined || "run_id" in start ? start : { ...start, parent: { ...start.parent, run_id } }
}

/**
 * Delivers `LastWords` from standard input. It is a separate script because an exiting process can't do asynchronous
 * work, and speaks Socket.IO's polling protocol directly because it must run without dependencies.
 */
export const LAST_WORDS_SCRIPT = `
const { url, auth, runs } = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
const address = url + "/socket.io/?EIO=4&transport=polling"
let sid = ""
let lastId = 0
const receive = async () => (await (await fetch(address + sid)).text()).split("\\x1e")
const send = (packet) => fetch(address + sid, { method: "POST", body: packet })
async function waitFor(prefix) {
  for (;;) {
    for (const packet of await receive()) {
      if (packet.startsWith(prefix)) return packet.slice(prefix.length)
      if (packet === "2") await send("3")
      if (packet === "1" || packet.startsWith("41") || packet.startsWith("44")) process.exit(1)
    }
  }
}
async function call(event, payload) {
  const id = ++lastId
  await send("42" + id + JSON.stringify([event, payload]))
  const [reply] = JSON.parse(await waitFor("43" + id))
  return reply
}
async function deliver({ start, batches, outcome }) {
  const started = await call("runs.start", start)
  if (!started.ok) return
  const { run_id } = started
  for (const batch of batches) await call("runs.record_turns", { run_id, ...batch })
  await call("runs.complete", { run_id, outcome })
}
async function main() {
  sid = "&sid=" + JSON.parse(await waitFor("0")).sid
  await send("40" + JSON.stringify(auth))
  await waitFor("40")
  for (const run of runs) await deliver(run)
}
main().catch(() => process.exit(1)).then(() => process.exit(0))
`
