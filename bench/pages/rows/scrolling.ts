import { setTimeout as sleep } from "node:timers/promises"
import { centerOf, drag, glide, wheels } from "@/bench/pages/input"
import { waitUntilIdle, watchMachine } from "@/bench/pages/machine"
import type { Blank } from "@/bench/pages/probe"
import { withProfile } from "@/bench/pages/profile"
import { isDisturbed, type PageContext, type PageResult, type PageRow } from "@/bench/pages/Row"
import type { Tab } from "@/bench/pages/Tab"
import { type Task, traceTasks } from "@/bench/pages/trace"
import type { World } from "@/bench/pages/World"
import { brief } from "@/bench/rows/Row"

const TURNS = 10_000
const MAX_ROWS = 80
const MAX_TASK_MS = 50
const MAX_HEAP = 150 * 2 ** 20
/** Scrolls through the whole run and back, like dragging the scrollbar. */
const SWEEP = `(async () => {
  const box = document.querySelector("[role=treegrid]").parentElement
  const to = box.scrollHeight - box.clientHeight
  for (let step = 0; step <= 360; step++) {
    box.scrollTop = to * Math.abs(1 - step / 180)
    await bench.painted()
  }
})()`

/** `glides`: the compositor scrolls and shows the last painted content until the page has painted. */
type Scene = { name: string; glides?: true; play(tab: Tab): Promise<unknown> }

/** All ways to scroll and zoom the turns of a run. */
const SCENES: Scene[] = [
  {
    name: "wheel",
    glides: true,
    async play(tab) {
      const rows = await centerOf(tab, "[role=treegrid]")
      await wheels(tab, rows, { y: -120 }, 60)
      await wheels(tab, rows, { y: 120 }, 30)
    },
  },
  {
    name: "glide",
    glides: true,
    async play(tab) {
      const rows = await centerOf(tab, "[role=treegrid]")
      await glide(tab, rows, 30_000, 12_000)
      await glide(tab, rows, -20_000, 12_000)
    },
  },
  { name: "sweep", play: (tab) => tab.evaluate(SWEEP) },
  {
    name: "zoom",
    async play(tab) {
      const rows = await centerOf(tab, "[data-lane-layer]")
      await wheels(tab, rows, { y: -60 }, 40, true)
      await wheels(tab, rows, { x: 60 }, 30)
      await wheels(tab, rows, { x: -60 }, 30)
      await wheels(tab, rows, { y: 60 }, 40, true)
    },
  },
  {
    name: "strip",
    async play(tab) {
      const { x, y } = await centerOf(tab, "[aria-label='Run overview']")
      await drag(tab, { x: x - 200, y }, { x: x + 300, y }, 40)
      await drag(tab, { x: x - 300, y }, { x: x - 280, y }, 20)
    },
  },
]

type Played = { name: string; tasks: Task[]; blank: Blank; disturbed: boolean; cpu: number }

async function play(tab: Tab, scene: Scene, context: PageContext): Promise<Played> {
  await waitUntilIdle(10_000, 0.15)
  const machine = watchMachine()
  const before = await tab.metrics()
  const stopProfile = await withProfile(tab, context.profiles, `scroll-${scene.name}`)
  const stopTrace = stopProfile === undefined ? await traceTasks(tab) : async () => []
  await tab.evaluate("bench.startBlank()")
  await scene.play(tab)
  await sleep(300)
  const blank = await tab.evaluate<Blank>("bench.stopBlank()")
  const tasks = await stopTrace()
  await stopProfile?.()
  const after = await tab.metrics()
  const disturbance = machine.stop()
  const cpu = after.task - before.task
  const longest = tasks.slice(0, 4).map(({ wallMs, cpuMs }) => `${brief(wallMs)}/${brief(cpuMs)}`)
  context.say(
    `${scene.name}: ${JSON.stringify({ ...blank, cpu, ...disturbance })}, longest ${longest.join(", ")} ms`,
  )
  return { name: scene.name, tasks, blank, cpu, disturbed: isDisturbed(disturbance) }
}

const longOnes = (tasks: readonly Task[], of: keyof Task) => tasks.filter((task) => task[of] > MAX_TASK_MS)

async function scroll(world: World, context: PageContext): Promise<PageResult> {
  const run_id = await world.filled(TURNS)
  const tab = await world.open(`/runs/${run_id}`)
  await tab.reported("whole")
  const played: Played[] = []
  for (let round = 0; round < (context.quick ? 1 : 2); round++)
    for (const scene of SCENES) played.push(await play(tab, scene, context))
  const heap = await tab.heapBytes()
  await tab.close()
  return judge(played, heap)
}

function judge(played: readonly Played[], heap: number): PageResult {
  const quiet = played.filter(({ disturbed }) => !disturbed)
  const tasks = played.flatMap((one) => one.tasks)
  const cpuLong = longOnes(tasks, "cpuMs").length
  const wallLong = longOnes(
    quiet.flatMap((one) => one.tasks),
    "wallMs",
  ).length
  const worst = Math.max(0, ...tasks.map(({ cpuMs }) => cpuMs))
  const rows = Math.max(...played.map(({ blank }) => blank.mostRows))
  const isBlank = ({ name, blank }: Played) =>
    blank.painted > 0 || (SCENES.some((scene) => scene.name === name && scene.glides) && blank.inARow > 1)
  const late = quiet.filter(isBlank)
  const blanks = played.map(
    ({ name, blank }) => `${name} ${blank.painted}/${blank.uncovered}/${blank.frames}`,
  )
  return {
    measured: `${rows} rows; ${cpuLong} tasks over ${MAX_TASK_MS} ms; ${late.length} scenes blank for over a frame; heap ${brief(heap / 2 ** 20)} MiB`,
    met:
      cpuLong > 0 || rows > MAX_ROWS || heap > MAX_HEAP
        ? false
        : quiet.length === 0
          ? undefined
          : wallLong === 0 && late.length === 0,
    note: `longest task ${brief(worst)} ms of CPU time, ${wallLong} tasks too long in wall time in ${quiet.length} of ${played.length} scenes that were not disturbed; frames that ended with an uncovered edge, that started with one, and all frames: ${blanks.join(", ")}`,
  }
}

const scrollingRow: PageRow = {
  id: "scrolling",
  what: "scrolling and zooming through 10,000 turns",
  goal: "≤ 80 rows; no task over 50 ms; none blank for over a frame; heap ≤ 150 MiB",
  run: scroll,
}

export const SCROLLING_ROWS = [scrollingRow]
