// `npm run audit [-- <folder>]`
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
await import("../build/server/auditCli.js")
