import { setTimeout as sleep } from "node:timers/promises"
import { waitUntilIdle, watchMachine } from "@/bench/pages/machine"
import type { Probe } from "@/bench/pages/probe"
import { withProfile } from "@/bench/pages/profile"
import { isDisturbed, type PageContext, type PageResult, type PageRow } from "@/bench/pages/Row"
import type { World } from "@/bench/pages/World"
import { brief } from "@/bench/rows/Row"
import { median, percentile } from "@/bench/statistics"

const RUNS = 10
const PER_SECOND = 5
const GOAL_MS = 100
const MAX_LATE_MS = 20

type Watched = {
  p50: number
  p95: number
  share: number
  seen: number
  sent: number
  cpu: number
  disturbed: boolean
}

/** Opens the first of the live runs for some seconds and measures the time of its turns from the agent to the screen. */
async function watch(world: World, run_ids: string[], context: PageContext, name: string): Promise<Watched> {
  const shown = run_ids[0] ?? ""
  const tab = await world.open(`/runs/${shown}`)
  await tab.reported("whole")
  await waitUntilIdle(10_000, 0.15)
  await world.ask({ call: "pace", run_ids, perSecond: PER_SECOND })
  await sleep(1_000)
  const stopProfile = await withProfile(tab, context.profiles, `live-${name}`)
  const machine = watchMachine()
  const before = await tab.metrics()
  await tab.evaluate("bench.startLatency()")
  const seconds = context.quick ? 5 : 15
  await sleep(seconds * 1_000)
  const latencies = await tab.evaluate<Probe["latencies"]>("[...bench.latencies]")
  const cpu = ((await tab.metrics()).task - before.task) / seconds
  const disturbance = machine.stop()
  await stopProfile?.()
  const paced = await world.rest()
  await tab.close()
  const result = {
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    share: latencies.filter((ms) => ms <= GOAL_MS).length / latencies.length,
    seen: latencies.length,
    sent: seconds * PER_SECOND,
    cpu,
    disturbed: isDisturbed(disturbance) || paced.latestMs > MAX_LATE_MS,
  }
  context.say(`${name}: ${JSON.stringify({ ...result, ...disturbance, ...paced })}`)
  return result
}

/** Measures how long it takes until a row of the runs page shows a turn. */
async function watchRuns(world: World, run_ids: string[], context: PageContext): Promise<Watched> {
  const tab = await world.open("/")
  await sleep(1_500)
  await world.ask({ call: "pace", run_ids, perSecond: PER_SECOND })
  await sleep(1_000)
  const machine = watchMachine()
  const before = await tab.metrics()
  await tab.evaluate("bench.startCursors()")
  const seconds = context.quick ? 5 : 10
  await sleep(seconds * 1_000)
  const cursors = await tab.evaluate<Probe["cursors"]>("[...bench.cursors]")
  const cpu = ((await tab.metrics()).task - before.task) / seconds
  const disturbance = machine.stop()
  await world.rest()
  await tab.close()
  const latencies: number[] = []
  for (const run_id of run_ids) {
    const sentAt = new Map(await world.ask<[number, number][]>({ call: "sentAt", run_id }))
    for (const [of, cursor, at] of cursors) {
      const sent = of === run_id ? sentAt.get(cursor - 1) : undefined
      if (sent !== undefined) latencies.push(at - sent)
    }
  }
  const share = latencies.filter((ms) => ms <= GOAL_MS).length / latencies.length
  const [p50, p95] = [percentile(latencies, 0.5), percentile(latencies, 0.95)]
  context.say(
    `runs: p50 ${p50}, p95 ${p95} of ${latencies.length} ${JSON.stringify({ cpu, ...disturbance })}`,
  )
  return { p50, p95, share, seen: latencies.length, sent: 0, cpu, disturbed: isDisturbed(disturbance) }
}

async function live(world: World, context: PageContext): Promise<PageResult> {
  const long = await world.filled(10_000)
  const others = await world.ask<string[]>({ call: "start", count: RUNS })
  for (const run_id of others) await world.ask({ call: "fill", run_id, turns: 20, bytes: 2_000 })
  const fresh: Watched[] = []
  const longs: Watched[] = []
  for (let round = 0; round < Math.min(3, context.rounds); round++) {
    fresh.push(await watch(world, others, context, "fresh"))
    longs.push(await watch(world, [long, ...others.slice(1)], context, "long"))
  }
  const list = await watchRuns(world, others, context)
  return judge(fresh, longs, list)
}

function judge(fresh: Watched[], longs: Watched[], list: Watched): PageResult {
  const quiet = (all: Watched[]) => all.filter(({ disturbed }) => !disturbed)
  const isVoid = quiet(fresh).length === 0 || quiet(longs).length === 0
  const of = (all: Watched[], what: (one: Watched) => number) => {
    const some = quiet(all)
    return median((some.length > 0 ? some : all).map(what))
  }
  const missing = [...fresh, ...longs].some(({ seen, sent }) => seen < sent * 0.9)
  const p95 = { fresh: of(fresh, (one) => one.p95), long: of(longs, (one) => one.p95) }
  const figures = (all: Watched[]) =>
    `${brief(of(all, (one) => one.p50))}/${brief(of(all, (one) => one.p95))}`
  return {
    measured: `p95 ${brief(p95.fresh)} ms; ${brief(p95.long)} ms`,
    met: missing ? false : p95.fresh <= GOAL_MS && p95.long <= GOAL_MS ? true : isVoid ? undefined : false,
    note: `p50/p95 ${figures(fresh)} and ${figures(longs)} ms, main thread ${brief(of(fresh, ({ cpu }) => cpu * 100))} % and ${brief(of(longs, ({ cpu }) => cpu * 100))} % busy; a row of the list of runs, which is updated ten times a second, ${brief(list.p50)}/${brief(list.p95)} ms${missing ? "; turns were missing" : ""}`,
  }
}

const liveRow: PageRow = {
  id: "live",
  what: "a turn from its agent to the screen with 10 live runs at 5 turns/s; the same if the open run has 10,000 turns",
  goal: "95 % ≤ 100 ms",
  run: live,
}

export const LIVE_ROWS = [liveRow]
