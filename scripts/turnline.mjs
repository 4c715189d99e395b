// `npm run turnline -- watch …`
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
await import("../build/server/turnline.js")
