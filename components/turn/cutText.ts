/** As much text as is drawn before a reader asks for more, in characters. */
export const CHUNK_CHARS = 65_536

/** The first `chars` characters, cut at a line's end if one is near, never inside a surrogate pair. */
export function cutText(text: string, chars: number): string {
  if (text.length <= chars) return text
  const newline = text.lastIndexOf("\n", chars)
  if (newline > chars * 0.8) return text.slice(0, newline + 1)
  const code = text.charCodeAt(chars - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? chars - 1 : chars)
}

/** A count of bytes for people: `812 B`, `16.4 KB`, `3.2 MB`. */
export function sizeText(bytes: number): string {
  if (!(bytes >= 1_000)) return `${Math.max(0, Math.round(bytes) || 0)} B`
  const [value, unit] = bytes >= 1_000_000 ? [bytes / 1_000_000, "MB"] : [bytes / 1_000, "KB"]
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`
}
