// `npm run demo` runs `turnline demo`.
import { followParent } from "./followParent.mjs"
import { runCommand } from "./turnline.mjs"

followParent()
await runCommand("demo")
