// A small agent: finds TODO notes in a folder and reports them.
// npx tsx examples/agent.ts [folder]     (TURNLINE_URL and TURNLINE_TOKEN select the server; default: this machine)
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { connectAgent } from "@/lib/agent/connectAgent"

const folder = process.argv[2] ?? "examples"
const url = process.env.TURNLINE_URL ?? "http://127.0.0.1:3000"
const token = process.env.TURNLINE_TOKEN ?? (await readFile(".turnline/agent.token", "utf8")).trim()

const agent = connectAgent({ url, token, agentId: "examples/note-finder", agentName: "Note finder" })
const run = agent.startRun({
  intent: `Find the notes left behind in ${folder}`,
  labels: { example: "typescript" },
})
const started = await run.started()
if (started === undefined) process.exit(1) // The error has already been logged.
console.log(`${url}/runs/${started.run_id}`)

// A wrapped function records each call as a turn: arguments, result or error, and duration.
const listFiles = run.wrapTool("list_files", async (path: string) => {
  const entries = await readdir(path, { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
})
const findNotes = run.wrapTool("find_notes", async (path: string) => {
  const lines = (await readFile(path, "utf8")).split("\n")
  return lines.flatMap((text, i) =>
    /\b(TODO|FIXME)\b/.test(text) ? [{ line: i + 1, text: text.trim() }] : [],
  )
})

run.turn({
  kind: "model",
  prompt: `What was left to do in ${folder}?`,
  message: "I will look at every file.",
})
const files = await listFiles(folder)
let notes = 0
for (const name of files) {
  if (run.signal.aborted) break // A viewer requested cancellation.
  notes += (await findNotes(join(folder, name))).length
}

// Streamed text: the page shows it growing until the turn is recorded.
const summary = `${notes} notes in ${files.length} files of ${folder}.`
for (const word of summary.split(" ")) run.stream(`${word} `)
run.turn({ kind: "model", message: summary, usage: { input_tokens: 10 * files.length, output_tokens: 12 } })

const status = run.signal.aborted ? "give_up" : "success"
await run.complete({ status, summary, metrics: { files: files.length, notes } })
await agent.close()
