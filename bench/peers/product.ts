import { createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"
import { createLogger } from "@/server/platform/logger"

// The product without its web pages, which these benchmarks don't use.
process.umask(0o077)
const read = readConfig(process.env)
if ("problem" in read) throw new Error(read.problem)
const app = createApp({ config: read.config, logger: createLogger(read.config.logLevel), pages: false })
const { url } = await app.listen()
process.once("SIGTERM", () => void app.close().finally(() => process.exit(0)))
// Collects garbage on request if Node exposes it, so that memory figures count only live objects.
process.on("SIGUSR2", () => globalThis.gc?.())
process.stdout.write(`product at ${url}\n`)
