// Fuzzes the wire for a while: `node scripts/fuzz.mjs [--minutes 60] [--seed n]`.
process.argv.splice(2, 0, "T38")
if (!process.argv.includes("--minutes")) process.argv.push("--minutes", "60")
await import("./faults.mjs")
