// `npm run backup -- …` is `turnline backup …`.
import { runCommand } from "./turnline.mjs"

await runCommand("backup")
