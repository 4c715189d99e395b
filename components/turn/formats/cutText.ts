/** As much text as is drawn before a reader asks for more, in characters. */
export const CHUNK_CHARS = 32_768

/** The first `chars` characters, cut at a line's end if one is near, never inside a surrogate pair. */
export function cutText(text: string, chars: number): string {
  if (text.length <= chars) return text
  const newline = text.lastIndexOf("\n", chars)
  if (newline > chars * 0.8) return text.slice(0, newline + 1)
  const code = text.charCodeAt(chars - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? chars - 1 : chars)
}

/** How many characters the first `lines` lines take, and at most `CHUNK_CHARS`; never 0. */
export function charsOfLines(text: string, lines: number): number {
  let at = -1
  for (let line = 0; line < lines; line++) {
    at = text.indexOf("\n", at + 1)
    if (at === -1 || at >= CHUNK_CHARS) return CHUNK_CHARS
  }
  return at + 1
}
