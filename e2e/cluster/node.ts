import { pino } from "pino"
import { createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"

// A node without pages, run as a separate process. Prints its port as the only line of standard output.
const read = readConfig(process.env)
if ("problem" in read) {
  process.stderr.write(`${read.problem}\n`)
  process.exit(1)
}
const { config } = read
const app = createApp({ config, pages: false, logger: pino({ level: config.logLevel }, pino.destination(2)) })
process.once("SIGTERM", () => {
  void app.close().finally(() => process.exit(0))
})
const { port } = await app.listen()
process.stdout.write(`${port}\n`)
