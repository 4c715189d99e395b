// `npm run audit -- …` runs `turnline audit …`.
import { runCommand } from "./turnline.mjs"

await runCommand("audit")
