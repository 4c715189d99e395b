import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { changesArrivePromptly } from "./changesArrivePromptly"
import type { VirtualNode } from "./VirtualNodes"
import type { Browser, VirtualWorld } from "./VirtualWorld"

/** Within this time after the last fault, a lease is renewed, notifications are probed, and listening connections are replaced. */
const RECOVERY_MS = 2_500
/** Within this time, sessions end on all nodes, and the nodes exchange their numbers of connections. */
const AGREE_MS = 5_000
const OWNED = `SELECT r.run_id, n.name, r.disconnected_at IS NULL AS connected
  FROM runs r JOIN nodes n ON n.node_id = r.owner_node WHERE r.status = 0`
/** Selects the cancelled runs in progress whose agents are connected. */
const CANCELLED = `SELECT r.run_id FROM runs r JOIN run_texts t ON t.run_no = r.run_no
  WHERE r.status = 0 AND r.disconnected_at IS NULL AND t.texts::json->>'cancel_requested_at' IS NOT NULL`

/** Checks what must hold on all nodes once all faults are over. Returns problems. */
export async function whenCalm(world: VirtualWorld, random: SeededRandom): Promise<string[]> {
  await world.sleep(Math.max(0, world.nodes.calmSinceMs + RECOVERY_MS - world.time.ms))
  const problems = [
    ...(await sessionsAgree(world)),
    ...(await countsAgree(world)),
    ...(await ownersAgree(world)),
    ...(await cancellationsArrive(world)),
  ]
  if (problems.length > 0) return problems
  return changesArrivePromptly(world, random)
}

/** Waits until every signed-out session has ended everywhere. */
async function sessionsAgree(world: VirtualWorld): Promise<string[]> {
  const { nodes, browsers } = world
  const signedOut = browsers.filter(({ isSignedOut }) => isSignedOut)
  const isAccepted = async ({ cookie }: Browser, node: VirtualNode) => {
    const found = await node.process?.services.access.authenticate({ cookie })
    return found !== undefined && "identity" in found
  }
  const open = async () => {
    for (const browser of signedOut) {
      if (world.peerOf(browser.connection) !== undefined) return "a signed-out browser is still connected"
      for (const node of nodes.running)
        if (await isAccepted(browser, node))
          return `node ${node.number} accepts a session that was signed out`
    }
    return undefined
  }
  return until(world, async () => (await open()) ?? "")
}

/** Waits until each node knows how many connections the others have. */
function countsAgree(world: VirtualWorld): Promise<string[]> {
  return until(world, async () => {
    const { running } = world.nodes
    const all = new Map<string, number>()
    for (const { process } of running)
      for (const [token, count] of process?.connectionsPerToken() ?? [])
        all.set(token, (all.get(token) ?? 0) + count)
    for (const { number, process } of running)
      for (const [token, count] of all) {
        const known = process?.services.cluster.connectionsElsewhere(token)
        const actual = count - (process?.connectionsPerToken().get(token) ?? 0)
        if (known !== actual) return `node ${number} counts ${known} connections elsewhere, not ${actual}`
      }
    return ""
  })
}

/** Waits until each node holds the connected runs that it owns in the database, and none that it doesn't own. */
function ownersAgree(world: VirtualWorld): Promise<string[]> {
  const { nodes, log } = world
  return until(world, async () => {
    const owned = (await log.client.query<{ run_id: string; name: string; connected: boolean }>(OWNED)).rows
    for (const { number, name, process } of nodes.running) {
      const held = new Set([...(process?.services.live.values() ?? [])].map(({ row }) => row.run_id))
      const ours = owned.filter((run) => run.name === name)
      const missing = ours.find(({ run_id, connected }) => connected && !held.has(run_id))
      if (missing !== undefined) return `node ${number} owns ${missing.run_id}, but doesn't hold it`
      for (const { run_id } of ours) held.delete(run_id)
      for (const run_id of held) return `node ${number} holds ${run_id}, but doesn't own it`
    }
    return ""
  })
}

/** Waits until the agents of cancelled runs know. */
function cancellationsArrive(world: VirtualWorld): Promise<string[]> {
  return until(world, async () => {
    const { rows } = await world.log.client.query<{ run_id: string }>(CANCELLED)
    const waiting = rows.find(({ run_id }) => !world.cancelled.has(run_id))
    return waiting === undefined ? "" : `the cancellation of ${waiting.run_id} hasn't arrived`
  })
}

async function until(world: VirtualWorld, problem: () => Promise<string>): Promise<string[]> {
  let last = ""
  const holds = async () => {
    last = await problem()
    return last === ""
  }
  await world.waitUntil("the nodes agree", holds, AGREE_MS).catch(() => {})
  return last === "" ? [] : [last]
}
