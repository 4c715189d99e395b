// `npm run backup -- …` runs `turnline backup …`.
import { runCommand } from "./turnline.mjs"

await runCommand("backup")
