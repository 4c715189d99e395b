import { runServer } from "./runServer"

await runServer()
