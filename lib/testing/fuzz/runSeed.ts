import { aPrincipal } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { type SeededRandom, seededRandom } from "@/lib/testing/seededRandom"
import { FuzzAgent } from "./FuzzAgent"
import { FuzzViewer } from "./FuzzViewer"
import { FuzzWorld, GRACE_MS, MAX_QUEUED } from "./FuzzWorld"
import type { Guarantees } from "./Guarantees"
import { LogCheck } from "./LogCheck"

const STEPS = 250
const MAX_ROUNDS = 2_000
const everyone = aPrincipal()

type Cast = { world: FuzzWorld; agents: FuzzAgent[]; viewers: FuzzViewer[]; check: LogCheck }

/**
 * Lets agents, viewers and processes act as determined by a seed, and checks guarantees after every step.
 *
 * @returns how often runs were reopened
 * @throws {BrokenGuaranteeError} when a guarantee is broken
 */
export async function runSeed(seed: number, guarantees: Guarantees): Promise<number> {
  const random = seededRandom(seed)
  const cast = aCast(random, guarantees)
  for (let taken = 0; taken < STEPS; taken++) {
    const isDeath = step(cast, random)
    if (isDeath) await restart(cast)
    // Steps without settling in between belong to the same event of the server's event loop.
    const isSettled = isDeath || random.chance(0.6)
    if (isSettled) await settle()
    afterStep(cast, random)
    if (isSettled) await cast.check.whenSettled()
  }
  await quiesce(cast)
  await checkAll(cast)
  await close(cast)
  return [...cast.world.store.rows.values()].reduce((sum, { reopenings = 0 }) => sum + reopenings, 0)
}

function aCast(random: SeededRandom, guarantees: Guarantees): Cast {
  const world = new FuzzWorld(random, guarantees)
  const agents = ["a", "b"].map((agent_id) => new FuzzAgent(agent_id, world, random))
  const viewers = Array.from(
    { length: 1 + random.below(4) },
    (_, at) => new FuzzViewer(`viewer-${at}`, world, random.pick([0, 0.2, 0.7])),
  )
  return { world, agents, viewers, check: new LogCheck(world, agents, random) }
}

/** Takes a random step. Returns true if the process must be killed now. */
function step(cast: Cast, random: SeededRandom): boolean {
  const { world, agents, viewers } = cast
  const what = random.below(200)
  if (what < 84) random.pick(agents).act()
  else if (what < 87) random.pick(agents).reconnect()
  else if (what < 90) control(cast, random)
  else if (what < 110) follow(cast, random)
  else if (what < 140) random.pick(viewers).socket.take(1 + random.below(3))
  else if (what < 170) world.release(random.chance(0.4))
  else if (what < 198) world.clock.advance(random.pick([1, 8, 16, 50, 1_000]))
  return what >= 198
}

function follow({ world, viewers }: Cast, random: SeededRandom): void {
  const viewer = random.pick(viewers)
  const [run_id] = world.runIds.length === 0 ? [] : [random.pick(world.runIds)]
  if (run_id === undefined) return
  const what = random.below(100)
  const { next } = viewer.view(run_id)
  if (what < 45) viewer.subscribe(run_id, next)
  else if (what < 55) viewer.subscribe(run_id, 0)
  else if (what < 62) viewer.subscribe(run_id, random.below(next + 1))
  else if (what < 72) viewer.subscribeAhead(run_id)
  else if (what < 76) viewer.subscribe(run_id, next + 1_000)
  else if (what < 86) viewer.unsubscribe(run_id)
  else viewer.reconnect()
}

function control({ world }: Cast, random: SeededRandom): void {
  if (world.runIds.length === 0) return
  const run_id = random.pick(world.runIds)
  if (random.chance(0.7)) void world.registry.cancel(everyone, { run_id })
  else void world.registry.delete(everyone, { run_id })
}

async function restart({ world, agents, viewers }: Cast): Promise<void> {
  await world.restart()
  for (const agent of agents) agent.reopen()
  for (const viewer of viewers) viewer.reopen()
}

function afterStep({ world, viewers, check }: Cast, random: SeededRandom): void {
  for (const { socket, eagerness } of viewers) {
    world.guarantees.check("I18", socket.queuedBytes() < MAX_QUEUED, "too much queued for one viewer")
    if (random.chance(eagerness)) socket.take(1_000)
  }
  for (const viewer of viewers) if (viewer.socket.disconnections.length > 0) viewer.reconnect()
  check.afterStep()
}

/** Completes all pending operations. */
async function quiesce({ world, viewers }: Cast): Promise<void> {
  for (let round = 0, quiet = 0; quiet < 6; round++) {
    world.guarantees.check("T10", round <= MAX_ROUNDS, "events never stop")
    world.release(true)
    world.clock.advance(round % 3 === 0 ? 1_000 : 20)
    for (const viewer of viewers) viewer.socket.take(1_000)
    await settle()
    const waiting = viewers.reduce((sum, viewer) => sum + viewer.socket.waiting, world.waiting)
    quiet = waiting === 0 ? quiet + 1 : 0
  }
}

async function checkAll({ viewers, check }: Cast): Promise<void> {
  for (const viewer of viewers) for (const view of viewer.views.values()) await view.checkComplete()
  await check.atRest()
}

/** Checks that all runs end without agents, and that nothing is retained without viewers. */
async function close(cast: Cast): Promise<void> {
  const { world, agents, viewers } = cast
  const { guarantees, fanout, store, clock } = world
  for (const agent of agents) agent.disconnect()
  clock.advance(GRACE_MS)
  await quiesce(cast)
  const open = await store.inProgress()
  guarantees.check("I4", open.length === 0, `${open.length} runs without an agent are still in progress`)
  await checkAll(cast)
  for (const viewer of viewers) fanout.remove(viewer.socket)
  const { feeds, connections } = fanout.stats()
  guarantees.check("I22", feeds + connections === 0, `${feeds} feeds and ${connections} connections are left`)
}
