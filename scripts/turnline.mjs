// `npm run turnline -- <command> …`: installs and builds, then runs the command in this process. `npm run token`,
// `backup`, `audit` and `demo` also use this script.
import { followParent } from "./followParent.mjs"
import { ensureBuild, ensureDependencies } from "./setup.mjs"

followParent()
await ensureDependencies()
await ensureBuild()
process.setSourceMapsEnabled(true)
await import("../build/server/turnline.js")
