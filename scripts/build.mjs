// `npm run build`: installs dependencies and builds. If the server can't write to this folder, run this before starting
// it.
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
