// Runs a real server without pages until SIGTERM, for tests in other languages. PORT (0: any free port) and
// TURNLINE_DATA_DIR are its settings. Prints its URL as a line of JSON once it listens.
import { createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"

const read = readConfig({ TURNLINE_LOG_LEVEL: "silent", ...process.env })
if ("problem" in read) throw new Error(read.problem)
const app = createApp({ config: read.config, pages: false })
const { url } = await app.listen()
process.stdout.write(`${JSON.stringify({ url })}\n`)
process.once("SIGTERM", () => void app.close().then(() => process.exit(0)))
