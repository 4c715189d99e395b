// `npm run backup -- <file or folder>`
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
await import("../build/server/backupCli.js")
