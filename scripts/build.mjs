// `npm run build`: installs dependencies and builds. A server without write access to this folder needs this first.
import { ensureBuild, ensureDependencies } from "./setup.mjs"

await ensureDependencies()
await ensureBuild()
