import type { Hide } from "./hideSecrets"

// Shorter ones are too often something else; longer ones are data: pictures, bundles, signatures of a model's thoughts.
const LEAST = 32
const MOST = 66
/** The quick look sees JSON, where an escape's letter may stand in front. */
const SLACK = 2

const [OTHER, LOWER, UPPER, DIGIT, MARK] = [0, 1, 2, 3, 4]
const CLASS = new Uint8Array(128)
for (const [name, characters] of [
  [LOWER, "abcdefghijklmnopqrstuvwxyz"],
  [UPPER, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
  [DIGIT, "0123456789"],
  [MARK, "+/_-"],
] as const)
  for (const character of characters) CLASS[character.charCodeAt(0)] = name

function classAt(text: string, at: number): number {
  return CLASS[text.charCodeAt(at)] ?? OTHER
}

/** Names of things, not keys to them: hashes of contents, and what models and their servers call their messages. */
const NAMED =
  /^(?:sha\d{1,3}[-_]|Qm|(?:[a-z]{2,12}_)?(?:chatcmpl|cmpl|gen|toolu|msg|req|call|resp|run|item)[-_])|[0-9A-Fa-f]{24}/
/** A line of a text in base64, and the last one of it: a certificate, a mail's picture. */
const WRAPPED = /[A-Za-z0-9+/]{60,76}\r?\n$/

/** Where the next run of letters, digits and `+/_-` begins that is long enough, and where it ends; looks at a few characters in each 32. */
function nextRun(text: string, from: number): { start: number; end: number } | undefined {
  let window = from
  while (window + LEAST <= text.length) {
    let at = window + LEAST - 1
    while (at >= window && classAt(text, at) !== OTHER) at--
    if (at >= window) {
      window = at + 1
      continue
    }
    let end = window + LEAST
    while (end < text.length && classAt(text, end) !== OTHER) end++
    return { start: window, end }
  }
  return undefined
}

/** Whether capitals, small letters and digits follow one another as in no word, path or name of a program. */
function isMixed(text: string, start: number, end: number): boolean {
  const counts = [0, 0, 0, 0, 0]
  let [changes, small, before] = [0, 0, OTHER]
  for (let at = start; at < end; at++) {
    const kind = classAt(text, at)
    counts[kind] = (counts[kind] ?? 0) + 1
    if (kind !== before) changes++
    small = kind === LOWER ? small + 1 : 0
    if (small > 8) return false
    before = kind
  }
  const [, lower = 0, upper = 0, digits = 0, marks = 0] = counts
  const length = end - start
  return lower >= 4 && upper >= 4 && digits >= 2 && marks <= length / 12 && changes >= length * 0.45
}

/** Whether a text, or the JSON of a value, may hold a token that `hideRandom` would hide: yes too often, never no wrongly. */
export function mayHoldRandom(text: string): boolean {
  for (let run = nextRun(text, 0); run !== undefined; run = nextRun(text, run.end)) {
    const length = run.end - run.start
    if (length > MOST + SLACK) continue
    if (isMixed(text, run.start, run.end) || isMixed(text, run.start + 1, run.end)) return true
  }
  return false
}

/** Hides what looks drawn at random: a key of no known form. */
export function hideRandom(text: string, hide: Hide): string {
  let safe = ""
  let at = 0
  for (let run = nextRun(text, 0); run !== undefined; run = nextRun(text, run.end)) {
    const { start, end } = run
    if (end - start > MOST || !isMixed(text, start, end) || isNamed(text, start, end)) continue
    safe += text.slice(at, start) + hide("random", text.slice(start, end))
    at = end
  }
  return at === 0 ? text : safe + text.slice(at)
}

function isNamed(text: string, start: number, end: number): boolean {
  if (NAMED.test(text.slice(start, end))) return true
  const before = text.slice(Math.max(0, start - 80), start)
  if (/(?:base64,|sha\d{1,3}[:=]|h1:)$/.test(before) || WRAPPED.test(before)) return true
  return end - start >= 60 && /^\r?\n[A-Za-z0-9+/=]/.test(text.slice(end, end + 3))
}
