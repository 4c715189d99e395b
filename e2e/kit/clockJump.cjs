// Preloaded into a server (NODE_OPTIONS=--require). Shifts its wall clock by the number of ms in CLOCK_OFFSET_FILE.
const { readFileSync } = require("node:fs")

const file = process.env.CLOCK_OFFSET_FILE
const RealDate = Date
const realNow = Date.now
let offsetMs = 0

function read() {
  try {
    offsetMs = Number(readFileSync(file, "utf8")) || 0
  } catch {
    // The file hasn't been written yet, so the clock isn't shifted.
  }
}

const now = () => realNow() + offsetMs
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
})

if (file) {
  read()
  setInterval(read, 50).unref()
}
