import { Client } from "pg"
import { VirtualDatabase } from "./database/VirtualDatabase"
import { runVirtualSeed } from "./runVirtualSeed"

// Runs seeds in its own schema of the database at `process.argv[2]`, one after the other: receives their numbers, and sends
// their reports.

const [, , url = ""] = process.argv
const schema = `fuzz_${process.pid}`
const client = new Client({ connectionString: url })
await client.connect()
await client.query(`CREATE SCHEMA ${schema}`)
await client.end()
const schemaUrl = new URL(url)
schemaUrl.searchParams.set("options", `-csearch_path=${schema}`)
const database = await VirtualDatabase.open(schemaUrl.href)

process.on("message", (seed: number) => {
  void runVirtualSeed(seed, database).then((report) => process.send?.(report))
})
process.on("disconnect", () => process.exit(0))
process.send?.("ready")
