const LINES = [
  "  ✓ server/registry/runRegistry.test.ts (42 tests) 318ms\n",
  'warning: "exactOptionalPropertyTypes" narrows \\ what follows\n',
  "diff --git a/server/fanout/RoomFeed.ts b/server/fanout/RoomFeed.ts\n",
  "@@ -118,7 +118,9 @@ export class RoomFeed {\n+    this.flushes += 1\n",
  "Error: expected 3 to be 4 — während des Laufs\n    at file.ts:12:8\n",
]

/** Returns text like the output of a tool, about `bytes` long. */
function output(bytes: number): string {
  let text = ""
  for (let line = 0; text.length < bytes; line++) text += LINES[line % LINES.length]
  return text.slice(0, bytes)
}

/**
 * Returns a function that makes turns of about `bytes` as JSON text. Each turn contains the time when it is sent. The
 * turns are otherwise identical.
 */
export function turnMaker(bytes: number): (sentUs: number) => string {
  const before = `{"kind":"tool","tool":"bash","parameters":{"command":"npx vitest run server"},"attributes":{"sent":`
  // The server truncates strings over 16 KiB, so larger turns have several strings.
  const fields = Math.max(1, Math.ceil(bytes / 14_000))
  const each = Math.max(16, Math.floor((bytes - before.length) / fields / 1.04) - 16)
  const parts = Array.from({ length: fields }, (_, part) => `"part${part}":${JSON.stringify(output(each))}`)
  const after = `},"output":{${parts.join(",")}}}`
  return (sentUs) => before + sentUs + after
}

/** Returns a monotonic time in whole microseconds. All processes on a machine share this clock. */
export const nowUs = () => Math.round(Number(process.hrtime.bigint()) / 1_000)

const SENT = Buffer.from('"attributes":{"sent":')
const CURSOR = Buffer.from('"cursor":')

function digits(text: Buffer, at: number): number {
  let number = 0
  for (let byte = text[at]; byte !== undefined && byte >= 0x30 && byte <= 0x39; byte = text[++at])
    number = number * 10 + byte - 0x30
  return number
}

/** Calls `onTurn` with the sending time of each turn in an event, without parsing the JSON. */
export function eachSent(event: Buffer, onTurn: (sentUs: number) => void): void {
  for (let at = event.indexOf(SENT); at >= 0; at = event.indexOf(SENT, at + SENT.length))
    onTurn(digits(event, at + SENT.length))
}

/** Returns the cursor after a trace event, which is the last number named "cursor" in it. */
export function cursorOf(event: Buffer): number {
  return digits(event, event.lastIndexOf(CURSOR) + CURSOR.length)
}
