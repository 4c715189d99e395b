const LINES = [
  "  ✓ server/registry/runRegistry.test.ts (42 tests) 318ms\n",
  'warning: "exactOptionalPropertyTypes" narrows \\ what follows\n',
  "diff --git a/server/fanout/RoomFeed.ts b/server/fanout/RoomFeed.ts\n",
  "@@ -118,7 +118,9 @@ export class RoomFeed {\n+    this.flushes += 1\n",
  "Error: expected 3 to be 4 — während des Laufs\n    at file.ts:12:8\n",
]

/** Text as tools print it, about `bytes` long. */
function output(bytes: number): string {
  let text = ""
  for (let line = 0; text.length < bytes; line++) text += LINES[line % LINES.length]
  return text.slice(0, bytes)
}

/**
 * Builds JSON texts of turns of about `bytes` each. They differ only in the time of sending, which each one contains.
 */
export function turnMaker(bytes: number): (sentUs: number) => string {
  const before = `{"kind":"tool","tool":"bash","parameters":{"command":"npx vitest run server"},"attributes":{"sent":`
  // Strings over 16 KiB would be cut on the wire, so larger turns contain several.
  const fields = Math.max(1, Math.ceil(bytes / 14_000))
  const each = Math.max(16, Math.floor((bytes - before.length) / fields / 1.04) - 16)
  const parts = Array.from({ length: fields }, (_, part) => `"part${part}":${JSON.stringify(output(each))}`)
  const after = `},"output":{${parts.join(",")}}}`
  return (sentUs) => before + sentUs + after
}

/** Monotonic time in whole microseconds. All processes of a machine share this clock. */
export const nowUs = () => Math.round(Number(process.hrtime.bigint()) / 1_000)

const SENT = Buffer.from('"attributes":{"sent":')
const CURSOR = Buffer.from('"cursor":')

function digits(text: Buffer, at: number): number {
  let number = 0
  for (let byte = text[at]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = text[++at])
    number = number * 10 + byte - 0x30
  return number
}

/** Calls back with the sending time of each turn in an event, without parsing the JSON. */
export function eachSent(event: Buffer, seen: (sentUs: number) => void): void {
  for (let at = event.indexOf(SENT); at >= 0; at = event.indexOf(SENT, at + SENT.length))
    seen(digits(event, at + SENT.length))
}

/** The cursor after a trace event: its last field except the status. */
export function cursorOf(event: Buffer): number {
  return digits(event, event.lastIndexOf(CURSOR) + CURSOR.length)
}
