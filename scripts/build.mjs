// Installs and builds, and starts nothing: `npm run build`. A server that may not write to this folder starts from what is there.
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
