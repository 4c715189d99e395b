/** A replacement of text. */
export type TextEdit = { readonly from: string; readonly to: string }

const BLOCK =
  /^[<-]{5,9} SEARCH>?[ \t]*\r?\n([\s\S]*?)^={5,9}[ \t]*\r?\n([\s\S]*?)^[>+]{5,9} REPLACE[ \t]*(?:\r?\n|$)/gm
/** Roo Code writes the position above the searched text. */
const POSITION = /^(?::(?:start|end)_line: ?\d+\r?\n)*-{5,9}\r?\n/

/**
 * Reads text that only consists of blocks of searched and replaced text, with which Cline, Roo Code and Aider edit files:
 * `<<<<<<< SEARCH … ======= … >>>>>>> REPLACE`. Returns undefined for any other text.
 */
export function readSearchReplace(text: string): readonly TextEdit[] | undefined {
  if (!/^[<-]{5,9} SEARCH/m.test(text)) return undefined
  const edits = [...text.matchAll(BLOCK)].map(([, from = "", to = ""]) => ({
    from: from.replace(POSITION, ""),
    to,
  }))
  return edits.length > 0 && text.replace(BLOCK, "").trim() === "" ? edits : undefined
}
