import { ABANDONED_AGENT } from "@/e2e/cluster/fuzz/LogWatch"
import { STEPS, type WeightedStep } from "@/e2e/cluster/fuzz/steps"
import { LOST } from "@/e2e/kit/Connection"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { LEASE_MS } from "./VirtualNodes"
import type { VirtualWorld } from "./VirtualWorld"

type Step = WeightedStep<VirtualWorld>[2]

/** The grace period of the run whose agent leaves before the database does. */
const SHORT_GRACE_MS = 1_500

const briefly = (random: SeededRandom) =>
  random.pick([random.int(10, 300), random.int(LEASE_MS, 2 * LEASE_MS)])

/** A node's process is suspended, within its lease or after it, while its connections stay open. */
const freeze: Step = async ({ nodes, sleep }, random) => {
  const node = nodes.pick(random)
  nodes.freeze(node, true)
  await sleep(briefly(random))
  nodes.freeze(node, false)
}

const loseNotifications: Step = async ({ nodes, sleep }, random) => {
  const { listenWire } = nodes.pick(random)
  listenWire.losesNotifications = true
  await sleep(random.int(50, 1_500))
  listenWire.losesNotifications = false
}

const stallViewer: Step = async (world, random) => {
  const { connection } = random.pick([...world.fleet.viewers, ...world.lists])
  const peer = world.peerOf(connection)
  peer?.stall(true)
  await world.sleep(random.int(50, 1_000))
  peer?.stall(false)
}

const signIn: Step = async (world, random) => {
  await world.signIn(world.nodes.pick(random))
}

const moveBrowser: Step = ({ browsers }, random) => {
  if (browsers.length > 0) random.pick(browsers).connection.cut()
}

const signOut: Step = async ({ browsers, nodes }, random) => {
  const { process } = nodes.pick(random)
  if (browsers.length === 0 || process === undefined) return
  const browser = random.pick(browsers)
  const found = await process.services.access
    .authenticate({ cookie: browser.cookie })
    .catch(() => ({ refused: "missing" as const }))
  if ("refused" in found || found.identity.session === undefined) return
  await process.signOut(found.identity.session).then(
    () => {
      browser.isSignedOut = true
    },
    // The database can't be reached, so the session may still be valid.
    () => {},
  )
}

/** A short run starts on one node and is deleted through another. */
const deleteRun: Step = async ({ rival, lists, sleep }, random) => {
  const started = await Promise.race([
    rival.ask("runs.start", { agent_id: "short", intent: "to be deleted" }),
    sleep(500),
  ])
  if (started === undefined || started === LOST || !started.ok) return
  const { run_id } = started
  void rival.ask("runs.complete", { run_id, outcome: { status: "success" } })
  await sleep(random.int(0, 200))
  void random.pick(lists).connection.ask("runs.delete", { run_id })
}

/** A node and an agent that is connected to it die together, so only the other nodes can start the grace period. */
const dieTogether: Step = async (world, random) => {
  const { nodes } = world
  const node = nodes.pick(random)
  const agent = world.connectTo(node, { token: world.tokens.agent })
  await Promise.race([
    agent.askWithRetries("runs.start", { agent_id: "mortal", intent: "to be abandoned" }),
    world.sleep(500),
  ])
  nodes.kill(node)
  agent.close()
  await nodes.revive(node)
}

/** A node's connections to the database are slow, so its transactions overlap with those of other nodes. */
const slowDown: Step = async ({ nodes, sleep }, random) => {
  const node = nodes.pick(random)
  nodes.slowDown(node, true)
  await sleep(random.int(100, 1_500))
  nodes.slowDown(node, false)
}

/** The database is away for longer than a grace period. The agent returns in time once the database has returned. */
const loseDatabase: Step = async (world, random) => {
  const { nodes, sleep, log } = world
  const agent = world.connectTo(nodes.pick(random), { token: world.tokens.agent })
  const start = { agent_id: ABANDONED_AGENT, intent: "to wait for its agent", grace_ms: SHORT_GRACE_MS }
  const started = await Promise.race([agent.askWithRetries("runs.start", start), sleep(500)])
  agent.close()
  await sleep(random.int(50, 300))
  nodes.loseDatabase(true)
  await sleep(random.int(SHORT_GRACE_MS, 2 * SHORT_GRACE_MS))
  nodes.loseDatabase(false)
  if (started === undefined || started === LOST || !started.ok) return
  // The grace period starts over at the first sweep.
  await sleep(random.int(SHORT_GRACE_MS / 4, SHORT_GRACE_MS / 2))
  if (await log.hasEnded(started.run_id))
    throw new Error("A run ended because the database was away for longer than its grace period")
}

export const VIRTUAL_STEPS: readonly WeightedStep<VirtualWorld>[] = [
  ...STEPS,
  [2, "a node is suspended", freeze],
  [2, "a node's connections are slow", slowDown],
  [1, "the database is away", loseDatabase],
  [1, "notifications are lost", loseNotifications],
  [2, "a viewer stalls", stallViewer],
  [2, "a browser signs in", signIn],
  [2, "a browser moves", moveBrowser],
  [2, "a browser signs out", signOut],
  [2, "a run is deleted", deleteRun],
  [2, "a node and an agent die together", dieTogether],
]
