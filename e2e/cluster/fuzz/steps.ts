import { LOST } from "@/e2e/kit/Connection"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { LEASE_MS } from "./FuzzNodes"
import type { Stage } from "./Stage"

type Step = WeightedStep<Stage>[2]

const HOUR_MS = 3_600_000

const moveAgent: Step = ({ fleet }, random) => random.pick(fleet.agents).connection.cut()

const moveViewer: Step = ({ fleet, lists }, random) =>
  random.pick([...fleet.viewers, ...lists]).connection.cut()

const follow: Step = ({ fleet }, random) => {
  if (fleet.runs.length > 0) random.pick(fleet.viewers).follow(random.pick(fleet.runs))
}

/** Another connection, on any node, takes over a run while its agent writes. */
const takeOver: Step = async (stage, random) => {
  const { fleet, rival } = stage
  const run_id = fleet.runs.at(-random.int(1, 3))
  if (run_id === undefined) return
  for (let times = random.int(1, 3); times > 0; times--) {
    const reply = await Promise.race([rival.ask("runs.start", { run_id }), stage.sleep(500)])
    if (reply !== undefined && reply !== LOST && reply.ok)
      void rival.ask("runs.report_progress", {
        run_id,
        progress: { tool: "rival", waiting_for: "approval" },
      })
    if (random.chance(0.5)) rival.cut()
    await stage.sleep(random.int(0, 30))
  }
}

const cancel: Step = ({ fleet, lists }, random) => {
  const run_id = fleet.runs.at(-random.int(1, 3))
  if (run_id !== undefined) void random.pick(lists).connection.ask("runs.cancel", { run_id })
}

const kill: Step = async (stage, random) => {
  const { nodes } = stage
  const node = nodes.pick(random)
  nodes.kill(node)
  if (random.chance(0.5)) await stage.sleep(random.int(0, 2 * LEASE_MS))
  if (!nodes.isRunning(node)) await nodes.revive(node)
}

/** Stops a node gracefully, as a deployment does. */
const restart: Step = ({ nodes }, random) => nodes.restart(nodes.pick(random))

/** A node's database traffic arrives late, within its lease or after it. */
const stall: Step = async (stage, random) => {
  const { wire } = stage.nodes.pick(random)
  wire.hold()
  await stage.sleep(random.pick([random.int(10, 300), random.int(LEASE_MS, 2 * LEASE_MS)]))
  if (random.chance(0.3)) wire.cut()
  wire.release()
}

const cutDatabase: Step = ({ nodes }, random) => nodes.pick(random).wire.cut()

/** A node can't reach the database for a while, but the others can. */
const partition: Step = async (stage, random) => {
  const { wire } = stage.nodes.pick(random)
  wire.down()
  await stage.sleep(random.int(100, 2 * LEASE_MS))
  wire.up()
}

const cutListener: Step = ({ nodes }, random) => nodes.pick(random).listenWire.cut()

/** Notifications arrive late, or never. */
const holdNotifications: Step = async (stage, random) => {
  const { listenWire } = stage.nodes.pick(random)
  listenWire.hold()
  await stage.sleep(random.int(50, 1_500))
  if (random.chance(0.5)) listenWire.cut()
  listenWire.release()
}

const jumpClock: Step = ({ nodes }, random) => {
  nodes.pick(random).skewMs = random.pick([-HOUR_MS, 0, HOUR_MS, 26 * HOUR_MS])
}

/** A kind of step, with its relative frequency. */
export type WeightedStep<S> = readonly [
  weight: number,
  name: string,
  step: (stage: S, random: SeededRandom) => Promise<void> | void,
]

export const STEPS: readonly WeightedStep<Stage>[] = [
  [6, "an agent moves", moveAgent],
  [6, "a viewer moves", moveViewer],
  [4, "a viewer follows", follow],
  [5, "a run is taken over", takeOver],
  [2, "a run is cancelled", cancel],
  [3, "a node dies", kill],
  [1, "a node restarts", restart],
  [2, "a node stalls", stall],
  [2, "a node's connections break", cutDatabase],
  [2, "a node is cut off", partition],
  [1, "a node's listener breaks", cutListener],
  [2, "a node gets no notifications", holdNotifications],
  [1, "a node's clock jumps", jumpClock],
]

/** Takes one of the steps at random. Returns its name. */
export async function takeStep<S>(
  stage: S,
  random: SeededRandom,
  steps: readonly WeightedStep<S>[],
): Promise<string> {
  const [, name, step] = random.pick(steps.flatMap((each) => Array.from({ length: each[0] }, () => each)))
  await step(stage, random)
  return name
}
