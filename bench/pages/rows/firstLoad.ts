import { setTimeout as sleep } from "node:timers/promises"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import type { PageContext, PageResult, PageRow } from "@/bench/pages/Row"
import type { World } from "@/bench/pages/World"
import { brief } from "@/bench/rows/Row"

const GOAL_KB = 240

type Sizes = { gzip: number; brotli: number; plain: number }

function sizesOf(body: Buffer): Sizes {
  const brotli = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
  return { gzip: gzipSync(body, { level: 9 }).length, brotli: brotli.length, plain: body.length }
}

/** Returns the sizes of the scripts that a browser with an empty cache loads for a path. */
async function scriptsOf(
  world: World,
  path: string,
  { say }: PageContext,
): Promise<Sizes & { wire: number; all: number }> {
  const tab = await world.browser.open(world.probe)
  await tab.send("Network.setCacheDisabled", { cacheDisabled: true })
  await tab.goTo(world.server.url + path)
  await sleep(3_000)
  const sum = { gzip: 0, brotli: 0, plain: 0, wire: 0, all: tab.traffic.http }
  for (const { url, type, bytes } of tab.traffic.requests) {
    say(`${path}: ${type} ${bytes} ${new URL(url, "http://data").pathname.slice(-60)}`)
    if (type !== "Script") continue
    const sizes = sizesOf(Buffer.from(await (await fetch(url)).arrayBuffer()))
    sum.wire += bytes
    for (const key of ["gzip", "brotli", "plain"] as const) sum[key] += sizes[key]
  }
  await tab.close()
  return sum
}

async function firstLoad(world: World, context: PageContext): Promise<PageResult> {
  const run_id = await world.filled(100)
  const home = await scriptsOf(world, "/", context)
  const run = await scriptsOf(world, `/runs/${run_id}`, context)
  const kb = (bytes: number) => `${brief(bytes / 1_000)} KB`
  return {
    measured: `${kb(home.gzip)} gzip`,
    met: home.gzip <= GOAL_KB * 1_000,
    note: `with brotli, which is used, ${kb(home.brotli)}, ${kb(home.wire)} with its headers; with styles, fonts and page ${kb(home.all)}; a run's page ${kb(run.gzip)} gzip`,
  }
}

const firstLoadRow: PageRow = {
  id: "first-load",
  what: "scripts for the first load of /, compressed",
  goal: `≤ ${GOAL_KB} KB`,
  run: firstLoad,
}

export const FIRST_LOAD_ROWS = [firstLoadRow]
