import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { COMMANDS } from "@/lib/protocol/catalog"

const NAMES = [...Object.keys(COMMANDS)]
const RESERVED = [
  "error",
  "connect",
  "disconnect",
  "disconnecting",
  "connect_error",
  "newListener",
  "removeListener",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
  "message",
  "runs.trace.event",
  "\u0000",
]
const KEYS = ["__proto__", "constructor", "prototype", "toString", "then", "toJSON", "length", "\u0000", ""]
const TEXTS = [
  "",
  "\u0000",
  "\ud800",
  "\u202e",
  "x".repeat(300),
  "a".repeat(20_000),
  "{{1}}",
  "../../etc",
  "%00",
]
const NUMBERS = ["-1", "0", "-0", "1e400", "1e308", "9007199254740993", "0.1", "1e-400", "NaN", "Infinity"]

/** JSON text of a random value, not always valid. */
function value(random: SeededRandom, depth: number): string {
  const kind = random.int(0, depth <= 0 ? 4 : 6)
  if (kind === 0) return random.pick(NUMBERS)
  if (kind === 1) return JSON.stringify(random.pick(TEXTS))
  if (kind === 2) return random.pick(["null", "true", "false"])
  if (kind === 3) return JSON.stringify(random.pick(NAMES))
  if (kind === 4)
    return random.pick([
      "{}",
      "[]",
      '{"_placeholder":true,"num":0}',
      '"01890000-0000-7000-8000-000000000000"',
    ])
  const count = random.int(0, 4)
  if (kind === 5) return `[${Array.from({ length: count }, () => value(random, depth - 1)).join(",")}]`
  return object(random, depth, count)
}

function object(random: SeededRandom, depth: number, count: number): string {
  const fields = Array.from(
    { length: count },
    () => `${JSON.stringify(random.pick(random.chance(0.4) ? KEYS : FIELDS))}:${value(random, depth - 1)}`,
  )
  return `{${fields.join(",")}}`
}

const FIELDS = [
  "run_id",
  "turns",
  "intent",
  "agent_id",
  "idempotency_key",
  "cursor",
  "limit",
  "progress",
  "outcome",
  "status",
  "parent",
  "labels",
  "before",
  "q",
  "message",
  "parameters",
  "attributes",
  "expected_index",
]

function deep(random: SeededRandom): string {
  const depth = random.pick([100, 1_000, 10_000, 100_000])
  return random.chance(0.5)
    ? `${"[".repeat(depth)}${"]".repeat(depth)}`
    : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`
}

/** A command's payload, almost valid or far from it. */
function payload(random: SeededRandom, run_id: string): string {
  const kind = random.int(0, 7)
  if (kind === 0) return value(random, 3)
  if (kind === 1) return `{"run_id":${JSON.stringify(run_id)},"turns":[${deep(random)}]}`
  if (kind === 2)
    return `{"run_id":${JSON.stringify(run_id)},"turns":[${object(random, 3, 4)},${value(random, 2)}]}`
  if (kind === 3)
    return `{"intent":"fuzz","agent_id":"fuzz/1",${JSON.stringify(random.pick(KEYS))}:${value(random, 2)}}`
  if (kind === 4) return `{"run_id":${JSON.stringify(run_id)},"cursor":${random.pick(NUMBERS)}}`
  if (kind === 5) return `{"run_id":${JSON.stringify(run_id)},"progress":${object(random, 2, 3)}}`
  if (kind === 6) return `{"run_id":${value(random, 1)},"outcome":${object(random, 2, 3)}}`
  return object(random, 3, 6)
}

function packet(random: SeededRandom, run_id: string): string {
  const name = random.chance(0.75) ? random.pick(NAMES) : random.pick(RESERVED)
  const id = random.pick(["", "", String(random.int(0, 99)), "999999999999999999999", "-1", "1.5"])
  const more = random.chance(0.15) ? `,${value(random, 1)}` : ""
  const type = random.chance(0.9)
    ? "2"
    : random.pick(["0", "1", "3", "4", "5", "6", "7", "51-", "61-", "511-"])
  const namespace = random.chance(0.05) ? random.pick(["/admin,", "/,", "/\u0000,", "/runs"]) : ""
  const args = random.chance(0.05)
    ? value(random, 1)
    : `[${JSON.stringify(name)},${payload(random, run_id)}${more}]`
  return `4${type}${namespace}${id}${args}`
}

/** Flips, drops, duplicates or inserts bytes. */
function mutate(random: SeededRandom, text: string): Buffer {
  const bytes = Buffer.from(text)
  for (let times = random.int(1, 4); times > 0 && bytes.length > 0; times--)
    bytes[random.int(0, bytes.length - 1)] = random.int(0, 255)
  const kind = random.int(0, 3)
  const at = random.int(0, bytes.length)
  if (kind === 0) return bytes.subarray(0, at)
  if (kind === 1) return Buffer.concat([bytes, bytes.subarray(at)])
  if (kind === 2)
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.int(1, 8)), bytes.subarray(at)])
  return bytes
}

const ODD_FRAMES = [
  "",
  "0",
  "1",
  "2",
  "3",
  "5",
  "6",
  "7",
  "b",
  "2probe",
  "3probe",
  "40",
  "41",
  "44",
  "451-",
  "b!!!!",
  "4",
]

/** A text message that no well-behaved client sends. */
export function hostileFrame(random: SeededRandom, run_id: string): Buffer {
  const kind = random.next()
  if (kind < 0.15) return Buffer.from(random.pick(ODD_FRAMES))
  if (kind < 0.25) return random.bytes(random.int(0, 64))
  const text = packet(random, run_id)
  return kind < 0.5 ? mutate(random, text) : Buffer.from(text)
}
