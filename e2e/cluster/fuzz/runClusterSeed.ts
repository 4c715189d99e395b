import { type SeededRandom, seededRandom } from "@/e2e/kit/seededRandom"
import { FuzzWorld } from "./FuzzWorld"
import type { Stage } from "./Stage"
import { STEPS, takeStep } from "./steps"

const STEP_COUNT = 20
/** How long to wait for consistency after the last fault, on a machine that may be busy. */
const SETTLE_MS = 60_000
/** Expires the grace periods of disconnected runs. */
const END_GRACES =
  "UPDATE runs SET grace_ends_at = now() WHERE status = 0 AND disconnected_at IS NOT NULL AND grace_ends_at > now()"
const OPEN_RUNS = "SELECT count(*)::integer AS count FROM runs WHERE status = 0"

export type ClusterSeedReport = { ackedTurns: number; runs: number; steps: string[]; problems: string[] }

/**
 * Lets agents, viewers, nodes and database connections act as determined by a seed, on an empty database, and checks
 * the log and all views after every step. Timing isn't determined: each execution takes the same steps at different
 * moments.
 */
export async function runClusterSeed(seed: number, databaseUrl: string): Promise<ClusterSeedReport> {
  const random = seededRandom(seed)
  return playSeed(new FuzzWorld(databaseUrl, random), random, {
    takeStep: (world) => takeStep(world, random, STEPS),
  })
}

type World = Stage & { open(): Promise<void>; close(): Promise<void> }

type Play<W> = {
  /** Takes a random step. Returns its name. */
  takeStep(world: W, random: SeededRandom): Promise<string>
  /** How many steps are taken at a time. Default: 1. */
  concurrentSteps?: number
  /** How soon after the last fault live lists must be correct, in ms. Default: on a machine that may be busy. */
  listsAgreeMs?: number
  /** Called once all faults are over. Returns problems. */
  whenCalm?(world: W, random: SeededRandom): Promise<string[]>
}

/** Opens a world, plays what a seed determines, checks the result and closes the world. */
export async function playSeed<W extends World>(
  world: W,
  random: SeededRandom,
  play: Play<W>,
): Promise<ClusterSeedReport> {
  const report: ClusterSeedReport = { ackedTurns: 0, runs: 0, steps: [], problems: [] }
  try {
    await world.open()
    await takeSteps(world, random, { play, report })
    if (report.problems.length === 0) report.problems.push(...(await finish(world, play, random)))
    report.ackedTurns = world.fleet.acked
    report.runs = world.fleet.runs.length
  } catch (error) {
    report.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    await world.close()
  }
  return report
}

/** Takes all steps, and looks for problems after each one. */
async function takeSteps<W extends World>(
  world: W,
  random: SeededRandom,
  { play, report }: { play: Play<W>; report: ClusterSeedReport },
): Promise<void> {
  let begun = 0
  const act = async () => {
    while (begun < STEP_COUNT && report.problems.length === 0) {
      begun += 1
      report.steps.push(await play.takeStep(world, random))
      await world.sleep(random.int(0, 150))
      report.problems.push(...world.fleet.violations, ...(await world.log.problems(world.fleet)))
    }
  }
  await Promise.all(Array.from({ length: play.concurrentSteps ?? 1 }, act))
}

/** Ends all faults, then all runs. Returns what didn't reach the expected final state. */
async function finish<W extends World>(world: W, play: Play<W>, random: SeededRandom): Promise<string[]> {
  const { nodes, fleet, rival, log } = world
  await nodes.endFaults()
  const { examples } = await fleet.settle(SETTLE_MS)
  const problems = [...examples, ...(await log.problems(fleet)), ...(await listsAgree(world, play))]
  if (problems.length === 0) problems.push(...((await play.whenCalm?.(world, random)) ?? []))
  if (problems.length > 0) return problems
  rival.close()
  for (const agent of fleet.agents) agent.close()
  await world.waitUntil(
    "every run without an agent ends",
    async () => {
      await log.client.query(END_GRACES)
      return (await log.client.query<{ count: number }>(OPEN_RUNS)).rows[0]?.count === 0
    },
    SETTLE_MS,
  )
  const views = fleet.viewers.flatMap((viewer) => [...viewer.views.values()])
  const open = () => views.filter(({ ended }) => !ended).map(({ run_id }) => run_id)
  await world.waitUntil(
    () => `these views end: ${open()}`,
    () => open().length === 0,
    SETTLE_MS,
  )
  return [...fleet.violations, ...(await log.problems(fleet, true)), ...(await listsAgree(world, play))]
}

/** Waits until the live lists show the same as newly fetched lists. Returns the remaining differences. */
async function listsAgree<W extends World>(
  world: W,
  { listsAgreeMs = SETTLE_MS / 2 }: Play<W>,
): Promise<string[]> {
  const [one, two] = world.lists
  if (one === undefined || two === undefined) return []
  let differences: string[] = []
  const agree = async () => {
    const [fresh, freshElsewhere] = [await one.fetched(), await two.fetched()]
    differences = [one.shown, two.shown, freshElsewhere].flatMap((shown, at) =>
      shown.join() === fresh.join() ? [] : [`list ${at}: ${difference(shown, fresh)}`],
    )
    return differences.length === 0
  }
  await world.waitUntil("the lists agree", agree, listsAgreeMs).catch(() => {})
  return differences
}

function difference(shown: readonly string[], fresh: readonly string[]): string {
  const extra = shown.filter((line) => !fresh.includes(line))
  const missing = fresh.filter((line) => !shown.includes(line))
  return `shows ${extra.join(" ")} instead of ${missing.join(" ")}`
}
