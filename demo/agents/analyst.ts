import type { Cast } from "@/demo/Cast"
import { chartPng } from "@/demo/content/chartPng"
import type { Scene } from "@/demo/Scene"

const TOPICS = ["parcels per hour", "refunds by country", "visits by device", "orders by weekday"]
const LOG_BYTES = 2 * 1024 * 1024

/** A long conversation about figures, with pictures, content blocks and a log of 2 MB. */
export function liveAsAnalyst(cast: Cast): Promise<void> {
  return cast.live(
    () =>
      cast.play({ intent: "Talk with Kim about last quarter's figures" }, async (scene) => {
        await readLog(scene)
        for (let question = 1; question <= 30; question++) await answer(scene, question)
        return { status: "success", summary: "Kim has all the charts for the report." }
      }),
    [20_000, 60_000],
  )
}

async function readLog(scene: Scene): Promise<void> {
  const lines: string[] = []
  for (let bytes = 0, line = 1; bytes < LOG_BYTES; line++) {
    const text = `2026-03-31T23:${String(line % 60).padStart(2, "0")}:00Z import batch=${line} rows=${(line * 37) % 5_000} ok`
    lines.push(text)
    bytes += text.length + 1
  }
  lines.push("2026-03-31T23:59:59Z import finished")
  await scene.call("read_log", { path: "/var/log/import.log" }, { output: lines.join("\n") })
}

/** The person asks a question, and the agent answers it with a chart. */
async function answer(scene: Scene, question: number): Promise<void> {
  const { chance } = scene
  const topic = chance.pick(TOPICS)
  await scene.ask(
    "What would you like to see next?",
    `Show me ${topic}, please.`,
    chance.whole(4_000, 20_000),
  )
  const values = Array.from({ length: 7 }, () => chance.whole(10, 100) / 100)
  const image = { type: "image", mimeType: "image/png", data: chartPng(values) }
  const text = { type: "text", text: `Chart ${question}: ${topic}\nSource: warehouse, last quarter` }
  await scene.call("draw_chart", { topic, values }, { output: { content: [text, image] } })
  const highest = Math.max(...values)
  await scene.think({
    message: `**${topic}**: the highest value is ${highest}, on day ${values.indexOf(highest) + 1}.`,
  })
}
