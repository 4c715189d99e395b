import type { Hide } from "./hideSecrets"

// Shorter strings are often something else, and longer ones are data: images, bundles, signatures of thinking blocks.
const MIN_LENGTH = 32
const MAX_LENGTH = 66
/**
 * Extra length that the pre-filter allows. It reads JSON, in which the letter of an escape sequence may precede the
 * string.
 */
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

/** Identifiers that aren't secrets: content hashes and the ids of messages and calls. */
const NAMED =
  /^(?:sha\d{1,3}[-_]|Qm|(?:[a-z]{2,12}_)?(?:chatcmpl|cmpl|gen|toolu|msg|req|call|resp|run|item)[-_])|[0-9A-Fa-f]{24}/
/** Matches a line of base64 before the string, as in a certificate or an e-mail attachment. */
const WRAPPED = /[A-Za-z0-9+/]{60,76}\r?\n$/

/**
 * Finds the next long run of letters, digits and `+/_-`. Checks every 32nd character first, so that it reads only a few
 * of the characters in ordinary text.
 */
function nextRun(text: string, from: number): { start: number; end: number } | undefined {
  let window = from
  while (window + MIN_LENGTH <= text.length) {
    let at = window + MIN_LENGTH - 1
    while (at >= window && classAt(text, at) !== OTHER) at--
    if (at >= window) {
      window = at + 1
      continue
    }
    let end = window + MIN_LENGTH
    while (end < text.length && classAt(text, end) !== OTHER) end++
    return { start: window, end }
  }
  return undefined
}

/** Returns true if upper case, lower case and digits alternate more often than in words, paths or identifiers. */
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

/** A cheap pre-filter for `hideRandom`: false positives are possible, false negatives aren't. */
export function mayHoldRandom(text: string): boolean {
  for (let run = nextRun(text, 0); run !== undefined; run = nextRun(text, run.end)) {
    const length = run.end - run.start
    if (length > MAX_LENGTH + SLACK) continue
    if (isMixed(text, run.start, run.end) || isMixed(text, run.start + 1, run.end)) return true
  }
  return false
}

/** Replaces strings that look random, which may be keys of unknown forms. */
export function hideRandom(text: string, hide: Hide): string {
  let safe = ""
  let at = 0
  for (let run = nextRun(text, 0); run !== undefined; run = nextRun(text, run.end)) {
    const { start, end } = run
    if (end - start > MAX_LENGTH || !isMixed(text, start, end) || isNamed(text, start, end)) continue
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
