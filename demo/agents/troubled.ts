import type { Cast } from "@/demo/Cast"
import type { Scene } from "@/demo/Scene"

const MINUTE_MS = 60_000

/**
 * Agents whose runs are in trouble, one agent for each kind of trouble, so that the section "in trouble" is never
 * empty.
 */
export const TROUBLED = {
  errors: { id: "demo/prices/importer", name: "Price importer", live: liveWithErrors },
  looping: { id: "demo/code/looper", name: "Coder Nell", live: liveInALoop },
  hanging: { id: "demo/ops/deployer", name: "Deployer", live: liveHanging },
  silent: { id: "demo/research/sleeper", name: "Archivist", live: liveSilently },
  disconnected: { id: "demo/ops/laptop", name: "Jo's laptop", live: liveOffAndOn },
  costly: { id: "demo/research/deep", name: "Deep research", live: liveExpensively },
} as const

function liveWithErrors(cast: Cast): Promise<void> {
  const options = { intent: "Refresh the prices of tenant 118", labels: { tenant: "118" } }
  return cast.live(
    () =>
      cast.play(options, async (scene) => {
        for (let page = 1; page <= 400; page++) {
          const url = `https://supplier.example/v2/prices?tenant=118&page=${page}`
          const error = { type: "RateLimited", message: "429 quota of tenant 118" }
          const isRefused = page > 3
          await scene.call("fetch", { url }, isRefused ? { error, ms: 300 } : { output: { rows: 500 } })
          await scene.wait(scene.chance.whole(1_000, 3_000))
        }
        return { status: "failure", summary: "The supplier refused 397 of 400 pages." }
      }),
    [5_000, 20_000],
  )
}

function liveInALoop(cast: Cast): Promise<void> {
  const options = { intent: "Make the checkout test pass", labels: { repo: "shop" } }
  return cast.live(
    () =>
      cast.play(options, async (scene) => {
        for (let attempt = 1; attempt <= 60; attempt++) {
          await scene.think({ message: "I fixed the rounding. Let me run the test again." })
          const output = "FAIL checkout.test.ts\n  expected 19.99, got 19.98"
          await scene.call("bash", { command: "npm test -- checkout" }, { output, exit: 1 })
          await scene.wait(5_000)
        }
        return { status: "give_up", summary: "The test still fails." }
      }),
    [5_000, 20_000],
  )
}

/** The run is started in the past, so that its tool already hangs when the demo starts. */
function liveHanging(cast: Cast): Promise<void> {
  const intent = "Roll out version 4.2 to the staging cluster"
  return cast.live(() => {
    const startedAt = Date.now() - 12 * MINUTE_MS
    return cast.play({ intent, labels: { env: "staging" }, startedAt }, async (scene) => {
      const plan = { command: "terraform plan" }
      const output = "Plan: 3 to add, 1 to change."
      const tool = { kind: "tool", tool: "bash" } as const
      scene.run.turn({
        ...tool,
        parameters: plan,
        output,
        started_at: startedAt + 4_000,
        duration_ms: 21_000,
      })
      const end = scene.run.begin({
        ...tool,
        parameters: { command: "terraform apply -auto-approve" },
        started_at: startedAt + 31_000,
      })
      await scene.wait(20 * MINUTE_MS).finally(end)
      return { status: "timeout", summary: "terraform apply never returned." }
    })
  }, [5_000, 20_000])
}

function liveSilently(cast: Cast): Promise<void> {
  const options = { intent: "Index the 1998 archive" }
  return cast.live(
    () =>
      cast.play(options, async (scene) => {
        await scene.call("list_boxes", { year: 1998 }, { output: { boxes: 212 } })
        await scene.wait(15 * MINUTE_MS)
        return { status: "done", summary: "212 boxes indexed." }
      }),
    [5_000, 20_000],
  )
}

function liveOffAndOn(cast: Cast): Promise<void> {
  const options = { intent: "Sort the photos from the trip to Porto", graceMs: 30 * MINUTE_MS }
  const sort = async (scene: Scene) => {
    for (let photo = 1; photo <= 5; photo++)
      await scene.call(
        "classify",
        { photo: `IMG_${scene.chance.whole(1_000, 9_999)}.jpg` },
        { output: "beach" },
      )
  }
  return cast.live(async () => {
    const runId = await cast.vanishAfter(options, sort)
    await cast.pace.wait(8 * MINUTE_MS)
    if (runId === undefined) return
    await cast.resume(runId, async (scene) => {
      await sort(scene)
      return { status: "success", summary: "All photos are sorted." }
    })
  }, [5_000, 20_000])
}

function liveExpensively(cast: Cast): Promise<void> {
  const options = { intent: "Compare every battery patent since 1990", labels: { budget_usd: "5" } }
  return cast.live(
    () =>
      cast.play(options, async (scene) => {
        for (let patent = 1; patent <= 150; patent++) {
          const message = `Patent ${patent} of 150: a variation of the anode coating, cited ${scene.chance.whole(1, 90)} times.`
          scene.run.turn({ kind: "model", message, cost_usd: scene.chance.whole(100, 290) / 100 })
          await scene.wait(4_000)
        }
        return { status: "done", summary: "150 patents compared." }
      }),
    [5_000, 20_000],
  )
}
