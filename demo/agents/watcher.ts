import type { Cast } from "@/demo/Cast"

const HOSTS = ["pier-1", "pier-2", "mill-1", "mill-2", "store-1"]

/** Monitors machines for hours: each run has hundreds of small turns with long quiet periods between them. */
export function liveAsWatcher(cast: Cast): Promise<void> {
  return cast.live(() => {
    const rounds = cast.chance.whole(150, 600)
    return cast.play(
      {
        intent: `Watch ${HOSTS.length} machines for ${rounds} rounds`,
        labels: { shift: cast.chance.pick(["day", "night"]) },
      },
      async (scene) => {
        const { chance } = scene
        let alarms = 0
        for (let round = 1; round <= rounds; round++) {
          const host = chance.pick(HOSTS)
          const load = Math.round(chance.skewed(2, 130)) / 100
          const output = { host, load, free_gb: chance.whole(3, 400), open_files: chance.whole(200, 9_000) }
          await scene.call("probe", { host, round }, { output, ms: chance.skewed(30, 700) })
          if (load > 0.9) {
            alarms++
            await scene.think({
              message: `\`${host}\` is at **${load}**. ${chance.pick(["The daily backup.", "No process explains it.", "It is already falling again."])}`,
            })
          }
          if (round % 120 === 0) scene.compact()
          await scene.wait(chance.maybe(0.03) ? chance.whole(15_000, 75_000) : chance.skewed(300, 5_000))
        }
        return { status: "done", summary: `${rounds} rounds, ${alarms} alarms.`, metrics: { rounds, alarms } }
      },
    )
  }, [5_000, 20_000])
}
