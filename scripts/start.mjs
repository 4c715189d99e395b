// Sets everything up and then runs the server in this process, so that it receives the signals.
import { followParent } from "./followParent.mjs"
import { ensureBuild, ensureDependencies } from "./setup.mjs"

process.env.NODE_ENV = "production"
process.env.NEXT_TELEMETRY_DISABLED = "1"
followParent()
await ensureDependencies()
await ensureBuild()
process.setSourceMapsEnabled(true)
process.argv.splice(2, 0, "start")
await import("../build/server/turnline.js")
