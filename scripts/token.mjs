// `npm run token -- …` runs `turnline token …`.
import { runCommand } from "./turnline.mjs"

await runCommand("token")
