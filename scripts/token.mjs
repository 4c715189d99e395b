// `npm run token -- …` is `turnline token …`.
import { runCommand } from "./turnline.mjs"

await runCommand("token")
