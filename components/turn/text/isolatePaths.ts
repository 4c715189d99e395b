/** A part of a string. A path or a command option is always displayed left to right. */
export type DirectedPart = { readonly text: string; readonly isPath: boolean }

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/
/**
 * Matches paths with a separator, files with an extension, and options. They may start or end with direction-neutral
 * characters.
 */
const PATH =
  /(?:[A-Za-z]:\\|\\\\|~\/|\.{1,2}\/|\/)[\w.@+~%/\\-]{1,400}|[\w.@+-]{1,200}(?:\/[\w.@+~%-]{1,200}){1,40}\/?|(?<![\w-])--?[A-Za-z][\w-]{0,80}(?:=[\w./:-]{0,200})?/g

/**
 * Splits a string with right-to-left letters at its paths and options. Any other string is one part. Takes linear time.
 */
export function isolatePaths(text: string): readonly DirectedPart[] {
  const whole = [{ text, isPath: false }]
  if (!RIGHT_TO_LEFT.test(text)) return whole
  const parts: DirectedPart[] = []
  let end = 0
  for (const match of text.matchAll(PATH)) {
    // A full stop that ends a sentence isn't part of the path.
    const path = match[0].replace(/\.+$/, "")
    if (path === "") continue
    if (match.index > end) parts.push({ text: text.slice(end, match.index), isPath: false })
    parts.push({ text: path, isPath: true })
    end = match.index + path.length
  }
  if (end === 0) return whole
  if (end < text.length) parts.push({ text: text.slice(end), isPath: false })
  return parts
}
