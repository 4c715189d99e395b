// `npm run token -- create|list|revoke …`
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
await import("../build/server/tokenCli.js")
