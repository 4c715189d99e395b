// `npm run audit -- …` is `turnline audit …`.
import { runCommand } from "./turnline.mjs"

await runCommand("audit")
