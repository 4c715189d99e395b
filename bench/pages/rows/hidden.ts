import { setTimeout as sleep } from "node:timers/promises"
import type { PageContext, PageResult, PageRow } from "@/bench/pages/Row"
import type { World } from "@/bench/pages/World"
import { brief } from "@/bench/rows/Row"

const PER_SECOND = 20
/** Allowed heap growth: bytes per new turn, plus the cache of bodies. */
const OUTLINE_BYTES = 1_000
const BODIES_BYTES = 64 * 2 ** 20

async function hide(world: World, { hiddenMinutes, say }: PageContext): Promise<PageResult> {
  const run_id = await world.filled(500)
  const tab = await world.open(`/runs/${run_id}`)
  await tab.reported("whole")
  const before = await tab.heapBytes()
  const cover = await world.open("/connect")
  await cover.front()
  await sleep(500)
  const wasHidden = await tab.evaluate<boolean>("document.visibilityState === 'hidden'")
  const cpuBefore = (await tab.metrics()).task
  await world.ask({ call: "pace", run_ids: [run_id], perSecond: PER_SECOND })
  const seconds = hiddenMinutes * 60
  await sleep(seconds * 1_000)
  const { sent } = await world.rest()
  await sleep(500)
  const heap = await tab.heapBytes()
  const busy = ((await tab.metrics()).task - cpuBefore) / seconds
  await tab.evaluate("bench.resetTasks()")
  const shownAt = performance.now()
  await tab.front()
  const wanted = 500 + sent
  const seen = await tab.evaluate<{
    cursor: number
    row: boolean
    live: string
    longest: number
  }>(`(async () => {
    const main = document.querySelector("main")
    await bench.painted()
    for (let waited = 0; waited < 5000 && main.dataset.viewCursor !== "${wanted}"; waited += 20)
      await new Promise((done) => setTimeout(done, 20))
    await bench.painted()
    return {
      cursor: Number(main.dataset.viewCursor),
      row: document.querySelector('[data-turn-index="${wanted - 1}"] [data-bar]') !== null,
      live: main.dataset.live,
      longest: Math.max(0, ...bench.longTasks),
    }
  })()`)
  const shownMs = performance.now() - shownAt
  await tab.close()
  await cover.close()
  const bound = before + sent * OUTLINE_BYTES + BODIES_BYTES
  const isWhole = wasHidden && seen.cursor === wanted && seen.row && seen.live === "live"
  say(JSON.stringify({ ...seen, sent, before, heap, busy, shownMs, wasHidden }))
  return {
    measured: `${seen.cursor} of ${wanted} turns after ${brief(shownMs)} ms; heap ${brief(before / 2 ** 20)} → ${brief(heap / 2 ** 20)} MiB`,
    met: isWhole && heap <= bound,
    note: `${brief(hiddenMinutes)} min behind another tab, ${sent} turns arrived, main thread ${brief(busy * 100)} % busy, longest task when shown again ${brief(seen.longest)} ms${wasHidden ? "" : "; the tab was never hidden"}`,
  }
}

const hiddenRow: PageRow = {
  id: "hidden",
  what: "a hidden tab of a live run at 20 turns/s is shown again",
  goal: "all turns shown; heap bounded",
  run: hide,
}

export const HIDDEN_ROWS = [hiddenRow]
