import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Tab } from "./Tab"

/**
 * Records a CPU profile of a tab's main thread in `<folder>/<name>.cpuprofile` until the returned function is called.
 * Without a folder, records nothing and returns undefined.
 */
export async function withProfile(
  tab: Tab,
  folder: string | undefined,
  name: string,
): Promise<(() => Promise<void>) | undefined> {
  if (folder === undefined) return undefined
  await tab.send("Profiler.enable")
  await tab.send("Profiler.setSamplingInterval", { interval: 200 })
  await tab.send("Profiler.start")
  return async () => {
    const { profile } = await tab.send<{ profile: unknown }>("Profiler.stop")
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(profile))
  }
}
