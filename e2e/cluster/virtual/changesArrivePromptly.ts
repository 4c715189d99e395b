import { type Connection, LOST } from "@/e2e/kit/Connection"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { VirtualNode } from "./VirtualNodes"
import type { VirtualWorld } from "./VirtualWorld"

/**
 * Changes arrive on other nodes within this time. It is shorter than the interval of polls, which would find lost
 * notifications.
 */
const PROMPT_MS = 700
const PROMPT_STEP_MS = 20
/** Together with the changes themselves longer than the interval of polls, so that changes fall at any time between two. */
const MAX_PAUSE_MS = 300
const AGENT = "prompt"

/** The rival is connected to the same node as the viewer. */
type Ends = { agent: Connection; viewer: Connection; rival: Connection }
type Change = { late: string; make(): Promise<unknown>; isSeen(): boolean }

/** Makes changes on one node, and waits until they are visible on another. Returns what didn't arrive in time. */
export async function changesArrivePromptly(world: VirtualWorld, random: SeededRandom): Promise<string[]> {
  const [one, other] = random.chance(0.5) ? world.nodes.running : world.nodes.running.toReversed()
  if (one === undefined || other === undefined) return []
  const agent = world.connectTo(one, { token: world.tokens.agent })
  const viewer = world.connectTo(other, { token: world.tokens.viewer })
  const rival = world.connectTo(other, { token: world.tokens.agent })
  try {
    const changes = [
      ...(await changesOfRun({ agent, viewer, rival })),
      ...(await changesOfSession(world, one, other)),
    ]
    for (const { late, make, isSeen } of changes) {
      await world.sleep(random.int(0, MAX_PAUSE_MS))
      await make()
      if (!(await promptly(world, isSeen))) return [`without faults, after ${PROMPT_MS} ms: ${late}`]
    }
    return []
  } finally {
    for (const connection of [agent, viewer, rival]) connection.close()
  }
}

/** The changes of a run, from its start to its end. */
async function changesOfRun({ agent, viewer, rival }: Ends): Promise<Change[]> {
  let run_id = ""
  const seen = { listed: "", turns: 0, waiting: "", isEnded: false, isCancelled: false, isFenced: false }
  agent.socket.on("runs.cancel_requested", () => {
    seen.isCancelled = true
  })
  viewer.socket.on("runs.registry.event", ({ upserts }) => {
    for (const run of upserts) if (run.agent_id === AGENT) seen.listed = run.run_id
  })
  viewer.socket.on("runs.trace.event", ({ record, cursor }) => {
    seen.turns = cursor
    if (record.record === "progress") seen.waiting = record.progress?.waiting_for ?? ""
    if (record.record === "ended") seen.isEnded = true
  })
  await viewer.askWithRetries("runs.watch", {})
  const start = async () => {
    const started = await agent.askWithRetries("runs.start", { agent_id: AGENT, intent: "to be seen" })
    if (started !== LOST && started.ok) run_id = started.run_id
  }
  const turns = [{ kind: "model" as const, message: "a turn" }]
  const turn = async () => {
    await viewer.askWithRetries("runs.subscribe", { run_id, cursor: 0 })
    await agent.askWithRetries("runs.record_turns", { run_id, turns })
  }
  const takeOver = async () => {
    await rival.askWithRetries("runs.start", { run_id })
    const reply = await agent.ask("runs.record_turns", { run_id, turns })
    seen.isFenced = reply === LOST || !reply.ok
  }
  const wait = () =>
    agent.askWithRetries("runs.report_progress", { run_id, progress: { waiting_for: "approval" } })
  const cancel = () => viewer.askWithRetries("runs.cancel", { run_id })
  const end = () => agent.askWithRetries("runs.complete", { run_id, outcome: { status: "success" } })
  return [
    { late: "a new run isn't listed", make: start, isSeen: () => seen.listed === run_id },
    { late: "a turn isn't shown", make: turn, isSeen: () => seen.turns === 1 },
    { late: "another node's run is written to", make: takeOver, isSeen: () => seen.isFenced },
    { late: "progress isn't shown", make: wait, isSeen: () => seen.waiting === "approval" },
    { late: "a cancellation doesn't reach the agent", make: cancel, isSeen: () => seen.isCancelled },
    { late: "an end isn't shown", make: end, isSeen: () => seen.isEnded },
  ]
}

/** The end of a session on one node, whose browser is connected to another. */
async function changesOfSession(
  world: VirtualWorld,
  one: VirtualNode,
  other: VirtualNode,
): Promise<Change[]> {
  const cookie = await one.process?.services.access.signIn(world.tokens.viewer)
  if (cookie === undefined) return []
  const browser = world.connectTo(other, { cookie })
  const signOut = async () => {
    const found = await one.process?.services.access.authenticate({ cookie })
    if (found !== undefined && "identity" in found && found.identity.session !== undefined)
      await one.process?.signOut(found.identity.session)
  }
  const isConnected = () => world.peerOf(browser) !== undefined
  return [
    { late: "a browser isn't connected", make: async () => {}, isSeen: isConnected },
    { late: "a signed-out browser is connected", make: signOut, isSeen: () => !isConnected() },
  ]
}

/** Waits for a condition in virtual time. Returns whether it became true in time. */
async function promptly({ time }: VirtualWorld, condition: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < PROMPT_MS; waited += PROMPT_STEP_MS) {
    if (condition()) return true
    await time.pause(PROMPT_STEP_MS)
  }
  return condition()
}
