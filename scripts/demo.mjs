// `npm run demo` is `turnline demo`.
import { followParent } from "./followParent.mjs"
import { runCommand } from "./turnline.mjs"

followParent()
await runCommand("demo")
