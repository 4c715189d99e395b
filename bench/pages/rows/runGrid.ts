import { setTimeout as sleep } from "node:timers/promises"
import { centerOf, glide, wheels } from "@/bench/pages/input"
import { waitUntilIdle, watchMachine } from "@/bench/pages/machine"
import { withProfile } from "@/bench/pages/profile"
import { isDisturbed, type PageContext, type PageResult, type PageRow } from "@/bench/pages/Row"
import type { Tab } from "@/bench/pages/Tab"
import { type Task, traceTasks } from "@/bench/pages/trace"
import type { World } from "@/bench/pages/World"
import { brief } from "@/bench/rows/Row"
import { median } from "@/bench/statistics"

const RUNS = 500
const MAX_BUSY = 0.4
const MAX_TASK_MS = 50
/** A right-aligned number with one more digit counts as a layout shift of about 0.00001. */
const MAX_SHIFT = 0.001
const MAX_ROWS = 80

type Stretch = { busy: number; script: number; layout: number; style: number; disturbed: boolean }

/** Measures how busy the main thread is without input. */
async function rest(tab: Tab, context: PageContext, name: string): Promise<Stretch> {
  await waitUntilIdle(10_000, 0.3)
  const stopProfile = await withProfile(tab, context.profiles, name)
  const machine = watchMachine()
  const before = await tab.metrics()
  const startedMs = performance.now()
  await sleep(context.quick ? 5_000 : 10_000)
  const after = await tab.metrics()
  const seconds = (performance.now() - startedMs) / 1_000
  const disturbance = machine.stop()
  await stopProfile?.()
  const share = (what: "task" | "script" | "layout" | "style") => (after[what] - before[what]) / seconds
  const stretch = {
    busy: share("task"),
    script: share("script"),
    layout: share("layout"),
    style: share("style"),
  }
  context.say(`${name}: ${JSON.stringify({ ...stretch, ...disturbance })}`)
  return { ...stretch, disturbed: isDisturbed(disturbance) }
}

type Moved = { tasks: Task[]; disturbed: boolean }

async function tasksOf(
  tab: Tab,
  context: PageContext,
  name: string,
  act: () => Promise<unknown>,
): Promise<Moved> {
  await waitUntilIdle(10_000, 0.3)
  const machine = watchMachine()
  const stopProfile = await withProfile(tab, context.profiles, `runs-${name}`)
  const stopTrace = stopProfile === undefined ? await traceTasks(tab) : async () => []
  await act()
  const tasks = await stopTrace()
  await stopProfile?.()
  const disturbance = machine.stop()
  const longest = tasks.slice(0, 4).map(({ wallMs, cpuMs }) => `${brief(wallMs)}/${brief(cpuMs)}`)
  context.say(`${name}: longest ${longest.join(", ")} ms ${JSON.stringify(disturbance)}`)
  return { tasks, disturbed: isDisturbed(disturbance) }
}

async function scrollFast(tab: Tab): Promise<void> {
  const row = await centerOf(tab, "[role=grid] [data-run-id]")
  const middle = { x: row.x, y: 600 }
  await wheels(tab, middle, { y: 240 }, 60)
  await sleep(200)
  await glide(tab, middle, -8_000, 12_000)
  await glide(tab, middle, 8_000, 12_000)
  await sleep(300)
}

async function measure(world: World, context: PageContext): Promise<PageResult> {
  const run_ids = await world.ask<string[]>({ call: "start", count: RUNS })
  await world.ask({ call: "pace", run_ids, perSecond: 1 })
  const tab = await world.open("/")
  await sleep(4_000)
  await tab.evaluate("bench.resetTasks()")
  const stretches: Stretch[] = []
  for (let round = 0; round < Math.min(3, context.rounds); round++)
    stretches.push(await rest(tab, context, `runs-rest-${round}`))
  const still = await tasksOf(tab, context, "still", () => sleep(5_000))
  const shift = await tab.evaluate<number>("bench.shift")
  const moved = await tasksOf(tab, context, "moved", () => scrollFast(tab))
  const elements = await tab.evaluate<number>("document.querySelectorAll('*').length")
  const rows = await tab.evaluate<number>("document.querySelectorAll('[data-run-id]').length")
  const heap = await tab.heapBytes()
  await world.rest()
  await tab.close()
  return judge(stretches, [still, moved], { shift, elements, rows, heap })
}

function judge(
  stretches: Stretch[],
  traced: Moved[],
  { shift, elements, rows, heap }: { shift: number; elements: number; rows: number; heap: number },
): PageResult {
  const of = (what: Exclude<keyof Stretch, "disturbed">) => median(stretches.map((one) => one[what]))
  const percent = (share: number) => `${brief(share * 100)} %`
  const worst = (all: Moved[], what: keyof Task) =>
    Math.max(0, ...all.flatMap(({ tasks }) => tasks.map((task) => task[what])))
  const quiet = traced.filter(({ disturbed }) => !disturbed)
  const isMet =
    of("busy") <= MAX_BUSY && worst(traced, "cpuMs") <= MAX_TASK_MS && shift < MAX_SHIFT && rows <= MAX_ROWS
  const isSlow = worst(traced, "wallMs") > MAX_TASK_MS
  const isVoid = isSlow && quiet.length < traced.length
  return {
    measured: `${percent(of("busy"))} busy; longest task ${brief(worst(traced, "cpuMs"))} ms; layout shift ${shift.toFixed(5)}`,
    met: isMet ? (isVoid ? undefined : !isSlow) : false,
    note: `CPU time: script ${percent(of("script"))}, style ${percent(of("style"))}, layout ${percent(of("layout"))}; longest task in wall time ${brief(worst(traced, "wallMs"))} ms${isVoid ? ", disturbed" : ""}; ${rows} rows, ${elements} elements, heap ${brief(heap / 2 ** 20)} MiB`,
  }
}

const runGridRow: PageRow = {
  id: "runs",
  what: "500 live runs of 500 agents at 1 turn/s each in the list of runs: at rest and scrolled fast",
  goal: "main thread ≤ 40 % busy; no task over 50 ms; layout shift 0; rows ≤ 80",
  run: measure,
}

export const RUN_GRID_ROWS = [runGridRow]
