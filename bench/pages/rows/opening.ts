import { waitUntilIdle, watchMachine } from "@/bench/pages/machine"
import type { Opened } from "@/bench/pages/probe"
import { withProfile } from "@/bench/pages/profile"
import { isDisturbed, type PageContext, type PageResult, type PageRow } from "@/bench/pages/Row"
import type { World } from "@/bench/pages/World"
import { brief } from "@/bench/rows/Row"
import { median } from "@/bench/statistics"

const SHORT = 100
const LONG = 10_000
const MB = 1e6

/**
 * How a run's page loaded: times since the navigation, ms; bytes before the first row; CPU seconds until all turns were
 * loaded.
 */
type Opening = Required<Omit<Opened, "newestMs">> & {
  bytesBefore: number
  bytes: number
  socket: number
  cpu: number
  disturbed: boolean
}

async function open(world: World, run_id: string, context: PageContext, name?: string): Promise<Opening> {
  await waitUntilIdle(10_000, 0.15)
  const machine = watchMachine()
  const tab = await world.browser.open(world.probe)
  const stop = name === undefined ? undefined : await withProfile(tab, context.profiles, name)
  await tab.goTo(`${world.server.url}/runs/${run_id}#click`)
  await tab.reported("firstRow")
  const before = tab.traffic.http + tab.traffic.socket
  for (const word of ["interactive", "whole"]) await tab.reported(word)
  const disturbance = machine.stop()
  await stop?.()
  const { task } = await tab.metrics()
  const opened = await tab.evaluate<Required<Opened>>("bench.opened")
  const { http, socket } = tab.traffic
  await tab.close()
  return {
    ...opened,
    bytesBefore: before,
    bytes: http + socket,
    socket,
    cpu: task,
    disturbed: isDisturbed(disturbance),
  }
}

async function compare(world: World, context: PageContext, ended: boolean): Promise<PageResult> {
  const runs = { short: await world.filled(SHORT), long: await world.filled(LONG) }
  if (ended) for (const run_id of Object.values(runs)) await world.ask({ call: "complete", run_id })
  const openings = { short: [] as Opening[], long: [] as Opening[] }
  // The first opening, which isn't measured, fills the caches of the browser and the server.
  await open(world, runs.short, context)
  for (let round = 0; round < context.rounds; round++)
    for (const which of ["short", "long"] as const) {
      const name = round === 0 ? `opening-${which}` : undefined
      const opening = await open(world, runs[which], context, name)
      context.say(`${which}: ${JSON.stringify(opening)}`)
      if (name === undefined || context.profiles === undefined) openings[which].push(opening)
    }
  return judge(openings)
}

function judge({ short, long }: Record<"short" | "long", Opening[]>): PageResult {
  const of = (all: Opening[], what: (one: Opening) => number) => {
    const quiet = all.filter(({ disturbed }) => !disturbed)
    return median((quiet.length > 0 ? quiet : all).map(what))
  }
  const interactive = (one: Opening) => one.interactiveMs
  const ratio = of(long, interactive) / of(short, interactive)
  const bytes = Math.max(...long.map(({ bytesBefore }) => bytesBefore))
  const isVoid = ![short, long].every((all) => all.some(({ disturbed }) => !disturbed))
  const ms = (what: (one: Opening) => number) => `${brief(of(long, what))} (${brief(of(short, what))}) ms`
  return {
    measured: `${brief(ratio)} ×; ${brief(bytes / MB)} MB`,
    met: bytes > MB ? false : ratio <= 1.5 ? true : isVoid ? undefined : false,
    note: `first row ${ms((one) => one.firstRowMs)}, interactive ${ms(interactive)}, all turns ${ms((one) => one.wholeMs)}, ${brief(of(long, ({ socket }) => socket) / MB)} MB over the socket in total, main thread ${ms(({ cpu }) => cpu * 1_000)} of CPU time until all turns were loaded`,
  }
}

const openingRow: PageRow = {
  id: "opening",
  what: "opening a live run of 10,000 turns, compared with one of 100; transferred before its first row",
  goal: "≤ 1.5 ×; ≤ 1 MB",
  run: (world, context) => compare(world, context, false),
}

const endedRow: PageRow = {
  id: "opening-ended",
  what: "the same after both runs have ended, when they open at their first turn",
  goal: "≤ 1.5 ×; ≤ 1 MB",
  run: (world, context) => compare(world, context, true),
}

export const OPENING_ROWS = [openingRow, endedRow]
