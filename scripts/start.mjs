// Sets everything up and becomes the server: one process, so that a signal sent here reaches it.
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
